package ven

import (
	"hash/fnv"
	"math/bits"
	"strconv"
	"time"

	"hearth/energy"
	"hearth/openadr"
)

// maxShift bounds a randomized start: one that may slip by more than a day is another day.
const maxShift = 24 * time.Hour

// randomize sets the shifts of the rows, so that not all homes switch at once. The first interval, and each
// that says so itself, draws one between -randomizeStart and +randomizeStart; those that follow move with it
// (UG 7.3). Where rows touch they still do, for a limit must not lapse between them.
//
//	told     [--a--)[--b--)[--c--)     r of all PT10M, and c its own
//	acted      [--a--)[--b--[--c--)
//
// The draw is a hash of the seed, the event and the position: it survives restarts, and each home has its own.
func (l *layout) randomize(e *openadr.Event, seed string) {
	l.isShifted = false
	var inherited *openadr.Duration
	if e.IntervalPeriod != nil {
		inherited = e.IntervalPeriod.Randomize
	}
	shifts := make([]time.Duration, len(e.Intervals))
	for i := range e.Intervals {
		own := e.Intervals[i].IntervalPeriod
		switch {
		case own != nil && own.Randomize != nil:
			shifts[i] = draw(own.Randomize, seed, e.ID, i)
		case i == 0 && inherited != nil:
			shifts[i] = draw(inherited, seed, e.ID, i)
		case i > 0:
			shifts[i] = shifts[i-1]
		}
		l.isShifted = l.isShifted || shifts[i] != 0
	}
	if !l.isShifted {
		return
	}
	for i := range l.rows {
		r := &l.rows[i]
		r.startShift, r.endShift = shifts[r.at], shifts[r.at]
		switch {
		case i+1 < len(l.rows) && l.rows[i+1].start.Equal(r.end):
			r.endShift = shifts[l.rows[i+1].at]
		case l.period > 0 && l.last.Equal(r.end):
			r.endShift = shifts[l.rows[0].at]
		}
	}
}

// isRandom says that some start of the event may shift.
func isRandom(e *openadr.Event) bool {
	may := func(p *openadr.IntervalPeriod) bool { return p != nil && p.Randomize != nil && !p.Randomize.IsZero() }
	if may(e.IntervalPeriod) {
		return true
	}
	for i := range e.Intervals {
		if may(e.Intervals[i].IntervalPeriod) {
			return true
		}
	}
	return false
}

// draw is a shift of whole seconds from -r to +r, both included; none where r has no end.
func draw(r *openadr.Duration, seed, event string, position int) time.Duration {
	end, isFinite := r.AddTo(time.Unix(0, 0))
	if !isFinite {
		return 0
	}
	limit := uint64(min(end.Sub(time.Unix(0, 0)), maxShift) / time.Second)
	h := fnv.New64a()
	_, _ = h.Write([]byte(seed + "\x00" + event + "\x00" + strconv.Itoa(position)))
	offset, _ := bits.Mul64(mixed(h.Sum64()), 2*limit+1)
	return time.Duration(int64(offset)-int64(limit)) * time.Second
}

// mixed spreads a hash over all its bits, for those of FNV that matter here differ little between
// neighbours (the finalizer of SplitMix64).
func mixed(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// shifted is the row as it is acted upon.
func (r row) shifted() row {
	r.start, r.end = r.start.Add(r.startShift), r.end.Add(r.endShift)
	return r
}

// widened is the interval with room for any shift.
func widened(i energy.Interval) energy.Interval {
	return energy.Interval{Start: i.Start.Add(-maxShift), End: i.End.Add(maxShift)}
}
