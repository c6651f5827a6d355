package modbus

import (
	"fmt"
	"math"
	"slices"

	"hearth/energy"
)

// isInAmperes says that the point is a power told in amperes.
func (p *point) isInAmperes() bool {
	return p.Name == "setpoint" && (p.Unit == "A" || p.Unit == "mA")
}

// share is the part of the configured phases a charger uses now; 1 where it does not say, or cannot switch:
// what it says then need not be so. d.mu is held.
func (d *driver) share() float64 {
	r, isThere := d.readings["phases"]
	if !d.mayUseOne || !isThere || !r.Valid || d.phases == 0 || r.Value <= 0 {
		return 1
	}
	return min(r.Value, d.phases) / d.phases
}

// checkAmperes refuses a power that on the phases in use now is no current the charger may be told.
func (d *driver) checkAmperes(power energy.Watts) error {
	if d.perAmpere == 0 || d.mostAmps == 0 || power == 0 {
		return nil
	}
	d.mu.Lock()
	perAmpere := d.perAmpere * d.share()
	d.mu.Unlock()
	const hair = 0.01 // 3 x 230 x 6 may come as a little less
	if a := math.Abs(float64(power)) / perAmpere; a < d.leastAmps-hair || a > d.mostAmps+hair {
		return fmt.Errorf("set power of %s: %v is %.1f A on the phases in use, not from %v to %v A", d.Name, power, a, d.leastAmps, d.mostAmps)
	}
	return nil
}

// hasAmperes says that an action tells a current.
func hasAmperes(writes []write) bool {
	return slices.ContainsFunc(writes, func(w write) bool { return w.Value == theValue && (w.Unit == "A" || w.Unit == "mA") })
}
