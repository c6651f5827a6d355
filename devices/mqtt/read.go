package mqtt

import (
	"time"

	"hearth/energy"
)

// The roles that read. They return the newest value; one older than its point may be is not valid.

func (d *device) Power() energy.Reading[energy.Watts] { return reading[energy.Watts](d, "power") }

func (d *device) Imported() energy.Reading[energy.WattHours] {
	return reading[energy.WattHours](d, "energy_import")
}

func (d *device) Exported() energy.Reading[energy.WattHours] {
	return reading[energy.WattHours](d, "energy_export")
}

func (d *device) Setpoint() energy.Reading[energy.Watts] {
	return reading[energy.Watts](d, "setpoint")
}

func (d *device) SoC() energy.Reading[energy.SoC] { return reading[energy.SoC](d, "soc") }

func (d *device) Session() energy.Reading[energy.WattHours] {
	return reading[energy.WattHours](d, "session_energy")
}

func (d *device) On() energy.Reading[bool]      { return truth(d, "switch") }
func (d *device) Plugged() energy.Reading[bool] { return truth(d, "plugged") }

// Online is what the device's own status topic says, however long ago; not valid while the link is down.
func (d *device) Online() energy.Reading[bool] {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.values["online"]
	return energy.Reading[bool]{Value: r.Value != 0, At: r.At, Valid: r.Valid}
}

func reading[T ~float64](d *device, name string) energy.Reading[T] {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.values[name]
	isFresh := r.Valid && d.link.clock.Now().Sub(r.At).Abs() <= d.maxAge(name)
	return energy.Reading[T]{Value: T(r.Value), At: r.At, Valid: isFresh}
}

func truth(d *device, name string) energy.Reading[bool] {
	r := reading[energy.Watts](d, name)
	return energy.Reading[bool]{Value: r.Value != 0, At: r.At, Valid: r.Valid}
}

// maxAge is what the configuration says, or the longest any of the point's sources grants.
func (d *device) maxAge(name string) time.Duration {
	if d.oldest > 0 {
		return d.oldest
	}
	var longest time.Duration
	for _, p := range d.profile.Points {
		if p.Name == name {
			age := defaultMaxAge
			if p.MaxAgeS > 0 {
				age = time.Duration(p.MaxAgeS) * time.Second
			}
			longest = max(longest, age)
		}
	}
	return longest
}
