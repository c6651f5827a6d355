package scheduler

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/scheduler/internal/pwl"
	"hearth/scheduler/internal/respond"
	"hearth/scheduler/internal/supply"
)

// The solver has its own picture of a problem. These laws hold it against Evaluate, which knows nothing of it.

// alone is the problem with one device only, nothing shared, and one price both ways in each slot.
func alone(p *Problem, d Device) *Problem {
	q, n := *p, p.Grid.Count()
	q.Devices, q.Circuits, q.Peak, q.Carbon = []Device{d}, nil, Peak{}, nil
	q.ExportPrice, q.SolarCurtailable = q.ImportPrice, false
	q.ImportLimit, q.ExportLimit = Constant(1e6, n), Constant(1e6, n)
	q.Solar, q.BaseLoad = Constant(0, n), Constant(0, n)
	return &q
}

// inKW is a row of powers as the solver has it.
func inKW(row []energy.Watts) []float64 {
	out := make([]float64, len(row))
	for t, w := range row {
		out[t] = float64(w) / kilo
	}
	return out
}

func drawRow(t *rapid.T, d Device, n int) []energy.Watts {
	if all := levels(&Problem{}, d, 0); len(all) > 0 {
		return rapid.SliceOfN(rapid.SampledFrom(all), n, n).Draw(t, "row")
	}
	return drawWatts(t, n, 4, "row")
}

func TestHome_CurvesCostWhatEvaluateSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 4
		p := drawProblem(t, n)
		p.Peak = Peak{}
		p.ImportLimit, p.ExportLimit = Constant(50_000, n), Constant(50_000, n)
		h := p.home()
		power := make([][]energy.Watts, len(p.Devices))
		need := slices.Clone(h.Need)
		for i, d := range p.Devices {
			power[i] = drawRow(t, d, n)
			for s, kW := range inKW(power[i]) {
				need[s] += kW
			}
		}
		sum := 0.0
		for s, slot := range h.Slots {
			sum += slot.Curve(nil, new(supply.Maker), 60, supply.Extra{}).At(need[s])
		}
		e := evaluate(p, power)
		if want := (e.Costs.Import + e.Costs.Export + e.Costs.Carbon).Float(); math.Abs(sum-want) > 1e-6 {
			t.Fatalf("the solver's curves cost %v, evaluated %v", sum, want)
		}
	})
}

func TestHome_StoresHoldWhatEvaluateSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 5
		p := drawProblem(t, n)
		d := drawDevice(t, rapid.SampledFrom([]string{"vehicle", "battery", "thermal"}).Draw(t, "kind"), "store", n)
		p = alone(p, d)
		s := p.home().Devices[0].(*respond.Store)
		row := drawRow(t, d, n)
		for i := range row { // it does nothing while it is away
			if i < s.From || i >= s.To {
				row[i] = 0
			}
		}
		e := evaluate(p, [][]energy.Watts{row})
		stored, worn := s.Initial, 0.0
		for i, kW := range inKW(row) {
			if i >= s.From && i < s.To {
				stored = s.Keep*stored + s.Gain[i]*max(kW, 0) + s.Spill*min(kW, 0)
				if s.Draw != nil {
					stored -= s.Draw[i]
				}
			}
			worn += s.BackCost * max(-kW, 0)
			if got := float64(e.Devices[0].Energy[i]) / kilo; math.Abs(got-stored) > 1e-9 {
				t.Fatalf("%+v: %v kWh stored after slot %d, evaluated %v", d, stored, i, got)
			}
			isOut := stored < s.Low-0.001 || stored > s.High+0.001
			hasNamed := slices.ContainsFunc(e.Violations, func(v Violation) bool {
				return (v.Constraint == EnergyMin || v.Constraint == EnergyMax) && *v.Slot == i
			})
			if isHere := i >= s.From && i < s.To; isHere && isOut != hasNamed {
				t.Fatalf("%+v: outside its band after slot %d: %v, evaluated %v", d, i, isOut, e.Violations)
			}
		}
		if math.Abs(worn-e.Costs.Wear.Float()) > 1e-8 || math.Abs(-s.Worth*stored-e.Costs.Terminal.Float()) > 1e-8 {
			t.Fatalf("%+v: worn %v, worth %v; evaluated %+v", d, worn, s.Worth*stored, e.Costs)
		}
	})
}

func TestHome_AnAnswerCostsWhatEvaluateSaysAndKeepsWhatItPromises(t *testing.T) {
	seen := map[respond.Rigor]int{}
	rapid.Check(t, func(t *rapid.T) {
		const n = 6
		p := drawProblem(t, n)
		p = alone(p, drawDevice(t, rapid.SampledFrom([]string{"shiftable", "interruptible", "vehicle", "battery", "thermal"}).Draw(t, "kind"), "it", n))
		device, kW := p.home().Devices[0], make([]float64, n)
		var prices respond.Prices
		for _, price := range p.ImportPrice {
			prices = append(prices, pwl.Line(-30, -30*price.Float(), 30, 30*price.Float()))
		}
		cost, rigor, ok := device.Respond(context.Background(), respond.Ask{Prices: prices, Slack: 1e-7}, kW)
		seen[rigor]++
		rounded := [][]energy.Watts{make([]energy.Watts, n)}
		setRounded(rounded, [][]float64{kW})
		e := evaluate(p, rounded)
		if !ok || (rigor == respond.Strict) != (len(e.Violations) == 0) {
			t.Fatalf("%+v\nrigor %v, powers %v, but %v", p.Devices[0], rigor, kW, e.Violations)
		}
		if rigor == respond.Strict && cost > e.Objective.Float()+1e-5 {
			t.Fatalf("%+v\ntold %v, powers %v, evaluated %v", p.Devices[0], cost, kW, e.Objective)
		}
	})
	if seen[respond.Strict] == 0 || len(seen) < 2 {
		t.Errorf("answers by rigor %v: a case is never drawn", seen)
	}
}

// allowed says whether a device may be on and off as told; a hold time is in slots, the past as in holding.
func allowed(isOn []bool, minOn, minOff, onFor, offFor int) bool {
	on, length, isKnown := onFor > 0, max(onFor, offFor), onFor+offFor > 0
	for _, next := range isOn {
		if next != on {
			if on && length < minOn || !on && isKnown && length < minOff {
				return false
			}
			on, length, isKnown = next, 0, true
		}
		length++
	}
	return true
}

func TestSwitching_CutToTheGridAllowsTheSame(t *testing.T) {
	const n = 4
	rapid.Check(t, func(t *rapid.T) {
		hold := rapid.SampledFrom([]int{0, 1, 2, 3, 4, 5, 6, 7, 40, 1 << 40})
		h := holding{minOn: hold.Draw(t, "min on"), minOff: hold.Draw(t, "min off")}
		past := rapid.SampledFrom([]int{1, 2, 3, 5, 7, 38, 39, 40, 41, 1<<40 - 2, 1 << 41}).Draw(t, "past")
		switch rapid.IntRange(0, 2).Draw(t, "was") {
		case 0:
			h.onFor = past
		case 1:
			h.offFor = past
		}
		s := switching(h, n)
		if s.MinOn < 1 || s.MinOff < 1 || s.MinOn > n+1 || s.MinOff > n+1 || s.OnFor > s.MinOn || s.OffFor > s.MinOff {
			t.Fatalf("%+v is cut to %+v", h, s)
		}
		for bits := range 1 << n {
			isOn := make([]bool, n)
			for i := range isOn {
				isOn[i] = bits>>i&1 == 1
			}
			want := allowed(isOn, h.minOn, h.minOff, h.onFor, h.offFor)
			if got := allowed(isOn, s.MinOn, s.MinOff, s.OnFor, s.OffFor); got != want {
				t.Fatalf("%+v allows %v: %v; cut to %+v: %v", h, isOn, want, s, got)
			}
		}
	})
}

func TestHome_DevicesGiveWayInTheOrderOfTheFormat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, 3)
		rank := map[string]int{"thermal": 0, "vehicle": 1, "interruptible": 2, "shiftable": 3, "battery": 4}
		h := p.home()
		isIn := make([]bool, len(p.Devices))
		for k, i := range h.Order {
			if isIn[i] {
				t.Fatalf("device %d is there twice: %v", i, h.Order)
			}
			isIn[i] = true
			if k > 0 && rank[p.Devices[h.Order[k-1]].Kind()] > rank[p.Devices[i].Kind()] {
				t.Fatalf("%s before %s", p.Devices[h.Order[k-1]].Kind(), p.Devices[i].Kind())
			}
		}
		if len(h.Order) != len(p.Devices) {
			t.Fatalf("order %v of %d devices", h.Order, len(p.Devices))
		}
		for c, circuit := range p.Circuits {
			for k, i := range h.Circuits[c].Devices {
				if p.Devices[i].Name() != circuit.Devices[k] {
					t.Fatalf("circuit %v has the devices %v", circuit, h.Circuits[c].Devices)
				}
			}
		}
	})
}

func TestHome_NoPriceReachesThePenalty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, 3)
		makeWild(t, p)
		h := p.home()
		for s, slot := range h.Slots {
			if most := max(math.Abs(slot.Buy), math.Abs(slot.Sell)); most > h.Scale || h.Penalty < 50*most {
				t.Fatalf("slot %d: prices of %v, scale %v, penalty %v", s, most, h.Scale, h.Penalty)
			}
		}
		for i, d := range h.Devices {
			if s, ok := d.(*respond.Store); ok {
				if math.Abs(s.Worth) > h.Scale || s.StartCost*50 > h.Penalty || s.BandPenalty < h.Penalty || s.RequiredPenalty <= s.BandPenalty*float64(p.Grid.Count()) {
					t.Fatalf("device %d: %+v, penalty %v", i, s, h.Penalty)
				}
				if !(s.Low < s.High) {
					t.Fatalf("device %d: a band from %v to %v", i, s.Low, s.High)
				}
			}
		}
	})
}

func TestHome_PenaltyIsFarAboveThePeakAndEveryFee(t *testing.T) {
	for name, change := range map[string]func(*Problem){
		"peak": func(p *Problem) { p.Peak.Price = energy.MoneyOf(9) },
		"value": func(p *Problem) {
			p.Devices[0] = Shiftable{ID: "s", Profile: Constant(1, 1), LatestEnd: 3, Optional: true, Value: energy.MoneyOf(9)}
		},
		"start cost": func(p *Problem) {
			p.Devices[0] = Interruptible{ID: "i", Power: 9, LatestEnd: 3, StartCost: energy.MoneyOf(9)}
		},
		"charger start": func(p *Problem) { p.Devices[0] = Vehicle{ID: "v", Depart: 3, StartCost: energy.MoneyOf(9)} },
		"pump start":    func(p *Problem) { p.Devices[0] = Thermal{ID: "t", StartCost: energy.MoneyOf(9)} },
		"wear":          func(p *Problem) { p.Devices[0] = Battery{ID: "b", Wear: energy.PriceOf(9), DischargeEfficiency: 1} },
		"terminal":      func(p *Problem) { p.Devices[0] = Thermal{ID: "t", TerminalValue: energy.PriceOf(-9)} },
		"carbon":        func(p *Problem) { p.CarbonPrice, p.Carbon = energy.MoneyOf(9000), []energy.GramsPerKWh{0, 1000, 0} },
	} {
		p := small()
		change(p)
		if h := p.home(); h.Penalty < 450 {
			t.Errorf("%s of 9: a penalty of %v", name, h.Penalty)
		}
	}
}

func TestRanges_AreThoseInWhichSomethingIsOn(t *testing.T) {
	if got := ranges([]Range{{0, 0}, {0, 1000}, {1500, 2000}}); !slices.Equal(got, [][2]float64{{0, 1}, {1.5, 2}}) {
		t.Errorf("%v", got)
	}
}

// A range that begins at 0 has no least power: the bound takes none, a plan takes what counts as on.
func TestSolve_ARangeFromZeroIsProvenAndKept(t *testing.T) {
	p := small()
	p.Devices = []Device{Thermal{
		ID: "heat", PowerMax: 1000, COP: []float64{1, 1, 1}, EnergyMax: 1000, EnergyInitial: 200, Draw: []energy.WattHours{100, 100, 200},
		MinOn: 3, StartCost: energy.MoneyOf(0.01),
	}}
	plan := solve(t, p, quick)
	heat, _ := plan.Device("heat")
	if plan.Status != Optimal || heat.Power[1] < 150 || heat.Power[2] <= onAbove || heat.Power[2] > 10 {
		t.Errorf("%s, %v %v", plan.Status, heat.Power, plan.Violations)
	}
	wantProof(t, p, plan)
}

func TestWarm_IsNothingOnAnotherGrid(t *testing.T) {
	p := small()
	old := solve(t, p, quick)
	for name, change := range map[string]func(*energy.Grid){
		"longer slots": func(g *energy.Grid) { g.Step *= 2 },
		"half a slot":  func(g *energy.Grid) { *g = energy.NewGrid(g.Start.Add(time.Hour/2), g.Step, g.Count()) },
	} {
		other := *old
		change(&other.Grid)
		if p.warm(Options{Warm: &other}) != nil {
			t.Errorf("%s: taken over", name)
		}
	}
	for shift := -4; shift <= 4; shift++ { // every power stays at its hour
		q := *p
		q.Grid = energy.NewGrid(p.Grid.Start.Add(time.Duration(shift)*time.Hour), time.Hour, 3)
		for i, row := range q.warm(Options{Warm: old}).Power {
			for s, kW := range row {
				want := 0.0
				if from := s + shift; from >= 0 && from < 3 {
					want = float64(old.Devices[i].Power[from]) / kilo
				}
				if kW != want {
					t.Errorf("shifted by %d: device %d slot %d has %v, want %v", shift, i, s, kW, want)
				}
			}
		}
	}
}
