package scheduler

import (
	"math"
	"slices"
)

// stored is a device that stores energy (kWh), in the form that all three kinds have in common. Of x stored
// before slot t there is keep[t] x - draw[t] + what the slot's move stores after it, and that lies in
// [low, high].
type stored struct {
	low, high, initial float64
	endLow             float64 // the least at the end
	value              float64 // money per kWh at the end
	keep, draw         []float64
	on, off            [][]segment // the moves of being on, and of not, in each slot
	holding            holding
}

// slipOf widens a store's band, in parts of the greatest energy about: without it, rounding could put what a
// device can just do out of its reach. It must be more than the rounding of a sum over all slots, and costs
// the bound about as much as that energy is worth.
const slipOf = 1e-9

// A curve of at most exactPieces segments is kept, but for what fineSlack gives up: it joins the parts
// that crossings a rounding apart leave. A longer one (a tank with a fixed power has as many steps as there
// are sums of prices) is replaced by one below it, with the least slack that halving finds. Slack is in parts
// of all that the device can cost. It is given up once a slot at the most, and in the end far less is lost.
const (
	exactPieces = 20_000
	manyPieces  = 200
	fineSlack   = 1e-14
	coarseSlack = 1e-11
)

// moves are what can be done in slot t: a kW consumed stores gain kWh, a kW given back takes spill kWh and
// costs wear.
func (r reach) moves(t int, gain, spill, wear float64, due tolls) (on, off []segment) {
	for _, b := range r.bands {
		low, high := b[0], b[1]
		on = append(on, segmentOf(gain*low, due.consumed[t]*low+due.on[t], gain*high, due.consumed[t]*high+due.on[t]))
	}
	off = []segment{{}}
	if r.back > 0 {
		off[0] = segmentOf(-spill*r.back, (wear+due.back[t])*r.back, 0, 0)
	}
	return on, off
}

func (v *verifier) vehicle(d Vehicle, f freedom, due tolls) *stored {
	s := v.emptyStore()
	s.low, s.initial = kilos(d.EnergyMin), kilos(d.EnergyInitial)
	s.high = kilos(d.EnergyInitial + d.Room)
	s.endLow = kilos(d.EnergyInitial + d.Required)
	s.holding = holding{"", 1, 1, nil, d.StartCost, d.OnFor, d.OffFor, false}
	for t := range s.keep {
		h := v.slotHours(t)
		s.on[t], s.off[t] = f.within(t, v.vehicleReach(d, t)).moves(t, h*d.ChargeEfficiency, h/d.givesBack(), h*d.Wear.Float(), due)
	}
	return s
}

func (v *verifier) battery(d Battery, f freedom, due tolls) *stored {
	s := v.emptyStore()
	s.low, s.high, s.initial = kilos(d.EnergyMin), kilos(d.EnergyMax), kilos(d.EnergyInitial)
	s.endLow, s.value = s.low, d.TerminalValue.Float()
	for t := range s.keep {
		h := v.slotHours(t)
		s.on[t], s.off[t] = f.within(t, batteryReach(d)).moves(t, h*d.ChargeEfficiency, h/d.DischargeEfficiency, h*d.Wear.Float(), due)
	}
	return s
}

func (v *verifier) thermal(d Thermal, f freedom, due tolls) *stored {
	s := v.emptyStore()
	s.low, s.high, s.initial = kilos(d.EnergyMin), kilos(d.EnergyMax), kilos(d.EnergyInitial)
	s.endLow, s.value = s.low, d.TerminalValue.Float()
	s.holding = holding{"", d.MinOn, d.MinOff, d.MaxStarts, d.StartCost, d.OnFor, d.OffFor, true}
	for t := range s.keep {
		h := v.slotHours(t)
		old, even := compound(math.Pow(1-d.LossPerHour, v.problem.Grid.Step.Hours()), v.problem.span(t))
		s.keep[t], s.draw[t] = old, even*kilos(d.Draw[t])
		s.on[t], s.off[t] = f.within(t, thermalReach(d)).moves(t, h*d.COP[t]*even, 0, 0, due)
	}
	return s
}

// emptyStore loses nothing, and nothing is drawn from it.
func (v *verifier) emptyStore() *stored {
	n := v.slots
	return &stored{
		keep: slices.Repeat([]float64{1}, n), draw: make([]float64, n),
		on: make([][]segment, n), off: make([][]segment, n),
	}
}

// widened is the store with a band widened by the slip, and cut to what it can come to at all: one that was
// only meant to be no limit must not make the slip a great one.
func (s *stored) widened() *stored {
	low, high := min(s.initial, 0), max(s.initial, 0)
	greatest := max(-low, high)
	for t, draw := range s.draw {
		least, most := 0.0, 0.0
		for _, m := range slices.Concat(s.on[t], s.off[t]) {
			least, most = min(least, m.x0), max(most, m.x1)
		}
		low, high = low+least-max(draw, 0), high+most-min(draw, 0)
		greatest = max(greatest, -least, most, math.Abs(draw))
	}
	w := *s
	w.low, w.high = max(s.low, low), min(s.high, high)
	slip := slipOf * max(greatest, math.Abs(w.low), math.Abs(w.high))
	w.low, w.high, w.endLow = w.low-slip, w.high+slip, s.endLow-slip
	return &w
}

// end is what is earned with the energy left at the end, as a cost; nowhere, when none is enough.
func (s *stored) end() curve {
	low, high := max(s.low, s.endLow), s.high
	if low > high {
		return nil
	}
	return curve{segmentOf(low, -s.value*low, high, -s.value*high)}
}

// leastStored is the least cost of a store. From the last slot back it keeps, for every state the device may
// be in, the least cost of the rest as a curve over the energy stored; that of slot 0 is read at what is
// stored now, be that within the band or not.
func (v *verifier) leastStored(s *stored, f freedom) float64 {
	s = s.widened()
	states := v.statesOf(s.holding)
	next := make([]curve, len(states))
	for i := range next {
		next[i] = s.end()
	}
	gross, slack := s.gross(), 0.0
	for t := v.slots - 1; t >= 0; t-- {
		next = s.before(t, v.problem.span(t), states, next, f)
		for i, c := range next {
			c = c.before(s.keep[t], s.draw[t])
			if t > 0 {
				c = c.clipped(s.low, s.high)
			}
			next[i], slack = c.short(gross, slack)
		}
	}
	return next[0].at(s.initial)
}

// before is the least cost from slot t on, over what is left after the slot's losses: for each state, that of
// its ways through the slot.
func (s *stored) before(t, span int, states []holdState, next []curve, f freedom) []curve {
	on, off := make([]curve, len(states)), make([]curve, len(states)) // by the state they lead to
	now := make([]curve, len(states))
	for i, from := range states {
		for _, a := range from.arcs[span] {
			moved := off
			if a.isOn {
				moved = on
			}
			switch {
			case moved[a.to] != nil:
			case a.isOn && f.mayBeOn(t):
				moved[a.to] = next[a.to].moved(s.on[t])
			case !a.isOn && f.mayRest(t):
				moved[a.to] = next[a.to].moved(s.off[t])
			}
			c := moved[a.to]
			if a.cost != 0 {
				c = c.raised(a.cost)
			}
			now[i] = lower(now[i], c)
		}
	}
	return now
}

// gross is about the most that the moves and the end can cost or earn, each counted as positive.
func (s *stored) gross() float64 {
	sum := 0.0
	for _, e := range s.widened().end() {
		sum = max(math.Abs(e.y0), math.Abs(e.y1))
	}
	for t := range s.keep {
		most := s.holding.startCost.Float()
		for _, m := range slices.Concat(s.on[t], s.off[t]) {
			most = max(most, math.Abs(m.y0)+s.holding.startCost.Float(), math.Abs(m.y1)+s.holding.startCost.Float())
		}
		sum += most
	}
	return sum
}

// short is the curve, or one not above it that has few enough segments, and the slack that took. It begins
// with a quarter of the slack that the slot after it needed. See [exactPieces].
func (c curve) short(gross, slack float64) (curve, float64) {
	if len(c) > manyPieces {
		c = c.under(fineSlack * gross)
	}
	if len(c) <= exactPieces {
		return c, slack
	}
	full := c
	for slack = max(slack/4, coarseSlack*gross); ; slack *= 2 {
		if c = full.under(slack); len(c) <= exactPieces || slack > gross { // then there are as many gaps
			return c, slack
		}
	}
}
