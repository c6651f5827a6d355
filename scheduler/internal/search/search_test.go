package search

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/respond"
	"hearth/scheduler/internal/supply"
)

// townHouse is four slots with a cheap one, solar in another, two runs and a battery behind one circuit.
func townHouse() *Home {
	h := &Home{Need: []float64{0.5, -2, 0.5, 1}, Scale: 0.4, Penalty: 20, Order: []int{0, 1, 2}}
	for _, buy := range []float64{0.1, 0.3, 0.4, 0.35} {
		h.Slots = append(h.Slots, supply.Slot{Hours: 1, Buy: buy, Sell: 0.05, ImportLimit: 4, ExportLimit: 3, Curtailable: 1})
	}
	run := func(kW float64) *respond.Shiftable { return &respond.Shiftable{Profile: []float64{kW}, LatestEnd: 4} }
	battery := &respond.Store{
		To: 4, Keep: 1, Gain: []float64{1, 1, 1, 1}, Ranges: [][2]float64{{0, 2}}, Spill: 1.25, Back: 2, High: 3, Initial: 1,
		Required: math.Inf(-1), AlwaysOn: true, Switching: respond.Switching{MinOn: 1, MinOff: 1, MaxStarts: -1},
	}
	h.Devices = []respond.Device{run(2), run(2.5), battery}
	h.Circuits = []Circuit{{Limit: 3, Devices: []int{0, 1}}}
	return h
}

// judge prices a plan of the town house by its curves, with limits but without penalties for stores.
func judge(h *Home) func(power [][]float64) Score {
	return func(power [][]float64) (s Score) {
		var m supply.Maker
		for t, slot := range h.Slots {
			need := h.Need[t]
			for _, row := range power {
				need += row[t]
			}
			s[0] += max(need-slot.ImportLimit, 0)
			for _, c := range h.Circuits {
				load := 0.0
				for _, i := range c.Devices {
					load += max(power[i][t], 0)
				}
				s[0] += max(load-c.Limit, 0)
			}
			s[4] += slot.Curve(nil, &m, 20, supply.Extra{}).At(need)
		}
		for i, d := range h.Devices {
			if _, ok := d.(*respond.Shiftable); ok && sum(power[i]) == 0 {
				s[2]++
			}
		}
		return s
	}
}

func sum(v []float64) (s float64) {
	for _, x := range v {
		s += x
	}
	return s
}

func TestRun_FindsThePlanThatAPersonWould(t *testing.T) {
	h := townHouse()
	hasFirst := false
	r := Run(context.Background(), context.Background(), h, Options{Judge: judge(h), Gap: 1e-9, First: func() { hasFirst = true }})
	// One run at the cheap price, the other on solar: the circuit does not carry both.
	if r.Power[0][0]+r.Power[0][1] != 2 || r.Power[1][0]+r.Power[1][1] != 2.5 {
		t.Errorf("runs at %v and %v", r.Power[0], r.Power[1])
	}
	score := judge(h)(r.Power)
	if !score.isWhole() || r.Bound > score[4]+1e-9 || !hasFirst {
		t.Errorf("score %v, bound %v, first plan told: %v", score, r.Bound, hasFirst)
	}
}

func TestRun_LetsRunsGiveWayToTheCircuit(t *testing.T) {
	h := townHouse()
	h.Circuits[0].Limit = 2.2 // the second run never fits
	limited, cancel := context.WithCancel(context.Background())
	cancel() // the first plan already keeps to it
	r := Run(context.Background(), limited, h, Options{Judge: judge(h), Gap: 1e-9, First: func() {}})
	if score := judge(h)(r.Power); score[0] != 0 || score[2] != 1 {
		t.Errorf("score %v: want the limit kept and one run left out\n%v", score, r.Power)
	}
}

func TestRun_ReturnsAtOnceWhenItsContextHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	h := townHouse()
	r := Run(ctx, ctx, h, Options{Judge: judge(h), First: func() {}})
	for i, row := range r.Power {
		if sum(row) != 0 {
			t.Errorf("device %d is not at rest: %v", i, row)
		}
	}
}

func TestDual_EveryPointIsBelowEveryPlan(t *testing.T) {
	h := townHouse()
	h.Peak = supply.Peak{Price: 0.2, SoFar: 1, Blocks: [][2]int{{0, 2}, {2, 4}}}
	score := judge(h)
	best := math.Inf(1)
	for a := range 4 {
		for b := range 4 {
			if a == b {
				continue // beyond the circuit
			}
			for _, charge := range []float64{0, 1, 2} { // charged in the first slot, given back in the third
				power := matrix(3, 4)
				power[0][a], power[1][b] = 2, 2.5
				power[2][0], power[2][2] = charge, -min(2, (1+charge)/1.25)
				if s := score(power); s.isWhole() {
					s[4] += peakOf(h, power)
					best = min(best, s[4])
				}
			}
		}
	}
	state := newState(h, Options{Judge: score})
	top := newDual(h, state)
	top.climb(context.Background(), 200, Score{4: best})
	if top.value < best-0.25 || top.value > best+1e-9 {
		t.Errorf("climbed to %v, the best plan is at %v", top.value, best)
	}
	rapid.Check(t, func(t *rapid.T) {
		d := newDual(h, state)
		p := point{slices.Clone(top.best.lambda), slices.Clone(top.best.kappa), matrix(1, 4)}
		spread := rapid.SampledFrom([]int{0, 2, 40}).Draw(t, "spread") // about where the value is highest, or anywhere
		nu := float64(rapid.IntRange(0, 20).Draw(t, "nu of all")) / 100
		for i := range p.lambda {
			p.lambda[i] += float64(rapid.IntRange(-spread, spread).Draw(t, "lambda")) / 100
			p.nu[0][i] = top.best.nu[0][i] + nu + float64(rapid.IntRange(0, spread).Draw(t, "nu"))/100
		}
		for b := range p.kappa {
			p.kappa[b] += float64(rapid.IntRange(0, 10).Draw(t, "kappa")) / 100
		}
		project(p.kappa, h.Peak.Price)
		value, _, _ := d.price(context.Background(), p, 1e-9)
		if value > best+1e-9 {
			t.Fatalf("value %v above a plan at %v", value, best)
		}
	})
}

// peakOf is the price of a plan's peak.
func peakOf(h *Home, power [][]float64) float64 {
	top := h.Peak.SoFar
	for _, b := range h.Peak.Blocks {
		imported := 0.0
		for t := b[0]; t < b[1]; t++ {
			need := h.Need[t]
			for _, row := range power {
				need += row[t]
			}
			imported += max(need, 0)
		}
		top = max(top, imported/float64(b[1]-b[0]))
	}
	return h.Peak.Price * (top - h.Peak.SoFar)
}

func TestProject_IsTheNearestAllowed(t *testing.T) {
	for _, c := range []struct {
		v, want []float64
		sum     float64
	}{
		{[]float64{1, -2, 3}, []float64{1, 0, 3}, 5},
		{[]float64{1, -2, 3}, []float64{0, 0, 2}, 2},
		{[]float64{2, 3}, []float64{1, 2}, 3},
		{[]float64{2, 3}, []float64{0, 0}, 0},
	} {
		got := append([]float64(nil), c.v...)
		project(got, c.sum)
		for i := range got {
			if math.Abs(got[i]-c.want[i]) > 1e-12 {
				t.Errorf("%v within %v: %v, want %v", c.v, c.sum, got, c.want)
				break
			}
		}
	}
}

func TestScore_TheWeightierDecides(t *testing.T) {
	if !(Score{0, 0, 0, 9, 9}).less(Score{0, 0, 1, 0, 0}) || (Score{1}).less(Score{0, 9, 9, 9, 9}) || !(Score{4: 1}).less(Score{4: 2}) {
		t.Error("a lighter part decided")
	}
}
