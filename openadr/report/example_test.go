package report_test

import (
	"fmt"
	"time"

	"hearth/energy"
	"hearth/openadr"
	"hearth/openadr/report"
)

// An event of two hours asks for the usage of each hour, as it ends.
func Example() {
	start := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)
	ask := report.Ask{
		Event: openadr.Event{
			Metadata:       openadr.Metadata{ID: "event-1"},
			IntervalPeriod: openadr.Period(start, time.Hour),
			Intervals:      []openadr.Interval{{ID: 7}, {ID: 3}},
			ReportDescriptors: []openadr.ReportDescriptor{{
				PayloadType: "USAGE", IsHistorical: true, StartInterval: 0, NumIntervals: 1, Frequency: 1, Repeat: -1,
			}},
		},
		Rows: []report.Row{
			{ID: 7, Interval: energy.Span(start, time.Hour)},
			{ID: 3, Interval: energy.Span(start.Add(time.Hour), time.Hour)},
		},
	}
	meter := report.MeterFunc(func(q report.Question) report.Answer {
		return report.EnergyOf(energy.Watts(500).Over(q.Span.Length()), report.OK)
	})

	var sent report.Sent // kept in a store
	for now := start; now.Before(start.Add(4 * time.Hour)); now = now.Add(20 * time.Minute) {
		for _, window := range report.Due(ask, sent, now) {
			r, err := report.Make(ask, window, []openadr.Resource{{Name: "house"}}, meter, "hearth-1")
			if err != nil {
				fmt.Println(err)
				continue
			}
			row := r.Resources[0].Intervals[0]
			fmt.Printf("%s: id %d %s %s\n", now.Format("15:04"), row.ID, row.Payloads[0].Type, row.Payloads[0].Values[0])
			sent = sent.With(window)
		}
	}
	// Output:
	// 01:00: id 7 USAGE 0.5
	// 02:00: id 3 USAGE 0.5
}
