package scheduler

import (
	"context"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// levels are the powers the enumeration tries for a device in a slot.
func levels(p *Problem, d Device, t int) (out []energy.Watts) {
	switch d := d.(type) {
	case Interruptible:
		for used := range p.span(t) + 1 {
			out = append(out, d.Power*energy.Watts(used)/energy.Watts(p.span(t)))
		}
		return out
	case Vehicle:
		if d.DischargeMax > 0 {
			return []energy.Watts{-1000, -400, 0, 1000, 2000, 3000}
		}
		return []energy.Watts{0, 1000, 2000, 3000}
	case Battery:
		return []energy.Watts{-1500, -750, 0, 500, 1500}
	case Thermal:
		return []energy.Watts{0, d.PowerMin, d.PowerMax}
	}
	return nil
}

// schedules are all of a device's schedules over the grid of levels that violate nothing of its own.
func schedules(p *Problem, d Device) [][]energy.Watts {
	alone := *p
	alone.Devices, alone.Circuits = []Device{d}, nil
	alone.ImportLimit, alone.ExportLimit = Constant(1e6, p.Slots()), Constant(1e6, p.Slots())
	var out [][]energy.Watts
	try := func(row []energy.Watts) {
		if len(evaluate(&alone, [][]energy.Watts{row}).Violations) == 0 {
			out = append(out, append([]energy.Watts(nil), row...))
		}
	}
	row := make([]energy.Watts, p.Slots())
	if s, ok := d.(Shiftable); ok {
		try(row)
		for _, row := range runRows(p, s) {
			try(row)
		}
		return out
	}
	var fill func(t int)
	fill = func(t int) {
		if t == len(row) {
			try(row)
			return
		}
		for _, w := range levels(p, d, t) {
			row[t] = w
			fill(t + 1)
		}
		row[t] = 0
	}
	fill(0)
	return out
}

// maxPlans is about how many plans are enumerated.
const maxPlans = 800

func everyOther(rows [][]energy.Watts) (out [][]energy.Watts) {
	for i := 0; i < len(rows); i += 2 {
		out = append(out, rows[i])
	}
	return out
}

// enumerate is the least cost of a plan made of the devices' schedules that violates nothing; infinite when
// there is none.
func enumerate(p *Problem) float64 {
	choices := make([][][]energy.Watts, len(p.Devices))
	count := 1
	for i, d := range p.Devices {
		choices[i] = schedules(p, d)
		count *= len(choices[i])
	}
	for i, d := range p.Devices { // of what is a sample anyway, a smaller one will do
		for count > maxPlans && len(choices[i]) > 8 && !isDiscrete(d) {
			count /= len(choices[i])
			choices[i] = everyOther(choices[i])
			count *= len(choices[i])
		}
	}
	power := make([][]energy.Watts, len(p.Devices))
	best := math.Inf(1)
	var choose func(i int)
	choose = func(i int) {
		if i == len(power) {
			if e := evaluate(p, power); len(e.Violations) == 0 {
				best = min(best, e.Objective.Float())
			}
			return
		}
		for _, row := range choices[i] {
			power[i] = row
			choose(i + 1)
		}
	}
	choose(0)
	return best
}

// isDiscrete says that the grid of levels holds every schedule of the device.
func isDiscrete(d Device) bool {
	switch d := d.(type) {
	case Shiftable, Interruptible:
		return true
	case Thermal:
		return d.PowerMin == d.PowerMax
	}
	return false
}

func TestSolve_BoundIsNeverAboveAnEnumeratedPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, 4)
		lengthen(t, p)
		plan, err := Solve(context.Background(), p, Options{TimeLimit: time.Minute, Gap: 500_000_000})
		if err != nil {
			t.Fatal(err)
		}
		best := enumerate(p)
		if plan.Status == Relaxed {
			if !math.IsInf(best, 1) {
				t.Fatalf("relaxed (%v), but a plan at %.6f violates nothing", plan.Violations, best)
			}
			return
		}
		if plan.LowerBound.Float() > best+1e-6 {
			t.Fatalf("lower bound %v above an enumerated plan at %.6f", plan.LowerBound, best)
		}
		isExact := true
		for _, d := range p.Devices {
			isExact = isExact && isDiscrete(d)
		}
		if isExact && plan.Objective.Float() < best-1e-6 {
			t.Fatalf("objective %v below the best of all plans, %.6f", plan.Objective, best)
		}
	})
}
