package ven

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"hearth/energy"
	"hearth/internal/clock"
	"hearth/openadr"
)

// Config says what to follow.
type Config struct {
	Name     string          // of this VEN: first part of every origin's source, and of its key in the store
	Programs []string        // names or ids; empty: all that the VTN shows us
	Targets  []string        // of events to ask for; empty: all that the VTN shows us
	Currency energy.Currency // for prices whose descriptors name none; empty: such prices are rejected
	Conventions

	// IsClockSane says that the clock can be trusted; nil: always. Until it can, an event that starts "now"
	// gets no anchor and gives nothing.
	IsClockSane func() bool
}

// Conventions say how events are to be read where they do not say it themselves.
type Conventions struct {
	// IsOld says that the VTN speaks OpenADR 3.0, where limits, setpoints and alerts without a duration, or of
	// PT0S, hold until further notice.
	IsOld bool

	// Private maps private payload types to what they mean, one of [Meanings]. What is mapped to nothing that is
	// known is left out, as is a private type that is not mapped.
	Private map[string]string

	// Hundreds are the programs, by name or id, that write per cent as 0 to 100. The specification has 0 to 1.
	Hundreds []string

	// Resources are the names that the VTN knows devices of the home by, as targets of events.
	Resources []string

	// Seed tells this home from all others of the program, as the name it is registered by does. Randomized
	// starts are drawn from it; homes of one seed start together.
	Seed string
}

// opens says which intervals hold something that lasts until further notice; nil: none ever.
func (c Conventions) opens() func(*openadr.Interval) bool {
	if !c.IsOld {
		return nil
	}
	s := newSheet()
	return func(i *openadr.Interval) bool {
		return slices.ContainsFunc(i.Payloads, func(p openadr.ValuesMap) bool {
			at, isKnown := s.index[meaning(p.Type, c.Private)]
			return isKnown && s.lanes[at].track.nature().lasts
		})
	}
}

// writesHundreds says that a program is one of Hundreds.
func (c *Conventions) writesHundreds(id string, p *openadr.Program) bool {
	return slices.Contains(c.Hundreds, id) || p != nil && slices.Contains(c.Hundreds, p.ProgramName)
}

// Parts is what a VEN works with.
type Parts struct {
	Client Client
	Store  Store
	Clock  Clock
	Pace   Pace // used by Run only
	Log    *slog.Logger

	// Changed is called after a poll that changed programs, events or anchors; nil: nobody wants to know. It must
	// not wait.
	Changed func()
}

// Client reads from a VTN; [*openadr.Client] is one.
type Client interface {
	Programs(ctx context.Context, q openadr.Query) (openadr.List[openadr.Program], error)
	Events(ctx context.Context, q openadr.Query) (openadr.List[openadr.Event], error)
	Event(ctx context.Context, id string) (openadr.Event, error)
}

// Store keeps bytes over a restart. Put is called only when something changed.
type Store interface {
	Get(key string) (value []byte, isFound bool, err error)
	Put(key string, value []byte) error
}

// Clock tells the time and waits.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// Pace says how long to wait after a poll that ended with err, nil for a good one. An error may ask for
// patience of its own: errors.As finds RetryAfter() time.Duration in it.
type Pace interface {
	Next(err error) time.Duration
}

// VEN follows one VTN. Its methods are safe for concurrent use.
type VEN struct {
	cfg   Config
	parts Parts

	polling sync.Mutex  // held during a poll, so that two never interleave
	hints   clock.Alarm // rung when there may be news

	// mu guards what follows. Only a poll and Restore write; a poll may read without the lock.
	mu          sync.Mutex
	programs    []openadr.Program
	programsAt  time.Time // of the walk that found them; zero after a restart
	events      map[string]Received
	malformed   []openadr.Malformed
	anchors     Anchors
	lastSuccess time.Time
	lastAttempt time.Time
	pollErr     error
	storeErr    error
	missing     []string // which programs cannot be had, and why
	isUnsaved   bool
	revision    uint64
	view        view

	nothingSince time.Time // when the first of the newest empty lists came that were not believed; touched by a poll only

	told told // touched by Run only
}

// New builds a VEN that knows nothing yet.
func New(cfg Config, parts Parts) *VEN {
	return &VEN{cfg: cfg, parts: parts, hints: clock.NewAlarm(), events: map[string]Received{}, anchors: Anchors{}}
}

// Hint says that the VTN may have news, so that it is polled sooner; it never waits. While the VTN does not answer
// the pace alone counts: the homes of a whole country are told at the same moment that it is back.
func (v *VEN) Hint() { v.hints.Ring() }

// Run polls at once and then at the pace given, until ctx ends; then it returns the cause. It logs when the
// VTN is lost and when it is back, and each thing that it rejects once.
func (v *VEN) Run(ctx context.Context) error {
	for {
		v.hints.Silence() // until here they are answered by this poll
		err := v.Poll(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		v.tell(err)
		if err := v.rest(ctx, err); err != nil {
			return err
		}
	}
}

// rest waits after a poll that ended with err, for a hint too when it was good.
func (v *VEN) rest(ctx context.Context, err error) error {
	wait := v.parts.Pace.Next(err)
	if err != nil {
		return v.parts.Clock.Sleep(ctx, wait)
	}
	return v.hints.Sleep(ctx, v.parts.Clock, wait)
}
