package devicetest

import (
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// Fault is what may be wrong with a peer.
type Fault string

// The faults. The zero value is none.
const (
	Healthy Fault = ""
	Lying   Fault = "lying"   // takes commands, answers, and stays as it is
	Silent  Fault = "silent"  // is connected, and neither says nor does anything
	Garbage Fault = "garbage" // says things that are no values
	Gone    Fault = "gone"    // is not connected
)

// Peer is the thing at the far end of the wire.
type Peer interface {
	// Measure makes it take this power from now on, and say so in its own unit and sign.
	Measure(p energy.Watts)
	// Fail gives it a fault, or takes it away.
	Fail(f Fault)
	// Restart loses its connections and comes back, as it is.
	Restart()
	// Commands is how many reached it, obeyed or not.
	Commands() int
}

// SwitchPeer is a peer that can be switched.
type SwitchPeer interface {
	IsOn() bool
	Press(isOn bool) // by hand
}

// PowerPeer is a peer that can be told a power; false while it follows its own control.
type PowerPeer interface {
	Told() (energy.Watts, bool)
}

// RetainingPeer has a broker that keeps a command to switch on for whoever subscribes. The suite calls
// RetainOn before it runs the device.
type RetainingPeer interface {
	RetainOn()
}

// Rig is a device with the peer it is connected to, both on one clock. The device does not run yet.
type Rig struct {
	Device *devices.Device
	Peer   Peer
	Clock  *Clock
	MaxAge time.Duration // a power older than this is not valid
}

// Factory builds a rig and registers the end of what it started besides the device's Driver.
type Factory func(t *testing.T) Rig
