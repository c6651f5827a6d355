package vtn

import (
	"fmt"
	"net/http"
	"slices"

	"hearth/openadr"
)

func (v *VTN) venDesk() *desk[openadr.VENObject] {
	return &desk[openadr.VENObject]{
		shelf: &v.vens,
		owner: func(o *openadr.VENObject) *string { return &o.ClientID },
		fits: func(o openadr.VENObject, r *http.Request) bool {
			return asks(r, "venName", o.Name) && v.wants(r, o.Targets)
		},
		check: func(o *openadr.VENObject, _ *http.Request) *refusal {
			o.Raw = nil
			if !isName(o.Name) {
				return bad("venName: want 1 to %d characters", maxName)
			}
			return v.checkRequest(o.ObjectType, "VEN_VEN_REQUEST", "BL_VEN_REQUEST")
		},
		admit: v.admitVEN,
		dropped: func(id string) {
			v.resources.items = slices.DeleteFunc(v.resources.items, func(o openadr.Resource) bool { return o.VENID == id })
		},
	}
}

// checkRequest wants the object type of a VEN's request: only a VTN's business side makes the other one, and
// it has Go methods here. 3.0 has neither.
func (v *VTN) checkRequest(got, want, business string) *refusal {
	switch {
	case v.cfg.Dialect != openadr.Dialect31, got == want:
		return nil
	case got == business:
		return &refusal{http.StatusForbidden, "only the business side writes a " + business}
	}
	return bad("objectType: want %s", want)
}

// admitVEN keeps names unique in the VTN (Definition, "Object names"), and the targets as they were granted.
func (v *VTN) admitVEN(o, old *openadr.VENObject) *refusal {
	if slices.ContainsFunc(v.vens.items, func(other openadr.VENObject) bool { return other.Name == o.Name && other.ID != o.ID }) {
		return &refusal{http.StatusConflict, "there is a ven of this name"}
	}
	if o.Targets = nil; old != nil {
		o.Targets = old.Targets
	}
	return nil
}

func (v *VTN) resourceDesk() *desk[openadr.Resource] {
	return &desk[openadr.Resource]{
		shelf: &v.resources,
		owner: func(o *openadr.Resource) *string { return &o.ClientID },
		fits: func(o openadr.Resource, r *http.Request) bool {
			return asks(r, "resourceName", o.Name) && asks(r, "venID", o.VENID) && v.wants(r, o.Targets) &&
				(r.PathValue("ven") == "" || r.PathValue("ven") == o.VENID)
		},
		check: func(o *openadr.Resource, r *http.Request) *refusal {
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
			return v.checkRequest(o.ObjectType, "VEN_RESOURCE_REQUEST", "BL_RESOURCE_REQUEST")
		},
		admit: v.admitResource,
	}
}

// admitResource keeps names unique behind a VEN, which is one of the client's own.
func (v *VTN) admitResource(o, old *openadr.Resource) *refusal {
	if i := v.vens.index(o.VENID); i < 0 || v.vens.items[i].ClientID != o.ClientID {
		return &refusal{http.StatusNotFound, "no ven with this id"}
	}
	if slices.ContainsFunc(v.resources.items, func(other openadr.Resource) bool {
		return other.VENID == o.VENID && other.Name == o.Name && other.ID != o.ID
	}) {
		return &refusal{http.StatusConflict, "there is a resource of this name"}
	}
	if o.Targets = nil; old != nil {
		o.Targets = old.Targets
	}
	return nil
}

// Grant says what a VEN, or a resource, may see from now on, in place of what it might before. It fails
// where there is none with the id.
func (v *VTN) Grant(id string, targets ...string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if i := v.vens.index(id); i >= 0 {
		o := v.vens.items[i]
		o.Targets = slices.Clone(targets)
		put(v, &v.vens, o)
		return nil
	}
	if i := v.resources.index(id); i >= 0 {
		o := v.resources.items[i]
		o.Targets = slices.Clone(targets)
		put(v, &v.resources, o)
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
