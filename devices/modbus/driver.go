package modbus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"hearth/devices"
	"hearth/devices/profiles"
	"hearth/energy"
)

// probeAfter is when a register the device refused is asked for again: new firmware may have brought it.
const probeAfter = 24 * time.Hour

var errClosed = errors.New("device is closed")

// Config is what makes a device. All fields but Params, Poll and MaxAge are required.
type Config struct {
	Name    string
	Profile *profiles.Profile // must not change any more
	Params  map[string]string // of the profile; see the package comment
	Poll    time.Duration     // how often to read; zero: as the profile says
	MaxAge  time.Duration     // older readings are not valid; zero: as the profile says
	Bus     *Bus              // shared with all devices on the same wire; New does not close it
	Clock   devices.Clock
	Log     *slog.Logger // edges only: lost and back, implausible and good, refused registers
}

// New is a device that is not read yet: its Driver.Run reads it, and its roles act at once. Roles the
// profile has no points or actions for are nil.
func New(c Config) (*devices.Device, error) {
	d, err := newDriver(c)
	if err != nil {
		return nil, fmt.Errorf("modbus device %s: profile %s: %w", c.Name, c.Profile.ID, err)
	}
	device := &devices.Device{Name: c.Name, Driver: d, Capabilities: d.caps, Availability: d}
	has := func(names ...string) bool {
		for _, name := range names {
			if d.hasPoint(name) || d.actions[name] != nil {
				return true
			}
		}
		return false
	}
	d.giveRoles(device, has)
	return device, nil
}

// driver is one device on a bus and all roles it may have.
type driver struct {
	settings
	Config
	blocks   []*block
	actions  map[string][]write
	priority priority
	most     float64       // no power is larger
	acting   chan struct{} // holds a token while an action runs
	closing  context.Context
	close    context.CancelFunc

	mu       sync.Mutex
	readings map[string]reading
	online   energy.Reading[bool]
	isSetUp  bool  // the action setup was written since the device was last lost
	kept     *kept // what a heartbeat repeats; nil: nothing
}

func newDriver(c Config) (*driver, error) {
	if c.Profile.Transport != profiles.Modbus {
		return nil, fmt.Errorf("its transport is %q", c.Profile.Transport)
	}
	given, err := c.Profile.Values(c.Params)
	if err != nil {
		return nil, err
	}
	profile, err := c.Profile.Fill(c.Params)
	if err != nil {
		return nil, err
	}
	s, settingFaults := newSettings(given, profile)
	d := &driver{settings: s, Config: c, priority: rest, most: mostPower(profile),
		acting: make(chan struct{}, 1), readings: map[string]reading{}}
	var blockFaults, actionFaults error
	d.blocks, blockFaults = newBlocks(profile, s, timing{c.Poll, c.MaxAge})
	d.actions, actionFaults = newActions(profile.Actions, s)
	d.caps.Step = cmp.Or(d.caps.Step, resolution(d.actions["set_power"]))
	if len(profile.Points) == 0 {
		blockFaults = errors.Join(errors.New("it has no points"), blockFaults)
	}
	if confirm := c.Profile.Confirm; confirm != nil && !d.hasPoint(confirm.Point) {
		actionFaults = errors.Join(fmt.Errorf("confirm: there is no point %q", confirm.Point), actionFaults)
	}
	if len(d.actions) == 0 && d.hasPoint("power") {
		d.priority = meter
	}
	d.closing, d.close = context.WithCancel(context.Background())
	return d, errors.Join(settingFaults, blockFaults, actionFaults)
}

func (d *driver) hasPoint(name string) bool {
	for _, b := range d.blocks {
		for _, p := range b.points {
			if p.Name == name {
				return true
			}
		}
	}
	return false
}

// Run reads each block when it is due, until ctx ends or Close is called; then it returns nil.
func (d *driver) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.closing, cancel)() //nolint:contextcheck // either may end it
	for d.closing.Err() == nil {
		now := d.Clock.Now()
		next, wait := d.blocks[0], d.blocks[0].delay(now)
		for _, b := range d.blocks[1:] {
			if w := b.delay(now); w < wait {
				next, wait = b, w
			}
		}
		if beat, isDue := d.nextBeat(now); isDue && beat <= wait {
			if d.Clock.Sleep(ctx, beat) != nil {
				return nil
			}
			d.beat(ctx)
			continue
		}
		if d.Clock.Sleep(ctx, d.atMost(wait)) != nil {
			return nil
		}
		if next.delay(d.Clock.Now()) > 0 {
			continue // it slept less, to look for a heartbeat
		}
		next.wait = d.poll(ctx, next, d.priority)
		next.due = d.Clock.Now().Add(next.wait)
	}
	return nil
}

// delay is how long until the block is due. A clock that was set back makes it due.
func (b *block) delay(now time.Time) time.Duration {
	if left := b.due.Sub(now); left <= b.wait {
		return max(left, 0)
	}
	return 0
}

// Close ends Run. It sends nothing: what makes the device safe is the guard's to know.
func (d *driver) Close() error {
	d.close()
	return nil
}

// poll reads a block once and says when to read it again.
func (d *driver) poll(ctx context.Context, b *block, p priority) time.Duration {
	data, at, err := d.Bus.read(ctx, p, b.target(), b.agree)
	if ctx.Err() != nil {
		return b.poll
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	code, isException := exceptionOf(err)
	if err != nil && !isException {
		d.noteLost(err)
		return b.poll
	}
	d.noteBack(at)
	if isException && !b.isRefused {
		d.Log.Warn("registers refused", "device", d.Name, "reason", fmt.Sprintf("%s at %d", b.points[0].Name, b.first), "err", err)
	}
	if b.isRefused = isException; !isException {
		d.take(b, data, at)
	}
	if isException && isUnsupported(code) {
		return probeAfter
	}
	return b.poll
}

// noteLost and noteBack log the edges of reachability; d.mu is held.
func (d *driver) noteLost(err error) {
	if d.online.Value || !d.online.Valid {
		d.Log.Warn("device lost", "device", d.Name, "err", err)
	}
	d.online = energy.Read(false, d.Clock.Now())
	d.isSetUp, d.kept = false, nil // what it was told before is never replayed
}

func (d *driver) noteBack(at time.Time) {
	if d.online.Valid && !d.online.Value {
		d.Log.Info("device back", "device", d.Name)
	}
	d.online = energy.Read(true, at)
}
