package scheduler

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/energy"
)

// The data of these tests are such that a grid of powers holds a cheapest schedule of every device: either
// there are no other powers, or every limit of power and energy is a multiple of the grid and nothing is lost,
// so that the corners of what is possible lie on it.

// gridOf are the powers to try of the first device in a slot of one step, or of two, where what is a corner in
// one hour takes half the power.
func gridOf(p *Problem, t int) (out []energy.Watts) {
	by := energy.Watts(watt / p.span(t))
	on := func(low, high energy.Watts) {
		for w := low; w <= high; w += by {
			out = append(out, w)
		}
	}
	switch d := p.Devices[0].(type) {
	case Interruptible:
		return levels(p, d, t)
	case Vehicle:
		on(-1000, 0)
		on(1000, 1000)
		on(2000, 3000)
	case Battery:
		on(-1500, 1500)
	case Thermal:
		out = append(out, 0)
		on(d.PowerMin, d.PowerMax)
	}
	return out
}

// legalRows are the schedules of the device on its grid that violate nothing, without the slips that Evaluate
// forgives, each with the device's own cost.
func legalRows(p *Problem) (out [][]energy.Watts, cost []float64) {
	n, d := p.Slots(), p.Devices[0]
	try := func(row []energy.Watts) {
		if e := evaluate(p, [][]energy.Watts{row}); len(e.Violations) == 0 && isStrict(p, e) {
			out, cost = append(out, slices.Clone(row)), append(cost, e.Objective.Float())
		}
	}
	row := make([]energy.Watts, n)
	if s, ok := d.(Shiftable); ok {
		try(row)
		for _, run := range runRows(p, s) {
			try(run)
		}
		return out, cost
	}
	var fill func(t int)
	fill = func(t int) {
		if t == n {
			try(row)
			return
		}
		for _, w := range gridOf(p, t) {
			row[t] = w
			fill(t + 1)
		}
	}
	fill(0)
	return out, cost
}

// isStrict says that stores and flows keep their limits without the slips that Evaluate forgives.
func isStrict(p *Problem, e *Evaluation) bool {
	const slip = 1e-6
	for t := range e.Import {
		if e.Import[t] > p.ImportLimit[t]+slip || e.Export[t] > p.ExportLimit[t]+slip {
			return false
		}
	}
	for i, d := range p.Devices {
		low, high, end := math.Inf(-1), math.Inf(1), math.Inf(-1)
		switch d := d.(type) {
		case Vehicle:
			low, high, end = float64(d.EnergyMin), float64(d.EnergyInitial+d.Room), float64(d.EnergyInitial+d.Required)
		case Battery:
			low, high = float64(d.EnergyMin), float64(d.EnergyMax)
		case Thermal:
			low, high = float64(d.EnergyMin), float64(d.EnergyMax)
		}
		for t, stored := range e.Devices[i].Energy {
			if x := float64(stored); x < low-slip || x > high+slip || t == len(e.Import)-1 && x < end-slip {
				return false
			}
		}
	}
	return true
}

// drawTolls are of any sign, and often equal.
func drawTolls(t *rapid.T, n int) tolls {
	due := newTolls(n)
	for _, row := range [][]float64{due.consumed, due.on, due.back} {
		for i := range row {
			row[i] = float64(rapid.IntRange(-8, 16).Draw(t, "toll")) / 32
		}
	}
	return due
}

// drawFreedom forbids this and that.
func drawFreedom(t *rapid.T, n int) freedom {
	f := freedom{to: n}
	if rapid.Bool().Draw(t, "free") {
		return f
	}
	for _, slots := range []*[]bool{&f.isOff, &f.isOn} {
		if rapid.Bool().Draw(t, "some") {
			*slots = make([]bool, n)
			(*slots)[rapid.IntRange(0, n-1).Draw(t, "slot")] = true
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "levels") {
		at, kW := rapid.IntRange(0, n-1).Draw(t, "level's slot"), float64(rapid.IntRange(0, 6).Draw(t, "level")*watt)/1000
		f.level(at, kW, rapid.Bool().Draw(t, "at least"), n)
	}
	f.from, f.to = rapid.IntRange(0, n).Draw(t, "from"), rapid.IntRange(0, n).Draw(t, "to")
	f.mustRun, f.mustRest = rapid.Bool().Draw(t, "must run"), rapid.IntRange(0, 3).Draw(t, "must rest") == 0
	return f
}

// leaves says that the freedom leaves a schedule.
func (f freedom) leaves(p *Problem, row []energy.Watts) bool {
	d := p.Devices[0]
	for t, w := range row {
		kW := float64(w) / 1000
		if f.atMost != nil && kW > f.atMost[t] || f.atLeast != nil && kW < f.atLeast[t] {
			return false
		}
		_, isBattery := d.(Battery)
		isNone := f.atMost != nil && f.atMost[t] == 0
		isOn := w > 0 || w == 0 && isBattery && !f.mayRest(t) && !isNone // the end of a battery's band stands for what is just above it
		if isOn && !f.mayBeOn(t) || !isOn && !f.mayRest(t) {
			return false
		}
	}
	if s, ok := d.(Shiftable); ok {
		all := startsOf(p, s, row)
		if len(all) == 0 {
			return !f.mustRun
		}
		return !f.mustRest && slices.ContainsFunc(all, func(start int) bool { return start >= f.from && start < f.to })
	}
	return true
}

// pays is what a schedule pays in tolls.
func (due tolls) pays(row []energy.Watts) (sum float64) {
	for t, w := range row {
		switch {
		case w > 0:
			sum += due.consumed[t]*float64(w)/1000 + due.on[t]
		case w < 0:
			sum += due.back[t] * float64(-w) / 1000
		}
	}
	return sum
}

// drawGridDevice is a device of which gridOf holds a cheapest schedule.
func drawGridDevice(t *rapid.T, kind string, n int) Device {
	switch d := drawDevice(t, kind, "device", n).(type) {
	case Shiftable:
		d.Profile[0] = max(d.Profile[0], watt) // one of nothing begins anywhere
		return d
	case Vehicle:
		d.ChargeEfficiency, d.DischargeEfficiency = 1, 1
		d.Required, d.Room = energy.WattHours(rapid.IntRange(0, 8).Draw(t, "required")*watt), 3500
		return d
	case Battery:
		d.DischargeEfficiency = 1
		return d
	case Thermal:
		if rapid.Bool().Draw(t, "one power") {
			d.PowerMax = d.PowerMin
			return d
		}
		d.PowerMin, d.PowerMax, d.LossPerHour = 1000, 2000, 0
		for i := range d.COP {
			d.COP[i] = 1
		}
		return d
	default:
		return d
	}
}

func TestVerify_ADevicesLeastIsThatOfItsSchedules(t *testing.T) {
	for _, kind := range []string{"shiftable", "interruptible", "vehicle", "battery", "thermal"} {
		t.Run(kind, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				n := rapid.IntRange(1, 4).Draw(t, "slots")
				if kind == "interruptible" || kind == "shiftable" {
					n += 3
				}
				spans := drawSpans(t, n, 2)
				if spans != nil && kind != "interruptible" && kind != "shiftable" {
					n = min(n, 3) // twice the powers to try
					spans = spans[:n]
				}
				p := problemOf(n, spans, drawGridDevice(t, kind, n))
				if spans != nil {
					p.Devices[0] = onSteps(t, p, p.Devices[0])
				}
				due, f := drawTolls(t, n), drawFreedom(t, n)
				f.to += p.Grid.Count() - n
				if kind == "battery" {
					clear(due.on)
				}
				least := math.Inf(1)
				v := newVerifier(p)
				legal, cost := legalRows(p)
				for i, row := range legal {
					if f.leaves(p, row) {
						least = min(least, cost[i]+due.pays(row))
					}
				}
				if got := v.least(0, f, due); !isNear(got, least) && math.Abs(got-least) > 1e-7 {
					t.Fatalf("%v, want %v, of %+v\nleft %+v\ntolls %+v\nspans %v", got, least, p.Devices[0], f, due, p.Spans)
				}
			})
		})
	}
}

// verifierOf is for a device alone, over n slots of an hour.
func verifierOf(n int, d Device) *verifier { return newVerifier(problemOf(n, nil, d)) }

// problemOf has one device, and nothing else that could matter to it, over n slots of so many hours; nil: one each.
func problemOf(n int, spans []int, d Device) *Problem {
	p := small()
	p.Spans, p.Devices = spans, []Device{d}
	p.ImportPrice, p.ExportPrice = make([]energy.Price, n), make([]energy.Price, n)
	p.Solar, p.BaseLoad = Constant(0, n), Constant(0, n)
	p.ImportLimit, p.ExportLimit = Constant(1e6, n), Constant(1e6, n)
	p.Grid = energy.NewGrid(p.Grid.Start, p.Grid.Step, p.steps(0, n))
	return p
}

func TestVerify_StoresByHand(t *testing.T) {
	free := freedom{to: 2}
	onlyOn := func(slots ...bool) freedom { return freedom{to: 2, isOn: slots} }
	for name, c := range map[string]struct {
		device       Device
		freedom      freedom
		prices, isOn [2]float64
		back         [2]float64
		want         float64
	}{
		"a battery carries what the second hour is dearer by": {
			device:  Battery{EnergyMax: 2000, ChargeMax: 1000, DischargeMax: 1000, ChargeEfficiency: 0.8, DischargeEfficiency: 0.5, Wear: energy.PriceOf(0.03)},
			freedom: free, prices: [2]float64{0.1, 0.6}, back: [2]float64{-0.1, -0.6}, want: 0.1 - 0.4*(0.6-0.03),
		},
		"a battery that must charge begins to": {
			device:  Battery{EnergyMax: 2000, ChargeMax: 1000, DischargeMax: 1000, ChargeEfficiency: 1, DischargeEfficiency: 1},
			freedom: onlyOn(false, true), prices: [2]float64{9, 9}, isOn: [2]float64{0, 0.25}, want: 0.25,
		},
		"a full battery sells twice": {
			device:  Battery{EnergyMin: 500, EnergyMax: 2000, EnergyInitial: 2000, DischargeMax: 1000, ChargeEfficiency: 1, DischargeEfficiency: 1, TerminalValue: energy.PriceOf(0.1)},
			freedom: free, back: [2]float64{-0.2, -0.3}, want: -0.3 - 0.5*0.2 - 0.5*0.1,
		},
		"a battery may be less than empty": {
			device:  Battery{EnergyMin: -1000, EnergyMax: 1000, DischargeMax: 800, ChargeEfficiency: 1, DischargeEfficiency: 1},
			freedom: free, back: [2]float64{-0.2, -0.3}, want: -0.3*0.8 - 0.2*0.2,
		},
		"a tank as well": {
			device:  Thermal{COP: []float64{1, 1}, EnergyMin: -1000, EnergyMax: 1000, Draw: []energy.WattHours{600, 300}, TerminalValue: energy.PriceOf(0.1)},
			freedom: free, want: 0.09,
		},
		"and the sun may fill it": {
			device:  Thermal{COP: []float64{1, 1}, EnergyMin: -1000, EnergyMax: 1000, Draw: []energy.WattHours{-600, -300}, TerminalValue: energy.PriceOf(0.1)},
			freedom: free, want: -0.09,
		},
		"a vehicle takes what it gives back dearer, and more": {
			device: Vehicle{
				Depart: 2, Ranges: []Range{{0, 1000}}, ChargeEfficiency: 1, EnergyInitial: 2000, EnergyMin: 1000, Room: 500,
				DischargeMax: 300, DischargeEfficiency: 0.75, Wear: energy.PriceOf(0.05),
			},
			freedom: free, prices: [2]float64{0.1, 0.9}, back: [2]float64{-0.1, -0.9}, want: 0.4*0.1 - 0.3*(0.9-0.05),
		},
		"a vehicle that needs each hour gets it": {
			device:  Vehicle{Arrive: 0, Depart: 2, Ranges: []Range{{0, 1100}}, ChargeEfficiency: 0.9, Required: 1980, Room: 1980},
			freedom: free, prices: [2]float64{1, 2}, want: 3.3,
		},
		"a vehicle takes the lower range in the dear hour": {
			device:  Vehicle{Arrive: 0, Depart: 2, Ranges: []Range{{1000, 1000}, {3000, 4000}}, ChargeEfficiency: 1, Required: 4500, Room: 9000, StartCost: 250_000_000},
			freedom: free, prices: [2]float64{1, 2}, want: 3.5 + 2 + 0.25, // one start: the range is changed while it charges
		},
		"a tank is heated before it is drawn from": {
			device: Thermal{
				PowerMin: 1000, PowerMax: 1000, COP: []float64{2, 3}, EnergyMax: 5000, EnergyInitial: 1000, LossPerHour: 0.5,
				Draw: []energy.WattHours{0, 1250}, TerminalValue: energy.PriceOf(0.1),
			},
			freedom: free, prices: [2]float64{1, 5}, want: 1, // 1000 x 0.5 + 2000 = 2500, and half of it is drawn
		},
		"one that begins outside its band is back in time": {
			device:  Thermal{PowerMin: 500, PowerMax: 2000, COP: []float64{1, 1}, EnergyMin: 1000, EnergyMax: 2000, Draw: make([]energy.WattHours, 2)},
			freedom: free, prices: [2]float64{1, 1}, want: 1,
		},
		"a heater that gives no heat only costs": {
			device:  Thermal{PowerMin: 500, PowerMax: 2000, COP: []float64{0, 0}, EnergyMax: 2000, Draw: make([]energy.WattHours, 2)},
			freedom: free, prices: [2]float64{-1, 1}, isOn: [2]float64{0.5, 0}, want: -1.5,
		},
	} {
		due := tolls{c.prices[:], c.isOn[:], c.back[:]}
		if got := verifierOf(2, c.device).least(0, c.freedom, due); math.Abs(got-c.want) > 1e-7 {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestVerify_WhatNothingSatisfiesIsInfinite(t *testing.T) {
	n := 2
	none := make([]energy.WattHours, n)
	for name, d := range map[string]Device{
		"a profile longer than its window":  Shiftable{Profile: Constant(100, 2), Earliest: 1, LatestEnd: 2},
		"more to run than its window":       Interruptible{Power: 100, RunSlots: 3, LatestEnd: 2},
		"a run that may not begin":          Interruptible{Power: 100, RunSlots: 1, LatestEnd: 2, MaxStarts: new(0)},
		"a run that is not long enough":     Interruptible{Power: 100, RunSlots: 1, LatestEnd: 2, MinOn: 2},
		"a run that should not have ended":  Interruptible{Power: 100, LatestEnd: 2, MinOn: 2, OnFor: 1},
		"a vehicle that needs more":         Vehicle{Depart: 2, Ranges: []Range{{0, 1000}}, ChargeEfficiency: 1, Required: 2001, Room: 3000},
		"a vehicle that has no room":        Vehicle{Depart: 2, Ranges: []Range{{0, 1000}}, ChargeEfficiency: 1, Required: 1000, Room: 900},
		"a vehicle that is empty too long":  Vehicle{Arrive: 1, Depart: 2, Ranges: []Range{{0, 1000}}, ChargeEfficiency: 1, Room: 900, EnergyMin: 100},
		"a battery that is too empty":       Battery{EnergyMin: 500, EnergyMax: 900, EnergyInitial: 100, ChargeMax: 300, ChargeEfficiency: 1, DischargeEfficiency: 1},
		"a tank that cools":                 Thermal{COP: make([]float64, n), EnergyMin: 900, EnergyMax: 1000, EnergyInitial: 1000, LossPerHour: 0.06, Draw: none},
		"a tank that is heated by its past": Thermal{PowerMin: 1000, PowerMax: 1000, COP: []float64{1, 1}, EnergyMax: 1500, MinOn: 3, OnFor: 1, Draw: none},
	} {
		if got := verifierOf(n, d).least(0, freedom{to: n}, newTolls(n)); !math.IsInf(got, 1) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestVerify_ALeafMayLeaveNothing(t *testing.T) {
	never := Thermal{COP: []float64{1, 1}, EnergyMax: 1000, Draw: make([]energy.WattHours, 2)}
	pausing := Shiftable{Profile: []energy.Watts{1000, 0}, LatestEnd: 2}
	optional := Shiftable{Profile: []energy.Watts{1000}, LatestEnd: 2, Optional: true}
	second := []bool{false, true}
	for name, c := range map[string]struct {
		device Device
		f      freedom
	}{
		"a heater without power is never on":      {never, freedom{to: 2, isOn: second}},
		"a run is not on where its profile rests": {pausing, freedom{to: 2, isOn: second}},
		"a run is on where it is forbidden":       {pausing, freedom{to: 2, isOff: []bool{true, false}}},
		"no start is left":                        {pausing, freedom{from: 1, to: 2}},
		"left out and run":                        {optional, freedom{to: 2, mustRest: true, mustRun: true}},
		"left out and on":                         {optional, freedom{to: 2, mustRest: true, isOn: second}},
	} {
		if got := verifierOf(2, c.device).least(0, c.f, newTolls(2)); !math.IsInf(got, 1) {
			t.Errorf("%s: %v", name, got)
		}
	}
	for name, c := range map[string]struct {
		device Device
		f      freedom
	}{
		"a heater without power is off":  {never, freedom{to: 2, isOff: second}},
		"a profile that rests is off":    {pausing, freedom{to: 2, isOff: second}},
		"left out where it must be off":  {optional, freedom{to: 2, isOff: []bool{true, true}}},
		"left out for want of any start": {optional, freedom{}},
	} {
		if got := verifierOf(2, c.device).least(0, c.f, newTolls(2)); got != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestVerify_ALeafLimitsAPower(t *testing.T) {
	type level struct {
		kW      float64
		isLeast bool
	}
	battery := Battery{EnergyMax: 2000, EnergyInitial: 1000, ChargeMax: 1000, DischargeMax: 1000, ChargeEfficiency: 1, DischargeEfficiency: 1}
	for name, c := range map[string]struct {
		levels      []level // of the first hour
		price, back float64 // there
		want        float64
	}{
		"at least 0 is not below":       {[]level{{0, true}}, 1, -0.5, 0},
		"at most 0 may be below":        {[]level{{0, false}}, -1, -0.5, -0.5},
		"the highest of the least":      {[]level{{0.2, true}, {0.6, true}, {0.4, true}}, 1, 0, 0.6},
		"the lowest of the most":        {[]level{{0.8, false}, {0.3, false}, {0.5, false}}, -1, 0, -0.3},
		"between the two":               {[]level{{0.8, false}, {0.7, true}}, -1, -9, -0.8},
		"just one power":                {[]level{{0.7, false}, {0.7, true}}, 1, -9, 0.7},
		"none, where they leave no one": {[]level{{0.7, false}, {0.8, true}}, 1, -9, math.Inf(1)},
	} {
		f := freedom{to: 2}
		for _, l := range c.levels {
			f.level(0, l.kW, l.isLeast, 2)
		}
		due := tolls{[]float64{c.price, 9}, make([]float64, 2), []float64{c.back, 0}}
		if got := verifierOf(2, battery).least(0, f, due); !isNear(got, c.want) && math.Abs(got-c.want) > 1e-7 {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// A vehicle that needs all it can get, or a tank with room for a whole number of steps, must not miss them by
// rounding, however many slots there are and in whatever order a limit was added up.
func TestVerify_RoundingPutsNothingOutOfReach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 100).Draw(t, "slots")
		due, f := newTolls(n), freedom{to: n}
		for i := range due.consumed {
			due.consumed[i] = 1
		}
		power, gain := rapid.Float64Range(100, 3000).Draw(t, "power"), rapid.Float64Range(0.3, 1).Draw(t, "gain")
		w, step := energy.Watts(power), energy.WattHours(power*gain)
		full := Vehicle{Depart: n, Ranges: []Range{{0, w}}, ChargeEfficiency: gain, Room: 1e9, Required: energy.WattHours(n) * step}
		if got, want := verifierOf(n, full).least(0, f, due), float64(n)*power/1000; !(math.Abs(got-want) < 1e-5) {
			t.Fatalf("a vehicle that needs all: %v, want %v", got, want)
		}
		tank := Thermal{PowerMin: w, PowerMax: w, EnergyMax: 3 * step, EnergyInitial: step + step + step, COP: slices.Repeat([]float64{gain}, n)}
		for i := range n {
			tank.Draw = append(tank.Draw, step*energy.WattHours(i%2))
		}
		if got, want := verifierOf(n, tank).least(0, f, due), float64(max(n/2-3, 0))*power/1000; !(math.Abs(got-want) < 1e-5) {
			t.Fatalf("a tank of three steps: %v, want %v", got, want)
		}
	})
}

// What a general solver has proven for three devices of a corpus problem, at 0.7 of the import price.
func TestVerify_AgreesWithAGeneralSolverOnDevices(t *testing.T) {
	p := read(t, "M0")
	v := newVerifier(p)
	due := newTolls(v.slots)
	for i, price := range p.ImportPrice {
		due.consumed[i] = 0.7 * price.Float() * v.slotHours(i)
	}
	want := map[string]float64{"ev5": 5.1437935, "wh7": 1.0613602, "hp8": 2.2088596}
	for i, d := range p.Devices {
		if w, ok := want[d.Name()]; ok {
			delete(want, d.Name())
			if got := v.least(i, freedom{to: v.slots}, due); math.Abs(got-w) > 1e-6 {
				t.Errorf("%s: %v, want %v", d.Name(), got, w)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("not there: %v", want)
	}
}
