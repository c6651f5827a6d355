package ven

import (
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"

	"hearth/energy"
	"hearth/openadr"
)

var benchStart = time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)

// benchEvents makes events of rows quarter hours each, the next one step after the last.
func benchEvents(b testing.TB, events, rows int, step time.Duration) Input {
	b.Helper()
	in := Input{Source: "ven", Currency: "EUR"}
	for i := range events {
		priority := i % 7
		e := openadr.Event{
			Metadata: openadr.Metadata{ID: fmt.Sprint("e", i)}, ProgramID: "p", Priority: &priority,
			IntervalPeriod: openadr.Period(benchStart.Add(time.Duration(i)*step), 15*time.Minute),
		}
		for r := range rows {
			m, err := openadr.NewValuesMap(openadr.PayloadPrice, energy.PriceOf(float64(r%100)/300))
			if err != nil {
				b.Fatal(err)
			}
			e.Intervals = append(e.Intervals, openadr.Interval{ID: int32(r), Payloads: []openadr.ValuesMap{m}})
		}
		in.Events = append(in.Events, Received{e, benchStart})
	}
	return in
}

// benchAll are events that carry a price, an intensity, a limit, a level and an alert each, with starts of their
// own that are randomized, looping since three years.
func benchAll(b testing.TB, events, rows int) Input {
	b.Helper()
	in := benchEvents(b, events, rows, 7*time.Minute)
	wide := openadr.DurationOf(10 * time.Minute)
	for i := range in.Events {
		e := &in.Events[i]
		e.Duration = &openadr.Duration{Infinite: true}
		e.IntervalPeriod.Start, e.IntervalPeriod.Randomize = openadr.At(benchStart.AddDate(-3, 0, i)), &wide
		for r := range e.Intervals {
			for kind, value := range map[string]string{openadr.PayloadGHG: "300", PayloadImportLimit: "4.2", PayloadSimple: "1", AlertFlex: `"shift"`} {
				e.Intervals[r].Payloads = append(e.Intervals[r].Payloads, openadr.ValuesMap{Type: kind, Values: []json.RawMessage{json.RawMessage(value)}})
			}
		}
	}
	return in
}

var day8 = energy.Span(benchStart, 8*24*time.Hour)

func BenchmarkTimeline(b *testing.B) {
	for _, c := range []struct {
		name   string
		in     Input
		window energy.Interval
	}{
		{"one event of 10,000 intervals", benchEvents(b, 1, 10_000, 0), energy.Span(benchStart, 105*24*time.Hour)},
		{"1,000 days of 96 intervals", benchEvents(b, 1000, 96, 24*time.Hour), energy.Span(benchStart.AddDate(1, 0, 0), 8*24*time.Hour)},
		{"1,000 events of 96 intervals on one day", benchEvents(b, 1000, 96, 0), day8},
		{"1,000 events of 96 intervals, a minute apart", benchEvents(b, 1000, 96, time.Minute), day8},
		{"five payloads since three years", benchAll(b, 1, 96), day8},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got := Timeline(c.in, c.window); len(got.ImportPrice.Points) == 0 || len(got.Rejected) != 0 {
					b.Fatal(len(got.ImportPrice.Points), got.Rejected)
				}
			}
		})
	}
}

// The budget is 4 MB and 20 ms; time is left to the benchmarks, for tests share their machine.
func TestTimeline_ThousandEventsFitTheBudget(t *testing.T) {
	for name, in := range map[string]Input{
		"on one day": benchEvents(t, 1000, 96, 0), "a minute apart": benchEvents(t, 1000, 96, time.Minute), "on 1,000 days": benchEvents(t, 1000, 96, 24*time.Hour),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := Timeline(in, day8)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 || len(got.ImportPrice.Points) == 0 {
			t.Errorf("%s: %d bytes for %d points", name, used, len(got.ImportPrice.Points))
		}
	}
}

// What an event costs does not depend on how long it has looped.
func TestTimeline_LoopCostsTheSameAfterYears(t *testing.T) {
	in := benchAll(t, 1, 96)
	cost := func(at time.Time) float64 {
		return testing.AllocsPerRun(5, func() {
			if got := Timeline(in, energy.Span(at, 24*time.Hour)); len(got.MaxImport.Points) < 96 || len(got.Rejected) > 0 {
				t.Fatal(text(got))
			}
		})
	}
	if young, old := cost(benchStart), cost(benchStart.AddDate(100, 0, 0)); math.Abs(young-old) > 5 {
		t.Errorf("%v allocations at first, %v after a century", young, old)
	}
}
