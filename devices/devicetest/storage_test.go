package devicetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// storage is a battery without a wire that takes powers, device and peer in one.
type storage struct {
	*memory
	told   energy.Watts
	isTold bool
	shown  energy.Reading[energy.Watts]
}

const storagePower energy.Watts = 4000

// battery is a right one with what spoil makes of it; nil: nothing.
func battery(spoil func(*storage, *devices.Device)) Factory {
	return func(*testing.T) Rig {
		b := &storage{memory: newMemory()}
		b.onPoll = b.poll
		d := &devices.Device{Name: "battery", Driver: b, Meter: b, Setpoint: b, Availability: b, Capabilities: devices.Capabilities{
			ReadBack: true, Lease: devices.Timer, LeaseMax: time.Hour, Min: -storagePower, Max: storagePower,
		}}
		if spoil != nil {
			spoil(b, d)
		}
		return Rig{Device: d, Peer: b, Clock: b.clock, MaxAge: time.Minute}
	}
}

// poll is what the battery does by itself and says. The caller holds mu.
func (b *storage) poll() {
	now := b.clock.Now()
	if b.isTold && !b.expires.IsZero() && !now.Before(b.expires) {
		b.isTold = false
	}
	if b.fault == Healthy || b.fault == Lying {
		b.shown = energy.Reading[energy.Watts]{Value: b.told, At: now, Valid: b.isTold}
	}
}

func (b *storage) SetPower(ctx context.Context, p energy.Watts, lease time.Duration) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !(p >= -storagePower && p <= storagePower) || lease < 0 || lease > time.Hour:
		return errors.New("out of range")
	}
	return b.obey(func() {
		b.told, b.isTold, b.expires = p, true, time.Time{}
		if lease > 0 {
			b.expires = b.clock.Now().Add(lease)
		}
	})
}

func (b *storage) Release(context.Context) error { return b.obey(func() { b.isTold = false }) }

// obey counts a command, and does it unless something is wrong with the battery.
func (b *storage) obey(do func()) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.retained {
		return errors.New("retained command")
	}
	if b.commands++; b.fault == Healthy {
		do()
	}
	return nil
}

func (b *storage) Setpoint() energy.Reading[energy.Watts] {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.shown
	r.Valid = r.Valid && b.clock.Now().Sub(r.At) <= time.Minute
	return r
}

func (b *storage) Told() (energy.Watts, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.poll()
	return b.told, b.isTold
}

// IsOn and Press are no part of a battery; the plug's would be promoted.
func (b *storage) IsOn(struct{})  {}
func (b *storage) Press(struct{}) {}
