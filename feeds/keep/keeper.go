package keep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"hearth/feeds"
)

const (
	// keepFor is how long what is over is kept: the day before is compared with, and made final.
	keepFor = 48 * time.Hour
	// fetchLimit is for a whole fetch, by the wall: the client bounds requests, not their number.
	fetchLimit = 5 * time.Minute
	// look is how long a keeper sleeps at most before it looks at the clock: it may have been set.
	look = 5 * time.Minute
)

// Clock tells the time and waits.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// Parts is what a Keeper works with.
type Parts struct {
	Source feeds.Source
	Store  Store
	Clock  Clock
	Log    *slog.Logger // nil: silent
	// Settings is a fingerprint of what the source was told. What was kept under another one is of another source.
	Settings string
	// Turns has room for as many as may ask at the same time, of all the keepers that share it; nil: it does not matter.
	// An answer takes some megabytes while it is read, and a gateway has few.
	Turns chan struct{}
}

// Keeper asks a source when it is worth it, and has its last good values at any time. Its methods are safe for
// concurrent use.
type Keeper struct {
	name  string
	parts Parts
	pace  pace

	fetching sync.Mutex // held during a fetch, so that two never interleave

	// mu guards what follows; it is never held while the source or the store is asked.
	mu       sync.Mutex
	values   feeds.Values
	last     past
	good     time.Time // of the last good fetch
	saved    kept      // without its series: what the store knows of the attempts
	storeErr error
	isDirty  bool // what the store holds is not what we have
	revision uint64

	trouble string // what the log said last; touched by Run only
}

// New builds a keeper that knows nothing yet. The name is that of the source in the configuration, and its key
// in the store; the installation is any text that differs from home to home, so that not all ask at once.
func New(name, installation string, parts Parts) *Keeper {
	if parts.Log == nil {
		parts.Log = slog.New(slog.DiscardHandler)
	}
	about := parts.Source.About()
	if about.Zone == nil {
		about.Zone = time.UTC
	}
	return &Keeper{name: name, parts: parts, pace: pace{about, name + "\x00" + installation}}
}

// Name is the name of the source.
func (k *Keeper) Name() string { return k.name }

// About is what is known of the source before it is asked.
func (k *Keeper) About() feeds.About { return k.pace.about }

func (k *Keeper) key() string { return "feeds/" + k.name }

// Restore brings back the last good values. Call it once, before anything else. With an error the keeper is usable
// all the same, and knows nothing.
func (k *Keeper) Restore() error {
	var found kept
	isFound, err := found.read(k.parts.Store, k.key())
	if err != nil {
		return fmt.Errorf("restore source %s: %w", k.name, err)
	}
	if !isFound || found.Settings != k.parts.Settings {
		return nil
	}
	values := found.values()
	if err := values.Check(k.pace.about); err != nil { // the configuration has changed: another zone, another currency
		return fmt.Errorf("restore source %s: %w", k.name, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.values, k.good = values, found.Good
	k.last = past{At: found.Asked}
	if !found.NotBefore.IsZero() {
		k.last.Err = &feeds.Failure{Kind: feeds.Temporary, After: found.NotBefore, Err: errors.New("the source asked for patience before the restart")}
		k.last.Failures = 1
	}
	k.saved = kept{Asked: found.Asked, Good: found.Good, NotBefore: found.NotBefore}
	return nil
}

// Values is what is known now: what the store had, and what came since. What is over for two days is not there.
func (k *Keeper) Values() feeds.Values {
	now := k.parts.Clock.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.values.After(now.Add(-keepFor))
}

// Revision grows whenever the source has said something else.
func (k *Keeper) Revision() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.revision
}

// Run asks at once where that is worth it, and then whenever it is, until ctx ends; then it returns the cause. It
// logs when the source is lost and when it is back.
func (k *Keeper) Run(ctx context.Context) error {
	for {
		if wait := k.due().Sub(k.parts.Clock.Now()); wait > 0 {
			if err := k.parts.Clock.Sleep(ctx, min(wait, look)); err != nil {
				return err
			}
			continue
		}
		if err := k.takeTurn(ctx); err != nil {
			return err
		}
		err := k.Fetch(ctx)
		k.endTurn()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		k.tell(err)
	}
}

func (k *Keeper) takeTurn(ctx context.Context) error {
	if k.parts.Turns == nil {
		return nil
	}
	select {
	case k.parts.Turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (k *Keeper) endTurn() {
	if k.parts.Turns != nil {
		<-k.parts.Turns
	}
}

// due is when to ask again.
func (k *Keeper) due() time.Time {
	now := k.parts.Clock.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.pace.next(now, k.last, k.values)
}

// Fetch asks the source once, now, and keeps what it says. On an error everything stays as it was. A fault of the
// store is no error of the fetch: it is tried again with the next, see [State].
func (k *Keeper) Fetch(ctx context.Context) error {
	k.fetching.Lock()
	defer k.fetching.Unlock()
	now := k.parts.Clock.Now()
	k.mu.Lock()
	span := k.pace.span(now, k.values)
	k.mu.Unlock()

	limited, cancel := context.WithTimeout(ctx, fetchLimit)
	defer cancel()
	fresh, err := k.parts.Source.Fetch(limited, span)
	if ctx.Err() != nil {
		return context.Cause(ctx) // we were stopped; that says nothing about the source
	}
	if err == nil {
		err = fresh.Check(k.pace.about)
	}
	if err != nil {
		err = fmt.Errorf("source %s: %w", k.name, feeds.Brief(err))
	}
	fresh.Remarks = feeds.FewRemarks(fresh.Remarks)
	k.record(k.parts.Clock.Now(), fresh, err) // what takes long to fail is not asked again at once
	k.save()
	return err
}

// record takes what a fetch gave.
func (k *Keeper) record(now time.Time, fresh feeds.Values, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	failures := 0
	if err != nil && feeds.KindOf(err) == feeds.Temporary {
		failures = k.last.Failures + 1
	}
	k.last = past{At: now, Err: err, Failures: failures}
	if err == nil {
		k.good = now
		next := signed(fresh, k.name).Over(k.values).After(now.Add(-keepFor))
		if !next.IsSame(k.values) {
			k.isDirty = true
			k.revision++
		}
		k.values = next
	}
	// A source that wants rest, or asked for patience, gets it after a restart too.
	if k.pace.about.Rest > 0 || !feeds.NotBefore(err).Equal(k.saved.NotBefore) {
		k.isDirty = true
	}
}

// save writes what changed. It does not hold the lock while it writes: an SD card may take seconds.
func (k *Keeper) save() {
	k.mu.Lock()
	if !k.isDirty {
		k.mu.Unlock()
		return
	}
	state := kept{Version: keptVersion, Settings: k.parts.Settings, Asked: k.last.At, Good: k.good, NotBefore: feeds.NotBefore(k.last.Err)}
	values := k.values
	k.mu.Unlock()

	full := state
	full.put(values)
	blob, err := json.Marshal(full)
	if err == nil {
		err = k.parts.Store.Put(k.key(), blob)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.storeErr, k.isDirty = err, err != nil; err == nil {
		k.saved = state
	}
}
