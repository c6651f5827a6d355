package modbus

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// priority orders those who wait for the wire; lower goes first.
type priority int

const (
	control priority = iota // a command
	confirm                 // the read that shows whether it was obeyed
	meter                   // a device that only measures: every plan hangs on it
	rest
	priorities
)

// maxWaiting bounds each queue. A wire of 20 meters with one request each stays far below it.
const maxWaiting = 64

var errBusy = errors.New("too many requests wait for the bus")

// turns gives the wire to one request at a time, the most urgent first, equals in order of arrival.
// The caller does its own I/O while it has the turn, so there is no queue of work to lose or to stop.
type turns struct {
	mu      sync.Mutex
	isTaken bool
	waiting [priorities][]chan struct{}
}

// take waits for the turn; whoever gets nil must give it back.
func (t *turns) take(ctx context.Context, p priority) error {
	t.mu.Lock()
	if !t.isTaken {
		t.isTaken = true
		t.mu.Unlock()
		return nil
	}
	if len(t.waiting[p]) >= maxWaiting {
		t.mu.Unlock()
		return errBusy
	}
	mine := make(chan struct{})
	t.waiting[p] = append(t.waiting[p], mine)
	t.mu.Unlock()
	select {
	case <-mine:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.waiting[p], mine); i >= 0 {
		t.waiting[p] = slices.Delete(t.waiting[p], i, i+1)
	} else {
		t.pass() // it came at the same moment
	}
	return context.Cause(ctx)
}

// tryTake takes the turn only when nobody has it.
func (t *turns) tryTake() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.isTaken {
		return false
	}
	t.isTaken = true
	return true
}

func (t *turns) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pass()
}

func (t *turns) pass() {
	for p := range t.waiting {
		if len(t.waiting[p]) > 0 {
			next := t.waiting[p][0]
			t.waiting[p] = t.waiting[p][1:]
			close(next)
			return
		}
	}
	t.isTaken = false
}
