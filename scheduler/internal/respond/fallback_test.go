package respond

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/pwl"
)

// drawInterruptible draws a window, a run and a past of any kind.
func drawInterruptible(t *rapid.T) *Interruptible {
	d := &Interruptible{
		Power: 0.75, Run: rapid.IntRange(0, 5).Draw(t, "run"), LatestEnd: rapid.IntRange(1, slots).Draw(t, "end"),
		Switching: drawSwitching(t),
	}
	if d.OnFor == 0 {
		d.Earliest = rapid.IntRange(0, d.LatestEnd-1).Draw(t, "earliest")
	}
	return d
}

// runs yields every choice of slots of the window, with their number and what they cost, where the prices
// offer the power in all of them.
func (d *Interruptible) runs(prices Prices) func(yield func(row []float64, count int) bool) {
	return func(yield func([]float64, int) bool) {
		for row := range each([]float64{0, d.Power}) {
			count := 0
			for s, p := range row {
				switch {
				case p == 0:
				case s < d.Earliest || s >= d.LatestEnd:
					count = -slots
				default:
					count++
				}
			}
			if count >= 0 && count <= d.Run && !math.IsInf(paid(prices, row), 1) && !yield(row, count) {
				return
			}
		}
	}
}

// least is the greatest number of slots that can be run and the least cost of so many; -1 when even none is
// against the rules.
func (d *Interruptible) least(prices Prices, s Switching) (most int, cost float64) {
	most, cost = -1, math.Inf(1)
	for row, count := range d.runs(prices) {
		own, ok := s.cost(row, false)
		switch own += paid(prices, row); {
		case !ok:
		case count > most:
			most, cost = count, own
		case count == most:
			cost = min(cost, own)
		}
	}
	return most, cost
}

// rareCases draws several times for each time that rapid does: some cases come once in twenty or thirty.
func rareCases(property func(t *rapid.T)) func(t *rapid.T) {
	return func(t *rapid.T) {
		for range 8 {
			property(t)
		}
	}
}

func TestInterruptible_GivesUpSlotsBeforeHoldTimes(t *testing.T) {
	seen := map[Rigor]int{}
	rapid.Check(t, rareCases(func(t *rapid.T) {
		d, prices := drawInterruptible(t), drawPrices(t)
		power := make([]float64, slots)
		cost, rigor, ok := d.Respond(context.Background(), Ask{Prices: prices, Slack: 0}, power)
		seen[rigor]++
		kept := d.Switching
		want, best := d.least(prices, kept)
		wantRigor := Strict
		switch {
		case want < 0: // its past allows nothing at all
			kept.MinOn, kept.MinOff = 1, 1
			want, best = d.least(prices, kept)
			wantRigor = Loose
		case want < d.Run:
			wantRigor = Soft
		}
		own, isAllowed := kept.cost(power, false)
		if got := int(math.Round(sum(power) / d.Power)); !ok || rigor != wantRigor || got != want || !isAllowed {
			t.Fatalf("%+v: rigor %v, %v (allowed %v); want rigor %v, %d slots", d, rigor, power, isAllowed, wantRigor, want)
		}
		if real := own + paid(prices, power); math.Abs(cost-best) > 1e-9 || math.Abs(real-best) > 1e-9 {
			t.Fatalf("%+v: cost %v, really %v, the best of so many slots is %v", d, cost, real, best)
		}
	}))
	if seen[Strict] == 0 || seen[Soft] == 0 || seen[Loose] == 0 {
		t.Errorf("answers by rigor %v: a case is never drawn", seen)
	}
}

func TestInterruptible_KeepsToItsStartsWhenHoldTimesGo(t *testing.T) {
	d := &Interruptible{Power: 1, Run: 3, LatestEnd: slots, Switching: Switching{MinOn: 2, MinOff: 2, MaxStarts: 2, OnFor: 1}}
	prices := flat(slots, 1)
	prices[0] = nil // it should go on, but cannot
	for _, s := range []int{2, 4} {
		prices[s] = pwl.Line(0, 0, 1, 9) // three runs would be cheapest
	}
	power := make([]float64, slots)
	if cost, rigor, _ := d.Respond(context.Background(), Ask{Prices: prices, Slack: 0}, power); rigor != Loose || cost != 11 || power[1]+power[3]+power[5] != 2 {
		t.Errorf("rigor %v, cost %v, powers %v: want two starts", rigor, cost, power)
	}
}

// What is too large for tables is answered by one run.

func TestInterruptible_SingleRunIsBoundedAndStrictOnlyWhenItIs(t *testing.T) {
	seen := map[Rigor]int{}
	rapid.Check(t, rareCases(func(t *rapid.T) {
		d, prices := drawInterruptible(t), drawPrices(t)
		power := make([]float64, slots)
		cost, rigor, ok := d.singleRun(d.window(prices), power)
		seen[rigor]++
		most, best := d.least(prices, d.Switching)
		if !ok || most == d.Run && cost > best+1e-9 {
			t.Fatalf("%+v: bound %v above a behaviour at %v", d, cost, best)
		}
		if rigor != Strict {
			return
		}
		if _, isAllowed := d.cost(power, false); !isAllowed || int(math.Round(sum(power)/d.Power)) != d.Run {
			t.Fatalf("%+v: called strict, but %v is not", d, power)
		}
		if from := slices.Index(power, d.Power); from >= 0 && slices.Contains(power[from:from+d.Run], 0) {
			t.Fatalf("%+v: %v is more than one run", d, power)
		}
		if real := paid(prices, power); math.IsInf(real, 1) || real < cost-1e-9 {
			t.Fatalf("%+v: %v costs %v, told %v", d, power, real, cost)
		}
	}))
	if seen[Strict] == 0 || len(seen) < 2 {
		t.Errorf("answers by rigor %v: a case is never drawn", seen)
	}
}

func TestInterruptible_SingleRunTakesTheCheapestPlace(t *testing.T) {
	for name, c := range map[string]struct {
		d    Interruptible
		want []float64
	}{
		"anywhere":         {Interruptible{Run: 2}, []float64{0, 0, 1, 1, 0, 0}},
		"at once, as on":   {Interruptible{Run: 2, Switching: Switching{OnFor: 1}}, []float64{1, 1, 0, 0, 0, 0}},
		"after its pause":  {Interruptible{Run: 2, Switching: Switching{MinOff: 4, OffFor: 1}}, []float64{0, 0, 0, 1, 1, 0}},
		"nowhere to be on": {Interruptible{Run: 2, Switching: Switching{MinOff: 9, OffFor: 1}}, []float64{0, 0, 0, 0, 0, 0}},
		"too short, as on": {Interruptible{Run: 0, Switching: Switching{OnFor: 1}}, []float64{0, 0, 0, 0, 0, 0}},
	} {
		d := c.d
		d.Power, d.LatestEnd, d.MinOn, d.MaxStarts = 1, slots, max(d.MinOn, 1), -1
		power := make([]float64, slots)
		d.singleRun(&window{cost: []float64{5, 5, 1, 1, 2, 5}, steps: []int{0, 1, 2, 3, 4, 5, 6}}, power)
		if !slices.Equal(power, c.want) {
			t.Errorf("%s: %v, want %v", name, power, c.want)
		}
	}
}

func TestDevices_EndWithTheirContextAndReachWhatTheyMayDo(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for name, c := range map[string]struct {
		d           Device
		least, most float64
	}{
		"shiftable":     {&Shiftable{Profile: []float64{1, 2.5, 0}, LatestEnd: slots}, 0, 2.5},
		"interruptible": {&Interruptible{Power: 0.75, Run: 2, LatestEnd: slots, Switching: Switching{MinOn: 1, MinOff: 1, MaxStarts: -1}}, 0, 0.75},
		"vehicle": {&Store{
			To: slots, Keep: 1, High: 9, Gain: make([]float64, slots), Ranges: [][2]float64{{2, 3}, {0.5, 1}}, Back: 1.5, Spill: 1,
			Required: math.Inf(-1), Switching: Switching{MinOn: 1, MinOff: 1, MaxStarts: -1, StartCost: 1},
		}, -1.5, 3},
	} {
		if least, most := c.d.Reach(); least != c.least || most != c.most {
			t.Errorf("%s: reaches from %v to %v", name, least, most)
		}
		power := make([]float64, slots)
		if _, _, ok := c.d.Respond(ended, Ask{Prices: flat(slots, 1), Slack: 1e-6}, power); ok {
			t.Errorf("%s: answered after the end", name)
		}
		cost, rigor, ok := c.d.Respond(context.Background(), Ask{Prices: flat(slots, 1), Slack: 1e-6}, power)
		if !ok || rigor != Strict || math.IsInf(cost, 0) || slices.Max(power) > c.most || slices.Min(power) < c.least {
			t.Errorf("%s: cost %v, rigor %v, powers %v", name, cost, rigor, power)
		}
	}
}

func TestShiftable_IsAsCheapAsTheBestOfAllStarts(t *testing.T) {
	seen := map[Rigor]int{}
	rapid.Check(t, rareCases(func(t *rapid.T) {
		d := &Shiftable{Earliest: rapid.IntRange(0, slots-1).Draw(t, "earliest"), Optional: rapid.Bool().Draw(t, "optional")}
		d.LatestEnd = rapid.IntRange(d.Earliest+1, slots).Draw(t, "end")
		for range rapid.IntRange(1, 4).Draw(t, "length") {
			d.Profile = append(d.Profile, halves(t, "profile", 0, 3))
		}
		d.Profile[len(d.Profile)-1] += half // so that a run can be seen
		if d.Optional {
			d.Value = halves(t, "value", 0, 8)
		}
		prices := drawPrices(t)
		costs := map[int]float64{} // of each start that the prices offer, wherever it is
		for s := 0; s+len(d.Profile) <= slots; s++ {
			row := make([]float64, slots)
			copy(row[s:], d.Profile)
			if c := paid(prices, row); !math.IsInf(c, 1) {
				costs[s] = c
			}
		}
		want, at, wantRigor := math.Inf(1), -1, Strict
		for s, c := range costs {
			if s >= d.Earliest && s+len(d.Profile) <= d.LatestEnd && c < want {
				want = c
			}
		}
		switch {
		case d.Optional:
			want = min(want-d.Value, 0)
		case math.IsInf(want, 1):
			want, wantRigor = 0, Soft
			for s := d.Earliest; s < slots && at < 0; s++ {
				if c, ok := costs[s]; ok {
					at, want = s, c
				}
			}
		}
		power := make([]float64, slots)
		cost, rigor, ok := d.Respond(context.Background(), Ask{Prices: prices, Slack: 0}, power)
		seen[rigor]++
		if !ok || rigor != wantRigor || math.Abs(cost-want) > 1e-9 {
			t.Fatalf("%+v: cost %v, rigor %v, want %v, %v", d, cost, rigor, want, wantRigor)
		}
		real := paid(prices, power)
		if sum(power) > 0 && d.Optional {
			real -= d.Value
		}
		if math.Abs(real-cost) > 1e-9 {
			t.Fatalf("%+v: told %v, but %v costs %v", d, cost, power, real)
		}
		if late := make([]float64, slots); at >= 0 {
			copy(late[at:], d.Profile)
			if !slices.Equal(late, power) {
				t.Fatalf("%+v: %v, the least late is %v", d, power, late)
			}
		}
	}))
	if seen[Strict] == 0 || seen[Soft] == 0 {
		t.Errorf("answers by rigor %v: a case is never drawn", seen)
	}
}

// Hold times too long for a recursion's memory are cut, which may only ever allow more.

func TestStore_CutsHoldTimesOnlyToWhatFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{10, 1000, 50_000}).Draw(t, "slots")
		d := &Store{
			To: n, Keep: 1, High: 9, Gain: make([]float64, n), Ranges: [][2]float64{{1, 1}}, Required: math.Inf(-1),
			Switching: Switching{MinOn: rapid.IntRange(1, 600).Draw(t, "min on"), MinOff: rapid.IntRange(1, 600).Draw(t, "min off"), MaxStarts: -1},
		}
		most := max(maxLayers/n, 2)
		r := d.begin(Ask{Prices: make(Prices, n), Slack: 1e-6}, Strict, 0, true)
		if r.minOn < 1 || r.minOff < 1 || r.minOn > d.MinOn || r.minOff > d.MinOff || r.minOn+r.minOff > most {
			t.Fatalf("%d and %d slots are cut to %d and %d, at most %d fit", d.MinOn, d.MinOff, r.minOn, r.minOff, most)
		}
		if fits := d.MinOn+d.MinOff <= most; fits && (r.minOn != d.MinOn || r.minOff != d.MinOff) {
			t.Fatalf("%d and %d slots fit into %d, but are cut to %d and %d", d.MinOn, d.MinOff, most, r.minOn, r.minOff)
		}
	})
}

func TestDevices_AnswerTheSameInAnyMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shared := new(Memory)
		for range 3 { // each leaves its memory behind
			d, prices := drawDevice(t)
			ask := Ask{Prices: prices, Slack: 1e-6, IsStrict: rapid.Bool().Draw(t, "strict")}
			alone, second := make([]float64, len(prices)), make([]float64, len(prices))
			cost, rigor, _ := d.Respond(context.Background(), ask, alone)
			ask.Memory = shared
			for _, power := range [][]float64{second, nil, second} {
				again, same, _ := d.Respond(context.Background(), ask, power)
				if cost != again || rigor != same || !slices.Equal(alone, second) {
					t.Fatalf("%T: alone %v for %v, in shared memory %v for %v", d, alone, cost, second, again)
				}
			}
		}
	})
}
