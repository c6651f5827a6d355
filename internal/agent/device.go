package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"hearth/devices"
	"hearth/devices/guard"
	"hearth/devices/profiles"
	"hearth/energy"
	"hearth/internal/config"
)

// ErrNoDevice says that the configuration has no device of this name.
var ErrNoDevice = errors.New("no such device")

// Single is one device of a configuration with its link and nothing else of the home, for whoever installs it.
// Close lets go of it. It is not safe for concurrent use.
type Single struct {
	Device *devices.Device // to be asked; what acts on it is Request
	Config config.Device

	agent   *Agent
	guard   *guard.Guard // nil: it is only looked at
	stop    context.CancelFunc
	running sync.WaitGroup
	dir     string // to be thrown away; empty: the store is the home's own
}

// OpenDevice opens a device to be told something: with its guard and what that remembers. It takes the home's store
// for as long, so that no agent drives the device meanwhile; [storage.ErrLocked] says that one runs.
func OpenDevice(ctx context.Context, o Options, name string) (*Single, error) {
	return single(ctx, o, name, func(s *Single) error {
		if err := s.agent.openStore(ctx); err != nil {
			return err
		}
		if err := s.agent.openDevices(ctx); err != nil {
			return err
		}
		return s.openGuard()
	})
}

// LookAtDevice opens a device to be read. It tells it nothing, not even how to be set up, and may be used beside an
// agent: it has a store of its own, which is thrown away.
func LookAtDevice(ctx context.Context, o Options, name string) (*Single, error) {
	return single(ctx, o, name, func(s *Single) (err error) {
		if s.dir, err = os.MkdirTemp("", "hearth-"); err != nil {
			return err
		}
		s.agent.cfg.Storage = filepath.Join(s.dir, "hearth.db")
		if err := s.agent.openStore(ctx); err != nil {
			return err
		}
		// The broker keeps the status of each client for ever: there is one for each device, not one for each look.
		if err := s.agent.store.Put("mqtt/client-id/"+s.Config.Link, []byte("hearth-look-"+name)); err != nil {
			return err
		}
		mute := *s.Config.Profile
		mute.Actions = slices.DeleteFunc(slices.Clone(mute.Actions), func(a profiles.Action) bool { return a.Name == "setup" })
		s.agent.cfg.Devices[0].Profile = &mute
		return s.agent.openDevices(ctx)
	})
}

// single opens what there is to one device, and begins to listen to it.
func single(ctx context.Context, o Options, name string, open func(*Single) error) (*Single, error) {
	s := &Single{stop: func() {}}
	cfg := *o.Config
	cfg.Devices, cfg.MQTT, cfg.Modbus = nil, nil, nil
	for _, d := range o.Config.Devices {
		if d.Name == name {
			s.Config, cfg.Devices = d, []config.Device{d}
		}
	}
	if len(cfg.Devices) == 0 {
		return nil, fmt.Errorf("device %s: %w", name, ErrNoDevice)
	}
	cfg.MQTT, cfg.Modbus = only(o.Config.MQTT, s.Config.Link), only(o.Config.Modbus, s.Config.Link)
	o.Config = &cfg
	s.agent = blank(o)
	if err := open(s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.Device = s.agent.devices[0]
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	for _, l := range s.agent.links {
		s.agent.start(work, &s.running, "link "+l.name, l.run)
	}
	s.agent.start(work, &s.running, "device "+name, s.Device.Driver.Run)
	return s, nil
}

func only(links []config.Link, name string) (out []config.Link) {
	for _, l := range links {
		if l.Name == name {
			out = append(out, l)
		}
	}
	return out
}

// openGuard puts the guard in front that the home would, with what it remembered last.
func (s *Single) openGuard() error {
	rules, isControlled := rulesOf(s.Config)
	if !isControlled {
		return nil
	}
	var state guard.State
	recallOne(s.agent, guardKey+s.Config.Name, &state)
	rules.MaxGap = 10 * time.Minute
	g, err := guard.New(s.agent.devices[0], rules, state)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	s.guard = g
	return nil
}

// IsControlled says that the device was opened to be told something, and that the home controls it.
func (s *Single) IsControlled() bool { return s.guard != nil }

// Rules is what its guard goes by. The device must be controlled, here and below.
func (s *Single) Rules() guard.Rules { return s.guard.Rules() }

// State is what its guard remembers.
func (s *Single) State() guard.State { return s.guard.State() }

// Request asks the guard once; see [guard.Guard.Request]. What the guard remembers is kept for the agent.
func (s *Single) Request(ctx context.Context, want energy.Setpoint) guard.Decision {
	d := s.guard.Request(ctx, s.agent.clock.Now(), want, s.Device.Observe())
	if d.Sent != nil {
		s.agent.keep(guardKey+s.Config.Name, s.guard.State())
	}
	return d
}

// MakeSafe leaves the device in its safe state if it was told anything else, within five seconds.
func (s *Single) MakeSafe(ctx context.Context) error { return s.guard.Close(ctx, s.agent.clock.Now()) }

// LinkErr is why the broker cannot be used now; nil for a bus, and where it can.
func (s *Single) LinkErr() error {
	for _, l := range s.agent.links {
		if err := l.err(); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the listening and lets go of everything; it tells the device nothing.
func (s *Single) Close() error {
	s.stop()
	s.running.Wait()
	if s.guard != nil {
		s.agent.keep(guardKey+s.Config.Name, s.guard.State())
		s.guard = nil
	}
	err := s.agent.Close()
	if s.dir != "" {
		err = errors.Join(err, os.RemoveAll(s.dir))
	}
	return err
}
