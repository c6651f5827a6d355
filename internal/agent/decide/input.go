package decide

import (
	"errors"
	"time"

	"hearth/devices"
	"hearth/energy"
	"hearth/scheduler"
)

// ErrNoPrice says that no source, and no configured fallback, has a price for now. Nothing is driven by
// price until one has.
var ErrNoPrice = errors.New("no price for now")

// Signals is what the outside says, and what is expected of the house itself.
type Signals struct {
	ImportPrice energy.Series[energy.Price]
	ExportPrice energy.Series[energy.Price]
	Carbon      energy.Series[energy.GramsPerKWh]
	BaseLoad    energy.Series[energy.Watts] // of what is not a device's
	Solar       energy.Series[energy.Watts] // production: a magnitude
	Renewable   energy.Series[energy.Share] // of what the grid holds
	Recommended []energy.Interval           // when it is good to take energy, by somebody's word
	Peak        *Peak                       // nil: peaks cost nothing
	Orders      []Order                     // what grid operators ask
}

// Peak is a charge on the highest mean import.
type Peak struct {
	Price     energy.Money  `json:"price"`  // per kW above SoFar
	SoFar     energy.Watts  `json:"so_far"` // is paid for already
	Averaging time.Duration `json:"averaging"`
	Slots     []bool        `json:"slots"` // of the grid, those that count
}

// Input is everything a decision is made from, small enough to be stored with it. The slices over the grid
// of Signals have one value a slot; the prices end where the first one is missing.
type Input struct {
	Now         time.Time                      `json:"now"`
	Observed    map[string]devices.Observation `json:"observed"`
	Memory      Memory                         `json:"memory"`
	Grid        energy.Grid                    `json:"grid"`
	ImportPrice []energy.Price                 `json:"import_price"`
	ExportPrice []energy.Price                 `json:"export_price"`
	Carbon      []energy.GramsPerKWh           `json:"carbon"`
	BaseLoad    []energy.Watts                 `json:"base_load"`
	Solar       []energy.Watts                 `json:"solar"`
	Recommended []energy.Interval              `json:"recommended,omitempty"`
	Peak        *Peak                          `json:"peak,omitempty"`
	Orders      []Order                        `json:"orders,omitempty"`
	Before      []energy.Schedule              `json:"before,omitempty"` // what was planned until now, on one grid
}

// Schedules is what the next plan begins with; nil for no plan.
func (p *Plan) Schedules() []energy.Schedule {
	if p == nil {
		return nil
	}
	var out []energy.Schedule
	for _, d := range p.Devices {
		out = append(out, energy.Schedule{Device: d.ID, Grid: p.Problem.Grid, Power: d.Power})
	}
	return out
}

// warm is schedules of one grid as the solver takes them; nil for none.
func warm(schedules []energy.Schedule) *scheduler.Plan {
	if len(schedules) == 0 {
		return nil
	}
	p := &scheduler.Plan{Grid: schedules[0].Grid}
	for _, s := range schedules {
		p.Devices = append(p.Devices, scheduler.DevicePlan{ID: s.Device, Power: s.Power})
	}
	return p
}

// Grid is the slots of a plan made now: from the one that holds now to the horizon.
func (p *Planner) Grid(now time.Time) energy.Grid {
	return energy.NewGrid(now.UTC().Truncate(p.home.Slot), p.home.Slot, int(p.home.Horizon/p.home.Slot))
}

// Input lays the signals on the slots from the one that holds now to the horizon.
func (p *Planner) Input(now time.Time, s Signals, observed map[string]devices.Observation, m Memory) Input {
	grid := p.Grid(now)
	return Input{
		Now: now, Observed: observed, Memory: m, Grid: grid,
		ImportPrice: priced(s.ImportPrice, grid), ExportPrice: priced(s.ExportPrice, grid),
		Carbon:   filled(s.Carbon, grid, 0),
		BaseLoad: filled(s.BaseLoad, grid, p.home.BaseLoad),
		Solar:    filled(s.Solar, grid, 0), Recommended: s.Recommended, Peak: s.Peak,
		Orders: s.Orders,
	}
}

// priced is the series on the leading slots that it covers whole.
func priced[T energy.Number](s energy.Series[T], grid energy.Grid) []T {
	var out []T
	for i, point := range energy.Resample(s, grid).Points {
		if !point.Start.Equal(grid.Slot(i).Start) {
			break
		}
		out = append(out, point.Value)
	}
	return out
}

// filled is the series on every slot, none below zero, with the given value where it has none.
func filled[T energy.Number](s energy.Series[T], grid energy.Grid, otherwise T) []T {
	out := make([]T, grid.Count())
	for i := range out {
		out[i] = otherwise
	}
	for _, point := range energy.Resample(s, grid).Points {
		if i, ok := grid.Index(point.Start); ok {
			out[i] = max(0, point.Value)
		}
	}
	return out
}

// Plan is a solved problem. What it costs is in true prices, whatever operators ask.
type Plan struct {
	Made    time.Time
	Problem *scheduler.Problem
	Orders  []Order // that it follows
	*scheduler.Plan
}

// Slot is the index of the plan's slot that holds t; false when the plan is nil or over.
func (p *Plan) Slot(t time.Time) (int, bool) {
	if p == nil {
		return 0, false
	}
	return p.Problem.Grid.Index(t)
}

// Power is the planned power of a device, one value a slot; nil when it is not in the plan.
func (p *Plan) Power(device string) []energy.Watts {
	if p == nil {
		return nil
	}
	d, _ := p.Device(device)
	return d.Power
}

// Run is the part of the plan in which the device takes or gives power without a break, the first that
// ends after t; false when there is none.
func (p *Plan) Run(device string, t time.Time) (energy.Interval, bool) {
	power := p.Power(device)
	for i := 0; i < len(power); i++ {
		if power[i] == 0 {
			continue
		}
		run := p.Problem.Grid.Slot(i)
		for i++; i < len(power) && power[i] != 0; i++ {
			run.End = p.Problem.Grid.Slot(i).End
		}
		if run.End.After(t) {
			return run, true
		}
	}
	return energy.Interval{}, false
}
