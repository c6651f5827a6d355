package scheduler

import (
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// madePlan is an enumerated plan that violates nothing, not even by what Evaluate forgives.
type madePlan struct {
	*Evaluation
	power [][]energy.Watts
}

// madePlans are plans of all kinds, of discrete devices all of them or a sample.
func madePlans(p *Problem) (out []madePlan) {
	choices := make([][][]energy.Watts, len(p.Devices))
	count := 1
	for i, d := range p.Devices {
		choices[i] = schedules(p, d)
		count *= len(choices[i])
	}
	for i := range p.Devices {
		for count > maxPlans && len(choices[i]) > 8 {
			count /= len(choices[i])
			choices[i] = everyOther(choices[i])
			count *= len(choices[i])
		}
	}
	power := make([][]energy.Watts, len(p.Devices))
	var choose func(i int)
	choose = func(i int) {
		if i < len(power) {
			for _, row := range choices[i] {
				power[i] = row
				choose(i + 1)
			}
			return
		}
		if e := evaluate(p, power); len(e.Violations) == 0 && isStrict(p, e) {
			out = append(out, madePlan{e, slices.Clone(power)})
		}
	}
	choose(0)
	return out
}

// keeps says that a plan keeps a statement, told from the statement's words alone.
func (m madePlan) keeps(p *Problem, s statement) bool {
	isFirst := false
	switch s.Kind {
	case BranchOn:
		isFirst = m.power[s.Device][s.Slot] <= 0
	case BranchStart:
		start, runs := p.find(p.Devices[s.Device].(Shiftable), m.power[s.Device])
		isFirst = !runs || start < s.Slot
	case BranchRun:
		_, runs := p.find(p.Devices[s.Device].(Shiftable), m.power[s.Device])
		isFirst = !runs
	case BranchCount:
		on := 0
		for _, w := range m.power[s.Device][:s.Slot] {
			if w > 0 {
				on++
			}
		}
		isFirst = on <= s.Count
	case BranchLevel:
		if m.power[s.Device][s.Slot] == s.Power {
			return true
		}
		isFirst = m.power[s.Device][s.Slot] < s.Power
	case BranchFlow:
		if m.Import[s.Slot] == 0 && m.Export[s.Slot] == 0 {
			return true
		}
		isFirst = m.Import[s.Slot] == 0
	case BranchPeak:
		peak := (&account{Evaluation: m.Evaluation, problem: p}).peak()
		if peak == float64(s.Power) {
			return true
		}
		isFirst = peak < float64(s.Power)
	}
	return isFirst != s.isSecond
}

// keepsAll says that a plan belongs to a node.
func (m madePlan) keepsAll(p *Problem, path []statement) bool {
	return !slices.ContainsFunc(path, func(s statement) bool { return !m.keeps(p, s) })
}

// drawBranch is any branch that the problem allows.
func drawBranch(t *rapid.T, p *Problem) *Branch {
	n := p.Slots()
	device := rapid.IntRange(0, len(p.Devices)-1).Draw(t, "branch's device")
	kinds := []BranchKind{BranchOn, BranchCount, BranchLevel, BranchFlow, BranchPeak}
	if d, ok := p.Devices[device].(Shiftable); ok {
		kinds = append(kinds, BranchStart)
		if d.Optional {
			kinds = append(kinds, BranchRun)
		}
	}
	b := &Branch{Kind: rapid.SampledFrom(kinds).Draw(t, "branch"), Device: device, Slot: rapid.IntRange(0, n-1).Draw(t, "branch's slot")}
	switch b.Kind {
	case BranchStart:
		b.Slot = rapid.IntRange(0, p.Grid.Count()).Draw(t, "before step")
	case BranchCount:
		b.Slot, b.Count = rapid.IntRange(0, n).Draw(t, "before"), rapid.IntRange(0, n).Draw(t, "count")
	case BranchPeak, BranchLevel:
		b.Power = energy.Watts(rapid.IntRange(0, 8).Draw(t, "power at") * watt)
	}
	return b
}

// drawDuals are prices about those of the grid, or any.
func drawDuals(t *rapid.T, p *Problem, counts int) *Duals {
	d := &Duals{}
	price := func(label string) float64 { // often 0
		return max(float64(rapid.IntRange(-8, 12).Draw(t, label))/32, 0)
	}
	for i := range p.ImportPrice {
		buy, sell := p.ImportPrice[i].Float(), p.ExportPrice[i].Float()
		any := float64(rapid.IntRange(-10, 40).Draw(t, "any price")) / 64
		d.Balance = append(d.Balance, rapid.SampledFrom([]float64{buy, sell, (buy + sell) / 2, any}).Draw(t, "balance"))
	}
	for range p.blocks() {
		d.Peak = append(d.Peak, price("peak's price"))
	}
	for range p.Circuits {
		row := make([]float64, len(p.ImportPrice))
		for i := range row {
			row[i] = price("circuit's price")
		}
		d.Circuits = append(d.Circuits, row)
	}
	for range counts {
		d.Counts = append(d.Counts, price("count's price"))
	}
	for range rapid.IntRange(0, 2).Draw(t, "cuts") {
		d.Cuts = append(d.Cuts, drawCut(t, p))
	}
	return d
}

// drawCertificate is a tree of up to eight leaves.
func drawCertificate(t *rapid.T, p *Problem) *Certificate {
	c := &Certificate{Bound: math.MinInt64}
	var grow func(depth, counts int) int
	grow = func(depth, counts int) int {
		i := len(c.Nodes)
		c.Nodes = append(c.Nodes, Node{})
		if depth == 0 || rapid.IntRange(0, 3).Draw(t, "leaf") == 0 {
			c.Nodes[i].Duals = drawDuals(t, p, counts)
			return i
		}
		b := drawBranch(t, p)
		if b.Kind == BranchCount {
			counts++
		}
		c.Nodes[i].Branch = b
		first := grow(depth-1, counts)
		second := grow(depth-1, counts)
		c.Nodes[i].Children = [2]int{first, second}
		return i
	}
	grow(3, 0)
	return c
}

// noPlanIsBelow is the law of the bound: of any certificate for any problem, be it a good one or not.
func noPlanIsBelow(t *rapid.T) {
	p := drawProblem(t, rapid.IntRange(1, 4).Draw(t, "slots"))
	p.Peak = drawPeak(t)
	drawStep(t, p)
	lengthen(t, p)
	if rapid.IntRange(0, 3).Draw(t, "wild") == 0 {
		makeWild(t, p)
	}
	c := drawCertificate(t, p)
	plans := madePlans(p)
	bound, err := Verify(p, c)
	if err != nil {
		if len(plans) > 0 {
			t.Fatalf("%v, but there are plans", err)
		}
		return
	}
	nodes, err := treeOf(c.Nodes)
	if err != nil {
		t.Fatal(err)
	}
	leaves := make([]float64, len(c.Nodes))
	for i, n := range c.Nodes {
		if n.Duals == nil {
			continue
		}
		if leaves[i], err = newVerifier(p).leaf(nodes.path(i), n.Duals); err != nil {
			t.Fatal(err)
		}
		wantCuts(t, p, n.Duals.Cuts, plans)
	}
	for _, m := range plans {
		cost, isIn := m.Objective.Float(), false
		slip := 1e-6 + 1e-12*math.Abs(cost)
		if bound.Float() > cost+slip {
			t.Fatalf("bound %v, but a plan at %v: %v", bound, cost, m.power)
		}
		for i, n := range c.Nodes {
			if n.Duals == nil || !m.keepsAll(p, nodes.path(i)) {
				continue
			}
			isIn = true
			if leaves[i] > cost+slip {
				t.Fatalf("leaf %d: bound %v, but a plan at %v: %v", i, leaves[i], cost, m.power)
			}
		}
		if !isIn {
			t.Fatalf("in no leaf: %v", m.power)
		}
	}
}

func drawPeak(t *rapid.T) Peak {
	if rapid.Bool().Draw(t, "without a peak") {
		return Peak{}
	}
	return Peak{
		Price: energy.MoneyOf(0.5), SoFar: energy.Watts(rapid.IntRange(0, 4).Draw(t, "so far") * watt),
		Averaging: rapid.IntRange(1, 3).Draw(t, "averaging"),
	}
}

func TestVerify_NoPlanIsBelowTheBoundOfItsLeaf(t *testing.T) { rapid.Check(t, noPlanIsBelow) }

// FuzzVerify is the same law for as long as one likes.
func FuzzVerify(f *testing.F) { f.Fuzz(rapid.MakeFuzz(noPlanIsBelow)) }

// wantCuts fails when a plan does not keep a cut with the constant that Verify works out.
func wantCuts(t *rapid.T, p *Problem, cuts []SlotCut, plans []madePlan) {
	for _, q := range cuts {
		constant := newVerifier(p).constant(q)
		for _, m := range plans {
			left := q.Import*float64(m.Import[q.Slot])/1000 - q.Export*float64(m.Export[q.Slot])/1000
			right := constant
			for _, term := range q.Terms {
				switch w := float64(m.power[term.Device][q.Slot]) / 1000; {
				case w > 0:
					right += term.Power*w + term.On
				case w < 0:
					right += term.Back * w
				}
			}
			if left < right-1e-9*max(1, math.Abs(left)) {
				t.Fatalf("cut %+v, constant %v: %v >= %v is not kept by %v", q, constant, left, right, m.power)
			}
		}
	}
}

// Prices that are looked for find faults which drawn ones miss: they are moved, one at a time, as long as
// that raises the bound of a leaf.
func TestVerify_NoPlanIsBelowTheHighestBound(t *testing.T) {
	near, all := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, rapid.IntRange(1, 3).Draw(t, "slots"))
		p.Peak = drawPeak(t)
		drawStep(t, p)
		lengthen(t, p)
		c := drawCertificate(t, p)
		nodes, err := treeOf(c.Nodes)
		if err != nil {
			t.Fatal(err)
		}
		last := len(c.Nodes) - 1 // a leaf, as are the last children
		path, d := nodes.path(last), c.Nodes[last].Duals
		best := math.Inf(1)
		for _, m := range madePlans(p) {
			if m.keepsAll(p, path) {
				best = min(best, m.Objective.Float())
			}
		}
		v := newVerifier(p)
		bound := func() float64 {
			x, err := v.leaf(path, d)
			if err != nil && !math.IsInf(best, 1) {
				t.Fatal(err)
			}
			return x
		}
		prices := d.all()
		for i := range d.Balance {
			d.Balance[i] = p.ImportPrice[i].Float()
		}
		top := bound()
		for range 200 {
			k := rapid.IntRange(0, len(prices)-1).Draw(t, "which price")
			before := *prices[k]
			*prices[k] += float64(rapid.IntRange(-10, 10).Draw(t, "by")) / 100
			if k >= len(d.Balance) {
				*prices[k] = max(*prices[k], 0)
			}
			if x := bound(); x >= top {
				top = x
			} else {
				*prices[k] = before
			}
		}
		if top > best+1e-6 {
			t.Fatalf("bound %v, but a plan at %v, at %+v", top, best, d)
		}
		if !math.IsInf(best, 1) {
			if all++; top > best-0.05 {
				near++
			}
		}
	})
	if near < all/4 { // about half is usual
		t.Errorf("the bound came near to a plan %d times of %d: the law says little", near, all)
	}
}

// all are the prices, those of the balance first.
func (d *Duals) all() (out []*float64) {
	for _, row := range append([][]float64{d.Balance, d.Peak, d.Counts}, d.Circuits...) {
		for i := range row {
			out = append(out, &row[i])
		}
	}
	for q := range d.Cuts {
		out = append(out, &d.Cuts[q].Price)
	}
	return out
}

// Where import and export cost the same and nothing else is shared, that price leaves nothing to prove: the
// bound of every leaf is the cost of its best plan, and that is made of each device's best schedule.
func TestVerify_TheRightPriceProvesTheBestPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "slots")
		p := drawProblem(t, n)
		p.ExportPrice, p.Carbon, p.SolarCurtailable, p.Peak, p.Circuits = p.ImportPrice, nil, false, Peak{}, nil
		p.ImportLimit, p.ExportLimit, p.Devices = Constant(50000, n), Constant(50000, n), nil
		kinds := []string{"shiftable", "interruptible", "thermal", "vehicle", "battery"}
		if rapid.Bool().Draw(t, "half hours") {
			drawStep(t, p)
			kinds = kinds[:2] // the others' grid is made for hours
		}
		for i, kind := range rapid.SliceOfN(rapid.SampledFrom(kinds), 1, 2).Draw(t, "kinds") {
			p.Devices = append(p.Devices, withID(drawGridDevice(t, kind, n), kind+strconv.Itoa(i)))
		}
		c := drawCertificate(t, p)
		for _, node := range c.Nodes {
			if node.Branch != nil && !slices.Contains([]BranchKind{BranchOn, BranchLevel, BranchStart, BranchRun}, node.Branch.Kind) {
				*node.Branch = Branch{Kind: BranchOn, Slot: rapid.IntRange(0, n-1).Draw(t, "on in")}
			}
			if d := node.Duals; d != nil {
				d.Peak, d.Counts, d.Cuts = nil, nil, nil
				for i := range d.Balance {
					d.Balance[i] = p.ImportPrice[i].Float()
				}
			}
		}
		nodes, err := treeOf(c.Nodes)
		if err != nil {
			t.Fatal(err)
		}
		least := math.Inf(1)
		for i, node := range c.Nodes {
			if node.Duals == nil {
				continue
			}
			best := bestApart(p, nodes.path(i))
			bound, err := newVerifier(p).leaf(nodes.path(i), node.Duals)
			if err != nil || !isNear(bound, best) && math.Abs(bound-best) > 1e-6 {
				t.Fatalf("leaf %d: bound %v, %v, best plan %v of %+v", i, bound, err, best, p.Devices)
			}
			least = min(least, best)
		}
		if bound, err := Verify(p, c); err == nil && math.Abs(bound.Float()-least) > 1e-6 || (err != nil) != math.IsInf(least, 1) {
			t.Fatalf("bound %v, %v, best plan %v", bound, err, least)
		}
	})
}

// drawStep makes the slots shorter than the hour of the generator.
func drawStep(t *rapid.T, p *Problem) {
	step := p.Grid.Step / rapid.SampledFrom([]time.Duration{1, 2, 4}).Draw(t, "part of an hour")
	p.Grid = energy.NewGrid(p.Grid.Start, step, p.Grid.Count())
}

// bestApart is the cost of the best plan that keeps the statements, where every kWh costs the import price
// whoever takes it, so that devices may choose alone.
func bestApart(p *Problem, path []statement) float64 {
	sum, h := 0.0, p.Grid.Step.Hours()
	pays := func(row []energy.Watts) (sum float64) {
		for t, w := range row {
			sum += h * p.ImportPrice[t].Float() * float64(w) / 1000
		}
		return sum
	}
	for i, d := range p.Devices {
		least := math.Inf(1)
		rows, cost := legalRows(problemIn(p, d))
		for k, row := range rows {
			m := madePlan{power: make([][]energy.Watts, len(p.Devices))}
			m.power[i] = row
			if !slices.ContainsFunc(path, func(s statement) bool { return s.Device == i && !m.keepsNearly(p, path, s) }) {
				least = min(least, cost[k]+pays(row))
			}
		}
		sum += least
	}
	return sum + pays(p.BaseLoad) - pays(p.Solar)
}

// keepsNearly is keeps, but for a battery that may as well do nothing where it has to charge: it then charges
// next to nothing, unless it must not.
func (m madePlan) keepsNearly(p *Problem, path []statement, s statement) bool {
	if m.keeps(p, s) {
		return true
	}
	_, isBattery := p.Devices[s.Device].(Battery)
	isOff := slices.ContainsFunc(path, func(o statement) bool {
		return (o.Kind == BranchOn || o.Kind == BranchLevel && o.Power == 0) && o.Device == s.Device && o.Slot == s.Slot && !o.isSecond
	})
	return isBattery && s.Kind == BranchOn && m.power[s.Device][s.Slot] == 0 && !isOff
}

func withID(d Device, id string) Device {
	switch d := d.(type) {
	case Shiftable:
		d.ID = id
		return d
	case Interruptible:
		d.ID = id
		return d
	case Vehicle:
		d.ID = id
		return d
	case Battery:
		d.ID = id
		return d
	case Thermal:
		d.ID = id
		return d
	}
	return d
}

// A home without devices has one plan. The prices of what it does prove its cost: what is bought costs the
// import price, with carbon and with the peak where that is set; what is sold or curtailed earns what it does.
func TestVerify_TheRightPricesProveTheOnlyPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 7).Draw(t, "slots")
		p := drawProblem(t, n)
		drawStep(t, p)
		p.Devices, p.Circuits, p.ImportLimit, p.ExportLimit = nil, nil, Constant(20000, n), Constant(1000, n)
		p.SolarCurtailable = true
		p.Peak = Peak{Price: energy.MoneyOf(0.5), SoFar: energy.Watts(rapid.IntRange(0, 4).Draw(t, "so far") * watt), Averaging: rapid.IntRange(1, 3).Draw(t, "averaging")}
		for i := range n {
			p.ImportPrice[i], p.ExportPrice[i] = max(p.ImportPrice[i], 0)+energy.PriceOf(0.15), max(p.ExportPrice[i], 0)
		}
		e := evaluate(p, nil)
		d := &Duals{Balance: make([]float64, n)}
		a := account{Evaluation: e, problem: p}
		peak := a.peak()
		for from, to := range p.blocks() {
			kappa := 0.0
			if p.mean(e.Import, from, to) == peak && peak > float64(p.Peak.SoFar) && !slices.Contains(d.Peak, 0.5) {
				kappa = 0.5
			}
			d.Peak = append(d.Peak, kappa)
			for t := from; t < to; t++ {
				switch {
				case e.Curtailed[t] > 0:
				case e.Export[t] > 0 || e.Import[t] == 0 && p.BaseLoad[t] < p.Solar[t]:
					d.Balance[t] = p.ExportPrice[t].Float()
				case e.Import[t] > 0:
					d.Balance[t] = p.ImportPrice[t].Float() + a.carbonPrice(t) + kappa/float64(to-from)/p.Grid.Step.Hours()
				default:
					d.Balance[t] = p.ExportPrice[t].Float()
				}
			}
		}
		c := &Certificate{Nodes: []Node{{Duals: d}}, Bound: e.Objective}
		if bound, err := Verify(p, c); err != nil || math.Abs((bound-e.Objective).Float()) > 1e-6 {
			t.Fatalf("bound %v, %v, cost %v", bound, err, e.Objective)
		}
		at := energy.Watts(rapid.IntRange(0, 12).Draw(t, "peak at") * watt)
		c.Nodes = []Node{{Branch: &Branch{Kind: BranchPeak, Power: at}, Children: [2]int{1, 2}}, {Duals: d}, {Duals: d}}
		if bound, err := Verify(p, c); err != nil || math.Abs((bound-e.Objective).Float()) > 1e-6 {
			t.Fatalf("with a branch at %v: bound %v, %v, cost %v", at, bound, err, e.Objective)
		}
	})
}

// midway are the prices between buying and selling, all import price where there is no sun: not the best.
func midway(p *Problem) *Certificate {
	d := &Duals{Balance: make([]float64, p.Grid.Count())}
	for t := range d.Balance {
		d.Balance[t] = p.ImportPrice[t].Float()
		if p.Solar[t] > p.BaseLoad[t] {
			d.Balance[t] = (p.ImportPrice[t].Float() + p.ExportPrice[t].Float()) / 2
		}
	}
	return &Certificate{Nodes: []Node{{Duals: d}}, Bound: math.MinInt64}
}

func TestVerify_BoundsTheCorpusFromBelow(t *testing.T) {
	for name, want := range corpus(t) {
		if strings.HasPrefix(name, "L") && testing.Short() {
			continue
		}
		p := read(t, name)
		bound, err := Verify(p, midway(p))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if bound.Float() > want.Best+1e-6 {
			t.Errorf("%s: bound %v above a plan at %v", name, bound, want.Best)
		}
		t.Logf("%s: %v, best %v", name, bound, want.Best)
	}
}

// Prices beyond all sense make sums of which rounding is a visible part; it must not end up above.
func TestVerify_RoundingRaisesNoBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := small()
		p.Devices = nil
		d := &Duals{}
		for i := range p.BaseLoad {
			p.BaseLoad[i] = energy.Watts(rapid.Float64Range(0, 9000).Draw(t, "base load"))
			d.Balance = append(d.Balance, rapid.Float64Range(1e7, 1e9).Draw(t, "balance"))
		}
		cost := evaluate(p, nil).Objective
		bound, err := Verify(p, &Certificate{Nodes: []Node{{Duals: d}}, Bound: math.MinInt64})
		if err != nil || bound > cost || bound.Float() < cost.Float()-0.1 {
			t.Fatalf("bound %v, %v, of a plan at %v", bound, err, cost)
		}
	})
}

// A judge who asks the accused proves nothing.
func TestVerify_SharesNothingWithTheSolver(t *testing.T) {
	files, err := filepath.Glob("verify*.go")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, name := range append(files, "certificate.go") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			if strings.Contains(i.Path.Value, "scheduler/") {
				t.Errorf("%s imports %s", name, i.Path.Value)
			}
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, name := range []string{"S0", "M0", "L0"} {
		b.Run(name, func(b *testing.B) {
			p := read(b, name)
			c := midway(p)
			for b.Loop() {
				if _, err := Verify(p, c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
