package ven

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/openadr"
)

func TestCover_HoldsWhatIsHiddenWhole(t *testing.T) {
	second := func(i int) time.Time { return origin0.Add(time.Duration(i) * time.Second) }
	rapid.Check(t, func(t *rapid.T) {
		var c cover
		var filled [60]bool
		for range rapid.IntRange(0, 5).Draw(t, "events") {
			var pieces []piece[int]
			for range rapid.IntRange(0, 4).Draw(t, "pieces") {
				from := rapid.IntRange(0, 58).Draw(t, "from")
				to := rapid.IntRange(from+1, 59).Draw(t, "to")
				pieces = append(pieces, piece[int]{start: second(from).UnixNano(), end: second(to).UnixNano()})
				for i := from; i < to; i++ {
					filled[i] = true
				}
			}
			hide(&c, pieces)
		}
		for i := 1; i < len(c); i++ {
			if c[i].start <= c[i-1].end {
				t.Fatalf("%v touches its neighbour", c)
			}
		}
		for from := range filled {
			for to := from + 1; to < len(filled); to++ {
				want := !slices.Contains(filled[from:to], false)
				if got := c.holds(energy.Interval{Start: second(from), End: second(to)}); got != want {
					t.Fatalf("[%d, %d) of %v: got %v", from, to, c, got)
				}
			}
		}
		if c.holds(energy.Interval{Start: origin0, End: origin0}) {
			t.Fatal("nothing is held")
		}
	})
}

func TestCover_StopsToGrow(t *testing.T) {
	var c cover
	pieces := make([]piece[int], maxCover)
	for i := range pieces {
		pieces[i].start, pieces[i].end = int64(2*i), int64(2*i+1)
	}
	hide(&c, pieces)
	if hide(&c, pieces[:1]); len(c) != maxCover {
		t.Errorf("%d spans", len(c))
	}
}

func TestTimeline_DoesNotLookAtWhatIsHidden(t *testing.T) {
	loud, quiet := hourly("loud", midnight, 0.1, 0.2, 0.3), words(hourly("quiet", "2026-03-28T01:00:00Z", 0.5, 0.6, 0.7))
	loud.Priority = new(int)
	in := Input{Currency: "EUR", Events: []Received{{quiet, fetched}, {loud, fetched}}}
	got := Timeline(in, energy.Span(origin0, 12*time.Hour))
	if len(got.Rejected) != 1 || got.Rejected[0].Interval != 2 || len(got.ImportPrice.Points) != 3 {
		t.Errorf("only the interval in sight should be rejected:\n%s", text(got))
	}
}

func TestTimeline_AlertsAreNotHidden(t *testing.T) {
	var in Input
	for _, id := range []string{"a", "b"} {
		e := hourly(id, midnight, 0)
		e.Intervals[0].Payloads = []openadr.ValuesMap{{Type: AlertWind, Values: []json.RawMessage{json.RawMessage(`"` + id + `"`)}}}
		in.Events = append(in.Events, Received{e, fetched})
	}
	if got := Timeline(in, energy.Span(origin0, time.Hour)).Alerts; len(got) != 2 || got[0].Text != "b" || got[1].Text != "a" {
		t.Errorf("got %v", got)
	}
}
