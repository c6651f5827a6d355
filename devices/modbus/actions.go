package modbus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/devices"
	"hearth/devices/profiles"
	"hearth/energy"
)

// write is one value of an action, ready to be filled in.
type write struct {
	profiles.Write
	unit     byte
	kind     kind
	watts    float64 // of one Unit
	constant float64 // when Value is none of the three below
}

// What a write's Value may stand for; parameters are replaced already.
const (
	theValue  = "{value}"
	leaseSecs = "{lease_s}"
	leaseMins = "{lease_min}"
)

func newActions(source []profiles.Action, s settings) (map[string][]write, error) {
	actions, faults := map[string][]write{}, []error{}
	for _, a := range source {
		if len(a.Write) == 0 {
			faults = append(faults, fmt.Errorf("action %s: it writes nothing", a.Name))
		}
		for _, source := range a.Write {
			w, err := newWrite(source, s)
			if err != nil {
				faults = append(faults, fmt.Errorf("action %s: write %d: %w", a.Name, source.Addr, err))
			}
			actions[a.Name] = append(actions[a.Name], w)
		}
	}
	return actions, errors.Join(faults...)
}

func newWrite(source profiles.Write, s settings) (w write, err error) {
	w.Write = source
	if w.unit, err = s.unitOf(source.UnitID); err != nil {
		return w, err
	}
	if w.kind, err = newKind(source.Type, source.Words); err != nil {
		return w, err
	}
	if source.FC != 16 && (source.FC != 6 || w.kind.registers != 1) {
		return w, fmt.Errorf("function %d with type %s: want 16, or 6 for one register", source.FC, source.Type)
	}
	if source.Addr < 0 || source.Addr+w.kind.registers > 1<<16 {
		return w, errors.New("want an address from 0 to 65535")
	}
	if w.Scale == 0 {
		w.Scale = 1
	}
	if w.watts = map[string]float64{"": 1, "W": 1, "A": s.perAmpere, "mA": s.perAmpere / 1000}[w.Unit]; w.watts == 0 {
		return w, fmt.Errorf("unit %q: want W, or A or mA with the params phases and voltage", w.Unit)
	}
	text := source.Value
	if text == theValue || text == leaseSecs || text == leaseMins {
		return w, nil
	}
	if w.constant, err = strconv.ParseFloat(text, 64); err != nil {
		return w, fmt.Errorf("value %q: want a number, {value}, {lease_s}, {lease_min} or {param} of a param that is a number", source.Value)
	}
	return w, nil
}

// Turn switches on, for the lease where the device has a timer, or off.
func (d *driver) Turn(ctx context.Context, on bool, lease time.Duration) error {
	if on {
		return d.act(ctx, "on", 0, lease)
	}
	return d.act(ctx, "off", 0, lease)
}

// SetPower refuses before the wire what is not zero and outside the capabilities. Zero is the action off
// where the profile has one: a charger pauses by being disabled, as less than 6 A cannot be signalled.
func (d *driver) SetPower(ctx context.Context, power energy.Watts, lease time.Duration) error {
	name := "set_power"
	if power == 0 && d.actions["off"] != nil {
		name = "off"
	} else if p := float64(power); power != 0 && (math.IsNaN(p) || power < d.caps.Min || power > d.caps.Max ||
		energy.Watts(math.Abs(p)) < d.caps.Floor) {
		return fmt.Errorf("set power of %s: %v is neither 0 nor from %v to %v with at least %v",
			d.Name, power, d.caps.Min, d.caps.Max, d.caps.Floor)
	}
	if hasAmperes(d.actions[name]) {
		if err := d.checkAmperes(power); err != nil {
			return err
		}
	}
	return d.act(ctx, name, power, lease)
}

// Release hands the device back to its own control.
func (d *driver) Release(ctx context.Context) error { return d.act(ctx, "release", 0, 0) }

// act writes an action in the profile's order, the first time after a loss with setup before it, and then
// reads once what confirms it. One action runs at a time. A failed write ends it; the lease does the rest.
func (d *driver) act(ctx context.Context, name string, power energy.Watts, lease time.Duration) error {
	if err := d.checkLease(lease); err != nil {
		return fmt.Errorf("%s %s: %w", name, d.Name, err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(d.closing, func() { cancel(errClosed) })() //nolint:contextcheck // either may end it
	select {
	case d.acting <- struct{}{}:
		defer func() { <-d.acting }()
	case <-ctx.Done():
		return fmt.Errorf("%s %s: %w", name, d.Name, context.Cause(ctx))
	}
	if d.closing.Err() != nil {
		return fmt.Errorf("%s %s: %w", name, d.Name, errClosed)
	}
	d.mu.Lock()
	isSetUp := d.isSetUp
	if !strings.HasPrefix(name, "phases_") { // phases are switched while the pause is kept up
		d.kept = nil // whatever comes of this, the last command is over
	}
	d.mu.Unlock()
	var steps []write
	if !isSetUp {
		steps = append(steps, d.actions["setup"]...)
	}
	first, err := d.encode(steps, power, lease)
	if err != nil {
		return fmt.Errorf("%s %s: %w", name, d.Name, err)
	}
	requests, err := d.encode(d.actions[name], power, lease)
	if err != nil {
		return fmt.Errorf("%s %s: %w", name, d.Name, err)
	}
	for _, r := range append(first, requests...) {
		if err := d.Bus.write(ctx, r.registers, r.data); err != nil {
			return fmt.Errorf("%s %s: write %d: %w", name, d.Name, r.addr, err)
		}
	}
	d.mu.Lock()
	d.isSetUp = true
	d.keep(requests, lease)
	d.mu.Unlock()
	sent := d.Clock.Now()
	d.readBack(ctx)
	if err := d.verify(lease, sent); err != nil {
		return fmt.Errorf("%s %s: %w", name, d.Name, err)
	}
	return nil
}

// checkLease refuses a lease the device would not end as promised; zero is none.
func (d *driver) checkLease(lease time.Duration) error {
	isNone := lease == 0 || lease > 0 && d.caps.Lease == devices.Unguarded // such a device has none to give
	if !isNone && (lease < d.caps.LeaseMin || lease < 0 || d.caps.LeaseMax > 0 && lease > d.caps.LeaseMax) {
		return fmt.Errorf("a lease of %v is not between %v and %v", lease, d.caps.LeaseMin, d.caps.LeaseMax)
	}
	return nil
}

// readBack reads what confirms a command at once. What fails here is read again by Run, which also says so.
func (d *driver) readBack(ctx context.Context) {
	shows := []string{"mode"}
	if d.Profile.Confirm != nil {
		shows = append(shows, d.Profile.Confirm.Point)
	}
	if d.Profile.Lease != nil {
		shows = append(shows, d.Profile.Lease.Verify)
	}
	for _, b := range d.blocks {
		if slices.ContainsFunc(b.points, func(p *point) bool { return slices.Contains(shows, p.Name) }) {
			d.poll(ctx, b, confirm)
		}
	}
}

// verify sees that the device counts the lease down, where it can show it: a command that nothing would end
// has failed, and the guard makes safe what did not come about.
func (d *driver) verify(lease time.Duration, sent time.Time) error {
	if d.Profile.Lease == nil || d.Profile.Lease.Verify == "" || lease == 0 {
		return nil
	}
	left := d.read(d.Profile.Lease.Verify)
	if !left.Valid || left.At.Before(sent) {
		return errors.New("the device does not say how long the command holds")
	}
	least := lease.Seconds() / 2
	if d.Profile.Lease.Kind == "heartbeat" {
		least = d.Profile.Lease.EveryS // or it would end between two beats
	}
	if left.Value < least {
		return fmt.Errorf("the device ends the command in %v seconds, the lease is %v", left.Value, lease)
	}
	return nil
}
