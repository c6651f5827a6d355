package scheduler

import (
	"hearth/energy"
	"hearth/scheduler/internal/bound"
	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/tree"
)

// certificate is the tree of a solve in the words of the problem; nil when there is none.
func certificate(nodes []*tree.Node, value energy.Money) *Certificate {
	if len(nodes) == 0 {
		return nil
	}
	c := &Certificate{Nodes: make([]Node, len(nodes)), Bound: value}
	for k, n := range nodes {
		if n.Branch == nil {
			c.Nodes[k].Duals = duals(n.Point, n.Decisions)
			continue
		}
		c.Nodes[k] = Node{Branch: branch(*n.Branch), Children: n.Children}
	}
	return c
}

var branchKinds = map[home.Kind]BranchKind{
	home.On: BranchOn, home.Start: BranchStart, home.Run: BranchRun, home.Count: BranchCount, home.Flow: BranchFlow, home.Peak: BranchPeak, home.Level: BranchLevel,
}

func branch(d home.Decision) *Branch {
	return &Branch{Kind: branchKinds[d.Kind], Device: d.Device, Slot: d.Slot, Count: d.Count, Power: energy.Watts(d.Power * kilo)}
}

// duals are the prices of a leaf. They may have been found for the part of all plans that a node above the
// leaf stands for: what was decided since has no price in them.
func duals(p *bound.Point, decisions []home.Decision) *Duals {
	out := &Duals{Balance: p.Lambda, Peak: p.Kappa, Circuits: p.Nu}
	for _, d := range decisions {
		if d.Kind == home.Count {
			out.Counts = append(out.Counts, 0)
		}
	}
	copy(out.Counts, p.Rho)
	for q, cut := range p.Cuts {
		s := SlotCut{Slot: cut.Slot, Price: p.Mu[q], Import: cut.Import, Export: cut.Export}
		for _, t := range cut.Terms {
			s.Terms = append(s.Terms, CutTerm{t.Device, t.Power, t.On, t.Back})
		}
		out.Cuts = append(out.Cuts, s)
	}
	return out
}
