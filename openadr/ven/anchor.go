package ven

import (
	"fmt"
	"hash/fnv"
	"time"

	"hearth/openadr"
)

// Anchors says when events that start "now" were first received, by [AnchorKey]. Polls and restarts never
// move an anchor.
type Anchors map[string]time.Time

// AnchorKey names the anchor of an event: its id, and a hash of the starts of its intervals. An event
// whose intervals are moved is anchored anew; one that only grows, or lasts longer, runs on.
func AnchorKey(e *openadr.Event) string {
	h := fnv.New64a()
	for i, interval := range e.Intervals {
		if own := interval.IntervalPeriod; own != nil && !own.Start.IsZero() {
			_, _ = fmt.Fprintf(h, "%d %s\n", i, own.Start)
		}
	}
	return fmt.Sprintf("%s %016x", e.ID, h.Sum64())
}

// needsAnchor says that the event begins when it is received. One without intervals begins for its reports only.
func needsAnchor(e *openadr.Event) bool {
	var event, first openadr.Start
	if e.IntervalPeriod != nil {
		event = e.IntervalPeriod.Start
	}
	if len(e.Intervals) == 0 {
		return event.IsNow() && len(e.ReportDescriptors) > 0
	}
	if own := e.Intervals[0].IntervalPeriod; own != nil {
		first = own.Start
	}
	return event.IsNow() || event.IsZero() && first.IsNow()
}

func (a Anchors) of(e *openadr.Event) time.Time {
	if !needsAnchor(e) {
		return time.Time{}
	}
	return a[AnchorKey(e)]
}
