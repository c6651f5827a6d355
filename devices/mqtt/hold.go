package mqtt

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hearth/devices/profiles"
)

// hold is a command whose lease runs.
type hold struct {
	messages []profiles.Message
	from     time.Time
	lease    time.Duration
}

func (h hold) isRunning(now time.Time) bool { return h.lease > 0 && now.Before(h.from.Add(h.lease)) }

// begins says that an action makes the device do something it would not do by itself.
func begins(action string) bool {
	return slices.Contains([]string{"on", "set_power", "curtail", "phases_1", "phases_3", "mode_blocked", "mode_recommended", "mode_forced"}, action)
}

// keep notes a command that was sent, for the heartbeat and for the timer that has to show.
func (d *device) keep(action string, messages []profiles.Message, lease time.Duration) {
	l := d.profile.Lease
	if l == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	h := hold{}
	if begins(action) && lease > 0 {
		h = hold{messages, d.link.clock.Now(), lease}
	}
	if l.Kind == "heartbeat" {
		d.held = h
	}
	if l.Verify != "" {
		d.timed = h
	}
}

// keepHolding repeats the command that stands while its lease lasts. It is not stored over a lost link: what
// stands then is for the guard to say.
func (d *device) keepHolding(ctx context.Context) {
	l := d.profile.Lease
	if l == nil || l.Kind != "heartbeat" {
		return
	}
	for d.link.clock.Sleep(ctx, seconds(l.EveryS)) == nil {
		select {
		case <-d.sending:
		case <-ctx.Done():
			return
		}
		d.mu.Lock()
		h := d.held
		d.mu.Unlock()
		if h.isRunning(d.link.clock.Now()) {
			_ = d.link.command(ctx, d.ready, d.numbered(h.messages)) // unheard, the device's own watchdog ends it
		}
		d.sending <- struct{}{}
	}
}

// verify looks, in the message that tells of the timer, whether it runs: less than half of the lease left just
// after a command means that nobody would end it. The command is taken back and nothing is begun any more.
func (d *device) verify(ctx context.Context, m message) {
	if d.profile.Lease == nil || d.profile.Lease.Verify == "" || !d.tellsOf(m.topic, d.profile.Lease.Verify) {
		return
	}
	d.mu.Lock()
	h, now := d.timed, d.link.clock.Now()
	shown, left := d.values.newest(d.profile.Confirm.Point, now), d.values.newest(d.profile.Lease.Verify, now)
	runs := left.Valid && left.At.Equal(m.at) && left.Value >= (h.lease/2-now.Sub(h.from)).Seconds()
	isBroken := h.lease > 0 && m.at.After(h.from) && shown.Valid && shown.At.Equal(m.at) && shown.Value != 0 && !runs
	if isBroken {
		d.timed = hold{}
		d.unleased = fmt.Errorf("its timer does not run: %v of %v are left", seconds(left.Value), h.lease)
	}
	err := d.unleased
	d.mu.Unlock()
	if !isBroken {
		return
	}
	d.log.Error("device takes no commands", "err", err)
	for _, name := range []string{"off", "release"} {
		if a, ok := d.profile.Action(name); ok {
			_ = d.link.query(ctx, d.numbered(a.Publish))
			return
		}
	}
}

func (d *device) tellsOf(topic, point string) bool {
	return slices.ContainsFunc(d.points[topic], func(i int) bool { return d.profile.Points[i].Name == point })
}
