package mdns

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Announce offers a service on the networks of this machine until ctx ends.
func Announce(ctx context.Context, s Service) error {
	return Config{}.Announce(ctx, s)
}

// Announce makes sure that nobody else has the name, which takes about a second, says that the service is here,
// answers who asks, and says goodbye when ctx ends, which is no error. Interfaces are those of the start; when one
// of them fails the others go on.
func (c Config) Announce(ctx context.Context, s Service) error {
	op := fmt.Sprintf("announce %.80q", s.Name)
	claim, err := s.claim()
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	links, err := c.open()
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	faults := make([]error, len(links))
	var all sync.WaitGroup
	for i, l := range links {
		all.Go(func() {
			defer l.conn.Close()
			defer l.wakeWith(ctx)()
			r := &responder{claim: &claim, link: l}
			if faults[i] = r.run(ctx); errors.Is(faults[i], errTaken) {
				cancel(faults[i]) // on one network is everywhere: we have one name
			}
		})
	}
	all.Wait()
	isLost := !slices.Contains(faults, nil)
	if fault := context.Cause(ctx); errors.Is(fault, errTaken) {
		return fmt.Errorf("%s: %w", op, fault)
	} else if isLost {
		return fmt.Errorf("%s: %w", op, errors.Join(faults...))
	}
	return nil
}

var errTaken = errors.New("the name is taken")

// responder speaks for a claim on one link.
type responder struct {
	*claim
	*link
	told    time.Time // when all of it was last told to everybody unasked
	spoke   time.Time // when anything was, or will be
	due     time.Time // of the answer that waits; zero: none
	waiting message
}

func (r *responder) run(ctx context.Context) error {
	if err := r.probe(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	defer r.leave()
	if err := r.tell(); err != nil {
		return err
	}
	again := r.told.Add(time.Second) // in case one was lost (RFC 6762, section 8.3)
	for {
		now := time.Now()
		if !again.IsZero() && !now.Before(again) {
			if again = (time.Time{}); r.tell() != nil {
				again = now.Add(time.Minute) // the cable is out
			}
		}
		if !r.due.IsZero() && !now.Before(r.due) {
			_ = r.send(r.waiting) // who asked asks again
			r.due, r.waiting = time.Time{}, message{}
		}
		m, from, err := r.receive(ctx, earliest(now.Add(time.Hour), again, r.due))
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errWait):
		case err != nil:
			return fmt.Errorf("listen on %s: %w", r.iface.Name, err)
		case !m.isResponse:
			r.hear(m, from)
		}
	}
}

func earliest(t time.Time, others ...time.Time) time.Time {
	for _, o := range others {
		if !o.IsZero() && o.Before(t) {
			t = o
		}
	}
	return t
}

// probe asks three times whether somebody has the name, a quarter of a second apart (RFC 6762, section 8.1).
func (r *responder) probe(ctx context.Context) error {
	const gap = 250 * time.Millisecond
	next := time.Now().Add(rand.N(gap)) // all start at once after a power cut
	for sent := 0; ; {
		if now := time.Now(); !now.Before(next) {
			if sent == 3 {
				return nil
			}
			if err := r.send(message{questions: []question{{name: r.instance, kind: kindAny}}}); err != nil {
				return fmt.Errorf("ask on %s: %w", r.iface.Name, err)
			}
			sent, next = sent+1, now.Add(gap)
		}
		m, from, err := r.receive(ctx, next)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errWait):
		case err != nil:
			return fmt.Errorf("listen on %s: %w", r.iface.Name, err)
		case from.Port() == r.to.Port():
			if rival := r.rival(m); rival != "" {
				return fmt.Errorf("%w by %s", errTaken, rival)
			}
		}
	}
}

func (r *responder) tell() error {
	if err := r.send(r.all(addressesOf(r.iface))); err != nil {
		return fmt.Errorf("tell on %s: %w", r.iface.Name, err)
	}
	r.told = time.Now()
	r.spoke = r.told
	return nil
}

// leave has everybody forget the service at once (RFC 6762, section 10.1). The host stays: others may live there.
func (r *responder) leave() {
	m := message{isResponse: true, records: []record{r.pointer(), r.srv(), r.txt()}}
	for i := range m.records {
		m.records[i].ttl = 0
	}
	_ = r.send(m) // nobody left to tell
}

// hear answers a query: to the asker alone if it wants that or speaks plain DNS, else to everybody, a moment later,
// so that several askers are answered at once and not all at the same time (RFC 6762, section 6).
func (r *responder) hear(m message, from netip.AddrPort) {
	answers, more := r.answer(m, addressesOf(r.iface))
	if len(answers) == 0 {
		return
	}
	now := time.Now()
	isFresh := now.Sub(r.told) < hostTTL*time.Second/4 // else everybody may as well hear it again (section 5.4)
	switch {
	case from.Port() != r.to.Port():
		_ = r.sendTo(legacy(m, answers, more), from)
	case isFresh && !slices.ContainsFunc(m.questions, func(q question) bool { return !q.wantsUnicast }):
		_ = r.sendTo(message{isResponse: true, records: answers, more: more}, from)
	default:
		r.later(m, answers, more)
	}
}

// later joins an answer to the one that waits. The same is told no more than once a second, but to one that probes
// for our name, who would take it, four times (section 6).
func (r *responder) later(m message, answers, more []record) {
	pause := time.Second
	if slices.ContainsFunc(m.questions, func(q question) bool { return q.kind == kindAny }) {
		pause = 250 * time.Millisecond
	}
	due := time.Now().Add(20*time.Millisecond + rand.N(100*time.Millisecond))
	if rest := r.spoke.Add(pause); rest.After(due) {
		due = rest
	}
	r.due = earliest(due, r.due)
	r.spoke = r.due
	r.waiting.isResponse = true
	r.waiting.records = union(r.waiting.records, answers)
	r.waiting.more = union(r.waiting.more, more)
}

func union(list, others []record) []record {
	for _, o := range others {
		if !slices.ContainsFunc(list, func(r record) bool { return same(r, o) }) {
			list = append(list, o)
		}
	}
	return list
}

// legacy is an answer for a resolver of plain DNS, which expects its own question back (section 6.7).
func legacy(query message, answers, more []record) message {
	m := message{id: query.id, isResponse: true, questions: query.questions, records: slices.Clone(answers), more: slices.Clone(more)}
	for _, list := range [][]record{m.records, m.more} {
		for i := range list {
			list[i].isUnique, list[i].ttl = false, min(list[i].ttl, legacyTTL)
		}
	}
	return m
}
