package openadr

import (
	"context"
	"encoding/json"
	"net/url"
)

// VENObject is what a VTN knows of a VEN.
type VENObject struct {
	Metadata
	Name       string     `json:"venName"`
	ClientID   string     `json:"clientID,omitempty"`
	Targets    Targets    `json:"targets,omitempty"` // that it may see; a VEN cannot write them, but in 3.0 it hands them back
	Attributes Attributes `json:"attributes,omitempty"`

	// Raw is the whole object as the VTN sent it, without blanks; nil for one made here.
	Raw json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps the text.
func (v *VENObject) UnmarshalJSON(b []byte) (err error) {
	type plain VENObject // without this method
	var o plain
	if err := json.Unmarshal(b, &o); err != nil {
		return err
	}
	o.Raw, err = compact(b)
	*v = VENObject(o)
	return err
}

// Resource is a thing behind a VEN.
type Resource struct {
	Metadata
	Name       string     `json:"resourceName"`
	VENID      string     `json:"venID,omitempty"`
	ClientID   string     `json:"clientID,omitempty"`
	Targets    Targets    `json:"targets,omitempty"` // as those of a VEN
	Attributes Attributes `json:"attributes,omitempty"`

	// Raw is the whole object as the VTN sent it, without blanks; nil for one made here.
	Raw json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps the text.
func (r *Resource) UnmarshalJSON(b []byte) (err error) {
	type plain Resource // without this method
	var o plain
	if err := json.Unmarshal(b, &o); err != nil {
		return err
	}
	o.Raw, err = compact(b)
	*r = Resource(o)
	return err
}

// VENs lists the VENs of the name, which is one or none, or with an empty name all that we may see.
func (c *Client) VENs(ctx context.Context, name string) (List[VENObject], error) {
	list, err := walk[VENObject](ctx, c, filter("venName", name), "vens")
	return list.only(func(v VENObject) bool { return fits(name, v.Name) }), err
}

// CreateVEN enrols us under v.Name. [Conflict] says that the name is taken, perhaps by ourselves.
func (c *Client) CreateVEN(ctx context.Context, v VENObject) (VENObject, error) {
	body, err := c.cfg.Dialect.ven(v)
	return create[VENObject](ctx, c, letter{"create ven", []string{"vens"}, body, err})
}

// UpdateVEN replaces the VEN with v.ID whole: attributes that v lacks are gone.
func (c *Client) UpdateVEN(ctx context.Context, v VENObject) (VENObject, error) {
	body, err := c.cfg.Dialect.ven(v)
	return replace(ctx, c, v, letter{"update ven", []string{"vens"}, body, err})
}

// Resources lists the resources of the name behind a VEN, or with an empty name all of them.
func (c *Client) Resources(ctx context.Context, venID, name string) (List[Resource], error) {
	path, err := c.resources(venID)
	if err != nil {
		return List[Resource]{}, refusal("get resources", err)
	}
	query := filter("resourceName", name)
	if c.cfg.Dialect == Dialect31 {
		query.Set("venID", venID)
	}
	list, err := walk[Resource](ctx, c, query, path...)
	return list.only(func(r Resource) bool {
		return fits(name, r.Name) && (r.VENID == "" || r.VENID == venID)
	}), err
}

// CreateResource enrols a resource behind the VEN r.VENID.
func (c *Client) CreateResource(ctx context.Context, r Resource) (Resource, error) {
	path, body, err := c.resource(r)
	return create[Resource](ctx, c, letter{"create resource", path, body, err})
}

// UpdateResource replaces the resource with r.ID, behind the VEN r.VENID, whole.
func (c *Client) UpdateResource(ctx context.Context, r Resource) (Resource, error) {
	path, body, err := c.resource(r)
	return replace(ctx, c, r, letter{"update resource", path, body, err})
}

func (c *Client) resource(r Resource) (path []string, body any, err error) {
	if path, err = c.resources(r.VENID); err == nil {
		body, err = c.cfg.Dialect.resource(r)
	}
	return path, body, err
}

// resources is where the resources of a VEN are: in 3.0 below it.
func (c *Client) resources(venID string) ([]string, error) {
	switch {
	case !isID(venID):
		return nil, errNoID
	case c.cfg.Dialect == Dialect31:
		return []string{"resources"}, nil
	}
	return []string{"vens", venID, "resources"}, nil
}

// filter is a query for one field; for none with an empty value.
func filter(field, value string) url.Values {
	v := url.Values{}
	if value != "" {
		v.Set(field, value)
	}
	return v
}

// fits says that a field is as wanted, for a VTN may ignore a filter: an empty want is any.
func fits(want, got string) bool { return want == "" || got == want }
