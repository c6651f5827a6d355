package scheduler

import (
	"bytes"
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

func solveFor(t testing.TB, p *Problem, aim Aim, o Options) *Aimed {
	t.Helper()
	a, err := SolveFor(context.Background(), p, aim, o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// exact leaves no gap that a cent could hide in.
var exact = Options{TimeLimit: 2 * time.Second, Gap: 1000}

func TestSolveFor_GreenestUsesItsBudget(t *testing.T) {
	// The choices are 10 cents with 400 g, 20 cents with 300 g (on no price), 35 cents with 100 g.
	for within, want := range map[float64]struct {
		cost  float64
		grams energy.Grams
		bound float64
	}{
		0:  {10, 400, 400},
		5:  {10, 400, 400 - 300*5./25}, // the straight line between the two ends of the hull
		20: {10, 400, 400 - 300*20./25},
		25: {35, 100, 100},
		90: {35, 100, 100},
	} {
		a := solveFor(t, dirty(threeChoices...), Greenest(cents(within)), exact)
		if a.Cost != cents(want.cost) || math.Abs(float64(a.Grams-want.grams)) > 1e-6 || a.Plan.Status != Optimal {
			t.Errorf("within %v cents: %v with %v g, %s", within, a.Cost, a.Grams, a.Plan.Status)
		}
		if b := a.Budget; b.Limit != cents(10+within) || b.Cheapest.Objective != cents(10) || b.Cheapest.LowerBound < cents(9.99) {
			t.Errorf("within %v cents: budget %+v", within, b)
		}
		if off := float64(a.Budget.GramsBound) - want.bound; off > 1e-6 || off < -2 { // a gram and a thousandth end the search
			t.Errorf("within %v cents: at least %v g are said to be needed, want %v", within, a.Budget.GramsBound, want.bound)
		}
	}
}

func TestSolveFor_GreenestFindsTheMiddleOfTheHull(t *testing.T) {
	a := solveFor(t, dirty(500, 150, 400, 300, 100, 100), Greenest(cents(12)), exact)
	if a.Cost != cents(20) || math.Round(float64(a.Grams)) != 150 {
		t.Errorf("%v with %v g", a.Cost, a.Grams)
	}
}

func TestSolveFor_GreenestCarriesItsProofs(t *testing.T) {
	p := read(t, "S1")
	a := solveFor(t, p, Greenest(cents(10)), quick)
	for name, c := range map[string]struct {
		plan  *Plan
		price energy.Money
	}{"greenest": {a.Plan, a.CarbonPrice}, "cheapest": {a.Budget.Cheapest, 0}} {
		bound, err := Verify(p.WithCarbonPrice(c.price), c.plan.Certificate)
		if err != nil || bound < c.plan.LowerBound-1000 || bound > c.plan.Objective {
			t.Errorf("%s: the bound of %v is proven up to %v: %v", name, c.plan.LowerBound, bound, err)
		}
	}
}

func TestSolveFor_OtherAimsAreSolvesAtTheirPrice(t *testing.T) {
	p := read(t, "S0")
	p.CarbonPrice = energy.MoneyOf(150)
	for name, c := range map[string]struct {
		aim  Aim
		want energy.Money
	}{
		"cheapest": {Cheapest(), 0},
		"balanced": {Balanced(energy.MoneyOf(60)), energy.MoneyOf(60)},
		"as given": {Aim{}, energy.MoneyOf(150)},
	} {
		a, plan := solveFor(t, p, c.aim, quick), solve(t, p.WithCarbonPrice(c.want), quick)
		grams, _ := p.Grams(&plan.Evaluation)
		if a.CarbonPrice != c.want || a.Plan.Objective != plan.Objective || a.Plan.LowerBound != plan.LowerBound || a.Budget != nil {
			t.Errorf("%s: at %v a tonne %v, want %v", name, a.CarbonPrice, a.Plan.Objective, plan.Objective)
		}
		if a.Grams != grams || a.Cost != plan.Objective-plan.Costs.Carbon {
			t.Errorf("%s: %v g for %v, want %v for %v", name, a.Grams, a.Cost, grams, plan.Objective-plan.Costs.Carbon)
		}
	}
}

func TestSolveFor_NamesWhatIsWrong(t *testing.T) {
	unknown := dirty()
	bad := dirty(threeChoices...)
	bad.Solar = nil
	for name, c := range map[string]struct {
		problem *Problem
		aim     Aim
		is      func(error) bool
	}{
		"unknown carbon":   {unknown, Greenest(cents(5)), func(err error) bool { return errors.Is(err, ErrCarbonUnknown) }},
		"negative budget":  {dirty(threeChoices...), Greenest(-1), func(err error) bool { return errors.Is(err, ErrBudget) }},
		"negative price":   {dirty(threeChoices...), Balanced(-1), func(err error) bool { return errors.As(err, new(Faults)) }},
		"greenest of bad":  {bad, Greenest(cents(5)), func(err error) bool { return errors.As(err, new(Faults)) }},
		"cheapest of bad":  {bad, Cheapest(), func(err error) bool { return errors.As(err, new(Faults)) }},
		"carbon, no price": {unknown, Cheapest(), func(err error) bool { return err == nil }},
	} {
		if a, err := SolveFor(context.Background(), c.problem, c.aim, quick); !c.is(err) || (a == nil) != (err != nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSolveFor_GreenestWhereNoCarbonCounts(t *testing.T) {
	a := solveFor(t, dirty(0, 0, 0, 0, 0, 0), Greenest(cents(20)), exact)
	if a.Cost != cents(10) || a.Grams != 0 || a.Budget.GramsBound != 0 {
		t.Errorf("%v with %v g, bound %v", a.Cost, a.Grams, a.Budget.GramsBound)
	}
	free := dirty(threeChoices...)
	free.ImportPrice, free.ExportPrice = make([]energy.Price, 6), make([]energy.Price, 6)
	if a := solveFor(t, free, Greenest(0), exact); math.Round(float64(a.Grams)) != 100 {
		t.Errorf("where energy is free: %v g", a.Grams)
	}
}

func TestSolveFor_GreenestOfWhatCannotBeMet(t *testing.T) {
	q := dirty(500, 300, 400, 300, 100, -100)
	q.BaseLoad[0] = 12000 // 1 kW above the limit, whatever is done
	a := solveFor(t, q, Greenest(cents(30)), exact)
	if a.Plan.Status != Relaxed || a.Budget.Cheapest.Status != Relaxed || a.Budget.GramsBound != 0 {
		t.Errorf("%s, cheapest %s, bound %v", a.Plan.Status, a.Budget.Cheapest.Status, a.Budget.GramsBound)
	}
	if len(a.Plan.Violations) != 1 || a.Plan.Devices[0].Power[5] != 1000 || a.Cost != a.Budget.Cheapest.Objective+cents(30) {
		t.Errorf("greener, and nothing else is violated: %v, %v", a.Plan.Devices[0].Power, a.Plan.Violations)
	}
}

// found is a search by hand that has found these so far.
func found(p *Problem, within energy.Money, all ...Weighed) *budgeted {
	return &budgeted{&sweep{problem: p, found: all}, within}
}

func TestBudgeted_NeverViolatesMoreForTheCarbon(t *testing.T) {
	p := dirty(threeChoices...)
	skips, runs := watts(0, 0, 0, 0, 0, 0), watts(0, 0, 1000, 0, 0, 0)
	g := found(p, cents(30), of(t, p, 0, runs), of(t, p, 100, skips), of(t, p, 900, watts(0, 0, 0, 0, 1000, 0)))
	if got := g.greenest(); got != 2 {
		t.Errorf("plan %d is taken for the greenest", got)
	}
	if g.within = cents(10); g.greenest() != 0 {
		t.Errorf("plan %d is taken for the greenest within 10 cents", g.greenest())
	}
	g.found[1].Plan.LowerBound = cents(1000)
	if g.within = cents(10); g.bound() != energy.Grams((g.found[2].Plan.Objective-cents(20)).Float()/900e-6) {
		t.Errorf("bound %v: what is said of a plan that violates something is no proof", g.bound())
	}
}

func TestBudgeted_MeasuresAgainstTheCheapestOfAll(t *testing.T) {
	p := dirty(threeChoices...)
	g := found(p, cents(5), of(t, p, 0, watts(1000, 0, 0, 0, 0, 0)))
	g.options, g.ends = exact, time.Now().Add(time.Minute)
	if err := g.add(context.Background(), energy.MoneyOf(1), time.Second); err != nil || g.limit() != cents(15) {
		t.Errorf("limit %v after a plan at %v: %v", g.limit(), g.found[1].Cost, err)
	}
	if b := g.aimed().Budget.Cheapest; b.Devices[0].Power[2] != 1000 || b.Objective != cents(10) || b.LowerBound > b.Objective {
		t.Errorf("cheapest %v at %v, bound %v", b.Devices[0].Power, b.Objective, b.LowerBound)
	}
}

func TestBudgeted_GoesWhereTheHullCrossesTheLimit(t *testing.T) {
	p := dirty(threeChoices...)
	run := func(slot int) []energy.Watts {
		row := make([]energy.Watts, 6)
		row[slot] = 1000
		return row
	}
	low, high, top := of(t, p, 0, run(2)), of(t, p, 2000, run(4)), of(t, p, 5000, run(5))
	high.Plan.LowerBound, high.Plan.Status, low.Plan.LowerBound = 0, Feasible, 0
	for name, c := range map[string]struct {
		search *budgeted
		want   energy.Money // 0: the search is over
		share  time.Duration
	}{
		"nothing beyond the limit":      {found(p, cents(5), low), energy.MoneyOf(0.4 * 1e6 / 500 / raise), shareOfTime},
		"still nothing":                 {found(p, cents(90), low, high), high.CarbonPrice * raise, shareOfTime},
		"an edge":                       {found(p, cents(5), low, high), energy.MoneyOf(0.25 * 1e6 / 300), shareOfTime},
		"an edge, and a point above it": {found(p, cents(5), low, high, top), energy.MoneyOf(0.25 * 1e6 / 300), shareOfTime},
		"solved there, but not all":     {found(p, cents(5), low, high, at(high, 833.3)), energy.MoneyOf(833.3), 1},
		"solved there twice":            {found(p, cents(5), low, high, at(high, 833.3), at(high, 833.3)), 0, 0},
		"carbon that never counts":      {found(dirty(0, 0, 0, 0, 0, 0), cents(5), low), 0, 0},
		"higher than anything can cost": {found(p, cents(90), low, at(high, 1e8)), 0, 0},
		"nothing greener is possible":   {found(p, cents(90), low, of(t, p, 1e6, run(4))), 0, 0},
	} {
		price, share, ok := c.search.next()
		if !ok {
			price, share = 0, 0
		}
		if off := price - c.want; ok != (c.want > 0) || off > 1000 || off < -1000 || share != c.share {
			t.Errorf("%s: next %v (share %d, %v), want %v (share %d)", name, price, share, ok, c.want, c.share)
		}
	}
}

// at is the same plan at another price.
func at(f Weighed, perTonne float64) Weighed {
	f.CarbonPrice = energy.MoneyOf(perTonne)
	return f
}

func TestSolveFor_GreenestKeepsToItsTime(t *testing.T) {
	p := read(t, "M1")
	begin := time.Now()
	a := solveFor(t, p, Greenest(cents(20)), Options{TimeLimit: 900 * time.Millisecond, Gap: 1})
	if took := time.Since(begin); took > 3*time.Second { // the rest is for a busy machine with the race detector
		t.Errorf("took %v", took)
	}
	if a.Plan.Status == Relaxed || a.Cost > a.Budget.Limit || a.Budget.GramsBound > a.Grams || a.Plan.Stats.SolveTime <= 0 {
		t.Errorf("%s at %v with %v g; budget %+v", a.Plan.Status, a.Cost, a.Grams, a.Budget)
	}
}

func TestSolveFor_GreenestEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	a, err := SolveFor(ctx, read(t, "S0"), Greenest(cents(20)), Options{TimeLimit: time.Minute})
	if err != nil || a.Plan == nil || a.Budget.Cheapest == nil {
		t.Errorf("%v: %v", a, err)
	}
}

func TestSolveFor_GreenestIsRepeatable(t *testing.T) {
	var texts [2]string
	for i := range texts {
		a := solveFor(t, read(t, "S0"), Greenest(cents(20)), quick)
		a.Plan.Stats.SolveTime, a.Plan.Stats.FirstPlan = 0, 0
		var b bytes.Buffer
		if err := a.Plan.Write(&b); err != nil {
			t.Fatal(err)
		}
		texts[i] = b.String()
	}
	if texts[0] != texts[1] {
		t.Errorf("equal problem and seed, but\n%s%s", texts[0], texts[1])
	}
}

func TestSolveFor_GreenestSavesCarbonInTheCorpus(t *testing.T) {
	for _, name := range []string{"S0", "S1"} {
		p := read(t, name)
		last := math.Inf(1)
		for _, within := range []float64{0, 10, 100} {
			a := solveFor(t, p, Greenest(cents(within)), quick)
			cheapest, _ := p.Grams(&a.Budget.Cheapest.Evaluation)
			if a.Grams > cheapest || a.Cost > a.Budget.Limit || a.Budget.GramsBound > a.Grams {
				t.Errorf("%s within %v cents: %v g (cheapest %v, bound %v) for %v of %v", name, within, a.Grams, cheapest, a.Budget.GramsBound, a.Cost, a.Budget.Limit)
			}
			if a.Grams > energy.Grams(last*1.01) {
				t.Errorf("%s within %v cents: %v g, with less to spend %v", name, within, a.Grams, last)
			}
			last = float64(a.Grams)
		}
		if free, _ := p.Grams(&solve(t, p, quick).Evaluation); last >= float64(free) {
			t.Errorf("%s: a whole euro saves nothing of %v g", name, free)
		}
	}
}

// point is what a plan costs, carbon left out, and its grams.
type point struct{ cost, grams float64 }

// points are those of an enumeration of plans that violate nothing, with the flows that are best at the prices.
func points(p *Problem, prices ...energy.Money) (out []point) {
	choices, count := make([][][]energy.Watts, len(p.Devices)), 1
	for i, d := range p.Devices {
		choices[i] = schedules(p, d)
		count *= len(choices[i])
	}
	for i, d := range p.Devices {
		for count > maxPlans && len(choices[i]) > 8 && !isDiscrete(d) {
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
		for _, price := range prices {
			if e := evaluate(p.WithCarbonPrice(price), power); len(e.Violations) == 0 {
				grams, _ := p.Grams(e)
				out = append(out, point{e.Costs.WithoutCarbon().Float(), float64(grams)})
			}
		}
	}
	choose(0)
	return out
}

func TestSolveFor_NoEnumeratedPlanIsGreenerThanTheBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawWeighed(t, rapid.IntRange(1, 4).Draw(t, "slots"))
		o := Options{TimeLimit: 300 * time.Millisecond, Gap: rapid.SampledFrom([]energy.Money{1000, cents(5), hasty.Gap}).Draw(t, "gap")}
		a, err := SolveFor(context.Background(), p, Greenest(cents(float64(rapid.IntRange(0, 40).Draw(t, "within")))), o)
		if err != nil {
			t.Fatal(err)
		}
		b := a.Budget
		grams, _ := p.Grams(&a.Plan.Evaluation)
		gap, _ := b.Cheapest.Gap() // so much cheaper a plan may be that is found on the way, and what rounding powers gains
		if cheapest, _ := p.Grams(&b.Cheapest.Evaluation); a.Cost > b.Limit || a.Cost < b.Cheapest.Objective-gap-1000 || a.Grams > cheapest || a.Grams != grams {
			t.Fatalf("%v g for %v; the limit is %v, the cheapest has %v g", a.Grams, a.Cost, b.Limit, cheapest)
		}
		all := points(p, 0, energy.MoneyOf(100), energy.MoneyOf(10000))
		if a.Plan.Status == Relaxed {
			if len(all) > 0 {
				t.Fatalf("relaxed (%v), but a plan violates nothing", a.Plan.Violations)
			}
			return
		}
		for _, x := range all {
			if x.cost < b.Cheapest.LowerBound.Float()-1e-6 {
				t.Fatalf("a plan at %v, below the bound of %v", x.cost, b.Cheapest.LowerBound)
			}
			if x.cost <= b.Limit.Float() && x.grams < float64(b.GramsBound)-1e-3 {
				t.Fatalf("a plan at %v with %v g, below the bound of %v g for at most %v", x.cost, x.grams, b.GramsBound, b.Limit)
			}
		}
	})
}

// drawDiscrete draws a home of which every plan can be enumerated.
func drawDiscrete(t *rapid.T) *Problem {
	p := drawWeighed(t, 6)
	p.Devices, p.Circuits, p.Peak = nil, nil, Peak{}
	for s := range p.Carbon { // nothing that pays for import, for then few plans are proven to the last gram
		p.Carbon[s], p.ImportPrice[s] = max(p.Carbon[s], 0), max(p.ImportPrice[s], p.ExportPrice[s], 0)
	}
	for i := range rapid.IntRange(1, 2).Draw(t, "devices") {
		d := Shiftable{ID: string(rune('a' + i)), Profile: watts(1500, 500), LatestEnd: 6}
		if rapid.Bool().Draw(t, "is interruptible") {
			p.Devices = append(p.Devices, Interruptible{ID: d.ID, Power: 1000, RunSlots: 2, LatestEnd: 6, StartCost: cents(1)})
			continue
		}
		p.Devices = append(p.Devices, d)
	}
	return p
}

// crossing is the grams of the lower hull of points at a cost, and of the corner that the hull has at that cost or
// before: points between two corners weigh the same at one price, and are found by luck alone.
func crossing(all []point, limit float64) (at, corner float64) {
	at = math.Inf(1)
	for _, in := range all {
		if in.cost <= limit && in.grams < at {
			at, corner = in.grams, in.grams
		}
	}
	for _, in := range all {
		for _, out := range all {
			if in.cost > limit || out.cost <= limit || out.grams >= in.grams {
				continue
			}
			g := in.grams - (limit-in.cost)*(in.grams-out.grams)/(out.cost-in.cost)
			if g < at-1e-6 || g < at+1e-6 && in.grams > corner {
				at, corner = g, in.grams
			}
		}
	}
	return at, corner
}

func TestSolveFor_GreenestIsTheBestThatPricesLeadTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawDiscrete(t)
		a, err := SolveFor(context.Background(), p, Greenest(cents(float64(rapid.IntRange(1, 60).Draw(t, "within")))), exact)
		if err != nil {
			t.Fatal(err)
		}
		all := points(p, 0, energy.MoneyOf(50), energy.MoneyOf(300), energy.MoneyOf(1000), energy.MoneyOf(100000))
		if len(all) == 0 || a.Plan.Status == Relaxed {
			return
		}
		at, corner := crossing(all, a.Budget.Limit.Float())
		slip := 3 + math.Abs(at)/500
		if float64(a.Grams) > corner+slip {
			t.Fatalf("%v g for %v of %v; the hull has %v", a.Grams, a.Cost, a.Budget.Limit, corner)
		}
		// The bound is as near to the hull as the proofs of the solves are; that of the plan's own is in it.
		if a.CarbonPrice > 0 {
			at = min(at, (a.Plan.LowerBound-a.Budget.Limit).Float()/(a.CarbonPrice.Float()*1e-6))
		}
		if float64(a.Budget.GramsBound) < at-1e-3 && a.CarbonPrice > 0 {
			t.Fatalf("bound %v g, but the plan itself proves %v", a.Budget.GramsBound, at)
		}
	})
}
