package scheduler

import (
	"time"

	"hearth/energy"
)

// Status says how good a plan is.
type Status string

// The statuses of a plan.
const (
	Optimal  Status = "optimal"  // its gap is within Options.Gap
	Feasible Status = "feasible" // nothing is violated
	Relaxed  Status = "relaxed"  // something cannot be met: see Violations
)

// Plan is a schedule for every device with its cost and a bound on the cost of any other.
type Plan struct {
	Evaluation

	Grid     energy.Grid
	Spans    []int // Problem.Spans
	Currency energy.Currency
	Status   Status
	// LowerBound is proven: no schedule that violates nothing costs less. It says nothing when Relaxed.
	LowerBound energy.Money
	// MarginalPrice is what one more kWh in each slot would cost, all else as planned: 0 where curtailing
	// less would give it, the export price while there is export, else the import price with carbon and peak.
	MarginalPrice []energy.Price
	// Certificate is the proof of LowerBound, for [Verify]; nil when there is none, or the plan is Relaxed, or passes by
	// the slips of [Evaluate] alone: then nothing satisfies the problem to the letter, and there is nothing to bound.
	Certificate *Certificate
	Stats       Stats

	prices *prices // for the next solve; nil: none
}

// Evaluation is what a schedule does and costs. Slices over slots, all >= 0 but those of Devices.
type Evaluation struct {
	Import, Export, Curtailed []energy.Watts
	Devices                   []DevicePlan // in the order of Problem.Devices
	Costs                     Costs
	Objective                 energy.Money // the sum of Costs; holds no penalties
	Violations                []Violation
}

// DevicePlan is the schedule of one device.
type DevicePlan struct {
	ID     string
	Power  []energy.Watts     // signed
	Energy []energy.WattHours // stored after each slot; nil for Shiftable and Interruptible
}

// Costs are the parts of the objective, each with its sign in it: Export, Terminal and Value are what is
// earned, and so normally negative.
type Costs struct {
	Import   energy.Money `json:"import"`
	Export   energy.Money `json:"export"`
	Carbon   energy.Money `json:"carbon"`
	Wear     energy.Money `json:"wear"`
	Starts   energy.Money `json:"starts"`
	Peak     energy.Money `json:"peak"`
	Terminal energy.Money `json:"terminal"`
	Value    energy.Money `json:"value"`
}

// Constraint names what a schedule may violate.
type Constraint string

// The constraints.
const (
	RequiredEnergy Constraint = "required_energy"
	EnergyMin      Constraint = "energy_min"
	EnergyMax      Constraint = "energy_max"
	Run            Constraint = "run"
	Window         Constraint = "window"
	MinOn          Constraint = "min_on"
	MinOff         Constraint = "min_off"
	MaxStarts      Constraint = "max_starts"
	PowerRange     Constraint = "range"
	ImportLimit    Constraint = "import_limit"
	ExportLimit    Constraint = "export_limit"
	CircuitLimit   Constraint = "circuit"
)

// Violation is one thing a schedule does not keep.
type Violation struct {
	Constraint Constraint `json:"constraint"`
	Device     *string    `json:"device"` // id of the device or circuit; nil: the grid
	Slot       *int       `json:"slot"`   // nil: the whole horizon
	Amount     float64    `json:"amount"` // > 0
	Unit       string     `json:"unit"`   // W, Wh, slots (where they hold several steps: steps) or starts
}

// Stats tells how a plan came about.
type Stats struct {
	SolveTime time.Duration
	FirstPlan time.Duration // until there was any plan
	Rounds    int           // of improving the plan
	Nodes     int           // of the proof: relaxations solved
}

// Sum is the objective.
func (c Costs) Sum() energy.Money {
	return c.Import + c.Export + c.Carbon + c.Wear + c.Starts + c.Peak + c.Terminal + c.Value
}

// Gap is the most that any plan could be cheaper; false when the plan is Relaxed.
func (p *Plan) Gap() (energy.Money, bool) {
	if p.Status == Relaxed {
		return 0, false
	}
	return p.Objective - p.LowerBound, true
}

// Device is the schedule of the device with this id.
func (p *Plan) Device(id string) (DevicePlan, bool) {
	for _, d := range p.Devices {
		if d.ID == id {
			return d, true
		}
	}
	return DevicePlan{}, false
}
