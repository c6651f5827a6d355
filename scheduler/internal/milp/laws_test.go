package milp

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"hearth/energy"
	"hearth/scheduler"
)

// The slips of scheduler.Evaluate: it notes what exceeds half a watt or a watt-hour. So a plan it accepts may
// miss a row by a thousandth (kW, kWh), and one it does not accept misses some row by almost half of that.
const (
	slip  = 1.001e-3
	fault = 0.499e-3
)

// levels are powers for a device: what it can, what it cannot, and nothing.
func levels(d scheduler.Device) []energy.Watts {
	switch d := d.(type) {
	case scheduler.Shiftable:
		return []energy.Watts{0, d.Profile[0], d.Profile[len(d.Profile)-1], 700}
	case scheduler.Interruptible:
		return []energy.Watts{0, 0, d.Power, d.Power, d.Power / 2}
	case scheduler.Vehicle:
		out := []energy.Watts{0, 0, d.Ranges[0].Max, 1000, -d.DischargeMax, -d.DischargeMax / 3, -500}
		for _, r := range d.Ranges {
			out = append(out, r.Min, r.Max)
		}
		return out
	case scheduler.Battery:
		return []energy.Watts{0, d.ChargeMax, d.ChargeMax / 3, -d.DischargeMax, -d.DischargeMax / 2, d.ChargeMax + 300, -d.DischargeMax - 300}
	case scheduler.Thermal:
		return []energy.Watts{0, 0, d.PowerMin, d.PowerMax, (d.PowerMin + d.PowerMax) / 2, d.PowerMax, d.PowerMax + 200, 300}
	}
	return nil
}

// schedules are schedules of a device alone: all over its levels when they are few, else some of them. Of
// those that violate nothing there are as many as of the others.
func schedules(r *rand.Rand, p *scheduler.Problem, d scheduler.Device) (all [][]energy.Watts) {
	alone := *p
	alone.Devices, alone.Circuits = []scheduler.Device{d}, nil
	alone.ImportLimit, alone.ExportLimit = scheduler.Constant(1e6, p.Grid.Count()), scheduler.Constant(1e6, p.Grid.Count())
	var right, wrong [][]energy.Watts
	try := func(row []energy.Watts) {
		e, err := scheduler.Evaluate(&alone, [][]energy.Watts{row})
		if err != nil {
			panic(err)
		}
		if len(e.Violations) == 0 {
			right = append(right, row)
		} else {
			wrong = append(wrong, row)
		}
	}
	if d, ok := d.(scheduler.Shiftable); ok {
		for s := range p.Grid.Count() - len(d.Profile) + 1 {
			row := make([]energy.Watts, p.Grid.Count())
			copy(row[s:], d.Profile)
			try(row)
		}
	}
	choices := levels(d)
	for range 240 {
		row := make([]energy.Watts, p.Grid.Count())
		for t := range row {
			row[t] = choices[r.IntN(len(choices))]
		}
		try(row)
	}
	if len(right) > 0 {
		for i := range 60 {
			all = append(all, right[i*len(right)/60])
		}
	}
	for i := range min(60, len(wrong)) {
		all = append(all, wrong[i])
	}
	return all
}

// Plans are tried by the thousand: what Evaluate accepts must be a point of the model, at the same cost, and
// what it does not accept must miss the model. That is the law; the counts see to it that every constraint
// was the only reason for which a plan was refused, and often.
func TestModel_HoldsExactlyThePlansThatViolateNothing(t *testing.T) {
	accepted, reasons := 0, map[scheduler.Constraint]int{}
	for number := range 320 {
		p := draw(7, number, 3+number%5, 1+number%2)
		m, err := New(p)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(8, uint64(number)))
		var rows [][][]energy.Watts
		for _, d := range p.Devices {
			rows = append(rows, schedules(r, p, d))
		}
		for range 120 {
			power := make([][]energy.Watts, len(rows))
			for i := range rows {
				power[i] = rows[i][r.IntN(len(rows[i]))]
			}
			e, err := scheduler.Evaluate(p, power)
			if err != nil {
				t.Fatal(err)
			}
			at := point(p, power, e)
			miss, where := checked(m, at, power)
			if len(e.Violations) == 0 {
				accepted++
				if miss > slip {
					t.Fatalf("problem %d: %v violates nothing, but misses %s by %v", number, power, where, miss)
				}
				if miss, where := untied(m, at); miss > 1e-9 {
					t.Fatalf("problem %d: %v violates nothing, but %s does not add up: %v", number, power, where, miss)
				}
				if cost := objective(m, at); math.Abs(cost-e.Objective.Float()) > 1e-8 {
					t.Fatalf("problem %d: %v costs %v, in the model %v", number, power, e.Objective, cost)
				}
				continue
			}
			if miss < fault {
				t.Fatalf("problem %d: %v violates %+v, but misses the model by %v only, at %s", number, power, e.Violations[0], miss, where)
			}
			if only, isOnly := reason(e); isOnly {
				reasons[only]++
			}
		}
	}
	t.Logf("%d plans accepted; refused for one reason: %v", accepted, reasons)
	if accepted < 5000 || len(reasons) < 12 {
		t.Errorf("%d plans accepted, %d of 12 constraints tried alone", accepted, len(reasons))
	}
	for _, c := range slices.Sorted(maps.Keys(reasons)) {
		if reasons[c] < 20 {
			t.Errorf("%s was the only reason %d times", c, reasons[c])
		}
	}
}

// reason is the one constraint that a plan violates; false when there are more.
func reason(e *scheduler.Evaluation) (scheduler.Constraint, bool) {
	for _, v := range e.Violations {
		if v.Constraint != e.Violations[0].Constraint {
			return "", false
		}
	}
	return e.Violations[0].Constraint, true
}
