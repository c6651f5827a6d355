package lp

// waypoint is an iterate on the way to a solution that is still well inside the box. It is a better place to begin
// again than the solution itself: from a point that has every bound it touches at hand, no step leads far once the
// model has changed.
type waypoint struct {
	x, y []float64 // by column and by row of the model
	mu   float64
}

// wayGap is the gap, relative to the size of cost and bound, at which a waypoint is taken.
const wayGap = 0.1

// keepWaypoint takes the iterate as the waypoint.
func (s *Solver) keepWaypoint(m *Model, w *waypoint) {
	c, p := &s.core, &s.presolve
	w.x, w.y = make([]float64, len(m.cost)), make([]float64, len(m.rowLow))
	for j := range w.x {
		if p.isFixed[j] {
			w.x[j] = p.value[j]
		} else {
			w.x[j] = s.interior.x[c.column[j]]
		}
	}
	for i, source := range c.source {
		if source >= 0 {
			w.y[source] = s.interior.y[i]
		}
	}
	p.undo(m, w.y)
	w.mu = s.interior.mu
}

// resume begins at the waypoint of a solution, if there is one and it fits the model.
func (s *Solver) resume(m *Model, warm *Solution) bool {
	if warm == nil || warm.way.x == nil || len(warm.way.x) != len(m.cost) || len(warm.way.y) > len(m.rowLow) {
		return false
	}
	w, c, p := &warm.way, &s.core, &s.interior
	for j, k := range c.column {
		if k < 0 {
			continue
		}
		for copy := range c.copies[j] {
			p.x[k+copy] = w.x[j]
		}
	}
	for i, source := range c.source {
		p.y[i] = 0
		if source >= 0 && int(source) < len(w.y) {
			p.y[i] = w.y[source]
		}
	}
	p.resume(w.mu)
	return true
}
