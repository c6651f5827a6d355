package push

import (
	"sync"
	"time"
)

// quiet is the least time between two hints. It is short against a poll's usual minutes, and long enough that a
// VTN that publishes a thousand events one by one is asked a few times rather than a thousand.
const quiet = 3 * time.Second

// Bell makes few hints of many. It is safe for concurrent use.
//
//	rung   x  xxxx xx              x
//	hint   x        x       x      x
//	       |-quiet--|-quiet--|
//
// The first is passed on at once; those that come during the quiet after a hint become one, at its end. So the
// last hint is never older than the last ring.
type Bell struct {
	hint func()

	mu       sync.Mutex
	timer    *time.Timer // ends the quiet
	isQuiet  bool
	isDue    bool // it was rung during the quiet
	isClosed bool
}

// NewBell makes a bell that calls hint, from any goroutine; hint must not wait.
func NewBell(hint func()) *Bell { return &Bell{hint: hint} }

// Ring asks for a hint. It does not wait, and does nothing after Close.
func (b *Bell) Ring() {
	if b.isFirst() {
		b.hint()
	}
}

// isFirst says that a hint is due now, and begins the quiet after it.
func (b *Bell) isFirst() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.isClosed:
		return false
	case b.isQuiet:
		b.isDue = true
		return false
	}
	b.isQuiet = true
	b.timer = time.AfterFunc(quiet, b.rest)
	return true
}

// rest ends a quiet.
func (b *Bell) rest() {
	b.mu.Lock()
	isDue := b.isDue && !b.isClosed
	if b.isDue, b.isQuiet = false, isDue; isDue {
		b.timer.Reset(quiet)
	}
	b.mu.Unlock()
	if isDue {
		b.hint()
	}
}

// Close ends all hints, but for one that is being passed on. It may be called twice.
func (b *Bell) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.isClosed = true
	if b.timer != nil {
		b.timer.Stop()
	}
	return nil
}
