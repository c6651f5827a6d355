package hull

import (
	"math"
	"slices"
)

const (
	// steps is by how much coefficients of kW may exceed the steepest slope of left. Facets go beyond the
	// slopes only where limits bind, and those are better left to the limits.
	steps = 4
	// inward is by how much the point is moved into the hull before the search. Points of relaxations lie on
	// many faces at once; this chooses among the cuts that are equally broken one that is also good nearby.
	// On random points it raises what a cut is worth 15 % away from 94 to 97 % of the best cut there; more than
	// this gains nothing.
	inward = 1e-6
	// rounds is how often the cheapest point may be asked for; most separations ask 3 to 20 times.
	rounds = 60
	// pivots bounds the steps of the simplex method in a round.
	pivots = 200
	// fallback is the Tolerance of a Separator that says none.
	fallback = 1e-4
)

// Separator finds cuts. Its zero value is ready; it keeps its memory, so that calls after the first few do
// not allocate. It must not be used by two goroutines at once.
type Separator struct {
	// Tolerance is the least violation worth a cut, in units of left; 0 means 1e-4.
	Tolerance float64
	// IsClassical keeps giving back out of the hull: every part has the steepest slope of left as its Back,
	// and free parts have no Power. Such a cut costs less to find and is weaker where something gives back.
	IsClassical bool

	whole  supply // as it is given
	supply supply // with the parts outside the hull
	core   []Part // what is in the hull
	index  []int  // of each core part among the parts
	isCore []bool // of all parts
	pricer pricer

	coordinates []coordinate
	master      master
	sums        []float64 // of the net powers of each point of the master
	old         layout    // what the points of the master are about
	terms, best terms
	at          terms // powers of a found point
	cut         Cut
}

// coordinate is one of a core part's variables. Its value in the hull is in kW: an on-indicator counts as
// much as the part can take.
type coordinate struct {
	part  int
	kind  kind
	scale float64
}

type kind int

const (
	consumed kind = iota
	switchedOn
	givenBack
)

// Separate returns the cut that the point of the parts breaks most, given the left side at that point, or
// false when none is broken by more than the tolerance. Devices that are not among the parts may
// add any net power from restLow to restHigh, kW. The coefficients are bounded: per kW by a few times the
// steepest slope of left.
//
// The slices of the cut belong to the separator and are good until its next call.
func (s *Separator) Separate(slot Slot, parts []Part, left, restLow, restHigh float64) (Cut, bool) {
	s.whole = supplyOf(slot, restLow, restHigh)
	s.supply = s.whole
	s.choose(parts)
	s.pricer.build(&s.supply, s.core)
	// What is given back by parts that have no coordinate for it is on the left side of the cut.
	inside := left + s.supply.steepest()*s.givenOutside(parts)
	tolerance := s.Tolerance
	if tolerance == 0 {
		tolerance = fallback
	}
	if s.isStraight(inside, tolerance) {
		return Cut{}, false
	}
	s.place()
	constant, violation := s.search(inside, tolerance)
	if violation <= tolerance {
		return Cut{}, false
	}
	s.lift(parts, constant)
	cut := s.finish(parts, left, constant)
	return cut, cut.Violation > tolerance
}

// isStraight says that there is nothing to cut: all that can come about is on one straight piece of the
// curve, and the point does not lie below that.
func (s *Separator) isStraight(left, tolerance float64) bool {
	c := &s.pricer.curve
	if len(c.stretches) == 0 {
		return true // or nothing is legal
	}
	x := s.supply.need
	for i := range s.core {
		x += s.core[i].Power - s.core[i].Given
	}
	return c.isWhole && len(c.knots) <= 2 && left >= s.supply.at(x)-tolerance
}

// givenOutside is what parts give back at the point without having a coordinate for it, kW.
func (s *Separator) givenOutside(parts []Part) float64 {
	given := 0.0
	for i := range parts {
		given += parts[i].Given
	}
	for i := range s.core {
		if s.core[i].Back > 0 {
			given -= s.core[i].Given
		}
	}
	return given
}

// place sets the coordinates and the point in them, as the master's target, and keeps the points of the last
// call if they are about the same.
func (s *Separator) place() {
	s.coordinates = s.coordinates[:0]
	m := &s.master
	m.target = m.target[:0]
	add := func(part int, k kind, scale, value, middle float64) {
		s.coordinates = append(s.coordinates, coordinate{part, k, scale})
		m.target = append(m.target, value+inward*(middle-value))
	}
	for i := range s.core {
		p := &s.core[i]
		high := p.highest()
		if high > 0 && !p.isFixed() {
			add(i, consumed, 1, p.Power, high/3)
		}
		if high > 0 && !p.IsFree {
			add(i, switchedOn, high, p.On*high, high/2)
		}
		if p.Back > 0 {
			add(i, givenBack, 1, p.Given, p.Back/4)
		}
	}
	m.bound = steps * s.supply.scale()
	s.terms.resize(len(s.core))
	s.best.resize(len(s.core))
	s.at.resize(len(s.core))
	s.keepPoints()
}

// search finds the terms that are broken most, which it leaves in s.best, with their constant and by how much
// they are broken. Each round is one of column generation: the master's multipliers are terms, whose true
// constant belongs to the cheapest legal point; when the master knew that point already they are the best.
func (s *Separator) search(left, tolerance float64) (constant, violation float64) {
	m := &s.master
	violation = math.Inf(-1)
	if len(m.costs) == 0 {
		s.pricer.cheapest(&s.terms, most) // without terms yet: any legal point
		s.addFound()
	}
	if len(m.costs) == 0 {
		return 0, violation
	}
	m.start()
	for range rounds {
		m.improve(pivots)
		if m.value() <= left+tolerance/2 {
			break
		}
		s.setTerms()
		c := s.pricer.cheapest(&s.terms, most)
		if v := c + s.worth() - left; v > violation {
			constant, violation = c, v
			s.terms, s.best = s.best, s.terms
		}
		if c >= m.price[m.n]-priceLeast*m.bound*float64(m.n+1) {
			break
		}
		s.addFound()
	}
	return constant, violation
}

// setTerms takes the terms from the master's multipliers.
func (s *Separator) setTerms() {
	for r, c := range s.coordinates {
		p := s.master.price[r]
		if math.Abs(p) <= priceLeast*s.master.bound {
			p = 0
		}
		switch c.kind {
		case consumed:
			s.terms.power[c.part] = p
		case switchedOn:
			s.terms.on[c.part] = p * c.scale
		case givenBack:
			s.terms.back[c.part] = -p
		}
	}
}

// worth is what the terms give at the point.
func (s *Separator) worth() float64 {
	v := 0.0
	for i := range s.core {
		p := &s.core[i]
		v += s.terms.power[i]*p.Power + s.terms.on[i]*p.On - s.terms.back[i]*p.Given
	}
	return v
}

// addFound gives the points of the last search to the master.
func (s *Separator) addFound() {
	for k := range s.pricer.found {
		sum := s.pricer.point(&s.pricer.found[k], &s.at)
		s.sums = append(s.sums, sum)
		point := s.master.add(s.supply.at(s.supply.need + sum))
		for r, c := range s.coordinates {
			switch c.kind {
			case consumed:
				point[r] = s.at.power[c.part]
			case switchedOn:
				point[r] = s.at.on[c.part] * c.scale
			case givenBack:
				point[r] = s.at.back[c.part]
			}
		}
	}
}

// layout is what makes points of two calls comparable: their coordinates and what the parts can do.
type layout struct {
	coordinates []coordinate
	choices     []choice
	segments    []segment
}

// keepPoints makes the master ready with the points that were in its last basis, as far as the core is the
// same and they are legal; their costs are new. That halves the work when the same parts come slot after slot.
func (s *Separator) keepPoints() {
	m, p := &s.master, &s.pricer.model
	isSame := slices.Equal(s.old.coordinates, s.coordinates) && slices.Equal(s.old.choices, p.choices) && slices.Equal(s.old.segments, p.segments)
	k := 0
	if isSame {
		slices.Sort(m.basis)
		for _, b := range m.basis {
			if b < 0 || !s.supply.isLegal(s.supply.need+s.sums[b]) {
				continue
			}
			copy(m.points[k*m.n:], m.points[b*m.n:][:m.n])
			s.sums[k], m.costs[k] = s.sums[b], s.supply.at(s.supply.need+s.sums[b])
			k++
		}
	}
	m.keep(len(s.coordinates), k)
	s.sums = s.sums[:k]
	s.old.coordinates = append(s.old.coordinates[:0], s.coordinates...)
	s.old.choices = append(s.old.choices[:0], p.choices...)
	s.old.segments = append(s.old.segments[:0], p.segments...)
}
