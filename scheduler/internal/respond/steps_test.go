package respond

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawSteps draws slots of one to most steps.
func drawSteps(t *rapid.T, most int) Steps {
	s := Steps{0}
	for _, in := range rapid.SliceOfN(rapid.IntRange(1, most), slots, slots).Draw(t, "steps") {
		s = append(s, s[len(s)-1]+in)
	}
	return s
}

// ones is slots that are steps, said at length.
var ones = Steps{0, 1, 2, 3, 4, 5, 6}

func TestSteps_ArePlacesOnTheFineGrid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSteps(t, 4)
		n := len(s) - 1
		sum := 0
		for at := range n {
			if s.At(at) != sum || s.In(at) < 1 {
				t.Fatalf("%v: slot %d begins at %d, want %d", s, at, s.At(at), sum)
			}
			sum += s.In(at)
		}
		step := rapid.IntRange(0, s[n]+5).Draw(t, "step")
		from := s.From(step)
		if from > 0 && from <= n && s[from-1] >= step || from <= n && s[from] < step || from > n && step <= s[n] || step > s[n] && from <= n {
			t.Fatalf("%v: from step %d on is slot %d", s, step, from)
		}
		at, hold := rapid.IntRange(0, n).Draw(t, "slot"), rapid.IntRange(1, 6).Draw(t, "hold")
		if after := s.After(at, hold); after != s.From(s[at]+hold) {
			t.Fatalf("%v: %d steps after slot %d is %d", s, hold, at, after)
		}
		since := s.Since(at, hold)
		for k := range at + 1 {
			if k >= since != (s[at]-s[k] < hold) {
				t.Fatalf("%v: %d steps before slot %d is %d", s, hold, at, since)
			}
		}
	})
}

func TestSteps_OfOneEachAreSlots(t *testing.T) {
	var none Steps
	for at := range slots {
		for hold := 1; hold < 4; hold++ {
			if ones.At(at) != none.At(at) || ones.In(at) != none.In(at) || ones.After(at, hold) != none.After(at, hold) || ones.Since(at, hold) != max(none.Since(at, hold), 0) {
				t.Errorf("slot %d, %d steps: not the same", at, hold)
			}
		}
	}
}

// lengths is how many steps of each slot a row of powers is on for, or the slot's when it is off; false when an
// interruptible may not have that row.
func (d *Interruptible) lengths(row []float64) (lengths []int, ok bool) {
	left, isPart := d.Run, false
	for at, kW := range row {
		in := d.Steps.In(at)
		lengths = append(lengths, in)
		if kW == 0 {
			continue
		}
		used := int(math.Round(kW / d.Power * float64(in)))
		if isPart || at < d.Earliest || at >= d.LatestEnd {
			return nil, false
		}
		isPart = used < in
		lengths[at] = used
		left -= used
	}
	return lengths, left == 0
}

// costOver is Switching.cost of slots of so many steps.
func (s Switching) costOver(row []float64, lengths []int, mayBeCut bool) (float64, bool) {
	var long []float64
	for at, kW := range row {
		for range lengths[at] {
			long = append(long, kW)
		}
	}
	return s.cost(long, mayBeCut)
}

// eachOf yields every row of powers out of those of each slot.
func eachOf(levels func(at int) []float64) func(yield func([]float64) bool) {
	row := make([]float64, slots)
	return func(yield func([]float64) bool) {
		var fill func(at int) bool
		fill = func(at int) bool {
			if at == slots {
				return yield(row)
			}
			for _, kW := range levels(at) {
				if row[at] = kW; !fill(at + 1) {
					return false
				}
			}
			return true
		}
		fill(0)
	}
}

func TestInterruptible_OverLongSlotsIsAsCheapAsTheBestOfAll(t *testing.T) {
	seen := map[Rigor]int{}
	rapid.Check(t, func(t *rapid.T) {
		d := &Interruptible{
			Power: 0.75, Run: rapid.IntRange(0, 7).Draw(t, "run"), LatestEnd: rapid.IntRange(1, slots).Draw(t, "end"),
			Switching: drawSwitching(t), Steps: drawSteps(t, 3),
		}
		if d.OnFor == 0 {
			d.Earliest = rapid.IntRange(0, d.LatestEnd-1).Draw(t, "earliest")
		}
		prices := drawPrices(t)
		best := math.Inf(1)
		parts := d.Parts()
		levels := func(at int) (out []float64) {
			for used := range d.Steps.In(at) + 1 {
				out = append(out, d.Power*float64(used)/float64(d.Steps.In(at)))
			}
			return out
		}
		for row := range eachOf(levels) {
			lengths, ok := d.lengths(row)
			if !ok {
				continue
			}
			for at, kW := range row {
				if used := lengths[at]; kW > 0 && used < d.Steps.In(at) && (used < parts[at-d.Earliest][0] || used > parts[at-d.Earliest][1]) {
					t.Fatalf("%+v uses %d steps of slot %d, told that %v can be", d, used, at, parts)
				}
			}
			if c, ok := d.costOver(row, lengths, false); ok {
				best = min(best, c+paid(prices, row))
			}
		}
		power := make([]float64, slots)
		cost, rigor, ok := d.Respond(context.Background(), Ask{Prices: prices}, power)
		if seen[rigor]++; !ok || (rigor == Strict) != !math.IsInf(best, 1) {
			t.Fatalf("%+v: rigor %v, best of all %v", d, rigor, best)
		}
		if least := d.window(prices).cheapest(d.Run); least > best+1e-9 {
			t.Fatalf("%+v: the cheapest steps cost %v, a behaviour %v", d, least, best)
		}
		if one, got, _ := d.singleRun(d.window(prices), make([]float64, slots)); got == Strict && one > best+1e-9 {
			t.Fatalf("%+v: told %v of a single run, the best of all is %v", d, one, best)
		}
		if rigor != Strict {
			return
		}
		lengths, isWhole := d.lengths(power)
		if !isWhole {
			t.Fatalf("%+v: powers %v", d, power)
		}
		own, isAllowed := d.costOver(power, lengths, false)
		if !isAllowed || math.Abs(cost-best) > 1e-9 || math.Abs(own+paid(prices, power)-best) > 1e-9 {
			t.Fatalf("%+v: cost %v, powers %v (allowed %v) cost %v, best of all %v", d, cost, power, isAllowed, own+paid(prices, power), best)
		}
	})
	if seen[Strict] < 20 {
		t.Errorf("answers by rigor %v: a case is never drawn", seen)
	}
}

// ownOver is own of a store whose slots hold several steps.
func (d *Store) ownOver(power []float64) (cost float64, ok bool) {
	stored, lengths := d.Initial, make([]int, slots)
	for at, kW := range power {
		lengths[at] = d.Steps.In(at)
		if at < d.From || at >= d.To {
			continue
		}
		n := float64(lengths[at])
		cost += n * d.BackCost * max(-kW, 0)
		stored = math.Pow(d.Keep, n)*stored - d.draw(at) + d.Gain[at]*max(kW, 0) + n*d.Spill*min(kW, 0)
		if stored < d.Low-1e-5 || stored > d.High+1e-5 {
			return 0, false
		}
	}
	if stored < d.Required-1e-5 {
		return 0, false
	}
	switches, ok := d.costOver(power, lengths, true)
	return cost - d.Worth*stored + switches, ok
}

func TestStore_OfFixedPowerOverLongSlotsIsAsCheapAsTheBestOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawStore(t, rapid.SampledFrom([]string{"thermal", "vehicle"}).Draw(t, "kind"), true)
		d.Back, d.MaxStarts, d.Steps = 0, -1, drawSteps(t, 3)
		prices := drawPrices(t)
		best := math.Inf(1)
		for row := range each([]float64{0, 1}) {
			isHere := !slices.Contains(row[:d.From], 1) && !slices.Contains(row[d.To:], 1)
			if c, ok := d.ownOver(row); ok && isHere {
				best = min(best, c+paid(prices, row))
			}
		}
		power := make([]float64, slots)
		cost, rigor, _ := d.Respond(context.Background(), Ask{Prices: prices, Slack: 1e-9}, power)
		if (rigor == Strict) != !math.IsInf(best, 1) {
			t.Fatalf("%+v: rigor %v, best of all %v", d, rigor, best)
		}
		if rigor != Strict {
			return
		}
		own, isAllowed := d.ownOver(power)
		if !isAllowed || math.Abs(cost-best) > 1e-5 || math.Abs(own+paid(prices, power)-best) > 1e-5 {
			t.Fatalf("%+v: cost %v, powers %v (allowed %v) cost %v, best of all %v", d, cost, power, isAllowed, own+paid(prices, power), best)
		}
	})
}

func TestShiftable_OverLongSlotsTakesTheMeanOfWhatFallsIntoEach(t *testing.T) {
	s := Steps{0, 1, 2, 5, 8}
	d := &Shiftable{Profile: []float64{1, 2, 4}, Earliest: 1, LatestEnd: 7}
	d.Place(s)
	want := []Run{
		{Step: 1, Slot: 1, Power: []float64{1, 2}},      // 1 | 2 4 .
		{Step: 2, Slot: 2, Power: []float64{7. / 3}},    // 1 2 4
		{Step: 4, Slot: 2, Power: []float64{1. / 3, 2}}, // . . 1 | 2 4 .   ends with its window
	}
	if d.Starts() != len(want) || len(d.Late) != 1 || d.Late[0].Step != 5 {
		t.Fatalf("%+v, late %+v", d.Runs, d.Late)
	}
	for k, run := range want {
		got := d.Run(k)
		isSame := got.Step == run.Step && got.Slot == run.Slot && len(got.Power) == len(run.Power)
		for i := range run.Power {
			isSame = isSame && math.Abs(got.Power[i]-run.Power[i]) < 1e-12
		}
		if !isSame {
			t.Errorf("start %d: %+v, want %+v", k, got, run)
		}
	}
	if from, to := d.Span(4); from != 1 || to != 4 {
		t.Errorf("acts from slot %d to %d", from, to)
	}
	if some := d.Within(2, 4); some.Starts() != 1 || some.Run(0).Step != 2 {
		t.Errorf("of the starts in steps 2 and 3 there are %+v", some.Runs)
	}
	if none := d.Within(5, 3); none.Starts() != 0 || none.Runs == nil {
		t.Errorf("of no starts there are %+v", none.Runs)
	}
	if _, most := d.Reach(); math.Abs(most-7./3) > 1e-12 {
		t.Errorf("reaches %v", most)
	}
}

func TestShiftable_ThatMustBeLateOverLongSlots(t *testing.T) {
	d := &Shiftable{Profile: []float64{1, 1, 1}, Earliest: 1, LatestEnd: 3}
	d.Place(Steps{0, 2, 4, 6, 8})
	if from, to := d.Span(4); d.Starts() != 0 || from != 1 || to != 4 {
		t.Errorf("starts %+v in slots %d to %d", d.Runs, from, to)
	}
	power := make([]float64, 4)
	if _, rigor, _ := d.Respond(context.Background(), Ask{Prices: flat(4, 1)}, power); rigor != Soft || !slices.Equal(power, []float64{0, 1, 0.5, 0}) {
		t.Errorf("rigor %v, powers %v", rigor, power)
	}
}

// Where slots are steps, to say so changes nothing.
func TestDevices_OverSlotsOfOneStepAnswerTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prices := drawPrices(t)
		var plain, long Device
		switch kind := rapid.SampledFrom([]string{"thermal", "vehicle", "battery", "interruptible", "shiftable"}).Draw(t, "kind"); kind {
		case "interruptible":
			d := drawInterruptible(t)
			same := *d
			same.Steps = ones
			plain, long = d, &same
		case "shiftable":
			from := rapid.IntRange(0, slots-1).Draw(t, "from")
			d := &Shiftable{Profile: []float64{1, halves(t, "profile", 0, 5)}, Earliest: from, LatestEnd: rapid.IntRange(from+1, slots).Draw(t, "end"), Optional: rapid.Bool().Draw(t, "optional")}
			same := *d
			same.Place(ones)
			plain, long = d, &same
		default:
			d := drawStore(t, kind, false)
			same := *d
			same.Steps = ones
			plain, long = d, &same
		}
		a, b := make([]float64, slots), make([]float64, slots)
		costA, rigorA, _ := plain.Respond(context.Background(), Ask{Prices: prices, Slack: 1e-6}, a)
		costB, rigorB, _ := long.Respond(context.Background(), Ask{Prices: prices, Slack: 1e-6}, b)
		if costA != costB || rigorA != rigorB || !slices.Equal(a, b) {
			t.Fatalf("%+v: %v at %v, %v; with steps %v at %v, %v", plain, a, costA, rigorA, b, costB, rigorB)
		}
	})
}
