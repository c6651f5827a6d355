package devicetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// memory is a plug without a wire: device and peer in one. It is what the suite takes for right.
type memory struct {
	clock *Clock

	mu       sync.Mutex
	closed   chan struct{}
	fault    Fault
	isOn     bool
	expires  time.Time
	power    energy.Watts
	commands int
	retained bool
	restarts int
	losses   int    // times it was gone
	onPoll   func() // called by Run at each poll; mu is held
	seenOn   energy.Reading[bool]
	seen     energy.Reading[energy.Watts]
}

func newMemory() *memory {
	return &memory{clock: NewClock(time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)), closed: make(chan struct{}), onPoll: func() {}}
}

// plug is a right one with what spoil makes of it; nil: nothing.
func plug(spoil func(*memory, *devices.Device)) Factory {
	return func(*testing.T) Rig {
		m := newMemory()
		d := &devices.Device{Name: "plug", Driver: m, Meter: m, Switch: m, Availability: m, Capabilities: devices.Capabilities{
			ReadBack: true, Lease: devices.Timer, LeaseMax: time.Hour, MinOff: time.Minute,
		}}
		if spoil != nil {
			spoil(m, d)
		}
		return Rig{Device: d, Peer: m, Clock: m.clock, MaxAge: time.Minute}
	}
}

func (m *memory) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-m.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	for ctx.Err() == nil {
		m.mu.Lock()
		m.read()
		m.onPoll()
		m.mu.Unlock()
		_ = m.clock.Sleep(ctx, time.Second)
	}
	return nil
}

func (m *memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	select {
	case <-m.closed:
	default:
		close(m.closed)
	}
	return nil
}

// read is one poll. The caller holds mu.
func (m *memory) read() {
	now := m.clock.Now()
	if m.isOn && !m.expires.IsZero() && !now.Before(m.expires) {
		m.isOn = false
	}
	if m.fault == Healthy || m.fault == Lying {
		m.seenOn, m.seen = energy.Read(m.isOn, now), energy.Read(m.power, now)
	}
}

func (m *memory) Turn(ctx context.Context, on bool, lease time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case m.retained:
		return errors.New("retained command")
	case lease < 0 || lease > time.Hour:
		return fmt.Errorf("lease of %v", lease)
	}
	m.commands++
	if m.fault == Healthy {
		m.isOn, m.expires = on, time.Time{}
		if lease > 0 {
			m.expires = m.clock.Now().Add(lease)
		}
	}
	return nil
}

func (m *memory) On() energy.Reading[bool] {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seenOn.Valid = m.seenOn.Valid && m.clock.Now().Sub(m.seenOn.At) <= time.Minute
	return m.seenOn
}

func (m *memory) Power() energy.Reading[energy.Watts] {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen.Valid = m.seen.Valid && m.clock.Now().Sub(m.seen.At) <= time.Minute
	return m.seen
}

func (m *memory) Online() energy.Reading[bool] {
	m.mu.Lock()
	defer m.mu.Unlock()
	return energy.Read(m.fault != Gone, m.clock.Now())
}

func (m *memory) Measure(p energy.Watts) { m.mu.Lock(); m.power = p; m.mu.Unlock() }
func (m *memory) Restart()               { m.mu.Lock(); m.restarts++; m.mu.Unlock() }
func (m *memory) Commands() int          { m.mu.Lock(); defer m.mu.Unlock(); return m.commands }
func (m *memory) IsOn() bool             { m.mu.Lock(); defer m.mu.Unlock(); m.read(); return m.isOn }
func (m *memory) Press(isOn bool)        { m.mu.Lock(); m.isOn, m.expires = isOn, time.Time{}; m.mu.Unlock() }
func (m *memory) RetainOn()              { m.mu.Lock(); m.retained = true; m.mu.Unlock() }

func (m *memory) Fail(f Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fault = f; f == Gone {
		m.losses++
	}
}

// has says, without a lock, what a spoiled role wants to know.
func (m *memory) has(f Fault) bool { m.mu.Lock(); defer m.mu.Unlock(); return m.fault == f }
