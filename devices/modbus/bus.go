package modbus

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/goburrow/modbus"

	"hearth/devices"
)

// idleAfter closes a connection nobody used, before the device does: Alfen stations close after 60 s.
const idleAfter = 50 * time.Second

// ErrClosed says that the bus was closed.
var ErrClosed = errors.New("bus is closed")

var (
	errUnreachable  = errors.New("cannot connect")
	errTimeout      = errors.New("no answer in time")
	errInconsistent = errors.New("two reads after a fault on the line do not agree")
)

// Bus is one wire and the only one that speaks on it. It connects when first needed. It is safe for
// concurrent use; [Bus.Close] ends it. Devices do not close the bus they share.
type Bus struct {
	address Address
	clock   devices.Clock
	pace    func() devices.Pace
	closing context.Context
	stop    context.CancelCauseFunc
	idle    *time.Timer
	turns   turns

	// These belong to whoever has the turn.
	line        line // nil while not connected
	used        time.Time
	silentUntil time.Time // RTU: an answer that comes too late shall hit nobody
	isDoubtful  bool      // RTU has no transaction id: after a fault an answer may be to an older question
	link        backoff
	units       map[byte]*unit
}

// unit is what the bus knows of one device on the wire.
type unit struct {
	packager modbus.Packager // goburrow keeps unit and transaction id in it: one each, never changed
	backoff  backoff
}

// registers is one request's target.
type registers struct {
	unit, fc    byte
	addr, count uint16
}

// NewBus is a bus that is not connected yet. Pace makes one policy for the wire and one for each unit on it:
// after a failure requests other than commands fail at once for as long as it says, by the clock.
func NewBus(address Address, clock devices.Clock, pace func() devices.Pace) *Bus {
	b := &Bus{address: address, clock: clock, pace: pace, units: map[byte]*unit{}, link: backoff{pace: pace()}}
	b.closing, b.stop = context.WithCancelCause(context.Background())
	b.idle = time.AfterFunc(idleAfter, b.closeIdle)
	return b
}

// Close ends requests under way and those waiting with [ErrClosed] and lets go of the wire.
func (b *Bus) Close() error {
	b.stop(ErrClosed)
	b.idle.Stop()
	if err := b.turns.take(context.Background(), control); err != nil {
		return fmt.Errorf("close %s: %w", b.address.Line(), err)
	}
	defer b.turns.give()
	return b.hangUp()
}

// read reads registers (function 3 or 4). The time is from before the request was sent. While the line is
// in doubt it reads until two answers in a row agree.
func (b *Bus) read(ctx context.Context, p priority, r registers, agree func(a, b []byte) bool) (data []byte, at time.Time, err error) {
	err = b.do(ctx, p, r, func(c modbus.Client) error {
		at = b.clock.Now()
		var err error
		data, err = readOnce(c, r)
		for tries := 0; b.isDoubtful && err == nil; tries++ {
			if tries == 3 {
				return errInconsistent
			}
			before := data
			at = b.clock.Now()
			data, err = readOnce(c, r)
			b.isDoubtful = err != nil || !agree(before, data)
		}
		if _, isException := exceptionOf(err); isException && b.isDoubtful {
			return fmt.Errorf("on a line in doubt: %v", err) //nolint:errorlint // hidden: it may belong to an older question
		}
		return err
	})
	return data, at, err
}

func readOnce(c modbus.Client, r registers) (data []byte, err error) {
	if r.fc == modbus.FuncCodeReadInputRegisters {
		data, err = c.ReadInputRegisters(r.addr, r.count)
	} else {
		data, err = c.ReadHoldingRegisters(r.addr, r.count)
	}
	if err == nil && len(data) != 2*int(r.count) { // goburrow does not compare with what was asked
		err = fmt.Errorf("%d bytes answer a question for %d registers", len(data), r.count)
	}
	return data, err
}

// write writes registers (function 6 or 16) once: an error may mean that they were written nevertheless.
// Goburrow compares the echo with the request.
func (b *Bus) write(ctx context.Context, r registers, data []byte) error {
	return b.do(ctx, control, r, func(c modbus.Client) (err error) {
		if r.fc == modbus.FuncCodeWriteSingleRegister {
			_, err = c.WriteSingleRegister(r.addr, binary.BigEndian.Uint16(data))
		} else {
			_, err = c.WriteMultipleRegisters(r.addr, r.count, data)
		}
		return err
	})
}

// do waits for the turn, lets f speak and judges what came of it.
func (b *Bus) do(ctx context.Context, p priority, r registers, f func(modbus.Client) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(b.closing, func() { cancel(ErrClosed) })() //nolint:contextcheck // either may end it
	if err := b.turns.take(ctx, p); err != nil {
		return err
	}
	defer b.turns.give()
	if b.closing.Err() != nil {
		return ErrClosed
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	u := b.unit(r.unit)
	if p != control { // a command is rare and may be the one that makes safe: it always tries
		if err := cmp.Or(b.link.check(b.clock.Now()), u.backoff.check(b.clock.Now())); err != nil {
			return err
		}
	}
	err := f(modbus.NewClient2(u.packager, wire{ctx, b}))
	b.judge(ctx, u, err)
	b.used = time.Now()
	b.idle.Reset(idleAfter)
	return err
}

// judge decides what an outcome says of the wire and of the unit.
func (b *Bus) judge(ctx context.Context, u *unit, err error) {
	now := b.clock.Now()
	if b.line != nil {
		b.link.note(now, nil) // whatever the unit did, the wire is there
	}
	code, isException := exceptionOf(err)
	switch {
	case err == nil || isException && !isUnitTrouble(code):
		u.backoff.note(now, nil)
	case isException:
		u.backoff.note(now, err)
	case context.Cause(ctx) != nil: // the caller gave up: nobody's fault, but an answer may still come
		b.distrust()
	case errors.Is(err, errUnreachable):
		b.link.note(now, err)
	default:
		b.distrust()
		u.backoff.note(now, err)
	}
}

// distrust lets go of the line, whose next bytes may answer a question nobody asks any more.
func (b *Bus) distrust() {
	_ = b.hangUp() // the fault that led here is the one to report
	if b.address.isRTU() {
		b.silentUntil = time.Now().Add(b.address.timeout)
		b.isDoubtful = true
	}
}

func (b *Bus) hangUp() error {
	if b.line == nil {
		return nil
	}
	defer func() { b.line = nil }()
	return b.line.Close()
}

func (b *Bus) closeIdle() {
	if !b.turns.tryTake() {
		return // whoever has the turn sets the timer anew
	}
	defer b.turns.give()
	if b.line != nil && !b.address.isSerial() && time.Since(b.used) >= idleAfter {
		_ = b.hangUp()
	}
}

func (b *Bus) unit(id byte) *unit {
	u := b.units[id]
	if u == nil {
		u = &unit{packager: newPackager(b.address.isRTU(), id), backoff: backoff{pace: b.pace()}}
		b.units[id] = u
	}
	return u
}

func newPackager(isRTU bool, id byte) modbus.Packager {
	if isRTU {
		h := modbus.NewRTUClientHandler("")
		h.SlaveId = id
		return h
	}
	h := modbus.NewTCPClientHandler("")
	h.SlaveId = id
	return h
}
