package answer

import (
	"slices"
	"sync/atomic"
	"time"

	"hearth/api"
	"hearth/devices"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/config"
	"hearth/openadr/report"
	"hearth/storage"
)

// Past is what was measured, by channel; [*storage.Store] is one.
type Past interface {
	Readings(channel string, within energy.Interval, yield func(t time.Time, v float64) bool) error
	Rollups(channel string, within energy.Interval, yield func(storage.Rollup) bool) error
}

// Now is how a cycle found the home. It is not changed after.
type Now struct {
	At       time.Time
	Observed map[string]devices.Observation
	Plan     *decide.Plan // nil: none
}

// Order is what an operator has ordered in a time, and what became of it.
type Order struct {
	IsKnown     bool // otherwise it is too long ago to say
	Level       *int // the highest of SIMPLE; nil: none was told
	IsCurtailed bool // a limit, a level or a setpoint of theirs held
	IsOptedOut  bool // the people of the home do not take part
}

// Meter knows what can be told.
type Meter struct {
	cfg     *config.Config
	past    Past
	counted func(from, to time.Time) (api.Energy, error) // by the house connection
	now     atomic.Pointer[Now]
}

// New is a meter that knows nothing of the present yet.
func New(cfg *config.Config, past Past, counted func(from, to time.Time) (api.Energy, error)) *Meter {
	return &Meter{cfg: cfg, past: past, counted: counted}
}

// Note keeps how a cycle found the home.
func (m *Meter) Note(n Now) { m.now.Store(&n) }

// For answers the questions of one operator, whose order is asked for each time.
func (m *Meter) For(order func(within energy.Interval) Order) report.Meter {
	return report.MeterFunc(func(q report.Question) report.Answer {
		i := slices.IndexFunc(m.cfg.Devices, func(d config.Device) bool { return d.Name == q.Resource })
		if i < 0 {
			return report.None()
		}
		now := m.now.Load()
		if now == nil {
			now = &Now{}
		}
		return question{q, m.cfg.Devices[i], m, now}.answer(order)
	})
}

// question is one question about one device.
type question struct {
	report.Question
	device config.Device
	*Meter
	now *Now
}

// Payloads are the payload types that a home can tell (report-payloads).
func Payloads() []string {
	return []string{
		"USAGE", "DEMAND", "READING", "BASELINE", "USAGE_FORECAST", "OPERATING_STATE", "SIMPLE_LEVEL", "LOAD_SHED_DELTA_AVAILABLE",
		"STORAGE_CHARGE_LEVEL", "STORAGE_USABLE_CAPACITY", "STORAGE_MAX_CHARGE_POWER", "STORAGE_MAX_DISCHARGE_POWER", "STORAGE_DISPATCH_FORECAST",
	}
}

// answer knows the payload types.
func (q question) answer(order func(energy.Interval) Order) report.Answer {
	b := q.device.Battery
	switch q.Payload {
	case "USAGE", "DEMAND":
		return q.flow()
	case "READING":
		return q.reading()
	case "BASELINE":
		return q.baseline()
	case "USAGE_FORECAST":
		return q.planned()
	case "LOAD_SHED_DELTA_AVAILABLE":
		return q.sheddable()
	case "OPERATING_STATE":
		return q.state(order(q.elapsed()))
	case "SIMPLE_LEVEL":
		return q.level(order(q.elapsed()))
	}
	if b == nil {
		return report.None()
	}
	switch q.Payload {
	case "STORAGE_CHARGE_LEVEL":
		return q.charge()
	case "STORAGE_DISPATCH_FORECAST":
		return q.planned()
	case "STORAGE_USABLE_CAPACITY":
		return report.EnergyOf(energy.WattHours(float64(b.Capacity)*float64(b.Max-b.Min)), report.OK)
	case "STORAGE_MAX_CHARGE_POWER":
		return report.PowerOf(b.MaxCharge, report.OK)
	case "STORAGE_MAX_DISCHARGE_POWER":
		return report.PowerOf(b.MaxDischarge, report.OK)
	}
	return report.None()
}

// Channels of the store, as the ledger names them.
func (q question) channel(what string) string { return q.device.Name + "." + what }
