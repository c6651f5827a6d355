package house

import (
	"math"
	"time"

	"hearth/energy"
)

// World is everything that happens to the home whatever anybody does. It keeps the day it was last asked
// for and is not safe for concurrent use.
type World struct {
	seed  uint64
	zone  *time.Location
	today day
}

// NewWorld is the world of a seed; the home stands at 50 degrees north on the meridian of its zone.
func NewWorld(seed uint64, zone *time.Location) *World { return &World{seed: seed, zone: zone} }

// Outside is what one step brings.
type Outside struct {
	Span   energy.Interval
	Sun    energy.Watts // what the roof can give, a magnitude
	Base   energy.Watts // all the appliances nobody steers
	Draw   energy.Watts // heat taken as hot water
	Driven energy.WattHours
	IsAway bool // the car is; Driven is what it will have used when it is back
	Loads  bool // the resident fills the dishwasher and starts it in this step
	Dishes bool // clean dishes are wanted in this step
}

// Step is what [t, t+d) brings. Steps do not straddle a local midnight.
func (w *World) Step(t time.Time, d time.Duration) Outside {
	if !w.today.Contains(t) {
		w.today = w.plan(energy.Day(t, w.zone))
	}
	span := energy.Span(t, d)
	return Outside{
		Span:   span,
		Sun:    w.sun(t),
		Base:   w.base(span),
		Draw:   meanOf(w.today.draws, span),
		Driven: w.today.driven,
		IsAway: w.today.away.Contains(t),
		Loads:  span.Contains(w.today.loads),
		Dishes: span.Contains(w.today.breakfast),
	}
}

// streams keep the noises of one seed apart.
const (
	streamDay = iota + 1
	streamFront
	streamCloud
	streamFlicker
	streamBase
	streamFridge
)

// chance is a number in [0, 1) that follows from seed, stream and n: the finalizer of SplitMix64 (Steele,
// Lea, Flood 2014) over their mix. Unlike a generator it has no order, so time can be asked anywhere.
func chance(seed uint64, stream, n int64) float64 {
	z := seed + uint64(stream)*0xD1B54A32D192ED03 + uint64(n)*0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return float64((z^z>>31)>>11) / (1 << 53)
}

// drift is a smooth random course in [0, 1) that turns about once in each period.
func (w *World) drift(stream int64, t time.Time, period time.Duration) float64 {
	at := float64(t.UnixMilli()) / float64(period.Milliseconds())
	n := math.Floor(at)
	a, b := chance(w.seed, stream, int64(n)), chance(w.seed, stream, int64(n)+1)
	x := at - n
	return a + (b-a)*x*x*(3-2*x)
}
