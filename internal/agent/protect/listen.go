package protect

import (
	"math"
	"time"

	"hearth/energy"
)

// slack is how far a meter's clock may be ahead.
const slack = 2 * time.Second

// listen notes when the meter speaks, and how often.
func (t *turn) listen() {
	s, in := &t.state, &t.in
	if passed := in.Now.Sub(s.last); s.last.IsZero() || passed < 0 || passed > slowest {
		s.begin(in.Now)
	}
	if !isNumber(float64(in.Grid.Value)) || in.Grid.At.After(in.Now.Add(slack)) {
		in.Grid.Valid = false
	}
	if in.Grid.Valid && !in.Grid.At.Equal(s.heard) {
		if gap := in.Grid.At.Sub(s.heard); !s.heard.IsZero() && gap > 0 && gap <= slowest {
			s.rhythm = max(min(gap, s.gap), s.rhythm*9/10) // one long gap is a fault, two are a habit
			s.gap = gap
		}
		s.heard = in.Grid.At
		s.power = s.power.seen(in.Grid.Value, in.Grid.At)
	}
	t.period = max(in.Period, time.Second, s.rhythm)
	for i, r := range in.Amps {
		a, ok := r.Fresh(in.Now, 3*t.period)
		if ok = ok && isNumber(float64(a)); ok && in.PhaseFuse > 0 && (!t.hasAmps || a > t.shown.Value) {
			t.phase, t.shown, t.hasAmps = i, r, true
		}
	}
	if t.hasAmps {
		s.amps = s.amps.seen(t.shown.Value, t.shown.At)
	}
}

// begin forgets what was timed by a clock that has jumped. What is bounded stays bounded.
func (s *State) begin(now time.Time) {
	s.began, s.heard, s.gap = now, time.Time{}, 0
	s.power, s.amps = pending[energy.Watts]{}, pending[energy.Amps]{}
	for name, o := range s.own {
		o.changed, o.roomy, o.raised = time.Time{}, time.Time{}, time.Time{}
		s.own[name] = o
	}
}

func isNumber(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
