package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"hearth/energy"
	"hearth/sim/house"
	"hearth/sim/market"
)

// Clock is the time the home lives by.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// Options says which home and when.
type Options struct {
	Clock Clock          // required; the home starts at its Now
	Seed  uint64         // weather, people and prices follow from it
	Speed float64        // of the clock against the wall; 0 means 1. Only what rides on the wire is stretched by it
	Zone  *time.Location // required
	Place market.Place   // zero: Germany
	Log   *slog.Logger   // nil: silent
}

// Names of the things on plugs, for the fault knobs.
const (
	Dishwasher = "dishwasher"
	Boiler     = "boiler"
)

// step is how finely the physics is computed; a command takes effect within it.
const step = 5 * time.Second

// Home is a simulated home with its twin and its sockets. Its methods are safe for concurrent use.
type Home struct {
	clock  Clock
	seed   uint64
	speed  float64
	zone   *time.Location
	log    *slog.Logger
	start  time.Time
	market market.Market

	mu            sync.Mutex // of everything the physics moves
	world         *house.World
	with, without house.House
	ledger        ledger
	record        *record // nil until a cloud asks
	inverter      inverter
	isMeterSilent bool
	oven          energy.Watts // on besides what the world brings

	sockets sockets
}

// DefaultStart is the late afternoon of a spring day with sun and a clear spread of prices, a Tuesday: the
// car is about to come home, and the dear evening lies ahead.
func DefaultStart(zone *time.Location) time.Time { return time.Date(2026, 5, 12, 16, 30, 0, 0, zone) }

// New builds the home as it is at the clock's time after days in which nobody acted. It opens nothing.
func New(o Options) (*Home, error) {
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Place.Name == "" {
		o.Place = market.Germany
	}
	switch {
	case o.Clock == nil:
		return nil, errors.New("simulated home: no clock")
	case o.Zone == nil:
		return nil, errors.New("simulated home: no zone")
	case !(o.Speed > 0): // not a number, too
		return nil, fmt.Errorf("simulated home: speed %v is not positive", o.Speed)
	}
	start := o.Clock.Now().In(o.Zone).Truncate(step)
	h := &Home{
		clock: o.Clock, seed: o.Seed, speed: o.Speed, zone: o.Zone, log: o.Log,
		start:  start,
		market: market.New(o.Seed, o.Zone, o.Place),
		world:  house.NewWorld(o.Seed, o.Zone),
	}
	h.with = warm(h.world, start, o.Zone)
	h.without = h.with
	h.ledger = newLedger(h.market, h.with)
	return h, nil
}

// State is the whole truth now, for tests and for the curious.
func (h *Home) State() house.House {
	var out house.House
	h.look(func(now *house.House) { out = *now })
	return out
}

// Twin is the whole truth of the home in which nobody acts.
func (h *Home) Twin() house.House {
	var out house.House
	h.look(func(*house.House) { out = h.without })
	return out
}

// Summary is the comparison up to now.
func (h *Home) Summary() Summary {
	var out Summary
	h.look(func(now *house.House) { out = h.ledger.summary(now, &h.without) })
	return out
}

// look brings both homes up to the clock's time and lets do read or change the one that can be met.
func (h *Home) look(do func(now *house.House)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.clock.Now()
	for next := h.with.At.Add(step); !next.After(now); next = next.Add(step) {
		o := h.world.Step(h.with.At, step)
		o.Base += h.oven
		h.with.Step(o)
		h.without.Step(o)
		h.ledger.book(o.Span, &h.with, &h.without)
		if h.record != nil {
			h.record.book(o.Span, h.with.Power)
		}
	}
	do(&h.with)
}

// recorded is what the home has taken so far, and in the days before.
func (h *Home) recorded() *record {
	var r *record
	h.look(func(*house.House) {
		if h.record == nil {
			h.record = newRecord(h.Prehistory(recordedDays))
		}
		r = h.record
	})
	return r
}

// wire is a duration for what somebody waits for on a socket: at least d, and at least so much of the
// clock that the given time passes on the wall.
func (h *Home) wire(d, wall time.Duration) time.Duration {
	return max(d, time.Duration(h.speed*float64(wall))).Round(time.Second)
}
