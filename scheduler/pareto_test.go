package scheduler

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// euros are carbon prices per tonne.
func euros(perTonne ...float64) (out []energy.Money) {
	for _, e := range perTonne {
		out = append(out, energy.MoneyOf(e))
	}
	return out
}

// dirty is the home of [hourly] with a dishwasher of a kWh and the carbon intensity of its hours.
func dirty(carbon ...energy.GramsPerKWh) *Problem {
	q := hourly(Shiftable{ID: "dish", Profile: watts(1000), LatestEnd: 6})
	q.BaseLoad, q.Carbon = Constant(0, 6), carbon
	return q
}

// Of the hours of [dirty], at 30, 20, 10, 25, 35 and 40 cents, these leave three to choose from: 2, 1 and 4.
// Hour 3 is dearer than 1 for the same grams; 5 is dearer than 4.
var threeChoices = []energy.GramsPerKWh{500, 300, 400, 300, 100, 100}

func TestPareto_FindsThePlansToChooseFrom(t *testing.T) {
	// From hour 2 to hour 1 it is 10 cents for 100 g, from there to hour 4 15 cents for 200 g, but straight
	// from 2 to 4 it is 25 cents for 300 g: 833 a tonne, so that no price leads to hour 1.
	points, err := Pareto(context.Background(), dirty(threeChoices...), euros(900, 0, 800, 900, 5000), quick)
	if err != nil {
		t.Fatal(err)
	}
	type point struct {
		carbonPrice, cost energy.Money
		grams             energy.Grams
		isDominated       bool
	}
	var got []point
	for _, q := range points {
		got = append(got, point{q.CarbonPrice, q.Cost, energy.Grams(math.Round(float64(q.Grams))), q.Dominated})
	}
	want := []point{
		{0, cents(10), 400, false}, {energy.MoneyOf(800), cents(10), 400, true},
		{energy.MoneyOf(900), cents(35), 100, false}, {energy.MoneyOf(5000), cents(35), 100, true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("points %v, want %v", got, want)
	}
}

func TestPareto_AMiddleWayIsThereWhenItIsOnTheHull(t *testing.T) {
	points, err := Pareto(context.Background(), dirty(500, 150, 400, 300, 100, 100), euros(100, 450, 4000), quick)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []energy.Money{cents(10), cents(20), cents(35)} { // at 400 and 3000 a tonne they change
		if points[i].Cost != want || points[i].Dominated {
			t.Errorf("point %d costs %v, want %v; dominated %v", i, points[i].Cost, want, points[i].Dominated)
		}
	}
}

// drawWeighed draws a problem whose carbon intensity is known.
func drawWeighed(t *rapid.T, n int) *Problem {
	p := drawProblem(t, n)
	p.Carbon = make([]energy.GramsPerKWh, n)
	for i := range p.Carbon {
		p.Carbon[i] = energy.GramsPerKWh(rapid.IntRange(-1, 6).Draw(t, "intensity") * 100)
	}
	return p
}

func TestPareto_GramsFallAndCostsRiseButForTheGaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawWeighed(t, 4)
		o := Options{TimeLimit: 200 * time.Millisecond, Gap: rapid.SampledFrom([]energy.Money{1000, cents(10), hasty.Gap}).Draw(t, "gap")}
		points, err := Pareto(context.Background(), p, euros(0, 50, 300, 1000), o)
		if err != nil {
			t.Fatal(err)
		}
		if len(points) != 4 {
			t.Fatalf("%d points", len(points))
		}
		for i, hi := range points {
			grams, _ := p.Grams(&hi.Plan.Evaluation)
			if hi.Grams != grams || hi.Cost != hi.Plan.Objective-hi.Plan.Costs.Carbon || hi.CarbonPrice != euros(0, 50, 300, 1000)[i] {
				t.Fatalf("point %d tells %v and %v of a plan with %v and %v", i, hi.Grams, hi.Cost, grams, hi.Plan.Costs)
			}
			if weighed := hi.Cost.Float() + hi.CarbonPrice.Float()*1e-6*float64(hi.Grams); math.Abs(weighed-hi.Plan.Objective.Float()) > 1e-6 {
				t.Fatalf("point %d weighs %v, its objective is %v", i, weighed, hi.Plan.Objective)
			}
			if i == 0 || hi.Plan.Status == Relaxed || points[i-1].Plan.Status == Relaxed {
				continue
			}
			const rounding = 1e-6
			lo := points[i-1]
			a, _ := lo.Plan.Gap()
			b, _ := hi.Plan.Gap()
			more, step := float64(hi.Grams-lo.Grams), (hi.CarbonPrice-lo.CarbonPrice).Float()*1e-6
			if step*more > (a+b).Float()+rounding {
				t.Fatalf("%v g more at the higher price, with gaps of %v and %v", more, a, b)
			}
			if lo.Cost.Float() > hi.Cost.Float()+a.Float()+lo.CarbonPrice.Float()*1e-6*more+rounding {
				t.Fatalf("at the lower price %v, at the higher %v, with gaps of %v and %v", lo.Cost, hi.Cost, a, b)
			}
		}
	})
}

func TestPareto_EveryPointIsTheBestKnownAtItsPrice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawWeighed(t, 4)
		points, err := Pareto(context.Background(), p, euros(0, 50, 300, 1000), hasty)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range points {
			q := p.WithCarbonPrice(a.CarbonPrice)
			own := evaluate(q, a.Plan.powers())
			if own.Objective != a.Plan.Objective || len(own.Violations) != len(a.Plan.Violations) || (a.Plan.Status == Relaxed) != (len(own.Violations) > 0) {
				t.Fatalf("point %d: plan at %v, evaluated %v", i, a.Plan.Objective, own.Objective)
			}
			if gap, ok := a.Plan.Gap(); ok && (gap < 0 || (gap <= hasty.Gap) != (a.Plan.Status == Optimal)) {
				t.Fatalf("point %d: gap %v, status %s", i, gap, a.Plan.Status)
			}
			if !slices.Equal(a.Plan.MarginalPrice, q.marginal(own)) {
				t.Fatalf("point %d: marginal prices of another plan", i)
			}
			for k, b := range points {
				e := evaluate(q, b.Plan.powers())
				if b.Plan.Status != Relaxed && (a.Plan.Status == Relaxed || e.Objective < a.Plan.Objective-10) {
					t.Fatalf("at price %v the plan of point %d costs %v, its own %v", a.CarbonPrice, k, e.Objective, a.Plan.Objective)
				}
			}
		}
	})
}

func TestPareto_MarksWhatIsWorseInOneAndNotBetterInTheOther(t *testing.T) {
	point := func(price, cost energy.Money, grams energy.Grams, over float64) ParetoPoint {
		plan := &Plan{}
		if over > 0 {
			plan.Violations = []Violation{{ImportLimit, nil, new(0), over, "W"}}
		}
		return ParetoPoint{Weighed: Weighed{price, plan, cost, grams}}
	}
	for name, c := range map[string]struct {
		points []ParetoPoint
		want   []bool
	}{
		"a choice":             {[]ParetoPoint{point(0, 1, 9, 0), point(1, 2, 8, 0)}, []bool{false, false}},
		"dearer":               {[]ParetoPoint{point(0, 1, 9, 0), point(1, 2, 9, 0)}, []bool{false, true}},
		"dirtier":              {[]ParetoPoint{point(0, 1, 9, 0), point(1, 1, 8, 0)}, []bool{true, false}},
		"worse in both":        {[]ParetoPoint{point(0, 2, 9, 0), point(1, 1, 8, 0)}, []bool{true, false}},
		"the same":             {[]ParetoPoint{point(0, 1, 9, 0), point(1, 1, 9, 0)}, []bool{false, true}},
		"better but overloads": {[]ParetoPoint{point(0, 2, 9, 0), point(1, 1, 8, 5)}, []bool{false, false}},
		"worse and overloads":  {[]ParetoPoint{point(0, 1, 8, 0), point(1, 2, 9, 5)}, []bool{false, true}},
	} {
		mark(c.points)
		for i, p := range c.points {
			if p.Dominated != c.want[i] {
				t.Errorf("%s: point %d dominated %v", name, i, p.Dominated)
			}
		}
	}
}

func TestPareto_SharesItsTime(t *testing.T) {
	p := read(t, "M1")
	const limit = 1500 * time.Millisecond
	begin := time.Now()
	points, err := Pareto(context.Background(), p, euros(0, 100, 1000), Options{TimeLimit: limit, Gap: 1})
	if took := time.Since(begin); err != nil || len(points) != 3 || took > 3*limit { // the rest is for a busy machine with the race detector
		t.Fatalf("%d points after %v: %v", len(points), took, err)
	}
	// A third is meant for each. A machine so busy that a first plan takes half of that can tell nothing.
	if first := points[0].Plan.Stats; first.SolveTime > limit*2/3 && first.FirstPlan < limit/6 {
		t.Errorf("the first of three took %v of %v", first.SolveTime, limit)
	}
	for _, q := range points {
		if q.Plan.Status == Relaxed {
			t.Errorf("at price %v: %v", q.CarbonPrice, q.Plan.Violations)
		}
	}
}

// of is what was found for a carbon price, by hand.
func of(t testing.TB, p *Problem, perTonne float64, power ...[]energy.Watts) Weighed {
	t.Helper()
	q := p.WithCarbonPrice(energy.MoneyOf(perTonne))
	plan := follow(t, q, power...)
	if plan.LowerBound = plan.Objective; len(plan.Violations) > 0 {
		plan.Status, plan.LowerBound = Relaxed, 0
	}
	return q.weighed(plan)
}

func TestSweep_BeginsWithTheBestPlanForThePrice(t *testing.T) {
	p := dirty(threeChoices...)
	s, err := newSweep(p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.found = []Weighed{
		of(t, p, 10, watts(0, 0, 0, 0, 0, 0)), // cheap, but it leaves out the dishwasher
		of(t, p, 20, watts(0, 0, 1000, 0, 0, 0)),
		of(t, p, 30, watts(0, 0, 0, 0, 1000, 0)),
	}
	for price, want := range map[float64]int{0: 1, 800: 1, 900: 2} {
		if got := s.nearest(p.WithCarbonPrice(energy.MoneyOf(price))); got != want {
			t.Errorf("at %v a tonne: plan %d, want %d", price, got, want)
		}
	}
}

func TestSweep_IsNeverWorseThanWhatItBeginsWith(t *testing.T) {
	s, err := newSweep(read(t, "M1"), Options{TimeLimit: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	for i, limit := range []time.Duration{1, 500 * time.Millisecond, 1} {
		if err := s.solve(context.Background(), 0, limit); err != nil {
			t.Fatal(err)
		}
		if i > 0 && s.found[i].Cost > s.found[i-1].Cost {
			t.Errorf("solve %d at %v, the one before at %v", i, s.found[i].Cost, s.found[i-1].Cost)
		}
	}
}

func TestSweep_MendsAPlanThatNeedNotViolateAnything(t *testing.T) {
	p := dirty(threeChoices...)
	s, err := newSweep(p, exact)
	if err != nil {
		t.Fatal(err)
	}
	s.found = []Weighed{of(t, p, 0, watts(0, 0, 0, 0, 0, 0))}
	if err := s.mend(context.Background()); err != nil || s.found[0].Plan.Status != Relaxed {
		t.Errorf("alone: %s, %v", s.found[0].Plan.Status, err)
	}
	s.found = append(s.found, of(t, p, 900, watts(0, 0, 0, 0, 1000, 0)))
	if err := s.mend(context.Background()); err != nil || s.found[0].Plan.Status != Optimal || s.found[0].Cost != cents(10) {
		t.Errorf("beside a plan that violates nothing: %s at %v, %v", s.found[0].Plan.Status, s.found[0].Cost, err)
	}
}

func TestPareto_HoldsOnToNothing(t *testing.T) {
	q := dirty(threeChoices...)
	for s := range q.ImportPrice {
		q.ImportPrice[s] /= 100 // all differences are less than what a plan is kept for
	}
	o := exact
	o.Warm = follow(t, q, watts(1000, 0, 0, 0, 0, 0))
	points, err := Pareto(context.Background(), q, euros(0, 100), o)
	if err != nil || points[0].Cost != cents(0.1) || points[1].Cost != cents(0.35) {
		t.Errorf("%v, %v: %v", points[0].Cost, points[1].Cost, err)
	}
}

func TestPareto_EndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	points, err := Pareto(ctx, read(t, "S0"), euros(0, 100, 1000), Options{TimeLimit: time.Minute})
	if err != nil || len(points) != 1 {
		t.Errorf("%d points: %v", len(points), err)
	}
}

func TestPareto_IsRepeatableAndLeavesTheProblemAlone(t *testing.T) {
	p := read(t, "S1")
	price := p.CarbonPrice
	var costs [2][]energy.Money
	for i := range costs {
		points, err := Pareto(context.Background(), p, euros(0, 100, 1000), quick)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range points {
			costs[i] = append(costs[i], q.Plan.Objective, q.Plan.LowerBound, q.Cost)
		}
	}
	if !slices.Equal(costs[0], costs[1]) || p.CarbonPrice != price {
		t.Errorf("%v, then %v; the problem's own price was %v and is %v", costs[0], costs[1], price, p.CarbonPrice)
	}
}

func TestPareto_NamesWhatIsWrong(t *testing.T) {
	p := dirty(threeChoices...)
	if _, err := Pareto(context.Background(), p, euros(0, -1), quick); !errors.As(err, new(Faults)) {
		t.Errorf("a negative price: %v", err)
	}
	if points, err := Pareto(context.Background(), p, nil, quick); err != nil || len(points) != 0 {
		t.Errorf("no prices: %v, %v", points, err)
	}
	p.Carbon = nil
	if _, err := Pareto(context.Background(), p, euros(0), quick); !errors.Is(err, ErrCarbonUnknown) {
		t.Errorf("unknown carbon: %v", err)
	}
	p.Solar = nil
	if _, err := Pareto(context.Background(), p, euros(0), quick); !errors.As(err, new(Faults)) {
		t.Errorf("a bad problem: %v", err)
	}
}

func TestGrams_AreThoseOfWhatIsImported(t *testing.T) {
	q := dirty(500, 300, 400, 300, -100, 0)
	q.Solar = watts(2000, 0, 0, 0, 0, 0)
	q.BaseLoad = watts(500, 500, 0, 0, 2000, 700) // sells in slot 0
	plan := follow(t, q, watts(0, 0, 1000, 0, 0, 0))
	if got, ok := q.Grams(&plan.Evaluation); got != 0.5*300+400-200 || !ok {
		t.Errorf("%v g (%v)", got, ok)
	}
	q.Carbon = nil
	if _, ok := q.Grams(&plan.Evaluation); ok {
		t.Error("grams of an unknown intensity")
	}
}

func TestBeyond_ComparesEachConstraintOfEachDevice(t *testing.T) {
	list := func(v ...Violation) []Violation { return v }
	energyOf := func(id string, slot int, wh float64) Violation {
		return Violation{EnergyMin, new(id), new(slot), wh, "Wh"}
	}
	over := func(w float64) Violation { return Violation{ImportLimit, nil, new(1), w, "W"} }
	starts := Violation{MaxStarts, new("pump"), nil, 1, "starts"}
	for name, c := range map[string]struct {
		these, those []Violation
		want         bool
	}{
		"nothing":                    {nil, nil, false},
		"less":                       {nil, list(over(100)), false},
		"more":                       {list(over(100)), nil, true},
		"another slot":               {list(energyOf("tank", 1, 50)), list(energyOf("tank", 3, 50)), false},
		"spread":                     {list(energyOf("tank", 1, 30), energyOf("tank", 2, 20)), list(energyOf("tank", 3, 50)), false},
		"adds up":                    {list(energyOf("tank", 1, 30), energyOf("tank", 2, 30)), list(energyOf("tank", 3, 50)), true},
		"another device":             {list(energyOf("tank", 1, 50)), list(energyOf("car", 1, 50)), true},
		"another constraint":         {list(starts), list(over(100)), true},
		"rounding":                   {list(over(100.4)), list(over(100)), false},
		"a start is not rounded off": {list(starts), nil, true},
	} {
		if got := violatesMore(c.these, c.those); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := beyond(list(over(100), over(100), starts), nil); len(got) != 2 {
		t.Errorf("of two constraints: %v", got)
	}
}
