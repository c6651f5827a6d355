package respond

import (
	"context"
	"math"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/pwl"
)

// The oracle answers for a store by looking at every state on a grid of half a kWh. With whole efficiencies,
// and prices, bands and draws that bend on that grid, some best behaviour stays on it: between bends all is
// straight, and what adds up to a store's content has whole corners. So the oracle is exact.

const half = 0.5

// drawOnGrid draws a store whose best behaviour is on the grid, of 8 slots.
func drawOnGrid(t *rapid.T) *Store {
	const n = 8
	d := &Store{
		To: n, Keep: 1, Low: -1e-7, High: 3 + 1e-7, Initial: halves(t, "initial", 0, 8), Required: math.Inf(-1),
		Worth: halves(t, "worth", -1, 2), Switching: Switching{MinOn: 1, MinOff: 1, MaxStarts: -1},
		BandPenalty: 100, RequiredPenalty: 1e4,
	}
	for range n {
		d.Gain = append(d.Gain, 1)
	}
	switch rapid.SampledFrom([]string{"thermal", "vehicle", "battery"}).Draw(t, "kind") {
	case "thermal":
		d.Switching = drawSwitching(t)
		d.MaxStarts = -1
		d.Ranges = [][2]float64{{half, 1}}
		for i := range n {
			d.Draw = append(d.Draw, halves(t, "draw", 0, 3))
			d.Gain[i] = float64(rapid.IntRange(0, 1).Draw(t, "gain")) // nothing at all in some slots
		}
	case "vehicle":
		d.From, d.To = rapid.IntRange(0, 2).Draw(t, "from"), n-rapid.IntRange(0, 2).Draw(t, "away")
		d.Required = d.Initial + halves(t, "required", 0, 8)
		d.StartCost, d.Ranges = 0.25, [][2]float64{{half, 1}, {1.5, 2}}
		if rapid.Bool().Draw(t, "gives back") {
			d.Back, d.Spill, d.BackCost = 1, 1, 0.125
		}
	case "battery":
		d.AlwaysOn, d.Ranges = true, [][2]float64{{0, 1.5}}
		d.Back, d.Spill, d.BackCost = 1, 1, 0.125
	}
	return d
}

func halves(t *rapid.T, label string, least, most int) float64 {
	return half * float64(rapid.IntRange(least, most).Draw(t, label))
}

// drawBends draws prices of power that bend at half a kW, up and down, some slots without the higher powers.
func drawBends(t *rapid.T, n int) Prices {
	var out Prices
	for range n {
		y, f := 0.0, pwl.Func(nil)
		back := float64(rapid.IntRange(-4, 8).Draw(t, "back")) / 4
		f = append(f, pwl.Seg{X0: -2, Y0: -2 * back, X1: 0, Y1: 0})
		most := rapid.SampledFrom([]float64{2, 2, 2, half}).Draw(t, "most")
		for x := 0.0; x < most; x += half {
			rise := float64(rapid.IntRange(-4, 8).Draw(t, "price")) / 8
			f = append(f, pwl.Seg{X0: x, Y0: y, X1: x + half, Y1: y + rise})
			y += rise
		}
		out = append(out, f)
	}
	return out
}

// oracle walks through every state.
type oracle struct {
	*Store
	prices Prices
	must   []bool // slots in which it has to be on; nil: none
	rigor  Rigor
	known  map[place]float64
}

// place is a state before a slot: what is stored, in halves, and for how long the device has been on or off.
type place struct {
	slot, stored, length int
	isOn                 bool
}

func (d *Store) best(prices Prices, rigor Rigor) float64 { return d.bestOn(prices, nil, rigor) }

// bestOn is the best of all that is on in some slots.
func (d *Store) bestOn(prices Prices, must []bool, rigor Rigor) float64 {
	o := &oracle{d, prices, must, rigor, map[place]float64{}}
	p := place{0, int(math.Round(d.Initial / half)), 99, false}
	if d.OnFor > 0 {
		p.isOn, p.length = true, d.OnFor
	} else if d.OffFor > 0 {
		p.length = d.OffFor
	}
	return o.from(p)
}

// from is the least cost from a place on.
func (o *oracle) from(p place) float64 {
	if p.slot == len(o.prices) {
		return o.end(half * float64(p.stored))
	}
	if cost, isKnown := o.known[p]; isKnown {
		return cost
	}
	best := math.Inf(1)
	for _, kW := range o.powers(p.slot) {
		cost, next, ok := o.move(p, kW)
		if ok {
			best = min(best, cost+o.from(next))
		}
	}
	o.known[p] = best
	return best
}

// powers are those on the grid that a slot has.
func (o *oracle) powers(slot int) []float64 {
	out := []float64{0}
	if slot < o.From || slot >= o.To {
		return out
	}
	for _, r := range o.Ranges {
		for kW := r[0]; kW <= r[1]; kW += half {
			out = append(out, kW)
		}
	}
	for kW := half; kW <= o.Back; kW += half {
		out = append(out, -kW)
	}
	return out
}

// move is a slot at a power: what it costs, and where it leads to.
func (o *oracle) move(p place, kW float64) (cost float64, next place, ok bool) {
	next = place{p.slot + 1, p.stored, p.length + 1, p.isOn}
	if kW <= 0 && o.must != nil && o.must[p.slot] {
		return 0, next, false
	}
	if kW != 0 {
		cost = o.prices[p.slot].At(kW) + o.BackCost*max(-kW, 0)
	}
	if p.slot >= o.From && p.slot < o.To {
		stored := half*float64(p.stored) - o.draw(p.slot) + o.Gain[p.slot]*max(kW, 0) + o.Spill*min(kW, 0)
		next.stored = int(math.Round(stored / half))
		outside := max(o.Low-stored, stored-o.High, 0)
		if outside > 0 && o.rigor == Strict {
			return 0, next, false
		}
		cost += o.BandPenalty * outside
	}
	if isOn := kW > 0; isOn != p.isOn && !o.AlwaysOn {
		hold := o.MinOff
		if p.isOn {
			hold = o.MinOn
		} else {
			cost += o.StartCost
		}
		if p.length < hold && o.rigor != Loose {
			return 0, next, false
		}
		next.isOn, next.length = isOn, 1
	}
	return cost, next, true
}

func (o *oracle) end(stored float64) float64 {
	missing := max(o.Required-stored, 0)
	if missing > 0 && o.rigor == Strict {
		return math.Inf(1)
	}
	cost := -o.Worth * stored
	if missing > 0 {
		cost += o.RequiredPenalty * missing
	}
	return cost
}

func TestStore_IsAsCheapAsTheOracleAndNoLaxer(t *testing.T) {
	seen := map[Rigor]int{}
	rapid.Check(t, func(t *rapid.T) {
		d := drawOnGrid(t)
		prices := drawBends(t, 8)
		power := make([]float64, 8)
		cost, rigor, ok := d.Respond(context.Background(), Ask{Prices: prices, Slack: 1e-9}, power)
		if !ok {
			t.Fatal("the context has not ended")
		}
		seen[rigor]++
		for stricter := Strict; stricter < rigor; stricter++ {
			if c := d.best(prices, stricter); !math.IsInf(c, 1) {
				t.Fatalf("rigor %v, but at rigor %v it costs %v", rigor, stricter, c)
			}
		}
		if want := d.best(prices, rigor); math.Abs(cost-want) > 1e-3 { // bands are 1e-7 wider, at penalties of 1e4
			t.Fatalf("%+v\nrigor %v, cost %v, powers %v; the oracle's is %v", d.Switching, rigor, cost, power, want)
		}
	})
	if seen[Strict] == 0 || seen[Soft] == 0 {
		t.Errorf("answers by rigor %v: a case is never drawn", seen)
	}
}

func TestStore_StaysWithinItsStartsWhateverItGivesUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawOnGrid(t)
		prices := drawBends(t, 8)
		power := make([]float64, 8)
		free, _, _ := d.Respond(context.Background(), Ask{Prices: prices, Slack: 1e-9}, power)
		if d.AlwaysOn {
			return
		}
		d.MaxStarts = rapid.IntRange(0, 2).Draw(t, "starts")
		cost, rigor, ok := d.Respond(context.Background(), Ask{Prices: prices, Slack: 1e-9}, power)
		starts, isOn := 0, d.OnFor > 0
		for _, p := range power {
			if p > 0 && !isOn {
				starts++
			}
			isOn = p > 0
		}
		if !ok || starts > d.MaxStarts || math.IsInf(cost, 1) {
			t.Fatalf("%d starts of %d at rigor %v, cost %v: %v", starts, d.MaxStarts, rigor, cost, power)
		}
		if cost < free-1e-3 {
			t.Fatalf("with a limit of %d starts %v, without one %v", d.MaxStarts, cost, free)
		}
	})
}

func TestStore_SlackLosesAtMostThatMuchASlot(t *testing.T) {
	const n, slack = 64, 0.02
	rapid.Check(t, func(t *rapid.T) {
		d := &Store{
			To: n, Keep: 0.99, Low: 0, High: 12, Initial: 5, Spill: 1.3, Back: 2, BackCost: 0.01, Ranges: [][2]float64{{0, 2}},
			Required: math.Inf(-1), Worth: 0.2, AlwaysOn: true, Switching: Switching{MinOn: 1, MinOff: 1, MaxStarts: -1},
		}
		var prices Prices
		for range n {
			d.Gain = append(d.Gain, rapid.Float64Range(0.7, 1).Draw(t, "gain"))
			d.Draw = append(d.Draw, rapid.Float64Range(0, 0.3).Draw(t, "draw"))
			buy, sell := rapid.Float64Range(0, 0.5).Draw(t, "buy"), rapid.Float64Range(0, 0.3).Draw(t, "sell")
			prices = append(prices, pwl.Func{{X0: -3, Y0: -3 * sell}, {X1: 0.7, Y1: 0.7 * buy}, {X0: 0.7, Y0: 0.7 * buy, X1: 3, Y1: 3.5 * buy}})
		}
		power := make([]float64, n)
		exact, _, _ := d.Respond(context.Background(), Ask{Prices: prices, Slack: 1e-12}, power)
		cost, rigor, ok := d.Respond(context.Background(), Ask{Prices: prices, Slack: slack}, power)
		own, isAllowed := d.own(power)
		if real := own + paid(prices, power); !ok || rigor != Strict || !isAllowed || cost > exact+1e-9 || cost < exact-n*slack || real < exact-1e-6 || real > exact+n*slack {
			t.Fatalf("cost %v, really %v (allowed %v), exact %v", cost, real, isAllowed, exact)
		}
	})
}
