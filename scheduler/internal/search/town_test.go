package search

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/respond"
	"hearth/scheduler/internal/supply"
)

// townHouse is four slots with a cheap one, solar in another, two runs and a battery behind one circuit.
func townHouse() *home.Home {
	h := &home.Home{Need: []float64{0.5, -2, 0.5, 1}, Scale: 0.4, Penalty: 20, Order: []int{0, 1, 2}}
	for _, buy := range []float64{0.1, 0.3, 0.4, 0.35} {
		h.Slots = append(h.Slots, supply.Slot{Hours: 1, Buy: buy, Sell: 0.05, ImportLimit: 4, ExportLimit: 3, Curtailable: 1})
	}
	run := func(kW float64) *respond.Shiftable { return &respond.Shiftable{Profile: []float64{kW}, LatestEnd: 4} }
	battery := &respond.Store{
		To: 4, Keep: 1, Gain: []float64{1, 1, 1, 1}, Ranges: [][2]float64{{0, 2}}, Spill: 1.25, Back: 2, High: 3, Initial: 1,
		Required: math.Inf(-1), AlwaysOn: true, Switching: respond.Switching{MinOn: 1, MinOff: 1, MaxStarts: -1},
	}
	h.Devices = []respond.Device{run(2), run(2.5), battery}
	h.Circuits = []home.Circuit{{Limit: 3, Devices: []int{0, 1}}}
	return h
}

var bg = context.Background()

// ended is a context that has.
func ended() context.Context {
	ctx, cancel := context.WithCancel(bg)
	cancel()
	return ctx
}

func TestConstruct_FindsThePlanThatAPersonWould(t *testing.T) {
	h := townHouse()
	s := New(h, ledger(h))
	s.Construct(bg)
	score, power := s.Best()
	// One run at the cheap price, the other on solar: the circuit does not carry both.
	if power[0][0]+power[0][1] != 2 || power[1][0]+power[1][1] != 2.5 {
		t.Errorf("runs at %v and %v", power[0], power[1])
	}
	if !score.IsWhole() || score.Cost() != score[4] {
		t.Errorf("score %v", score)
	}
}

func TestConstruct_LetsRunsGiveWayToTheCircuit(t *testing.T) {
	h := townHouse()
	h.Circuits[0].Limit = 2.2 // the second run never fits
	s := New(h, ledger(h))
	s.Construct(bg)
	if score, power := s.Best(); score[0] != 0 || score[2] != 1 || sum(power[0]) != 2 {
		t.Errorf("score %v: want the limit kept and one run left out\n%v", score, power)
	}
	if kW := 2.3; math.IsInf(s.offer(1, 0)[1].At(kW), 1) {
		t.Errorf("%v kW are no longer offered, though the next plan may lean over the limit", kW)
	}
}

func TestNew_LetsEverythingRest(t *testing.T) {
	h := townHouse()
	h.Need[3] = 0
	s := New(h, ledger(h))
	score, power := s.Best()
	for i, row := range power {
		if sum(row) != 0 {
			t.Errorf("device %d is not at rest: %v", i, row)
		}
	}
	if score[2] != 2 || !slices.Equal(s.need, h.Need) {
		t.Errorf("score %v, needs %v", score, s.need)
	}
	if want := []float64{0.1, (0.3 + 0.05) / 2, 0.4, 0.35}; !slices.Equal(s.lambda, want) {
		t.Errorf("prices %v: want that of buying, where there is solar between it and that of selling: %v", s.lambda, want)
	}
}

func TestState_NothingIsKeptAfterTheEnd(t *testing.T) {
	h := townHouse()
	h.Peak = supply.Peak{Price: 0.2, Blocks: [][2]int{{0, 2}, {2, 4}}}
	s := New(h, ledger(h))
	before, _ := s.Best()
	power := home.Matrix(3, 4)
	power[0][0], power[1][1] = 2, 2.5
	s.Construct(ended())
	s.Resweep(ended(), power)
	s.Settle(ended(), power)
	s.Levels(ended())
	s.Tear(ended(), rand.New(rand.NewPCG(1, 1)))
	s.Stick(ended(), power, 100)
	if after, _ := s.Best(); after != before || s.End(ended()) {
		t.Errorf("after the end the best is %v, was %v", after, before)
	}
	s.Adopt(power) // which asks nobody
	if after, _ := s.Best(); !after.Less(before) {
		t.Errorf("the best is %v with both runs, and was %v", after, before)
	}
}

func TestPrice_IsWhatDevicesSeeInSharesAndACopy(t *testing.T) {
	h := townHouse()
	s := New(h, ledger(h))
	lambda := []float64{0.5, -0.1, 0, 0.25}
	s.Price(lambda)
	lambda[0] = 9
	for slot, want := range []float64{0.5, -0.1, 0, 0.25} {
		all, half, none := s.offer(0, 1)[slot].At(2), s.offer(0, 0.5)[slot].At(2), s.offer(0, 0)[slot].At(2)
		if math.Abs(all-2*want) > 1e-9 || math.Abs(half-(all+none)/2) > 1e-9 {
			t.Errorf("slot %d: 2 kW for %v, %v and %v, want %v of the shared price", slot, all, half, none, 2*want)
		}
	}
}

func TestSettle_OnlyWhatGivesBackTakesUpWhatIsLeftOver(t *testing.T) {
	h := townHouse()
	s := New(h, ledger(h))
	power := home.Matrix(3, 4)
	power[0][0], power[1][1], power[2][3] = 2, 2.5, 1.99
	s.Settle(bg, power)
	score, got := s.Best()
	if !slices.Equal(got[0], power[0]) || !slices.Equal(got[1], power[1]) || !score.IsWhole() {
		t.Errorf("score %v, settled to %v", score, got)
	}
	power[2] = got[2]
	other := New(h, ledger(h))
	other.Adopt(power)
	if adopted, _ := other.Best(); adopted != score {
		t.Errorf("settled to %v, the same plan adopted is %v", score, adopted)
	}
	if got[2][2] > -0.5+1e-9 {
		t.Errorf("the battery does %v: want it to give back at the highest price", got[2])
	}
}

// peakHouse is the town house with a dear peak of single slots.
func peakHouse() *home.Home {
	h := townHouse()
	h.Peak = supply.Peak{Price: 5, SoFar: 0.5, Blocks: [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 4}}}
	return h
}

func TestLevel_HoldsThePeakOfAPlanDown(t *testing.T) {
	for name, hold := range map[string]func(s *State){
		"levels":  func(s *State) { s.Levels(bg) },
		"squeeze": func(s *State) { s.Squeeze(bg, 0.3) },
	} {
		h := peakHouse()
		s := New(h, ledger(h))
		s.Construct(bg)
		plain, _ := s.Best()
		before := s.top()
		hold(s)
		held, power := s.Best()
		if !held.Less(plain) || s.top() >= before {
			t.Errorf("%s: from %v with a peak of %v to %v with %v", name, plain, before, held, s.top())
		}
		if !slices.EqualFunc(s.power, power, slices.Equal[[]float64]) || s.extra.Level != s.top() {
			t.Errorf("%s: it ends under %v with %v, not with its best, %v", name, s.extra.Level, s.power, power)
		}
	}
}

func TestSqueeze_LetsAPeakThatIsTooLowGo(t *testing.T) {
	h := peakHouse()
	low := New(h, ledger(h))
	low.Construct(bg)
	low.Levels(bg)
	_, power := low.Best()
	h = peakHouse()
	h.Peak.Price = 0.01 // now it is hardly worth anything
	s := New(h, ledger(h))
	s.Adopt(power)
	before := s.top()
	s.Squeeze(bg, 0.8)
	if s.top() <= before {
		t.Errorf("a peak of %v at next to no price has become %v", before, s.top())
	}
}

func TestLevel_IsNoLowerThanWhatIsPaidFor(t *testing.T) {
	h := peakHouse()
	s := New(h, ledger(h))
	s.Level(0.1)
	if s.extra.Level != 0.5 || s.extra.Peak != 5 {
		t.Errorf("import above %v costs %v more", s.extra.Level, s.extra.Peak)
	}
	h.Peak.Price = 0
	before := s.extra
	s.Levels(bg)
	s.Squeeze(bg, 0.3)
	if s.extra != before {
		t.Errorf("without a price of the peak the levels go from %+v to %+v", before, s.extra)
	}
}

func TestFollow_AsksEveryStoreThatCanGiveBack(t *testing.T) {
	h := townHouse()
	for _, back := range []float64{0, 0.25} {
		vehicle := *h.Devices[2].(*respond.Store)
		vehicle.Back, vehicle.Worth = back, 9 // so it would charge if it were asked
		h.Devices = append(h.Devices, &vehicle)
	}
	s := New(h, ledger(h))
	s.Follow(bg)
	if got := s.giving(); !slices.Equal(got, []int{2, 4}) || sum(s.power[3]) != 0 || sum(s.power[4]) <= 0 {
		t.Errorf("%v can give back; %v", got, s.power)
	}
}

func TestAnswer_MakesUseOfWhatIsThere(t *testing.T) {
	h := townHouse()
	s := New(h, ledger(h))
	before := s.leaning()
	if row := s.Answer(bg, 0, 0); row[1] != 2 { // on solar
		t.Errorf("the run answers %v", row)
	}
	middle := s.leaning()
	if row := s.Answer(bg, 2, 0); slices.Min(row) >= 0 || s.leaning() >= middle {
		t.Errorf("the battery answers %v: from %v over %v to %v", row, before, middle, s.leaning())
	}
}

// After the end devices no longer answer, which shows what they would have answered to.
func TestResweepAndTear_BeginWithTheRightPlan(t *testing.T) {
	h := townHouse()
	s := New(h, ledger(h))
	s.Construct(bg)
	_, best := s.Best()
	power := home.Matrix(3, 4)
	power[0][3] = 2
	s.Resweep(ended(), power)
	if !slices.EqualFunc(s.power, power, slices.Equal[[]float64]) {
		t.Errorf("resweeps from %v, want %v", s.power, power)
	}
	s.Tear(ended(), rand.New(rand.NewPCG(1, 1)))
	torn := 0
	for i, row := range s.power {
		if slices.Equal(row, s.rest) {
			torn++
		} else if !slices.Equal(row, best[i]) {
			t.Errorf("device %d does %v, in the best plan %v", i, row, best[i])
		}
	}
	if torn == 0 || torn == 3 {
		t.Errorf("%d devices are torn out", torn)
	}
}

func TestTear_MakesPlansOutOfNothing(t *testing.T) {
	h := townHouse()
	s := New(h, ledger(h))
	random := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		s.Tear(bg, random)
	}
	constructed := New(h, ledger(h))
	constructed.Construct(bg)
	score, _ := s.Best()
	if other, _ := constructed.Best(); other.Less(score) {
		t.Errorf("torn to %v, constructed at once it is %v", score, other)
	}
}

func TestScore_TheWeightierDecides(t *testing.T) {
	for name, c := range map[string]struct {
		a, b   Score
		isLess bool
	}{
		"a circuit before all":            {Score{1}, Score{0, 9, 9, 9, 9}, false},
		"a run before comfort and cost":   {Score{0, 0, 0, 9, 9}, Score{0, 0, 1, 0, 0}, true},
		"cost at last":                    {Score{4: 1}, Score{4: 2}, true},
		"equal ones":                      {Score{1, 2, 3, 4, 5}, Score{1, 2, 3, 4, 5}, false},
		"a hundredth of a cent":           {Score{4: 1}, Score{4: 1.0001}, true},
		"a rounding error of cost":        {Score{4: 1}, Score{4: 1.0000005}, false},
		"a rounding error of a violation": {Score{0.0005, 0, 0, 0, 1}, Score{0, 0, 0, 0, 2}, true},
	} {
		if got := c.a.Less(c.b); got != c.isLess {
			t.Errorf("%s: %v before %v is %v", name, c.a, c.b, got)
		}
	}
	for k := range 4 {
		s := Score{4: 7}
		if !s.IsWhole() || s.Cost() != 7 {
			t.Errorf("%v violates something, or costs %v", s, s.Cost())
		}
		if s[k] = 0.1; s.IsWhole() {
			t.Errorf("%v violates nothing", s)
		}
	}
}
