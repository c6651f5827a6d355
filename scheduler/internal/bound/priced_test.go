package bound

import (
	"slices"

	"hearth/scheduler/internal/home"
)

// The doc comment's sums, of one plan.

// charge is what a device pays for a row at a point: the doc comment's sum over devices.
func charge(h *home.Home, p *Point, l *home.Limits, i int, row []float64) (sum float64) {
	for s, kW := range row {
		hours := h.Slots[s].Hours
		sum += p.Lambda[s] * hours * kW
		for c, circuit := range h.Circuits {
			if slices.Contains(circuit.Devices, i) {
				sum += p.Nu[c][s] * hours * max(kW, 0)
			}
		}
		for q, cut := range p.Cuts {
			for _, m := range cut.Terms {
				switch {
				case cut.Slot != s || m.Device != i:
				case kW > 0:
					sum += p.Mu[q] * (m.Power*kW + m.On)
				default:
					sum -= p.Mu[q] * m.Back * -kW
				}
			}
		}
	}
	for k, tally := range l.Counts {
		if tally.Device == i && tally.IsLeast {
			sum -= p.Rho[k] * float64(ons(row[:tally.Slot]))
		} else if tally.Device == i {
			sum += p.Rho[k] * float64(ons(row[:tally.Slot]))
		}
	}
	return sum
}

// tradeAt is what flows of a slot cost at a point.
func tradeAt(h *home.Home, p *Point, s int, imp, exp, curt float64) float64 {
	slot := h.Slots[s]
	sum := slot.Hours*(slot.Buy*imp-slot.Sell*exp) - p.Lambda[s]*slot.Hours*(imp-exp-curt)
	if h.Peak.Price > 0 {
		for b, block := range h.Peak.Blocks {
			if s >= block[0] && s < block[1] {
				sum += p.Kappa[b] * imp / float64(block[1]-block[0])
			}
		}
	}
	for q, cut := range p.Cuts {
		if cut.Slot == s {
			sum -= p.Mu[q] * (cut.Import*imp - cut.Export*exp)
		}
	}
	return sum
}

// peakAt is what a level of the peak costs at a point.
func peakAt(h *home.Home, p *Point, level float64) float64 {
	if h.Peak.Price == 0 {
		return 0
	}
	sum := h.Peak.Price * (level - h.Peak.SoFar)
	for _, k := range p.Kappa {
		sum -= k * level
	}
	return sum
}

// fixed is the part of the bound that no plan changes.
func fixed(h *home.Home, p *Point, l *home.Limits) (sum float64) {
	for s, slot := range h.Slots {
		sum += p.Lambda[s] * slot.Hours * h.Need[s]
		for c, circuit := range h.Circuits {
			sum -= p.Nu[c][s] * slot.Hours * circuit.Limit
		}
	}
	for q, cut := range p.Cuts {
		sum += p.Mu[q] * cut.Constant
	}
	for k, tally := range l.Counts {
		if tally.IsLeast {
			sum += p.Rho[k] * float64(tally.Count)
		} else {
			sum -= p.Rho[k] * float64(tally.Count)
		}
	}
	return sum
}

// at is what a plan costs at a point.
func (p *plan) at(h *home.Home, point *Point, l *home.Limits) float64 {
	sum := p.own + fixed(h, point, l) + peakAt(h, point, max(p.top, h.Peak.SoFar))
	for s, net := range p.net {
		sum += tradeAt(h, point, s, max(net, 0), max(-net, 0), p.curt[s])
	}
	for i, row := range p.power {
		sum += charge(h, point, l, i, row)
	}
	return sum
}
