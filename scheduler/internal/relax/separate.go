package relax

import (
	"math"
	"slices"

	"hearth/scheduler/internal/bound"
	"hearth/scheduler/internal/hull"
	"hearth/scheduler/internal/respond"
)

// most is the largest number of devices in a cut of a slot, and of single powers that a shiftable is looked
// at with; one with more is taken to be able to have any power between.
const (
	mostParts  = 7
	mostPowers = 4
)

// SeparateSlots adds the cuts of slots that the last solution breaks by more than tolerance, and says how many
// there are.
func (r *Relaxation) SeparateSlots(tolerance float64) (found int) {
	for t := range r.h.Slots {
		if cut, ok := r.separate(t, tolerance); ok {
			r.AddSlot(cut)
			found++
		}
	}
	return found
}

// separate looks for a cut of one slot. Where buying costs at least what selling brings, import alone is
// bounded, which serves whatever it costs, peak and all; it is worth looking only where there is solar to
// share. Elsewhere what the slot costs is bounded.
func (r *Relaxation) separate(t int, tolerance float64) (bound.Cut, bool) {
	s := r.h.Slots[t]
	slot := hull.Slot{
		Need: r.h.Need[t], Curtailable: s.Curtailable, ImportLimit: s.ImportLimit, ExportLimit: s.ExportLimit, A: 1,
	}
	isConvex := s.Buy >= s.Sell
	if isConvex && slot.Need >= 0 {
		return bound.Cut{}, false
	}
	if !isConvex {
		slot.A, slot.B = s.Buy, s.Sell
	}
	r.hulls.Tolerance = tolerance
	restHigh := r.gather(t)
	if len(r.inSlot) == 0 {
		return bound.Cut{}, false
	}
	x := r.solution.X
	left := slot.A*x[r.imp[t]] - slot.B*x[r.exp[t]]
	found, ok := r.hulls.Separate(slot, r.hullParts, left, 0, restHigh)
	if !ok {
		return bound.Cut{}, false
	}
	cut := bound.Cut{Slot: t, Import: slot.A, Export: slot.B, Constant: found.Constant}
	for k, i := range r.inSlot {
		// One without coefficients stays as well: the constant knows what powers it may have.
		cut.Terms = append(cut.Terms, bound.Term{Device: i, Power: found.Power[k], On: found.On[k], Back: found.Back[k]})
	}
	return cut, true
}

// Renew gives a cut the constant that it has in this home; it is false when it says nothing here.
func (r *Relaxation) Renew(cut bound.Cut) (bound.Cut, bool) {
	s := r.h.Slots[cut.Slot]
	slot := hull.Slot{
		Need: r.h.Need[cut.Slot], Curtailable: s.Curtailable, ImportLimit: s.ImportLimit, ExportLimit: s.ExportLimit,
		A: cut.Import, B: cut.Export,
	}
	cut.Terms = slices.Clone(cut.Terms)
	for k := range cut.Terms {
		if r.parts[cut.Terms[k].Device].isAlways {
			cut.Terms[k].On = 0 // a battery is never on; it may stand for what was
		}
	}
	r.inSlot, r.hullParts = r.inSlot[:0], r.hullParts[:0]
	var c hull.Cut
	restLow, restHigh := 0.0, 0.0
	for i, d := range r.h.Devices {
		if len(r.parts[i].power[cut.Slot])+len(r.parts[i].back[cut.Slot]) == 0 {
			continue
		}
		low, high := d.Reach()
		k := slices.IndexFunc(cut.Terms, func(t bound.Term) bool { return t.Device == i })
		if k < 0 {
			restLow, restHigh = restLow+low, restHigh+high
			continue
		}
		term := cut.Terms[k]
		r.hullParts = append(r.hullParts, hull.Part{Bands: r.bands(i, cut.Slot), Back: -low, IsFree: r.parts[i].isAlways})
		c.Power, c.On, c.Back = append(c.Power, term.Power), append(c.On, term.On), append(c.Back, term.Back)
	}
	cut.Constant = hull.Constant(slot, r.hullParts, c, restLow, restHigh)
	return cut, !math.IsInf(cut.Constant, 0)
}

// gather collects the devices of a slot that may give back or are at work in the last solution; the others
// together may take up to rest.
func (r *Relaxation) gather(t int) (rest float64) {
	r.inSlot, r.hullParts = r.inSlot[:0], r.hullParts[:0]
	for i, d := range r.h.Devices {
		p := &r.parts[i]
		if len(p.power[t])+len(p.back[t]) == 0 {
			continue
		}
		part := hull.Part{Power: r.value(p.power[t]), On: r.value(p.on[t]), Given: r.value(p.back[t]), IsFree: p.isAlways}
		_, high := d.Reach()
		if len(p.back[t]) == 0 && (part.Power < 1e-6 || len(r.inSlot) == mostParts) {
			rest += high
			continue
		}
		if s, ok := d.(*respond.Store); ok {
			part.Back = s.Back
		}
		part.Bands = r.bands(i, t)
		r.inSlot, r.hullParts = append(r.inSlot, i), append(r.hullParts, part)
	}
	return rest
}

// bands are the powers that a device may have in a slot while it is on.
func (r *Relaxation) bands(i, t int) [][2]float64 {
	switch d := r.h.Devices[i].(type) {
	case *respond.Shiftable:
		var powers []float64
		for _, term := range r.parts[i].power[t] {
			if !slices.Contains(powers, term.Value) {
				powers = append(powers, term.Value)
			}
		}
		slices.Sort(powers)
		if len(powers) > mostPowers {
			return [][2]float64{{powers[0], powers[len(powers)-1]}}
		}
		var out [][2]float64
		for _, p := range powers {
			out = append(out, [2]float64{p, p})
		}
		return out
	case *respond.Interruptible:
		return r.parts[i].usable(d, t)
	case *respond.Store:
		return d.Ranges
	}
	return nil
}
