package enrol

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// lookLimit is for a whole look, by the wall: the client bounds requests, not their number.
const lookLimit = 5 * time.Minute

// Config says where to enrol, and as what.
type Config struct {
	Name string // of the VTN in the configuration: for the log, and for the key in the store
	Wish Wish
}

// Parts is what a keeper works with.
type Parts struct {
	Client Client
	Store  Store
	Clock  Clock
	Pace   Pace // hours after a good look; used by Run only, as the clock is
	Log    *slog.Logger
}

// Store keeps bytes over a restart. Put is called only when something changed.
type Store interface {
	Get(key string) (value []byte, isFound bool, err error)
	Put(key string, value []byte) error
}

// Clock waits.
type Clock interface {
	Sleep(ctx context.Context, d time.Duration) error
}

// Pace says how long to wait after a look that ended with err; nil for a good one, and for one that found nothing
// offered. An error may ask for patience: errors.As finds RetryAfter() time.Duration in it.
type Pace interface {
	Next(err error) time.Duration
}

// Keeper keeps a home enrolled at one VTN. Its methods are safe for concurrent use.
type Keeper struct {
	cfg   Config
	parts Parts

	looking sync.Mutex // held during a look, so that two never create the same

	// mu guards what follows. Only a look and Restore write; a look may read without the lock.
	mu        sync.Mutex
	place     Place
	err       error
	storeErr  error
	isUnsaved bool

	told told // touched by Run only
}

// New builds a keeper that knows no place yet.
func New(cfg Config, parts Parts) *Keeper { return &Keeper{cfg: cfg, parts: parts} }

// Place is what the VTN knows us as, by the last look that could tell; false before there was one. It is a copy.
func (k *Keeper) Place() (Place, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.place.clone(), k.place.VENID != ""
}

// Err is why the last look did not find or make all as it should be; nil too before the first.
func (k *Keeper) Err() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return errors.Join(k.err, k.storeErr)
}

// kept is what the store holds.
type kept struct {
	Version int   `json:"version"`
	Place   Place `json:"place"`
}

const keptVersion = 1

func (k *Keeper) key() string { return "openadr/" + k.cfg.Name + "/place" }

// Restore brings back the last place. Call it once, before anything else. With an error the keeper is usable all
// the same, and knows no place.
func (k *Keeper) Restore() error {
	blob, isFound, err := k.parts.Store.Get(k.key())
	if err != nil {
		return fmt.Errorf("restore place at %s: %w", k.cfg.Name, err)
	}
	if !isFound {
		return nil
	}
	var o kept
	if err := json.Unmarshal(blob, &o); err != nil {
		return fmt.Errorf("restore place at %s: %w", k.cfg.Name, err)
	}
	if o.Version != keptVersion {
		return fmt.Errorf("restore place at %s: version %d, want %d", k.cfg.Name, o.Version, keptVersion)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.place = o.Place
	return nil
}

// Run looks at once and then at the pace given, until ctx ends; then it returns the cause. It logs what it changed
// at the VTN, and when it stops to succeed and when it does again.
func (k *Keeper) Run(ctx context.Context) error {
	for {
		changes, err := k.Look(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		k.tell(changes, err)
		if errors.Is(err, ErrNotOffered) {
			err = nil // nothing will change within minutes
		}
		if err := k.parts.Clock.Sleep(ctx, k.parts.Pace.Next(err)); err != nil {
			return err
		}
	}
}

// Look enrols now: see [Enrol]. What was known before stays until a look has found something else.
func (k *Keeper) Look(ctx context.Context) ([]Change, error) {
	k.looking.Lock()
	defer k.looking.Unlock()
	limited, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	place, changes, err := Enrol(limited, k.parts.Client, k.cfg.Wish, k.place)
	k.adopt(place, err)
	if k.isUnsaved {
		k.save()
	}
	return changes, err
}

func (k *Keeper) adopt(place Place, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.err = err
	if place.VENID != "" && !place.isSame(k.place) {
		k.place, k.isUnsaved = place, true
	}
}

// save writes the place; without the lock while it writes, for an SD card may take seconds.
func (k *Keeper) save() {
	blob, err := json.Marshal(kept{keptVersion, k.place})
	if err == nil {
		err = k.parts.Store.Put(k.key(), blob)
	}
	if err != nil {
		err = fmt.Errorf("keep place at %s: %w", k.cfg.Name, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.storeErr, k.isUnsaved = err, err != nil
}
