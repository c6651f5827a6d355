package mqtt

import (
	"context"
	"slices"
	"sync"
	"time"

	"hearth/devices/profiles"
	"hearth/energy"
)

// Run listens until ctx ends or Close; then it returns nil.
func (d *device) Run(ctx context.Context) error {
	d.running.Lock()
	defer d.running.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	var keepers sync.WaitGroup
	for _, keep := range []func(context.Context){d.keepAsking, d.keepBeating, d.keepHolding} {
		keepers.Go(func() { keep(ctx) })
	}
	defer func() {
		cancel()
		keepers.Wait()
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

// read takes the values out of a message. A message that holds none of what its topic is for is counted as
// unreadable when some of it is not what the profile says.
func (d *device) read(ctx context.Context, m message) {
	d.readSettings(m)
	isRead, isBad := false, false
	answered := ""
	for _, i := range d.points[m.topic] {
		p := d.profile.Points[i]
		if m.retained && !p.RetainedOK {
			continue // nobody knows how old it is
		}
		id, ok := d.isAnswer(p.Answers, m.payload)
		if !ok {
			continue // to somebody else, or the second
		}
		answered = max(answered, id)
		v, found, err := decode(p, m.payload)
		switch {
		case err != nil:
			isBad = true
		case found == profiles.Null:
			d.hear(ctx, i, energy.Reading[float64]{At: m.at})
		case found == profiles.Scalar:
			isRead = true
			d.hear(ctx, i, energy.Read(v, m.at))
		}
	}
	if isBad && !isRead {
		d.link.counts.unreadable.Add(1)
	}
	if answered != "" {
		d.mu.Lock()
		d.requests.answered(answered)
		d.mu.Unlock()
	}
	d.verify(ctx, m)
}

// hear keeps a reading, and tells of a device that is lost, and asks one that is back: what it said before
// may no longer be so.
func (d *device) hear(ctx context.Context, i int, r energy.Reading[float64]) {
	now := d.link.clock.Now()
	d.mu.Lock()
	before := d.values.newest("online", now)
	d.values.hear(i, r)
	online := d.values.newest("online", now)
	d.mu.Unlock()
	if d.profile.Points[i].Name != "online" {
		return
	}
	wasOnline, isOnline := before.Valid && before.Value != 0, online.Valid && online.Value != 0
	switch {
	case online.Valid && !isOnline && (!before.Valid || wasOnline):
		d.log.Warn("device lost")
	case isOnline && before.Valid && !wasOnline:
		d.log.Info("device back")
		d.ask(ctx, 0)
	}
}

// greet is sent once in each session: how the device has to be set up, and what it is doing.
func (d *device) greet(ctx context.Context) {
	if h := d.profile.Heartbeat; h != nil {
		_ = d.link.query(ctx, d.numbered(h.Publish))
	}
	if d.ready() == nil {
		if setup, ok := d.profile.Action("setup"); ok {
			// A loss shows in the readings it was meant to bring; the next session sets up again.
			_ = d.link.query(ctx, d.numbered(setup.Publish))
		}
	}
	d.askSettings(ctx)
	d.ask(ctx, 0)
}

// keepAsking asks for points that were not said for a third of the time they stay valid.
func (d *device) keepAsking(ctx context.Context) {
	shortest := time.Duration(0)
	for i, p := range d.profile.Points {
		if age := d.values.maxAge(i); p.Query != nil && age > 0 && (shortest == 0 || age < shortest) {
			shortest = age
		}
	}
	if shortest == 0 {
		return
	}
	for d.link.clock.Sleep(ctx, shortest/3) == nil {
		d.ask(ctx, shortest/3)
		if d.mayBegin() != nil {
			d.askSettings(ctx)
		}
	}
}

// keepBeating publishes what the device needs to keep talking.
func (d *device) keepBeating(ctx context.Context) {
	h := d.profile.Heartbeat
	if h == nil {
		return
	}
	for d.link.clock.Sleep(ctx, seconds(h.EveryS)) == nil {
		_ = d.link.query(ctx, d.numbered(h.Publish)) // unheard, the device falls silent, and that is seen
	}
}

// ask queries each point that is older than age, each query once.
func (d *device) ask(ctx context.Context, age time.Duration) {
	var queries []profiles.Message
	now := d.link.clock.Now()
	d.mu.Lock()
	for _, p := range d.profile.Points {
		if p.Query == nil || slices.Contains(queries, *p.Query) {
			continue
		}
		if r := d.values.newest(p.Name, now); !r.Valid || now.Sub(r.At).Abs() >= age {
			queries = append(queries, *p.Query)
		}
	}
	isLinked := d.isLinked
	d.mu.Unlock()
	if isLinked {
		_ = d.link.query(ctx, d.numbered(queries)) // unanswered, the readings grow old, and that is seen
	}
}
