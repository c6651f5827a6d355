package respond

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawStore draws a thermal store, a vehicle or a battery; with fixed power the levels 0 and 1 are all it has.
func drawStore(t *rapid.T, kind string, isFixed bool) *Store {
	d := &Store{
		To: slots, Keep: 1, Low: -1e-7, High: 4 + 1e-7, Initial: float64(rapid.IntRange(0, 6).Draw(t, "initial")) / 2,
		Required: math.Inf(-1), Worth: float64(rapid.IntRange(-1, 2).Draw(t, "worth")) / 4,
		Switching: Switching{MinOn: 1, MinOff: 1, MaxStarts: -1}, BandPenalty: 1e3, RequiredPenalty: 1e5,
	}
	for range slots {
		d.Gain = append(d.Gain, float64(rapid.IntRange(1, 3).Draw(t, "gain"))/2)
	}
	switch kind {
	case "thermal":
		d.Keep = rapid.SampledFrom([]float64{1, 0.9}).Draw(t, "keep")
		d.Switching = drawSwitching(t)
		for range slots {
			d.Draw = append(d.Draw, float64(rapid.IntRange(0, 3).Draw(t, "draw"))/4)
		}
		d.Ranges = [][2]float64{{1, 2}}
	case "vehicle":
		d.From, d.To = 1, slots-rapid.IntRange(0, 2).Draw(t, "away")
		d.Required = d.Initial + float64(rapid.IntRange(0, 4).Draw(t, "required"))/2
		d.StartCost = 0.25
		d.Ranges = [][2]float64{{0.5, 1}, {2, 2.5}}
		if rapid.Bool().Draw(t, "gives back") {
			d.Back, d.Spill, d.BackCost = 1, 1.25, 0.125
		}
	case "battery":
		d.AlwaysOn = true
		d.Ranges = [][2]float64{{0, 2}}
		d.Back, d.Spill, d.BackCost = 1.5, 1.25, 0.125
	}
	if isFixed {
		d.Ranges = [][2]float64{{1, 1}}
	}
	return d
}

// own is what a behaviour costs beside the prices; false when it is not allowed, but for a little slip.
func (d *Store) own(power []float64) (cost float64, ok bool) {
	const slip = 1e-5
	stored := d.Initial
	for t := d.From; t < d.To; t++ {
		p := power[t]
		cost += d.BackCost * max(-p, 0)
		stored = d.Keep*stored - d.draw(t) + d.Gain[t]*max(p, 0) + d.Spill*min(p, 0)
		if stored < d.Low-slip || stored > d.High+slip {
			return 0, false
		}
	}
	if stored < d.Required-slip {
		return 0, false
	}
	cost -= d.Worth * stored
	if d.AlwaysOn {
		return cost, true
	}
	switches, ok := d.cost(power, true)
	return cost + switches, ok
}

func TestStore_OfFixedPowerIsAsCheapAsTheBestOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawStore(t, rapid.SampledFrom([]string{"thermal", "vehicle"}).Draw(t, "kind"), true)
		d.Back = 0
		prices := drawPrices(t)
		best := math.Inf(1)
		for row := range each([]float64{0, 1}) {
			isHere := true
			for s, p := range row {
				isHere = isHere && (p == 0 || s >= d.From && s < d.To)
			}
			if own, ok := d.own(row); ok && isHere { // infinite where the prices do not offer the power
				best = min(best, own+paid(prices, row))
			}
		}
		power := make([]float64, slots)
		cost, rigor, ok := d.Respond(context.Background(), Ask{Prices: prices, Slack: 1e-6}, power)
		if !ok {
			t.Fatal("the context has not ended")
		}
		if rigor != Strict {
			if !math.IsInf(best, 1) && d.MaxStarts < 0 {
				t.Fatalf("rigor %v, but %v is possible", rigor, best)
			}
			return
		}
		own, isAllowed := d.own(power)
		if !isAllowed || cost > best+1e-6 {
			t.Fatalf("cost %v, powers %v allowed %v, best of all %v", cost, power, isAllowed, best)
		}
		if real := own + paid(prices, power); d.MaxStarts < 0 && (cost < best-1e-5 || real > best+1e-5) {
			t.Fatalf("cost %v, powers %v cost %v, best of all %v", cost, power, real, best)
		}
	})
}

func TestStore_CostIsItsOwnAndNoOtherIsCheaper(t *testing.T) {
	levels := map[string][]float64{
		"thermal": {0, 1, 1.5, 2}, "vehicle": {-1, -0.5, 0, 0.5, 1, 2, 2.5}, "battery": {-1.5, -1, 0, 0.5, 2},
	}
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]string{"thermal", "vehicle", "battery"}).Draw(t, "kind")
		d := drawStore(t, kind, false)
		prices := drawPrices(t)
		power := make([]float64, slots)
		cost, rigor, _ := d.Respond(context.Background(), Ask{Prices: prices, Slack: 1e-6}, power)
		own, isAllowed := d.own(power)
		if real := own + paid(prices, power); rigor == Strict && (!isAllowed || real < cost-1e-5 || d.MaxStarts < 0 && real > cost+1e-5) {
			t.Fatalf("cost %v, powers %v (allowed %v) cost %v", cost, power, isAllowed, real)
		}
		for range 200 {
			row := make([]float64, slots)
			for s := d.From; s < d.To; s++ {
				row[s] = rapid.SampledFrom(levels[kind]).Draw(t, "power")
				if d.Back == 0 {
					row[s] = max(row[s], 0)
				}
			}
			other, ok := d.own(row)
			if !ok || math.IsInf(paid(prices, row), 1) {
				continue
			}
			if rigor != Strict && d.MaxStarts < 0 {
				t.Fatalf("rigor %v, but %v is allowed", rigor, row)
			}
			if other+paid(prices, row) < cost-1e-6 {
				t.Fatalf("cost %v, but %v costs %v", cost, row, other+paid(prices, row))
			}
		}
	})
}

func TestStore_GivesWayWhenItCannotKeepItsBand(t *testing.T) {
	d := &Store{
		To: 2, Keep: 1, Low: 2, High: 4, Initial: 0, Gain: []float64{1, 1}, Ranges: [][2]float64{{1, 1}}, Required: math.Inf(-1),
		Switching: Switching{MinOn: 1, MinOff: 1, MaxStarts: -1}, BandPenalty: 100, RequiredPenalty: 1000,
	}
	power := make([]float64, 2)
	free := flat(2, 0.25)
	cost, rigor, _ := d.Respond(context.Background(), Ask{Prices: free, Slack: 1e-6}, power)
	if rigor != Soft || power[0] != 1 || power[1] != 1 {
		t.Errorf("rigor %v, powers %v: want to heat throughout", rigor, power)
	}
	if want := 100 + 0.5; math.Abs(cost-want) > 1e-5 { // one kWh short after the first slot, none after the second
		t.Errorf("cost %v, want %v", cost, want)
	}
	d.MaxStarts = 0
	if _, rigor, _ = d.Respond(context.Background(), Ask{Prices: free, Slack: 1e-6}, power); rigor == Strict || power[0] != 0 || power[1] != 0 {
		t.Errorf("rigor %v, powers %v with no start allowed", rigor, power)
	}
}

func TestStore_WaitsOutItsHoldTimes(t *testing.T) {
	for name, c := range map[string]struct {
		Switching
		want []float64
	}{
		"its pause is over":       {Switching{MinOn: 1, MinOff: 3, OffFor: 3}, []float64{1, 1, 1, 1, 1, 1}},
		"two slots of its pause":  {Switching{MinOn: 1, MinOff: 3, OffFor: 1}, []float64{0, 0, 1, 1, 1, 1}},
		"one slot of its pause":   {Switching{MinOn: 1, MinOff: 3, OffFor: 2}, []float64{0, 1, 1, 1, 1, 1}},
		"nothing known":           {Switching{MinOn: 1, MinOff: 3}, []float64{1, 1, 1, 1, 1, 1}},
		"on, and on for the rest": {Switching{MinOn: 2, MinOff: 3, OnFor: 1}, []float64{1, 1, 1, 1, 1, 1}},
	} {
		d := &Store{
			To: slots, Keep: 1, High: 9, Gain: []float64{1, 1, 1, 1, 1, 1}, Ranges: [][2]float64{{1, 1}},
			Required: math.Inf(-1), Worth: 1, Switching: c.Switching,
		}
		d.MaxStarts = -1
		power := make([]float64, slots)
		d.Respond(context.Background(), Ask{Prices: flat(slots, 0.5), Slack: 1e-6}, power) // each kWh gains, so it runs when it may
		if !slices.Equal(power, c.want) {
			t.Errorf("%s: %v, want %v", name, power, c.want)
		}
		d.Worth = 0 // and now each one loses, so it stops when it may
		d.Respond(context.Background(), Ask{Prices: flat(slots, 0.5), Slack: 1e-6}, power)
		owed := 0.0
		if c.OnFor > 0 {
			owed = 1
		}
		if power[0] != owed || power[1] != 0 {
			t.Errorf("%s: %v, want to stop after %v", name, power, owed)
		}
	}
}

func TestStore_EndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d := &Store{To: 1, Keep: 1, High: 1, Gain: []float64{1}, Ranges: [][2]float64{{0, 1}}, AlwaysOn: true, Switching: Switching{MinOn: 1, MinOff: 1, MaxStarts: -1}}
	if _, _, ok := d.Respond(ctx, Ask{Prices: flat(1, 1), Slack: 1e-6}, make([]float64, 1)); ok {
		t.Error("answered after the end")
	}
}
