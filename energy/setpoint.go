package energy

import "fmt"

// Mode says what kind of thing a setpoint asks for.
type Mode string

// The modes. The zero value hands the device back to its own control, which is always safe.
const (
	Release Mode = ""      // the device's own control: its safe state
	Off     Mode = "off"   // take nothing
	On      Mode = "on"    // take what it takes
	AtPower Mode = "power" // take, or give back, Power

	AtMost      Mode = "at_most"     // give back no more than Power, of a generator; zero stops it
	Blocked     Mode = "blocked"     // heat not, for no more than two hours
	Recommended Mode = "recommended" // heat more than it would by itself
	Forced      Mode = "forced"      // heat as far as it can
	OnPhases    Mode = "phases"      // charge on Phases; a step on the way to a wanted power, never a want
)

// Setpoint is what we ask a device to do.
type Setpoint struct {
	Mode  Mode  `json:"mode"`
	Power Watts `json:"power,omitempty"` // with AtPower and AtMost, signed; otherwise what On is expected to take
	// Phases is 1 or 3 with AtPower, where a charger can choose, and with OnPhases; zero: as many as it uses.
	Phases int `json:"phases,omitempty"`
}

// String writes the setpoint for a log line: "on", "power 3.6kW", "power 3.6kW on 1 phase", "at_most -3kW", "release".
func (s Setpoint) String() string {
	switch {
	case s.Mode == Release:
		return "release"
	case s.Mode == OnPhases:
		return onPhases(s.Phases)
	case s.Mode == AtPower && s.Phases != 0:
		return fmt.Sprintf("power %v %s", s.Power, onPhases(s.Phases))
	case s.Mode == AtPower, s.Mode == AtMost:
		return fmt.Sprintf("%s %v", s.Mode, s.Power)
	}
	return string(s.Mode)
}

func onPhases(n int) string {
	if n == 1 {
		return "on 1 phase"
	}
	return fmt.Sprintf("on %d phases", n)
}

// Schedule is the power a device is meant to have in each slot of a grid.
type Schedule struct {
	Device string  `json:"device"`
	Grid   Grid    `json:"grid"`
	Power  []Watts `json:"power"` // one for each slot, signed
}
