package search

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/supply"
)

// drawPlan puts a listed behaviour of each device.
func drawPlan(t *rapid.T, s *state) {
	for i, d := range s.Devices {
		s.put(i, rapid.SampledFrom(behaviours(d, len(s.Slots))).Draw(t, "behaviour"))
	}
}

func TestState_SumsAreThoseOfItsPowersAfterAnyChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		s := newState(h, Options{Judge: ledger(h)})
		for range 10 {
			switch i := rapid.IntRange(0, len(h.Devices)-1).Draw(t, "device"); rapid.IntRange(0, 3).Draw(t, "change") {
			case 0:
				drawPlan(t, s)
			case 1:
				s.respond(context.Background(), i, 0.5)
			case 2:
				s.put(i, s.rest)
			case 3:
				s.finish(context.Background())
			}
		}
		for slot := range h.Slots {
			need := h.Need[slot]
			for _, row := range s.power {
				need += row[slot]
			}
			if math.Abs(need-s.need[slot]) > 1e-9 || math.Abs(need) > s.reach {
				t.Fatalf("slot %d needs %v, noted is %v within %v", slot, need, s.need[slot], s.reach)
			}
			for c, circuit := range h.Circuits {
				load := 0.0
				for _, i := range circuit.Devices {
					load += max(s.power[i][slot], 0)
				}
				if math.Abs(load-s.load[c][slot]) > 1e-9 {
					t.Fatalf("slot %d loads circuit %d with %v, noted is %v", slot, c, load, s.load[c][slot])
				}
			}
		}
	})
}

// slotCost is what a need costs in a slot while limits are leaned against and a peak is held down.
func (s *state) slotCost(slot int, need float64) float64 {
	q := s.Slots[slot]
	weight := 0.0
	for _, b := range s.Peak.Blocks {
		if slot >= b[0] && slot < b[1] {
			weight = 1 / float64(b[1]-b[0])
		}
	}
	at := func(net float64) float64 {
		beyond := q.Hours * (s.extra.Import*max(net-q.ImportLimit, 0) + s.extra.Export*max(-net-q.ExportLimit, 0))
		return trade(q, net) + beyond + s.extra.Peak*weight*max(net-min(s.extra.Level, q.ImportLimit), 0)
	}
	best := math.Inf(1)
	for c := 0.0; c <= q.Curtailable; c += 0.125 { // every bend is on this grid
		best = min(best, at(need+c))
	}
	return best
}

func TestOffer_IsWhatAPowerAddsToTheHome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		s := newState(h, Options{Judge: ledger(h)})
		for i, d := range h.Devices {
			row := slices.Clone(rapid.SampledFrom(behaviours(d, len(h.Slots))).Draw(t, "behaviour"))
			for slot := range row { // to the grid of the bends
				row[slot] = math.Round(row[slot]*8) / 8
			}
			s.put(i, row)
		}
		if h.Peak.Price > 0 && rapid.Bool().Draw(t, "held down") {
			s.level(halfKW(t, "level", 0, 6))
		}
		s.isHard = rapid.Bool().Draw(t, "hard")
		theta := rapid.SampledFrom([]float64{0, 0.25, 1}).Draw(t, "theta")
		i := rapid.IntRange(0, len(h.Devices)-1).Draw(t, "device")
		offer := s.offer(i, theta)
		least, most := h.Devices[i].Reach()
		for slot, q := range h.Slots {
			others := s.need[slot] - s.power[i][slot]
			room := math.Inf(1)
			for _, c := range h.Circuits {
				room = min(room, c.Limit-(s.load[0][slot]-max(s.power[i][slot], 0)))
			}
			for x := least; x <= most; x += 0.125 {
				want := (1-theta)*(s.slotCost(slot, others+x)-s.slotCost(slot, others)) + theta*s.lambda[slot]*q.Hours*x
				want += h.Penalty * q.Hours * (max(x-max(room, 0), 0))
				if isBeyond := x > max(room, 0) || x > max(q.ImportLimit-others, 0); s.isHard && isBeyond {
					if got := offer[slot].At(x); x > 1e-6 && !math.IsInf(got, 1) {
						t.Fatalf("slot %d: %v kW is offered beyond a limit", slot, x)
					}
					continue
				}
				if x == 0 && len(offer[slot]) == 0 {
					continue // nothing is left, and nothing is always to be had
				}
				if got := offer[slot].At(x); math.Abs(got-want) > 1e-9 {
					t.Fatalf("slot %d: %v kW beside %v for %v, want %v\n%+v %v", slot, x, others, got, want, q, offer[slot])
				}
			}
		}
	})
}

func TestRespond_NeverMakesAPlanDearer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		h.Peak = supply.Peak{} // plans are made under a peak, not against it
		s := newState(h, Options{Judge: ledger(h)})
		drawPlan(t, s)
		// What leans over a limit costs what the state thinks it does.
		cost := func() (sum float64) {
			for slot := range h.Slots {
				sum += s.curves[slot].At(s.need[slot])
				for c := range h.Circuits {
					sum += h.Penalty * h.Slots[slot].Hours * max(s.load[c][slot]-h.Circuits[c].Limit, 0)
				}
			}
			for i, d := range h.Devices {
				own, _, _ := ownCost(d, s.power[i])
				sum += own
			}
			return sum
		}
		for range 3 {
			for i := range h.Devices {
				before := cost()
				if _, missing, outside := ownCost(h.Devices[i], s.power[i]); missing+outside > 0 {
					continue // resting is not allowed, so the first answer may cost
				}
				s.respond(context.Background(), i, 0)
				if after := cost(); after > before+1e-3 { // planSlack a slot
					t.Fatalf("device %d makes %v out of %v: %v", i, after, before, s.power[i])
				}
			}
		}
	})
}

func TestState_BestNeverGetsWorseAndIsWhatItsPowersScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		score, ctx := ledger(h), context.Background()
		s := newState(h, Options{Judge: score})
		random := rand.New(rand.NewPCG(1, 2))
		for range 8 {
			before := s.best
			switch rapid.IntRange(0, 6).Draw(t, "way") {
			case 0:
				s.construct(ctx, rapid.SampledFrom(blends).Draw(t, "thetas"))
			case 1:
				s.again(ctx)
			case 2:
				s.levels(ctx)
			case 3:
				s.squeeze(ctx, 0.2)
			case 4:
				s.resweep(ctx, s.bestPower)
			case 5:
				s.adopt(s.bestPower)
			case 6:
				s.tear(ctx, random)
			}
			if before.less(s.best) {
				t.Fatalf("from %v to %v", before, s.best)
			}
			if got := score(s.bestPower); got != s.best {
				t.Fatalf("the best plan scores %v, noted is %v", got, s.best)
			}
		}
	})
}

func TestState_NothingIsKeptAfterTheEnd(t *testing.T) {
	h := townHouse()
	h.Peak = supply.Peak{Price: 0.2, Blocks: [][2]int{{0, 2}, {2, 4}}}
	s := newState(h, Options{Judge: judge(h)})
	before := s.best
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	s.construct(ended, blends[0])
	s.levels(ended)
	s.tear(ended, rand.New(rand.NewPCG(1, 1)))
	if s.best != before {
		t.Errorf("after the end the best is %v, was %v", s.best, before)
	}
}

func TestState_KnowsItsPeakAndWhenALimitIsExceeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		s := newState(h, Options{Judge: ledger(h)})
		drawPlan(t, s)
		isOver := false
		for slot, q := range h.Slots {
			isOver = isOver || s.need[slot] > q.ImportLimit+1e-6
			for c := range h.Circuits {
				isOver = isOver || s.load[c][slot] > h.Circuits[c].Limit+1e-6
			}
		}
		if s.isOver() != isOver {
			t.Fatalf("over a limit: %v, told %v", isOver, s.isOver())
		}
		if got, want := h.Peak.Price*(s.top()-h.Peak.SoFar), peakOf(h, s.power); math.Abs(got-want) > 1e-9 {
			t.Fatalf("the peak costs %v, told %v", want, got)
		}
	})
}

func TestMarginal_IsThePriceAtWhichTheBestPlanTrades(t *testing.T) {
	h := townHouse() // needs 0.5, -2, 0.5 and 1
	s := newState(h, Options{Judge: judge(h)})
	s.bestPower[0][2] = -0.5 // neither buys nor sells
	if got, want := s.marginal(), []float64{0.1, 0.05, (0.4 + 0.05) / 2, 0.35}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestRun_FindsTheBestOfAllPlansAndItsBound(t *testing.T) {
	missed, whole := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		best := cheapest(h)
		o := Options{Judge: ledger(h), Gap: 0.002, Seed: rapid.Uint64().Draw(t, "seed"), First: func() {}}
		r := Run(context.Background(), context.Background(), h, o)
		score := o.Judge(r.Power)
		if !score.isWhole() {
			if !math.IsInf(best, 1) {
				t.Fatalf("score %v, but a plan at %v violates nothing", score, best)
			}
			return
		}
		if r.Bound > best+1e-6 || r.Bound > score[4]+1e-6 {
			t.Fatalf("bound %v above a plan at %v or %v", r.Bound, score[4], best)
		}
		if isListed(h) && score[4] < best-1e-6 {
			t.Fatalf("a plan at %v, the best of all is %v: %v", score[4], best, r.Power)
		}
		if whole++; score[4] > best+0.01 {
			missed++
		}
		o.Warm = r.Power
		if warm := o.Judge(Run(context.Background(), ended(), h, o).Power); score.less(warm) {
			t.Fatalf("begun with a plan at %v, ended at %v", score, warm)
		}
	})
	if missed > whole*2/5 { // about an eighth is usual: the search promises no more than its bound
		t.Errorf("%d of %d times a listed plan was cheaper by more than a cent", missed, whole)
	}
}

// ended is a context that has.
func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestRun_MakesAPlanWithABoundInNoTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		o := Options{Judge: ledger(h), Gap: 1e-9, First: func() {}}
		r := Run(context.Background(), ended(), h, o)
		if math.IsInf(r.Bound, -1) || r.Prices == 0 {
			t.Fatalf("bound %v after %d sets of prices", r.Bound, r.Prices)
		}
		again := Run(context.Background(), ended(), h, o)
		if again.Bound != r.Bound || !slices.EqualFunc(r.Power, again.Power, slices.Equal[[]float64]) {
			t.Fatalf("equal homes, but %v within %v and %v within %v", r.Power, r.Bound, again.Power, again.Bound)
		}
	})
}
