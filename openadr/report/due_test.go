package report

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/openadr"
)

func TestDue_AgreesWithASimulationMinuteByMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawAsk(t)
		windows := plainWindows(a)
		var sent Sent
		names := map[string]bool{}
		pace := rapid.SampledFrom([]int{1, 1, 7, 60, 300}).Draw(t, "pace") // minutes between two looks, at most
		for minute := simStart; minute <= simEnd; {
			now := midnight.Add(time.Duration(minute) * time.Minute)
			want := plainDue(a, windows, sent.Until, now)
			got := map[string]bool{}
			due := Due(a, sent, now)
			for _, w := range due {
				got[fmt.Sprint(w.Due, spans(w))] = true
				if names[w.Name] {
					t.Fatalf("%v: %s twice", now, w.Name)
				}
				names[w.Name] = true
				sent = sent.With(w)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%+v\nat %v: got %v\nwant %v", a, now, got, want)
			}
			if again := Due(a, sent, now); len(again) > 0 {
				t.Fatalf("%v: again %v", now, again)
			}
			minute += rapid.IntRange(1, pace).Draw(t, "minutes")
		}
	})
}

// With a look each minute nothing that becomes due is passed over.
func TestDue_EverythingIsDueAtItsTimeAndNotBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawAsk(t)
		owed := map[string]bool{}
		for _, w := range plainWindows(a) {
			minute := int(w.due.Sub(midnight) / time.Minute)
			isInstant := !a.Event.ReportDescriptors[0].IsHistorical && w.isOver(w.due)
			if minute > simStart && minute <= simEnd && !isInstant {
				owed[fmt.Sprint(w.due, w.rows)] = true
			}
		}
		var sent Sent
		for minute := simStart; minute <= simEnd; minute++ {
			now := midnight.Add(time.Duration(minute) * time.Minute)
			for _, w := range Due(a, sent, now) {
				sent = sent.With(w)
				if minute > simStart && !w.Due.Equal(now) {
					t.Fatalf("%v: reports what was due at %v", now, w.Due)
				}
				delete(owed, fmt.Sprint(w.Due, spans(w)))
			}
		}
		if len(owed) > 0 {
			t.Fatalf("%+v\nnever reported: %v", a, owed)
		}
	})
}

func TestDue_HoweverLongOfflineOneInstantIsReported(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawAsk(t)
		now := midnight.Add(time.Duration(rapid.IntRange(0, 1e6).Draw(t, "minutes")) * time.Minute)
		windows := Due(a, Sent{}, now)
		for _, w := range windows {
			if !w.Due.Equal(windows[0].Due) || w.Due.After(now) {
				t.Fatalf("at %v: %v", now, windows)
			}
		}
		isPlain := true // one row after the other, as nearly all events are
		for i, r := range a.Rows {
			isPlain = isPlain && r.Length() > 0 && (i == 0 || r.Start.Equal(a.Rows[i-1].End))
		}
		if isPlain && len(windows) > 1 {
			t.Fatalf("a flood: %v", windows)
		}
	})
}

func TestDue_LoopOfYearsCostsNothing(t *testing.T) {
	d := defaults("USAGE")
	d.StartInterval, d.NumIntervals, d.Frequency, d.Repeat = 0, 2, 1, -1
	start := time.Date(1901, 1, 1, 0, 0, 0, 0, time.UTC)
	day := openadr.DurationOf(24 * time.Hour)
	for name, c := range map[string]struct {
		rows     int
		duration *openadr.Duration
		due      time.Time
	}{
		"loop":                     {3, &openadr.Duration{Infinite: true}, midnight},
		"implied":                  {0, nil, midnight},
		"loop that ended long ago": {3, &day, start.AddDate(0, 0, 1)},
		"implied, ended long ago":  {0, &day, start.AddDate(0, 0, 1)},
	} {
		a := hours(c.rows, d)
		for i := range a.Rows {
			a.Rows[i].Interval = energy.Span(start.Add(time.Duration(i)), 1)
		}
		a.Event.IntervalPeriod, a.Event.Duration = openadr.Period(start, 1), c.duration
		w := one(t, a, midnight)
		if !w.Due.Equal(c.due) || len(w.Rows) != 2 {
			t.Errorf("%s: %v", name, w)
		}
		if n := testing.AllocsPerRun(10, func() { Due(a, Sent{}, midnight) }); n > 60 {
			t.Errorf("%s, of nanoseconds since 1901, costs %v allocations", name, n)
		}
	}
}

func TestDue_NumberBeyondTheRowsIsAllOfThem(t *testing.T) {
	d := defaults("USAGE")
	d.NumIntervals = 1_000_000
	if w := one(t, hours(3, d), at(3)); len(w.Rows) != 3 {
		t.Error(w)
	}
}

func TestDue_RowOfMillenniaIsEndless(t *testing.T) {
	d := defaults("USAGE")
	d.IsHistorical = false
	a := hours(1, d)
	a.Rows[0].End = midnight.AddDate(1000, 0, 0)
	if w := one(t, a, at(0)); !w.Rows[0].IsEndless {
		t.Error(w)
	}
}

func TestDue_SameRowTwiceIsToldOnce(t *testing.T) {
	d := defaults("USAGE")
	d.StartInterval, d.NumIntervals, d.Repeat = 0, 1, -1
	a := hours(2, d)
	a.Rows[1] = a.Rows[0]
	one(t, a, at(1))
}

func TestDue_NumbersOfAnySizeDoNoHarm(t *testing.T) {
	const huge = 1<<31 - 1
	for _, n := range []int{0, 3} {
		for _, d := range []openadr.ReportDescriptor{
			{PayloadType: "USAGE", StartInterval: huge, NumIntervals: 1, Frequency: 1, Repeat: -1},
			{PayloadType: "USAGE", StartInterval: 0, NumIntervals: 1, Frequency: huge, Repeat: huge},
			{PayloadType: "USAGE", StartInterval: 0, NumIntervals: huge, Frequency: 1, Repeat: huge, IsHistorical: true},
		} {
			for _, length := range []openadr.Duration{{Seconds: 3600}, {Infinite: true}} {
				a := hours(n, d)
				a.Event.Duration = &length
				for _, now := range []time.Time{{}, midnight, at(2), midnight.AddDate(100, 0, 0), midnight.AddDate(7000, 0, 0)} {
					Due(a, Sent{}, now)
				}
			}
		}
	}
}

func TestDue_RefusesWhatHasNoTime(t *testing.T) {
	a := hours(3, defaults("USAGE"))
	for name, broken := range map[string]func(*Ask){
		"no such descriptor":       func(a *Ask) { a.Index = 1 },
		"negative descriptor":      func(a *Ask) { a.Index = -1 },
		"an interval without time": func(a *Ask) { a.Rows = a.Rows[:2] },
		"a row of the year 1":      func(a *Ask) { a.Rows[1] = Row{} },
		"a row that ends before":   func(a *Ask) { a.Rows[1].End = at(-1) },
		"unknown payload":          func(a *Ask) { a.Event.ReportDescriptors[0].PayloadType = "X-MOOD" },
	} {
		b := hours(3, defaults("USAGE"))
		broken(&b)
		if b.Check() == nil || len(Due(b, Sent{}, at(9))) > 0 {
			t.Errorf("%s: %v, %v", name, b.Check(), Due(b, Sent{}, at(9)))
		}
	}
	if a.Check() != nil || len(Due(a, Sent{}, at(9))) != 1 {
		t.Errorf("and without fault: %v", a.Check())
	}
}

func TestSent_NeverGoesBack(t *testing.T) {
	s := Sent{}.With(Window{Due: at(3)}).With(Window{Due: at(2)})
	if !s.Until.Equal(at(3)) {
		t.Error(s)
	}
}

func TestNamesAndKeys_FollowWhatIsAsked(t *testing.T) {
	a := hours(3, defaults("USAGE"))
	w, key := one(t, a, at(3)), a.Key()
	if again := one(t, a, at(50)); again.Name != w.Name {
		t.Errorf("asked later it is %q, was %q", again.Name, w.Name)
	}
	a.Event.ReportDescriptors = []openadr.ReportDescriptor{defaults("DEMAND"), defaults("USAGE")}
	a.Index = 1
	if moved := one(t, a, at(3)); moved.Name != w.Name || a.Key() != key {
		t.Errorf("at another place: %q %q, was %q %q", moved.Name, a.Key(), w.Name, key)
	}
	a.Index = 0
	if other := one(t, a, at(3)); other.Name == w.Name || a.Key() == key {
		t.Errorf("another descriptor has the same name %q or key %q", other.Name, a.Key())
	}
	b := hours(3, defaults("USAGE"))
	b.Event.ID = "f"
	if other := one(t, b, at(3)); other.Name == w.Name || b.Key() == key {
		t.Errorf("another event has the same name %q or key %q", other.Name, b.Key())
	}
	d := defaults("USAGE")
	d.StartInterval, d.NumIntervals, d.Repeat = 0, 1, -1
	rolling := hours(3, d)
	if one(t, rolling, at(1)).Name == one(t, rolling, at(2)).Name {
		t.Error("two windows have one name")
	}
}
