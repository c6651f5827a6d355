package keep

import (
	"fmt"
	"time"

	"hearth/feeds"
)

// State is how a source fares.
type State struct {
	Name      string
	Asked     time.Time // last; zero: never
	Good      time.Time // the last fetch that was; zero: none
	Next      time.Time // when it will be asked again; not after now: at once
	Err       error     // of the last fetch; nil: it was good
	ErrKind   feeds.FailureKind
	Failures  int // in a row
	StoreErr  error
	Coverage  []feeds.Coverage
	Remarks   []string
	Published feeds.Publication
}

// State is how the source fares now.
func (k *Keeper) State() State {
	values, next := k.Values(), k.due()
	k.mu.Lock()
	defer k.mu.Unlock()
	s := State{
		Name: k.name, Asked: k.last.At, Good: k.good, Next: next, Err: k.last.Err, Failures: k.last.Failures,
		StoreErr: k.storeErr, Coverage: values.Coverage(), Remarks: values.Remarks, Published: k.pace.about.Publishes,
	}
	if s.Err != nil {
		s.ErrKind = feeds.KindOf(s.Err)
	}
	return s
}

// tell logs what changed with the fetch that ended with err. What is not out yet is no trouble.
func (k *Keeper) tell(err error) {
	k.mu.Lock()
	storeErr := k.storeErr
	k.mu.Unlock()
	log := k.parts.Log.With("source", k.name)
	trouble := ""
	switch {
	case err != nil && feeds.KindOf(err) != feeds.NotYet:
		trouble = string(feeds.KindOf(err))
	case storeErr != nil:
		trouble = "store"
	}
	if trouble == k.trouble {
		return
	}
	switch k.trouble = trouble; trouble {
	case "":
		log.Info("source back")
	case "store":
		log.Error("values not kept", "err", fmt.Errorf("source %s: %w", k.name, storeErr))
	case string(feeds.Misconfigured):
		log.Error("source refuses", "err", err)
	default:
		log.Warn("source lost", "err", err)
	}
}
