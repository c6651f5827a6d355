package scheduler

import (
	"fmt"
	"math"
	"strings"

	"hearth/energy"
	"hearth/scheduler/internal/strict"
)

// greatest is the largest power (W) and energy (Wh) believed: a thousand times what a home's fuse carries,
// small enough that no sum over a grid loses the watt.
const greatest = 1e9

// Validate lists all that is wrong with a problem, as [Faults]; nil when it can be solved. What merely
// cannot be met (a window too short, an empty car's hour) is not wrong: plans are relaxed for it.
func (p *Problem) Validate() error {
	var f Faults
	p.validate(&f)
	return f.Err()
}

// checker notes faults under a path, leaving out what follows from one noted earlier.
type checker struct {
	faults *Faults
	prefix string
}

// validate adds to the faults a reader has found, none of them twice.
func (p *Problem) validate(f *Faults) {
	c := checker{f, ""}
	n := p.Slots()
	minutes := p.Grid.Step.Minutes()
	c.need(minutes >= 1 && minutes <= 60 && minutes == math.Trunc(minutes), "must be a whole number from 1 to 60", "slot_minutes")
	c.need(n >= 1 && n <= MaxSlots, fmt.Sprintf("must be from 1 to %d", MaxSlots), "slots", "slot_minutes")
	p.validateSpans(c)
	c.need(p.Grid.Length()%max(p.Grid.Step, 1) == 0, "must cut the grid into equal slots", "slot_minutes", "slots")
	c.need(len(p.Devices) <= MaxDevices, fmt.Sprintf("has %d entries, at most %d are possible", len(p.Devices), MaxDevices), "devices")
	c.need(n > MaxSlots || len(p.Devices) > MaxDevices || n*len(p.Devices) <= MaxCells,
		fmt.Sprintf("times the slots must be at most %d", MaxCells), "devices", "slots")
	if _, err := energy.ParseCurrency(string(p.Currency)); err != nil {
		c.need(false, "must be three capital letters", "currency")
	}
	p.validateSeries(c, n)
	p.validateCircuits(c)
	p.validateDevices(c)
}

func (p *Problem) validateSeries(c checker, n int) {
	c.length(len(p.ImportPrice), n, "import_price_per_kwh")
	c.length(len(p.ExportPrice), n, "export_price_per_kwh")
	if p.Carbon != nil {
		c.length(len(p.Carbon), n, "carbon_g_per_kwh")
	}
	checkAll(c, p.Carbon, -greatest, "carbon_g_per_kwh")
	c.length(len(p.Solar), n, "solar_w")
	checkAll(c, p.Solar, 0, "solar_w")
	c.length(len(p.BaseLoad), n, "base_load_w")
	checkAll(c, p.BaseLoad, -greatest, "base_load_w")
	c.length(len(p.ImportLimit), n, "import_limit_w")
	checkAll(c, p.ImportLimit, 0, "import_limit_w")
	c.length(len(p.ExportLimit), n, "export_limit_w")
	checkAll(c, p.ExportLimit, 0, "export_limit_w")
	c.need(p.CarbonPrice >= 0, "must not be negative", "carbon_price_per_tonne")
	c.need(p.Peak.Price >= 0, "must not be negative", "peak_price_per_kw")
	c.power(p.Peak.SoFar, "peak_so_far_w")
	c.need(p.Peak.Averaging >= 0, "must be at least 1", "peak_averaging_slots")
	if p.Peak.Slots != nil {
		c.length(len(p.Peak.Slots), n, "peak_slots")
	}
}

func (p *Problem) validateCircuits(c checker) {
	known := map[string]bool{}
	for _, d := range p.Devices {
		if d != nil {
			known[d.Name()] = true
		}
	}
	seen := map[string]bool{}
	for i, circuit := range p.Circuits {
		c := checker{c.faults, fmt.Sprintf("circuits[%d].", i)}
		c.id(circuit.ID, seen)
		c.power(circuit.Limit, "limit_w")
		members := map[string]bool{}
		for k, id := range circuit.Devices {
			key := fmt.Sprintf("devices[%d]", k)
			c.need(known[id], fmt.Sprintf("%q is no device", id), key)
			c.need(!members[id], fmt.Sprintf("%q is there twice", id), key)
			members[id] = true
		}
	}
}

func (p *Problem) validateDevices(c checker) {
	seen := map[string]bool{}
	n, g := p.Slots(), newRuler(p)
	for i, d := range p.Devices {
		c := checker{c.faults, fmt.Sprintf("devices[%d].", i)}
		if d != nil {
			c.id(d.Name(), seen)
		}
		switch d := d.(type) {
		case Shiftable:
			d.validate(c, g)
		case Interruptible:
			d.validate(c, g)
		case Vehicle:
			d.validate(c, g)
		case Battery:
			d.validate(c)
		case Thermal:
			d.validate(c, n)
		default:
			c.need(false, "is not a device of this package", "kind")
		}
	}
}

func (d Shiftable) validate(c checker, g ruler) {
	c.window(d.Earliest, d.LatestEnd, g, "earliest_slot", "latest_end_slot")
	c.need(len(d.Profile) > 0, "must have at least one value", "profile_w")
	checkAll(c, d.Profile, 0, "profile_w")
}

func (d Interruptible) validate(c checker, g ruler) {
	c.window(d.Earliest, d.LatestEnd, g, "earliest_slot", "latest_end_slot")
	c.boundaries(d.Earliest, d.LatestEnd, g, "earliest_slot", "latest_end_slot")
	c.power(d.Power, "power_w")
	c.need(d.Power > onAbove, "must be above 1 W: less counts as off", "power_w")
	c.need(d.Power/energy.Watts(g.longest) > onAbove, fmt.Sprintf("must be above 1 W as the mean of one step in a slot of %d: less counts as off", g.longest), "power_w", "spans")
	c.need(d.RunSlots >= 0, "must not be negative", "run_slots")
	c.need(d.OnFor <= 0 || d.Earliest == 0, "must be 0 for a device that is on", "earliest_slot", "on_for_slots")
	c.hold(d.MinOn, d.MinOff, d.MaxStarts, d.StartCost)
	c.past(d.OnFor, d.OffFor)
}

func (d Vehicle) validate(c checker, g ruler) {
	c.window(d.Arrive, d.Depart, g, "arrive_slot", "depart_slot")
	c.boundaries(d.Arrive, d.Depart, g, "arrive_slot", "depart_slot")
	c.need(len(d.Ranges) > 0, "must have at least one range", "power_ranges_w")
	for i, r := range d.Ranges {
		key := fmt.Sprintf("power_ranges_w[%d]", i)
		c.power(r.Min, key+"[0]")
		c.power(r.Max, key+"[1]")
		c.need(!(r.Min > r.Max), "must not end below its beginning", key)
	}
	c.efficiency(d.ChargeEfficiency, "charge_efficiency")
	c.efficiency(d.givesBack(), "discharge_efficiency")
	c.amount(d.Required, 0, "required_wh")
	c.amount(d.Room, 0, "max_wh")
	c.amount(d.EnergyInitial, 0, "initial_wh")
	c.amount(d.EnergyMin, 0, "min_wh")
	c.power(d.DischargeMax, "discharge_max_w")
	c.need(d.Wear >= 0, "must not be negative", "wear_per_kwh")
	c.hold(1, 1, nil, d.StartCost)
	c.past(d.OnFor, d.OffFor)
}

func (d Battery) validate(c checker) {
	c.band(d.EnergyMin, d.EnergyMax, d.EnergyInitial)
	c.power(d.ChargeMax, "charge_max_w")
	c.power(d.DischargeMax, "discharge_max_w")
	c.efficiency(d.ChargeEfficiency, "charge_efficiency")
	c.efficiency(d.DischargeEfficiency, "discharge_efficiency")
	c.need(d.Wear >= 0, "must not be negative", "wear_per_kwh")
}

func (d Thermal) validate(c checker, n int) {
	c.power(d.PowerMin, "min_w")
	c.power(d.PowerMax, "max_w")
	c.need(!(d.PowerMin > d.PowerMax), "must not be above max_w", "min_w", "max_w")
	c.length(len(d.COP), n, "cop")
	checkAll(c, d.COP, 0, "cop")
	c.band(d.EnergyMin, d.EnergyMax, d.EnergyInitial)
	c.need(d.LossPerHour >= 0 && d.LossPerHour < 1, "must be at least 0 and below 1", "loss_per_hour")
	c.length(len(d.Draw), n, "draw_wh")
	checkAll(c, d.Draw, -greatest, "draw_wh")
	c.hold(d.MinOn, d.MinOff, d.MaxStarts, d.StartCost)
	c.past(d.OnFor, d.OffFor)
}

// need notes a fault of the first key, unless one of the keys was found wrong before. A key with a star
// stands for itself without its elements.
func (c checker) need(isRight bool, reason string, keys ...string) {
	if isRight {
		return
	}
	for _, key := range keys {
		path := c.prefix + key
		whole := strings.TrimSuffix(c.prefix, ".")
		if key == "slots" || key == "slot_minutes" || key == "spans" {
			path = key // every length hangs on the grid
		}
		for _, f := range *c.faults {
			if f.Path == path || whole != "" && f.Path == whole || path == f.Path+"*" || strings.HasPrefix(f.Path, path+".") || strings.HasPrefix(f.Path, path+"[") {
				return
			}
		}
	}
	c.faults.Add(c.prefix+keys[0], "%s", reason)
}

func (c checker) length(have, want int, key string) {
	c.need(have == want, fmt.Sprintf("has %d values, want %d", have, want), key, "slots", "slot_minutes", "spans")
}

func (c checker) id(id string, seen map[string]bool) {
	c.need(id != "", "must not be empty", "id")
	c.need(!seen[id], fmt.Sprintf("%q is there twice", id), "id")
	seen[id] = true
}

func (c checker) power(v energy.Watts, key string) {
	c.need(v >= 0 && v <= greatest, "must be from 0 to 1e9", key)
}

func (c checker) amount(v energy.WattHours, least float64, key string) {
	c.need(float64(v) >= least && v <= greatest, fmt.Sprintf("must be from %g to 1e9", least), key)
}

func (c checker) efficiency(v float64, key string) {
	c.need(v > 0 && v <= 1, "must be above 0 and at most 1", key)
}

func (c checker) band(low, high, initial energy.WattHours) {
	c.amount(low, -greatest, "energy_min_wh")
	c.amount(high, -greatest, "energy_max_wh")
	c.amount(initial, -greatest, "energy_initial_wh")
	c.need(!(low > high), "must not be above energy_max_wh", "energy_min_wh", "energy_max_wh")
}

func (c checker) window(from, to int, g ruler, first, last string) {
	c.need(from >= 0, "must not be negative", first)
	c.need(to <= g.count, fmt.Sprintf("must be at most %d, the number of %s", g.count, g.unit), last, "slots", "slot_minutes", "spans")
	c.need(from < to, "must be before "+last, first, last)
}

func (c checker) hold(minOn, minOff int, starts *int, cost energy.Money) {
	c.need(minOn >= 0, "must not be negative", "min_on_slots")
	c.need(minOff >= 0, "must not be negative", "min_off_slots")
	c.need(starts == nil || *starts >= 0, "must not be negative", "max_starts")
	c.need(cost >= 0, "must not be negative", "start_cost")
}

func (c checker) past(onFor, offFor int) {
	c.need(onFor >= 0, "must not be negative", "on_for_slots")
	c.need(offFor >= 0, "must not be negative", "off_for_slots")
	c.need(onFor <= 0 || offFor <= 0, "excludes off_for_slots", "on_for_slots", "off_for_slots")
}

// checkAll wants every value between least and the greatest believed.
func checkAll[T ~float64](c checker, values []T, least float64, key string) {
	for i, v := range values {
		if !(float64(v) >= least && v <= greatest) {
			c.need(false, fmt.Sprintf("must be from %g to 1e9", least), fmt.Sprintf("%s[%d]", key, i), key+"*")
		}
	}
}

// Faults is everything that is wrong with a problem; its text has a line for each. Of more than a hundred,
// only the first hundred are there.
type Faults = strict.Faults

// Fault is one thing wrong with a problem. Its path is that of the file format: "devices[2].profile_w[3]".
type Fault = strict.Fault
