package measured

import (
	"time"

	"hearth/energy"
	"hearth/storage"
)

// The quarter hour is the grid of prices and settlement, and of everything that is shown of the past.
const quarter = 15 * time.Minute

// remembered is how far back means are kept in memory: what the forecast looks at, and a day.
const remembered = 15 * 24 * time.Hour

// history is the mean power of each channel in quarter hours, newest last.
type history map[string]*channel

type channel struct {
	points []energy.Point[energy.Watts]
	open   energy.Interval // the quarter under way
	sum    energy.Watts
	count  int
}

// load fills a channel from the store's rollups.
func (h history) load(store *storage.Store, name string, now time.Time) error {
	c := h.channel(name)
	return store.Rollups(name, energy.Interval{Start: now.Add(-remembered), End: now}, func(r storage.Rollup) bool {
		if r.Slot.Contains(now) {
			c.open, c.sum, c.count = r.Slot, energy.Watts(r.Sum), r.Count
			return false
		}
		c.points = append(c.points, energy.Point[energy.Watts]{Interval: r.Slot, Value: energy.Watts(r.Mean())})
		return true
	})
}

// add notes a measurement. Cycles come at an even pace, so their plain mean is the mean over time.
func (h history) add(name string, now time.Time, power energy.Watts) {
	c := h.channel(name)
	if !c.open.Contains(now) {
		c.finish(now)
		c.open = energy.Span(now.UTC().Truncate(quarter), quarter)
	}
	c.sum, c.count = c.sum+power, c.count+1
}

// finish closes the quarter under way. After a step back of the clock, what was noted of the time that now
// comes again is dropped.
func (c *channel) finish(now time.Time) {
	if c.count > 0 {
		c.points = append(c.points, energy.Point[energy.Watts]{Interval: c.open, Value: c.sum / energy.Watts(c.count)})
	}
	c.sum, c.count = 0, 0
	for n := len(c.points); n > 0 && c.points[n-1].End.After(now); n-- {
		c.points = c.points[:n-1]
	}
	if len(c.points) > 0 && c.points[0].End.Before(now.Add(-remembered)) {
		c.points = append([]energy.Point[energy.Watts](nil), c.points[1:]...)
	}
}

// series is what a channel showed, the quarter under way included as far as it has come.
func (h history) series(name string) energy.Series[energy.Watts] {
	c, ok := h[name]
	if !ok {
		return energy.Series[energy.Watts]{}
	}
	points := c.points[:len(c.points):len(c.points)]
	if c.count > 0 {
		points = append(points, energy.Point[energy.Watts]{Interval: c.open, Value: c.sum / energy.Watts(c.count)})
	}
	return energy.Series[energy.Watts]{Points: points}
}

func (h history) channel(name string) *channel {
	if h[name] == nil {
		h[name] = &channel{}
	}
	return h[name]
}
