package ven

import (
	"fmt"
	"testing"
	"time"

	"hearth/energy"
	"hearth/openadr"
)

var benchStart = time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)

// benchEvents makes events of rows quarter hours each, the next one step after the last.
func benchEvents(b *testing.B, events, rows int, step time.Duration) Input {
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

func BenchmarkTimeline(b *testing.B) {
	for _, c := range []struct {
		name   string
		in     Input
		window energy.Interval
	}{
		{"one event of 10,000 intervals", benchEvents(b, 1, 10_000, 0), energy.Span(benchStart, 105*24*time.Hour)},
		{"1,000 days of 96 intervals", benchEvents(b, 1000, 96, 24*time.Hour), energy.Span(benchStart.AddDate(1, 0, 0), 8*24*time.Hour)},
		{"1,000 events of 96 intervals on one day", benchEvents(b, 1000, 96, 0), energy.Span(benchStart, 8*24*time.Hour)},
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
