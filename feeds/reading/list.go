package reading

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// List is how the items of a list tell slots.
type List struct {
	Start, End, Value Path // inside of an item; without End the neighbours say it
	Stamps            Stamps
	// Step is how long a slot lasts at most where no End says it; zero: as long as the neighbours say.
	Step time.Duration
}

// Slot is a number as it is written, and when it holds.
type Slot struct {
	energy.Interval
	Number json.Number
}

// mostItems is a month of minutes; more is a slip.
const mostItems = 50_000

// Slots are those of the items that tell a value; two equal ones are one.
func (l List) Slots(items []json.RawMessage) (slots []Slot, remarks []string, err error) {
	if len(items) > mostItems {
		return nil, nil, feeds.Fail(feeds.Temporary, "the list has more than %d items", mostItems)
	}
	starts, ends, remarks, err := l.times(items)
	if err != nil {
		return nil, nil, err
	}
	known := slices.SortedStableFunc(slices.Values(starts), time.Time.Compare)
	known = slices.DeleteFunc(slices.Compact(known), time.Time.IsZero)
	for i, item := range items {
		raw := l.Value.One(item)
		if isNothing(raw) || starts[i].IsZero() {
			continue
		}
		digits, isText := text(raw)
		if !isText {
			return nil, nil, feeds.Fail(feeds.Misconfigured, "value: item %d: %q is no number", i, feeds.OneLine(string(raw)))
		}
		slot := Slot{energy.Interval{Start: starts[i], End: ends[i]}, json.Number(digits)}
		if slot.End.IsZero() {
			slot.End = l.end(known, starts[i])
		}
		switch {
		case slot.End.IsZero():
			return nil, nil, feeds.Fail(feeds.Misconfigured, "step: is missing, and the slot at %s says neither its end nor has it neighbours", slot.Start.Format(time.RFC3339))
		case slot.IsEmpty() || slot.Length() > 24*time.Hour:
			return nil, nil, feeds.Fail(feeds.Temporary, "item %d: from %s to %s", i, slot.Start.Format(time.RFC3339), slot.End.Format(time.RFC3339))
		}
		slots = append(slots, slot)
	}
	slices.SortStableFunc(slots, func(a, b Slot) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) })
	return slices.CompactFunc(slots, func(a, b Slot) bool { return a == b }), remarks, nil
}

// times are the starts, and the ends as far as they are told.
func (l List) times(items []json.RawMessage) (starts, ends []time.Time, remarks []string, err error) {
	first, last := make([]json.RawMessage, len(items)), make([]json.RawMessage, len(items))
	for i, item := range items {
		if first[i] = l.Start.One(item); isNothing(first[i]) {
			return nil, nil, nil, feeds.Fail(feeds.Misconfigured, "start: item %d has no %q", i, l.Start)
		}
		if len(l.End) > 0 {
			last[i] = l.End.One(item)
		}
	}
	starts, remarks, err = l.Stamps.Times(first)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("start: %w", err)
	}
	ends, more, err := l.Stamps.Times(last)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("end: %w", err)
	}
	for i := range items {
		if !isNothing(last[i]) && ends[i].IsZero() {
			starts[i] = time.Time{} // it says an end that nobody understands
		}
	}
	return starts, ends, feeds.FewRemarks(slices.Concat(remarks, more)), nil
}

// end is a step after the start, but not later than the next start.
func (l List) end(known []time.Time, start time.Time) time.Time {
	i, _ := slices.BinarySearchFunc(known, start, time.Time.Compare)
	end := feeds.EndOf(known, i)
	if stepped := start.Add(l.Step); l.Step > 0 && (end.IsZero() || stepped.Before(end)) {
		return stepped
	}
	return end
}
