package respond

import (
	"math"
	"slices"

	"hearth/scheduler/internal/pwl"
)

// Memory is what a recursion works with. Devices that answer one after the other share one; its zero value is
// ready. It is not for concurrent use.
type Memory struct {
	machine          pwl.Machine
	segs             [2][]pwl.Seg  // the layers of even and of odd slots; a slot is made from the next one only
	pages            pages         // all layers, when a path will be asked for
	spans            [][2]int      // of each slot and mode in segs
	packed           [][]pwl.Point // of each slot and mode
	reached          []bool        // each slot and mode can be come to; of no meaning where slots are steps
	on, off          []pwl.Func
	one, two, moved  pwl.Func
	ahead            [2]pwl.Func
	charge, giveBack []offer
}

// offer is a piece of a slot's prices: the powers it stands for, and the move of the store.
type offer struct {
	pwl.Piece
	from, to float64 // kW at the ends of the piece
}

// recursion computes, from the last slot to the first, what is still to be paid as a function of what is
// stored, one function (layer) for each slot and mode of the switch.
//
// Modes: 0 has been off long enough, 1 on long enough; 2 on are on for 1, 2, ... steps of MinOn; then come off
// for 1, 2, ... steps of MinOff. A device without switching has mode 0 only, in which it may do both.
type recursion struct {
	*Store
	*Memory
	Ask
	low, high     float64
	out           pwl.Func // penalty outside the band, nil when strict
	minOn, minOff int
	startCost     float64
	isFree        bool
	modes, first  int
	room          int  // segments of a layer
	isKept        bool // all layers are, for a path
}

func (d *Store) begin(ask Ask, rigor Rigor, startPrice float64, isKept bool) *recursion {
	r := &recursion{Store: d, Memory: ask.Memory, Ask: ask, minOn: d.MinOn, minOff: d.MinOff, startCost: d.StartCost + startPrice}
	if r.Memory == nil {
		r.Memory = new(Memory)
	}
	if rigor == Loose {
		r.minOn, r.minOff = 1, 1
	}
	for most := max(maxLayers/(d.To-d.From), 2); r.minOn+r.minOff > most; { // days of hold times in tiny slots
		r.minOn, r.minOff = min(r.minOn, max(most-r.minOff, most/2)), min(r.minOff, most/2)
	}
	r.isFree = d.AlwaysOn || d.Switching.IsFree() && startPrice == 0
	r.low, r.high = d.band(rigor)
	r.out = d.penalty(r.low, r.high, rigor)
	r.modes = 1
	if !r.isFree {
		r.modes = r.minOn + r.minOff
		switch {
		case d.OnFor > 0 && d.From == 0:
			r.first = r.onMode(d.OnFor)
		case d.OffFor > 0:
			r.first = r.offMode(d.OffFor + d.Steps.At(d.From))
		}
	}
	r.room = crowded
	if layers := r.reach(); isKept {
		r.room = min(max(maxSegments/layers, simple), crowded)
	}
	r.segs[0], r.segs[1] = r.segs[0][:0], r.segs[1][:0]
	r.pages.reset()
	r.isKept = isKept
	n := (d.To - d.From + 1) * r.modes
	r.spans, r.packed = slices.Grow(r.spans[:0], n)[:n], slices.Grow(r.packed[:0], n)[:n]
	for len(r.on) < r.modes {
		r.on, r.off = append(r.on, nil), append(r.off, nil)
	}
	end := d.terminal(r.low, r.high, rigor)
	if r.out != nil {
		end = pwl.Add(nil, end, r.out)
	}
	for mode := range r.modes {
		r.keep(d.To, mode, end)
	}
	return r
}

// reach marks what can be come to, and says how many layers that makes. Where slots are steps all of them are
// made: only the first few of a mode never serve. Long slots pass most of a hold time over.
func (r *recursion) reach() (layers int) {
	if r.Steps == nil {
		return (r.To - r.From) * r.modes
	}
	n := (r.To - r.From + 1) * r.modes
	r.reached = slices.Grow(r.reached[:0], n)[:n]
	clear(r.reached)
	r.reached[r.first] = true
	for t := r.From; t < r.To; t++ {
		now, next := r.reached[(t-r.From)*r.modes:], r.reached[(t-r.From+1)*r.modes:]
		for mode := range r.modes {
			if !now[mode] {
				continue
			}
			layers++
			on, off := r.after(t, mode)
			if on >= 0 {
				next[on] = true
			}
			if off >= 0 {
				next[off] = true
			}
		}
	}
	return layers
}

// after is the modes after slot t of being on and of being off there; -1: it may not.
func (r *recursion) after(t, mode int) (on, off int) {
	steps := r.Steps.In(t)
	switch {
	case r.isFree:
		return 0, 0
	case mode == 0:
		return r.onMode(steps), 0
	case mode == 1:
		return 1, r.offMode(steps)
	case mode <= r.minOn:
		return r.onMode(mode - 1 + steps), -1
	}
	return -1, r.offMode(mode - r.minOn + steps)
}

// isReached says that a layer serves for anything.
func (r *recursion) isReached(t, mode int) bool {
	return r.Steps == nil || r.reached[(t-r.From)*r.modes+mode]
}

// onMode is the mode of having been on for j >= 1 steps.
func (r *recursion) onMode(j int) int {
	if j >= r.minOn {
		return 1
	}
	return 1 + j
}

// offMode is the mode of having been off for j >= 1 steps.
func (r *recursion) offMode(j int) int {
	if j >= r.minOff {
		return 0
	}
	return r.minOn + j
}

// layer is what is still to be paid before slot t, which is the last one that was made or the one after it.
func (r *recursion) layer(t, mode int) pwl.Func {
	s := r.spans[(t-r.From)*r.modes+mode]
	return r.segs[t&1][s[0]:s[1]]
}

// kept is a layer of any slot, in one of two places.
func (r *recursion) kept(place, t, mode int) pwl.Func {
	r.ahead[place] = pwl.Unpack(r.ahead[place][:0], r.packed[(t-r.From)*r.modes+mode])
	return r.ahead[place]
}

func (r *recursion) keep(t, mode int, f pwl.Func) {
	segs, k := &r.segs[t&1], (t-r.From)*r.modes+mode
	from := len(*segs)
	*segs = append(*segs, f...)
	r.spans[k] = [2]int{from, len(*segs)}
	if r.isKept {
		r.packed[k] = r.pages.add(f)
	}
}

// back computes the layers of slot t from those of slot t+1.
func (r *recursion) back(t int) {
	r.offers(t)
	r.segs[t&1] = r.segs[t&1][:0]
	mayRest := !r.must(t)
	if r.isFree {
		r.off[0] = r.best(r.off[0][:0], r.layer(t+1, 0), r.giveBack, mayRest)
		r.on[0] = r.best(r.on[0][:0], r.layer(t+1, 0), r.charge, false)
		r.finish(t, 0, r.off[0], r.on[0], 0)
		return
	}
	for mode := range r.modes {
		switch isOn := mode >= 1 && mode <= r.minOn; {
		case !r.isReached(t+1, mode):
		case isOn:
			r.on[mode] = r.best(r.on[mode][:0], r.layer(t+1, mode), r.charge, false)
		default:
			r.off[mode] = r.best(r.off[mode][:0], r.layer(t+1, mode), r.giveBack, mayRest)
		}
	}
	steps := r.Steps.In(t)
	r.finish(t, 0, r.off[0], r.on[r.onMode(steps)], r.startCost)
	r.finish(t, 1, r.on[1], r.off[r.offMode(steps)], 0)
	for j := 1; j < r.minOn; j++ {
		r.finish(t, r.onMode(j), r.on[r.onMode(j+steps)], nil, 0)
	}
	for j := 1; j < r.minOff; j++ {
		r.finish(t, r.offMode(j), r.off[r.offMode(j+steps)], nil, 0)
	}
}

// best is the least over the offers of what follows; with rest, doing nothing is an offer too.
func (r *recursion) best(dst, next pwl.Func, offers []offer, mayRest bool) pwl.Func {
	dst = dst[:0]
	if mayRest {
		dst = append(dst, next...)
	}
	for _, o := range offers {
		r.moved = r.machine.Slide(r.moved[:0], next, o.Piece)
		if len(dst) == 0 {
			dst = append(dst, r.moved...)
			continue
		}
		r.one = pwl.Lower(r.one[:0], dst, r.moved)
		dst, r.one = r.one, dst
	}
	return dst
}

// simple is the number of segments of a layer that is left alone; crowded is the one that is not tolerated
// when there is room: the layers that a path needs get maxSegments together, of 16 bytes each, or 32 after a jump.
const (
	simple      = 48
	crowded     = 2000
	maxSegments = 5 << 15
	maxLayers   = 1 << 19
)

// finish keeps the lower of two ways on, the second dearer by extra, as a function of the store before slot t.
func (r *recursion) finish(t, mode int, a, b pwl.Func, extra float64) {
	if !r.isReached(t, mode) {
		r.keep(t, mode, nil)
		return
	}
	r.two = r.two[:0]
	if len(b) == 0 {
		r.two = append(r.two, a...)
	} else {
		r.one = b.Moved(r.one[:0], 0, extra)
		r.two = pwl.Lower(r.two, a, r.one)
	}
	low, high := r.low, r.high
	if t == r.From {
		low, high = math.Inf(-1), math.Inf(1) // it may begin outside its band
	}
	r.one = r.two.Stretched(r.one[:0], r.Keeps(t), r.draw(t), low, high)
	if r.out != nil && t > r.From {
		r.two = pwl.Add(r.two[:0], r.one, r.out) // of the slot before, whose end this is
		r.one, r.two = r.two, r.one
	}
	for eps := r.Slack; len(r.one) > simple && eps > 0; eps *= 4 {
		r.two = pwl.Simplify(r.two[:0], r.one, eps)
		r.one, r.two = r.two, r.one
		if len(r.one) <= r.room {
			break
		}
	}
	r.keep(t, mode, r.one)
}

// offers cuts the prices of slot t into pieces of straight cost.
func (r *recursion) offers(t int) {
	r.charge, r.giveBack = r.charge[:0], r.giveBack[:0]
	for _, band := range r.Ranges {
		low := band[0]
		if !r.AlwaysOn && !r.Switching.IsFree() {
			low = max(low, min(r.Floor, band[1]))
		}
		r.charge = r.offer(r.charge, t, low, band[1], r.Gain[t], 0)
	}
	if r.Back > 0 && !r.must(t) {
		r.giveBack = r.offer(r.giveBack, t, -r.Back, 0, r.Spills(t), -r.BackCosts(t))
	}
}

// offer appends the pieces of powers from low to high, each kW moving the store by gain and costing extra.
func (r *recursion) offer(dst []offer, t int, low, high, gain, extra float64) []offer {
	before := len(dst)
	for _, s := range r.Prices[t] {
		from, to := max(s.X0, low), min(s.X1, high)
		if from >= to {
			continue
		}
		at := func(x float64) float64 { return s.Y0 + (x-s.X0)*(s.Y1-s.Y0)/(s.X1-s.X0) + extra*x }
		o := offer{pwl.Piece{From: gain * from, To: gain * to, CostFrom: at(from), CostTo: at(to)}, from, to}
		if gain == 0 && o.CostTo > o.CostFrom { // nothing moves: only the cheaper end is of use
			o.to, o.CostTo = o.from, o.CostFrom
		} else if gain == 0 {
			o.from, o.CostFrom = o.to, o.CostTo
		}
		dst = append(dst, o)
	}
	if y := r.Prices[t].At(low); low != 0 && len(dst) == before && !math.IsInf(y, 1) { // a fixed power, or all that is left; none is off
		y += extra * low
		dst = append(dst, offer{pwl.Piece{From: gain * low, To: gain * low, CostFrom: y, CostTo: y}, low, low})
	}
	return dst
}
