package vtn

import (
	"slices"
	"strconv"

	"hearth/openadr"
)

// shelf is the objects of one kind, in order of creation.
type shelf[T any] struct {
	kind  string // EVENT
	meta  func(*T) *openadr.Metadata
	items []T
}

// index is where the object with an id is; -1 for none, and for an empty id.
func (s *shelf[T]) index(id string) int {
	if id == "" {
		return -1
	}
	return slices.IndexFunc(s.items, func(o T) bool { return s.meta(&o).ID == id })
}

func (s *shelf[T]) has(id string) bool { return s.index(id) >= 0 }

// drop takes an object off; false if there is none.
func (s *shelf[T]) drop(id string) (o T, wasThere bool) {
	i := s.index(id)
	if i < 0 {
		return o, false
	}
	o = s.items[i]
	s.items = slices.Delete(s.items, i, i+1)
	return o, true
}

// shelves sets up the empty ones.
func (v *VTN) shelves() {
	v.programs.kind, v.programs.meta = openadr.ObjectProgram, func(o *openadr.Program) *openadr.Metadata { return &o.Metadata }
	v.events.kind, v.events.meta = openadr.ObjectEvent, func(o *openadr.Event) *openadr.Metadata { return &o.Metadata }
	v.vens.kind, v.vens.meta = openadr.ObjectVEN, func(o *openadr.VENObject) *openadr.Metadata { return &o.Metadata }
	v.resources.kind, v.resources.meta = openadr.ObjectResource, func(o *openadr.Resource) *openadr.Metadata { return &o.Metadata }
	v.reports.kind, v.reports.meta = openadr.ObjectReport, func(o *openadr.Report) *openadr.Metadata { return &o.Metadata }
	v.subscriptions.kind, v.subscriptions.meta = openadr.ObjectSubscription, func(o *openadr.Subscription) *openadr.Metadata { return &o.Metadata }
}

// put places o where the one with its id is, or at the end, with metadata of the VTN's. The VTN is locked.
func put[T any](v *VTN, s *shelf[T], o T) (_ T, isNew bool) {
	var old openadr.Metadata
	i := s.index(s.meta(&o).ID)
	if isNew = i < 0; !isNew {
		old = *s.meta(&s.items[i])
	}
	*s.meta(&o) = v.stamp(old, s.meta(&o).ID, s.kind)
	if isNew {
		s.items = append(s.items, o)
	} else {
		s.items[i] = o
	}
	return o, isNew
}

// stamp is the metadata of an object that replaces one with the metadata old, or a new one.
func (v *VTN) stamp(old openadr.Metadata, id, kind string) openadr.Metadata {
	now := openadr.Stamp{Time: v.cfg.Now().UTC()}
	if old.ID == "" {
		old.Created = now
	}
	if id == "" {
		id = v.freshID()
	}
	return openadr.Metadata{ID: id, Created: old.Created, Modified: now, ObjectType: kind}
}

// freshID is one that was never made and that no object has: whoever publishes may choose ids that look alike.
func (v *VTN) freshID() string {
	for {
		v.count++
		id := "id-" + strconv.Itoa(v.count)
		if !v.programs.has(id) && !v.events.has(id) && !v.vens.has(id) && !v.resources.has(id) &&
			!v.reports.has(id) && !v.subscriptions.has(id) {
			return id
		}
	}
}
