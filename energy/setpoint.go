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
)

// Setpoint is what we ask a device to do.
type Setpoint struct {
	Mode  Mode  `json:"mode"`
	Power Watts `json:"power,omitempty"` // with AtPower, signed; otherwise what On is expected to take
}

// String writes the setpoint for a log line: "on", "power 3.6kW", "release".
func (s Setpoint) String() string {
	switch s.Mode {
	case Release:
		return "release"
	case AtPower:
		return fmt.Sprintf("power %v", s.Power)
	}
	return string(s.Mode)
}

// Schedule is the power a device is meant to have in each slot of a grid.
type Schedule struct {
	Device string  `json:"device"`
	Grid   Grid    `json:"grid"`
	Power  []Watts `json:"power"` // one for each slot, signed
}
