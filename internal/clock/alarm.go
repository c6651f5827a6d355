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

// Alarm ends a sleep early. It may be rung from anywhere; one sleeper listens.
type Alarm struct{ rung chan struct{} }

// NewAlarm is an alarm that has not rung.
func NewAlarm() Alarm { return Alarm{make(chan struct{}, 1)} }

// Ring ends the sleep under way, or else the next one. It never waits; rung twice is rung once.
func (a Alarm) Ring() {
	select {
	case a.rung <- struct{}{}:
	default:
	}
}

// Silence takes back a ring that nobody has slept through: what it was for is being done now.
func (a Alarm) Silence() {
	select {
	case <-a.rung:
	default:
	}
}

var errRung = errors.New("the alarm rang")

// Sleep waits d by the sleeper, or until the alarm rings; it fails with the cause when ctx ends first.
func (a Alarm) Sleep(ctx context.Context, by Sleeper, d time.Duration) error {
	sleep, wake := context.WithCancelCause(ctx)
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		select {
		case <-a.rung:
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
