package ven

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// trouble is what is wrong now, in one line; empty when nothing is.
func (v *VEN) trouble() string {
	switch {
	case v.pollErr != nil:
		return v.pollErr.Error()
	case v.storeErr != nil:
		return "keep signals: " + v.storeErr.Error()
	case len(v.missing) > 0:
		return "program " + strings.Join(v.missing, ", ")
	}
	return ""
}

// told is what the log says last, so that it says each change once.
type told struct {
	state    string
	store    bool            // that signals cannot be kept
	missing  string          // programs
	rejected map[string]bool // by event and reason
}

const (
	stateGood    = ""
	stateLost    = "lost"
	stateNothing = "nothing"
)

// tell logs what changed with the poll that ended with err.
func (v *VEN) tell(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	log := v.parts.Log.With("ven", v.cfg.Name)
	state := stateGood
	switch {
	case errors.Is(err, ErrNothing):
		state = stateNothing
	case err != nil:
		state = stateLost
	}
	if state != v.told.state {
		v.told.state = state
		switch state {
		case stateGood:
			log.Info("vtn back")
		case stateNothing:
			log.Warn("vtn returned nothing", "err", err)
		case stateLost:
			log.Warn("vtn lost", "err", err)
		}
	}
	if isLost := v.storeErr != nil; isLost != v.told.store {
		if v.told.store = isLost; isLost {
			log.Error("signals not kept", "err", v.storeErr)
		} else {
			log.Info("signals kept again")
		}
	}
	if missing := strings.Join(v.missing, ", "); missing != v.told.missing {
		if v.told.missing = missing; missing != "" {
			log.Warn("program missing", "program", missing)
		} else {
			log.Info("programs complete again")
		}
	}
	if err == nil {
		v.tellRejected(log)
	}
}

// maxTold bounds what one poll may write to the log.
const maxTold = 20

// tellRejected logs, once each, what the newest events hold that cannot be used.
func (v *VEN) tellRejected(log *slog.Logger) {
	now, lines := map[string]bool{}, 0
	for _, r := range v.signals(v.parts.Clock.Now()).Rejected {
		key := fmt.Sprint(r.EventID, r.Payload, r.Reason)
		if isTold := now[key] || v.told.rejected[key]; !isTold {
			if lines++; lines <= maxTold {
				log.Warn("event rejected", "event", r.EventID, "interval", r.Interval, "payload", r.Payload, "reason", r.Reason)
			}
		}
		now[key] = true
	}
	if lines > maxTold {
		log.Warn("more events rejected", "count", lines-maxTold)
	}
	v.told.rejected = now
}
