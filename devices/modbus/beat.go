package modbus

import (
	"context"
	"time"
)

// kept is a command that a heartbeat repeats: the device's own watchdog is shorter than the lease.
type kept struct {
	requests   []request
	next, ends time.Time
}

// keep remembers what a command of the lease kind heartbeat has written; d.mu is held.
func (d *driver) keep(requests []request, lease time.Duration) {
	l := d.Profile.Lease
	if l == nil || l.Kind != "heartbeat" || lease == 0 {
		return
	}
	now := d.Clock.Now()
	d.kept = &kept{requests, now.Add(seconds(l.EveryS)), now.Add(lease)}
}

// atMost lets Run look for a heartbeat that a command has asked for since.
func (d *driver) atMost(wait time.Duration) time.Duration {
	if l := d.Profile.Lease; l != nil && l.EveryS > 0 {
		return min(wait, seconds(l.EveryS)/2)
	}
	return wait
}

// nextBeat is how long until there is something to repeat or to end; false while nothing is kept.
func (d *driver) nextBeat(now time.Time) (time.Duration, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept == nil {
		return 0, false
	}
	due := d.kept.next
	if d.kept.ends.Before(due) {
		due = d.kept.ends
	}
	return max(due.Sub(now), 0), true
}

// beat repeats the command while its lease lasts, and forgets it then: the watchdog does the rest, unless
// our reading feeds it. While another command is under way it waits for what comes of that.
func (d *driver) beat(ctx context.Context) {
	select {
	case d.acting <- struct{}{}:
	default:
		_ = d.Clock.Sleep(ctx, time.Second)
		return
	}
	now := d.Clock.Now()
	d.mu.Lock()
	k := d.kept
	hasEnded := k != nil && !now.Before(k.ends)
	if hasEnded {
		d.kept = nil
	} else if k != nil {
		k.next = now.Add(seconds(d.Profile.Lease.EveryS))
	}
	d.mu.Unlock()
	if k != nil && !hasEnded {
		for _, r := range k.requests {
			if d.Bus.write(ctx, r.registers, r.data) != nil {
				break // the next beat, or the watchdog
			}
		}
	}
	<-d.acting
	if !hasEnded || !d.Profile.Lease.FedByReads {
		return
	}
	if err := d.Release(ctx); err != nil && ctx.Err() == nil {
		d.Log.Warn("lapsed command not ended", "device", d.Name, "err", err)
		d.mu.Lock()
		if d.kept == nil { // not told anything since: tried again
			d.kept = &kept{nil, now.Add(time.Minute), now.Add(5 * time.Second)}
		}
		d.mu.Unlock()
	}
}
