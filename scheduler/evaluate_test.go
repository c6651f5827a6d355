package scheduler

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

func rows(r ...[]energy.Watts) [][]energy.Watts { return r }

func TestEvaluate_AddsUpByHand(t *testing.T) {
	p := small()
	p.Carbon, p.CarbonPrice = []energy.GramsPerKWh{100, 0, 400}, energy.MoneyOf(100)
	p.Peak = Peak{Price: energy.MoneyOf(0.5), SoFar: 1000}
	d := p.Devices[1].(Battery)
	d.Wear, d.TerminalValue, d.ChargeEfficiency, d.DischargeEfficiency = energy.PriceOf(0.02), energy.PriceOf(0.1), 0.8, 0.5
	p.Devices[1] = d
	e, err := Evaluate(p, rows([]energy.Watts{0, 1000, 0}, []energy.Watts{0, 1000, -250}))
	if err != nil {
		t.Fatal(err)
	}
	want := Costs{
		Import:   energy.MoneyOf(0.5*0.3 + 2.5*0.1 + 0.25*0.4),
		Carbon:   energy.MoneyOf((0.5*100 + 0.25*400) * 100 * 1e-6),
		Wear:     energy.MoneyOf(0.25 * 0.02),
		Peak:     energy.MoneyOf(0.5 * 1.5),
		Terminal: energy.MoneyOf(-0.3 * 0.1),
	}
	if e.Costs != want || e.Objective != want.Sum() || len(e.Violations) != 0 {
		t.Errorf("costs %+v, want %+v; violations %v", e.Costs, want, e.Violations)
	}
	if got := e.Devices[1].Energy; got[0] != 0 || got[1] != 800 || math.Abs(float64(got[2])-300) > 1e-9 {
		t.Errorf("stored %v", got)
	}
}

func TestEvaluate_CurtailsOnlyWhereItPaysOrMust(t *testing.T) {
	for name, c := range map[string]struct {
		buy, sell, solar, base, maxImport, maxExport float64
		imports, exports, curtailed                  float64
	}{
		"sells at a price":               {0.3, 0.1, 3000, 500, 5000, 5000, 0, 2500, 0},
		"sells for nothing":              {0.3, 0, 3000, 500, 5000, 5000, 0, 2500, 0},
		"would pay for selling":          {0.3, -0.1, 3000, 500, 5000, 5000, 0, 0, 2500},
		"may not sell it all":            {0.3, 0.1, 3000, 500, 5000, 1000, 0, 1000, 1500},
		"is paid for buying":             {-0.2, 0.01, 3000, 500, 5000, 5000, 500, 0, 3000},
		"is paid, but may buy less":      {-0.2, 0.01, 3000, 500, 400, 5000, 400, 0, 2900},
		"sells dearer than it is paid":   {-0.01, 0.3, 3000, 500, 5000, 5000, 0, 2500, 0},
		"buys beyond its limit, as told": {0.3, 0.1, 0, 6000, 5000, 5000, 6000, 0, 0},
	} {
		p := small()
		p.Devices = nil
		for s := range 3 {
			p.ImportPrice[s], p.ExportPrice[s] = energy.PriceOf(c.buy), energy.PriceOf(c.sell)
			p.Solar[s], p.BaseLoad[s] = energy.Watts(c.solar), energy.Watts(c.base)
		}
		p.ImportLimit, p.ExportLimit, p.SolarCurtailable = Constant(energy.Watts(c.maxImport), 3), Constant(energy.Watts(c.maxExport), 3), true
		e, err := Evaluate(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		if float64(e.Import[1]) != c.imports || float64(e.Export[1]) != c.exports || float64(e.Curtailed[1]) != c.curtailed {
			t.Errorf("%s: imports %v, exports %v, curtails %v; want %v, %v, %v", name, e.Import[1], e.Export[1], e.Curtailed[1], c.imports, c.exports, c.curtailed)
		}
	}
}

func TestEvaluate_WeighsBeingPaidForImportAgainstThePeak(t *testing.T) {
	p := small()
	p.Devices, p.SolarCurtailable = nil, true
	p.ImportPrice = []energy.Price{energy.PriceOf(-0.2), energy.PriceOf(-0.2), energy.PriceOf(-0.2)}
	p.Solar = []energy.Watts{2000, 2000, 2000}
	for price, curtailed := range map[float64]energy.Watts{0: 2000, 5: 0} {
		p.Peak = Peak{Price: energy.MoneyOf(price)}
		e, err := Evaluate(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		if e.Curtailed[0] != curtailed {
			t.Errorf("at a peak price of %v: curtails %v, want %v", price, e.Curtailed[0], curtailed)
		}
	}
}

func TestEvaluate_AveragesThePeakOverWholeBlocks(t *testing.T) {
	for name, c := range map[string]struct {
		averaging int
		slots     []bool
		want      float64
	}{
		"each slot":                {1, nil, 4},
		"blocks of two, last of 1": {2, nil, 3},
		"one long block":           {5, nil, 2},
		"without the first":        {1, []bool{false, true, true}, 2},
		"whole blocks only":        {2, []bool{true, false, true}, 0},
	} {
		p := small()
		p.Devices, p.BaseLoad = nil, []energy.Watts{4000, 2000, 0}
		p.Peak = Peak{Price: energy.MoneyOf(1), Averaging: c.averaging, Slots: c.slots}
		e, err := Evaluate(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		if e.Costs.Peak != energy.MoneyOf(c.want) {
			t.Errorf("%s: peak costs %v, want %v", name, e.Costs.Peak, c.want)
		}
	}
}

// told is a violation in short: "min_on pump 3: 1 slots"; "-" is the whole horizon, "grid" no device.
func told(v Violation) string {
	device, slot := "grid", "-"
	if v.Device != nil {
		device = *v.Device
	}
	if v.Slot != nil {
		slot = fmt.Sprint(*v.Slot)
	}
	return fmt.Sprintf("%s %s %s: %.0f %s", v.Constraint, device, slot, v.Amount, v.Unit)
}

func TestEvaluate_NamesEveryViolation(t *testing.T) {
	w := func(v ...energy.Watts) []energy.Watts { return v }
	pump := Interruptible{ID: "pump", Power: 1000, RunSlots: 2, LatestEnd: 5, MinOn: 2, MinOff: 2}
	car := Vehicle{ID: "car", Arrive: 1, Depart: 5, Ranges: []Range{{1000, 2000}, {3000, 4000}}, ChargeEfficiency: 1, Required: 2000, Room: 4000, DischargeMax: 1000, EnergyInitial: 1000, EnergyMin: 500}
	battery := Battery{ID: "battery", EnergyMin: 500, EnergyMax: 2000, EnergyInitial: 1000, ChargeMax: 1500, DischargeMax: 1500, ChargeEfficiency: 1, DischargeEfficiency: 1}
	tank := Thermal{ID: "tank", PowerMin: 1000, PowerMax: 2000, COP: []float64{1, 1, 1, 1, 1, 1}, EnergyMax: 3000, EnergyInitial: 1000, Draw: make([]energy.WattHours, 6), MinOn: 2, MinOff: 2}
	dish := Shiftable{ID: "dish", Profile: w(1000, 500), Earliest: 1, LatestEnd: 4}
	with := func(d Interruptible, change func(*Interruptible)) Interruptible { change(&d); return d }
	for name, c := range map[string]struct {
		d     Device
		power []energy.Watts
		want  string
	}{
		"pump in order":            {pump, w(0, 1000, 1000, 0, 0, 0), ""},
		"pump too short":           {pump, w(1000, 0, 0, 1000, 0, 0), "min_on pump 0: 1 slots, min_on pump 3: 1 slots"},
		"pump rests too little":    {with(pump, func(d *Interruptible) { d.RunSlots = 4 }), w(1000, 1000, 0, 1000, 1000, 0), "min_off pump 2: 1 slots"},
		"pump outside":             {pump, w(0, 0, 0, 0, 1000, 1000), "window pump -: 1 slots"},
		"pump too little":          {pump, w(0, 0, 0, 0, 0, 0), "run pump -: 2 slots"},
		"pump at half power":       {pump, w(0, 500, 1000, 0, 0, 0), "range pump 1: 500 W"},
		"pump starts too often":    {with(pump, func(d *Interruptible) { d.MinOn, d.MaxStarts = 1, new(1) }), w(1000, 0, 0, 1000, 0, 0), "max_starts pump -: 1 starts"},
		"pump goes on":             {with(pump, func(d *Interruptible) { d.OnFor, d.MaxStarts = 1, new(0) }), w(1000, 1000, 0, 0, 0, 0), ""},
		"pump cut off":             {with(pump, func(d *Interruptible) { d.OnFor = 1 }), w(0, 0, 1000, 1000, 0, 0), "min_on pump 0: 1 slots"},
		"pump wakes early":         {with(pump, func(d *Interruptible) { d.OffFor = 1 }), w(1000, 1000, 0, 0, 0, 0), "min_off pump 0: 1 slots"},
		"pump off for long":        {with(pump, func(d *Interruptible) { d.OffFor = 2 }), w(1000, 1000, 0, 0, 0, 0), ""},
		"car in order":             {car, w(0, 2000, 0, -1000, 1000, 0), ""},
		"car away":                 {car, w(2000, 0, 0, 0, 0, 0), "window car 0: 2000 W"},
		"car between ranges":       {car, w(0, 2600, 0, 0, 0, 0), "range car 1: 400 W"},
		"car drained":              {car, w(0, -1000, 1000, 2000, 0, 0), "energy_min car 1: 500 Wh"},
		"car overfull":             {car, w(0, 4000, 1000, -1000, 0, 0), "energy_max car 2: 1000 Wh"},
		"car not full":             {car, w(0, 1000, 0, 0, 0, 0), "required_energy car -: 1000 Wh"},
		"battery in order":         {battery, w(1000, -1500, 0, 0, 0, 0), ""},
		"battery too strong":       {battery, w(0, 0, 1000, -1600, 0, 0), "range battery 3: 100 W, energy_min battery 3: 100 Wh, energy_min battery 4: 100 Wh, energy_min battery 5: 100 Wh"},
		"tank cut by the end":      {tank, w(0, 0, 0, 0, 0, 1000), ""},
		"tank too weak":            {tank, w(0, 0, 700, 700, 0, 0), "range tank 2: 300 W, range tank 3: 300 W"},
		"tank overheated":          {tank, w(1500, 1500, 0, 0, 0, 0), "energy_max tank 1: 1000 Wh, energy_max tank 2: 1000 Wh, energy_max tank 3: 1000 Wh, energy_max tank 4: 1000 Wh, energy_max tank 5: 1000 Wh"},
		"dish in order":            {dish, w(0, 0, 1000, 500, 0, 0), ""},
		"dish late":                {dish, w(0, 0, 0, 0, 1000, 500), "window dish -: 2 slots"},
		"dish early":               {dish, w(1000, 500, 0, 0, 0, 0), "window dish -: 1 slots"},
		"dish torn":                {dish, w(0, 1000, 0, 500, 0, 0), "run dish -: 2 slots"},
		"dish left out":            {dish, w(0, 0, 0, 0, 0, 0), "run dish -: 2 slots"},
		"dish left out, as it may": {Shiftable{ID: "dish", Profile: dish.Profile, LatestEnd: 6, Optional: true}, w(0, 0, 0, 0, 0, 0), ""},
	} {
		p := small()
		p.Grid = energy.NewGrid(p.Grid.Start, time.Hour, 6)
		p.ImportPrice, p.ExportPrice = make([]energy.Price, 6), make([]energy.Price, 6)
		p.Solar, p.BaseLoad, p.ImportLimit, p.ExportLimit = Constant(0, 6), Constant(0, 6), Constant(1e5, 6), Constant(1e5, 6)
		p.Devices = []Device{c.d}
		e, err := Evaluate(p, rows(c.power))
		if err != nil {
			t.Fatal(name, err)
		}
		var got []string
		for _, v := range e.Violations {
			got = append(got, told(v))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
	}
}

func TestEvaluate_NamesLimitsOfTheHome(t *testing.T) {
	p := small()
	p.ImportLimit, p.ExportLimit, p.Solar[2] = Constant(1200, 3), Constant(1000, 3), 3000
	p.Circuits = []Circuit{{ID: "kitchen", Limit: 1500, Devices: []string{"dishwasher", "battery"}}}
	e, err := Evaluate(p, rows([]energy.Watts{1000, 0, 0}, []energy.Watts{600, 0, 0}))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range e.Violations {
		got = append(got, told(v))
	}
	if s := strings.Join(got, ", "); s != "circuit kitchen 0: 100 W, import_limit grid 0: 900 W, export_limit grid 2: 1500 W" {
		t.Error(s)
	}
}

func TestEvaluate_BalancesEverySlotAndNeverTradesBothWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, 4)
		power := make([][]energy.Watts, len(p.Devices))
		for i := range power {
			power[i] = drawWatts(t, 4, 6, "power")
		}
		e, err := Evaluate(p, power)
		if err != nil {
			t.Fatal(err)
		}
		for s := range 4 {
			need := p.BaseLoad[s] - p.Solar[s] + e.Curtailed[s]
			for i := range power {
				need += power[i][s]
			}
			if math.Abs(float64(e.Import[s]-e.Export[s]-need)) > 1e-9 || e.Import[s] > 0 && e.Export[s] > 0 {
				t.Fatalf("slot %d: imports %v, exports %v, needs %v", s, e.Import[s], e.Export[s], need)
			}
			if e.Curtailed[s] < 0 || e.Curtailed[s] > p.Solar[s] || !p.SolarCurtailable && e.Curtailed[s] > 0 {
				t.Fatalf("slot %d: curtails %v of %v", s, e.Curtailed[s], p.Solar[s])
			}
		}
		if e.Costs.Sum() != e.Objective {
			t.Fatalf("costs add up to %v, objective %v", e.Costs.Sum(), e.Objective)
		}
	})
}

func TestEvaluate_RefusesPowersOutOfShape(t *testing.T) {
	p := small()
	for name, power := range map[string][][]energy.Watts{
		"a device too few":     rows(make([]energy.Watts, 3)),
		"a slot too few":       rows(make([]energy.Watts, 3), make([]energy.Watts, 2)),
		"a power not a number": rows(make([]energy.Watts, 3), []energy.Watts{0, energy.Watts(math.NaN()), 0}),
	} {
		if _, err := Evaluate(p, power); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	p.Currency = ""
	if _, err := Evaluate(p, rows(make([]energy.Watts, 3), make([]energy.Watts, 3))); err == nil {
		t.Error("a wrong problem: accepted")
	}
}
