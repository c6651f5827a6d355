package enrol

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hearth/openadr"
)

// find looks for our VEN: by its name, and where it had that name before, by its id, for the business side may have
// given it another.
func (e *errand) find(ctx context.Context) (v openadr.VENObject, isThere bool, err error) {
	list, err := e.client.VENs(ctx, e.wish.Name)
	if err != nil {
		return v, false, closed(err, openadr.Forbidden, openadr.NotFound)
	}
	if v, isThere = e.pick(list.Items); isThere {
		return v, true, e.claim(ctx, v)
	}
	if len(list.Malformed) > 0 {
		return v, false, fmt.Errorf("a ven of the VTN cannot be read: %w", list.Malformed[0].Err)
	}
	if e.known.VENID == "" || e.known.Wished != e.wish.Name {
		return v, false, nil
	}
	if list, err = e.client.VENs(ctx, ""); err != nil {
		return v, false, err
	}
	if i := slices.IndexFunc(list.Items, func(v openadr.VENObject) bool { return v.ID == e.known.VENID }); i >= 0 {
		return list.Items[i], true, nil
	}
	return v, false, nil
}

// pick chooses among VENs of one name, of which there should be one: that which we knew, else that with the least id.
func (e *errand) pick(of []openadr.VENObject) (v openadr.VENObject, isAny bool) {
	for _, o := range of {
		if !isAny || o.ID == e.known.VENID || v.ID != e.known.VENID && o.ID < v.ID {
			v, isAny = o, true
		}
	}
	return v, isAny
}

// claim refuses a VEN of another client. An id that is not our own may be ours all the same, in the words of the
// one who issues the tokens; but a VTN that shows VENs of several clients shows those of others.
func (e *errand) claim(ctx context.Context, v openadr.VENObject) error {
	if e.wish.ClientID == "" || v.ClientID == "" || v.ClientID == e.wish.ClientID || v.ID == e.known.VENID {
		return nil
	}
	list, err := e.client.VENs(ctx, "")
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list.Items, func(o openadr.VENObject) bool { return o.ClientID != v.ClientID }) {
		return fmt.Errorf("%w: the ven belongs to the client %.40q", ErrTaken, v.ClientID)
	}
	return nil
}

// create enrols the VEN, or finds that it is there. A VTN that refuses, because the name is taken or because it has one
// VEN for each client, does not say which: a look does.
func (e *errand) create(ctx context.Context) (v openadr.VENObject, isThere bool, err error) {
	v = openadr.VENObject{Name: e.wish.Name, Attributes: e.wish.Attributes}
	if e.isDry {
		e.note(Create, "ven", v.Name, v.Attributes)
		return v, false, nil
	}
	made, err := e.client.CreateVEN(ctx, v)
	if err == nil {
		e.note(Create, "ven", v.Name, v.Attributes)
		return made, false, nil
	}
	if !mayBeDone(err) {
		return v, false, closed(err, openadr.Forbidden, openadr.NotFound)
	}
	found, isThere, errFind := e.find(ctx)
	switch {
	case errFind != nil:
		return v, false, errFind
	case isThere:
		return found, true, nil
	case openadr.KindOf(err) == openadr.Conflict:
		v, err = e.other(ctx)
		return v, true, err
	}
	return v, false, err
}

// other is the VEN that we have already, under another name. One is taken for ours only when the VTN says whose it is.
func (e *errand) other(ctx context.Context) (v openadr.VENObject, err error) {
	list, err := e.client.VENs(ctx, "")
	if err != nil {
		return v, err
	}
	var ours, names []string
	for _, o := range list.Items {
		names = append(names, o.Name)
		if e.wish.ClientID != "" && o.ClientID == e.wish.ClientID {
			ours, v = append(ours, o.Name), o
		}
	}
	switch {
	case len(ours) == 1:
		return v, nil
	case len(names) > 0:
		return v, fmt.Errorf("%w, or only one ven is granted, and it is another: %s", ErrTaken, few(names))
	}
	return v, fmt.Errorf("%w by somebody else, whom the VTN does not show us", ErrTaken)
}

func few(names []string) string {
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("%.200q and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return fmt.Sprintf("%.200q", strings.Join(names, ", "))
}

// update gives the VEN the attributes wished for, and leaves all else: its name too.
func (e *errand) update(ctx context.Context, v openadr.VENObject) error {
	attributes, isChanged := merged(v.Attributes, e.wish.Attributes)
	if !isChanged {
		return nil
	}
	v.Attributes = attributes
	if !e.isDry {
		if _, err := e.client.UpdateVEN(ctx, v); err != nil {
			return closed(err, openadr.Forbidden)
		}
	}
	e.note(Update, "ven", v.Name, attributes)
	return nil
}

func (e *errand) note(act Act, object, name string, attributes openadr.Attributes) {
	e.changes = append(e.changes, Change{act, object, name, attributes})
}
