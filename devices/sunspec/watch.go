package sunspec

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// lookEvery is how often the watch looks whether the device went and came: firmware takes longer to start.
const lookEvery = time.Second

// ErrUnconfirmed says that it is not known whether the device's registers are where they were.
var ErrUnconfirmed = errors.New("sunspec map not confirmed since the device came back")

// Watch sees that a profile still fits its device: each time the device has come back the chain is walked
// again. All fields are required. One Watch is good for one profile.
type Watch struct {
	Name    string
	Known   Map // what the profile in use was made of
	Options Options
	Reader  Reader
	Online  func() energy.Reading[bool] // of the driver that runs the profile
	Clock   devices.Clock
	Pace    devices.Pace // between walks that fail
	Log     *slog.Logger

	isCurrent atomic.Bool
}

// Ready is nil while the map was seen to hold since the device came back. With [ErrUnconfirmed] nothing may be
// told to the device: its registers may have moved.
func (w *Watch) Ready() error {
	if w.isOnline() && w.isCurrent.Load() {
		return nil
	}
	return ErrUnconfirmed
}

func (w *Watch) isOnline() bool {
	online := w.Online()
	return online.Valid && online.Value
}

// Run watches until ctx ends, which yields nil, or until the device is no longer what the profile was made of.
// Then it yields what it is now, and Ready stays [ErrUnconfirmed]: the driver is to be made anew, with a new
// Watch.
func (w *Watch) Run(ctx context.Context) *Made {
	isTold := false // that the walk fails
	for {
		wait := lookEvery
		switch {
		case !w.isOnline():
			w.isCurrent.Store(false)
		case !w.isCurrent.Load():
			made, err := w.look(ctx)
			if ctx.Err() != nil {
				return nil
			}
			if made != nil {
				return made
			}
			wait = max(lookEvery, w.Pace.Next(err))
			if err != nil && !isTold {
				w.Log.Warn("sunspec map not confirmed: nothing is told to the device", "device", w.Name, "err", err)
			}
			isTold = err != nil
		}
		if w.Clock.Sleep(ctx, wait) != nil {
			return nil
		}
	}
}

// look walks once.
func (w *Watch) look(ctx context.Context) (*Made, error) {
	now, changes, err := Again(ctx, w.Reader, w.Known)
	if err != nil {
		return nil, err
	}
	if len(changes) == 0 {
		w.isCurrent.Store(true)
		return nil, nil
	}
	profile, remarks, err := now.Profile(w.Options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(changes, "; "), err)
	}
	w.Log.Warn("sunspec map changed: the profile is made anew", "device", w.Name, "reason", strings.Join(changes, "; "))
	return &Made{now, profile, slices.Concat(now.Remarks, remarks), changes}, nil
}
