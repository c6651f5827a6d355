package guard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// closeTimeout bounds Close: the whole home has to be safe within the five seconds a service gets to stop.
const closeTimeout = 5 * time.Second

var errClosed = errors.New("guard is closed")

// Guard is the only sender of commands to one device. It is safe for concurrent use; one request is
// served at a time.
type Guard struct {
	device *devices.Device
	rules  Rules
	turn   chan struct{} // holds one token: whoever has it may read and change what follows

	state    State
	isClosed bool
}

// New puts a guard in front of the device, with the state of an earlier one or none. It sends nothing.
// An error names everything that makes the rules unfit for the device.
func New(d *devices.Device, r Rules, s State) (*Guard, error) {
	full, err := r.complete(d)
	if err != nil {
		return nil, fmt.Errorf("guard %s: %w", d.Name, err)
	}
	g := &Guard{device: d, rules: full, state: s.afterRestart(), turn: make(chan struct{}, 1)}
	g.turn <- struct{}{}
	return g, nil
}

// Rules is what the guard goes by: the configured rules, completed by the device's own and the defaults.
func (g *Guard) Rules() Rules { return g.rules }

// State is a copy of what the guard remembers, to be stored.
func (g *Guard) State() State {
	<-g.turn
	defer func() { g.turn <- struct{}{} }()
	return g.state.clone()
}

// Request is called each cycle with what is wanted now and what the device last said. It sends at most
// one command and returns when it was handed over.
func (g *Guard) Request(ctx context.Context, now time.Time, want energy.Setpoint, obs devices.Observation) Decision {
	return g.Answer(ctx, Input{Now: now, Want: want, Obs: obs})
}

// Answer is [Guard.Request] with all that can be said of a want: who wants it, and what it rests on.
func (g *Guard) Answer(ctx context.Context, in Input) Decision {
	select {
	case <-g.turn:
	case <-ctx.Done():
		return Decision{Outcome: Refused, Rule: Closed, Err: context.Cause(ctx)}
	}
	defer func() { g.turn <- struct{}{} }()
	if g.isClosed {
		return Decision{Outcome: Refused, Rule: Closed, Err: errClosed}
	}
	before := g.state
	next, d := g.rules.Decide(before, in)
	g.state = next
	if d.Sent == nil {
		return d
	}
	if err := g.send(ctx, *d.Sent, d.Lease); err != nil {
		d.Err = err
		switch d.Outcome {
		case Applied:
			// It may have arrived all the same: it stays unconfirmed, and the readings decide.
			d.Outcome, d.Rule = Refused, Send
		case Kept, Held:
			if g.state.Told != nil && before.Told != nil {
				g.state.Told.Renewed = before.Told.Renewed // due again at once
			}
		}
	}
	return d
}

// Close leaves the device in its safe state, if this guard (or the one whose state it took over) has told
// it anything else, and refuses what comes after. The resident's override is left as it is. It returns
// within five seconds; the second call does nothing.
func (g *Guard) Close(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	select {
	case <-g.turn:
	case <-ctx.Done():
		return fmt.Errorf("close guard %s: %w", g.device.Name, context.Cause(ctx))
	}
	defer func() { g.turn <- struct{}{} }()
	if g.isClosed {
		return nil
	}
	g.isClosed = true
	told := g.state.Told
	isSafe := (told == nil || (told.IsConfirmed && told.Setpoint == g.rules.Safe)) && !g.state.IsOwed
	// An earlier run may have told it something in its last minute, and nothing was heard since.
	isUnknown := g.state.IsStarting && !g.state.Stopped.IsZero() && g.rules.Lease == 0
	if isSafe && !isUnknown || g.state.Hold.isOfOthers(now) {
		return nil
	}
	if err := g.send(ctx, g.rules.Safe, 0); err != nil {
		return fmt.Errorf("close guard: %w", err)
	}
	g.state.Told = nil
	return nil
}

// OwesSafety says that the device was told something else than its safe state, by this guard or the one
// before it, and has not been seen to be left in it.
func (g *Guard) OwesSafety() bool {
	<-g.turn
	defer func() { g.turn <- struct{}{} }()
	return g.state.IsOwed
}

func (g *Guard) send(ctx context.Context, s energy.Setpoint, lease time.Duration) (err error) {
	switch d, isReleased := g.device, s.Mode == energy.Release; {
	case s.Mode == energy.OnPhases:
		err = d.PhaseSwitch.SetPhases(ctx, s.Phases)
	case g.rules.Role == BySwitch:
		err = d.Switch.Turn(ctx, s.Mode == energy.On, lease)
	case g.rules.Role == ByHeat && isReleased:
		err = d.Thermal.SetMode(ctx, devices.ThermalNormal, 0)
	case g.rules.Role == ByHeat:
		err = d.Thermal.SetMode(ctx, devices.ThermalMode(s.Mode), lease)
	case g.rules.Role == ByCurtailment && isReleased:
		err = d.Curtailer.Lift(ctx)
	case g.rules.Role == ByCurtailment:
		err = d.Curtailer.Curtail(ctx, -s.Power, lease)
	case isReleased:
		err = d.Setpoint.Release(ctx)
	default:
		err = d.Setpoint.SetPower(ctx, s.Power, lease)
	}
	if err != nil {
		return fmt.Errorf("send %s %v: %w", g.device.Name, s, err)
	}
	return nil
}
