package clock

import (
	"context"
	"sync"
	"time"
)

// Fast runs speed times as fast as the wall and can be held still. It is safe for concurrent use.
type Fast struct {
	speed float64

	mu      sync.Mutex
	base    time.Time     // what the clock showed at since
	since   time.Time     // wall time, monotonic
	holds   int           // the clock stands while > 0
	changed chan struct{} // closed when the clock stops or goes on
}

// NewFast starts a clock that shows start now. Speed must be positive.
func NewFast(start time.Time, speed float64) *Fast {
	return &Fast{speed: speed, base: start, since: time.Now(), changed: make(chan struct{})}
}

// Now is the clock's time.
func (f *Fast) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now()
}

// Hold stops the clock until release is called; holds nest, and a second call of release does nothing.
func (f *Fast) Hold() (release func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turn(+1)
	return sync.OnceFunc(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.turn(-1)
	})
}

// Sleep waits until the clock has moved on by d; while it is held it does not.
func (f *Fast) Sleep(ctx context.Context, d time.Duration) error {
	f.mu.Lock()
	end := f.now().Add(d)
	f.mu.Unlock()
	for {
		f.mu.Lock()
		left, isHeld, changed := end.Sub(f.now()), f.holds > 0, f.changed
		f.mu.Unlock()
		if left <= 0 {
			return nil
		}
		var due <-chan time.Time
		if !isHeld {
			t := time.NewTimer(time.Duration(float64(left)/f.speed) + 1)
			due = t.C
			defer t.Stop()
		}
		select {
		case <-due:
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (f *Fast) now() time.Time {
	if f.holds > 0 {
		return f.base
	}
	return f.base.Add(time.Duration(float64(time.Since(f.since)) * f.speed))
}

func (f *Fast) turn(by int) {
	f.base, f.since = f.now(), time.Now()
	f.holds += by
	close(f.changed)
	f.changed = make(chan struct{})
}
