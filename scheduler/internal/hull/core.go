package hull

import "math"

const (
	// many is how many parts there can be in the hull, and in a cut.
	many = 8
	// atWork is the least sum of powers (kW) and share of being on that is not nothing.
	atWork = 1e-6
	// affordable is how many combinations of choices a hull may have: a search through them takes 0.1 ms.
	affordable = 1 << 13
)

// choose sets the core, the parts that are in the hull: those at work at the point, the largest first where
// they are too many, and idle ones whose absence would make cuts weaker at the point. The others become
// something that adds to the net need, and gives back at the steepest slope, as it likes; so does, of the core
// in a classical hull, what gives back.
func (s *Separator) choose(parts []Part) {
	s.isCore = append(s.isCore[:0], make([]bool, len(parts))...)
	isRising, isTight := s.supply.isRising(parts), s.supply.isTight(parts)
	combinations := 1
	for range min(len(parts), many) {
		next, size := -1, -1.0
		for i := range parts {
			p := &parts[i]
			if s.isCore[i] || s.IsClassical && p.IsFree || combinations*p.options() > affordable {
				continue
			}
			// That an idle part might consume takes nothing from a cut when consuming never helps. That it
			// might give back takes something when that makes room below the import limit.
			isNothing := isRising && (p.Back <= 0 || !isTight)
			if at := p.Power + p.Given + p.On; at > size && (at >= atWork || !isNothing) {
				next, size = i, at
			}
		}
		if next < 0 {
			break
		}
		s.isCore[next] = true
		combinations *= parts[next].options()
	}
	s.core, s.index = s.core[:0], s.index[:0]
	for i, p := range parts {
		if !s.isCore[i] || s.IsClassical {
			s.supply.beyond += max(p.Back, 0)
			p.Back = 0
		}
		if s.isCore[i] {
			s.core, s.index = append(s.core, p), append(s.index, i)
		} else {
			s.supply.wide += p.highest()
		}
	}
}

// lift puts parts that were left out of the hull into the cut, one after the other: with the steepest slope
// for their power, being on gets the greatest term with which the constant still holds.
func (s *Separator) lift(parts []Part, constant float64) {
	for i := 0; i < len(parts) && len(s.core) < many; i++ {
		if high := parts[i].highest(); !s.isCore[i] && !parts[i].IsFree && high > 0 {
			s.liftOne(i, parts[i], high, constant)
		}
	}
}

// liftOne lifts part i, unless it would have no weight at its highest power.
func (s *Separator) liftOne(i int, p Part, high, constant float64) {
	b, slope := &s.best, s.supply.steepest()
	if p.isFixed() {
		slope = 0
	}
	p.Back = 0 // what it gives back keeps the steepest slope, and what it consumes may be added once more
	s.core, s.index = append(s.core, p), append(s.index, i)
	b.power, b.on, b.back = append(b.power, slope), append(b.on, 0), append(b.back, 0)
	s.pricer.build(&s.supply, s.core)
	n := len(s.core) - 1
	s.pricer.forced = n + 1
	on := s.pricer.cheapest(b, affordable) - constant
	s.pricer.forced = 0
	if on+slope*high > 0 {
		b.on[n] = min(on, steps*s.supply.scale()*high) // on is infinite where being on is never legal
		return
	}
	s.core, s.index = s.core[:n], s.index[:n]
	b.power, b.on, b.back = b.power[:n], b.on[:n], b.back[:n]
}

// finish makes the cut from the best terms. Its constant is that of all the parts: of those outside the hull
// it may be greater than the one found with them as something that does what it likes.
func (s *Separator) finish(parts []Part, left, constant float64) Cut {
	c := &s.cut
	n := len(parts)
	c.Power, c.On, c.Back = zeros(c.Power, n), zeros(c.On, n), zeros(c.Back, n)
	for i := range parts {
		if parts[i].Back > 0 {
			c.Back[i] = s.supply.steepest()
		}
	}
	for k, i := range s.index {
		c.Power[i], c.On[i] = s.best.power[k], s.best.on[k]
		if s.core[k].Back > 0 {
			c.Back[i] = s.best.back[k]
		}
	}
	c.Constant = constant
	if s.supply.beyond > 0 || len(s.core) < n {
		s.pricer.build(&s.whole, parts)
		if exact := s.pricer.cheapest(&terms{c.Power, c.On, c.Back}, affordable); !math.IsInf(exact, 0) {
			c.Constant = exact
		}
	}
	c.Violation = c.Constant - left
	for i, p := range parts {
		c.Violation += c.Power[i]*p.Power + c.On[i]*p.On - c.Back[i]*p.Given
	}
	return *c
}
