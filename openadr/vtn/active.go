package vtn

import (
	"net/http"
	"strconv"
	"time"

	"hearth/openadr"
)

// activeOnly is the filter "active" of a search, which only that for events has, and not in 3.0; an error if it is
// neither true nor false.
func (v *VTN) activeOnly(r *http.Request) (bool, error) {
	text := r.URL.Query().Get("active")
	if text == "" || r.URL.Path != "/events" || v.cfg.Dialect != openadr.Dialect31 {
		return false, nil
	}
	return strconv.ParseBool(text)
}

// hasTranspired says that an event is over for everybody, wherever they are and whenever they began it. One whose
// end cannot be told is not: it starts when it is received, has no length, or lasts for ever.
func (v *VTN) hasTranspired(e openadr.Event) bool {
	end, isKnown := endOf(e)
	return isKnown && !v.cfg.Now().Before(end)
}

// endOf is when the last interval of an event ends, or the event's own duration, with the most by which clients
// may shift it (User Guide, 7.3).
func endOf(e openadr.Event) (end time.Time, isKnown bool) {
	period := openadr.IntervalPeriod{}
	if e.IntervalPeriod != nil {
		period = *e.IntervalPeriod
	}
	start, hasStart := period.Start.Time()
	if e.Duration != nil && !e.Duration.IsZero() {
		return add(start, hasStart, e.Duration, period.Randomize)
	}
	if len(e.Intervals) == 0 {
		return add(start, hasStart, period.Duration, period.Randomize)
	}
	next, isKnown := start, hasStart // of the interval after this one
	for _, i := range e.Intervals {
		length, shift := period.Duration, period.Randomize
		if own := i.IntervalPeriod; own != nil {
			if at, isInstant := own.Start.Time(); isInstant {
				next, isKnown = at, true
			}
			if own.Duration != nil {
				length = own.Duration
			}
			if own.Randomize != nil {
				shift = own.Randomize
			}
		}
		last, ok := add(next, isKnown, length, shift)
		if !ok {
			return time.Time{}, false
		}
		next, _ = length.AddTo(next)
		if last.After(end) {
			end = last
		}
	}
	return end, true
}

// add is false where the start is unknown, or the length: none, nothing or infinite.
func add(start time.Time, isKnown bool, length, shift *openadr.Duration) (end time.Time, ok bool) {
	if !isKnown || length == nil || length.IsZero() {
		return end, false
	}
	end, ok = length.AddTo(start)
	if ok && shift != nil {
		end, ok = shift.AddTo(end)
	}
	return end, ok
}
