package mqtt

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"hearth/devices"
	"hearth/devices/profiles"
	"hearth/energy"
)

// The roles that act. Each sends its profile's messages in order, one action at a time, and then asks for
// the state, so that the answer is newer than the command.

func (d *device) Turn(ctx context.Context, on bool, lease time.Duration) error {
	name := "off"
	if on {
		name = "on"
	}
	return d.act(ctx, name, 0, lease)
}

// SetPower refuses what is out of range. Zero, and what is less than a charger can signal on the phases it
// charges on now, is the action off where the profile has one.
func (d *device) SetPower(ctx context.Context, power energy.Watts, lease time.Duration) error {
	if !(power >= d.caps.Min && power <= d.caps.Max) { // also catches what is not a number
		return fmt.Errorf("set_power %s: %v is not between %v and %v", d.name, float64(power), d.caps.Min, d.caps.Max)
	}
	isTooLittle := power == 0
	if per := d.scales.perAmpere(d.phasesNow()); d.isInAmperes("setpoint") && per > 0 {
		isTooLittle = float64(power)/per < d.scales.minCurrent-1e-6
		power = min(power, energy.Watts(d.scales.maxCurrent*per))
	}
	if _, canOff := d.profile.Action("off"); isTooLittle {
		if power = 0; canOff {
			return d.act(ctx, "off", 0, lease)
		}
	}
	return d.act(ctx, "set_power", power, lease)
}

func (d *device) Release(ctx context.Context) error { return d.act(ctx, "release", 0, 0) }

// Curtail refuses what is no magnitude; more than the rated power is no bound at all.
func (d *device) Curtail(ctx context.Context, most energy.Watts, lease time.Duration) error {
	if !(most >= 0) || math.IsInf(float64(most), 0) {
		return fmt.Errorf("curtail %s: %v is no magnitude", d.name, float64(most))
	}
	if d.scales.rated > 0 {
		most = min(most, energy.Watts(d.scales.rated))
	}
	return d.act(ctx, "curtail", most, lease)
}

func (d *device) Lift(ctx context.Context) error { return d.act(ctx, "lift", 0, 0) }

func (d *device) SetPhases(ctx context.Context, n int) error {
	if n != 1 && n != 3 {
		return fmt.Errorf("phases %s: %d is neither 1 nor 3", d.name, n)
	}
	return d.act(ctx, "phases_"+strconv.Itoa(n), 0, 0)
}

var errNoMode = errors.New("the device does not know this mode")

func (d thermal) SetMode(ctx context.Context, mode devices.ThermalMode, lease time.Duration) error {
	name := "mode_" + string(mode)
	if _, can := d.profile.Action(name); !can {
		return fmt.Errorf("%s %s: %w", name, d.name, errNoMode)
	}
	return d.act(ctx, name, 0, lease)
}

func (d *device) act(ctx context.Context, name string, power energy.Watts, lease time.Duration) error {
	values, err := d.leaseValues(lease)
	if err != nil {
		return fmt.Errorf("%s %s: %w", name, d.name, err)
	}
	select {
	case <-d.sending:
		defer func() { d.sending <- struct{}{} }()
	case <-ctx.Done():
		return fmt.Errorf("%s %s: %w", name, d.name, context.Cause(ctx))
	}
	fit := d.ready
	if begins(name) {
		d.awaitSettings(ctx)
		fit = func() error { return errors.Join(d.ready(), d.mayBegin()) }
	}
	action, _ := d.profile.Action(name)
	messages := d.filled(action.Publish, values, power, lease)
	d.keep(name, messages, lease)
	if err := d.link.command(ctx, fit, append(d.numbered(messages), d.numbered(d.confirmQueries())...)); err != nil {
		d.keep("", nil, 0) // nobody repeats what was refused
		return fmt.Errorf("%s %s: %w", name, d.name, err)
	}
	return nil
}

// filled are an action's messages with the power and lease in them; those for the other sign are left out.
func (d *device) filled(source []profiles.Message, values map[string]string, power energy.Watts, lease time.Duration) []profiles.Message {
	messages := make([]profiles.Message, 0, len(source)+1)
	for _, m := range source {
		if m.Sign > 0 && power < 0 || m.Sign < 0 && power >= 0 || m.Leased == "yes" && lease == 0 || m.Leased == "no" && lease > 0 {
			continue
		}
		p := power
		if m.Sign < 0 {
			p = -p
		}
		values["value"] = d.inUnit(p, m.Unit)
		m.Payload = fill(m.Payload, values)
		messages = append(messages, m)
	}
	return messages
}

// inUnit writes a power. What has to be rounded to whole amperes or percent is rounded towards zero.
func (d *device) inUnit(p energy.Watts, unit string) string {
	v := float64(p)
	whole := func(v float64) string {
		return strconv.FormatFloat(math.Trunc(v+math.Copysign(1e-6, v))+0, 'f', -1, 64)
	}
	switch unit {
	case "kW":
		return strconv.FormatFloat(math.Round(v)/1000+0, 'f', -1, 64)
	case "A":
		return whole(v / d.scales.perAmpere(d.phasesNow()))
	case "mA":
		return whole(v / d.scales.perAmpere(d.phasesNow()) * 1000)
	case "%":
		return whole(v / d.scales.rated * 100)
	}
	return strconv.FormatFloat(math.Round(v)+0, 'f', -1, 64)
}

// leaseValues refuses a lease the device cannot take: a shorter one would end a run, a longer one would
// not end it.
func (d *device) leaseValues(lease time.Duration) (map[string]string, error) {
	c, add := d.caps, 0
	if lease < 0 || (lease > 0 && (lease < c.LeaseMin || (c.LeaseMax > 0 && lease > c.LeaseMax))) {
		return nil, fmt.Errorf("a lease of %v is not between %v and %v", lease, c.LeaseMin, c.LeaseMax)
	}
	if d.profile.Lease != nil && lease > 0 {
		add = d.profile.Lease.Add
	}
	return map[string]string{
		"lease_s":   strconv.Itoa(int(math.Ceil(lease.Seconds())) + add),
		"lease_min": strconv.Itoa(int(math.Ceil(lease.Minutes())) + add),
	}, nil
}

// ready says why no command may be sent now.
func (d *device) ready() error {
	d.mu.Lock()
	fault, isLinked := d.fault, d.isLinked
	d.mu.Unlock()
	switch {
	case fault != nil:
		return fault
	case !isLinked:
		return down(d.link.Err())
	}
	return nil
}

// confirmQueries ask for the point by which a command shows; none when the device cannot be asked.
func (d *device) confirmQueries() []profiles.Message {
	for _, p := range d.profile.Points {
		if d.profile.Confirm != nil && p.Name == d.profile.Confirm.Point && p.Query != nil {
			return []profiles.Message{*p.Query}
		}
	}
	return nil
}

func fill(text string, values map[string]string) string {
	for name, v := range values {
		text = strings.ReplaceAll(text, "{"+name+"}", v)
	}
	return text
}
