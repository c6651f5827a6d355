package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"hearth/devices"
	"hearth/devices/discover"
	"hearth/devices/modbus"
	"hearth/devices/profiles"
	"hearth/internal/config"
	"hearth/internal/pace"
)

// probeTime bounds the reading of one profile: what is there answers in a fraction of it.
const probeTime = 3 * time.Second

// addressOfHost is a host as a configuration writes it.
func addressOfHost(host string) string {
	if strings.Contains(host, "://") {
		return host
	}
	return "tcp://" + host
}

// askHost asks each unit what it is, with functions that read, one question at a time.
func (c discoverCommand) askHost(ctx context.Context, link discover.Link, cfg *config.Config, units []int, all []*profiles.Profile, f *found) error {
	address, err := modbus.ParseAddress(link.URL)
	if err != nil {
		return err
	}
	if name := busOf(cfg, address); name != "" {
		link.Name, link.IsKnown = name, true
		if err := ask(ctx, cfg, "/healthz", new(any)); !isNobody(err) {
			return fmt.Errorf("modbus %s: an agent answers at %s, and only one may ask on its bus: stop it first", name, cfg.Listen)
		}
	}
	var things []discover.Thing
	for _, unit := range units {
		more, isThere := askUnit(ctx, address, link.URL, unit, all)
		things = append(things, more...)
		if !isThere {
			err = errors.Join(err, fmt.Errorf("modbus %s unit %d: nobody answers", link.URL, unit))
		}
		if ctx.Err() != nil {
			break
		}
	}
	discover.Hazards(things, nil)
	f.add(link, things)
	return err
}

// busOf is the name under which a configuration has the wire; empty where it has not.
func busOf(cfg *config.Config, a modbus.Address) string {
	if cfg == nil {
		return ""
	}
	for _, l := range cfg.Modbus {
		if own, err := modbus.ParseAddress(l.URL); err == nil && own.Line() == a.Line() {
			return l.Name
		}
	}
	return ""
}

// askUnit tries every profile of Modbus on a unit, and the standard that describes itself first. One that fits read
// every value it has, and none of them was beyond belief.
func askUnit(ctx context.Context, address modbus.Address, where string, unit int, all []*profiles.Profile) (things []discover.Thing, isThere bool) {
	where = fmt.Sprintf("%s unit %d", where, unit)
	if things, isThere = walkUnit(ctx, address, where, unit, all); len(things) > 0 {
		return things, true
	}
	bus := modbus.NewBus(address, wall, func() devices.Pace { return pace.New(0, nil) })
	defer bus.Close() //nolint:errcheck,contextcheck // nothing was written, and it does not wait
	type fit struct {
		profile *profiles.Profile
		telling int
	}
	var fitting []fit
	for _, p := range all {
		isUnit := func(d profiles.Param) bool { return d.Name == "unit" }
		if p.Transport != profiles.Modbus || !slices.ContainsFunc(p.Params, isUnit) || ctx.Err() != nil {
			continue
		}
		verdict, telling := tryProfile(ctx, bus, p, unit)
		if verdict == itIsSilent && !isThere {
			return nil, false // nobody there answers another question either
		}
		if isThere = true; verdict == itFits {
			fitting = append(fitting, fit{p, telling})
		}
	}
	if len(fitting) == 0 {
		return nil, isThere
	}
	slices.SortStableFunc(fitting, func(a, b fit) int { return b.telling - a.telling })
	var fits []*profiles.Profile
	for _, f := range fitting {
		fits = append(fits, f.profile)
	}
	t := discover.Thing{Name: fits[0].ID + " " + strconv.Itoa(unit), Where: where, Fits: fits, Params: map[string]string{"unit": strconv.Itoa(unit)},
		Remarks: []string{"told by its registers alone: compare a reading with its display"}}
	t.Complete()
	return []discover.Thing{t}, true
}

// fitness is what came of trying a profile.
type fitness int

const (
	itIsSilent fitness = iota
	itIsOther
	itFits
)

// tryProfile reads a unit as the profile has it, and counts the values that are not nothing. The profile goes without
// its actions: it could not write.
func tryProfile(ctx context.Context, bus *modbus.Bus, p *profiles.Profile, unit int) (is fitness, telling int) {
	mute := *p
	mute.Actions, mute.Confirm, mute.Lease = nil, nil, nil
	params := map[string]string{"unit": strconv.Itoa(unit)}
	for _, d := range p.Params {
		if d.Required {
			params[d.Name] = "1" // of what cannot be known, as the unit must
		}
	}
	w := &witness{}
	d, err := modbus.New(modbus.Config{Name: p.ID, Profile: &mute, Params: params, Bus: bus, Clock: wall, Log: slog.New(w)})
	if err != nil {
		return itIsOther, 0
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = d.Driver.Run(ctx) // ends with the context
	}()
	defer func() {
		cancel()
		<-ended
	}()
	for {
		online, telling := d.Observe().Online, tellingOf(d, &mute)
		switch {
		case w.isAbsent.Load(), online.Valid && !online.Value:
			return itIsSilent, 0
		case w.isRefused.Load():
			return itIsOther, 0
		case telling > 0:
			return itFits, telling
		}
		if wall.Sleep(ctx, 10*time.Millisecond) != nil {
			if online.Value {
				return itIsOther, 0
			}
			return itIsSilent, 0
		}
	}
}

// tellingOf counts the values that are not nothing, which is what registers that mean nothing read as; it is zero until
// every value was read that the device has at all times.
func tellingOf(d *devices.Device, p *profiles.Profile) (n int) {
	always := map[string]bool{}
	for _, q := range p.Points {
		always[q.Name] = q.When == nil && q.Fixed == nil
	}
	o := d.Observe()
	for _, v := range []struct {
		name  string
		valid bool
		is    bool
	}{
		{"power", o.Power.Valid, o.Power.Value != 0},
		{"energy_import", o.Imported.Valid, o.Imported.Value != 0},
		{"energy_export", o.Exported.Valid, o.Exported.Value != 0},
		{"soc", o.SoC.Valid, o.SoC.Value != 0},
		{"plugged", o.Plugged.Valid, o.Plugged.Value},
		{"current_l1", o.Currents[0].Valid, o.Currents[0].Value != 0},
	} {
		if always[v.name] && !v.valid {
			return 0
		}
		if v.valid && v.is {
			n++
		}
	}
	return n
}

// witness is a log that notes whether registers were refused or a value was beyond belief.
type witness struct{ isRefused, isAbsent atomic.Bool }

// Enabled is for warnings.
func (*witness) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

// Handle notes them by their message.
func (w *witness) Handle(_ context.Context, r slog.Record) error {
	if r.Message != "registers refused" && r.Message != "value dropped" {
		return nil
	}
	r.Attrs(func(a slog.Attr) bool {
		text := a.Value.String() // exceptions 10 and 11 are a gateway's, which has asked in vain
		if a.Key == "err" && (strings.Contains(text, "'10'") || strings.Contains(text, "'11'")) {
			w.isAbsent.Store(true)
		}
		return true
	})
	w.isRefused.Store(true)
	return nil
}

// WithAttrs is the same witness.
func (w *witness) WithAttrs([]slog.Attr) slog.Handler { return w }

// WithGroup is the same witness.
func (w *witness) WithGroup(string) slog.Handler { return w }
