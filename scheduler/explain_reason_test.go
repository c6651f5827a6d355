package scheduler

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hearth/energy"
)

// whys are the causes of an explanation in a line.
func whys(x *Explanation) string {
	var out []string
	for _, r := range x.Reasons {
		text := string(r.Cause)
		if r.Circuit != "" {
			text += " " + r.Circuit
		}
		if r.Power != 0 {
			text += " " + r.Power.String()
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// asked is a device's powers in the home, the slot asked for, and the causes wanted.
type asked struct {
	power []energy.Watts
	slot  int
	want  string
}

func checkWhys(t *testing.T, name string, q *Problem, cases []asked, others ...[]energy.Watts) {
	t.Helper()
	for _, c := range cases {
		plan := follow(t, q, append([][]energy.Watts{c.power}, others...)...)
		if got := whys(explain(t, q, plan, q.Devices[0].Name(), c.slot)); got != c.want {
			t.Errorf("%s: slot %d of %v: %q, want %q", name, c.slot, c.power, got, c.want)
		}
	}
}

func TestExplain_NamesTheWindowOfAShiftable(t *testing.T) {
	q := hourly(Shiftable{ID: "dish", Profile: watts(1000, 500), Earliest: 1, LatestEnd: 5})
	checkWhys(t, "window", q, []asked{
		{watts(0, 1000, 500, 0, 0, 0), 1, "earliest_start"},
		{watts(0, 1000, 500, 0, 0, 0), 2, "earliest_start"}, // a run is explained as one
		{watts(0, 0, 1000, 500, 0, 0), 2, "price"},
		{watts(0, 0, 0, 1000, 500, 0), 3, "deadline"},
		{watts(0, 0, 1000, 500, 0, 0), 0, "earliest_start"},
		{watts(0, 0, 1000, 500, 0, 0), 1, "price"},
		{watts(0, 0, 1000, 500, 0, 0), 4, "deadline"}, // half of the run would be outside
		{watts(0, 0, 1000, 500, 0, 0), 5, "deadline"},
	})
	q = hourly(Shiftable{ID: "dish", Profile: watts(1000, 500), LatestEnd: 2})
	checkWhys(t, "running", q, []asked{{watts(1000, 500, 0, 0, 0, 0), 1, "running"}})
	q = hourly(Shiftable{ID: "dish", Profile: watts(1000, 500), LatestEnd: 2, Optional: true})
	checkWhys(t, "optional", q, []asked{
		{watts(1000, 500, 0, 0, 0, 0), 1, "earliest_start, deadline"},
		{watts(0, 0, 0, 0, 0, 0), 0, "price"},
		{watts(0, 0, 0, 0, 0, 0), 1, "deadline"},
	})
}

func TestExplain_NamesHoldTimesAndThePast(t *testing.T) {
	pump := Interruptible{ID: "pump", Power: 1000, RunSlots: 4, LatestEnd: 6, MinOn: 2, MinOff: 2}
	checkWhys(t, "no past", hourly(pump), []asked{
		{watts(1000, 1000, 0, 0, 1000, 1000), 0, "hold_time, earliest_start"},
		{watts(1000, 1000, 0, 0, 1000, 1000), 3, "hold_time"},
		{watts(1000, 1000, 0, 0, 1000, 1000), 4, "hold_time, deadline"},
		{watts(0, 1000, 1000, 1000, 1000, 0), 2, "price"},
	})
	pump.MinOff = 1
	checkWhys(t, "free to move", hourly(pump), []asked{{watts(0, 1000, 1000, 0, 0, 0), 1, "hold_time"}, {watts(0, 1000, 1000, 1000, 0, 0), 1, "price"}})
	pump.MinOn, pump.MinOff = 1, 2
	checkWhys(t, "pauses", hourly(pump), []asked{
		{watts(1000, 0, 0, 1000, 0, 0), 1, "hold_time"}, {watts(1000, 0, 0, 0, 1000, 0), 1, "price"}, {watts(1000, 0, 0, 0, 0, 0), 1, "price"},
	})
	pump.RunSlots, pump.MinOn, pump.OnFor = 2, 3, 1
	checkWhys(t, "on for 1 of 3", hourly(pump), []asked{
		{watts(1000, 1000, 0, 0, 0, 0), 1, "running"},
		{watts(1000, 1000, 0, 0, 0, 0), 3, "hold_time"}, // it would have been on too short a time
	})
	pump.RunSlots, pump.MinOn = 3, 2
	checkWhys(t, "on for 1 of 2", hourly(pump), []asked{
		{watts(1000, 1000, 1000, 0, 0, 0), 0, "running"},
		{watts(1000, 1000, 1000, 0, 0, 0), 1, "hold_time"}, // free to stop after slot 0, but not to go on later
	})
	pump.MinOn, pump.OnFor, pump.MinOff = 3, 5, 1
	checkWhys(t, "on for 5 of 3", hourly(pump), []asked{{watts(1000, 1000, 1000, 0, 0, 0), 0, "price"}})
	pump.MinOn = 2
	pump.RunSlots, pump.OnFor, pump.OffFor, pump.MinOff = 2, 0, 1, 3
	checkWhys(t, "off for 1 of 3", hourly(pump), []asked{
		{watts(0, 0, 1000, 1000, 0, 0), 1, "running"},
		{watts(0, 0, 1000, 1000, 0, 0), 2, "hold_time"},
		{watts(0, 0, 0, 1000, 1000, 0), 2, "price"},
	})
	pump.OnFor, pump.OffFor, pump.MinOn, pump.RunSlots = 2, 0, 2, 0
	checkWhys(t, "just off, and nothing to run", hourly(pump), []asked{
		{watts(0, 0, 0, 0, 0, 0), 0, "price"},
		{watts(0, 0, 0, 0, 0, 0), 1, "hold_time"},
		{watts(0, 0, 0, 0, 0, 0), 3, "price"},
	})
}

func TestExplain_NamesTheStartsThatAreUsedUp(t *testing.T) {
	pump := Interruptible{ID: "pump", Power: 1000, RunSlots: 2, LatestEnd: 6, MaxStarts: new(2)}
	checkWhys(t, "two of two", hourly(pump), []asked{{watts(0, 1000, 0, 1000, 0, 0), 1, "max_starts"}, {watts(0, 1000, 0, 1000, 0, 0), 2, "max_starts"}})
	checkWhys(t, "one of two", hourly(pump), []asked{{watts(0, 0, 1000, 1000, 0, 0), 2, "price"}})
	pump.OnFor, pump.MaxStarts = 1, new(1)
	checkWhys(t, "the first run is no start", hourly(pump), []asked{{watts(1000, 1000, 0, 0, 0, 0), 4, "price"}, {watts(1000, 0, 1000, 0, 0, 0), 2, "max_starts"}})
}

func TestExplain_NamesLimitsOfTheGrid(t *testing.T) {
	dish := Shiftable{ID: "dish", Profile: watts(1000), LatestEnd: 6}
	q := hourly(dish)
	q.ImportLimit = watts(11000, 11000, 1500, 11000, 1400, 11000)
	checkWhys(t, "import", q, []asked{
		{watts(0, 0, 1000, 0, 0, 0), 2, "import_limit"},
		{watts(0, 0, 1000, 0, 0, 0), 4, "import_limit"},
		{watts(0, 0, 0, 1000, 0, 0), 3, "import_limit"}, // in slot 4 it would be too much
		{watts(0, 0, 0, 0, 0, 1000), 5, "deadline, import_limit"},
		{watts(0, 1000, 0, 0, 0, 0), 1, "price"},
		{watts(0, 1000, 0, 0, 0, 0), 2, "price"},
	})
	q = hourly(dish)
	q.Solar, q.SolarCurtailable = watts(0, 0, 3000, 3000, 1200, 0), true
	q.ExportLimit = Constant(1500, 6)
	checkWhys(t, "export", q, []asked{
		{watts(0, 0, 1000, 0, 0, 0), 2, "export_limit, solar_surplus 1kW"},
		{watts(0, 0, 0, 0, 1000, 0), 4, "solar_surplus 700W"},
		{watts(0, 0, 0, 0, 1000, 0), 2, "price"}, // off: the limit does not keep it from running
	})
	battery := Battery{ID: "battery", EnergyInitial: 5000, EnergyMax: 9000, ChargeMax: 3000, DischargeMax: 3000, ChargeEfficiency: 1, DischargeEfficiency: 1}
	q = hourly(battery)
	q.ExportLimit = Constant(1000, 6)
	checkWhys(t, "giving back", q, []asked{{watts(0, 0, 0, 0, 0, -1500), 5, "export_limit"}, {watts(0, 0, 0, 0, 0, -1400), 5, "price"}})
}

func TestExplain_NamesTheCircuit(t *testing.T) {
	q := hourly(Shiftable{ID: "dish", Profile: watts(1000), LatestEnd: 6}, Shiftable{ID: "oven", Profile: watts(2000), LatestEnd: 6})
	q.Circuits = []Circuit{
		{ID: "cellar", Limit: 500, Devices: []string{"oven"}},
		{ID: "kitchen", Limit: 3000, Devices: []string{"dish", "oven"}},
		{ID: "main", Limit: 9000, Devices: []string{"dish", "oven"}},
	}
	oven := watts(0, 0, 2000, 0, 0, 0)
	checkWhys(t, "full", q, []asked{{watts(0, 0, 1000, 0, 0, 0), 2, "circuit kitchen"}, {watts(0, 1000, 0, 0, 0, 0), 1, "price"}}, oven)
	car := Vehicle{ID: "car", Depart: 6, Ranges: []Range{{1000, 3000}}, ChargeEfficiency: 1, Room: 3000, EnergyInitial: 3000, DischargeMax: 1000}
	v2h := hourly(car, q.Devices[1])
	v2h.Circuits = []Circuit{{ID: "kitchen", Limit: 2000, Devices: []string{"car", "oven"}}}
	checkWhys(t, "giving back", v2h, []asked{{watts(0, 0, -500, 0, 0, 0), 2, "price"}, {watts(0, -500, 0, 0, 0, 0), 2, "circuit kitchen"}}, oven)
	q.Circuits[1].Limit = 2500
	checkWhys(t, "too full", q, []asked{{watts(1000, 0, 0, 0, 0, 0), 2, "circuit kitchen"}, {watts(0, 1000, 0, 0, 0, 0), 1, "circuit kitchen"}}, oven)
}

func TestExplain_NamesTheEndsOfAStore(t *testing.T) {
	battery := Battery{ID: "battery", EnergyMin: 500, EnergyInitial: 1000, EnergyMax: 2000, ChargeMax: 3000, DischargeMax: 3000, ChargeEfficiency: 1, DischargeEfficiency: 1}
	row := watts(-500, 0, 1500, 0, -100, 100)
	checkWhys(t, "battery", hourly(battery), []asked{
		{row, 0, "store_empty"}, {row, 1, "store_empty"}, {row, 2, "store_full"}, {row, 3, "store_full"}, {row, 4, "price"}, {row, 5, "store_full"},
	})
	battery.EnergyInitial = 0 // below its band, and on the way into it
	checkWhys(t, "low battery", hourly(battery), []asked{{watts(300, 300, 0, 0, 0, 0), 0, "price"}})
	battery.EnergyInitial = 2500
	checkWhys(t, "high battery", hourly(battery), []asked{{watts(-300, -300, 0, 0, 0, 0), 0, "price"}})
	tank := Thermal{
		ID: "tank", PowerMin: 500, PowerMax: 2000, COP: []float64{1, 1, 1, 1, 1, 1}, EnergyInitial: 2000, EnergyMax: 3000,
		Draw: []energy.WattHours{1000, 1000, 0, 0, 0, 0},
	}
	checkWhys(t, "tank", hourly(tank), []asked{
		{watts(0, 0, 0, 1000, 0, 0), 3, "price"},
		{watts(0, 0, 1000, 0, 0, 0), 2, "price"}, // just empty when it begins, but nothing is drawn any more
		{watts(1000, 0, 0, 0, 0, 0), 0, "price"},
		{watts(0, 0, 0, 0, 2000, 1000), 4, "store_full"},
		{watts(0, 0, 0, 0, 2000, 1000), 3, "price"},
		{watts(2000, 0, 0, 0, 1000, 0), 1, "price"},
		{watts(2000, 0, 0, 0, 1000, 0), 0, "store_full"},
	})
	tank.EnergyInitial = 1500
	checkWhys(t, "tank that would run dry", hourly(tank), []asked{
		{watts(0, 500, 0, 0, 0, 0), 1, "store_empty"},
		{watts(0, 500, 0, 0, 0, 0), 3, "store_empty"},    // it could not wait so long
		{watts(500, 0, 0, 1000, 0, 0), 0, "store_empty"}, // used up before the next run
		{watts(1000, 0, 0, 0, 0, 0), 0, "price"},
		{watts(1000, 1000, 0, 0, 0, 0), 0, "price"},
		{watts(1000, 1000, 0, 1000, 1000, 1000), 5, "store_full"},
	})
}

func TestExplain_NamesWhatAVehicleNeeds(t *testing.T) {
	car := Vehicle{ID: "car", Arrive: 1, Depart: 5, Ranges: []Range{{1000, 3000}}, ChargeEfficiency: 1, Required: 2000, Room: 3000, EnergyInitial: 1000, EnergyMin: 1000}
	checkWhys(t, "charging", hourly(car), []asked{
		{watts(0, 0, 2000, 0, 0, 0), 2, "required_energy"},
		{watts(0, 2000, 0, 0, 0, 0), 1, "earliest_start, required_energy"},
		{watts(0, 0, 0, 0, 2000, 0), 4, "deadline, required_energy"},
		{watts(0, 0, 0, 1000, 2000, 0), 3, "deadline, store_full"},
		{watts(0, 0, 2500, 0, 0, 0), 2, "price"},
		{watts(0, 0, 2500, 0, 0, 0), 0, "earliest_start"},
		{watts(0, 0, 2500, 0, 0, 0), 5, "deadline"},
		{watts(0, 0, 3000, 0, 0, 0), 3, "store_full"},
		{watts(0, 0, 3000, 0, 0, 0), 1, "price"},
	})
	car.DischargeMax = 1000
	checkWhys(t, "giving back", hourly(car), []asked{
		{watts(0, 1000, -1000, 2500, 0, 0), 2, "store_empty"},
		{watts(0, 0, 0, 2500, 0, 0), 1, "store_empty"},
		{watts(0, 0, 0, 2500, 0, 0), 0, "earliest_start"}, // not there: nothing to give back
		{watts(0, 0, 0, 2500, 0, 0), 3, "price"},
		{watts(0, 1000, -1000, 2500, 0, 0), 1, "earliest_start, store_empty"}, // given back before it charges again
	})
	car.Required, car.EnergyMin = 0, 0
	checkWhys(t, "needing nothing", hourly(car), []asked{{watts(0, 0, 1000, -1000, 0, 0), 2, "price"}})
}

func TestExplain_NamesThePeak(t *testing.T) {
	q := hourly(Shiftable{ID: "dish", Profile: watts(1000), LatestEnd: 6})
	q.Peak = Peak{Price: cents(50), Averaging: 2, Slots: []bool{true, true, true, true, false, false}}
	q.Solar = watts(0, 0, 0, 600, 0, 0)
	row := watts(0, 0, 1000, 0, 0, 0) // blocks at a mean of 500, 750 and 500
	checkWhys(t, "peak", q, []asked{{row, 2, "peak"}, {row, 3, "price"}, {row, 1, "price"}, {row, 4, "price"}})
	q.Peak.SoFar = 800
	checkWhys(t, "paid for", q, []asked{{row, 2, "price"}})
	q.Peak = Peak{Slots: q.Peak.Slots}
	checkWhys(t, "free", q, []asked{{row, 2, "price"}})
	// Paid for importing, the home curtails all its solar; what it needs more it takes from that.
	q.Peak, q.Solar, q.SolarCurtailable = Peak{Price: cents(1)}, watts(0, 0, 2000, 0, 0, 0), true
	for s := range q.ImportPrice {
		q.ImportPrice[s], q.ExportPrice[s] = p(-0.2), p(-0.2)
	}
	checkWhys(t, "paid for importing", q, []asked{{row, 2, "solar_surplus 1kW"}})
}

// The laws of reasons, asked of Evaluate: a constraint is tight when a hair more of it, or the run a slot away,
// would violate something.

// hair is what the limits are moved by: twice what Evaluate lets pass.
const hair = 2 * powerSlip * 1.001

// isViolated says that powers violate a constraint, in a slot when that is not negative, by more than the plan
// does. The id is that of a circuit.
func isViolated(p *Problem, power [][]energy.Watts, c Constraint, id string, slot int, plan *Plan) bool {
	sum := func(all []Violation) (amount float64) {
		for _, v := range all {
			if v.Constraint == c && (id == "" || *v.Device == id) && (slot < 0 || *v.Slot == slot) {
				amount += v.Amount
			}
		}
		return amount
	}
	return sum(evaluate(p, power).Violations) > sum(plan.Violations)+1e-6
}

// moves are the powers of a plan with the run of a slot one slot away, or with any run beginning in the slot,
// inside the device's window.
func moves(p *Problem, plan *Plan, i int, x *Explanation) (out [][][]energy.Watts) {
	d := p.Devices[i]
	try := func(from, to, start int) {
		power := plan.Devices[i].Power
		rest := slices.Clone(power)
		clear(rest[from:to])
		if end := start + to - from; start >= 0 && end <= len(power) && isRest(rest[start:end]) {
			out = append(out, with(plan, i, replaced(d, power, Alternative{From: from, Start: start})))
		}
	}
	if x.RunTo > 0 {
		try(x.RunFrom, x.RunTo, x.RunFrom-1)
		try(x.RunFrom, x.RunTo, x.RunFrom+1)
	}
	all := runs(d, plan.Devices[i].Power)
	for _, r := range all {
		if x.RunTo == 0 {
			try(r.from, r.to, x.Slot)
		}
	}
	if s, ok := d.(Shiftable); ok && len(all) == 0 && x.Slot+len(s.Profile) <= len(plan.Import) {
		out = append(out, with(plan, i, replaced(d, plan.Devices[i].Power, Alternative{From: -1, Start: x.Slot})))
	}
	return slices.DeleteFunc(out, func(power [][]energy.Watts) bool { return isViolated(p, power, Window, "", -1, plan) })
}

// narrowed is the device with less room in its store, or fewer starts, or more to charge.
func narrowed(d Device, c Cause) Device {
	const little = 2 * edge * 1.001
	switch d := d.(type) {
	case Battery:
		if c == CauseStoreFull {
			d.EnergyMax -= little
		} else {
			d.EnergyMin += little
		}
		return d
	case Vehicle:
		switch c {
		case CauseStoreFull:
			d.Room -= little
		case CauseStoreEmpty:
			d.EnergyMin += little
		default:
			d.Required += little
		}
		return d
	case Thermal:
		switch c {
		case CauseStoreFull:
			d.EnergyMax -= little
		case CauseStoreEmpty:
			d.EnergyMin += little
		default:
			d.MaxStarts = new(*d.MaxStarts - 1)
		}
		return d
	case Interruptible:
		d.MaxStarts = new(*d.MaxStarts - 1)
		return d
	}
	return d
}

var constraints = map[Cause]Constraint{
	CauseStoreFull: EnergyMax, CauseStoreEmpty: EnergyMin, CauseRequiredEnergy: RequiredEnergy, CauseMaxStarts: MaxStarts,
	CauseImportLimit: ImportLimit, CauseCircuit: CircuitLimit, CauseExportLimit: ExportLimit,
}

// isTight says that a reason names something that keeps the device where it is. Hold times and windows are
// looked into by themselves.
func isTight(p *Problem, plan *Plan, i int, x *Explanation, r Reason) bool {
	d, power, q := p.Devices[i], plan.powers(), *p
	c := constraints[r.Cause]
	for _, m := range moves(p, plan, i, x) {
		if isViolated(p, m, c, r.Circuit, -1, plan) {
			return true
		}
	}
	more := energy.Watts(hair)
	if x.RunTo == 0 {
		switch d := d.(type) {
		case Shiftable:
			more = max(more, d.Profile[0])
		case Interruptible:
			more = d.Power
		case Vehicle:
			more = d.Ranges[0].Min
		case Thermal:
			more = d.PowerMin
		}
	}
	switch r.Cause {
	case CauseImportLimit:
		q.BaseLoad = slices.Clone(p.BaseLoad)
		q.BaseLoad[x.Slot] += more
	case CauseCircuit:
		k := slices.IndexFunc(p.Circuits, func(c Circuit) bool { return c.ID == r.Circuit })
		q.Circuits = slices.Clone(p.Circuits)
		q.Circuits[k].Limit -= more
	case CauseExportLimit:
		q.BaseLoad = slices.Clone(p.BaseLoad)
		q.BaseLoad[x.Slot] -= hair
		q.SolarCurtailable = false
	default:
		q.Devices = slices.Clone(p.Devices)
		q.Devices[i] = narrowed(d, r.Cause)
		return isViolated(&q, power, c, "", -1, plan)
	}
	return isViolated(&q, power, c, r.Circuit, x.Slot, plan)
}

func TestExplain_NamesOnlyWhatIsTight(t *testing.T) {
	seen := map[Cause]int{}
	rapid.Check(t, func(t *rapid.T) {
		p, plan, i, slot := drawSolved(t)
		x, err := Explain(p, plan, p.Devices[i].Name(), slot)
		if err != nil {
			t.Fatal(err)
		}
		for k, r := range x.Reasons {
			seen[r.Cause]++
			if k > 0 && slices.Index(ranks, r.Cause) < slices.Index(ranks, x.Reasons[k-1].Cause) {
				t.Fatalf("out of order: %s", whys(x))
			}
			if constraints[r.Cause] != "" && !isTight(p, plan, i, x, r) {
				t.Fatalf("%s in slot %d of %v: %s is not tight", p.Devices[i].Name(), slot, x.Power, r.Cause)
			}
			if r.Cause == CausePrice && len(x.Reasons) > 1 {
				t.Fatalf("nothing binds, and yet %s", whys(x))
			}
		}
	})
	if seen[CausePrice] == 0 || len(seen) < 3 {
		t.Errorf("hardly anything was drawn: %v", seen)
	}
}

// switched are the powers of a plan with the device switched where a hold time may forbid it: off from the slot
// to the end of its run, off in the last slot of the run; on in the slot, on in the last slot of the pause.
func switched(d Device, plan *Plan, i int, x *Explanation) (out [][][]energy.Watts) {
	power := plan.Devices[i].Power
	if x.RunTo > 0 {
		stopped, shorter := slices.Clone(power), slices.Clone(power)
		clear(stopped[x.Slot:x.RunTo])
		shorter[x.RunTo-1] = 0
		return [][][]energy.Watts{with(plan, i, stopped), with(plan, i, shorter)}
	}
	begun, longer := slices.Clone(power), slices.Clone(power)
	begun[x.Slot] = 1000
	last := x.Slot
	for last+1 < len(power) && power[last+1] <= onAbove {
		last++
	}
	longer[last] = 1000
	return [][][]energy.Watts{with(plan, i, begun), with(plan, i, longer)}
}

func TestExplain_HoldTimesAreThoseOfEvaluate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, plan, i, slot := drawSolved(t)
		d := p.Devices[i]
		x, err := Explain(p, plan, d.Name(), slot)
		if err != nil {
			t.Fatal(err)
		}
		isHeld := slices.ContainsFunc(x.Reasons, func(r Reason) bool { return r.Cause == CauseHoldTime || r.Cause == CauseRunning })
		if _, ok := d.(Shiftable); ok || !isHeld {
			return
		}
		for _, m := range append(moves(p, plan, i, x), switched(d, plan, i, x)...) {
			if isViolated(p, m, MinOn, "", -1, plan) || isViolated(p, m, MinOff, "", -1, plan) {
				return
			}
		}
		t.Fatalf("%s in slot %d of %v is said to be held: %s", d.Name(), slot, plan.Devices[i].Power, whys(x))
	})
}

func TestExplain_NamesEveryLimitThatIsTight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, plan, i, slot := drawSolved(t)
		x, err := Explain(p, plan, p.Devices[i].Name(), slot)
		if err != nil {
			t.Fatal(err)
		}
		check := func(r Reason) {
			isNamed := slices.ContainsFunc(x.Reasons, func(o Reason) bool { return o.Cause == r.Cause && o.Circuit == r.Circuit })
			if !isNamed && x.Here == nil && plan.Status != Relaxed && isTight(p, plan, i, x, r) {
				t.Fatalf("%s in slot %d of %v: %s is tight and not among %q (%v)", p.Devices[i].Name(), slot, x.Power, r.Cause, whys(x), plan.powers())
			}
		}
		check(Reason{Cause: CauseImportLimit})
		for _, c := range p.Circuits {
			if x.Power >= 0 {
				check(Reason{Cause: CauseCircuit, Circuit: c.ID})
			}
		}
	})
}

func TestExplain_PeakAndSurplusAreWhatEvaluateSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, plan, i, slot := drawSolved(t)
		x, err := Explain(p, plan, p.Devices[i].Name(), slot)
		if err != nil {
			t.Fatal(err)
		}
		q := *p
		q.SolarCurtailable = false
		without := slices.Clone(plan.Devices[i].Power)
		before := evaluate(&q, plan.powers()).Export[slot]
		without[slot] = 0
		surplus := min(evaluate(&q, with(plan, i, without)).Export[slot]-before, max(x.Power, 0))
		if before > 0 {
			surplus = max(x.Power, 0)
		}
		named := energy.Watts(0)
		for _, r := range x.Reasons {
			if r.Cause == CauseSolarSurplus {
				named = r.Power
			}
		}
		if max(surplus-named, named-surplus) > onAbove {
			t.Fatalf("%v of surplus, named %v", surplus, named)
		}
		extra := func(peak Peak) energy.Money { // of 100 W more in the slot
			q := *p
			q.Peak = peak
			before := evaluate(&q, plan.powers()).Objective
			q.BaseLoad = slices.Clone(p.BaseLoad)
			q.BaseLoad[slot] += 100
			return evaluate(&q, plan.powers()).Objective - before
		}
		isNamed := slices.ContainsFunc(x.Reasons, func(r Reason) bool { return r.Cause == CausePeak })
		if isNamed && extra(p.Peak) <= extra(Peak{}) {
			t.Fatalf("the peak makes 100 W more in slot %d no dearer, but is named", slot)
		}
	})
}
