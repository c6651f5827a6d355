// Package clock tells the time and waits: the wall's, or the demo's faster one.
//
// Everything in Hearth that waits does so through a clock handed in, so that a day can pass in minutes.
// Consumers declare the one or two methods they need.
package clock

import (
	"context"
	"time"
)

// Wall is the machine's own clock. The zero value is ready to use.
type Wall struct{}

// Now is the wall time, without the monotonic part: a step of the clock must be seen, not hidden.
func (Wall) Now() time.Time { return time.Now().Round(0) }

// Sleep waits d, or returns the cause when ctx ends first.
func (Wall) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
