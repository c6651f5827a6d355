package scheduler

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/energy"
)

// way is one of the things a device can do in a slot, on a grid of powers.
type way struct {
	kW   float64 // signed
	isOn bool
}

// waysOf are what a device of the generator can do in a slot, told from the format's words alone. A band from
// 0 on has being on with next to nothing in it.
func waysOf(d Device, t int) []way {
	out := []way{{}}
	on := func(from, to energy.Watts) {
		for w := from; w <= to; w += watt {
			out = append(out, way{float64(w) / 1000, true})
		}
	}
	back := func(to energy.Watts) {
		for w := energy.Watts(watt); w <= to; w += watt {
			out = append(out, way{-float64(w) / 1000, false})
		}
	}
	switch d := d.(type) {
	case Shiftable:
		for start := d.Earliest; start+len(d.Profile) <= d.LatestEnd; start++ {
			if k := t - start; k >= 0 && k < len(d.Profile) && d.Profile[k] > 0 {
				on(d.Profile[k], d.Profile[k])
			}
		}
	case Interruptible:
		if d.Earliest <= t && t < d.LatestEnd {
			on(d.Power, d.Power)
		}
	case Vehicle:
		if d.Arrive <= t && t < d.Depart {
			for _, r := range d.Ranges {
				on(r.Min, r.Max)
			}
			back(d.DischargeMax)
		}
	case Battery:
		on(0, d.ChargeMax)
		back(d.DischargeMax)
	case Thermal:
		on(d.PowerMin, d.PowerMax)
	}
	return out
}

func TestVerify_ReachIsWhatADeviceCanDoInASlot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, 4)
		v := newVerifier(p)
		for i, d := range p.Devices {
			for at := range 4 {
				back, tops := 0.0, map[float64]bool{}
				for _, w := range waysOf(d, at) {
					back = max(back, -w.kW)
					if w.isOn {
						tops[w.kW] = true
					}
				}
				r := v.reach(i, at)
				if r.back != back || len(r.bands) == 0 != (len(tops) == 0) {
					t.Fatalf("%+v in slot %d: %+v", d, at, r)
				}
				for _, b := range r.bands {
					for kW := b[0]; kW <= b[1]; kW += watt / 1000. {
						if !tops[kW] {
							t.Fatalf("%+v in slot %d: %+v, but %v kW is not for it", d, at, r, kW)
						}
					}
				}
				for kW := range tops {
					if !slices.ContainsFunc(r.bands, func(b band) bool { return b[0] <= kW && kW <= b[1] }) {
						t.Fatalf("%+v in slot %d: %+v without %v kW", d, at, r, kW)
					}
				}
			}
		}
	})
}

// drawCut is a cut with a term of some of the devices.
func drawCut(t *rapid.T, p *Problem) SlotCut {
	q := SlotCut{Slot: rapid.IntRange(0, p.Slots()-1).Draw(t, "cut's slot"), Price: float64(rapid.IntRange(0, 20).Draw(t, "cut's price")) / 32}
	half := func(label string) float64 { return float64(rapid.IntRange(-3, 4).Draw(t, label)) / 2 }
	q.Import, q.Export = rapid.SampledFrom([]float64{1, 1, half("import")}).Draw(t, "imports"), rapid.SampledFrom([]float64{0, 1, half("export")}).Draw(t, "exports")
	for i := range p.Devices {
		if rapid.IntRange(0, 2).Draw(t, "has a term") > 0 {
			q.Terms = append(q.Terms, CutTerm{i, half("power"), half("on"), half("back")})
		}
	}
	return q
}

// leastOnGrid is the constant of a cut, by trying everything on the grid of powers. Devices without a term
// have whatever is between their least and their greatest power.
func leastOnGrid(p *Problem, q SlotCut) float64 {
	t := q.Slot
	least := math.Inf(1)
	var try func(i int, net, terms float64)
	try = func(i int, net, terms float64) {
		if i < len(p.Devices) {
			ways := waysOf(p.Devices[i], t)
			for _, term := range q.Terms {
				if term.Device == i {
					for _, w := range ways {
						right := term.Back * min(w.kW, 0)
						if w.isOn {
							right = term.Power*w.kW + term.On
						}
						try(i+1, net+w.kW, terms+right)
					}
					return
				}
			}
			low, high := 0.0, 0.0
			for _, w := range ways {
				low, high = min(low, w.kW), max(high, w.kW)
			}
			for kW := low; kW <= high; kW += watt / 1000. {
				try(i+1, net+kW, terms)
			}
			return
		}
		most := 0.0
		if p.SolarCurtailable {
			most = float64(p.Solar[t]) / 1000
		}
		for curtailed := 0.0; curtailed <= most; curtailed += watt / 1000. {
			x := net + curtailed
			if x*1000 <= float64(p.ImportLimit[t]) && -x*1000 <= float64(p.ExportLimit[t]) {
				least = min(least, q.Import*max(x, 0)-q.Export*max(-x, 0)-terms)
			}
		}
	}
	try(0, float64(p.BaseLoad[t]-p.Solar[t])/1000, 0)
	return least
}

func TestVerify_ACutsConstantIsTheGreatest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, 3)
		q := drawCut(t, p)
		want := leastOnGrid(p, q)
		v := newVerifier(p)
		if got := v.constant(q); !isNear(got, want) {
			t.Fatalf("%v, want %v, of %+v", got, want, q)
		}
		if got := v.constant(q); !isNear(got, want) { // and again, from memory
			t.Fatalf("then %v, want %v, of %+v", got, want, q)
		}
		other := q
		other.Import++
		if got := v.constant(other); !isNear(got, leastOnGrid(p, other)) {
			t.Fatalf("the constant of another cut: %v", got)
		}
	})
}

// A heater that uses what the sun gives must import what is beyond it: of the classical cut, import >= power -
// surplus x on, the constant is 0.
func TestVerify_TheSharingCutHasNoConstant(t *testing.T) {
	p := small()
	p.Solar, p.BaseLoad = Constant(1500, 3), Constant(500, 3)
	p.Devices = []Device{
		Thermal{ID: "tank", PowerMin: 2000, PowerMax: 3000, COP: []float64{1, 1, 1}, EnergyMax: 9000, Draw: make([]energy.WattHours, 3)},
		Interruptible{ID: "pump", Power: 800, RunSlots: 1, LatestEnd: 3},
		Battery{ID: "battery", EnergyMax: 2000, ChargeMax: 1000, DischargeMax: 1000, ChargeEfficiency: 1, DischargeEfficiency: 1},
	}
	q := SlotCut{Import: 1, Terms: []CutTerm{{0, 1, -1, 0}, {1, 1, -1, 0}, {Device: 2, Back: 1}}}
	if got := newVerifier(p).constant(q); got != 0 {
		t.Errorf("constant %v", got)
	}
	q.Terms = q.Terms[:2] // what the battery gives back need not be imported
	if got := newVerifier(p).constant(q); got != -1 {
		t.Errorf("without the battery, constant %v", got)
	}
	p.BaseLoad = Constant(14000, 3)
	if got := newVerifier(p).constant(q); !math.IsInf(got, 1) {
		t.Errorf("beyond the limit, constant %v", got)
	}
}
