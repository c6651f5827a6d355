package midas

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// A slot is the same however its end is written: by its last second, by its last minute, or by the time at which the
// next one begins, with seconds or without.
func TestSlot_EndsWhereTheNextBegins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := midnight.Add(time.Duration(rapid.IntRange(0, 400*288).Draw(t, "five minutes")) * 5 * time.Minute).UTC()
		want := energy.Span(start, time.Duration(rapid.IntRange(1, 25*12).Draw(t, "length"))*5*time.Minute)
		for _, last := range []struct {
			clock  string
			before time.Duration
		}{{time.TimeOnly, time.Second}, {"15:04", time.Minute}, {time.TimeOnly, 0}, {"15:04", 0}} {
			end := want.End.Add(-last.before)
			v := value{start.Format(time.DateOnly), start.Format(time.TimeOnly), end.Format(time.DateOnly), end.Format(last.clock), "$/kWh", nil}
			if got, err := v.slot(); err != nil || !got.Start.Equal(want.Start) || !got.End.Equal(want.End) {
				t.Fatalf("%+v is %v, %v, want %v", v, got, err, want)
			}
		}
	})
}

// What ends before the answer was made has been, and what ends later is a forecast; every value stays.
func TestCarbon_IsPartedByTheTimeOfTheAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var values []value
		count := rapid.IntRange(1, 40).Draw(t, "count")
		for i := range count {
			at, number := midnight.UTC().Add(time.Duration(i)*5*time.Minute), json.Number("250")
			last := at.Add(5*time.Minute - time.Second)
			values = append(values, value{at.Format(time.DateOnly), at.Format(time.TimeOnly), last.Format(time.DateOnly), last.Format(time.TimeOnly), "g/kWh CO2", &number})
		}
		now := midnight.UTC().Add(time.Duration(rapid.IntRange(-10, 300).Draw(t, "minutes")) * time.Minute)
		s, err := carbon(values, now.Format(time.RFC3339), midnight.Add(1000*time.Hour))
		if err != nil || len(s.Points) != count {
			t.Fatalf("%v, %v", s, err)
		}
		for _, p := range s.Points {
			if isPast := !p.End.After(now); (p.Origin.Status == energy.Final) != isPast {
				t.Fatalf("at %v %v is %s", now, p.Interval, p.Origin.Status)
			}
		}
	})
}
