package agent

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"time"

	"hearth/devices"
	"hearth/devices/guard"
	"hearth/internal/agent/decide"
	"hearth/internal/agent/protect"
)

// Names in the store.
const (
	inputJournal = "inputs"    // of plans: decide.Input as gzipped JSON
	wantJournal  = "decisions" // Decision as JSON
	memoryKey    = "memory"
	dayKey       = "day"
	guardKey     = "guard/" // and the device's name
	homeJournal  = "homes"  // what the inputs after it were planned for: decide.Home, one for each start
)

// Decision is one change of what a device is told, with all it was decided on but the plan, which is made
// again from the input of PlanMade.
type Decision struct {
	At       time.Time                      `json:"at"`
	Want     decide.Want                    `json:"want"`
	Guard    guard.Decision                 `json:"guard"`
	Lowered  *protect.Lowered               `json:"lowered,omitempty"` // asked for instead of the want
	PlanMade time.Time                      `json:"plan_made,omitzero"`
	Observed map[string]devices.Observation `json:"observed"`
	Memory   decide.Memory                  `json:"memory"`
}

// recall brings back what an earlier run has left in the store.
func (a *Agent) recall() error {
	now := a.clock.Now()
	a.sanity.floor = a.options.ClockFloor
	recallOne(a, lastSeenKey, &a.sanity.lastSeen)
	recallOne(a, memoryKey, &a.memory)
	recallOne(a, dayKey, &a.ledger.Day)
	if err := a.ledger.Load(now); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// recallOne reads one value; one that is not there or not readable, be it in part, stays as it is.
func recallOne[T any](a *Agent, key string, into *T) {
	text, ok, err := a.store.Get(key)
	if err == nil && ok {
		var v T
		if err = json.Unmarshal(text, &v); err == nil {
			*into = v
		}
	}
	if err != nil {
		a.log.Warn("stored state is not readable: beginning without it", "key", key, "err", err)
	}
}

// record keeps each decision that changed something, and what the guards remember.
func (a *Agent) record(in decide.Input, results map[string]result) {
	for _, r := range results {
		if r.Sent != nil || r.isNew {
			a.keep(guardKey+r.Device, a.guards[r.Device].State())
		}
		if !r.isNew {
			continue
		}
		d := Decision{At: in.Now, Want: r.Want, Guard: r.Decision, Lowered: r.lowered, Observed: in.Observed, Memory: in.Memory}
		if a.plan != nil {
			d.PlanMade = a.plan.Made
		}
		a.append(wantJournal, in.Now, d)
	}
	if quarter := in.Now.Truncate(quarter); !quarter.Equal(a.kept) {
		a.kept = quarter
		a.remember(in.Now)
	}
}

// remember keeps what the next start begins with.
func (a *Agent) remember(now time.Time) {
	if a.sanity.judge(now) == nil { // a wrong clock must not become the one to go by
		a.keep(lastSeenKey, now)
	}
	a.keep(memoryKey, a.memory)
	a.keep(dayKey, a.ledger.Day)
	for name, g := range a.guards {
		a.keep(guardKey+name, g.State())
	}
}

// keepInput keeps what a plan was made from.
func (a *Agent) keepInput(in decide.Input) {
	a.append(inputJournal, in.Now, in)
}

func (a *Agent) keep(key string, v any) {
	text, err := json.Marshal(v)
	if err == nil {
		err = a.store.Put(key, text)
	}
	a.edges.Warn("keep/"+key, err != nil, "state is not kept", "key", key, "err", err)
}

func (a *Agent) append(journal string, at time.Time, v any) {
	record, err := pack(v)
	if err == nil {
		err = a.store.Append(journal, at, record)
	}
	a.edges.Warn("append/"+journal, err != nil, "records are not kept", "journal", journal, "err", err)
}

// pack is a record as the journals hold it: gzipped JSON.
func pack(v any) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
