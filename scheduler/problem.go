package scheduler

import (
	"slices"

	"hearth/energy"
)

// The largest problem that is read or solved. A week of 5-minute slots with 20 devices needs 2016 slots and
// 40,320 cells; the limits keep a mistaken file from taking a gateway's memory.
const (
	MaxSlots   = 100_000
	MaxDevices = 1_000
	MaxCells   = 400_000  // slots times devices
	MaxBytes   = 32 << 20 // of a problem file
)

// Problem is what there is to plan. Every slice over slots has Slots() values.
type Problem struct {
	// Grid has steps of 1 to 60 whole minutes, the last one as long as the others.
	Grid energy.Grid
	// Spans is how many steps of Grid each slot holds, at most a day; nil: one each, so that slots are steps.
	// Prices, forecasts, limits and powers go by slots. What devices count their time in goes by steps: windows,
	// profiles, run and hold times, and Peak.Averaging.
	Spans    []int
	Currency energy.Currency

	ImportPrice []energy.Price // may be negative, and below ExportPrice
	ExportPrice []energy.Price // earned when positive

	Carbon      []energy.GramsPerKWh // of imported energy; nil: not known, counts as zero
	CarbonPrice energy.Money         // per tonne: the weight of carbon in the objective

	Solar            []energy.Watts // forecast, >= 0
	SolarCurtailable bool
	BaseLoad         []energy.Watts // what cannot be moved

	ImportLimit []energy.Watts // >= 0
	ExportLimit []energy.Watts // >= 0

	Peak     Peak
	Circuits []Circuit
	Devices  []Device // with distinct ids
}

// Peak is a price on the highest mean import of a block of slots. The zero value costs nothing.
type Peak struct {
	Price     energy.Money // per kW above SoFar
	SoFar     energy.Watts // already paid for
	Averaging int          // steps of a block, counted from step 0; 0 means 1; the last block may be shorter
	Slots     []bool       // a block counts when all its slots are true; nil: all count. No slot is in two blocks but a slot of whole ones
}

// Circuit limits the sum of what its devices consume; what they give back does not count.
type Circuit struct {
	ID      string
	Limit   energy.Watts
	Devices []string
}

// Constant is a limit that holds in each of n slots.
func Constant(limit energy.Watts, n int) []energy.Watts {
	return slices.Repeat([]energy.Watts{limit}, n)
}

// block is the number of steps a peak is averaged over.
func (p Peak) block() int { return max(p.Averaging, 1) }

// counts says that the block [from, to) takes part in the peak.
func (p Peak) counts(from, to int) bool {
	return p.Slots == nil || !slices.Contains(p.Slots[from:to], false)
}
