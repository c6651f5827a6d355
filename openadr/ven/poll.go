package ven

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hearth/openadr"
)

// ErrNothing says that the VTN answered with an empty list where it had events before that are not over. A
// VTN that no longer knows us looks like this (Definition, object privacy), so the events are kept.
var ErrNothing = errors.New("the VTN returned nothing, and the last events are kept")

const (
	// pollLimit is for a whole poll, by the wall: the client bounds requests, not their number.
	pollLimit = 5 * time.Minute
	// programsFor is how long a list of programs serves. They change seldom, and public VTNs have thousands.
	programsFor = time.Hour
	// believeAfter is how long a VTN must have shown nothing before each event is asked for by its id. Until then a
	// mistake on the other side, of rights or of a deployment, costs no price.
	believeAfter = time.Hour
	// maxConfirm bounds the requests for vanished events of one poll; the next poll asks for the rest.
	maxConfirm = 50
)

// Poll asks the VTN once, replaces what changed, and keeps it in the store. On an error everything stays as
// it was. A fault of the store is not an error of the poll: it is tried again with the next, see
// [Signals].Err.
func (v *VEN) Poll(ctx context.Context) error {
	v.polling.Lock()
	defer v.polling.Unlock()
	now := v.parts.Clock.Now()
	limited, cancel := context.WithTimeout(ctx, pollLimit)
	defer cancel()
	next, err := v.ask(limited, now)
	if ctx.Err() != nil {
		return context.Cause(ctx) // we were stopped; that says nothing about the VTN
	}
	if err != nil {
		err = fmt.Errorf("poll %s: %w", v.cfg.Name, err)
	}
	if v.record(now, next, err) && v.parts.Changed != nil {
		v.parts.Changed()
	}
	if err == nil && v.isUnsaved {
		v.save()
	}
	return err
}

// record keeps what a poll brought, and says whether it is anything new.
func (v *VEN) record(now time.Time, next answer, err error) (isNew bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	before := v.revision
	if v.lastAttempt, v.pollErr = now, err; err == nil {
		v.lastSuccess = now
		v.adopt(next)
	}
	return v.revision != before
}

// answer is what a poll found, merged with what is known.
type answer struct {
	programs   []openadr.Program
	programsAt time.Time
	missing    []string
	events     map[string]Received
	malformed  []openadr.Malformed
	anchors    Anchors
}

func (v *VEN) ask(ctx context.Context, now time.Time) (answer, error) {
	a := answer{programs: v.programs, programsAt: v.programsAt, missing: v.missing}
	if age := now.Sub(v.programsAt); age < 0 || age >= programsFor {
		if err := v.askPrograms(ctx, &a, now); err != nil {
			return a, err
		}
	}
	list, err := v.askEvents(ctx, a.programs)
	if err != nil {
		return a, err
	}
	if len(v.cfg.Programs) == 0 && !areKnown(list.Items, a.programs) && a.programsAt != now {
		if err := v.askPrograms(ctx, &a, now); err != nil {
			return a, err
		}
	}
	return a, v.merge(ctx, &a, list, now)
}

func areKnown(events []openadr.Event, programs []openadr.Program) bool {
	return !slices.ContainsFunc(events, func(e openadr.Event) bool {
		return !slices.ContainsFunc(programs, func(p openadr.Program) bool { return p.ID == e.ProgramID })
	})
}

// askPrograms finds the programs to follow. None at all, after there were some, is not believed.
func (v *VEN) askPrograms(ctx context.Context, a *answer, now time.Time) error {
	var q openadr.Query
	if len(v.cfg.Programs) > 0 {
		q.IsWanted = v.wants // public servers have thousands
	}
	list, err := v.parts.Client.Programs(ctx, q)
	if err != nil {
		return err
	}
	if len(list.Items)+list.LeftOut == 0 && len(v.programs) > 0 {
		return ErrNothing
	}
	a.programs, a.programsAt, a.missing = nil, now, nil
	for _, m := range list.Malformed {
		a.missing = append(a.missing, fmt.Sprintf("%q cannot be read: %v", m.ID, m.Err))
	}
	if len(v.cfg.Programs) == 0 {
		a.programs = list.Items
		slices.SortStableFunc(a.programs, func(x, y openadr.Program) int { return strings.Compare(x.ID, y.ID) }) // no order is promised
		return nil
	}
	for _, wanted := range v.cfg.Programs {
		isWanted := func(p openadr.Program) bool { return isCalled(p, wanted) }
		found := list.Items
		if !slices.ContainsFunc(found, isWanted) {
			a.missing = append(a.missing, fmt.Sprintf("%q is not offered", wanted))
			a.programsAt = time.Time{} // look again with the next poll
			found = v.programs         // its events may still be there
		}
		if i := slices.IndexFunc(found, isWanted); i >= 0 {
			a.programs = append(a.programs, found[i])
		}
	}
	return nil
}

func isCalled(p openadr.Program, nameOrID string) bool {
	return p.ID == nameOrID || p.ProgramName == nameOrID
}

// askEvents reads the events of the programs, or of all.
func (v *VEN) askEvents(ctx context.Context, programs []openadr.Program) (openadr.List[openadr.Event], error) {
	if len(v.cfg.Programs) == 0 {
		return v.parts.Client.Events(ctx, openadr.Query{Targets: v.cfg.Targets})
	}
	var all openadr.List[openadr.Event]
	for _, p := range programs {
		list, err := v.parts.Client.Events(ctx, openadr.Query{ProgramID: p.ID, Targets: v.cfg.Targets})
		if err != nil {
			return all, err
		}
		all.Items = append(all.Items, list.Items...)
		all.Malformed = append(all.Malformed, list.Malformed...)
	}
	return all, nil
}

// merge makes the next set of events of a complete list and the present set.
func (v *VEN) merge(ctx context.Context, a *answer, list openadr.List[openadr.Event], now time.Time) error {
	if len(list.Items)+len(list.Malformed) > 0 || !v.holdsUnexpired(now) {
		v.nothingSince = time.Time{}
	} else if err := v.doubt(ctx, a, now); err != nil {
		return err
	}
	a.events, a.malformed = map[string]Received{}, list.Malformed
	for _, m := range list.Malformed {
		if old, isKnown := v.events[m.ID]; isKnown {
			a.events[m.ID] = old // it is there, in a version that we cannot read
		}
	}
	for _, e := range list.Items {
		v.take(a, e, now)
	}
	if err := v.confirm(ctx, a, now); err != nil {
		return err
	}
	v.anchor(a, now)
	return nil
}

// doubt is about an empty list where there were events that are not over. It is believed, event by event, when nothing
// has been shown for long and the programs are there still: then we are known, and a limit that was lifted is lifted.
func (v *VEN) doubt(ctx context.Context, a *answer, now time.Time) error {
	if v.nothingSince.IsZero() || v.nothingSince.After(now) {
		v.nothingSince = now
	}
	if now.Sub(v.nothingSince) < believeAfter {
		return ErrNothing
	}
	if a.programsAt != now {
		if err := v.askPrograms(ctx, a, now); err != nil {
			return err
		}
	}
	if len(a.programs) == 0 {
		return ErrNothing
	}
	return nil
}

// take adopts a version of an event, unless it is the one we have, or nonsense where we have better.
func (v *VEN) take(a *answer, e openadr.Event, now time.Time) {
	old, isKnown := v.events[e.ID]
	if isKnown && bytes.Equal(old.Raw, e.Raw) {
		a.events[e.ID] = old
		return
	}
	if err := nonsense(&e, v.cfg.Private); err != nil {
		a.malformed = append(a.malformed, openadr.Malformed{ID: e.ID, Err: err})
		if isKnown {
			a.events[e.ID] = old
		}
		return
	}
	a.events[e.ID] = Received{e, now}
}

// confirm deals with events that are no longer listed. What is over stays while the window shows it. Of the
// others a VTN may have lost sight for a moment: they are withdrawn when a request for the id says so.
func (v *VEN) confirm(ctx context.Context, a *answer, now time.Time) error {
	asked := 0
	for _, id := range slices.Sorted(maps.Keys(v.events)) {
		old := v.events[id]
		if _, isListed := a.events[id]; isListed {
			continue
		}
		if end, isFinite := v.end(&old.Event); isFinite && !end.After(now) {
			if end.After(now.Add(-windowBack - time.Hour)) {
				a.events[id] = old
			}
			continue
		}
		if asked++; asked > maxConfirm {
			a.events[id] = old
			continue
		}
		switch e, err := v.parts.Client.Event(ctx, id); {
		case err == nil:
			v.take(a, e, now)
		case ctx.Err() != nil:
			return err
		case openadr.KindOf(err) != openadr.NotFound:
			a.events[id] = old
		}
	}
	return nil
}

// anchor fixes the start of events that begin now, once, and forgets anchors of events that are gone.
func (v *VEN) anchor(a *answer, now time.Time) {
	a.anchors = Anchors{}
	for _, e := range a.events {
		if !needsAnchor(&e.Event) {
			continue
		}
		key := AnchorKey(&e.Event)
		if at, isKnown := v.anchors[key]; isKnown {
			a.anchors[key] = at
		} else if v.cfg.IsClockSane == nil || v.cfg.IsClockSane() {
			a.anchors[key] = now.UTC()
		}
	}
}

// adopt makes the answer the present state.
func (v *VEN) adopt(a answer) {
	isSame := maps.EqualFunc(v.events, a.events, func(x, y Received) bool { return bytes.Equal(x.Raw, y.Raw) }) &&
		maps.Equal(v.anchors, a.anchors) &&
		slices.EqualFunc(v.programs, a.programs, func(x, y openadr.Program) bool { return bytes.Equal(x.Raw, y.Raw) })
	v.programsAt, v.missing, v.malformed = a.programsAt, a.missing, a.malformed
	if !isSame {
		v.programs, v.events, v.anchors = a.programs, a.events, a.anchors
		v.revision++
		v.isUnsaved = true
	}
}

func (v *VEN) holdsUnexpired(now time.Time) bool {
	for _, e := range v.events {
		if end, isFinite := v.end(&e.Event); !isFinite || end.After(now) {
			return true
		}
	}
	return false
}

// end is when an event is over; false when it never is, or when we cannot tell.
func (v *VEN) end(e *openadr.Event) (time.Time, bool) {
	l := lay(e, v.anchors.of(e), v.cfg.opens(), nil)
	return l.ends()
}

// received lists the events in the order of their ids.
func (v *VEN) received() []Received {
	out := make([]Received, 0, len(v.events))
	for _, id := range slices.Sorted(maps.Keys(v.events)) {
		out = append(out, v.events[id])
	}
	return out
}
