package bound

import (
	"context"
	"math"
	"slices"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/pwl"
	"hearth/scheduler/internal/respond"
)

// Bounder computes bounds, keeping its working memory. It is not for concurrent use.
type Bounder struct {
	h      *home.Home
	in     [][]int
	imp    []float64 // kW, the most that can be imported in each slot
	exp    []float64
	weight []float64 // of each slot in its block's mean; 0 when it does not count
	block  []int

	power, on, back []float64 // what a device is charged in each slot
	segs            []pwl.Seg
	spans           [][2]int
	prices          respond.Prices
	memory          respond.Memory
	impCut, expCut  []float64
}

// New is a bounder for a home.
func New(h *home.Home) *Bounder {
	n := len(h.Slots)
	b := &Bounder{h: h, in: h.In(), imp: make([]float64, n), exp: make([]float64, n), weight: make([]float64, n), block: make([]int, n)}
	least, most := h.Reach()
	for t, s := range h.Slots {
		b.imp[t] = min(s.ImportLimit, max(most[t]+s.Curtailable, 0))
		b.exp[t] = min(s.ExportLimit, max(-least[t], 0))
	}
	if h.Peak.Price > 0 {
		for i, block := range h.Peak.Blocks {
			for t := block[0]; t < block[1]; t++ {
				b.weight[t], b.block[t] = h.Peak.Weight(block, t), i
			}
		}
	}
	b.power, b.on, b.back = make([]float64, n), make([]float64, n), make([]float64, n)
	b.impCut, b.expCut = make([]float64, n), make([]float64, n)
	return b
}

// Flows is the most that can be imported and exported in each slot.
func (b *Bounder) Flows() (imp, exp []float64) { return b.imp, b.exp }

// Weight is that of a slot in the mean of its block, and the block; 0 when the slot does not count.
func (b *Bounder) Weight(t int) (float64, int) { return b.weight[t], b.block[t] }

// Value is the bound of a point under limits, and each device's part of it: +Inf where a device can do
// nothing that is allowed. Slack is respond.Ask's. It is false when ctx has ended.
func (b *Bounder) Value(ctx context.Context, p *Point, l *home.Limits, slack float64) (value float64, parts []float64, ok bool) {
	value = b.shared(p, l)
	parts = make([]float64, len(b.h.Devices))
	for i := range b.h.Devices {
		if parts[i], ok = b.Device(ctx, i, p, l, slack, nil); !ok {
			return 0, nil, false
		}
		value += parts[i]
	}
	if slices.Contains(parts, home.Infinite) {
		value = home.Infinite // even where the peak's cost has no bottom
	}
	return value, parts, true
}

// shared is the bound without the devices' parts.
func (b *Bounder) shared(p *Point, l *home.Limits) float64 {
	h, sum := b.h, 0.0
	b.sumCuts(p)
	for q, cut := range p.Cuts {
		sum += p.Mu[q] * cut.Constant
	}
	for t, s := range h.Slots {
		imp, exp, curt := b.flowPrices(p, t)
		least := 0.0
		if !home.Is(l.NoImport, t) {
			least = min(least, imp*b.importLimit(t, l))
		}
		if !home.Is(l.NoExport, t) {
			least = min(least, exp*b.exp[t])
		}
		sum += least + min(0, curt*s.Curtailable) + p.Lambda[t]*s.Hours*h.Need[t]
	}
	for c, circuit := range h.Circuits {
		for t, s := range h.Slots {
			sum -= p.Nu[c][t] * s.Hours * circuit.Limit
		}
	}
	for k, tally := range l.Counts {
		if tally.IsLeast {
			sum += p.Rho[k] * float64(tally.Count)
		} else {
			sum -= p.Rho[k] * float64(tally.Count)
		}
	}
	return sum + b.peak(p, l)
}

// sumCuts adds up what cuts charge for import and export in each slot.
func (b *Bounder) sumCuts(p *Point) {
	for t := range b.impCut {
		b.impCut[t], b.expCut[t] = 0, 0
	}
	for q, cut := range p.Cuts {
		b.impCut[cut.Slot] += p.Mu[q] * cut.Import
		b.expCut[cut.Slot] += p.Mu[q] * cut.Export
	}
}

// flowPrices is what a kW of import, export and curtailment costs at a point; those of cuts are summed up.
func (b *Bounder) flowPrices(p *Point, t int) (imp, exp, curt float64) {
	s := b.h.Slots[t]
	curt = p.Lambda[t] * s.Hours
	imp = s.Buy*s.Hours - curt - b.impCut[t]
	if b.weight[t] > 0 {
		imp += p.Kappa[b.block[t]] * b.weight[t]
	}
	return imp, curt - s.Sell*s.Hours + b.expCut[t], curt
}

func (b *Bounder) importLimit(t int, l *home.Limits) float64 {
	if b.weight[t] > 0 && l.PeakHigh < home.Infinite {
		return min(b.imp[t], l.PeakHigh/b.weight[t])
	}
	return b.imp[t]
}

// peak is the least that the level of the peak can cost; infinite where the limits leave it none.
func (b *Bounder) peak(p *Point, l *home.Limits) float64 {
	k := b.h.Peak
	if k.Price == 0 {
		return 0
	}
	if l.PeakLow > max(k.SoFar, l.PeakHigh) {
		return home.Infinite
	}
	total := 0.0
	for _, v := range p.Kappa {
		total += v
	}
	at := func(level float64) float64 { return k.Price*(level-k.SoFar) - total*level }
	low := max(k.SoFar, l.PeakLow)
	least := at(low)
	if total > k.Price*(1+1e-12) {
		if math.IsInf(l.PeakHigh, 1) {
			return math.Inf(-1)
		}
		least = min(least, at(max(low, l.PeakHigh)))
	}
	return least
}

// point is how wide a single power is, kW: functions have no domain that is a point.
const point = 1e-9

// Device is the least that a device costs at a point under limits; it sets power, when that is not nil, to
// what the device then does.
func (b *Bounder) Device(ctx context.Context, i int, p *Point, l *home.Limits, slack float64, power []float64) (cost float64, ok bool) {
	b.charge(i, p, l)
	d, ask := b.h.Devices[i], respond.Ask{Slack: slack, Must: l.Must[i], IsStrict: true, Memory: &b.memory}
	b.segs, b.spans = b.segs[:0], b.spans[:0]
	for t := range b.h.Slots {
		begin := len(b.segs)
		least, most := d.Reach()
		from := 0.0
		if home.Is(l.MustNot[i], t) {
			most = 0
		}
		for _, bar := range l.Levels {
			switch {
			case bar.Device != i || bar.Slot != t:
			case bar.IsLeast:
				from, least = max(from, bar.Power), 0
			default:
				most = min(most, bar.Power)
			}
		}
		if least < 0 {
			b.segs = append(b.segs, pwl.Seg{X0: least, Y0: -b.back[t] * least})
		}
		if most > 0 && most >= from {
			from = max(from-point, 0) // just one power of a range may be left
			b.segs = append(b.segs, pwl.Seg{X0: from, Y0: b.on[t] + b.power[t]*from, X1: most, Y1: b.on[t] + b.power[t]*most})
		}
		b.spans = append(b.spans, [2]int{begin, len(b.segs)})
	}
	b.prices = b.prices[:0]
	for _, s := range b.spans {
		b.prices = append(b.prices, b.segs[s[0]:s[1]])
	}
	ask.Prices = b.prices
	if s, isShiftable := d.(*respond.Shiftable); isShiftable {
		return b.shiftable(ctx, *s, ask, l, i, power)
	}
	cost, _, ok = d.Respond(ctx, ask, power)
	return cost, ok
}

// charge sets what device i pays for a kW consumed, for being on and for a kW given back, in each slot.
func (b *Bounder) charge(i int, p *Point, l *home.Limits) {
	for t, s := range b.h.Slots {
		b.power[t] = p.Lambda[t] * s.Hours
		b.back[t], b.on[t] = -b.power[t], 0
		for _, c := range b.in[i] {
			b.power[t] += p.Nu[c][t] * s.Hours
		}
	}
	for q, cut := range p.Cuts {
		if p.Mu[q] == 0 {
			continue
		}
		for _, term := range cut.Terms {
			if term.Device == i {
				b.power[cut.Slot] += p.Mu[q] * term.Power
				b.on[cut.Slot] += p.Mu[q] * term.On
				b.back[cut.Slot] -= p.Mu[q] * term.Back
			}
		}
	}
	for k, tally := range l.Counts {
		if tally.Device != i {
			continue
		}
		rho := p.Rho[k]
		if tally.IsLeast {
			rho = -rho
		}
		for t := range tally.Slot {
			b.on[t] += rho
		}
	}
}

// shiftable is Device for one whose starts are limited.
func (b *Bounder) shiftable(ctx context.Context, s respond.Shiftable, ask respond.Ask, l *home.Limits, i int, power []float64) (float64, bool) {
	earned := 0.0
	switch {
	case !l.MayRun[i] && !l.MayRest[i]:
		return home.Infinite, true
	case !l.MayRun[i]:
		for t := range power {
			power[t] = 0
		}
		return 0, true
	case s.Optional && !l.MayRest[i]:
		s.Optional, earned = false, s.Value
	}
	s = s.Within(l.Starts[i][0], l.Starts[i][1])
	cost, _, ok := s.Respond(ctx, ask, power)
	return cost - earned, ok
}
