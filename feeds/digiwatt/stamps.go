package digiwatt

import (
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// orders are how a time may be written: year-day-month and year-month-day.
var orders = []string{"2006-02-01T15:04:05Z07:00", "2006-01-02T15:04:05Z07:00"}

// leap is more than any list of times leaves out. Neighbouring days that are read in the wrong order of fields lie at
// least 28 days apart, so a constant step need not be asked for: best windows have none, and a list may have holes.
const leap = 20 * 24 * time.Hour

// clock is how the times of one answer are understood.
type clock struct {
	zone *time.Location // of times that are written with a Z
	// bounds are where the times must lie if they can be read in both orders.
	bounds energy.Interval
}

// read decides in which order the times of an answer are written, and reads them: all lists in the same one. A day or
// month beyond 12 decides; else the order does in which the times come, how far they lie apart and the bounds. Where
// that leaves both or none, the answer cannot be used.
func (c clock) read(lists ...[]string) ([][]time.Time, error) {
	var readings [][][]time.Time
	for _, layout := range orders {
		if r, ok := parse(layout, lists); ok && !(len(readings) == 1 && isSame(readings[0], r)) {
			readings = append(readings, r)
		}
	}
	switch len(readings) {
	case 0:
		return nil, feeds.Fail(feeds.Temporary, "its times are neither all of the form year-day-month nor all year-month-day: %s", example(lists))
	case 1:
		return c.place(readings[0])
	}
	var likely [][][]time.Time
	for _, r := range readings {
		if placed, err := c.place(r); err == nil && c.isLikely(placed) {
			likely = append(likely, placed)
		}
	}
	if len(likely) != 1 {
		return nil, feeds.Fail(feeds.Temporary, "its times may be year-day-month or year-month-day, and nothing tells which: %s", example(lists))
	}
	return likely[0], nil
}

// parse reads all times in one order of fields, as they are written.
func parse(layout string, lists [][]string) ([][]time.Time, bool) {
	all := make([][]time.Time, len(lists))
	for i, list := range lists {
		for _, text := range list {
			if !strings.ContainsAny(text[min(len(text), len(time.DateOnly)):], "Z+-") {
				text += "Z"
			}
			t, err := time.Parse(layout, text)
			if err != nil {
				return nil, false
			}
			all[i] = append(all[i], t)
		}
	}
	return all, true
}

func isSame(a, b [][]time.Time) bool {
	return slices.EqualFunc(a, b, func(x, y []time.Time) bool { return slices.EqualFunc(x, y, time.Time.Equal) })
}

// isLikely says that no list goes back or leaps, and that all is within the bounds.
func (c clock) isLikely(lists [][]time.Time) bool {
	for _, list := range lists {
		for i, t := range list {
			if !c.bounds.Contains(t) || i > 0 && (t.Before(list[i-1]) || t.Sub(list[i-1]) > leap) {
				return false
			}
		}
	}
	return true
}

// place turns times as they are written into those that are meant.
func (c clock) place(lists [][]time.Time) ([][]time.Time, error) {
	all := make([][]time.Time, len(lists))
	for i, list := range lists {
		var before time.Time
		for _, written := range list {
			t, err := c.instant(written, before)
			if err != nil {
				return nil, err
			}
			all[i], before = append(all[i], t), t
		}
	}
	return all, nil
}

// instant is what a time means in the zone. An hour that comes twice comes for the second time where the time before
// is not before the first.
func (c clock) instant(written, before time.Time) (time.Time, error) {
	if _, offset := written.Zone(); offset != 0 || c.zone == time.UTC {
		return written.UTC(), nil
	}
	var found []time.Time
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := written.Add(near).In(c.zone).Zone()
		t := written.Add(-time.Duration(offset) * time.Second).UTC()
		if _, o := t.In(c.zone).Zone(); o == offset && !slices.ContainsFunc(found, t.Equal) {
			found = append(found, t)
		}
	}
	switch {
	case len(found) == 0:
		return time.Time{}, feeds.Fail(feeds.Misconfigured, "stamp_zone %s: has no %s, which the answer holds", c.zone, written.Format(time.DateTime))
	case len(found) == 2 && !found[0].After(before):
		return found[1], nil
	}
	return found[0], nil
}

// example is a time as the answer has it.
func example(lists [][]string) string {
	for _, list := range lists {
		if len(list) > 0 {
			return `"` + feeds.OneLine(list[0]) + `"`
		}
	}
	return "there are none"
}
