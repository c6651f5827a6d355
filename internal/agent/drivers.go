package agent

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"hearth/devices"
	"hearth/devices/guard"
	"hearth/devices/modbus"
	"hearth/devices/mqtt"
	"hearth/devices/profiles"
	"hearth/energy"
	"hearth/internal/agent/answer"
	"hearth/internal/agent/decide"
	"hearth/internal/agent/line"
	"hearth/internal/config"
)

// link is a broker or a bus.
type link struct {
	name string
	run  func(context.Context) error
	err  func() error // why it cannot be used now
}

// openVENs has the chorus follow every OpenADR server.
func (a *Agent) openVENs(context.Context) error {
	seed, err := a.chorus.Installation()
	if err != nil {
		return err
	}
	for _, c := range a.cfg.OpenADR {
		l, err := line.Open(c, line.Parts{
			Home: a.cfg, Store: a.store, Clock: a.clock, Log: a.log, Seed: seed, Meter: a.meter, Order: a.order,
			IsSane: func() bool { return a.sanity.judge(a.clock.Now()) == nil }, Changed: a.news.Ring,
		})
		if err != nil {
			return fmt.Errorf("%w: openadr %s: %w", ErrConfig, c.Name, err)
		}
		a.opened("vtn "+c.Name, l.Close)
		for _, err := range l.Restore() {
			a.log.Warn("what an operator said before is not readable: beginning without it", "vtn", c.Name, "err", err)
		}
		a.chorus.Follow(c.Name, l.VEN)
		a.lines = append(a.lines, l)
	}
	return nil
}

// order is what an operator has asked of the home in a time, and whether it takes part.
func (a *Agent) order(name string, within energy.Interval) answer.Order {
	level, isCurtailed, isKnown := a.chorus.Obeyed(name, within)
	return answer.Order{IsKnown: isKnown, Level: level, IsCurtailed: isCurtailed, IsOptedOut: a.chorus.IsOptedOut(name)}
}

// openDevices is the one list of drivers: a new kind of wire has its line here.
func (a *Agent) openDevices(context.Context) error {
	brokers, buses := map[string]*mqtt.Link{}, map[string]*modbus.Bus{}
	for _, c := range a.cfg.MQTT {
		l, err := a.openBroker(c)
		if err != nil {
			return fmt.Errorf("%w: mqtt %s: %w", ErrConfig, c.Name, err)
		}
		brokers[c.Name] = l
		a.opened("mqtt "+c.Name, l.Close)
		a.links = append(a.links, link{c.Name, l.Run, l.Err})
	}
	for _, c := range a.cfg.Modbus {
		address, err := modbus.ParseAddress(c.URL)
		if err != nil {
			return fmt.Errorf("%w: modbus %s: %w", ErrConfig, c.Name, err)
		}
		buses[c.Name] = modbus.NewBus(address, a.clock, func() devices.Pace { return newPace(0) })
		a.opened("modbus "+c.Name, buses[c.Name].Close)
	}
	for _, c := range a.cfg.Devices {
		var d *devices.Device
		var err error
		switch c.Profile.Transport {
		case profiles.MQTT:
			d, err = mqtt.New(mqtt.Config{Name: c.Name, Profile: c.Profile, Params: c.Params, Link: brokers[c.Link], MaxAge: c.MaxAge})
		case profiles.Modbus:
			d, err = modbus.New(modbus.Config{
				Name: c.Name, Profile: c.Profile, Params: c.Params, Poll: c.Poll, MaxAge: c.MaxAge,
				Bus: buses[c.Link], Clock: a.clock, Log: a.log,
			})
		default:
			err = fmt.Errorf("no driver speaks %s", c.Profile.Transport)
		}
		if err != nil {
			return fmt.Errorf("%w: device %s: %w", ErrConfig, c.Name, err)
		}
		a.opened("device "+c.Name, d.Driver.Close)
		a.devices = append(a.devices, d)
		a.measures[c.Name] = d.Meter != nil
	}
	a.grid = a.first(config.Grid)
	return nil
}

// openBroker gives the link a client id that stays the same over restarts: two of one name throw each other
// out, and a new one each time would leave sessions behind.
func (a *Agent) openBroker(c config.Link) (*mqtt.Link, error) {
	key := "mqtt/client-id/" + c.Name // one each: two of a name at one broker throw each other out
	id, ok, err := a.store.Get(key)
	if err != nil || !ok {
		id = []byte("hearth-" + hex.EncodeToString([]byte{byte(rand.Uint32()), byte(rand.Uint32()), byte(rand.Uint32()), byte(rand.Uint32())}))
		if err := a.store.Put(key, id); err != nil {
			return nil, err
		}
	}
	return mqtt.NewLink(mqtt.Options{
		URL: c.URL, User: c.User, Password: mqtt.Secret(c.Password), CAFile: c.CAFile, CertFile: c.CertFile, KeyFile: c.KeyFile,
		ClientID: string(id),
	}, a.clock, newPace(0), a.log)
}

// openGuards puts a guard in front of every device that is controlled, with what it remembered before.
func (a *Agent) openGuards(context.Context) error {
	built := map[string]*devices.Device{}
	for _, d := range a.devices {
		built[d.Name] = d
	}
	var errs []error
	for _, c := range a.cfg.Devices {
		rules, isControlled := rulesOf(c)
		if !isControlled {
			continue
		}
		rules.MaxGap = max(10*time.Minute, 5*a.cfg.Cycle)
		var state guard.State
		recallOne(a, guardKey+c.Name, &state)
		g, err := guard.New(built[c.Name], rules, state)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		a.guards[c.Name] = g
	}
	planner, err := decide.New(homeOf(a.cfg, built))
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	a.planner = planner
	a.append(homeJournal, a.clock.Now(), planner.Home())
	if len(errs) > 0 {
		return fmt.Errorf("%w: %w", ErrConfig, errors.Join(errs...))
	}
	return nil
}

// maxAge is how old a reading of a device may be.
func (a *Agent) maxAge(name string) time.Duration {
	for _, d := range a.cfg.Devices {
		if d.Name == name {
			return d.Oldest()
		}
	}
	return 0
}

// first is the name of the first device of a kind.
func (a *Agent) first(kind config.Kind) string {
	for _, d := range a.cfg.Devices {
		if d.Kind == kind {
			return d.Name
		}
	}
	return ""
}
