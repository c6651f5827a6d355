package devicetest

import (
	"context"
	"sync"
	"time"
)

// Clock is a clock that moves only when it is told to. It is safe for concurrent use.
type Clock struct {
	mu    sync.Mutex
	now   time.Time
	moved chan struct{} // closed at each move
}

// NewClock is a clock that shows start.
func NewClock(start time.Time) *Clock { return &Clock{now: start, moved: make(chan struct{})} }

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on and wakes who has slept long enough.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	close(c.moved)
	c.moved = make(chan struct{})
}

// Sleep waits until the clock has moved on by d, or ctx ends.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	due := c.now.Add(d)
	c.mu.Unlock()
	for {
		c.mu.Lock()
		isDue, moved := !c.now.Before(due), c.moved
		c.mu.Unlock()
		if isDue {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
