package corpus

import (
	"hearth/energy"
	"hearth/scheduler"
)

// running lets the problem begin in the middle of things: a programme that is halfway through, a load and
// a car that are on, and a heater and a heat pump that have just been switched.
func (d *draft) running() {
	isFirst := true
	each(d, func(v scheduler.Shiftable) scheduler.Shiftable {
		if isFirst && len(v.Profile) > 1 && !v.Optional {
			isFirst = false
			v.Profile = v.Profile[d.whole(1, len(v.Profile)-1):]
			v.Earliest, v.LatestEnd = 0, len(v.Profile)
		}
		return v
	})
	isFirst = true
	each(d, func(v scheduler.Interruptible) scheduler.Interruptible {
		if isFirst {
			isFirst = false
			v.MinOn = max(v.MinOn, 3)
			v.OnFor, v.Earliest = d.whole(1, v.MinOn), 0
			v.RunSlots = max(v.RunSlots, v.MinOn) // so that a second run may follow, should the first end early
			v.MaxStarts = new(d.whole(1, 2))
		}
		return v
	})
	isFirst = true
	each(d, func(v scheduler.Vehicle) scheduler.Vehicle {
		if isFirst {
			isFirst = false
			v.Arrive, v.OnFor = 0, d.whole(1, 5)
		}
		return v
	})
	each(d, func(v scheduler.Thermal) scheduler.Thermal {
		v.MinOn, v.MinOff = max(v.MinOn, 2), max(v.MinOff, 2)
		if d.chance(0.5) {
			v.OnFor, v.OffFor = d.whole(1, 2), 0
		} else {
			v.OnFor, v.OffFor = 0, d.whole(1, 2)
		}
		return v
	})
}

// relaxed asks for something that cannot be.
func (d *draft) relaxed() {
	p := d.problem
	switch d.whole(0, 4) {
	case 0: // more than fits through the charger
		each(d, func(v scheduler.Vehicle) scheduler.Vehicle {
			v.Required = energy.WattHours(1.3 * d.capacity(v))
			v.Room = v.Required
			return v
		})
	case 1: // a programme longer than its window
		each(d, func(v scheduler.Shiftable) scheduler.Shiftable {
			v.LatestEnd = v.Earliest + max(len(v.Profile)-1, 1)
			v.Profile = append(v.Profile, v.Profile[0])
			return v
		})
	case 2: // more warm water than there is
		each(d, func(v scheduler.Thermal) scheduler.Thermal {
			v.EnergyInitial = 500
			v.Draw[0] += 9000
			return v
		})
	case 3: // a connection too small for what cannot be moved
		dark := 0
		for t, sun := range p.Solar {
			if p.BaseLoad[t]-sun > p.BaseLoad[dark]-p.Solar[dark] {
				dark = t
			}
		}
		p.ImportLimit[dark] = 50
		p.Devices = withoutStores(p.Devices)
	case 4: // circuits on which a car may not charge at all
		for _, v := range p.Devices {
			if v, ok := v.(scheduler.Vehicle); ok {
				p.Circuits = append(p.Circuits, scheduler.Circuit{ID: "thin-" + v.ID, Limit: v.Ranges[0].Min / 2, Devices: []string{v.ID}})
			}
		}
	}
}

// withoutStores are the devices that give nothing back.
func withoutStores(devices []scheduler.Device) []scheduler.Device {
	var out []scheduler.Device
	for _, v := range devices {
		if _, ok := v.(scheduler.Battery); !ok {
			out = append(out, v)
		}
	}
	return out
}
