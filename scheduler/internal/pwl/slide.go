package pwl

// Piece is a move along the axis: by any s in [From, To], at a cost that is straight between its values at
// the two ends.
type Piece struct{ From, To, CostFrom, CostTo float64 }

// Machine slides functions, keeping its working memory. The zero value is ready; it is not for concurrent use.
type Machine struct {
	ends, held, both Func
	minima           []minimum
}

type minimum struct{ x, w float64 }

// Slide appends to dst the least, over the moves s of a piece, of the cost of s and v at x+s:
//
//	u(x) = min over s in [From, To] of cost(s) + v(x+s)
//
// For a given x the best s is at an end of the piece, or leads to a local minimum of v(y) + r y, r being the
// slope of the cost; so u is the lowest of three functions: v moved by From, v moved by To, and for each local
// minimum a line of slope -r over the x that can reach it. A point wrongly taken for a minimum does no harm,
// it is a move like any other; one that is missed would make u too high. So the test for it is generous.
func (m *Machine) Slide(dst, v Func, p Piece) Func {
	if p.To-p.From < narrow {
		return v.Moved(dst, -p.From, min(p.CostFrom, p.CostTo))
	}
	m.both = v.Moved(m.both[:0], -p.From, p.CostFrom)
	m.held = v.Moved(m.held[:0], -p.To, p.CostTo)
	m.ends = Lower(m.ends[:0], m.both, m.held)
	r := (p.CostTo - p.CostFrom) / (p.To - p.From)
	m.findMinima(v, r)
	m.held = m.hold(m.held[:0], p, r)
	return Lower(dst, m.ends, m.held)
}

// flat is a slope (money per kWh) that may be rounding error of 0.
const flat = 1e-9

// findMinima lists the places where v(y) + r y may have a local minimum.
func (m *Machine) findMinima(v Func, r float64) {
	m.minima = m.minima[:0]
	for i, s := range v {
		slope := s.slope() + r
		joinsLeft := i > 0 && s.X0-v[i-1].X1 < narrow
		joinsRight := i+1 < len(v) && v[i+1].X0-s.X1 < narrow
		if slope >= -flat && (!joinsLeft || v[i-1].Y1 >= s.Y0-collide && (v[i-1].slope()+r <= flat || v[i-1].Y1 > s.Y0+collide)) {
			m.minima = append(m.minima, minimum{s.X0, s.Y0 + r*s.X0})
		}
		if slope <= flat && (!joinsRight || v[i+1].Y0 >= s.Y1-collide && (v[i+1].slope()+r >= -flat || v[i+1].Y0 > s.Y1+collide)) {
			m.minima = append(m.minima, minimum{s.X1, s.Y1 + r*s.X1})
		}
	}
}

// hold pushes, for each x, the lowest of the minima that some move of the piece leads to: a sliding window
// over points sorted by x, with a queue in which only those stand that are lower than all before them.
func (m *Machine) hold(dst Func, p Piece, r float64) Func {
	fixed := p.CostFrom - r*p.From
	emit := func(dst Func, q minimum, from, to float64) Func {
		return dst.push(Seg{from, q.w + fixed - r*from, to, q.w + fixed - r*to})
	}
	points := m.minima
	front, back := 0, 0 // the queue is points[front:back], overwritten in place behind the scan
	var x float64       // up to here everything is pushed
	for _, q := range points {
		enters := q.x - p.To
		for front < back && points[front].x-p.From <= enters {
			dst = emit(dst, points[front], x, points[front].x-p.From)
			x = points[front].x - p.From
			front++
		}
		if front < back {
			dst = emit(dst, points[front], x, enters)
		}
		x = enters
		for back > front && points[back-1].w >= q.w {
			back--
		}
		points[back] = q
		back++
	}
	for ; front < back; front++ {
		dst = emit(dst, points[front], x, points[front].x-p.From)
		x = points[front].x - p.From
	}
	return dst
}

// Best is the move of the piece that Slide takes at x, the first of equals counted from From, and what it
// costs together with v there; infinite when no move leads into v.
func Best(v Func, x float64, p Piece) (move, y float64) {
	move, y = p.From, p.CostFrom+v.At(x+p.From)
	if p.To-p.From < narrow {
		return move, min(p.CostFrom, p.CostTo) + v.At(x+p.From)
	}
	r := (p.CostTo - p.CostFrom) / (p.To - p.From)
	try := func(s, value float64) {
		s = min(max(s, p.From), p.To) // but for rounding it is between them
		if c := p.CostFrom + r*(s-p.From) + value; c < y-collide {
			move, y = s, c
		}
	}
	for i := v.after(x + p.From); i < len(v) && v[i].X0 <= x+p.To; i++ {
		if v[i].X0 >= x+p.From {
			try(v[i].X0-x, v[i].Y0)
		}
		if v[i].X1 <= x+p.To {
			try(v[i].X1-x, v[i].Y1)
		}
	}
	if c := p.CostTo + v.At(x+p.To); c < y-collide {
		move, y = p.To, c
	}
	return move, y
}
