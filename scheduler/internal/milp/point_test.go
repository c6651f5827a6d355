package milp

import (
	"fmt"
	"math"

	"hearth/energy"
	"hearth/scheduler"
)

// point gives every variable of the model of p the value it has by its meaning, for a schedule and what
// scheduler.Evaluate says of it. Powers that no variable can tell are left out: checked notices.
func point(p *scheduler.Problem, power [][]energy.Watts, e *scheduler.Evaluation) map[string]float64 {
	out := map[string]float64{}
	for t := range e.Import {
		out[fmt.Sprintf("grid_import_%d", t)] = float64(e.Import[t]) / 1000
		out[fmt.Sprintf("grid_export_%d", t)] = float64(e.Export[t]) / 1000
		out[fmt.Sprintf("curtailed_%d", t)] = float64(e.Curtailed[t]) / 1000
		out[fmt.Sprintf("imports_%d", t)] = truth(e.Import[t] > 0)
	}
	if p.Peak.Price > 0 {
		out["peak"] = e.Costs.Peak.Float() / p.Peak.Price.Float()
	}
	for i, d := range p.Devices {
		id := fmt.Sprintf("d%d", i)
		for t, w := range power[i] {
			pointOf(out, d, id, t, float64(w)/1000)
		}
		for t, wh := range e.Devices[i].Energy {
			out[fmt.Sprintf("%s_stored_%d", id, t)] = float64(wh) / 1000
		}
		if d, ok := d.(scheduler.Shiftable); ok {
			if start := startOf(d, power[i]); start >= 0 {
				out[fmt.Sprintf("%s_start_%d", id, start)] = 1
			}
		}
		wasOn := onFor(d) > 0
		for t, w := range power[i] {
			isOn := w > 1
			out[fmt.Sprintf("%s_turn_on_%d", id, t)] = truth(isOn && !wasOn)
			out[fmt.Sprintf("%s_turn_off_%d", id, t)] = truth(!isOn && wasOn)
			wasOn = isOn
		}
	}
	return out
}

// pointOf sets what says that a device has a power (in kW) in a slot.
func pointOf(out map[string]float64, d scheduler.Device, id string, t int, kW float64) {
	switch d := d.(type) {
	case scheduler.Interruptible:
		out[fmt.Sprintf("%s_on_%d", id, t)] = truth(kW > 0)
	case scheduler.Vehicle:
		if kW > 0 {
			k := nearest(d.Ranges, kW)
			out[fmt.Sprintf("%s_range%d_on_%d", id, k, t)] = 1
			out[fmt.Sprintf("%s_range%d_charge_%d", id, k, t)] = kW
		}
		out[fmt.Sprintf("%s_backs_%d", id, t)] = truth(kW < 0)
		out[fmt.Sprintf("%s_back_%d", id, t)] = max(-kW, 0)
	case scheduler.Battery:
		out[fmt.Sprintf("%s_charge_%d", id, t)] = max(kW, 0)
		out[fmt.Sprintf("%s_backs_%d", id, t)] = truth(kW < 0)
		out[fmt.Sprintf("%s_back_%d", id, t)] = max(-kW, 0)
	case scheduler.Thermal:
		out[fmt.Sprintf("%s_on_%d", id, t)] = truth(kW > 0)
		out[fmt.Sprintf("%s_heat_%d", id, t)] = kW
	}
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// nearest is the index of the range that a power misses by the least.
func nearest(ranges []scheduler.Range, kW float64) (best int) {
	miss := math.Inf(1)
	for k, r := range ranges {
		if m := max(float64(r.Min)/1000-kW, kW-float64(r.Max)/1000, 0); m < miss {
			best, miss = k, m
		}
	}
	return best
}

// startOf is the slot in which a run of exactly the profile begins, in the window if it can be; negative when
// there is none.
func startOf(d scheduler.Shiftable, power []energy.Watts) int {
	for _, within := range [][2]int{{d.Earliest, d.LatestEnd}, {0, len(power)}} {
		for s := within[0]; s+len(d.Profile) <= within[1]; s++ {
			if isRun(d, power, s) {
				return s
			}
		}
	}
	return -1
}

// isRun says that the powers are the profile, begun in slot s.
func isRun(d scheduler.Shiftable, power []energy.Watts, s int) bool {
	for t, w := range power {
		want := energy.Watts(0)
		if t >= s && t < s+len(d.Profile) {
			want = d.Profile[t-s]
		}
		if math.Abs(float64(w-want)) > 0.5 {
			return false
		}
	}
	return true
}

func onFor(d scheduler.Device) int {
	switch d := d.(type) {
	case scheduler.Interruptible:
		return d.OnFor
	case scheduler.Vehicle:
		return d.OnFor
	case scheduler.Thermal:
		return d.OnFor
	}
	return 0
}

// checked is by how much (kW, kWh or a count) a point misses what the model asks for, at the most, and where.
// Powers are what the point is meant to say.
func checked(m *Model, at map[string]float64, powers [][]energy.Watts) (worst float64, where string) {
	note := func(miss float64, name string) {
		if miss > worst {
			worst, where = miss, name
		}
	}
	for _, v := range m.Variables {
		note(max(v.Low-at[v.Name], at[v.Name]-v.High), v.Name)
		if v.IsInteger {
			note(math.Abs(at[v.Name]-math.Round(at[v.Name])), v.Name)
		}
	}
	for _, r := range m.Rows {
		over := m.value(r.Terms, at) - r.Right
		switch r.Relation {
		case AtMost:
			note(over, r.Name)
		case AtLeast:
			note(-over, r.Name)
		case Equal:
			note(math.Abs(over), r.Name)
		}
	}
	for i, row := range m.Powers(at) {
		for t, w := range row {
			note(math.Abs(float64(w-powers[i][t]))/1000, fmt.Sprintf("power of d%d in slot %d", i, t))
		}
	}
	return worst, where
}

// untied is by how much the equations are missed, at the most, and where: no slip excuses that.
func untied(m *Model, at map[string]float64) (worst float64, where string) {
	for _, r := range m.Rows {
		if miss := math.Abs(m.value(r.Terms, at) - r.Right); r.Relation == Equal && miss > worst {
			worst, where = miss, r.Name
		}
	}
	return worst, where
}

// objective is the cost of a point.
func objective(m *Model, at map[string]float64) (cost float64) {
	for _, v := range m.Variables {
		cost += v.Cost * at[v.Name]
	}
	return cost
}
