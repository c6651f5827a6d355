package bound

import (
	"math"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/respond"
)

// Cuts are drawn with any coefficients; their constants are found by trying all that can be in their slot.

// drawCut draws an inequality of a slot: any coefficients, with the greatest constant with which it is true of
// all that devices and flows can be there. It is false when nothing can be.
func drawCut(t *rapid.T, h *home.Home) (Cut, bool) {
	cut := Cut{Slot: rapid.IntRange(0, slots-1).Draw(t, "slot")}
	slot := h.Slots[cut.Slot]
	surplus := max(-h.Need[cut.Slot], 0)
	isSharing := rapid.Bool().Draw(t, "sharing") // import >= consumption - surplus where on - what is given back
	cut.Import = 1
	if !isSharing {
		cut.Import = rapid.SampledFrom([]float64{1, slot.Buy, cents(t, "A", -200, 200)}).Draw(t, "import")
		cut.Export = rapid.SampledFrom([]float64{0, slot.Sell, cents(t, "B", -200, 200)}).Draw(t, "export")
	}
	for i, d := range h.Devices {
		if term := (Term{i, 1, -surplus, 1}); isSharing {
			cut.Terms = append(cut.Terms, term.of(d))
		} else if rapid.Bool().Draw(t, "has a term") {
			term = Term{i, cents(t, "power", -100, 150), cents(t, "on", -200, 100), cents(t, "back", -100, 150)}
			cut.Terms = append(cut.Terms, term.of(d))
		}
	}
	cut.Constant = constant(h, cut)
	return cut, !math.IsInf(cut.Constant, 1)
}

// of is the term as a device can have it: what is always on has no on-indicator.
func (m Term) of(d respond.Device) Term {
	if s, ok := d.(*respond.Store); ok && s.AlwaysOn {
		m.On = 0
	}
	return m
}

// constant is the greatest one that is true of a cut; infinite when nothing can be.
func constant(h *home.Home, cut Cut) float64 {
	slot, best := h.Slots[cut.Slot], math.Inf(1)
	var choose func(i int, need, right float64)
	choose = func(i int, need, right float64) {
		if i == len(h.Devices) {
			for net := max(need, -slot.ExportLimit); net <= min(need+slot.Curtailable, slot.ImportLimit)+slip; net += 0.5 {
				best = min(best, cut.Import*max(net, 0)-cut.Export*max(-net, 0)-right)
			}
			return
		}
		for _, kW := range powers(h.Devices[i], cut.Slot) {
			more := 0.0
			for _, m := range cut.Terms {
				if m.Device == i && kW > 0 {
					more = m.Power*kW + m.On
				} else if m.Device == i {
					more = m.Back * kW
				}
			}
			choose(i+1, need+kW, right+more)
		}
	}
	choose(0, h.Need[cut.Slot], 0)
	return best
}

// powers are the multiples of half a kW that a device can have in a slot.
func powers(d respond.Device, slot int) []float64 {
	out := []float64{0}
	switch d := d.(type) {
	case *respond.Shiftable:
		out = append(out, d.Profile...)
	case *respond.Interruptible:
		out = append(out, d.Power)
	case *respond.Store:
		if slot < d.From || slot >= d.To {
			return out
		}
		for _, r := range d.Ranges {
			if r[0] == 0 && !d.AlwaysOn {
				out = append(out, 1e-9) // on, at next to nothing
			}
			for kW := max(r[0], 0.5); kW <= r[1]; kW += 0.5 {
				out = append(out, kW)
			}
		}
		for kW := -d.Back; kW < 0; kW += 0.5 {
			out = append(out, kW)
		}
	}
	return out
}
