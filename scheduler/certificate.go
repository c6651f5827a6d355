package scheduler

import "hearth/energy"

// Certificate proves a lower bound on the cost of every plan that violates nothing. It is a tree: a branch
// says two statements of which every plan keeps at least one, a leaf gives prices for what devices share.
// At such prices each device can be looked at alone, and the least that all of them can cost is a bound for
// the plans of that leaf, whatever the prices are; see [Verify]. Better prices only make a better bound.
type Certificate struct {
	Nodes []Node // Nodes[0] is the root
	// Bound is what the tree is said to prove: the least of its leaves.
	Bound energy.Money
}

// Node is a branch or a leaf.
type Node struct {
	Branch *Branch // nil: a leaf
	// Children are the indexes of the nodes for the branch's two statements; both are greater than the
	// node's own index, and each node but the root is the child of one.
	Children [2]int
	// Duals are a leaf's prices. A leaf that no device could keep is bounded by them as well: by infinity.
	Duals *Duals
}

// Branch is two statements about plans, of which every plan keeps one.
type Branch struct {
	Kind   BranchKind
	Device int          // index in Problem.Devices; not of BranchFlow and BranchPeak
	Slot   int          // not of BranchRun and BranchPeak; of BranchStart a step; where it is an end, up to their number
	Count  int          // of BranchCount, >= 0
	Power  energy.Watts // of BranchLevel and BranchPeak, >= 0
}

// BranchKind says what a Branch is about.
type BranchKind string

// The kinds of branches, each with its first and its second statement.
const (
	BranchOn    BranchKind = "on"    // Device is off in Slot (its power is at most 0); it is on
	BranchStart BranchKind = "start" // a Shiftable begins before step Slot, or is left out; it begins in that step or later
	BranchRun   BranchKind = "run"   // an optional Shiftable is left out; it runs
	BranchCount BranchKind = "count" // Device is on in at most Count of the slots before Slot; in more
	BranchFlow  BranchKind = "flow"  // nothing is imported in Slot; nothing is exported
	BranchLevel BranchKind = "level" // Device's power in Slot is at most Power, which is not negative; at least
	BranchPeak  BranchKind = "peak"  // the peak (the highest counted block's mean import) is at most Power; at least
)

// Duals are prices for what devices share. None of them has to be right: a bound holds for any. The greatest
// that is believed is 1e9.
type Duals struct {
	// Balance is money per kWh of net need, for each slot, of any sign.
	Balance []float64
	// Peak is money per kW of mean import, for each block that counts, >= 0; nil is zeros.
	Peak []float64
	// Circuits is money per kWh through a circuit, >= 0, for each circuit and slot; a nil row is zeros, as is
	// nil for all rows.
	Circuits [][]float64
	// Counts is money per on-slot beyond (or short of) what a BranchCount allows, >= 0, for each of those
	// between the root and the leaf, the root's first.
	Counts []float64
	// Cuts are inequalities that hold in a slot whatever the devices do there, with their prices.
	Cuts []SlotCut
}

// SlotCut says that in a slot
//
//	Import x import - Export x export >= Constant + sum over Terms (Power x consumption + On x isOn - Back x given back)
//
// with powers in kW and isOn 1 when the device's power is above 0, else 0. The greatest Constant for which
// that is true of every combination of legal powers that keeps the limits of the connection follows from the
// rest: [Verify] works it out for itself. A device with a term rests, consumes within one of its ranges or
// gives back, as its windows let it in that slot; one without may have any power from its least to its
// greatest there. A Shiftable with more than four powers in a slot of several steps may have any from the least
// to the greatest, and so may an Interruptible that uses such a slot in part. What a leaf's branches say does not count: a cut holds in all of them.
type SlotCut struct {
	Slot           int
	Price          float64 // money per kW, >= 0
	Import, Export float64
	Terms          []CutTerm
}

// CutTerm is the part of a device in a SlotCut, which has one for it at most. Together the devices of a cut
// may have about a million ways to be on or off: that is what Verify tries.
type CutTerm struct {
	Device          int
	Power, On, Back float64
}
