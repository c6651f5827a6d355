package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"hearth/devices/discover"
	"hearth/devices/profiles"
	"hearth/internal/config"
	"hearth/internal/mdns"
)

// discoverCommand looks who is there: it listens to brokers and to the local network, and asks the hosts it is given.
type discoverCommand struct {
	Config       string        `help:"Listen to the brokers of this configuration, and leave out what it has."`
	MQTT         []string      `arg:"--mqtt,separate" help:"Listen to a broker: tcp://host:1883 or ssl://host:8883." placeholder:"URL"`
	User         string        `help:"Of the brokers given by --mqtt."`
	PasswordFile string        `arg:"--password-file" help:"Likewise." placeholder:"FILE"`
	Host         []string      `arg:"separate" help:"Ask a host over Modbus: host, host:502 or an address like rtu+tcp://host:8899." placeholder:"HOST"`
	Unit         string        `help:"Modbus unit ids to ask for, with commas." default:"1"`
	For          time.Duration `help:"How long to listen." default:"15s"`
	Make         string        `help:"Write the profiles of devices that describe themselves (Zigbee2MQTT, Home Assistant) to this folder." placeholder:"FOLDER"`
	NoMDNS       bool          `arg:"--no-mdns" help:"Ask nothing on the local network by multicast."`
	JSON         bool          `help:"What was found, and the configuration for it, as one object."`

	Network mdns.Config `arg:"-"` // zero outside tests
}

// found is all that one look around has brought.
type found struct {
	mu     sync.Mutex
	links  []discover.Link
	things []discover.At
	faults []error // of a part; the others count all the same
}

func (f *found) add(l discover.Link, things []discover.Thing) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.links = append(f.links, l)
	for _, t := range things {
		f.things = append(f.things, discover.At{Thing: t, Link: l.Name})
	}
}

func (f *found) fault(err error) {
	if err != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.faults = append(f.faults, err)
	}
}

// Run looks everywhere at once. It writes nothing to any device or broker.
func (c discoverCommand) Run(ctx context.Context, std stdio) error {
	units, err := unitsOf(c.Unit)
	if err != nil || c.For <= 0 {
		return failure{exitUsage, errors.Join(err, errors.New("hearth: --unit is like 1,2,247, and --for is longer than nothing"))}
	}
	brokers, cfg, err := c.brokers()
	if err != nil {
		return err
	}
	f := &found{}
	all, err := shipped()
	f.fault(err)
	var looking sync.WaitGroup
	for _, b := range brokers {
		looking.Go(func() { f.fault(c.listen(ctx, b, all, f)) })
	}
	looking.Go(func() {
		for i, host := range c.Host { // one after the other: several may be one wire
			name := discover.Name(linkName(profiles.Modbus, 0), namesOf(cfg, i))
			f.fault(c.askHost(ctx, discover.Link{Name: name, URL: addressOfHost(host), Transport: profiles.Modbus}, cfg, units, all, f))
		}
	})
	var announced []discover.Thing
	if !c.NoMDNS {
		looking.Go(func() {
			things, err := c.browse(ctx)
			f.fault(err)
			announced = things
		})
	}
	looking.Wait()
	f.adopt(announced)
	return c.report(std, cfg, f)
}

// adopt adds what the local network announces, but for what was met on a broker.
func (f *found) adopt(announced []discover.Thing) {
	for _, t := range announced {
		if !slices.ContainsFunc(f.things, func(o discover.At) bool { return o.IsAt(t.Name) }) {
			f.things = append(f.things, discover.At{Thing: t})
		}
	}
}

// report prints what was found. Nothing at all, because nobody could be asked, is a failure.
func (c discoverCommand) report(std stdio, cfg *config.Config, f *found) error {
	slices.SortStableFunc(f.links, func(a, b discover.Link) int { return strings.Compare(a.Name, b.Name) })
	slices.SortStableFunc(f.things, func(a, b discover.At) int {
		if n := strings.Compare(a.Link, b.Link); n != 0 {
			return n
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	r := newResult(cfg, f)
	if c.JSON {
		r.writeJSON(std.out)
	} else {
		r.write(std.out)
	}
	for _, err := range f.faults {
		fmt.Fprintln(std.err, "hearth:", err)
	}
	if len(f.faults) > 0 && len(f.things) == 0 {
		return failure{exitUnavailable, errors.New("hearth: nothing was found, and not everybody could be asked")}
	}
	return nil
}

// unitsOf reads "1,2,247".
func unitsOf(text string) (units []int, err error) {
	const most = 32 // each costs some seconds where nobody answers
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 || n > 247 && n != 255 {
			return nil, fmt.Errorf("hearth: --unit %q: want 1 to 247, or 255", part)
		}
		if !slices.Contains(units, n) {
			units = append(units, n)
		}
	}
	if len(units) > most {
		return nil, fmt.Errorf("hearth: --unit: %d units, at most %d are asked", len(units), most)
	}
	return units, nil
}

// namesOf are those of a configuration's links, which a new one must not have, and as many more as were given before.
func namesOf(cfg *config.Config, before int) (names []string) {
	if cfg != nil {
		for _, l := range slices.Concat(cfg.MQTT, cfg.Modbus) {
			names = append(names, l.Name)
		}
	}
	for i := range before {
		names = append(names, linkName(profiles.Modbus, i))
	}
	return names
}

// linkName is a name for the link of the nth broker or host that was given, from 0.
func linkName(t profiles.Transport, n int) string {
	name := "broker"
	if t == profiles.Modbus {
		name = "bus"
	}
	if n == 0 {
		return name
	}
	return fmt.Sprint(name, "-", n+1)
}
