package outbox

import "strings"

// told is what the log says last, so that it says each change once.
type told struct {
	err, store         bool
	withheld, declined string

	// What is to be told with the next look.
	dropped int
	refused []refusal
}

type refusal struct {
	event, report string
	err           error
}

// tell logs what has changed.
func (o *Outbox) tell() {
	o.mu.Lock()
	defer o.mu.Unlock()
	log := o.parts.Log.With("ven", o.cfg.Name)
	if isLost := o.state.Err != ""; isLost != o.told.err {
		if o.told.err = isLost; isLost {
			log.Warn("reports wait", "count", len(o.queue), "err", o.state.Err)
		} else {
			log.Info("reports are sent again")
		}
	}
	if isLost := o.storeErr != nil; isLost != o.told.store {
		if o.told.store = isLost; isLost {
			log.Error("reports not kept", "err", o.storeErr)
		} else {
			log.Info("reports kept again")
		}
	}
	if all := strings.Join(o.state.Withheld, ", "); all != o.told.withheld {
		if o.told.withheld = all; all != "" {
			log.Info("reports wanted that are not allowed: nothing is sent", "payload", all)
		}
	}
	if all := strings.Join(o.state.Declined, "; "); all != o.told.declined {
		if o.told.declined = all; all != "" {
			log.Warn("reports wanted that cannot be made", "reason", all)
		}
	}
	for _, r := range o.told.refused {
		log.Warn("report refused: it is dropped", "event", r.event, "report", r.report, "err", r.err)
	}
	if o.told.dropped > 0 {
		log.Warn("too many reports wait: the oldest are dropped", "count", o.told.dropped)
	}
	o.told.dropped, o.told.refused = 0, nil
}
