package decide

import (
	"fmt"
	"time"

	"hearth/energy"
)

// Home is what does not change from cycle to cycle. It is stored with decisions, so that they can be run again.
type Home struct {
	Zone        string          `json:"zone"` // IANA name
	Currency    energy.Currency `json:"currency"`
	MaxImport   energy.Watts    `json:"max_import"`
	MaxExport   energy.Watts    `json:"max_export"`
	BaseLoad    energy.Watts    `json:"base_load"`    // where no forecast knows better
	CarbonPrice energy.Money    `json:"carbon_price"` // per tonne
	Slot        time.Duration   `json:"slot"`
	Horizon     time.Duration   `json:"horizon"`
	MayExport   bool            `json:"may_export"` // something in it gives energy back; otherwise no export price is needed
	Devices     []Device        `json:"devices"`
}

// Device is what one device is for. Of the last four fields at most one is set; with none it is a meter.
type Device struct {
	Name   string        `json:"name"`
	MaxAge time.Duration `json:"max_age"` // older readings are not used
	MinOff time.Duration `json:"min_off"` // rest between two runs
	Daily  Window        `json:"daily"`   // of an appliance or a load
	// IsGreen says that an appliance or a load runs when that is recommended, where there is enough time for it.
	IsGreen bool `json:"is_green,omitempty"`

	Battery   *Battery `json:"battery,omitempty"`
	Vehicle   *Vehicle `json:"vehicle,omitempty"`
	Appliance *Program `json:"appliance,omitempty"`
	Load      *Run     `json:"load,omitempty"`
}

// Window is a part of every day in minutes since local midnight. Before may be smaller than After: it is
// then the next day's.
type Window struct {
	After  int `json:"after"`
	Before int `json:"before"`
}

// Battery is what a house battery cannot say of itself. Powers are magnitudes, Efficiency holds each way.
type Battery struct {
	Capacity     energy.WattHours `json:"capacity"`
	Min          energy.SoC       `json:"min"`
	Max          energy.SoC       `json:"max"`
	MaxCharge    energy.Watts     `json:"max_charge"`
	MaxDischarge energy.Watts     `json:"max_discharge"`
	Efficiency   float64          `json:"efficiency"`
	Wear         energy.Price     `json:"wear"` // per kWh given back
}

// Vehicle is what a car needs from the plug by a minute of the day, each time it is plugged in.
type Vehicle struct {
	Need       energy.WattHours `json:"need"`
	Ready      int              `json:"ready"` // minutes since local midnight
	MaxCharge  energy.Watts     `json:"max_charge"`
	MinCharge  energy.Watts     `json:"min_charge"`
	Efficiency float64          `json:"efficiency"`
}

// Program is what an appliance's program takes, step by step.
type Program struct {
	Step  time.Duration  `json:"step"`
	Power []energy.Watts `json:"power"`
}

// Run is how long a load is on each day.
type Run struct {
	Power   energy.Watts  `json:"power"`
	For     time.Duration `json:"for"`
	AtLeast time.Duration `json:"at_least"` // shortest run
}

// Length is how long the program takes.
func (p Program) Length() time.Duration { return p.Step * time.Duration(len(p.Power)) }

// Planner decides for one home. It holds no state: everything that changes is in the [Input].
type Planner struct {
	home Home
	zone *time.Location
}

// New checks the time zone; everything else was checked with the configuration.
func New(home Home) (*Planner, error) {
	zone, err := time.LoadLocation(home.Zone)
	if err != nil {
		return nil, fmt.Errorf("home: %w", err)
	}
	return &Planner{home, zone}, nil
}

// Home is what the planner was made for.
func (p *Planner) Home() Home { return p.home }

// at is the instant of a minute of the local day that holds t. A minute the clock jumps over is the jump
// itself, so that a later minute is never an earlier instant; time.Date lands on either side of it.
func (p *Planner) at(minute int, t time.Time) time.Time {
	y, m, d := t.In(p.zone).Date()
	at := time.Date(y, m, d, 0, minute, 0, 0, p.zone)
	from, to := at.ZoneBounds()
	switch asked := time.Date(y, m, d, 0, minute, 0, 0, time.UTC); wall(at).Compare(asked) {
	case -1:
		return to.In(p.zone)
	case +1:
		return from.In(p.zone)
	}
	return at
}

// wall is what a clock on the wall shows, as if it were UTC.
func wall(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// window is the instance of a daily window that holds t, or the next one.
//
//	after 19:30, before 07:00:  at 23:00 -> today 19:30..tomorrow 07:00, at 12:00 -> the same, at 03:00 -> yesterday's
func (p *Planner) window(w Window, t time.Time) energy.Interval {
	for day := -1; ; day++ {
		from := p.at(w.After+day*24*60, t)
		to := p.at(w.Before+day*24*60, t)
		if w.Before <= w.After {
			to = p.at(w.Before+(day+1)*24*60, t)
		}
		if i := (energy.Interval{Start: from, End: to}); t.Before(to) && !i.IsEmpty() {
			return i
		}
	}
}
