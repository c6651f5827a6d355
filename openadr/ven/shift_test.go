package ven

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/openadr"
)

// limits is an event of hourly import limits, 1 kW, 2 kW and so on.
func limits(id, start string, count int) openadr.Event {
	e := hourly(id, start, make([]float64, count)...)
	for i := range e.Intervals {
		e.Intervals[i].Payloads = []openadr.ValuesMap{{Type: PayloadImportLimit, Values: []json.RawMessage{fmt.Append(nil, i+1)}}}
	}
	return wired(e)
}

func randomized(e openadr.Event, by time.Duration) openadr.Event {
	r := openadr.DurationOf(by)
	e.IntervalPeriod.Randomize = &r
	return e
}

// begin is when the first limit of an event holds, for a home.
func begin(t testing.TB, seed string, e openadr.Event) time.Time {
	t.Helper()
	in := Input{Source: "ven", Events: []Received{{e, fetched}}, Conventions: Conventions{Seed: seed}}
	points := Timeline(in, energy.Span(origin0.AddDate(0, 0, -2), 96*time.Hour)).MaxImport.Points
	if len(points) == 0 {
		t.Fatal("no limit")
	}
	return points[0].Start
}

func TestRandomize_IsSymmetricBoundedAndOfEachHome(t *testing.T) {
	const homes, bound = 2000, 5 * time.Minute
	e := randomized(limits("e", midnight, 2), bound)
	var sum float64
	seen, early := map[time.Duration]bool{}, 0
	for i := range homes {
		seed := fmt.Sprint("home-", i)
		shift := begin(t, seed, e).Sub(origin0)
		if shift.Abs() > bound {
			t.Fatalf("%s begins %v late, at most %v is allowed", seed, shift, bound)
		}
		if again := begin(t, seed, e).Sub(origin0); again != shift {
			t.Fatalf("%s drew %v, then %v", seed, shift, again)
		}
		seen[shift] = true
		sum += shift.Seconds()
		if shift < 0 {
			early++
		}
	}
	// Of a uniform draw the mean of 2,000 has a deviation of 3.9 s, the count of early ones of 22.
	if mean := sum / homes; math.Abs(mean) > 20 || early < 900 || early > 1100 || len(seen) < 550 {
		t.Errorf("mean %v s, %d early, %d of 601 different", mean, early, len(seen))
	}
	if !seen[bound] || !seen[-bound] {
		t.Error("the bounds themselves are never drawn")
	}
}

func TestRandomize_DependsOnTheEventAndNotOnItsVersion(t *testing.T) {
	e := randomized(limits("e", midnight, 2), time.Hour)
	want := begin(t, "home", e)
	longer := randomized(limits("e", midnight, 5), time.Hour)
	longer.Modified = openadr.Stamp{Time: origin0.Add(time.Hour)}
	if got := begin(t, "home", longer); !got.Equal(want) {
		t.Errorf("extended, it begins at %v instead of %v", got, want)
	}
	if got := begin(t, "home", randomized(limits("f", midnight, 2), time.Hour)); got.Equal(want) {
		t.Errorf("another event begins at %v as well", got)
	}
	if got := begin(t, "", e); got.Equal(want) {
		t.Errorf("without a seed the name of the VEN is one: %v", got)
	}
}

func TestRandomize_StartIsBoundedByADay(t *testing.T) {
	for i := range 50 {
		e := randomized(limits(fmt.Sprint("e", i), midnight, 1), 5000*time.Hour)
		if shift := begin(t, "home", e).Sub(origin0); shift.Abs() > maxShift {
			t.Fatalf("shift of %v", shift)
		}
	}
}

func TestRandomize_LeavesNoGapsAndMovesNoPrice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := hourly("e", midnight, make([]float64, rapid.IntRange(1, 6).Draw(t, "rows"))...)
		some := func(label string) *openadr.Duration {
			if !rapid.Bool().Draw(t, label) {
				return nil
			}
			d := openadr.DurationOf(time.Duration(rapid.IntRange(0, 100).Draw(t, label+" minutes")) * time.Minute)
			return &d
		}
		e.IntervalPeriod.Randomize = some("event")
		if rapid.Bool().Draw(t, "loops") {
			e.Duration = &openadr.Duration{Infinite: true}
		}
		for i := range e.Intervals {
			if r := some("own"); r != nil {
				e.Intervals[i].IntervalPeriod = &openadr.IntervalPeriod{Randomize: r}
			}
			limit := openadr.ValuesMap{Type: PayloadImportLimit, Values: []json.RawMessage{json.RawMessage("1")}}
			e.Intervals[i].Payloads = append(e.Intervals[i].Payloads, limit)
		}
		in := Input{Currency: "EUR", Events: []Received{{e, fetched}}, Conventions: Conventions{Seed: "home"}}
		window := energy.Span(origin0.Add(-10*time.Hour), 30*time.Hour)
		got := Timeline(in, window)
		if err := got.MaxImport.Validate(); err != nil {
			t.Fatal(err)
		}
		if gaps := got.MaxImport.Gaps(got.MaxImport.Extent()); len(gaps) > 0 {
			t.Fatalf("gaps %v\n%s", gaps, text(got))
		}
		for i := range e.Intervals {
			e.Intervals[i].IntervalPeriod = nil
		}
		e.IntervalPeriod.Randomize = nil
		in.Events[0].Event = e
		if want := Timeline(in, window); !reflect.DeepEqual(got.ImportPrice, want.ImportPrice) {
			t.Fatalf("prices moved: got\n%s\nwant\n%s", text(got), text(want))
		}
	})
}

// An event that is over, or has not begun, by its told times may hold by its shifted ones.
func TestRandomize_ReachesIntoTheWindow(t *testing.T) {
	inside := 0
	for i := range 100 {
		e := randomized(limits(fmt.Sprint("e", i), midnight, 1), 30*time.Minute)
		in := Input{Events: []Received{{e, fetched}}}
		after := Timeline(in, energy.Span(origin0.Add(time.Hour), time.Hour)).MaxImport.Points
		before := Timeline(in, energy.Span(origin0.Add(-time.Hour), time.Hour)).MaxImport.Points
		if len(before) > 0 && len(after) > 0 {
			t.Fatal("early and late")
		}
		inside += len(before) + len(after)
	}
	if inside < 90 {
		t.Errorf("%d of 100 events moved over a boundary", inside)
	}
}
