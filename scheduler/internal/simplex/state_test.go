package simplex

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// checkState says that what is kept from step to step is what it would be, worked out anew, and that every
// nonbasic variable is on the bound its reduced cost asks for.
func checkState(t failer, s *Solver) {
	t.Helper()
	count := 0
	for _, at := range s.at {
		if at == basic {
			count++
		}
	}
	if count != len(s.head) {
		t.Fatalf("%d variables are basic, %d have a position", count, len(s.head))
	}
	for k, v := range s.head {
		if s.at[v] != basic || s.least[k] != s.low[v] || s.most[k] != s.high[v] {
			t.Fatalf("position %d does not have the place or the bounds of variable %d", k, v)
		}
	}
	for v, at := range s.at {
		if at != basic && s.x[v] != s.bound(int32(v)) {
			t.Fatalf("variable %d is %v and not on its bound", v, s.x[v])
		}
	}
	if total := s.workingCost(); math.Abs(total-s.total) > 1e-9*max(1, math.Abs(total)) {
		t.Fatalf("total %v, is %v", s.total, total)
	}
	reduced, value := slices.Clone(s.reduced), slices.Clone(s.value)
	s.price()
	s.evaluate()
	for v, d := range s.reduced {
		if math.Abs(d-reduced[v]) > 1e-9 {
			t.Fatalf("variable %d: reduced cost %v, is %v", v, reduced[v], d)
		}
		if s.at[v] == atLow && d < -1e-9 && s.low[v] < s.high[v] || s.at[v] == atHigh && d > 1e-9 && s.low[v] < s.high[v] {
			t.Fatalf("variable %d: reduced cost %v on the wrong bound", v, d)
		}
	}
	for k, x := range s.value {
		if math.Abs(x-value[k]) > 1e-9 {
			t.Fatalf("position %d: value %v, is %v", k, value[k], x)
		}
		isViolated := x < s.least[k]-primal || x > s.most[k]+primal
		if s.violated[k/64]>>(k%64)&1 != 0 != isViolated {
			t.Fatalf("position %d: violated %v", k, isViolated)
		}
	}
}

func TestStep_KeepsItsState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newTwin(drawModel(t, 10, 10))
		var bases []Basis
		for range rapid.IntRange(1, 6).Draw(t, "rounds") {
			w.change(t, &bases)
			if w.solver.crossed > 0 {
				return
			}
			w.solver.prepare()
			for range rapid.IntRange(0, 4).Draw(t, "steps") {
				if w.solver.step() != pivoted {
					break
				}
			}
			checkState(t, w.solver)
		}
	})
}

// The same in a model in which bounds are flipped, costs shifted and perturbed.
func TestStep_KeepsItsStateInTheCorpus(t *testing.T) {
	for _, name := range []string{"S0", "S2", "T3"} {
		random := rand.New(rand.NewPCG(7, 8))
		m := relax(readProblem(t, name))
		s := new(Solver)
		s.Load(m)
		flipped, shifted := 0, 0
		for range 300 {
			j := random.IntN(m.Columns()/20) * 20
			low, high := m.Bounds(j)
			switch random.IntN(3) {
			case 0:
				s.SetBounds(j, low, low)
			case 1:
				s.SetBounds(j, high, high)
			default:
				s.SetBounds(j, low, high)
			}
			s.prepare()
			checkState(t, s)
			if random.IntN(10) == 0 {
				s.perturb()
				checkState(t, s)
			}
			for range random.IntN(8) {
				working := slices.Clone(s.working)
				perturbed := s.perturbed
				if s.step() != pivoted {
					break
				}
				flipped += len(s.ratio.passed)
				if perturbed == s.perturbed && !slices.Equal(working, s.working) {
					shifted++
				}
				checkState(t, s)
			}
		}
		t.Logf("%s: %d flipped, %d steps with shifts", name, flipped, shifted)
		if flipped == 0 || shifted == 0 {
			t.Errorf("%s: %d flipped and %d shifted: the law was not put to the test", name, flipped, shifted)
		}
	}
}

// What a ratio test passes leaves the violation above zero, and does not go beyond the one that enters by more
// than the tolerance; what could enter and was not passed comes no earlier.
func TestEntering_PassesNoMoreThanItMay(t *testing.T) {
	for _, name := range []string{"S0", "S2", "M0"} {
		s := new(Solver)
		s.Load(relax(readProblem(t, name)))
		s.prepare()
		passed := 0
		for range 200 {
			p := s.leaving()
			if p < 0 {
				break
			}
			slope := max(s.least[p]-s.value[p], s.value[p]-s.most[p])
			before := slices.Clone(s.reduced)
			if s.step() != pivoted {
				break
			}
			q := s.head[p]
			step := math.Abs(before[q] / s.entryOf(q))
			for _, c := range s.ratio.passed {
				passed++
				slope -= c.alpha * (s.high[c.variable] - s.low[c.variable])
				if c.variable == q {
					t.Fatalf("%s: the variable that enters was passed", name)
				}
				if c.ratio > step+dual/c.alpha {
					t.Fatalf("%s: passed at %v, the step is %v", name, c.ratio, step)
				}
			}
			if slope < 0 {
				t.Fatalf("%s: passed too far, by %v", name, -slope)
			}
			for _, c := range s.ratio.popped[len(s.ratio.passed):] {
				if c.ratio < step-dual/c.alpha-dual/math.Abs(s.entryOf(q)) {
					t.Fatalf("%s: variable %d comes at %v, before the step %v", name, c.variable, c.ratio, step)
				}
			}
		}
		if passed == 0 && name != "S0" {
			t.Errorf("%s: nothing was passed: the law was not put to the test", name)
		}
	}
}

// Perturbed costs change the way, not the answer.
func TestPerturb_IsMadeGood(t *testing.T) {
	for _, name := range []string{"S0", "S1", "S2", "S3", "M0"} {
		w := newTwin(relax(readProblem(t, name)))
		want := w.solve(t, noCutoff)
		w.solver.Load(w.model)
		w.solver.prepare()
		for range 3 {
			w.solver.perturb()
		}
		before := slices.Clone(w.solver.working)
		for j, c := range w.solver.cost[:w.solver.n] {
			if w.solver.at[j] != basic && before[j] == c {
				t.Errorf("%s: column %d was left out", name, j)
			}
		}
		checkState(t, w.solver)
		w.solver.nextCheck = math.Inf(1)
		status, bound := w.solver.run(t.Context(), 1e6, math.Inf(1))
		r := Result{Status: status, Objective: w.solver.takePoint() / w.solver.costScale, Bound: bound / w.solver.costScale}
		judge(t, w.model, w.solver, noCutoff, r)
		if status != Optimal || math.Abs(r.Objective-want.Objective) > 1e-6*max(1, math.Abs(want.Objective)) {
			t.Errorf("%s: %v %v, want %v", name, status, r.Objective, want.Objective)
		}
	}
}

// The multipliers are those of the rows as they are, whatever the cost of a logical was shifted by.
func TestProve_TakesShiftsOff(t *testing.T) {
	s := small().solver
	s.Solve(t.Context(), noCutoff)
	before := s.Y(nil)[0]
	s.working[s.n] += 0.25 // the logical of the row, which is not basic
	s.reduced[s.n] += 0.25
	s.prove()
	if after := s.Y(nil)[0]; after != before {
		t.Errorf("the multiplier was %v, is %v", before, after)
	}
}

// The cost of the point under perturbed costs may be above a cutoff that the bound is not.
func TestRun_CutsOffByTheBoundAlone(t *testing.T) {
	w := newTwin(relax(readProblem(t, "S0")))
	s := w.solver
	want := w.solve(t, noCutoff)
	s.Load(w.model)
	s.prepare()
	for range 3 {
		s.perturb()
	}
	cutoff := (want.Objective + 1e-6) * s.costScale
	s.nextCheck = cutoff
	if status, bound := s.run(t.Context(), 1e6, cutoff); status == Cutoff || bound >= cutoff {
		t.Errorf("%v at %v, the cutoff is %v", status, bound, cutoff)
	}
}

// Positions that gave no pivot are tried again before a solve ends.
func TestRun_ComesBackToBannedPositions(t *testing.T) {
	w := newTwin(relax(readProblem(t, "S0")))
	s := w.solver
	want := w.solve(t, noCutoff)
	s.Load(w.model)
	s.prepare()
	copy(s.banned, s.violated)
	s.nextCheck = math.Inf(1)
	status, bound := s.run(t.Context(), 1e6, math.Inf(1))
	if status != Optimal || math.Abs(bound/s.costScale-want.Objective) > 1e-6 {
		t.Errorf("%v at %v, want %v", status, bound/s.costScale, want.Objective)
	}
}

// A factor that is wrong gives pivots by row and by column that differ. The solver makes it anew.
func TestRun_SurvivesAWrongFactor(t *testing.T) {
	for _, name := range []string{"S0", "S2", "T3"} {
		w := newTwin(relax(readProblem(t, name)))
		s := w.solver
		want := w.solve(t, noCutoff)
		for _, p := range probes(w.model, s.X(nil)) {
			for k := range s.factor.upper.list {
				s.factor.upper.list[k].value *= 1 + 0.1*noise(k)
			}
			w.setBounds(p.column, p.value, p.value)
			r := w.solve(t, noCutoff)
			cold := newTwin(w.model).solve(t, noCutoff)
			if r.Status != cold.Status || r.Status == Optimal && math.Abs(r.Objective-cold.Objective) > 1e-6*max(1, math.Abs(cold.Objective)) {
				t.Errorf("%s: %v %v, want %v %v", name, r.Status, r.Objective, cold.Status, cold.Objective)
			}
			w.setBounds(p.column, 0, 1)
		}
		if r := w.solve(t, noCutoff); math.Abs(r.Objective-want.Objective) > 1e-6 {
			t.Errorf("%s: %v, want %v", name, r.Objective, want.Objective)
		}
	}
}

// With updates the factor is made anew; without, the position is left alone.
func TestStep_TakesNoPivotThatIsInDoubt(t *testing.T) {
	s := new(Solver)
	s.Load(relax(readProblem(t, "M1")))
	s.Solve(t.Context(), Options{Cutoff: math.Inf(1), Limit: 600})
	doubt := func() {
		for k := range s.factor.upper.list {
			s.factor.upper.list[k].value *= 1.01 + 0.1*noise(k) // as solving by column sees it, not by row
		}
	}
	if len(s.factor.updates) == 0 {
		t.Fatal("no updates")
	}
	doubt()
	isAnew := false
	for range updateLimit {
		updates := len(s.factor.updates)
		if s.step() == unbounded {
			s.banned.add(s.ratio.position)
		}
		isAnew = isAnew || len(s.factor.updates) < updates
	}
	if !isAnew {
		t.Error("the factor was not made anew")
	}
	s.refresh()
	doubt()
	isBanned := false
	for range 200 {
		iterations := s.iterations
		s.step()
		isBanned = isBanned || s.iterations == iterations && slices.ContainsFunc(s.banned, func(word uint64) bool { return word != 0 })
		if len(s.factor.updates) > 0 { // of pivots that were not in doubt
			s.refresh()
			doubt()
		}
	}
	if !isBanned {
		t.Error("no position was left alone")
	}
}

// A solve that is stopped while costs are perturbed gives the better of what they and the true costs prove.
func TestProve_IsNoWorseForPerturbing(t *testing.T) {
	m := relax(readProblem(t, "S0"))
	s := new(Solver)
	s.Load(m)
	s.prepare()
	for range 3 {
		s.perturb()
	}
	y := make([]float64, m.Rows())
	for range 60 {
		s.step()
		s.multipliers(s.cost)
		for k, row := range s.factor.row {
			y[row] = s.rho.value[k] * s.rowScale[row] / s.costScale
		}
		if bound, least := s.prove()/s.costScale, m.Bound(y); bound < least-1e-9 {
			t.Fatalf("bound %v, the true costs prove %v", bound, least)
		}
	}
}

func TestNoise_DiffersAndStays(t *testing.T) {
	seen := map[float64]bool{}
	sum := 0.0
	const n = 10_000
	for v := range n {
		x := noise(v)
		if x < 0 || x >= 1 || seen[x] || x != noise(v) {
			t.Fatalf("noise of %d is %v", v, x)
		}
		seen[x] = true
		sum += x
	}
	if mean := sum / n; math.Abs(mean-0.5) > 0.02 {
		t.Errorf("mean %v", mean)
	}
}
