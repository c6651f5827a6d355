package enrol

import (
	"errors"

	"hearth/openadr"
)

// told is what the log says last, so that it says each change once.
type told struct {
	state state
	store bool // that the place cannot be kept
}

type state int

const (
	unsaid state = iota
	stateGood
	stateClosed
	stateLost
)

// tell logs what a look has changed, and how it ended if that is new.
func (k *Keeper) tell(changes []Change, err error) {
	log := k.parts.Log.With("ven", k.cfg.Name)
	for _, c := range changes {
		log.Info("told the vtn", "change", c.String())
	}
	now := stateGood
	switch {
	case errors.Is(err, ErrNotOffered):
		now = stateClosed
	case errors.Is(err, openadr.ErrNotAsked):
		now = k.told.state // that the VTN is lost is said by the poll
	case err != nil:
		now = stateLost
	}
	if now != k.told.state {
		k.told.state = now
		place, _ := k.Place()
		switch now {
		case stateGood:
			log.Info("enrolled", "name", place.VENName, "resources", len(place.Resources))
			if place.VENName != k.cfg.Wish.Name {
				log.Warn("enrolled under another name", "name", place.VENName, "wanted", k.cfg.Wish.Name)
			}
		case stateClosed:
			log.Info("vtn takes no registration", "err", err)
		case stateLost:
			log.Warn("not enrolled", "err", err)
		}
	}
	k.mu.Lock()
	storeErr := k.storeErr
	k.mu.Unlock()
	if isLost := storeErr != nil; isLost != k.told.store {
		if k.told.store = isLost; isLost {
			log.Error("place not kept", "err", storeErr)
		} else {
			log.Info("place kept again")
		}
	}
}
