package energy

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

func at(hours float64) time.Time { return noon.Add(time.Duration(hours * float64(time.Hour))) }

func hours(from, to float64) Interval { return Interval{at(from), at(to)} }

func TestInterval_IsHalfOpen(t *testing.T) {
	i := hours(0, 1)
	if !i.Contains(at(0)) || i.Contains(at(1)) || i.Contains(at(-0.01)) {
		t.Error("start is in, end is out")
	}
	if !hours(1, 1).IsEmpty() || !hours(2, 1).IsEmpty() || i.IsEmpty() {
		t.Error("empty means no instant inside")
	}
	if got := i.Overlap(hours(0.5, 3)); got != hours(0.5, 1) {
		t.Errorf("overlap %v", got)
	}
	if !i.Overlap(hours(1, 2)).IsEmpty() {
		t.Error("neighbours share nothing")
	}
}

// Every zone with a change day in either direction; Lord Howe moves by half an hour, Casablanca for Ramadan.
func TestDay_HasTheLocalLength(t *testing.T) {
	for _, c := range []struct {
		zone, day string
		hours     float64
		quarters  int
	}{
		{"Europe/Berlin", "2026-03-29", 23, 92}, {"Europe/Berlin", "2026-10-25", 25, 100}, {"Europe/Berlin", "2026-05-12", 24, 96},
		{"America/New_York", "2026-03-08", 23, 92}, {"America/New_York", "2026-11-01", 25, 100},
		{"Australia/Sydney", "2026-04-05", 25, 100}, {"Australia/Sydney", "2026-10-04", 23, 92},
		{"Australia/Lord_Howe", "2026-04-05", 24.5, 98}, {"Australia/Lord_Howe", "2026-10-04", 23.5, 94},
		{"Asia/Kathmandu", "2026-05-12", 24, 96}, {"America/Santiago", "2026-09-06", 23, 92},
		{"America/Santiago", "2026-04-04", 25, 100}, {"America/Havana", "2026-11-01", 25, 100}, {"America/Havana", "2026-03-08", 23, 92},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		start, _ := time.ParseInLocation("2006-01-02", c.day, zone)
		day := Day(start.Add(13*time.Hour), zone)
		if day.Length().Hours() != c.hours {
			t.Errorf("%s %s: %v, want %v h", c.zone, c.day, day, c.hours)
		}
		g := Grid{day, 15 * time.Minute}
		if g.Count() != c.quarters {
			t.Errorf("%s %s: %d quarter hours, want %d", c.zone, c.day, g.Count(), c.quarters)
		}
		if next := Day(day.End, zone); !next.Start.Equal(day.End) {
			t.Errorf("%s %s: the next day begins at %v", c.zone, c.day, next.Start)
		}
	}
}

func TestGrid_SlotsTileTheInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := Grid{Span(noon, time.Duration(rapid.Int64Range(-10, 5000).Draw(t, "minutes"))*time.Minute),
			time.Duration(rapid.Int64Range(0, 120).Draw(t, "step")) * time.Minute}
		next := g.Start
		for i := range g.Count() {
			slot := g.Slot(i)
			if !slot.Start.Equal(next) || slot.IsEmpty() || slot.Length() > g.Step {
				t.Fatalf("slot %d of %v is %v", i, g, slot)
			}
			for _, inside := range []time.Time{slot.Start, slot.End.Add(-1)} {
				if got, ok := g.Index(inside); !ok || got != i {
					t.Fatalf("%v is in slot %d, %v, want %d", inside, got, ok, i)
				}
			}
			next = slot.End
		}
		if g.Count() > 0 && !next.Equal(g.End) {
			t.Fatalf("slots end at %v, grid at %v", next, g.End)
		}
		if _, ok := g.Index(g.End); ok {
			t.Fatal("the end is in no slot")
		}
	})
	if got := NewGrid(noon, time.Hour, 3); got.Count() != 3 || !got.End.Equal(at(3)) {
		t.Errorf("got %v", got)
	}
}

func TestReading_UnknownIsNotZero(t *testing.T) {
	if _, ok := (Reading[Watts]{}).Fresh(noon, time.Hour); ok {
		t.Error("the zero reading was never heard")
	}
	r := Read(Watts(0), at(0))
	if v, ok := r.Fresh(at(1), time.Hour); !ok || v != 0 {
		t.Error("a measured zero is a value")
	}
	if _, ok := r.Fresh(at(1.01), time.Hour); ok {
		t.Error("too old")
	}
	if _, ok := r.Fresh(at(-1.01), time.Hour); ok {
		t.Error("a reading from far in the future is no better")
	}
}

func TestSetpoint_ZeroValueReleases(t *testing.T) {
	for want, s := range map[string]Setpoint{"release": {}, "on": {Mode: On, Power: 900}, "off": {Mode: Off}, "power -3.6kW": {Mode: AtPower, Power: -3600}} {
		if s.String() != want {
			t.Errorf("%#v is %q, want %q", s, s.String(), want)
		}
	}
}
