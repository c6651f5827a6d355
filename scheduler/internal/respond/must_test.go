package respond

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/pwl"
)

// A proof by cases asks devices what they cost at least while they are on in some slots and off in others.

// drawMust draws few slots in which a device has to be on, and takes the positive powers of others out of the
// prices.
func drawMust(t *rapid.T, prices Prices) (must []bool) {
	must = make([]bool, len(prices))
	for s := range prices {
		switch rapid.IntRange(0, 7).Draw(t, "must") {
		case 0:
			must[s] = true
		case 1:
			prices[s] = prices[s].Cut(nil, -3, 0)
		}
	}
	return must
}

// isOn says that a row is on wherever it has to be.
func isOn(row []float64, must []bool) bool {
	for s, p := range row {
		if must[s] && p <= 0 {
			return false
		}
	}
	return true
}

// isOff says that a row is off wherever prices offer no power above 0.
func isOff(row []float64, prices Prices) bool {
	for s, p := range row {
		if p > 0 && (len(prices[s]) == 0 || prices[s][len(prices[s])-1].X1 <= 0) {
			return false
		}
	}
	return true
}

func TestInterruptible_ThatMustBeOnIsAsCheapAsTheBestThatIs(t *testing.T) {
	possible, impossible := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		d, prices := drawInterruptible(t), drawPrices(t)
		must := drawMust(t, prices)
		best := math.Inf(1)
		for row, count := range d.runs(prices) {
			if own, ok := d.cost(row, false); ok && count == d.Run && isOn(row, must) {
				best = min(best, own+paid(prices, row))
			}
		}
		power := make([]float64, slots)
		cost, rigor, ok := d.Respond(context.Background(), Ask{Prices: prices, Must: must, IsStrict: true}, power)
		if !ok || rigor != Strict || math.IsInf(cost, 1) != math.IsInf(best, 1) {
			t.Fatalf("%+v on in %v: cost %v at rigor %v, the best of all is %v", d, must, cost, rigor, best)
		}
		if math.IsInf(best, 1) {
			impossible++
			if sum(power) != 0 {
				t.Fatalf("%+v: nothing is allowed, but it does %v", d, power)
			}
			return
		}
		possible++
		own, isAllowed := d.cost(power, false)
		if !isAllowed || !isOn(power, must) || !isOff(power, prices) {
			t.Fatalf("%+v on in %v: %v is not allowed", d, must, power)
		}
		if real := own + paid(prices, power); math.Abs(cost-best) > 1e-9 || math.Abs(real-best) > 1e-9 {
			t.Fatalf("%+v on in %v: cost %v, really %v, the best of all is %v", d, must, cost, real, best)
		}
	})
	if possible == 0 || impossible == 0 {
		t.Errorf("%d questions had an answer, %d had none: a case is never drawn", possible, impossible)
	}
}

func TestStore_ThatMustBeOnIsAsCheapAsTheOracleThatIs(t *testing.T) {
	possible, impossible := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		d := drawOnGrid(t)
		prices := drawBends(t, 8)
		must := drawMust(t, prices)
		if d.AlwaysOn {
			must = nil // it is not switched
		}
		best := d.bestOn(prices, must, Strict)
		power := make([]float64, 8)
		cost, rigor, ok := d.Respond(context.Background(), Ask{Prices: prices, Slack: 1e-9, Must: must, IsStrict: true}, power)
		if !ok || rigor != Strict || math.IsInf(cost, 1) != math.IsInf(best, 1) {
			t.Fatalf("%+v on in %v: cost %v at rigor %v, the oracle's is %v", d.Switching, must, cost, rigor, best)
		}
		if math.IsInf(best, 1) {
			impossible++
			return
		}
		possible++
		own, isAllowed := d.own(power)
		if !isAllowed || must != nil && !isOn(power, must) || !isOff(power, prices) {
			t.Fatalf("%+v on in %v: %v is not allowed", d.Switching, must, power)
		}
		if real := own + paid(prices, power); math.Abs(cost-best) > 1e-5 || math.Abs(real-best) > 1e-5 {
			t.Fatalf("%+v on in %v: cost %v, really %v, the oracle's is %v", d.Switching, must, cost, real, best)
		}
	})
	if possible == 0 || impossible == 0 {
		t.Errorf("%d questions had an answer, %d had none: a case is never drawn", possible, impossible)
	}
}

func TestStore_ThatMustBeOnStaysBelowTheBestOfFewStarts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawStore(t, rapid.SampledFrom([]string{"thermal", "vehicle"}).Draw(t, "kind"), true)
		d.Back, d.MaxStarts = 0, rapid.IntRange(0, 2).Draw(t, "starts")
		prices := drawPrices(t)
		must := drawMust(t, prices)
		best := math.Inf(1)
		for row := range each([]float64{0, 1}) {
			isAway := sum(row[:d.From])+sum(row[d.To:]) > 0
			if own, ok := d.own(row); ok && !isAway && isOn(row, must) {
				best = min(best, own+paid(prices, row))
			}
		}
		power := make([]float64, slots)
		cost, _, ok := d.Respond(context.Background(), Ask{Prices: prices, Slack: 1e-9, Must: must, IsStrict: true}, power)
		if !ok || cost > best+1e-6 {
			t.Fatalf("%+v on in %v: cost %v above the best of all, %v", d.Switching, must, cost, best)
		}
		if math.IsInf(cost, 1) {
			return
		}
		if own, isAllowed := d.own(power); !isAllowed || !isOn(power, must) || own+paid(prices, power) < cost-1e-6 {
			t.Fatalf("%+v on in %v: %v for %v (allowed %v)", d.Switching, must, power, cost, isAllowed)
		}
	})
}

// drawDevice draws a device of any kind with prices for it.
func drawDevice(t *rapid.T) (Device, Prices) {
	switch rapid.IntRange(0, 3).Draw(t, "device") {
	case 0:
		d := &Shiftable{Profile: []float64{1, halves(t, "profile", 0, 5)}, LatestEnd: rapid.IntRange(1, slots).Draw(t, "end")}
		if d.Optional = rapid.Bool().Draw(t, "optional"); d.Optional {
			d.Value = halves(t, "value", 0, 4)
		}
		return d, drawPrices(t)
	case 1:
		return drawInterruptible(t), drawPrices(t)
	case 2:
		d := drawOnGrid(t)
		if !d.AlwaysOn {
			d.MaxStarts = rapid.IntRange(-1, 2).Draw(t, "starts")
		}
		return d, drawBends(t, 8)
	}
	return drawStore(t, rapid.SampledFrom([]string{"thermal", "vehicle", "battery"}).Draw(t, "kind"), false), drawPrices(t)
}

func TestDevices_CostTheSameWhetherTheyTellTheirPowersOrNot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, prices := drawDevice(t)
		ask := Ask{Prices: prices, Slack: rapid.SampledFrom([]float64{1e-9, 0.01}).Draw(t, "slack"), IsStrict: rapid.Bool().Draw(t, "strict")}
		if rapid.Bool().Draw(t, "musts") {
			ask.Must = drawMust(t, prices)
		}
		first, second := slices.Repeat([]float64{math.NaN()}, len(prices)), make([]float64, len(prices)) // whatever was there before
		told, rigor, ok := d.Respond(context.Background(), ask, first)
		cost, same, isAnswer := d.Respond(context.Background(), ask, nil)
		if cost != told || rigor != same || !ok || !isAnswer {
			t.Fatalf("%T %+v: %v at rigor %v with its powers, %v at rigor %v without", d, d, told, rigor, cost, same)
		}
		if again, _, _ := d.Respond(context.Background(), ask, second); again != told || !slices.Equal(first, second) {
			t.Fatalf("%T: a question without powers changed the answer from %v to %v", d, first, second)
		}
	})
}

func TestDevices_AskedToBeStrictAreInfinitelyDearWhereTheyWouldGiveWay(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, rareCases(func(t *rapid.T) {
		d, prices := drawDevice(t)
		power, strict := make([]float64, len(prices)), make([]float64, len(prices))
		plain, rigor, _ := d.Respond(context.Background(), Ask{Prices: prices, Slack: 1e-9}, power)
		cost, kept, ok := d.Respond(context.Background(), Ask{Prices: prices, Slack: 1e-9, IsStrict: true}, strict)
		seen[fmt.Sprintf("%T %v", d, rigor == Strict)]++
		switch {
		case !ok || kept != Strict:
			t.Fatalf("%T %+v: asked to be strict, answers at rigor %v", d, d, kept)
		case rigor == Strict && (cost != plain || !slices.Equal(power, strict)):
			t.Fatalf("%T %+v: %v for %v, asked to be strict %v for %v", d, d, power, plain, strict, cost)
		case rigor != Strict && !math.IsInf(cost, 1):
			t.Fatalf("%T %+v: gives way at rigor %v, asked to be strict it costs %v", d, d, rigor, cost)
		}
	}))
	if len(seen) != 6 {
		t.Errorf("answers %v: a case is never drawn", seen)
	}
}

func TestDevices_ThatMustBeOnWhereTheyAreNotToBeHadAreInfinitelyDear(t *testing.T) {
	free := Switching{MinOn: 1, MinOff: 1, MaxStarts: -1}
	for name, c := range map[string]struct {
		d         Device
		isAllowed []bool // to be on in slot 0, 1, ...
	}{
		"interruptible": {&Interruptible{Power: 1, Run: 2, Earliest: 1, LatestEnd: 4, Switching: free}, []bool{false, true, true, true, false, false}},
		"interruptible that must still rest": {&Interruptible{
			Power: 1, Run: 2, LatestEnd: slots, Switching: Switching{MinOn: 1, MinOff: 3, MaxStarts: -1, OffFor: 1},
		}, []bool{false, false, true, true, true, true}},
		"vehicle": {&Store{
			From: 2, To: 5, Keep: 1, High: 9, Gain: slices.Repeat([]float64{1}, slots), Ranges: [][2]float64{{1, 2}}, Required: math.Inf(-1), Switching: free,
		}, []bool{false, false, true, true, true, false}},
		"heat that must still rest": {&Store{
			To: slots, Keep: 1, High: 9, Gain: slices.Repeat([]float64{1}, slots), Ranges: [][2]float64{{1, 2}}, Required: math.Inf(-1),
			Switching: Switching{MinOn: 1, MinOff: 4, MaxStarts: -1, OffFor: 1},
		}, []bool{false, false, false, true, true, true}},
	} {
		for s, isAllowed := range c.isAllowed {
			must := make([]bool, slots)
			must[s] = true
			for _, power := range [][]float64{nil, make([]float64, slots)} {
				cost, _, ok := c.d.Respond(context.Background(), Ask{Prices: flat(slots, 1), Slack: 1e-9, Must: must, IsStrict: true}, power)
				if !ok || math.IsInf(cost, 1) == isAllowed {
					t.Errorf("%s, on in slot %d: cost %v", name, s, cost)
				}
			}
		}
	}
}

// A range that begins at nothing is answered as if it began at the floor, where the device is switched at all.
func TestStore_IsOnWithNoLessThanItsFloor(t *testing.T) {
	raised, ignored := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		d := drawOnGrid(t)
		d.Ranges = [][2]float64{{0, 2}, {0.25, 0.25}}
		same := *d
		isSwitched := !d.AlwaysOn && !d.Switching.IsFree()
		if isSwitched {
			same.Ranges = [][2]float64{{half, 2}, {0.25, 0.25}} // what is all below the floor is left
		}
		prices := drawBends(t, 8)
		power, want := make([]float64, 8), make([]float64, 8)
		cost, rigor, _ := d.Respond(context.Background(), Ask{Prices: prices, Slack: 1e-9, Floor: half}, power)
		wantCost, wantRigor, _ := same.Respond(context.Background(), Ask{Prices: prices, Slack: 1e-9}, want)
		if cost != wantCost || rigor != wantRigor || !slices.Equal(power, want) {
			t.Fatalf("%+v: %v for %v, want %v for %v", d.Switching, power, cost, want, wantCost)
		}
		if isSwitched {
			raised++
		} else {
			ignored++
		}
	})
	if raised == 0 || ignored == 0 {
		t.Errorf("%d devices were switched, %d were not: a case is never drawn", raised, ignored)
	}
}

// What is too large for tables is still bounded, wherever the powers are to be had.

func TestInterruptible_TooLargeForTablesIsBoundedWhenNoSingleRunIsToBeHad(t *testing.T) {
	const n = 4000
	d := &Interruptible{Power: 1, Run: 2000, LatestEnd: n, Switching: Switching{MinOn: 1, MinOff: 1, MaxStarts: -1}}
	prices, row := make(Prices, n), make([]float64, n)
	for i := range prices {
		if prices[i] = pwl.Line(0, 0, 1, -1); i%3 == 0 { // it must be off
			prices[i] = nil
		} else if sum(row) < float64(d.Run) {
			row[i] = d.Power
		}
	}
	real := paid(prices, row)
	for _, isStrict := range []bool{false, true} {
		cost, _, ok := d.Respond(context.Background(), Ask{Prices: prices, IsStrict: isStrict}, make([]float64, n))
		if !ok || cost > real {
			t.Errorf("strict %v: bound %v above a behaviour at %v", isStrict, cost, real)
		}
	}
	d.Run = 2700 // 2666 slots are left
	if cost, rigor, _ := d.Respond(context.Background(), Ask{Prices: prices, IsStrict: true}, make([]float64, n)); !math.IsInf(cost, 1) || rigor != Strict {
		t.Errorf("more slots than are to be had for %v at rigor %v", cost, rigor)
	}
}
