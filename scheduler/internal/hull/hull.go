package hull

// Part is a device in a slot, and where the point to be cut off has it.
type Part struct {
	// Bands are what it may consume while it is on, kW, each [low, high] with 0 < high; low == high is a fixed
	// power, and a device that runs through a profile has several of those. Off means it consumes nothing.
	Bands [][2]float64
	// Back is the most it can give back instead of consuming, kW; 0: it cannot.
	Back float64
	// IsFree says that it may consume anything from 0 to the highest of its bands, without an on-indicator,
	// as a battery does. Its On coefficient is 0.
	IsFree bool

	// Power (kW), On (0 to 1) and Given (kW) are the point.
	Power, On, Given float64
}

// Slot is the connection to the grid in one slot; powers in kW.
type Slot struct {
	Need                     float64 // base load less solar, may be negative
	Curtailable              float64 // of the solar, >= 0
	ImportLimit, ExportLimit float64 // >= 0
	// A and B make the left side of cuts, A import - B export. A = 1 and B = 0 is the classical one; B > A and
	// negative values are legal too.
	A, B float64
}

// Cut says that left >= Constant + sum over parts (Power c + On u - Back g) for all that is legal.
type Cut struct {
	Power, On, Back []float64 // one for each part, in the order of the parts
	Constant        float64
	Violation       float64 // by how much left falls short at the point
}

// Constant is the greatest constant with which the cut's coefficients make a true statement; the cut's own
// Constant is not read. It is +Inf when no combination of powers is legal, and -Inf when there are more than
// a billion combinations of choices, or 64 bands, to look at.
func Constant(slot Slot, parts []Part, cut Cut, restLow, restHigh float64) float64 {
	var p pricer
	s := supplyOf(slot, restLow, restHigh)
	p.build(&s, parts)
	return p.cheapest(&terms{cut.Power, cut.On, cut.Back}, most)
}
