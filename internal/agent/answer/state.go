package answer

import (
	"time"

	"hearth/energy"
	"hearth/internal/config"
	"hearth/openadr/report"
)

// elapsed is what of the time asked about is not ahead: of an endless one, and of one that goes on, until now. Of one that
// has not begun nothing is left.
func (q question) elapsed() energy.Interval {
	span := q.Span
	if q.IsEndless || span.End.After(q.now.At) {
		span.End = q.now.At
	}
	if !span.Start.Before(span.End) && !span.Start.After(q.now.At) {
		span.End = span.Start.Add(time.Nanosecond) // it begins now
	}
	return span
}

// level is the level of SIMPLE that was obeyed in the time; 0 where nothing was asked for.
func (q question) level(o Order) report.Answer {
	switch {
	case !o.IsKnown || q.elapsed().IsEmpty():
		return report.Answer{}
	case o.Level == nil:
		return report.LevelOf(0, report.OK)
	}
	return report.LevelOf(*o.Level, report.OK)
}

// running is the power above which a device runs: below it are its electronics.
const running energy.Watts = 50

// state is the operating state in the time (report-payloads, OPERATING_STATE).
func (q question) state(o Order) report.Answer {
	if !o.IsKnown || q.elapsed().IsEmpty() {
		return report.Answer{}
	}
	power, quality := q.mean(q.elapsed())
	observed := q.now.Observed[q.device.Name]
	isOfNow := q.now.At.Sub(q.elapsed().End) <= q.device.Oldest()
	if quality == report.Missing && isOfNow {
		if observed.Online.Valid && !observed.Online.Value {
			return report.StateOf("ERROR", report.OK)
		}
		if now, ok := observed.Power.Fresh(q.now.At, q.device.Oldest()); ok {
			power, quality = now, report.OK
		}
	}
	if quality == report.Missing {
		return report.Answer{}
	}
	word := "IDLE_"
	if power > running || power < -running {
		word = "RUNNING_"
	}
	switch {
	case o.IsOptedOut:
		return report.StateOf(word+"OPTED_OUT", quality)
	case o.IsCurtailed && (q.isControlled() || q.device.Kind == config.Grid):
		return report.StateOf(word+"CURTAILED", quality)
	}
	return report.StateOf(word+"NORMAL", quality)
}
