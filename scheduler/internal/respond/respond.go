// Package respond answers what one device does best when each slot has its own price of power, alone and
// exactly: the stores (battery, vehicle, heat) by a recursion over piecewise-linear functions, the others by
// tables. The same answers make plans, with the prices the rest of the home leaves, and bounds, with prices
// that charge for what devices share.
//
// Units are kW, kWh and money; power is positive when it consumes.
package respond

import (
	"context"
	"math"
	"slices"

	"hearth/scheduler/internal/pwl"
)

// Prices is, for each slot, the money that a power costs there, with 0 for power 0. Powers outside a
// function are not to be had.
type Prices []pwl.Func

// Ask is a question to a device.
type Ask struct {
	Prices Prices
	Slack  float64
	// Must is the slots in which a device that is switched has to be on; nil: none. It must be off where its
	// prices offer no power above 0.
	Must []bool
	// Floor is the least power (kW) that is taken by a switched device that is on, where it has the choice. A
	// bound has none: power 0 and being on is as near to it as one likes.
	Floor float64
	// IsStrict asks for nothing but strict behaviour: where there is none the cost is infinite.
	IsStrict bool
	// Memory is for the device to work with, and better than none; no two may use it at once.
	Memory *Memory
}

// must says that the device has to be on in slot t.
func (a Ask) must(t int) bool { return a.Must != nil && a.Must[t] }

// mustBeyond says that the device has to be on in a slot that is not in [from, to).
func (a Ask) mustBeyond(from, to int) bool {
	return a.Must != nil && (slices.Contains(a.Must[:from], true) || slices.Contains(a.Must[to:], true))
}

// Rigor says what a device had to give up.
type Rigor int

// The rigors, each a superset of what the one before allows.
const (
	Strict Rigor = iota // everything is kept
	Soft                // energy and runs may fall short, at a penalty
	Loose               // hold times as well
)

// Device is a device with its own constraints and costs.
type Device interface {
	// Respond sets power to the cheapest behaviour, or nearly. No behaviour of that rigor costs less than
	// cost; for a store that is Soft or Loose it holds penalties, and bounds the stricter ones as well. A
	// device that can do nothing right rests. It is false when ctx has ended.
	//
	// Slack, above 0, is the money that each slot may lose to keep a store's functions simple: cost is then
	// lower, and power dearer, than the best by at most that much a slot, and in practice far less.
	//
	// A nil power asks for the cost alone, which takes less memory.
	Respond(ctx context.Context, ask Ask, power []float64) (cost float64, rigor Rigor, ok bool)
	// Reach is the range of powers for which prices are looked at; it holds 0.
	Reach() (least, most float64)
}

// Switching is what limits a device that is switched on and off.
type Switching struct {
	MinOn, MinOff int // slots, at least 1
	MaxStarts     int // negative: any number
	StartCost     float64
	OnFor, OffFor int // the past
}

// IsFree says that switching costs and forbids nothing.
func (s Switching) IsFree() bool {
	return s.MinOn <= 1 && s.MinOff <= 1 && s.StartCost == 0 && s.MaxStarts < 0
}

// rest switches the device off throughout.
func rest(power []float64) {
	for t := range power {
		power[t] = 0
	}
}

var inf = math.Inf(1)
