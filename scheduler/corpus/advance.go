package corpus

import (
	"fmt"
	"math"
	"slices"
	"time"

	"hearth/energy"
	"hearth/scheduler"
)

// onAbove is the power, in W, above which a device counts as on.
const onAbove = 1

// Advance is the problem as it is n slots later, when the plan has been lived until then: the grid ends when
// it did, stores are as full and devices as long on or off as the plan leaves them, a programme that is
// running is there with what remains of it, and what is done or gone is not there any more. The rest of the
// plan is a plan of it that violates no more than the whole did, and what the first n slots have cost is
// missing from its cost. The one exception is a vehicle that gives back and is, by then, fuller than it has
// to be at the end: the format cannot say by how much it may end lower, so it has to keep what it has.
//
// It is an error to move by less than one slot or by all there are, or by part of a block that a priced peak
// is averaged over (blocks begin with the grid), or along the plan of another problem.
func Advance(p *scheduler.Problem, plan *scheduler.Plan, n int) (*scheduler.Problem, error) {
	if n < 1 || n >= p.Grid.Count() {
		return nil, fmt.Errorf("advance: by %d slots of %d", n, p.Grid.Count())
	}
	if p.Peak.Price > 0 && n%block(p.Peak) != 0 {
		return nil, fmt.Errorf("advance: by %d slots, want a multiple of the peak's %d", n, block(p.Peak))
	}
	if len(plan.Import) != p.Grid.Count() || len(plan.Devices) != len(p.Devices) {
		return nil, fmt.Errorf("advance: the plan is of another problem")
	}
	later := *p
	later.Grid.Start = p.Grid.Start.Add(time.Duration(n) * p.Grid.Step)
	later.ImportPrice, later.ExportPrice = p.ImportPrice[n:], p.ExportPrice[n:]
	if p.Carbon != nil {
		later.Carbon = p.Carbon[n:]
	}
	later.Solar, later.BaseLoad = p.Solar[n:], p.BaseLoad[n:]
	later.ImportLimit, later.ExportLimit = p.ImportLimit[n:], p.ExportLimit[n:]
	later.Peak = peakAfter(p.Peak, plan.Import, n)
	later.Devices = nil
	for i, d := range p.Devices {
		row := plan.Devices[i]
		if row.ID != d.Name() {
			return nil, fmt.Errorf("advance: the plan has %s where the problem has %s", row.ID, d.Name())
		}
		if d := after(d, row, n); d != nil {
			later.Devices = append(later.Devices, d)
		}
	}
	later.Circuits = circuitsOf(later.Devices, p.Circuits)
	return &later, nil
}

// Rest is what a plan says from slot n on about the devices of a later problem, a row for each: the powers
// that [scheduler.Evaluate] takes. Devices and slots that the plan does not know are at rest.
func Rest(plan *scheduler.Plan, later *scheduler.Problem, n int) [][]energy.Watts {
	out := make([][]energy.Watts, len(later.Devices))
	for i, d := range later.Devices {
		out[i] = make([]energy.Watts, later.Grid.Count())
		if row, ok := plan.Device(d.Name()); ok && n < len(row.Power) {
			copy(out[i], row.Power[n:])
		}
	}
	return out
}

func block(k scheduler.Peak) int { return max(k.Averaging, 1) }

// peakAfter is the peak with what the first n slots have already made dear.
func peakAfter(k scheduler.Peak, imports []energy.Watts, n int) scheduler.Peak {
	for from := 0; from+block(k) <= n; from += block(k) {
		to := from + block(k)
		if k.Slots != nil && slices.Contains(k.Slots[from:to], false) {
			continue
		}
		sum := energy.Watts(0)
		for _, w := range imports[from:to] {
			sum += w
		}
		k.SoFar = max(k.SoFar, sum/energy.Watts(block(k)))
	}
	if k.Slots != nil {
		k.Slots = k.Slots[n:]
	}
	return k
}

// circuitsOf are the circuits that have one of the devices, without those that are not there.
func circuitsOf(devices []scheduler.Device, circuits []scheduler.Circuit) []scheduler.Circuit {
	var out []scheduler.Circuit
	for _, c := range circuits {
		var ids []string
		for _, id := range c.Devices {
			if slices.ContainsFunc(devices, func(d scheduler.Device) bool { return d.Name() == id }) {
				ids = append(ids, id)
			}
		}
		if len(ids) > 0 {
			out = append(out, scheduler.Circuit{ID: c.ID, Limit: c.Limit, Devices: ids})
		}
	}
	return out
}

// after is a device n slots later; nil when there is nothing more to plan of it.
func after(d scheduler.Device, row scheduler.DevicePlan, n int) scheduler.Device {
	switch d := d.(type) {
	case scheduler.Shiftable:
		return shiftableAfter(d, row.Power, n)
	case scheduler.Interruptible:
		return interruptibleAfter(d, row.Power, n)
	case scheduler.Vehicle:
		return vehicleAfter(d, row, n)
	case scheduler.Battery:
		d.EnergyInitial = row.Energy[n-1]
		return d
	case scheduler.Thermal:
		d.EnergyInitial = row.Energy[n-1]
		d.COP, d.Draw = d.COP[n:], d.Draw[n:]
		var starts int
		d.OnFor, d.OffFor, starts = lived(d.OnFor, d.OffFor, row.Power[:n])
		d.MaxStarts = left(d.MaxStarts, starts)
		return d
	}
	return nil
}

// shiftableAfter keeps a run to come, and the rest of one that is going on: that has to run to its end, and
// what it is worth has been earned. A run that the plan leaves out may still be made up for.
func shiftableAfter(d scheduler.Shiftable, power []energy.Watts, n int) scheduler.Device {
	start, isRun := runOf(d, power)
	end := start + len(d.Profile)
	switch {
	case isRun && end <= n:
		return nil
	case isRun && start < n:
		d.Profile = d.Profile[n-start:]
		d.Earliest, d.LatestEnd = 0, len(d.Profile)
		d.Optional, d.Value = false, 0
		return d
	}
	d.Earliest, d.LatestEnd = max(d.Earliest-n, 0), d.LatestEnd-n
	if d.LatestEnd <= 0 || d.Optional && d.LatestEnd-d.Earliest < len(d.Profile) {
		return nil
	}
	return d
}

// runOf is where the profile begins in the powers; false when it does not run.
func runOf(d scheduler.Shiftable, power []energy.Watts) (start int, ok bool) {
	for start = d.Earliest; start+len(d.Profile) <= d.LatestEnd; start++ {
		if slices.EqualFunc(d.Profile, power[start:start+len(d.Profile)], func(a, b energy.Watts) bool { return math.Abs(float64(a-b)) <= onAbove }) {
			return start, true
		}
	}
	return 0, false
}

func interruptibleAfter(d scheduler.Interruptible, power []energy.Watts, n int) scheduler.Device {
	for _, w := range power[:n] {
		if w > onAbove {
			d.RunSlots--
		}
	}
	var starts int
	d.OnFor, d.OffFor, starts = lived(d.OnFor, d.OffFor, power[:n])
	d.MaxStarts = left(d.MaxStarts, starts)
	d.Earliest, d.LatestEnd = max(d.Earliest-n, 0), d.LatestEnd-n
	if d.RunSlots <= 0 || d.LatestEnd <= 0 {
		return nil
	}
	if d.OnFor > 0 {
		d.Earliest = 0 // the format wants it, and a plan that keeps the window has it so
	}
	return d
}

// vehicleAfter keeps what has still to be charged. A car that has more than it needs must keep all of it: the
// format has no word for energy that may be given back for good.
func vehicleAfter(d scheduler.Vehicle, row scheduler.DevicePlan, n int) scheduler.Device {
	needed, most := d.EnergyInitial+d.Required, d.EnergyInitial+d.Room
	d.EnergyInitial = row.Energy[n-1]
	d.Required, d.Room = max(needed-d.EnergyInitial, 0), max(most-d.EnergyInitial, 0)
	d.OnFor, d.OffFor, _ = lived(d.OnFor, d.OffFor, row.Power[:n])
	d.Arrive, d.Depart = max(d.Arrive-n, 0), d.Depart-n
	if d.Depart <= 0 {
		return nil
	}
	return d
}

// lived is how long a device is on or off after some slots, and how often it was started in them. With both
// 0 it has been off long enough, before as after.
func lived(onFor, offFor int, power []energy.Watts) (on, off, starts int) {
	on, off = onFor, offFor
	isKnown := on > 0 || off > 0
	for _, w := range power {
		switch {
		case w > onAbove && on > 0:
			on++
		case w > onAbove:
			on, off, isKnown = 1, 0, true
			starts++
		case on > 0:
			on, off = 0, 1
		case isKnown:
			off++
		}
	}
	return on, off, starts
}

// left are the starts that are still allowed; nil is any number.
func left(most *int, starts int) *int {
	if most == nil {
		return nil
	}
	return new(max(*most-starts, 0))
}
