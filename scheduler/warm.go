package scheduler

import (
	"slices"

	"hearth/energy"
	"hearth/scheduler/internal/bound"
	"hearth/scheduler/internal/tree"
)

// warm is the earlier plan of the options in the words of the solver; nil when there is nothing to take over.
func (p *Problem) warm(o Options) *tree.Warm {
	old := o.Warm
	if old == nil || old.Grid.Step != p.Grid.Step || p.Grid.Start.Sub(old.Grid.Start)%p.Grid.Step != 0 {
		return nil
	}
	if isSame := old.Grid.Start.Equal(p.Grid.Start) && slices.Equal(old.Spans, p.Spans); !isSame && (old.Spans != nil || p.Spans != nil) {
		return nil // the slots of the two are not the same
	}
	shift := int(p.Grid.Start.Sub(old.Grid.Start) / p.Grid.Step)
	w := &tree.Warm{Budget: orDefault(o.Stickiness, DefaultStickiness), Exchange: orDefault(o.Exchange, DefaultExchange)}
	for _, d := range p.Devices {
		row, _ := old.Device(d.Name())
		w.Power = append(w.Power, shifted(inKilo(row.Power), shift, make([]float64, p.Slots())))
	}
	if old.prices != nil {
		w.Point = old.prices.shifted(p, shift)
		w.Excess = shifted(old.prices.excess, shift, make([]float64, p.Slots()))
		w.Keep = old.prices.gap + w.Budget
	}
	return w
}

// orDefault is an option that may be left out, or switched off by a negative value.
func orDefault(m, byDefault energy.Money) float64 {
	if m == 0 {
		m = byDefault
	}
	return max(m, 0).Float()
}

func inKilo(power []energy.Watts) []float64 {
	out := make([]float64, len(power))
	for t, w := range power {
		out[t] = float64(w) / kilo
	}
	return out
}

// shifted sets dst to the values from slot shift on; where there are none dst stays as it is.
func shifted(values []float64, shift int, dst []float64) []float64 {
	for t := range dst {
		if from := t + shift; from >= 0 && from < len(values) {
			dst[t] = values[from]
		}
	}
	return dst
}

// prices are what a plan was proven by, before its proof was split into a tree, with what is needed to use
// them for a later problem.
type prices struct {
	point    *bound.Point
	excess   []float64 // see bound.Bounder.Excess
	blocks   [][2]int
	circuits []string
	devices  []string
	gap      float64 // when the plan was found; it stays that of the search while a plan is kept
}

// shifted is the prices on the slots of a problem that begins so many slots later. Slots that are new get the
// price of import, what the problem does not know is left out.
func (old *prices) shifted(p *Problem, shift int) *bound.Point {
	h := p.home()
	point := bound.NewPoint(h)
	for t, s := range h.Slots {
		point.Lambda[t] = s.Buy
	}
	shifted(old.point.Lambda, shift, point.Lambda)
	for b, block := range h.Peak.Blocks {
		was := [2]int{block[0] + shift, block[1] + shift}
		if k := slices.Index(old.blocks, was); k >= 0 {
			point.Kappa[b] = old.point.Kappa[k]
		}
	}
	for c, circuit := range p.Circuits {
		if k := slices.Index(old.circuits, circuit.ID); k >= 0 {
			shifted(old.point.Nu[k], shift, point.Nu[c])
		}
	}
	index := make([]int, len(old.devices))
	for k, name := range old.devices {
		index[k] = slices.IndexFunc(p.Devices, func(d Device) bool { return d.Name() == name })
	}
	for q, cut := range old.point.Cuts {
		if cut.Slot -= shift; cut.Slot < 0 || cut.Slot >= len(h.Slots) {
			continue
		}
		terms := make([]bound.Term, 0, len(cut.Terms))
		for _, t := range cut.Terms {
			if t.Device = index[t.Device]; t.Device < 0 {
				continue
			}
			terms = append(terms, t)
		}
		cut.Terms = terms
		point.Cuts, point.Mu = append(point.Cuts, cut), append(point.Mu, old.point.Mu[q])
	}
	return point
}

// pricesOf is what a solve leaves for the next one; nil when it proved nothing.
func (p *Problem) pricesOf(found tree.Result, gap float64, old *Plan) *prices {
	if len(found.Tree) == 0 || found.Tree[0].Point == nil {
		return nil
	}
	out := &prices{point: found.Tree[0].Point, excess: found.Excess, blocks: p.peak().Blocks, gap: gap}
	if found.IsKept {
		out.gap = min(gap, old.prices.gap)
	}
	for _, c := range p.Circuits {
		out.circuits = append(out.circuits, c.ID)
	}
	for _, d := range p.Devices {
		out.devices = append(out.devices, d.Name())
	}
	return out
}
