package enrol

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"hearth/openadr"
)

// Why a home is not enrolled where nothing is broken.
var (
	// ErrNotOffered says that the VTN takes no such registrations from us: there is no such path, or our
	// credentials lack the scope. Prices and events may be had all the same.
	ErrNotOffered = errors.New("the VTN takes no registration from us")
	// ErrTaken says that the name belongs to somebody else, or that we have a VEN which cannot be told for ours.
	ErrTaken = errors.New("the name is taken")
)

// Enrol makes the wish come true and says what the VTN knows us as then, and what was done for it. Known is what it
// was before, or zero. With an error the place is as far as it got, and the same call may be made again; with
// [ErrNotOffered] there is no hurry.
func Enrol(ctx context.Context, c Client, w Wish, known Place) (Place, []Change, error) {
	return run(ctx, &errand{client: c, wish: w, known: known})
}

// Preview is what [Enrol] would do, without doing it.
func Preview(ctx context.Context, c Client, w Wish, known Place) (Place, []Change, error) {
	return run(ctx, &errand{client: c, wish: w, known: known, isDry: true})
}

// errand is one look at the VTN.
type errand struct {
	client  Client
	wish    Wish
	known   Place
	isDry   bool // nothing is written
	place   Place
	changes []Change
}

func run(ctx context.Context, e *errand) (Place, []Change, error) {
	err := e.wish.check()
	if err == nil {
		err = e.do(ctx)
	}
	switch {
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case err != nil:
		err = fmt.Errorf("enrol %s: %w", e.wish.Name, err)
	}
	return e.place, e.changes, err
}

func (e *errand) do(ctx context.Context) error {
	v, isThere, err := e.find(ctx)
	if err == nil && !isThere {
		v, isThere, err = e.create(ctx)
	}
	if err != nil {
		return err
	}
	e.place = Place{Wished: e.wish.Name, VENID: v.ID, VENName: v.Name, Resources: map[string]string{}}
	e.place.grant(v.Targets)
	var faults []error
	if isThere {
		if err := e.update(ctx, v); err != nil {
			faults = append(faults, err)
		}
	}
	if !mayGoOn(faults) {
		e.recall()
		return worst(faults)
	}
	return worst(append(faults, e.resources(ctx)...))
}

// worst is the first of the faults, those of broken things before those of closed doors.
func worst(faults []error) error {
	if len(faults) == 0 {
		return nil
	}
	first := max(0, slices.IndexFunc(faults, func(err error) bool { return !errors.Is(err, ErrNotOffered) }))
	if len(faults) == 1 {
		return faults[first]
	}
	return fmt.Errorf("%w (and %d more)", faults[first], len(faults)-1)
}

// recall keeps the resources that were known, where they could not be looked at.
func (e *errand) recall() {
	if e.known.VENID != e.place.VENID {
		return
	}
	for _, r := range e.wish.Resources {
		if id := e.known.Resources[r.Name]; id != "" && e.place.Resources[r.Name] == "" {
			e.place.Resources[r.Name] = id
			e.place.grant(e.known.Targets) // of whom each is was not kept
		}
	}
}

// mayGoOn says that nothing has failed which would fail the next request too.
func mayGoOn(faults []error) bool {
	return !slices.ContainsFunc(faults, func(err error) bool {
		var o *openadr.Error
		return errors.As(err, &o) && (o.Temporary() || o.Kind == openadr.Unauthorized)
	})
}

// isClosed says that a request is not for us, rather than broken: no scope, no path, no method.
func isClosed(err error, kinds ...openadr.Kind) bool {
	var o *openadr.Error
	if !errors.As(err, &o) {
		return false
	}
	return slices.Contains(kinds, o.Kind) || o.Status == http.StatusMethodNotAllowed || o.Status == http.StatusNotImplemented
}

// closed adds [ErrNotOffered] to an error that says so.
func closed(err error, kinds ...openadr.Kind) error {
	if isClosed(err, kinds...) {
		return fmt.Errorf("%w: %w", ErrNotOffered, err)
	}
	return err
}

// mayBeDone says that a failed creation may have succeeded, or that somebody was faster: the VTN has answered, and
// a look can tell.
func mayBeDone(err error) bool {
	switch openadr.KindOf(err) {
	case openadr.Conflict, openadr.Empty, openadr.Truncated, openadr.Unreadable, openadr.HTML, openadr.TooLarge:
		return true
	}
	return false
}
