package hull

// segment is a stretch of net power that a part may move along while a choice of it holds.
type segment struct {
	part   int
	isBack bool // it is what the part gives back, counted from all of it down to nothing
	width  float64
}

// choice is one of the things a part may do: be off, be on in a band, give back or charge. Its net power is
// low plus anything up to the widths of its segments.
type choice struct {
	isOn     bool
	low      float64
	segments [2]int // -1: none
}

// menu is the choices of a part: a range of model.choices. A free part that can consume and give back has
// three: both together (which is right only where giving back is worth no less than consuming), consuming,
// giving back.
type menu struct {
	from, to int
	isBoth   bool
}

// model is the parts as choices and segments, in the order of the parts.
type model struct {
	menus    []menu
	choices  []choice
	segments []segment
	// low and high are the least and the greatest sum of net powers.
	low, high float64
}

// build makes the model of parts.
func (m *model) build(parts []Part) {
	m.menus, m.choices, m.segments = m.menus[:0], m.choices[:0], m.segments[:0]
	m.low, m.high = 0, 0
	for i := range parts {
		p := &parts[i]
		from := len(m.choices)
		if p.IsFree {
			m.free(i, p)
		} else {
			m.switched(i, p)
		}
		m.menus = append(m.menus, menu{from, len(m.choices), p.IsFree && p.Back > 0 && p.highest() > 0})
		m.low -= max(p.Back, 0)
		m.high += p.highest()
	}
}

// switched adds the choices of a part with an on-indicator.
func (m *model) switched(i int, p *Part) {
	if p.Back > 0 { // being off is giving back nothing
		m.choices = append(m.choices, choice{low: -p.Back, segments: [2]int{m.segment(i, true, p.Back), -1}})
	} else {
		m.choices = append(m.choices, choice{segments: [2]int{-1, -1}})
	}
	for b := range p.Bands {
		low, high := p.band(b)
		if high <= 0 || p.isCovered(b) {
			continue
		}
		m.choices = append(m.choices, choice{true, low, [2]int{m.segment(i, false, high-low), -1}})
	}
}

// free adds the choices of a part without an on-indicator.
func (m *model) free(i int, p *Part) {
	high, back := p.highest(), max(p.Back, 0)
	give, take := m.segment(i, true, back), m.segment(i, false, high)
	if high > 0 && back > 0 {
		m.choices = append(m.choices, choice{low: -back, segments: [2]int{give, take}})
	}
	if high > 0 || back == 0 {
		m.choices = append(m.choices, choice{segments: [2]int{take, -1}})
	}
	if back > 0 {
		m.choices = append(m.choices, choice{low: -back, segments: [2]int{give, -1}})
	}
}

// segment adds one, unless it is a point, and returns its index or -1.
func (m *model) segment(part int, isBack bool, width float64) int {
	if width <= 0 {
		return -1
	}
	m.segments = append(m.segments, segment{part, isBack, width})
	return len(m.segments) - 1
}

// band is the b-th band, none of it below 0.
func (p *Part) band(b int) (low, high float64) { return max(p.Bands[b][0], 0), p.Bands[b][1] }

// highest is the most the part can consume, kW.
func (p *Part) highest() float64 {
	high := 0.0
	for b := range p.Bands {
		high = max(high, p.Bands[b][1])
	}
	return high
}

// options is how many choices the part has, at most.
func (p *Part) options() int {
	if p.IsFree {
		return 2
	}
	return 1 + len(p.Bands)
}

// isFixed says that the part has one power while it is on, so that its power is its indicator times that.
func (p *Part) isFixed() bool {
	if p.IsFree {
		return false
	}
	high := p.highest()
	for b := range p.Bands {
		if low, top := p.band(b); top > 0 && low != high {
			return false
		}
	}
	return high > 0
}

// isCovered says that another band holds all of the b-th; of equal ones the first counts.
func (p *Part) isCovered(b int) bool {
	low, high := p.band(b)
	for o := range p.Bands {
		l, h := p.band(o)
		if o != b && l <= low && high <= h && (l < low || high < h || o < b) {
			return true
		}
	}
	return false
}
