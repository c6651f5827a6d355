package v20b

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/openadr"
)

// reading is an event of 2.0b in the model, while it is made.
type reading struct {
	openadr.Event
	notes  []error // what was left out
	isUsed bool    // it has a signal that means something to us

	start     time.Time
	end       time.Time // means nothing when endless
	isEndless bool
	late      time.Duration // how much later than told what acts may begin
}

// read makes an event of the model, as if it had come over the wire. An event whose times cannot be read is
// refused whole; a signal or a value is left out, and noted.
func read(e *event, program string) (*reading, error) {
	r := &reading{}
	r.ID, r.ProgramID, r.ObjectType = strings.TrimSpace(e.ID), program, openadr.ObjectEvent
	if err := r.period(e); err != nil {
		return nil, err
	}
	if err := r.rank(e); err != nil {
		return nil, err
	}
	r.Targets = e.Target.texts()
	for i := range e.Signals {
		s := &e.Signals[i]
		if err := r.add(s); err != nil {
			return nil, fmt.Errorf("signal %.40q %.40q: %w", s.Name, s.Type, err)
		}
	}
	if len(r.Intervals) == 0 { // it holds all the same, and is over some day
		p := *r.IntervalPeriod
		p.Randomize = nil
		r.Intervals = []openadr.Interval{{IntervalPeriod: &p, Payloads: []openadr.ValuesMap{}}}
	}
	for i := range r.Intervals {
		r.Intervals[i].ID = int32(i)
	}
	raw, err := json.Marshal(r.Event)
	if err != nil {
		return nil, err
	}
	return r, json.Unmarshal(raw, &r.Event)
}

// period reads the active period. PT0S has no end; startafter is how late a VEN may be, never early, and so it
// becomes half as much either way of a start that much later:
//
//	told    |=======late=======|
//	here             |<--half-->       start and randomizeStart
func (r *reading) period(e *event) error {
	start, err := openadr.ParseStart(e.Start)
	if err != nil {
		return err
	}
	at, isInstant := start.Time()
	if !isInstant || at.Year() < firstYear || at.Year() > lastYear {
		return errors.New("no start")
	}
	if strings.TrimSpace(e.Length) == "" {
		return errors.New("no duration")
	}
	length, err := openadr.ParseDuration(e.Length)
	if err != nil {
		return err
	}
	if length.IsZero() {
		length = openadr.Duration{Infinite: true}
	}
	fixed, isFinite := lengthOf(length, at)
	if !isFinite {
		length = openadr.Duration{Infinite: true}
	}
	r.start, r.end, r.isEndless = at, at.Add(fixed), !isFinite
	r.IntervalPeriod = &openadr.IntervalPeriod{Start: openadr.At(at), Duration: &length}
	if strings.TrimSpace(e.StartAfter) == "" {
		return nil
	}
	after, err := openadr.ParseDuration(e.StartAfter)
	if err != nil {
		r.note("startafter", err)
		return nil
	}
	if late, isFinite := lengthOf(after, at); isFinite && late <= 24*time.Hour {
		r.late = (late / 2).Truncate(time.Second)
	} else {
		r.note("startafter", errors.New("more than a day"))
	}
	if r.late > 0 {
		half := openadr.DurationOf(r.late)
		r.IntervalPeriod.Randomize = &half
	}
	return nil
}

// rank reads what orders events. Priority 0 is none (profile 2.0b, eventDescriptor); the others keep their number.
func (r *reading) rank(e *event) error {
	if text := strings.TrimSpace(e.Priority); text != "" {
		n, err := strconv.ParseUint(text, 10, 31)
		if err != nil {
			return fmt.Errorf("priority %.20q is none", text)
		}
		if priority := int(n); priority > 0 {
			r.Priority = &priority
		}
	}
	r.Created.Time = stamp(e.Created)
	if r.Modified.Time = stamp(e.Modified); r.Modified.IsZero() {
		r.Modified = r.Created
	}
	return nil
}

func stamp(text string) time.Time {
	start, err := openadr.ParseStart(text)
	if err != nil {
		return time.Time{}
	}
	at, _ := start.Time()
	return at
}

func (r *reading) note(what string, err error) {
	if r.notes = append(r.notes, fmt.Errorf("%.80s: %w", what, err)); len(r.notes) > maxNotes {
		r.notes = r.notes[:maxNotes]
	}
}

// maxNotes bounds what is said about one event.
const maxNotes = 10

// add puts the rows of a signal behind those that are there, or onto them where they cover the same time. An
// error is of the event's times, and so of the whole event.
func (r *reading) add(s *signal) error {
	rows, err := r.rows(s)
	if err != nil {
		return err
	}
	what := strings.TrimSpace(s.Name) + " " + strings.TrimSpace(s.Type)
	m, err := s.meaningOf()
	var t terms
	if err == nil {
		t, err = s.terms(m)
	}
	switch {
	case err != nil:
	case s.Devices != nil && len(s.Devices.Classes) > 0:
		err = errDevices
	case len(rows) == 0:
		err = errSilent
	case slices.ContainsFunc(r.Intervals, func(i openadr.Interval) bool { return has(i, m.payload) }):
		err = errTwice
	}
	if err != nil {
		r.note(what, err)
		m, t = meaning{}, terms{}
	}
	r.isUsed = r.isUsed || m.isUsed
	if d, isSaid := t.descriptor(m.payload); isSaid {
		r.PayloadDescriptors = append(r.PayloadDescriptors, d)
	}
	before := len(r.Intervals)
	for i, row := range rows {
		if m.payload == "" {
			row.Payloads = []openadr.ValuesMap{}
		} else if row.Payloads, err = s.Intervals[row.ID].payload(m.payload, t); err != nil {
			r.note(fmt.Sprintf("%s, interval %d", what, row.ID), err)
		}
		if m.item != itemPrice {
			row.IntervalPeriod.Start = later(row.IntervalPeriod.Start, r.late)
		}
		if i < before && isSamePeriod(r.Intervals[i].IntervalPeriod, row.IntervalPeriod) {
			r.Intervals[i].Payloads = append(r.Intervals[i].Payloads, row.Payloads...)
			continue
		}
		r.Intervals = append(r.Intervals, row)
	}
	return nil
}

func has(i openadr.Interval, payload string) bool {
	return slices.ContainsFunc(i.Payloads, func(p openadr.ValuesMap) bool { return p.Type == payload })
}

func later(s openadr.Start, by time.Duration) openadr.Start {
	at, _ := s.Time()
	return openadr.At(at.Add(by))
}

func isSamePeriod(a, b *openadr.IntervalPeriod) bool {
	return a.Start == b.Start && *a.Duration == *b.Duration
}

// rows are the times of a signal's intervals inside the active period, their ids being their places in the
// signal. They follow one another; one of PT0S, or without a length, takes what is left, and ends the row.
//
//	period   [===================)
//	PT1H     [----)
//	PT2H          [---------)
//	PT0S                    [----)
func (r *reading) rows(s *signal) ([]openadr.Interval, error) {
	var rows []openadr.Interval
	at := r.start
	for i := range s.Intervals {
		own := &s.Intervals[i]
		if strings.TrimSpace(own.Start) != "" {
			start, err := openadr.ParseStart(own.Start)
			if err != nil {
				return nil, err
			}
			if t, isInstant := start.Time(); isInstant && t.Year() >= firstYear && t.Year() <= lastYear {
				at = t
			}
		}
		var length openadr.Duration
		if strings.TrimSpace(own.Length) != "" {
			var err error
			if length, err = openadr.ParseDuration(own.Length); err != nil {
				return nil, err
			}
		}
		if !r.isEndless && !at.Before(r.end) {
			break // the period is over
		}
		fixed, isFinite := lengthOf(length, at)
		isRest := length.IsZero() || !isFinite
		end := at.Add(fixed)
		switch {
		case !r.isEndless && (isRest || end.After(r.end)):
			end, length = r.end, openadr.DurationOf(r.end.Sub(at))
		case isRest:
			length = openadr.Duration{Infinite: true}
		}
		rows = append(rows, openadr.Interval{ID: int32(i), IntervalPeriod: &openadr.IntervalPeriod{Start: openadr.At(at), Duration: &length}})
		if isRest {
			if i+1 < len(s.Intervals) {
				r.note(strings.TrimSpace(s.Name), errors.New("intervals follow one that takes the rest of the time"))
			}
			break
		}
		at = end
	}
	return rows, nil
}

// texts are the targets as 3.1 has them. Several are a union (profile 2.0b, eiTarget).
func (t *target) texts() openadr.Targets {
	var out openadr.Targets
	for _, list := range [...][]string{t.VENs, t.Groups, t.Resources, t.Parties} {
		for _, text := range list {
			if text = strings.TrimSpace(text); isName(text) {
				out = append(out, text)
			}
		}
	}
	return out
}

// isFor says that the event concerns this VEN, or may: who is in a group, or at a place, only the VTN knows.
func (t *target) isFor(ven string, resources []string) bool {
	if len(t.VENs)+len(t.Groups)+len(t.Resources)+len(t.Parties)+len(t.Others) == 0 {
		return true
	}
	isOurs := func(id string) bool { return strings.TrimSpace(id) == ven }
	isThere := func(id string) bool { return slices.Contains(resources, strings.TrimSpace(id)) }
	switch {
	case len(t.Groups)+len(t.Parties)+len(t.Others) > 0, slices.ContainsFunc(t.VENs, isOurs), slices.ContainsFunc(t.Resources, isThere):
		return true
	}
	return len(t.VENs) == 0 && len(resources) == 0
}
