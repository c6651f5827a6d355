package agent

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"time"

	"hearth/devices"
	"hearth/devices/guard"
	"hearth/energy"
	"hearth/internal/agent/decide"
)

// Names in the store.
const (
	baseChannel  = "base.power" // what is not a device's
	inputJournal = "inputs"     // of plans: decide.Input as gzipped JSON
	wantJournal  = "decisions"  // Decision as JSON
	memoryKey    = "memory"
	dayKey       = "day"
	guardKey     = "guard/" // and the device's name
	homeJournal  = "homes"  // what the inputs after it were planned for: decide.Home, one for each start
)

func powerChannel(device string) string { return device + ".power" }

// Decision is one change of what a device is told, with all it was decided on but the plan, which is made
// again from the input of PlanMade.
type Decision struct {
	At       time.Time                      `json:"at"`
	Want     decide.Want                    `json:"want"`
	Guard    guard.Decision                 `json:"guard"`
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
	recallOne(a, dayKey, &a.day)
	channels := []string{baseChannel}
	for _, d := range a.cfg.Devices {
		channels = append(channels, powerChannel(d.Name))
	}
	for _, name := range channels {
		if err := a.history.load(a.store, name, now); err != nil {
			return fmt.Errorf("store: %w", err)
		}
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

// note writes down what was measured, and derives the load that is no device's.
func (a *Agent) note(now time.Time, observed map[string]devices.Observation) {
	row := map[string]float64{}
	rest, isWhole := energy.Watts(0), a.grid != ""
	for _, d := range a.cfg.Devices {
		o := observed[d.Name]
		power, ok := o.Power.Fresh(now, d.Oldest())
		switch {
		case ok && d.Name == a.grid:
			rest += power
		case ok:
			rest -= power
		case a.metered[d.Name]:
			isWhole = false
		}
		if ok {
			row[powerChannel(d.Name)] = float64(power)
			a.history.add(powerChannel(d.Name), now, power)
		}
		if soc, ok := o.SoC.Fresh(now, d.Oldest()); ok {
			row[d.Name+".soc"] = float64(soc)
		}
		for name, counted := range map[string]energy.Reading[energy.WattHours]{".imported": o.Imported, ".exported": o.Exported} {
			if e, ok := counted.Fresh(now, d.Oldest()); ok {
				row[d.Name+name] = float64(e)
			}
		}
	}
	if isWhole {
		row[baseChannel] = float64(rest)
		a.history.add(baseChannel, now, rest)
	}
	if len(row) > 0 {
		a.store.Record(now, row)
	}
}

// Channels of what energy costs, once in each quarter hour.
const (
	importPriceChannel = "price.import"
	exportPriceChannel = "price.export"
	carbonChannel      = "carbon"
)

// notePrices writes down once in a quarter hour what a kWh costs, earns and emits, as far as somebody has said so.
func (a *Agent) notePrices(now time.Time, s decide.Signals) {
	quarter := now.Truncate(quarter)
	if a.pricesNoted.Equal(quarter) || a.sanity.judge(now) != nil {
		return
	}
	a.pricesNoted = quarter
	row := map[string]float64{}
	for name, prices := range map[string]energy.Series[energy.Price]{importPriceChannel: s.ImportPrice, exportPriceChannel: s.ExportPrice} {
		if p, ok := pointAt(prices, now); ok && !isAssumed(p.Origin) {
			row[name] = p.Value.Float()
		}
	}
	if p, ok := pointAt(s.Carbon, now); ok && !isAssumed(p.Origin) {
		row[carbonChannel] = float64(p.Value)
	}
	if len(row) > 0 {
		a.store.Record(now, row)
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
		d := Decision{At: in.Now, Want: r.Want, Guard: r.Decision, Observed: in.Observed, Memory: in.Memory}
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
	a.keep(dayKey, a.day)
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
	a.edge.warn(a.log, "keep/"+key, err != nil, "state is not kept", "key", key, "err", err)
}

func (a *Agent) append(journal string, at time.Time, v any) {
	record, err := pack(v)
	if err == nil {
		err = a.store.Append(journal, at, record)
	}
	a.edge.warn(a.log, "append/"+journal, err != nil, "records are not kept", "journal", journal, "err", err)
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
