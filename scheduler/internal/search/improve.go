package search

import (
	"context"
	"math/rand/v2"
	"slices"

	"hearth/scheduler/internal/pwl"
	"hearth/scheduler/internal/respond"
)

// blends are the shares of the shared price in the sweeps of a construction: early devices plan by it, as the
// later ones are not there yet; at last everybody sees what is left. The first is the one that makes fair
// first plans throughout; on flat tariffs the second is far better, on others worse.
var blends = [][]float64{{0.7, 0.4, 0.15, 0}, {0.97, 0.6, 0.3, 0, 0}, {0.6, 0.2, 0}}

// Construct makes a plan from nothing, or from a warm one.
func (s *State) Construct(ctx context.Context) { s.construct(ctx, blends[0]) }

func (s *State) construct(ctx context.Context, thetas []float64) {
	s.sweeps(ctx, thetas)
	s.finish(ctx)
}

// Resweep makes plans from the behaviour that devices show at the shared price.
func (s *State) Resweep(ctx context.Context, power [][]float64) {
	for _, thetas := range blends {
		s.putAll(power)
		s.construct(ctx, thetas)
	}
}

// Settle takes over powers that are nearly a plan: what they leave over is taken up by the devices that give
// back.
func (s *State) Settle(ctx context.Context, power [][]float64) {
	s.Begin(ctx, power, nil)
	for range 2 {
		for _, i := range s.giving() {
			s.respond(ctx, i, 0)
		}
	}
	s.finish(ctx)
}

// giving is the devices that can give back: they follow whatever the others do.
func (s *State) giving() (out []int) {
	for i, d := range s.Devices {
		if store, ok := d.(*respond.Store); ok && store.Back > 0 {
			out = append(out, i)
		}
	}
	return out
}

// Begin takes over powers that need not be a plan; nothing is kept of them. Devices that are not loose take the
// nearest powers that they can really have: a linear program's are off by a little dust. A nil loose: none is. The
// powers it returns change with the next call.
func (s *State) Begin(ctx context.Context, power [][]float64, loose []bool) [][]float64 {
	s.putAll(power)
	for i, d := range s.Devices {
		if store, ok := d.(*respond.Store); ok && store.AlwaysOn || loose != nil && loose[i] {
			continue
		}
		s.clean(ctx, i, power[i])
	}
	return s.power
}

// clean lets a device take what is nearest to powers.
func (s *State) clean(ctx context.Context, i int, to []float64) {
	const attraction = 10 // high prices of energy, for each kWh away
	least, most := s.Devices[i].Reach()
	s.segs, s.spans = s.segs[:0], s.spans[:0]
	for t, kW := range to {
		begin, price := len(s.segs), attraction*s.Scale*s.Slots[t].Hours
		if least < 0 {
			s.segs = kinked(s.segs, pwl.Seg{X0: least}, kW, price)
		}
		if most > 0 {
			s.segs = kinked(s.segs, pwl.Seg{X1: most}, kW, price)
		}
		s.spans = append(s.spans, [2]int{begin, len(s.segs)})
	}
	s.answers(ctx, i, s.sliced(), attraction*planSlack)
}

// Answer lets a device answer to the others, with theta of the shared price in what it sees, and returns its
// powers, which change with the next call.
func (s *State) Answer(ctx context.Context, i int, theta float64) []float64 {
	s.respond(ctx, i, theta)
	return s.power[i]
}

// Follow lets the devices that can give back answer to all others.
func (s *State) Follow(ctx context.Context) {
	for _, i := range s.giving() {
		s.respond(ctx, i, 0)
	}
}

// End keeps the plan when it is the best so far, and says so.
func (s *State) End(ctx context.Context) bool {
	before := s.best
	s.finish(ctx)
	return s.best.Less(before)
}

// Adopt begins with the plan of an earlier search.
func (s *State) Adopt(power [][]float64) {
	s.putAll(power)
	s.keep()
}

// sweeps lets every device answer in turn, once for each theta.
func (s *State) sweeps(ctx context.Context, thetas []float64) {
	for _, theta := range thetas {
		for _, i := range s.Order {
			s.respond(ctx, i, theta)
		}
	}
}

// finish ends a plan: what leans over a limit is pushed back by what gives way first, then everybody takes
// up what is left.
func (s *State) finish(ctx context.Context) {
	if s.isOver() {
		s.isHard = true
		for range 2 {
			for _, i := range s.Order {
				s.respond(ctx, i, 0)
			}
		}
		s.isHard = false
	}
	if ctx.Err() == nil {
		s.keep()
	}
}

// isOver says that a limit of import or a circuit is exceeded.
func (s *State) isOver() bool {
	const slip = 1e-6 // kW
	for t, x := range s.need {
		if x > s.Slots[t].ImportLimit+slip {
			return true
		}
	}
	for c, load := range s.load {
		for _, x := range load {
			if x > s.Circuits[c].Limit+slip {
				return true
			}
		}
	}
	return false
}

// Levels looks for the peak that is worth its price: the plan is made anew under two lower ones.
func (s *State) Levels(ctx context.Context) {
	if s.Peak.Price == 0 {
		return
	}
	top := s.top()
	for _, part := range []float64{0.4, 0.15} {
		s.under(ctx, s.Peak.SoFar+part*(top-s.Peak.SoFar))
	}
}

// Squeeze holds the best plan under other peaks, at first so much higher and lower.
func (s *State) Squeeze(ctx context.Context, part float64) {
	if s.Peak.Price == 0 {
		return
	}
	for ; part > 0.02 && ctx.Err() == nil; part /= 2 {
		for _, factor := range []float64{1 - part, 1 + part} {
			s.putAll(s.bestPower)
			s.under(ctx, s.top()*factor)
		}
	}
	s.putAll(s.bestPower)
	s.Level(s.top())
}

// under makes a plan with its peak held down to a power.
func (s *State) under(ctx context.Context, kW float64) {
	s.Level(kW)
	s.sweeps(ctx, []float64{0, 0})
	s.finish(ctx)
}

// Level makes import above a power as dear as the peak's price: a plan is then made under about that peak.
func (s *State) Level(kW float64) {
	s.extra.Level, s.extra.Peak = max(kW, s.Peak.SoFar), s.Peak.Price
	s.curve()
}

// Top is the level of the best plan's peak, but for what is imported only because that is paid for.
func (s *State) Top() float64 {
	need := slices.Clone(s.Need)
	for _, row := range s.bestPower {
		for t, kW := range row {
			need[t] += kW
		}
	}
	return s.topOf(need)
}

// top is the peak of the plan.
func (s *State) top() float64 { return s.topOf(s.need) }

func (s *State) topOf(need []float64) float64 {
	top := s.Peak.SoFar
	for _, b := range s.Peak.Blocks {
		sum := 0.0
		for t := b[0]; t < b[1]; t++ {
			sum += max(need[t], 0) * s.Peak.Weight(b, t)
		}
		top = max(top, sum)
	}
	return top
}

// Tear takes a few devices out of the best plan and lets them answer anew in another order and with another
// share of the shared price, then all of them to what is left.
func (s *State) Tear(ctx context.Context, random *rand.Rand) {
	s.putAll(s.bestPower)
	if s.Peak.Price > 0 && random.IntN(3) == 0 {
		s.Level(s.top() * (0.8 + 0.25*random.Float64()))
	}
	n := len(s.Devices)
	torn := random.Perm(n)[:min(1+random.IntN(2+n/5), n)]
	for _, i := range torn {
		s.put(i, s.rest)
	}
	theta := []float64{0, 0.3, 0.6, 0.9}[random.IntN(4)]
	for _, i := range torn {
		s.respond(ctx, i, theta)
	}
	random.Shuffle(len(torn), func(a, b int) { torn[a], torn[b] = torn[b], torn[a] })
	for _, i := range torn {
		s.respond(ctx, i, 0)
	}
	for _, i := range s.giving() {
		if !slices.Contains(torn, i) {
			s.respond(ctx, i, 0)
		}
	}
	s.finish(ctx)
}
