package modbus

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"hearth/devices/profiles"
	"hearth/energy"
)

// write is one value of an action, ready to be filled in.
type write struct {
	profiles.Write
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

func newActions(source []profiles.Action, perAmpere float64) (map[string][]write, error) {
	actions, faults := map[string][]write{}, []error{}
	for _, a := range source {
		if !slices.Contains([]string{"on", "off", "set_power", "release", "setup"}, a.Name) || len(a.Write) == 0 {
			faults = append(faults, fmt.Errorf("action %q: want on, off, set_power, release or setup, with writes", a.Name))
		}
		for _, source := range a.Write {
			w, err := newWrite(source, perAmpere)
			if err != nil {
				faults = append(faults, fmt.Errorf("action %s: write %d: %w", a.Name, source.Addr, err))
			}
			actions[a.Name] = append(actions[a.Name], w)
		}
	}
	return actions, errors.Join(faults...)
}

func newWrite(source profiles.Write, perAmpere float64) (w write, err error) {
	w.Write = source
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
	if w.watts = map[string]float64{"": 1, "W": 1, "A": perAmpere, "mA": perAmpere / 1000}[w.Unit]; w.watts == 0 {
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
	return d.act(ctx, name, power, lease)
}

// Release hands the device back to its own control.
func (d *driver) Release(ctx context.Context) error { return d.act(ctx, "release", 0, 0) }

// act writes an action in the profile's order, the first time after a loss with setup before it, and then
// reads once what confirms it. One action runs at a time. A failed write ends it; the lease does the rest.
func (d *driver) act(ctx context.Context, name string, power energy.Watts, lease time.Duration) error {
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
	d.mu.Unlock()
	var steps []write
	if !isSetUp {
		steps = append(steps, d.actions["setup"]...)
	}
	requests, err := d.encode(append(steps, d.actions[name]...), power, lease)
	if err != nil {
		return fmt.Errorf("%s %s: %w", name, d.Name, err)
	}
	for _, r := range requests {
		if err := d.Bus.write(ctx, r.registers, r.data); err != nil {
			return fmt.Errorf("%s %s: write %d: %w", name, d.Name, r.addr, err)
		}
	}
	d.mu.Lock()
	d.isSetUp = true
	d.mu.Unlock()
	d.readBack(ctx)
	return nil
}

// readBack reads what confirms a command at once. What fails here is read again by Run, which also says so.
func (d *driver) readBack(ctx context.Context) {
	if d.Profile.Confirm == nil {
		return
	}
	for _, b := range d.blocks {
		if slices.ContainsFunc(b.points, func(p *point) bool { return p.Name == d.Profile.Confirm.Point || p.Name == "mode" }) {
			d.poll(ctx, b, confirm)
		}
	}
}

// request is one write on the wire.
type request struct {
	registers
	data []byte
}

// encode fills in all writes before the first is sent, so that a value out of range sends nothing.
// Neighbouring registers of function 16 become one request.
func (d *driver) encode(writes []write, power energy.Watts, lease time.Duration) ([]request, error) {
	var requests []request
	for _, w := range writes {
		if w.Sign > 0 && power < 0 || w.Sign < 0 && power >= 0 {
			continue
		}
		v, err := d.fill(w, power, lease)
		if err != nil {
			return nil, err
		}
		data, err := w.kind.encode(v / w.Scale)
		if err != nil {
			return nil, fmt.Errorf("write %d: %w", w.Addr, err)
		}
		r := request{registers{d.unit, byte(w.FC), uint16(w.Addr), uint16(w.kind.registers)}, data}
		if n := len(requests); n > 0 && r.fc == 16 && requests[n-1].fc == 16 && requests[n-1].addr+requests[n-1].count == r.addr {
			requests[n-1].count += r.count
			requests[n-1].data = append(requests[n-1].data, data...)
			continue
		}
		requests = append(requests, r)
	}
	return requests, nil
}

// fill is the number a write's Value stands for, in the write's unit.
func (d *driver) fill(w write, power energy.Watts, lease time.Duration) (float64, error) {
	switch w.Value {
	case theValue:
		if w.Sign < 0 {
			power = -power
		}
		return float64(power) / w.watts, nil
	case leaseSecs, leaseMins:
		if lease == 0 {
			return 0, nil // none
		}
		if lease < d.caps.LeaseMin || d.caps.LeaseMax > 0 && lease > d.caps.LeaseMax {
			return 0, fmt.Errorf("a lease of %v is not between %v and %v", lease, d.caps.LeaseMin, d.caps.LeaseMax)
		}
		if w.Value == leaseMins { // rounded up: a lease must not end before it is renewed
			return math.Ceil(lease.Minutes()) + d.leaseAdd, nil
		}
		return math.Ceil(lease.Seconds()) + d.leaseAdd, nil
	}
	return w.constant, nil
}

// encode rounds to the nearest number the registers can hold; out of their range is an error.
func (k kind) encode(v float64) ([]byte, error) {
	bits := 16 * k.registers
	var raw uint64
	low, high := 0.0, math.Ldexp(1, bits)
	if k.isSigned {
		low, high = -math.Ldexp(1, bits-1), math.Ldexp(1, bits-1)
	}
	switch r := math.Round(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return nil, fmt.Errorf("%v is not a number", v)
	case k.isFloat && bits == 32:
		raw = uint64(math.Float32bits(float32(v)))
	case k.isFloat:
		raw = math.Float64bits(v)
	case r < low || r >= high:
		return nil, fmt.Errorf("%v does not fit into %d bits", v, bits)
	case k.isSigned:
		raw = uint64(int64(r))
	default:
		raw = uint64(r)
	}
	data := binary.BigEndian.AppendUint64(nil, raw)[8-2*k.registers:]
	if k.isLittle {
		for i, j := 0, len(data)-2; i < j; i, j = i+2, j-2 {
			data[i], data[i+1], data[j], data[j+1] = data[j], data[j+1], data[i], data[i+1]
		}
	}
	return data, nil
}
