package modbus

import (
	"fmt"
	"time"

	"hearth/devices/profiles"
	"hearth/energy"
)

// reading is the newest value of a point and for how long it may be trusted.
type reading struct {
	energy.Reading[float64]
	maxAge time.Duration
}

// take stores what the block's bytes say; d.mu is held.
func (d *driver) take(b *block, data []byte, at time.Time) {
	for _, p := range b.points {
		v, isThere := p.value(data)
		if p.isInAmperes() {
			v *= d.share()
		}
		if p.When != nil && !d.holds(p) {
			continue
		}
		r := reading{energy.Reading[float64]{Value: v, At: at, Valid: isThere}, p.maxAge}
		if isThere && !(p.isPlausible(v) && p.mayFollow(v, at, d.most)) {
			if p.dropped++; p.dropped == 1 {
				d.Log.Warn("value dropped", "device", d.Name, "reason", fmt.Sprintf("%s %v is not plausible", p.Name, v))
			}
			continue
		}
		if isThere && p.dropped > 0 {
			d.Log.Info("value good again", "device", d.Name, "reason", fmt.Sprintf("%s after %d dropped", p.Name, p.dropped))
			p.dropped = 0
		}
		d.readings[p.Name] = r
		if p.Name == "mode" {
			d.forget(at)
		}
	}
}

// holds says that a point with When speaks now.
func (d *driver) holds(p *point) bool {
	mode := d.readings["mode"]
	for _, v := range p.When {
		if mode.Valid && mode.Value == float64(v) {
			return true
		}
	}
	return false
}

// forget makes readings invalid of which no point speaks in the mode just read.
func (d *driver) forget(at time.Time) {
	speaks := map[string]bool{}
	for _, b := range d.blocks {
		for _, p := range b.points {
			if p.When != nil {
				speaks[p.Name] = speaks[p.Name] || d.holds(p)
			}
		}
	}
	for name, isSpoken := range speaks {
		if !isSpoken {
			d.readings[name] = reading{Reading: energy.Reading[float64]{At: at}}
		}
	}
}

// maxRise is what a counter may gain at once beyond the time that passed: coarse counters step by 1 kWh.
const maxRise = 2000

// mayFollow says that a counter grew, and no faster than by the power most (0: unknown): one value far too
// high would otherwise make all good ones look like a fall.
func (p *point) mayFollow(v float64, at time.Time, most float64) bool {
	if p.Name != "energy_import" && p.Name != "energy_export" {
		return true
	}
	rise := v - p.counted
	isFirst := p.countedAt.IsZero()
	if !isFirst && (rise < 0 || most > 0 && rise > maxRise+most*at.Sub(p.countedAt).Hours()) {
		return false
	}
	p.counted, p.countedAt = v, at
	return true
}

// mostPower is the largest magnitude the profile allows the point power; 0 when it does not say.
func mostPower(p *profiles.Profile) (most float64) {
	for _, q := range p.Points {
		if q.Name == "power" && q.Max != nil {
			most = max(most, *q.Max)
		}
		if q.Name == "power" && q.Min != nil {
			most = max(most, -*q.Min)
		}
	}
	return most
}

func (d *driver) read(name string) energy.Reading[float64] {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.readings[name]
	if d.Clock.Now().Sub(r.At) > r.maxAge {
		r.Valid = false
	}
	return r.Reading
}

func quantity[T ~float64](r energy.Reading[float64]) energy.Reading[T] {
	return energy.Reading[T]{Value: T(r.Value), At: r.At, Valid: r.Valid}
}

func statement(r energy.Reading[float64]) energy.Reading[bool] {
	return energy.Reading[bool]{Value: r.Value != 0, At: r.At, Valid: r.Valid}
}
