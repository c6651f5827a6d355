package enrol

import (
	"context"
	"errors"
	"fmt"

	"hearth/openadr"
)

// resources makes each of them known. What is wrong with one is no reason to leave out the next.
func (e *errand) resources(ctx context.Context) (faults []error) {
	if len(e.wish.Resources) == 0 {
		return nil
	}
	var list openadr.List[openadr.Resource]
	if e.place.VENID != "" { // else nothing is there that they could be behind
		var err error
		if list, err = e.client.Resources(ctx, e.place.VENID, ""); err != nil {
			e.recall()
			return []error{closed(err, openadr.Forbidden, openadr.NotFound)}
		}
	}
	for _, want := range e.wish.Resources {
		err := e.resource(ctx, want, list)
		if err == nil {
			continue
		}
		faults = append(faults, err)
		if ctx.Err() != nil || errors.Is(err, ErrNotOffered) || !mayGoOn(faults) {
			e.recall()
			break
		}
	}
	return faults
}

func (e *errand) resource(ctx context.Context, want Resource, list openadr.List[openadr.Resource]) error {
	r, isThere := e.one(want.Name, list)
	if !isThere && len(list.Malformed) > 0 {
		return fmt.Errorf("resource %s: a resource of the VTN cannot be read: %w", want.Name, list.Malformed[0].Err)
	}
	if !isThere {
		return e.createResource(ctx, want)
	}
	e.keep(want.Name, r)
	attributes, isChanged := merged(r.Attributes, want.Attributes)
	if !isChanged {
		return nil
	}
	r.VENID, r.Attributes = e.place.VENID, attributes // in 3.0 an answer may lack the one, which the path has
	if !e.isDry {
		if _, err := e.client.UpdateResource(ctx, r); err != nil {
			return fmt.Errorf("resource %s: %w", want.Name, closed(err, openadr.Forbidden))
		}
	}
	e.note(Update, "resource", want.Name, attributes)
	return nil
}

// one chooses among resources of a name, of which there should be one: that which we knew, else that with the least id.
func (e *errand) one(name string, list openadr.List[openadr.Resource]) (r openadr.Resource, isAny bool) {
	known := e.known.Resources[name]
	for _, o := range list.Items {
		if o.Name == name && (!isAny || o.ID == known || r.ID != known && o.ID < r.ID) {
			r, isAny = o, true
		}
	}
	return r, isAny
}

func (e *errand) createResource(ctx context.Context, want Resource) error {
	r := openadr.Resource{Name: want.Name, VENID: e.place.VENID, Attributes: want.Attributes}
	if e.isDry {
		e.note(Create, "resource", want.Name, want.Attributes)
		return nil
	}
	made, err := e.client.CreateResource(ctx, r)
	if err == nil {
		e.note(Create, "resource", want.Name, want.Attributes)
		e.keep(want.Name, made)
		return nil
	}
	if mayBeDone(err) {
		list, errFind := e.client.Resources(ctx, e.place.VENID, want.Name)
		if errFind != nil {
			return fmt.Errorf("resource %s: %w", want.Name, errFind)
		}
		if r, isThere := e.one(want.Name, list); isThere {
			e.keep(want.Name, r)
			return nil
		}
	}
	if openadr.KindOf(err) == openadr.Conflict {
		err = fmt.Errorf("%w, and the VTN does not show us by what: %w", ErrTaken, err)
	}
	return fmt.Errorf("resource %s: %w", want.Name, closed(err, openadr.Forbidden))
}

func (e *errand) keep(name string, r openadr.Resource) {
	e.place.Resources[name] = r.ID
	e.place.grant(r.Targets)
}
