package scheduler

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// statement is one of the two of a branch.
type statement struct {
	*Branch
	isSecond bool
}

// proofTree is a certificate's nodes with the way up: for each node but the root its parent's statement that it
// stands for, and the parent; -1 is none.
type proofTree struct {
	says   []statement
	parent []int
	counts []int // of the branches on counts above each node
}

// treeOf fails unless the nodes are a tree: every child comes after its parent, so there are no rings, and
// every node but the first is the child of one, so that none is missing and none is used twice.
func treeOf(nodes []Node) (*proofTree, error) {
	if len(nodes) == 0 {
		return nil, errors.New("no nodes")
	}
	t := &proofTree{make([]statement, len(nodes)), slices.Repeat([]int{-1}, len(nodes)), make([]int, len(nodes))}
	for i, n := range nodes {
		switch {
		case n.Branch != nil && n.Duals != nil:
			return nil, fmt.Errorf("node %d: is a branch and a leaf", i)
		case n.Branch == nil && n.Duals == nil:
			return nil, fmt.Errorf("node %d: is neither a branch nor a leaf", i)
		case n.Branch == nil:
			continue
		}
		for side, child := range n.Children {
			switch {
			case child <= i || child >= len(nodes):
				return nil, fmt.Errorf("node %d: child %d is no later node", i, child)
			case t.parent[child] >= 0:
				return nil, fmt.Errorf("node %d: child %d is node %d's as well", i, child, t.parent[child])
			}
			t.says[child], t.parent[child], t.counts[child] = statement{n.Branch, side == 1}, i, t.counts[i]
			if n.Branch.Kind == BranchCount {
				t.counts[child]++
			}
		}
	}
	if i := slices.Index(t.parent[1:], -1); i >= 0 {
		return nil, fmt.Errorf("node %d: is no node's child", i+1)
	}
	return t, nil
}

// path is what holds in a node, the root's statement first.
func (t *proofTree) path(i int) (out []statement) {
	for ; t.parent[i] >= 0; i = t.parent[i] {
		out = append(out, t.says[i])
	}
	slices.Reverse(out)
	return out
}

// checkBranch fails unless every plan keeps one of the branch's statements.
func (v *verifier) checkBranch(b *Branch) error {
	var device Device
	switch b.Kind {
	case BranchOn, BranchCount, BranchStart, BranchRun, BranchLevel:
		if b.Device < 0 || b.Device >= len(v.problem.Devices) {
			return fmt.Errorf("branch %q: there is no device %d", b.Kind, b.Device)
		}
		device = v.problem.Devices[b.Device]
	}
	first, last := 0, v.slots-1
	switch b.Kind {
	case BranchCount: // of what is before the slot
		last = v.slots
	case BranchStart: // of what is before the step
		last = v.problem.Grid.Count()
	case BranchRun, BranchPeak: // these of no slot
		first, last = b.Slot, b.Slot
	}
	if b.Slot < first || b.Slot > last {
		return fmt.Errorf("branch %q: there is no slot %d", b.Kind, b.Slot)
	}
	shiftable, isShiftable := device.(Shiftable)
	switch b.Kind {
	case BranchOn, BranchFlow:
	case BranchStart:
		if !isShiftable {
			return fmt.Errorf("branch %q: %s is no shiftable", b.Kind, device.Name())
		}
	case BranchRun:
		if !isShiftable || !shiftable.Optional {
			return fmt.Errorf("branch %q: %s is no optional shiftable", b.Kind, device.Name())
		}
	case BranchCount:
		if b.Count < 0 {
			return fmt.Errorf("branch %q: a count of %d", b.Kind, b.Count)
		}
	case BranchPeak, BranchLevel:
		if !(b.Power >= 0 && b.Power <= greatest) {
			return fmt.Errorf("branch %q: a power of %v", b.Kind, float64(b.Power))
		}
	default:
		return fmt.Errorf("branch %q: is none", b.Kind)
	}
	return nil
}

// checkDuals fails when a price is missing, is too much, or has a sign it must not have. None at all is
// fine where prices are 0.
func (v *verifier) checkDuals(d *Duals, counts int) error {
	if err := checkPrices("balance", d.Balance, v.slots, -greatest); err != nil {
		return err
	}
	if len(d.Peak) > 0 {
		if err := checkPrices("peak", d.Peak, len(v.blocks), 0); err != nil {
			return err
		}
	}
	if len(d.Circuits) > 0 && len(d.Circuits) != len(v.problem.Circuits) {
		return fmt.Errorf("circuits: %d rows of prices, want %d", len(d.Circuits), len(v.problem.Circuits))
	}
	for k, row := range d.Circuits {
		if row != nil {
			if err := checkPrices("circuit "+v.problem.Circuits[k].ID, row, v.slots, 0); err != nil {
				return err
			}
		}
	}
	if err := checkPrices("counts", d.Counts, counts, 0); err != nil {
		return err
	}
	for k, q := range d.Cuts {
		if err := v.checkCut(q); err != nil {
			return fmt.Errorf("cut %d: %w", k, err)
		}
	}
	return nil
}

// checkPrices wants n prices, from the least to the greatest number believed, which keeps all sums finite.
func checkPrices(of string, prices []float64, n int, least float64) error {
	if len(prices) != n {
		return fmt.Errorf("%s: %d prices, want %d", of, len(prices), n)
	}
	for i, x := range prices {
		if !(x >= least && x <= greatest) {
			return fmt.Errorf("%s: price %d is %v", of, i, x)
		}
	}
	return nil
}

// checkCut fails unless the cut's constant can be worked out.
func (v *verifier) checkCut(q SlotCut) error {
	if q.Slot < 0 || q.Slot >= v.slots {
		return fmt.Errorf("there is no slot %d", q.Slot)
	}
	if err := checkPrices("price", []float64{q.Price}, 1, 0); err != nil {
		return err
	}
	seen := make([]bool, len(v.problem.Devices))
	patterns := 1
	for _, term := range q.Terms {
		if term.Device < 0 || term.Device >= len(seen) {
			return fmt.Errorf("there is no device %d", term.Device)
		}
		d := v.problem.Devices[term.Device]
		if seen[term.Device] {
			return fmt.Errorf("%s is there twice", d.Name())
		}
		seen[term.Device] = true
		if patterns *= len(v.choices(term, q.Slot)); patterns > maxPatterns {
			return fmt.Errorf("its devices have more than %d ways to be on or off", maxPatterns)
		}
	}
	for _, x := range q.coefficients() {
		if !(math.Abs(x) <= greatest) {
			return fmt.Errorf("a coefficient is %v", x)
		}
	}
	return nil
}
