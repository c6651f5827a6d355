// Package supply knows what the net need of a home costs in each slot: bought, sold, or met by curtailing
// less, and what the peak adds. Units are kW, kWh and money.
package supply

import "hearth/scheduler/internal/pwl"

// Slot is one slot's connection to the grid.
type Slot struct {
	Hours                    float64
	Buy, Sell                float64 // money per kWh; Buy with its carbon
	ImportLimit, ExportLimit float64 // kW
	Curtailable              float64 // kW of solar that may be curtailed
}

// Peak is a price on the highest mean import of a block of slots.
type Peak struct {
	Price  float64 // per kW above SoFar; 0: there is none
	SoFar  float64 // kW
	Blocks [][2]int
	// Weights are those of the slots in the means of their blocks; nil: slots are of one length.
	Weights []float64
}

// Weight is that of slot t in the mean of its block.
func (p Peak) Weight(block [2]int, t int) float64 {
	if p.Weights != nil {
		return p.Weights[t]
	}
	return 1 / float64(block[1]-block[0])
}

// Extra is what a search puts on top of the prices to stay within limits that are not its own.
type Extra struct {
	Import, Export float64 // money per kWh beyond the limits
	Level          float64 // kW of import; above it each kW costs Peak
	Peak           float64
}

// Curve appends to dst the least cost of a slot as a function of the net need x, from -reach to reach:
//
//	cost(x) = min over curtailment c of bought or sold(x+c)
//
// It need not be convex: selling may pay better than buying costs, and buying may pay.
func (s Slot) Curve(dst pwl.Func, m *Maker, reach float64, e Extra) pwl.Func {
	far := reach + s.Curtailable + 1
	f := m.flat[:0]
	x, y := -far, -s.Sell*s.Hours*far+e.Export*s.Hours*max(far-s.ExportLimit, 0)
	to := func(x1, slope float64) {
		if x1 > x {
			y1 := y + (x1-x)*slope
			f = append(f, pwl.Seg{X0: x, Y0: y, X1: x1, Y1: y1})
			x, y = x1, y1
		}
	}
	to(-s.ExportLimit, (s.Sell-e.Export)*s.Hours)
	to(0, s.Sell*s.Hours)
	y = 0 // exactly
	level := min(e.Level, s.ImportLimit)
	if e.Peak > 0 {
		to(level, s.Buy*s.Hours)
	}
	to(s.ImportLimit, s.Buy*s.Hours+e.Peak)
	to(far, (s.Buy+e.Import)*s.Hours+e.Peak)
	m.flat = f
	m.wide = m.machine.Slide(m.wide[:0], f, pwl.Piece{To: s.Curtailable})
	return m.wide.Cut(dst, -reach, reach)
}

// Maker is the working memory of Curve; its zero value is ready.
type Maker struct {
	machine    pwl.Machine
	flat, wide pwl.Func
}
