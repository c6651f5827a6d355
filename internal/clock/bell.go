package clock

import (
	"context"
	"errors"
	"time"
)

// Sleeper waits.
type Sleeper interface {
	// Sleep waits d, or returns the cause when ctx ends first.
	Sleep(ctx context.Context, d time.Duration) error
}

// Bell ends a sleep early. It may be rung from anywhere; one sleeper listens.
type Bell struct{ rung chan struct{} }

// NewBell is a bell that was not rung.
func NewBell() Bell { return Bell{make(chan struct{}, 1)} }

// Ring ends the sleep under way, or else the next one. It never waits; rung twice is rung once.
func (b Bell) Ring() {
	select {
	case b.rung <- struct{}{}:
	default:
	}
}

// Silence takes back a ring that nobody has slept through: what it was for is being done now.
func (b Bell) Silence() {
	select {
	case <-b.rung:
	default:
	}
}

var errRung = errors.New("the bell was rung")

// Sleep waits d by the sleeper, or until the bell is rung; it fails with the cause when ctx ends first.
func (b Bell) Sleep(ctx context.Context, by Sleeper, d time.Duration) error {
	sleep, wake := context.WithCancelCause(ctx)
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		select {
		case <-b.rung:
			wake(errRung)
		case <-sleep.Done():
		}
	}()
	err := by.Sleep(sleep, d)
	wake(nil)
	<-heard
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if errors.Is(err, errRung) {
		return nil
	}
	return err
}
