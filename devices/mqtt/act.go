package mqtt

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

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

func (d *device) SetPower(ctx context.Context, power energy.Watts, lease time.Duration) error {
	if !(power >= d.caps.Min && power <= d.caps.Max) { // also catches what is not a number
		return fmt.Errorf("set_power %s: %v is not between %v and %v", d.name, float64(power), d.caps.Min, d.caps.Max)
	}
	return d.act(ctx, "set_power", power, lease)
}

func (d *device) Release(ctx context.Context) error { return d.act(ctx, "release", 0, 0) }

func (d *device) act(ctx context.Context, name string, power energy.Watts, lease time.Duration) error {
	values, err := d.leaseValues(lease)
	if err != nil {
		return fmt.Errorf("%s %s: %w", name, d.name, err)
	}
	values["value"] = strconv.FormatFloat(math.Round(float64(power)), 'f', -1, 64)
	select {
	case <-d.sending:
		defer func() { d.sending <- struct{}{} }()
	case <-ctx.Done():
		return fmt.Errorf("%s %s: %w", name, d.name, context.Cause(ctx))
	}
	action, _ := d.profile.Action(name)
	messages := make([]profiles.Message, 0, len(action.Publish)+1)
	for _, m := range action.Publish {
		messages = append(messages, profiles.Message{Topic: m.Topic, Payload: fill(m.Payload, values)})
	}
	if q := d.confirmQuery(); q != nil {
		messages = append(messages, *q)
	}
	if err := d.link.command(ctx, d.ready, messages); err != nil {
		return fmt.Errorf("%s %s: %w", name, d.name, err)
	}
	return nil
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

// confirmQuery asks for the point by which a command shows; nil when the device cannot be asked.
func (d *device) confirmQuery() *profiles.Message {
	for _, p := range d.profile.Points {
		if d.profile.Confirm != nil && p.Name == d.profile.Confirm.Point && p.Query != nil {
			return p.Query
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
