package keep

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// How often to ask where a source says nothing.
const (
	usualEvery = time.Hour        // when something comes out all the time
	usualPoll  = 10 * time.Minute // for a day that is not out yet
	// pollFor is how long after its hour a late publication is expected any moment. Exchanges that are late publish
	// within two hours (fallback auction); after that it is asked for every hour.
	pollFor = 3 * time.Hour
	// spread is over how long the installations share the hour of publication: a million of them at one second are
	// an attack.
	spread = 10 * time.Minute

	firstBackoff  = 30 * time.Second
	mostBackoff   = time.Hour
	leastRest     = 10 * time.Second // whatever a source says of itself
	misconfigured = time.Hour        // nothing changes until somebody does, who is glad to see it work within the hour
)

// past is how the last attempt ended.
type past struct {
	At       time.Time // zero: none
	Err      error     // nil: good
	Failures int       // temporary ones, in a row
}

// pace knows when a source is worth asking.
type pace struct {
	about feeds.About
	seed  string // source and installation
}

// next is when to ask again: now or earlier means at once. It is found anew whenever somebody looks, since the clock
// may have been set meanwhile.
func (p pace) next(now time.Time, last past, known feeds.Values) time.Time {
	if last.At.IsZero() || last.At.After(now) { // the clock was set back: what it said then says nothing
		return p.patient(now, last, now)
	}
	due := p.worth(now, last.At, known)
	if last.Err != nil {
		switch feeds.KindOf(last.Err) {
		case feeds.Misconfigured:
			due = last.At.Add(misconfigured)
		case feeds.Temporary:
			due = last.At.Add(p.backoff(last))
		}
	}
	return p.patient(now, last, due)
}

// patient is never sooner than the source wants.
func (p pace) patient(now time.Time, last past, due time.Time) time.Time {
	if rested := last.At.Add(max(leastRest, p.about.Rest)); !last.At.IsZero() && !last.At.After(now) && rested.After(due) {
		due = rested
	}
	if after := feeds.NotBefore(last.Err); after.After(due) && !after.After(now.Add(feeds.MaxPatience)) {
		due = after
	}
	return due
}

// backoff doubles with each failure in a row, and is shorter by up to a quarter so that those who failed together do
// not come back together.
func (p pace) backoff(last past) time.Duration {
	d := mostBackoff
	if n := last.Failures - 1; n < 7 {
		d = min(mostBackoff, firstBackoff<<max(0, n))
	}
	return d - time.Duration(p.fraction(last.Failures)*float64(d)/4)
}

// worth is when there may be something new, after an answer that was good or held no more than was out.
func (p pace) worth(now, asked time.Time, known feeds.Values) time.Time {
	every := p.about.Publishes.Every
	if p.about.Publishes.At == 0 {
		every = cmp.Or(every, usualEvery)
		return asked.Add(every + time.Duration(p.fraction(0)*float64(every)/10))
	}
	out := p.published(now)
	isLate := now.Sub(out) >= pollFor
	switch {
	case asked.Before(out) && !now.Before(out):
		return out // whatever is known: it is from before
	case now.Before(out):
		again := asked.Add(usualEvery)
		if again.After(out) || p.isComplete(known, energy.Day(now, p.about.Zone), now) {
			return out
		}
		return again
	case p.isComplete(known, p.wanted(now), now):
		return p.published(energy.Day(now, p.about.Zone).End)
	case isLate:
		return asked.Add(max(every, usualEvery))
	}
	return asked.Add(cmp.Or(every, usualPoll))
}

// published is when this installation expects the news of the local day that holds t.
func (p pace) published(t time.Time) time.Time {
	year, month, day := t.In(p.about.Zone).Date()
	clock := time.Date(year, month, day, 0, 0, int(p.about.Publishes.At/time.Second), 0, p.about.Zone) // what the wall shows, on short days too
	return clock.Add(time.Duration(p.fraction(0) * float64(spread)))
}

// wanted is to the end of the next local day.
func (p pace) wanted(now time.Time) energy.Interval {
	return energy.Interval{Start: now, End: energy.Day(energy.Day(now, p.about.Zone).End, p.about.Zone).End}
}

// isComplete says that of all kinds of which there is anything, everything is there and firm: from now to the end of
// the interval, or of what was counted, the day before.
func (p pace) isComplete(known feeds.Values, until energy.Interval, now time.Time) bool {
	found := false
	for _, c := range known.Coverage() {
		within := energy.Interval{Start: now, End: until.End}
		if c.Kind.IsPast() {
			within = energy.Day(energy.Day(now, p.about.Zone).Start.Add(-1), p.about.Zone)
		}
		if len(known.Gaps(c.Kind, within)) > 0 || known.IsPreliminary(c.Kind, within) {
			return false
		}
		found = true
	}
	return found
}

// span is what to ask for: from the start of the day, so that it can be shown whole, to as far as the source knows.
// What was counted, and what was preliminary, is asked for from the day before on.
func (p pace) span(now time.Time, known feeds.Values) energy.Interval {
	today := energy.Day(now, p.about.Zone)
	span := energy.Interval{Start: today.Start, End: energy.Day(now.Add(p.about.Ahead), p.about.Zone).End}
	yesterday := energy.Day(today.Start.Add(-1), p.about.Zone)
	isOld := known.IsPreliminary(feeds.ImportPrice, yesterday) || known.IsPreliminary(feeds.ExportPrice, yesterday)
	for _, kind := range p.about.Kinds {
		isOld = isOld || kind.IsPast()
	}
	if isOld {
		span.Start = yesterday.Start
	}
	return span
}

// fraction is a number of [0, 1) that is always the same for this source, installation and n, and evenly spread over
// all of them.
func (p pace) fraction(n int) float64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%d", p.seed, n)
	x := h.Sum64()
	x ^= x >> 33 // FNV leaves the upper bits of short texts much alike; this is the finalizer of MurmurHash3
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}
