package ven

import (
	"time"

	"hearth/openadr"
	"hearth/openadr/report"
)

// Asks is what the VTN wants reports on, in the order of the events' ids: each descriptor of each event, with the told
// times of its intervals, for starts are randomized for what acts and never for reports.
func (v *VEN) Asks() []report.Ask {
	v.mu.Lock()
	defer v.mu.Unlock()
	var asks []report.Ask
	for _, e := range v.received() {
		if len(e.ReportDescriptors) == 0 {
			continue
		}
		rows, anchor := v.rows(&e.Event)
		for i := range e.ReportDescriptors {
			asks = append(asks, report.Ask{Event: e.Event, Index: i, Rows: rows, Anchor: anchor})
		}
	}
	return asks
}

// rows are the times of an event's intervals, in their order. Without one of them the rest is given up: who reports by
// position must know all.
func (v *VEN) rows(e *openadr.Event) ([]report.Row, time.Time) {
	anchor, opens := v.anchors.of(e), v.cfg.opens()
	next, startsNow := firstPlace(e, anchor), needsAnchor(e)
	var rows []report.Row
	for i := range e.Intervals {
		r, reason := next.take(e, i, opens != nil && opens(&e.Intervals[i]), startsNow)
		if reason != "" {
			return nil, anchor
		}
		o := report.Row{ID: e.Intervals[i].ID, IsEndless: r.endless}
		o.Start, o.End = r.start, r.end
		rows = append(rows, o)
	}
	return rows, anchor
}
