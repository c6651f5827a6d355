package scheduler

import (
	"math"
	"slices"
	"strings"
	"testing"

	"hearth/energy"
)

// branchedHome has every kind of thing a certificate speaks of.
func branchedHome() *Problem {
	p := small()
	p.Devices = append(p.Devices, Shiftable{ID: "dryer", Profile: Constant(500, 2), LatestEnd: 3, Optional: true})
	p.Circuits = []Circuit{{ID: "kitchen", Limit: 1200, Devices: []string{"dishwasher", "dryer"}}}
	p.Peak = Peak{Price: energy.MoneyOf(1), Averaging: 2}
	return p
}

// goodCertificate has two branches, one of them on a count, and everything in its leaves.
func goodCertificate() *Certificate {
	duals := func(counts ...float64) *Duals {
		return &Duals{
			Balance: []float64{0.3, 0.1, 0.4}, Peak: []float64{0.1, 0}, Circuits: [][]float64{{0, 0.1, 0}}, Counts: counts,
			Cuts: []SlotCut{{Slot: 1, Price: 0.1, Import: 1, Terms: []CutTerm{{0, 1, -1, 0}, {Device: 1, Back: 1}}}},
		}
	}
	return &Certificate{
		Nodes: []Node{
			{Branch: &Branch{Kind: BranchRun, Device: 2}, Children: [2]int{1, 2}},
			{Branch: &Branch{Kind: BranchCount, Device: 0, Slot: 3, Count: 1}, Children: [2]int{3, 4}},
			{Duals: duals()},
			{Duals: duals(0.1)},
			{Duals: duals(0.2)},
		},
		Bound: energy.MoneyOf(-100),
	}
}

func TestVerify_RefusesWhatIsNoCertificate(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	leaf := func(c *Certificate) *Duals { return c.Nodes[3].Duals }
	for want, spoil := range map[string]func(c *Certificate){
		"no nodes":                                                  func(c *Certificate) { c.Nodes = nil },
		"node 2: is a branch and a leaf":                            func(c *Certificate) { c.Nodes[2].Branch = c.Nodes[0].Branch },
		"node 4: is neither a branch nor a leaf":                    func(c *Certificate) { c.Nodes[4].Duals = nil },
		"node 1: child 0 is no later node":                          func(c *Certificate) { c.Nodes[1].Children[0] = 0 },
		"node 1: child 1 is no later node":                          func(c *Certificate) { c.Nodes[1].Children[1] = 1 },
		"node 1: child 5 is no later node":                          func(c *Certificate) { c.Nodes[1].Children[1] = 5 },
		"node 0: child -1 is no later node":                         func(c *Certificate) { c.Nodes[0].Children[0] = -1 },
		"node 1: child 2 is node 0's as well":                       func(c *Certificate) { c.Nodes[1].Children[0] = 2 },
		"node 0: child 1 is node 0's as well":                       func(c *Certificate) { c.Nodes[0].Children = [2]int{1, 1} },
		"node 3: is no node's child":                                func(c *Certificate) { c.Nodes[1] = c.Nodes[2] },
		`node 0: branch "or": is none`:                              func(c *Certificate) { c.Nodes[0].Branch.Kind = "or" },
		`node 0: branch "": is none`:                                func(c *Certificate) { c.Nodes[0].Branch.Kind = "" },
		`node 0: branch "run": there is no device 3`:                func(c *Certificate) { c.Nodes[0].Branch.Device = 3 },
		`node 0: branch "on": there is no device -1`:                func(c *Certificate) { *c.Nodes[0].Branch = Branch{Kind: BranchOn, Device: -1} },
		`node 0: branch "run": dishwasher is no optional shiftable`: func(c *Certificate) { c.Nodes[0].Branch.Device = 0 },
		`node 0: branch "run": battery is no optional shiftable`:    func(c *Certificate) { c.Nodes[0].Branch.Device = 1 },
		`node 0: branch "start": battery is no shiftable`:           func(c *Certificate) { *c.Nodes[0].Branch = Branch{Kind: BranchStart, Device: 1} },
		`node 0: branch "start": there is no slot 4`:                func(c *Certificate) { *c.Nodes[0].Branch = Branch{Kind: BranchStart, Slot: 4} },
		`node 0: branch "on": there is no slot 3`:                   func(c *Certificate) { *c.Nodes[0].Branch = Branch{Kind: BranchOn, Slot: 3} },
		`node 0: branch "flow": there is no slot 3`:                 func(c *Certificate) { *c.Nodes[0].Branch = Branch{Kind: BranchFlow, Slot: 3} },
		`node 0: branch "flow": there is no slot -1`:                func(c *Certificate) { *c.Nodes[0].Branch = Branch{Kind: BranchFlow, Slot: -1} },
		`node 0: branch "peak": a power of NaN`:                     func(c *Certificate) { *c.Nodes[0].Branch = Branch{Kind: BranchPeak, Power: energy.Watts(nan)} },
		`node 0: branch "peak": a power of +Inf`:                    func(c *Certificate) { *c.Nodes[0].Branch = Branch{Kind: BranchPeak, Power: energy.Watts(inf)} },
		`node 0: branch "peak": a power of -1`:                      func(c *Certificate) { *c.Nodes[0].Branch = Branch{Kind: BranchPeak, Power: -1} },
		`node 0: branch "level": a power of -1`:                     func(c *Certificate) { *c.Nodes[0].Branch = Branch{Kind: BranchLevel, Power: -1} },
		`node 0: branch "level": there is no slot 3`:                func(c *Certificate) { *c.Nodes[0].Branch = Branch{Kind: BranchLevel, Slot: 3} },
		`node 0: branch "level": there is no device 9`:              func(c *Certificate) { *c.Nodes[0].Branch = Branch{Kind: BranchLevel, Device: 9} },
		`node 0: branch "start": there is no slot -1`:               func(c *Certificate) { *c.Nodes[0].Branch = Branch{Kind: BranchStart, Slot: -1} },
		`node 1: branch "count": a count of -1`:                     func(c *Certificate) { c.Nodes[1].Branch.Count = -1 },
		`node 1: branch "count": there is no slot 4`:                func(c *Certificate) { c.Nodes[1].Branch.Slot = 4 },
		"node 3: balance: 2 prices, want 3":                         func(c *Certificate) { leaf(c).Balance = leaf(c).Balance[1:] },
		"node 3: balance: price 1 is NaN":                           func(c *Certificate) { leaf(c).Balance[1] = nan },
		"node 3: balance: price 2 is -Inf":                          func(c *Certificate) { leaf(c).Balance[2] = -inf },
		"node 3: balance: price 0 is 2e+09":                         func(c *Certificate) { leaf(c).Balance[0] = 2e9 },
		"node 3: peak: 3 prices, want 2":                            func(c *Certificate) { leaf(c).Peak = make([]float64, 3) },
		"node 3: peak: price 1 is -0.1":                             func(c *Certificate) { leaf(c).Peak[1] = -0.1 },
		"node 3: peak: price 1 is +Inf":                             func(c *Certificate) { leaf(c).Peak[1] = inf },
		"node 3: circuits: 2 rows of prices, want 1":                func(c *Certificate) { leaf(c).Circuits = make([][]float64, 2) },
		"node 3: circuit kitchen: 2 prices, want 3":                 func(c *Certificate) { leaf(c).Circuits[0] = make([]float64, 2) },
		"node 3: circuit kitchen: price 1 is -0.1":                  func(c *Certificate) { leaf(c).Circuits[0][1] = -0.1 },
		"node 3: counts: 2 prices, want 1":                          func(c *Certificate) { leaf(c).Counts = make([]float64, 2) },
		"node 3: counts: price 0 is -0.1":                           func(c *Certificate) { leaf(c).Counts[0] = -0.1 },
		"node 2: counts: 1 prices, want 0":                          func(c *Certificate) { c.Nodes[2].Duals.Counts = []float64{0.1} },
		"node 3: cut 0: there is no slot 3":                         func(c *Certificate) { leaf(c).Cuts[0].Slot = 3 },
		"node 3: cut 0: there is no device 3":                       func(c *Certificate) { leaf(c).Cuts[0].Terms[1].Device = 3 },
		"node 3: cut 0: dishwasher is there twice":                  func(c *Certificate) { leaf(c).Cuts[0].Terms[1].Device = 0 },
		"node 3: cut 0: price: price 0 is -0.1":                     func(c *Certificate) { leaf(c).Cuts[0].Price = -0.1 },
		"node 3: cut 0: price: price 0 is NaN":                      func(c *Certificate) { leaf(c).Cuts[0].Price = nan },
		"node 3: cut 0: a coefficient is NaN":                       func(c *Certificate) { leaf(c).Cuts[0].Export = nan },
		"node 3: cut 0: a coefficient is -Inf":                      func(c *Certificate) { leaf(c).Cuts[0].Terms[0].On = -inf },
		"node 3: cut 0: a coefficient is +Inf":                      func(c *Certificate) { leaf(c).Cuts[0].Terms[1].Back = inf },
	} {
		c := goodCertificate()
		spoil(c)
		bound, err := Verify(branchedHome(), c)
		if err == nil || err.Error() != "verify: "+want || bound != 0 {
			t.Errorf("%v and bound %v, want %q", err, bound, want)
		}
	}
	if _, err := Verify(branchedHome(), nil); err == nil {
		t.Error("nothing is a certificate")
	}
	c := goodCertificate()
	c.Nodes[0].Branch.Slot = 99 // which a run does not speak of
	if bound, err := Verify(branchedHome(), c); err != nil || bound == 0 {
		t.Errorf("a slot that is not asked for: %v, %v", bound, err)
	}
	if bound, err := Verify(branchedHome(), goodCertificate()); err != nil || bound == 0 {
		t.Errorf("a good one: %v, %v", bound, err)
	}
}

func TestVerify_CountsGoWithTheirBranches(t *testing.T) {
	p := small()
	p.ImportPrice = []energy.Price{2e11, 2e11, 9e11}
	p.Devices = []Device{Interruptible{ID: "pump", Power: 1000, RunSlots: 2, LatestEnd: 3}}
	path := []statement{
		{&Branch{Kind: BranchCount, Slot: 3, Count: 1}, true},  // two of three: free of charge
		{&Branch{Kind: BranchCount, Slot: 1, Count: 0}, false}, // not in the first: that is one too many
	}
	for _, c := range []struct{ first, second, want float64 }{{5, 0.05, 0.45}, {0.05, 5, 1.1}} {
		got, err := newVerifier(p).leaf(path, &Duals{Balance: []float64{0.2, 0.2, 0.9}, Counts: []float64{c.first, c.second}})
		if err != nil || math.Abs(got-0.65-c.want) > 1e-9 {
			t.Errorf("%+v: %v, %v", c, got-0.65, err)
		}
	}
	c := goodCertificate()
	c.Nodes[2] = Node{Branch: path[1].Branch, Children: [2]int{5, 6}}
	c.Nodes = append(c.Nodes, Node{Duals: c.Nodes[3].Duals}, Node{Duals: c.Nodes[4].Duals})
	c.Nodes[1].Branch = path[0].Branch
	c.Nodes[4] = Node{Branch: path[1].Branch, Children: [2]int{7, 8}}
	two := *c.Nodes[3].Duals
	two.Counts = []float64{1, 2}
	c.Nodes = append(c.Nodes, Node{Duals: &two}, Node{Duals: &two})
	nodes, err := treeOf(c.Nodes)
	if err != nil {
		t.Fatal(err)
	}
	if got := nodes.path(8); len(got) != 3 || got[0].Kind != BranchRun || got[1].Branch != path[0].Branch || got[2].Branch != path[1].Branch || !got[2].isSecond {
		t.Errorf("the way to the last leaf: %+v", got)
	}
	if !slices.Equal(nodes.counts, []int{0, 0, 0, 1, 1, 1, 1, 2, 2}) {
		t.Errorf("counts above the nodes: %v", nodes.counts)
	}
	if _, err := Verify(branchedHome(), c); err != nil {
		t.Error(err)
	}
}

func TestVerify_MissingRowsAreZeros(t *testing.T) {
	set := func(change func(d *Duals)) energy.Money {
		c := goodCertificate()
		for _, n := range c.Nodes {
			if n.Duals != nil {
				change(n.Duals)
			}
		}
		bound, err := Verify(branchedHome(), c)
		if err != nil {
			t.Fatal(err)
		}
		return bound
	}
	zeros := set(func(d *Duals) { d.Peak, d.Circuits = make([]float64, 2), [][]float64{make([]float64, 3)} })
	if row := set(func(d *Duals) { d.Peak, d.Circuits = nil, [][]float64{nil} }); row != zeros {
		t.Errorf("without a row %v, with zeros %v", row, zeros)
	}
	if none := set(func(d *Duals) { d.Peak, d.Circuits = nil, nil }); none != zeros {
		t.Errorf("without circuits %v, with zeros %v", none, zeros)
	}
}

func TestVerify_RefusesACutOfTooManyPatterns(t *testing.T) {
	p := small()
	p.Devices = nil
	c := &Certificate{Nodes: []Node{{Duals: &Duals{Balance: make([]float64, 3), Cuts: []SlotCut{{}}}}}}
	for i := range 21 {
		p.Devices = append(p.Devices, Interruptible{ID: string(rune('a' + i)), Power: 100, LatestEnd: 3})
		c.Nodes[0].Duals.Cuts[0].Terms = append(c.Nodes[0].Duals.Cuts[0].Terms, CutTerm{Device: i})
	}
	if _, err := Verify(p, c); err == nil || !strings.Contains(err.Error(), "more than 1048576 ways") {
		t.Errorf("%v", err)
	}
}

func TestVerify_RefusesAClaimBeyondTheProof(t *testing.T) {
	p, c := branchedHome(), goodCertificate()
	proven, err := Verify(p, c)
	if err != nil {
		t.Fatal(err)
	}
	for over, isFine := range map[float64]bool{-1: true, 0: true, 0.9e-6: true, 1.2e-6: false, 1: false} {
		c.Bound = proven + energy.MoneyOf(over)
		bound, err := Verify(p, c)
		if (err == nil) != isFine || bound != proven {
			t.Errorf("claims %v more: %v, %v", over, bound, err)
		}
	}
	c.Nodes[2].Duals.Balance = []float64{1e9, 1e9, 1e9}
	p.Devices = append(p.Devices, Vehicle{ID: "car", Depart: 3, Ranges: []Range{{0, 11000}}, ChargeEfficiency: 1})
	if _, err := Verify(p, c); err == nil || !strings.Contains(err.Error(), "proves no bound") {
		t.Errorf("prices beyond all money: %v", err)
	}
	p.Devices[1] = Battery{ID: "battery", EnergyMin: 1000, EnergyMax: 2000, ChargeMax: 900, ChargeEfficiency: 1, DischargeEfficiency: 1}
	if _, err := Verify(p, goodCertificate()); err == nil || err.Error() != "verify: nothing satisfies device battery" {
		t.Errorf("a battery that cannot keep its band: %v", err)
	}
	p = branchedHome()
	p.BaseLoad[1] = 20000
	if _, err := Verify(p, goodCertificate()); err == nil || err.Error() != "verify: node 2: nothing satisfies the limits of slot 1" {
		t.Errorf("base load beyond the limit: %v", err)
	}
	p.BaseLoad[1] = energy.Watts(math.NaN())
	if _, err := Verify(p, goodCertificate()); err == nil || !strings.Contains(err.Error(), "base_load_w[1]") {
		t.Errorf("a problem that is none: %v", err)
	}
}

func TestVerify_AnEmptyTreeProvesThatNothingSatisfies(t *testing.T) {
	p := branchedHome()
	branch := func(b Branch, second int) Node { return Node{Branch: &b, Children: [2]int{second - 1, second}} }
	leaf := Node{Duals: &Duals{Balance: make([]float64, 3)}}
	p.ImportLimit = Constant(2000, 3)
	c := &Certificate{Nodes: []Node{branch(Branch{Kind: BranchPeak, Power: 2500}, 2), leaf, leaf}, Bound: energy.MoneyOf(-1e3)}
	if _, err := Verify(p, c); err != nil {
		t.Errorf("a leaf that is not empty: %v", err)
	}
	p.Devices[0] = Shiftable{ID: "dishwasher", Profile: Constant(1000, 2), Earliest: 1, LatestEnd: 3}
	c = &Certificate{Nodes: []Node{
		branch(Branch{Kind: BranchStart, Slot: 1}, 2), leaf,
		branch(Branch{Kind: BranchStart, Slot: 2}, 4), leaf, leaf,
	}, Bound: energy.MoneyOf(-1e3)}
	bound, err := Verify(p, c) // only the leaf in the middle is left
	if err != nil {
		t.Fatal(err)
	}
	whole, err := Verify(p, &Certificate{Nodes: []Node{leaf}, Bound: energy.MoneyOf(-1e3)})
	if err != nil || whole != bound {
		t.Errorf("%v, %v, want %v", whole, err, bound)
	}
	p.Devices[0] = Shiftable{ID: "dishwasher", Profile: Constant(1000, 3), Earliest: 1, LatestEnd: 3}
	if _, err := Verify(p, c); err == nil || err.Error() != "verify: nothing satisfies device dishwasher" {
		t.Errorf("a window too short: %v", err)
	}
}
