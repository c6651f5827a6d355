package vtn

import (
	"slices"
	"strconv"

	"hearth/openadr"
)

// shelf is the objects of one kind, in order of creation.
type shelf[T any] struct{ items []T }

// rack is a shelf of whatever kind. Objects are handed about as pointers, *openadr.Event: with code for each kind the
// demo in the agent would be 140 kB larger.
type rack interface {
	length() int
	blank() any        // a new object, not on the shelf
	look(i int) any    // at the one on the shelf itself
	copied(i int) any  // of its own
	set(i int, o any)  // in the place of another, or with i = length behind them
	cut(from, end int) // takes off
}

func (s *shelf[T]) length() int    { return len(s.items) }
func (s *shelf[T]) blank() any     { return new(T) }
func (s *shelf[T]) look(i int) any { return &s.items[i] }

func (s *shelf[T]) copied(i int) any {
	o := s.items[i]
	return &o
}

func (s *shelf[T]) set(i int, o any) {
	p, isOurs := o.(*T)
	switch {
	case !isOurs:
	case i == len(s.items):
		s.items = append(s.items, *p)
	default:
		s.items[i] = *p
	}
}

func (s *shelf[T]) cut(from, end int) { s.items = slices.Delete(s.items, from, end) }

// index is where the object with an id is; -1 for none, and for an empty id.
func index(r rack, id string) int {
	for i := range r.length() {
		if id != "" && metaOf(r.look(i)).ID == id {
			return i
		}
	}
	return -1
}

func has(r rack, id string) bool { return index(r, id) >= 0 }

// drop takes an object off; nil if there is none.
func drop(r rack, id string) (o any) {
	i := index(r, id)
	if i < 0 {
		return nil
	}
	o = r.copied(i)
	r.cut(i, i+1)
	return o
}

// metaOf is the metadata in an object.
func metaOf(o any) *openadr.Metadata {
	switch o := o.(type) {
	case *openadr.Program:
		return &o.Metadata
	case *openadr.Event:
		return &o.Metadata
	case *openadr.VENObject:
		return &o.Metadata
	case *openadr.Resource:
		return &o.Metadata
	case *openadr.Report:
		return &o.Metadata
	case *openadr.Subscription:
		return &o.Metadata
	}
	return new(openadr.Metadata) // there is no other kind
}

// ownerOf is the client whose an object is; nil for those of the business side.
func ownerOf(o any) *string {
	switch o := o.(type) {
	case *openadr.VENObject:
		return &o.ClientID
	case *openadr.Resource:
		return &o.ClientID
	case *openadr.Report:
		return &o.ClientID
	case *openadr.Subscription:
		return &o.ClientID
	}
	return nil
}

func kindOf(o any) string {
	switch o.(type) {
	case *openadr.Program:
		return openadr.ObjectProgram
	case *openadr.Event:
		return openadr.ObjectEvent
	case *openadr.VENObject:
		return openadr.ObjectVEN
	case *openadr.Resource:
		return openadr.ObjectResource
	case *openadr.Report:
		return openadr.ObjectReport
	}
	return openadr.ObjectSubscription
}

// put places o where the one with its id is, or at the end, with metadata of the VTN's, and tells of it. The VTN is
// locked.
func (v *VTN) put(r rack, o any) {
	var old openadr.Metadata
	meta := metaOf(o)
	i, operation := index(r, meta.ID), openadr.OperationCreate
	if i >= 0 {
		old, operation = *metaOf(r.look(i)), openadr.OperationUpdate
	} else {
		i = r.length()
	}
	*meta = v.stamp(old, meta.ID, kindOf(o))
	r.set(i, o)
	v.tell(operation, v.newsOf(o))
}

// withdraw takes an object off and tells of it; nil if there is none. The VTN is locked.
func (v *VTN) withdraw(r rack, id string) any {
	o := drop(r, id)
	if o != nil {
		v.tell(openadr.OperationDelete, v.newsOf(o))
	}
	return o
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
		isTaken := false
		for _, r := range []rack{&v.programs, &v.events, &v.vens, &v.resources, &v.reports, &v.subscriptions} {
			isTaken = isTaken || has(r, id)
		}
		if !isTaken {
			return id
		}
	}
}
