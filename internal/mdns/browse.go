package mdns

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Browse lists who offers a type of service on the networks of this machine.
func Browse(ctx context.Context, service string) ([]Found, error) {
	return Config{}.Browse(ctx, service)
}

// usual is how long is listened if the context does not say: who is there answers within half a second, and to
// the third question if two got lost.
const usual = 4 * time.Second

// Browse lists who offers a type of service, "_openadr3._tcp", by name. It collects answers until the context's
// deadline, or for four seconds if it has none; a list with nothing in it is no error. An error says that nothing
// could be asked.
func (c Config) Browse(ctx context.Context, service string) ([]Found, error) {
	op := fmt.Sprintf("browse %.80q", service)
	kind, err := local(service)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	links, err := c.open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	if _, hasEnd := ctx.Deadline(); !hasEnd {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, usual)
		defer cancel()
	}
	f := newFinder(kind)
	faults := make([]error, len(links))
	var all sync.WaitGroup
	for i, l := range links {
		all.Go(func() {
			defer l.conn.Close()
			defer l.wakeWith(ctx)()
			faults[i] = f.ask(ctx, l)
		})
	}
	all.Wait()
	for _, fault := range faults {
		if fault == nil { // one network is enough
			return f.found(), nil
		}
	}
	return f.found(), fmt.Errorf("%s: %w", op, errors.Join(faults...))
}

// ask asks again and again, at intervals that double (RFC 6762, section 5.2), and for what the answers leave open.
func (f *finder) ask(ctx context.Context, l *link) error {
	next, wait := time.Now(), time.Second
	for {
		if now := time.Now(); !now.Before(next) {
			if err := l.send(f.query()); err != nil {
				return fmt.Errorf("ask on %s: %w", l.iface.Name, err)
			}
			next, wait = now.Add(wait), 2*wait
		}
		m, from, err := l.receive(ctx, next)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errWait):
		case err != nil:
			return fmt.Errorf("listen on %s: %w", l.iface.Name, err)
		case m.isResponse && from.Port() == l.to.Port(): // RFC 6762, section 6: from any other it is none
			f.add(m, l.iface.Name)
			if open := f.open(false); len(open) > 0 {
				_ = l.send(message{questions: open}) // else the next round asks
			}
		}
	}
}
