package mqtt

import (
	"context"
	"slices"
	"time"

	"hearth/devices/profiles"
	"hearth/energy"
)

// Run listens until ctx ends or Close; then it returns nil.
func (d *device) Run(ctx context.Context) error {
	d.running.Lock()
	defer d.running.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	asker := make(chan struct{})
	go func() {
		defer close(asker)
		d.keepAsking(ctx)
	}()
	defer func() {
		cancel()
		<-asker
	}()
	select {
	case <-d.done:
		return nil
	default:
	}
	d.link.attach(d)
	defer d.link.detach(d)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.done:
			return nil
		case <-d.nudge:
			d.greet(ctx)
		case <-d.inbox.some:
			for _, m := range d.inbox.takeAll() {
				d.read(ctx, m)
			}
		}
	}
}

// Close ends Run and waits for it. It may be called at any time, and twice.
func (d *device) Close() error {
	d.close.Do(func() { close(d.done) })
	d.running.Lock()
	defer d.running.Unlock()
	return nil
}

// read takes the values out of a message.
func (d *device) read(ctx context.Context, m message) {
	for _, p := range d.points[m.topic] {
		if m.retained && !p.RetainedOK {
			continue // nobody knows how old it is
		}
		v, ok, err := decode(p, m.payload)
		if err != nil {
			d.link.counts.unreadable.Add(1)
			continue
		}
		if !ok {
			continue
		}
		d.mu.Lock()
		before := d.values[p.Name]
		d.values[p.Name] = energy.Read(v, m.at)
		d.mu.Unlock()
		if p.Name == "online" {
			d.heard(ctx, before, v != 0)
		}
	}
}

// heard tells of a device that is lost, and asks one that is back: what it said before may no longer be so.
func (d *device) heard(ctx context.Context, before energy.Reading[float64], isOnline bool) {
	switch {
	case !isOnline && (!before.Valid || before.Value != 0):
		d.log.Warn("device lost")
	case isOnline && before.Valid && before.Value == 0:
		d.log.Info("device back")
		d.ask(ctx, 0)
	}
}

// greet is sent once in each session: how the device has to be set up, and what it is doing.
func (d *device) greet(ctx context.Context) {
	if d.ready() == nil {
		if setup, ok := d.profile.Action("setup"); ok {
			// A loss shows in the readings it was meant to bring; the next session sets up again.
			_ = d.link.query(ctx, setup.Publish)
		}
	}
	d.ask(ctx, 0)
}

// keepAsking asks for points that were not said for a third of the time they stay valid.
func (d *device) keepAsking(ctx context.Context) {
	shortest := time.Duration(0)
	for _, p := range d.profile.Points {
		if age := d.maxAge(p.Name); p.Query != nil && (shortest == 0 || age < shortest) {
			shortest = age
		}
	}
	if shortest == 0 {
		return
	}
	for d.link.clock.Sleep(ctx, shortest/3) == nil {
		d.ask(ctx, shortest/3)
	}
}

// ask queries each point that is older than age, each query once.
func (d *device) ask(ctx context.Context, age time.Duration) {
	var queries []profiles.Message
	now := d.link.clock.Now()
	d.mu.Lock()
	for _, p := range d.profile.Points {
		if r := d.values[p.Name]; p.Query != nil && (!r.Valid || now.Sub(r.At).Abs() >= age) && !slices.Contains(queries, *p.Query) {
			queries = append(queries, *p.Query)
		}
	}
	isLinked := d.isLinked
	d.mu.Unlock()
	if isLinked {
		_ = d.link.query(ctx, queries) // unanswered, the readings grow old, and that is seen
	}
}
