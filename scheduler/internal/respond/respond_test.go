package respond

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/pwl"
)

const slots = 6

// drawPrices draws a price of power for each slot, with a bend, sometimes without the higher powers.
func drawPrices(t *rapid.T) Prices {
	var out Prices
	for range slots {
		buy, more := float64(rapid.IntRange(-4, 8).Draw(t, "price"))/4, float64(rapid.IntRange(0, 4).Draw(t, "bend"))/4
		end := rapid.SampledFrom([]float64{3, 3, 3, 1, 0.5}).Draw(t, "most")
		f := pwl.Func{{X0: -3, Y0: -3 * buy, X1: 0, Y1: 0}, {X0: 0, Y0: 0, X1: 0.5, Y1: 0.5 * buy}}
		if end > 0.5 {
			f = append(f, pwl.Seg{X0: 0.5, Y0: 0.5 * buy, X1: end, Y1: 0.5*buy + (end-0.5)*(buy+more)})
		}
		out = append(out, f)
	}
	return out
}

func drawSwitching(t *rapid.T) Switching {
	s := Switching{
		MinOn: rapid.IntRange(1, 3).Draw(t, "min on"), MinOff: rapid.IntRange(1, 3).Draw(t, "min off"),
		MaxStarts: rapid.IntRange(-1, 2).Draw(t, "max starts"), StartCost: float64(rapid.IntRange(0, 3).Draw(t, "start cost")) / 4,
	}
	switch rapid.IntRange(0, 2).Draw(t, "past") {
	case 0:
		s.OnFor = rapid.IntRange(1, 3).Draw(t, "on for")
	case 1:
		s.OffFor = rapid.IntRange(1, 3).Draw(t, "off for")
	}
	return s
}

// cost is what switching costs; false when it is not allowed.
func (s Switching) cost(power []float64, mayBeCut bool) (float64, bool) {
	isOn, length, known, starts := s.OnFor > 0, max(s.OnFor, s.OffFor), s.OnFor+s.OffFor > 0, 0
	for _, p := range power {
		if on := p > 0; on != isOn {
			if isOn && length < s.MinOn || !isOn && known && length < s.MinOff {
				return 0, false
			}
			if on {
				starts++
			}
			isOn, length, known = on, 0, true
		}
		length++
	}
	if isOn && !mayBeCut && length < s.MinOn || s.MaxStarts >= 0 && starts > s.MaxStarts {
		return 0, false
	}
	return float64(starts) * s.StartCost, true
}

// each yields every row of slots powers out of levels.
func each(levels []float64) func(yield func([]float64) bool) {
	row := make([]float64, slots)
	return func(yield func([]float64) bool) {
		var fill func(t int) bool
		fill = func(t int) bool {
			if t == slots {
				return yield(row)
			}
			for _, p := range levels {
				if row[t] = p; !fill(t + 1) {
					return false
				}
			}
			return true
		}
		fill(0)
	}
}

func paid(prices Prices, power []float64) (sum float64) {
	for t, p := range power {
		if p != 0 {
			sum += prices[t].At(p)
		}
	}
	return sum
}

func TestInterruptible_IsAsCheapAsTheBestOfAllSubsets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &Interruptible{Power: 0.75, Run: rapid.IntRange(0, 4).Draw(t, "run"), LatestEnd: rapid.IntRange(1, slots).Draw(t, "end"), Switching: drawSwitching(t)}
		if d.OnFor == 0 {
			d.Earliest = rapid.IntRange(0, d.LatestEnd-1).Draw(t, "earliest")
		}
		prices := drawPrices(t)
		best := math.Inf(1)
		for row := range each([]float64{0, d.Power}) {
			count := 0
			for s, p := range row {
				if p > 0 {
					count++
					if s < d.Earliest || s >= d.LatestEnd {
						count = -slots
					}
				}
			}
			if c, ok := d.cost(row, false); ok && count == d.Run {
				best = min(best, c+paid(prices, row))
			}
		}
		power := make([]float64, slots)
		cost, rigor, ok := d.Respond(context.Background(), Ask{Prices: prices, Slack: 0}, power)
		if !ok || (rigor == Strict) != !math.IsInf(best, 1) {
			t.Fatalf("rigor %v, best of all %v", rigor, best)
		}
		if rigor != Strict {
			return
		}
		own, isAllowed := d.cost(power, false)
		if !isAllowed || math.Abs(cost-best) > 1e-9 || math.Abs(own+paid(prices, power)-best) > 1e-9 {
			t.Fatalf("cost %v, powers %v (allowed %v) cost %v, best of all %v", cost, power, isAllowed, own+paid(prices, power), best)
		}
	})
}

func TestInterruptible_RunsInAsFewPiecesAsItMay(t *testing.T) {
	prices := make(Prices, slots)
	for i := range prices {
		prices[i] = pwl.Line(0, 0, 1, float64(i%2)) // every other slot is free
	}
	for _, c := range []struct {
		run, starts int
		want        float64
	}{{2, 1, 1}, {2, 2, 0}, {2, -1, 0}, {3, 1, 1}, {3, 2, 1}, {3, 3, 0}} {
		d := &Interruptible{Power: 1, Run: c.run, LatestEnd: slots, Switching: Switching{MinOn: 1, MinOff: 1, MaxStarts: c.starts}}
		power := make([]float64, slots)
		cost, rigor, _ := d.Respond(context.Background(), Ask{Prices: prices}, power)
		if _, isAllowed := d.cost(power, false); !isAllowed || cost != c.want || rigor != Strict || paid(prices, power) != cost {
			t.Errorf("%d slots in %d starts: %v for %v (allowed %v, rigor %v), want %v", c.run, c.starts, power, cost, isAllowed, rigor, c.want)
		}
	}
}

func TestInterruptible_TooLargeForTablesIsBoundedByItsCheapestSlots(t *testing.T) {
	const n = 4000
	d := &Interruptible{Power: 1, Run: 2000, LatestEnd: n, Switching: Switching{MinOn: 3, MinOff: 1, MaxStarts: -1}}
	prices := make(Prices, n)
	for i := range prices {
		prices[i] = pwl.Line(0, 0, 1, float64(i%7))
	}
	power := make([]float64, n)
	cost, rigor, ok := d.Respond(context.Background(), Ask{Prices: prices, Slack: 0}, power)
	if !ok || rigor != Strict || sum(power) != 2000 {
		t.Fatalf("rigor %v, %v slots", rigor, sum(power))
	}
	if real := paid(prices, power); cost > real {
		t.Errorf("bound %v above the cost %v of its own run", cost, real)
	}
}

func TestShiftable_BeginsAtTheCheapestStart(t *testing.T) {
	prices := make(Prices, slots)
	for i, p := range []float64{5, 3, 1, 1.5, 0, 9} {
		prices[i] = pwl.Line(0, 0, 2, 2*p)
	}
	for name, c := range map[string]struct {
		d     Shiftable
		start int
		cost  float64
		rigor Rigor
	}{
		"in the window":      {Shiftable{Profile: []float64{2, 1}, Earliest: 0, LatestEnd: 6}, 3, 3, Strict},
		"at its end":         {Shiftable{Profile: []float64{2, 1}, Earliest: 0, LatestEnd: 3}, 1, 7, Strict},
		"optional, worth it": {Shiftable{Profile: []float64{2, 1}, Earliest: 0, LatestEnd: 6, Optional: true, Value: 4}, 3, -1, Strict},
		"optional, not so":   {Shiftable{Profile: []float64{2, 1}, Earliest: 0, LatestEnd: 6, Optional: true, Value: 3}, -1, 0, Strict},
		"late, if it must":   {Shiftable{Profile: []float64{1, 1, 1}, Earliest: 2, LatestEnd: 4}, 2, 2.5, Soft},
		"nowhere":            {Shiftable{Profile: []float64{1, 1, 1}, Earliest: 4, LatestEnd: 6}, -1, 0, Soft},
	} {
		power := make([]float64, slots)
		cost, rigor, _ := c.d.Respond(context.Background(), Ask{Prices: prices, Slack: 0}, power)
		start := slices.IndexFunc(power, func(p float64) bool { return p > 0 })
		if start != c.start || cost != c.cost || rigor != c.rigor {
			t.Errorf("%s: begins at %d for %v (%v), want %d for %v (%v)", name, start, cost, rigor, c.start, c.cost, c.rigor)
		}
	}
}

// flat is one price for all powers of n slots.
func flat(n int, price float64) Prices {
	out := make(Prices, n)
	for i := range out {
		out[i] = pwl.Line(-3, -3*price, 3, 3*price)
	}
	return out
}
