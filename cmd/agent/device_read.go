package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"hearth/devices"
	"hearth/energy"
	"hearth/feeds"
	"hearth/internal/agent"
	"hearth/internal/console"
)

// look is how often a device's readings are looked at: they are in memory, and a person does not see more.
const look = 100 * time.Millisecond

// said is one reading of a device.
type said struct {
	Name  string    `json:"name"`
	Value any       `json:"value"`       // nil: unknown
	At    time.Time `json:"at,omitzero"` // zero: never said
	Valid bool      `json:"valid"`
}

// readingsOf is all that the device can say, in the order of its roles.
func readingsOf(d *devices.Device) (all []said) {
	o := d.Observe()
	if d.Availability != nil {
		all = append(all, saidOf("online", o.Online))
	}
	if d.Meter != nil {
		all = append(all, saidOf("power", o.Power))
	}
	if d.Counter != nil {
		all = append(all, saidOf("imported", o.Imported), saidOf("exported", o.Exported))
	}
	if d.Phases != nil {
		for i, c := range o.Currents {
			all = append(all, saidOf(fmt.Sprint("current L", i+1), c))
		}
	}
	if d.Switch != nil {
		all = append(all, saidOf("on", o.On))
	}
	if d.Setpoint != nil {
		all = append(all, saidOf("setpoint", o.Setpoint))
	}
	if d.Battery != nil {
		all = append(all, saidOf("soc", o.SoC))
	}
	if d.Charger != nil {
		all = append(all, saidOf("plugged", o.Plugged), saidOf("session", o.Session))
	}
	if d.PhaseSwitch != nil {
		all = append(all, saidOf("phases", o.PhaseCount))
	}
	if d.Thermal != nil {
		all = append(all, saidOf("temperature", o.Temperature), saidOf("thermal", o.Thermal))
	}
	if d.Curtailer != nil {
		all = append(all, saidOf("curtailment", o.Curtailment))
	}
	return all
}

func saidOf[T any](name string, r energy.Reading[T]) said {
	s := said{Name: name, At: r.At, Valid: r.Valid}
	if r.Valid {
		s.Value = r.Value
	}
	return s
}

// text is the value with its unit, or why there is none.
func (s said) text() string {
	switch {
	case s.At.IsZero():
		return "not said"
	case !s.Valid:
		return "not valid"
	case s.Value == true:
		return "yes"
	case s.Value == false:
		return "no"
	}
	return fmt.Sprint(s.Value)
}

// age is how long ago it was said.
func (s said) age(now time.Time) string {
	if s.At.IsZero() {
		return "-"
	}
	return now.Sub(s.At).Round(look).String()
}

// isHeard says that each reading was said at least once, but for what a device of the kind often lacks.
func isHeard(all []said) bool {
	for _, s := range all {
		if s.At.IsZero() && s.Name != "exported" && s.Name != "setpoint" && !strings.HasPrefix(s.Name, "current") {
			return false
		}
	}
	return true
}

// isSilent says that nothing was said at all. That it is not there is an answer too.
func isSilent(all []said) bool {
	for _, s := range all {
		if !s.At.IsZero() {
			return false
		}
	}
	return true
}

// read waits until the device has said everything, and prints it with what it can be told.
func (c deviceCommand) read(ctx context.Context, std stdio, s *agent.Single) error {
	wait := c.For
	if wait == 0 {
		wait = 5 * time.Second
	}
	short, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	all := readingsOf(s.Device)
	for !isHeard(all) && wall.Sleep(short, look) == nil {
		all = readingsOf(s.Device)
	}
	now := wall.Now()
	if c.JSON {
		for _, one := range all {
			_ = json.NewEncoder(std.out).Encode(one) // nobody to tell when the pipe is closed
		}
	} else {
		f := console.NewFacts(std.out)
		f.Say("device", "%s, a %s: %s", c.Name, s.Config.Kind, s.Config.Profile.Title)
		t := console.NewTable("reading", "value", "age")
		for _, one := range all {
			t.Row(one.Name, one.text(), one.age(now))
		}
		f.Table(t)
		sayAbilities(f, s.Config.Profile, s.Device.Capabilities)
	}
	if isSilent(all) {
		why := "it may be off, or its params name another one"
		if err := s.LinkErr(); err != nil {
			why = feeds.Brief(err).Error()
		}
		return failure{exitUnavailable, fmt.Errorf("hearth: device %s said nothing for %v: %s", c.Name, wait, why)}
	}
	return nil
}

// watch prints each reading when it is other than the last time.
func (c deviceCommand) watch(ctx context.Context, std stdio, s *agent.Single) error {
	if c.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	shown := map[string]string{}
	for {
		c.showNews(std, shown, readingsOf(s.Device))
		if wall.Sleep(ctx, look) != nil {
			break
		}
	}
	if isSilent(readingsOf(s.Device)) {
		return failure{exitUnavailable, fmt.Errorf("hearth: device %s said nothing", c.Name)}
	}
	return nil
}

// showNews prints what differs from what was shown, and notes it as shown.
func (c deviceCommand) showNews(std stdio, shown map[string]string, all []said) {
	for _, one := range all {
		text := one.text()
		if one.At.IsZero() || shown[one.Name] == text {
			continue
		}
		shown[one.Name] = text
		if c.JSON {
			_ = json.NewEncoder(std.out).Encode(one) // nobody to tell when the pipe is closed
			continue
		}
		fmt.Fprintf(std.out, "%s  %-11s  %s\n", one.At.Local().Format(time.TimeOnly), one.Name, feeds.OneLine(text))
	}
}
