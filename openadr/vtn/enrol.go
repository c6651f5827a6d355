package vtn

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"hearth/openadr"
)

func (v *VTN) venDesk() *desk {
	return &desk{
		rack: &v.vens,
		fits: func(x any, r *http.Request) bool {
			o := x.(*openadr.VENObject)
			return asks(r, "venName", o.Name) && v.wants(r, o.Targets)
		},
		check: func(x any, r *http.Request) *refusal {
			o := x.(*openadr.VENObject)
			raw := o.Raw
			if o.Raw = nil; !isName(o.Name) {
				return bad("venName: want 1 to %d characters", maxName)
			}
			if v.isBusiness(client(r)) {
				o.Targets = append(openadr.Targets{}, o.Targets...) // none means none
				return v.checkGrant(raw, o.ObjectType, "BL_VEN_REQUEST")
			}
			o.Targets = nil
			return v.checkRequest(o.ObjectType, "VEN_VEN_REQUEST", "BL_VEN_REQUEST")
		},
		admit:   v.admitVEN,
		isNamed: true,
		dropped: v.dropResources,
	}
}

// dropResources takes off those of a VEN that goes.
func (v *VTN) dropResources(venID string) {
	for _, o := range slices.Clone(v.resources.items) {
		if o.VENID == venID {
			v.withdraw(&v.resources, o.ID)
		}
	}
}

// checkRequest wants the object type of a VEN's request, which 3.0 does not have.
func (v *VTN) checkRequest(got, want, business string) *refusal {
	switch {
	case v.cfg.Dialect != openadr.Dialect31, got == want:
		return nil
	case got == business:
		return forbidden("only the business side writes a " + business)
	}
	return bad("objectType: want %s", want)
}

// checkGrant wants what only the business side writes: whose it is, and what that client may see.
func (v *VTN) checkGrant(raw []byte, got, want string) *refusal {
	var said struct {
		ClientID string          `json:"clientID"`
		Targets  json.RawMessage `json:"targets"`
	}
	switch err := json.Unmarshal(raw, &said); {
	case err != nil:
		return bad("%v", err)
	case v.cfg.Dialect == openadr.Dialect31 && got != want:
		return bad("objectType: want %s", want)
	case !isName(said.ClientID):
		return bad("clientID: want 1 to %d characters", maxName)
	}
	return v.checkTargets(said.Targets)
}

// admitVEN keeps names unique in the VTN (Definition, "Object names"), and the targets as they were granted unless
// the business side writes them. A VEN that changes hands takes its resources along.
func (v *VTN) admitVEN(x, before any) *refusal {
	o := x.(*openadr.VENObject)
	old, _ := before.(*openadr.VENObject)
	if slices.ContainsFunc(v.vens.items, func(other openadr.VENObject) bool { return other.Name == o.Name && other.ID != o.ID }) {
		return &refusal{http.StatusConflict, "there is a ven of this name"}
	}
	if old == nil {
		return nil
	}
	if o.Targets == nil {
		o.Targets = old.Targets
	}
	for i := range v.resources.items {
		if v.resources.items[i].VENID == old.ID {
			v.resources.items[i].ClientID = o.ClientID
		}
	}
	return nil
}

func (v *VTN) resourceDesk() *desk {
	return &desk{
		rack: &v.resources,
		fits: func(x any, r *http.Request) bool {
			o := x.(*openadr.Resource)
			return asks(r, "resourceName", o.Name) && asks(r, "venID", o.VENID) && v.wants(r, o.Targets) &&
				(r.PathValue("ven") == "" || r.PathValue("ven") == o.VENID)
		},
		check: func(x any, r *http.Request) *refusal {
			o := x.(*openadr.Resource)
			raw := o.Raw
			o.Raw = nil
			if v.cfg.Dialect != openadr.Dialect31 {
				o.VENID = r.PathValue("ven")
			}
			switch {
			case !isName(o.Name):
				return bad("resourceName: want 1 to %d characters", maxName)
			case !isID(o.VENID):
				return bad("venID: not an object id")
			}
			if v.isBusiness(client(r)) {
				o.Targets = append(openadr.Targets{}, o.Targets...)
				return v.checkGrant(raw, o.ObjectType, "BL_RESOURCE_REQUEST")
			}
			o.Targets = nil
			return v.checkRequest(o.ObjectType, "VEN_RESOURCE_REQUEST", "BL_RESOURCE_REQUEST")
		},
		admit:   v.admitResource,
		isNamed: true,
	}
}

// admitResource keeps names unique behind a VEN, which is of the same client.
func (v *VTN) admitResource(x, before any) *refusal {
	o := x.(*openadr.Resource)
	old, _ := before.(*openadr.Resource)
	if i := index(&v.vens, o.VENID); i < 0 || v.vens.items[i].ClientID != o.ClientID {
		return &refusal{http.StatusNotFound, "no ven with this id"}
	}
	if slices.ContainsFunc(v.resources.items, func(other openadr.Resource) bool {
		return other.VENID == o.VENID && other.Name == o.Name && other.ID != o.ID
	}) {
		return &refusal{http.StatusConflict, "there is a resource of this name"}
	}
	if o.Targets == nil && old != nil {
		o.Targets = old.Targets
	}
	return nil
}

// Grant says what a VEN, or a resource, may see from now on, in place of what it might before. It fails
// where there is none with the id.
func (v *VTN) Grant(id string, targets ...string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if i := index(&v.vens, id); i >= 0 {
		o := v.vens.items[i]
		o.Targets = append(openadr.Targets{}, targets...)
		v.put(&v.vens, &o)
		return nil
	}
	if i := index(&v.resources, id); i >= 0 {
		o := v.resources.items[i]
		o.Targets = append(openadr.Targets{}, targets...)
		v.put(&v.resources, &o)
		return nil
	}
	return fmt.Errorf("grant: no ven or resource %.40q", id)
}

// VENs lists those that enrolled, in order.
func (v *VTN) VENs() []openadr.VENObject {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.vens.items)
}

// Resources lists those behind a VEN, or with an empty id all.
func (v *VTN) Resources(venID string) []openadr.Resource {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(v.resources.items), func(o openadr.Resource) bool {
		return venID != "" && o.VENID != venID
	})
}
