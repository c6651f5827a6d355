package scheduler

import "hearth/energy"

// Device is one of [Shiftable], [Interruptible], [Vehicle], [Battery] and [Thermal], as a value.
type Device interface {
	// Name is the ID field: unique in the problem.
	Name() string
	// Kind is the word of the file format.
	Kind() string
}

// Shiftable runs its profile once, without a break, inside [Earliest, LatestEnd). One that is running is
// given as what remains of its profile, with Earliest 0 and LatestEnd the length of that. It begins with a slot,
// or in the step with which it ends at LatestEnd; its power in a slot is the mean of what of it falls there.
type Shiftable struct {
	ID        string
	Profile   []energy.Watts // one value a step, >= 0
	Earliest  int
	LatestEnd int
	Optional  bool         // may be left out
	Value     energy.Money // earned by running; only with Optional
}

// Interruptible takes Power in exactly RunSlots steps of [Earliest, LatestEnd) and nothing in the others. Where
// slots hold several steps, the window is one of whole slots, and so are the runs, but for the last slot of all:
// of that it takes the steps that are left, from the first one on, and its power there is the mean.
type Interruptible struct {
	ID        string
	Power     energy.Watts
	RunSlots  int // steps still to come
	Earliest  int // 0 when OnFor > 0
	LatestEnd int
	MinOn     int  // steps of a run, all inside the window; 0 means 1
	MinOff    int  // steps between two runs; 0 means 1
	MaxStarts *int // still allowed; nil: any number
	StartCost energy.Money
	OnFor     int // steps it has been on; at most one of OnFor and OffFor is positive
	OffFor    int // steps it has been off; with both 0 it has been off long enough
}

// Range is a legal band of charging power.
type Range struct {
	Min, Max energy.Watts
}

// Vehicle charges in one of its Ranges, or not at all, between Arrive and Depart; with DischargeMax it also
// gives back. Its stored energy stays within [EnergyMin, EnergyInitial+Room].
type Vehicle struct {
	ID                  string
	Arrive, Depart      int // steps with which slots begin or end
	Ranges              []Range
	ChargeEfficiency    float64          // in (0, 1]
	Required            energy.WattHours // to be stored on top of EnergyInitial when it departs
	Room                energy.WattHours // the most that may be stored on top of EnergyInitial
	EnergyInitial       energy.WattHours // in the car on arrival
	EnergyMin           energy.WattHours
	DischargeMax        energy.Watts // at the AC side; 0: never gives back
	DischargeEfficiency float64      // in (0, 1]; 0 means 1
	Wear                energy.Price // per AC kWh given back
	StartCost           energy.Money // of each time it begins to charge
	OnFor, OffFor       int          // steps it has been charging, or not; at most one is positive
}

// Battery charges or gives back, never both in a slot.
type Battery struct {
	ID                  string
	EnergyMin           energy.WattHours
	EnergyMax           energy.WattHours
	EnergyInitial       energy.WattHours
	ChargeMax           energy.Watts // at the AC side
	DischargeMax        energy.Watts // at the AC side
	ChargeEfficiency    float64      // in (0, 1]
	DischargeEfficiency float64      // in (0, 1]
	Wear                energy.Price // per AC kWh given back
	TerminalValue       energy.Price // of each kWh stored at the end of the grid
}

// Thermal is a store of heat with a heater: power is 0 or within [PowerMin, PowerMax], and
// energy becomes energy x (1-LossPerHour)^hours + hours x COP x power - Draw in each step. Power and Draw of a
// slot of several steps are spread evenly over these.
type Thermal struct {
	ID            string
	PowerMin      energy.Watts
	PowerMax      energy.Watts
	COP           []float64 // heat per electric energy, each slot
	EnergyMin     energy.WattHours
	EnergyMax     energy.WattHours
	EnergyInitial energy.WattHours
	LossPerHour   float64            // fraction, in [0, 1)
	Draw          []energy.WattHours // taken out in each slot
	MinOn         int                // steps of a run, which the end of the grid may cut; 0 means 1
	MinOff        int                // steps between two runs; 0 means 1
	MaxStarts     *int               // nil: any number
	StartCost     energy.Money
	TerminalValue energy.Price // of each kWh stored at the end of the grid
	OnFor, OffFor int          // steps it has been on, or off; at most one is positive
}

// Name is the ID.
func (d Shiftable) Name() string { return d.ID }

// Name is the ID.
func (d Interruptible) Name() string { return d.ID }

// Name is the ID.
func (d Vehicle) Name() string { return d.ID }

// Name is the ID.
func (d Battery) Name() string { return d.ID }

// Name is the ID.
func (d Thermal) Name() string { return d.ID }

// Kind is "shiftable".
func (Shiftable) Kind() string { return "shiftable" }

// Kind is "interruptible".
func (Interruptible) Kind() string { return "interruptible" }

// Kind is "vehicle".
func (Vehicle) Kind() string { return "vehicle" }

// Kind is "battery".
func (Battery) Kind() string { return "battery" }

// Kind is "thermal".
func (Thermal) Kind() string { return "thermal" }

// givesBack is the discharge efficiency with its default.
func (d Vehicle) givesBack() float64 {
	if d.DischargeEfficiency == 0 {
		return 1
	}
	return d.DischargeEfficiency
}
