package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"hearth/devices/guard"
	"hearth/energy"
	"hearth/internal/agent"
	"hearth/internal/config"
)

// patience is how long a device may take to be heard before it is told anything.
const patience = 20 * time.Second

// set tells the device something through its guard, shows what it did, and leaves it in its safe state.
func (c deviceCommand) set(ctx context.Context, std stdio, cfg *config.Config) error {
	want, err := setpointOf(c.Value)
	if err != nil {
		return failure{exitUsage, fmt.Errorf("hearth: set %q: want on, off, release, a power like 2.3kW, or of heat blocked, recommended or forced", c.Value)}
	}
	if c.For == 0 {
		c.For = 5 * time.Minute
	}
	s, err := agent.OpenDevice(ctx, c.options(cfg, std.err), c.Name)
	if err != nil {
		return c.openFailure(cfg, err)
	}
	if !s.IsControlled() {
		return errors.Join(failure{exitUsage, fmt.Errorf("hearth: device %s is a %s: it takes no commands", c.Name, s.Config.Kind)}, s.Close())
	}
	if want.Mode == energy.AtPower && s.Device.Setpoint == nil && s.Device.Curtailer != nil {
		want.Mode = energy.AtMost
	}
	t := &trial{name: c.Name, single: s, want: want, out: std.out, long: c.For, shown: map[string]string{}}
	if err = t.mayBegin(); err == nil {
		err = t.run(ctx)
		if c.Keep {
			t.sayKept()
		} else {
			err = errors.Join(err, t.end(context.WithoutCancel(ctx)))
		}
	}
	return errors.Join(err, s.Close())
}

// setpointOf reads what a device is to be set to.
func setpointOf(text string) (s energy.Setpoint, err error) {
	switch text {
	case "on":
		s.Mode = energy.On
	case "off":
		s.Mode = energy.Off
	case "release", "normal":
		s.Mode = energy.Release
	case "blocked":
		s.Mode = energy.Blocked
	case "recommended":
		s.Mode = energy.Recommended
	case "forced":
		s.Mode = energy.Forced
	default:
		s.Mode = energy.AtPower
		s.Power, err = energy.ParseWatts(text)
	}
	return s, err
}

// trial is one setting of one device, from the first request to its safe state.
type trial struct {
	name   string
	single *agent.Single
	want   energy.Setpoint
	out    io.Writer
	long   time.Duration // to hold it once it is read back

	last   string            // decision that was said
	shown  map[string]string // readings that were said
	sent   time.Time         // of the newest command that was handed over
	isSaid bool              // something was sent, or may have been
	isIn   bool              // it was read back, or cannot be
}

func (t *trial) say(format string, a ...any) {
	fmt.Fprintf(t.out, "%s  %s\n", wall.Now().Local().Format(time.TimeOnly), fmt.Sprintf(format, a...))
}

// mayBegin refuses a run that would be cut before the device bears it.
func (t *trial) mayBegin() error {
	r := t.single.Rules()
	t.say("%s: safe state %v, %s", t.name, r.Safe, leaseText(r.LeaseKind, r.Lease))
	if least := r.MinOn; t.want != r.Safe && t.want.Mode != energy.Off && t.long < least {
		return failure{exitUsage, fmt.Errorf("hearth: device %s has to stay on for %v: --for %v is too short", t.name, least, t.long)}
	}
	return nil
}

// run asks the guard until the device has held what was asked for, as long as it was to.
func (t *trial) run(ctx context.Context) error {
	give := wall.Now().Add(patience)
	for {
		d := t.single.Request(ctx, t.want)
		if ctx.Err() != nil {
			return nil
		}
		t.tell(d)
		t.showNews()
		t.isSaid = t.isSaid || d.Sent != nil
		if d.Sent != nil && d.Outcome == guard.Applied {
			t.sent = wall.Now()
		}
		isIn := d.Outcome == guard.Kept && (d.Rule == "" || d.Rule == guard.Clamp)
		if isIn && !t.isIn {
			t.isIn = true
			t.sayIn()
			give = wall.Now().Add(t.long)
		}
		if d.Outcome == guard.Held && d.Until.After(give) && d.Until.Sub(wall.Now()) <= t.long {
			give = d.Until.Add(patience)
		}
		isOver := !wall.Now().Before(give)
		if isOver && t.isIn && isIn {
			return nil
		}
		if isOver || isHopeless(d) {
			return t.failure(d)
		}
		if wall.Sleep(ctx, look) != nil {
			return nil
		}
	}
}

// isHopeless says that asking again will not help.
func isHopeless(d guard.Decision) bool {
	hopeless := []guard.Rule{guard.Invalid, guard.Override, guard.MaxSwitches, guard.Wear, guard.Contested}
	return d.Outcome == guard.Fault || slices.Contains(hopeless, d.Rule)
}

// sayIn tells how the device showed that it obeyed.
func (t *trial) sayIn() {
	if !t.single.Rules().IsReadBack {
		t.say("it cannot say whether it obeyed")
		return
	}
	if t.want.Mode == energy.Release {
		t.say("released: it follows its own control")
		return
	}
	t.say("read back %v after the command; held for %v", wall.Now().Sub(t.sent).Round(10*time.Millisecond), t.long)
}

// tell prints a decision when it differs from the one before.
func (t *trial) tell(d guard.Decision) {
	text := string(d.Outcome)
	if d.Rule != "" {
		text += " by " + string(d.Rule)
	}
	if !d.Until.IsZero() {
		text += " until " + d.Until.Local().Format(time.TimeOnly)
	}
	if d.Sent != nil {
		text += fmt.Sprintf(": sent %v", *d.Sent)
		if d.Lease > 0 {
			text += fmt.Sprintf(", which ends by itself after %v", d.Lease)
		}
	}
	if d.Notice != "" {
		text += "; notice: " + string(d.Notice)
	}
	if d.Err != nil {
		text += ": " + d.Err.Error()
	}
	if text != t.last {
		t.last = text
		t.say("guard: %s", text)
	}
}

func (t *trial) showNews() {
	for _, one := range readingsOf(t.single.Device) {
		if text := one.text(); !one.At.IsZero() && t.shown[one.Name] != text {
			t.shown[one.Name] = text
			t.say("%s %s", one.Name, text)
		}
	}
}

// failure says why it could not be done.
func (t *trial) failure(d guard.Decision) error {
	code, why := exitUnavailable, string(d.Rule)
	switch d.Rule {
	case guard.Invalid:
		code, why = exitUsage, "it cannot do this"
	case guard.Offline, guard.Stale, guard.Clock:
		why = "it was not heard"
		if err := t.single.LinkErr(); err != nil {
			why = err.Error()
		}
	case guard.Override:
		why = "somebody has switched it by hand, and that is left alone"
	case guard.Unconfirmed:
		why = "it does not do what it is told"
	case guard.Send:
		why = d.Err.Error()
	}
	if d.Outcome == guard.Held && d.Rule != guard.Override {
		why += " holds it until " + d.Until.Local().Format(time.TimeOnly)
	}
	return failure{code, fmt.Errorf("hearth: set %s %v: %s: %s", t.name, t.want, d.Outcome, why)}
}

// sayKept tells what happens to a device that is left as it is.
func (t *trial) sayKept() {
	told := t.single.State().Told
	switch r := t.single.Rules(); {
	case told == nil || told.Setpoint == r.Safe:
		t.say("nothing stands that would have to end")
	case r.Lease > 0:
		t.say("left at %v: it ends by itself %v after the last command", told.Setpoint, r.Lease)
	default:
		t.say("left at %v, and nothing ends it: the agent will when it starts", told.Setpoint)
	}
}

// end leaves the device in its safe state, and waits until it shows that.
func (t *trial) end(ctx context.Context) error {
	if !t.isSaid {
		return nil // nothing has to end
	}
	r, began := t.single.Rules(), wall.Now()
	if err := t.single.MakeSafe(ctx); err != nil {
		return failure{exitUnavailable, fmt.Errorf("hearth: device %s may not be in its safe state %v: %w; %s", t.name, r.Safe, err, leaseText(r.LeaseKind, r.Lease))}
	}
	if s := t.single.State(); s.Hold.Rule == guard.Override && began.Before(s.Hold.Until) {
		t.say("left as somebody has switched it by hand")
		return nil
	}
	for !t.isSafe() {
		if wall.Now().Sub(began) > r.ConfirmWithin+time.Second {
			return failure{exitUnavailable, fmt.Errorf("hearth: device %s was told its safe state %v and has not shown it for %v: look at it", t.name, r.Safe, r.ConfirmWithin)}
		}
		if err := wall.Sleep(ctx, look); err != nil {
			return err
		}
	}
	t.showNews()
	t.say("left in its safe state: %v", r.Safe)
	return nil
}

// isSafe says that the device shows its safe state, or has no way to.
func (t *trial) isSafe() bool {
	r, d := t.single.Rules(), t.single.Device
	o := d.Observe()
	switch {
	case !r.IsReadBack || r.Safe.Mode == energy.Release:
		return true
	case d.Setpoint != nil:
		return o.Setpoint.Valid && math.Abs(float64(o.Setpoint.Value-r.Safe.Power)) <= float64(r.Tolerance)
	}
	return o.On.Valid && o.On.Value == (r.Safe.Mode == energy.On)
}
