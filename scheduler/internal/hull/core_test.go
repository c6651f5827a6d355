package hull

import (
	"math"
	"math/rand/v2"
	"testing"
)

// drawCrowd draws a home of more parts than a hull holds, each with few powers on the grid; some are idle at
// the point, the others are at work, and take about what the sun gives.
func drawCrowd(r *rand.Rand, idle float64) (*home, []legal) {
	h := &home{slot: Slot{Curtailable: 20, ImportLimit: 40, ExportLimit: 10, A: 1}}
	if r.IntN(3) == 0 { // left falls somewhere, or limits bind
		slopes := pick(r, [][2]float64{{1, -0.5}, {-0.5, -1}, {0.5, 1}})
		h.slot.A, h.slot.B = slopes[0], slopes[1]
		h.slot.ImportLimit, h.slot.Curtailable = halves(r, 4, 40), halves(r, 0, 2)
	}
	net := 0.0
	for range 9 + r.IntN(3) {
		low := halves(r, 1, 5)
		p := Part{Bands: [][2]float64{{low, low + half*float64(r.IntN(4)/3)}}}
		switch r.IntN(8) {
		case 0:
			p = Part{Bands: [][2]float64{{0, half}}, Back: half, IsFree: true}
		case 1:
			p.Bands[0][1] = low
			p.Back = half
		}
		if on := r.Float64(); r.Float64() >= idle {
			p.Power, p.Given = on*p.Bands[0][r.IntN(2)], r.Float64()*(1-on)*p.Back
			if !p.IsFree {
				p.On = on
			}
		}
		net += p.Power - p.Given
		h.parts = append(h.parts, p)
	}
	h.slot.Need = -half * math.Round(net*(0.7+0.6*r.Float64())/half)
	return h, h.all()
}

func TestSeparate_HoldsForCrowdsToo(t *testing.T) {
	for _, s := range []*Separator{{}, {IsClassical: true}} {
		found := 0
		for seed := range uint64(24) {
			r := rand.New(rand.NewPCG(seed, 40))
			h, all := drawCrowd(r, []float64{0, 0.5, 0.9}[seed%3])
			if all == nil {
				continue
			}
			left := relaxed(h.slot, h.parts) - halves(r, 0, 2)
			cut, ok := h.separate(s, left)
			if !ok {
				continue
			}
			found++
			h.mustHold(t, seed, cut, all)
			h.mustBe(t, seed, cut, left)
			if got := Constant(h.slot, h.parts, cut, h.low, h.high); math.Abs(got-cut.Constant) > 1e-9 {
				t.Fatalf("seed %d: %+v\n%+v: the constant is %v", seed, h, cut, got)
			}
			terms := 0
			for i := range h.parts {
				if cut.Power[i] != 0 || cut.On[i] != 0 {
					terms++
				}
			}
			if terms > many {
				t.Errorf("seed %d: a cut of %d parts", seed, terms)
			}
		}
		if found < 15 {
			t.Errorf("classical %v: only %d cuts were tried", s.IsClassical, found)
		}
	}
}

func TestSeparate_IdlePartsTakeNothingFromACut(t *testing.T) {
	s := new(Separator)
	found, lifted := 0, 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 41))
		h, all := drawCrowd(r, 0.7)
		if s := supplyOf(h.slot, 0, 0); all == nil || !s.isRising(h.parts) {
			continue
		}
		left := relaxed(h.slot, h.parts)
		cut, ok := h.separate(s, left)
		cut = copied(cut)
		alone := &home{slot: h.slot}
		for _, p := range h.parts {
			if p.Power+p.Given+p.On > atWork {
				alone.parts = append(alone.parts, p)
			}
		}
		other, otherOK := alone.separate(s, left)
		if ok != otherOK || math.Abs(other.Violation-cut.Violation) > 1e-5 {
			t.Fatalf("seed %d: %+v\nbroken by %v, without those that are idle by %v", seed, h, cut.Violation, other.Violation)
		}
		if !ok {
			continue
		}
		found++
		for i, p := range h.parts {
			if p.Power+p.Given+p.On > atWork || cut.On[i] == 0 {
				continue
			}
			lifted++
			// The terms of a lifted part are as great as they can be: where it is on, something is tight.
			slack := math.Inf(1)
			for k := range all {
				if all[k].on[i] == 1 {
					slack = min(slack, all[k].left-cut.Constant-cut.worth(&all[k]))
				}
			}
			if slack > 1e-6 {
				t.Errorf("seed %d: being on could give part %d %v more in %+v", seed, i, slack, cut)
			}
		}
	}
	if found < 15 || lifted < 20 {
		t.Errorf("only %d cuts with %d lifted parts", found, lifted)
	}
}

func TestSeparate_LiftsWhatIsIdleIntoTheSharingCut(t *testing.T) {
	slot := Slot{Need: -3, Curtailable: 3, ImportLimit: 20, ExportLimit: 20, A: 1}
	parts := []Part{
		{Bands: [][2]float64{{5, 5}}, Power: 2.5, On: 0.5},
		{Bands: [][2]float64{{1, 4}}},                        // c - S
		{Bands: [][2]float64{{1, 2}}},                        // fits under the sun
		{Bands: [][2]float64{{4, 4}}},                        // does not
		{Bands: [][2]float64{{0, 3}}, IsFree: true, Back: 2}, // has no indicator to lift
	}
	cut, ok := new(Separator).Separate(slot, parts, 0, 0, 0)
	want := Cut{
		Power: []float64{0, 1, 0, 0, 0}, On: []float64{2, -3, 0, 1, 0}, Back: []float64{0, 0, 0, 0, 1}, Violation: 1,
	}
	if !ok || !isAbout(cut, want) {
		t.Errorf("the cut is %+v, not %+v", cut, want)
	}
}

func TestSeparate_TakesTheConstantOfAllParts(t *testing.T) {
	// Ten heaters where limits are tight: eight are in the hull, and the two others, which might fill any gap
	// there if they were not as coarse as they are, are looked at in the end.
	s := new(Separator)
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 44))
		slopes := pick(r, [][2]float64{{-1, -0.5}, {-0.5, -1}, {1, -0.5}})
		h := &home{slot: Slot{
			Need: halves(r, 0, 10), ImportLimit: halves(r, 8, 40), ExportLimit: 5, A: slopes[0], B: slopes[1],
		}}
		for range 10 {
			power, on := halves(r, 4, 20), r.Float64()
			h.parts = append(h.parts, Part{Bands: [][2]float64{{power, power}}, Power: on * power, On: on})
		}
		cut, ok := h.separate(s, relaxed(h.slot, h.parts)-halves(r, 0, 6))
		if !ok {
			continue
		}
		if exact := Constant(h.slot, h.parts, cut, 0, 0); math.Abs(cut.Constant-exact) > 1e-9 {
			t.Errorf("seed %d: the constant is %v, not %v", seed, exact, cut.Constant)
		}
	}
}

func TestSeparate_HoldsWhereNotAllCanBeLookedAt(t *testing.T) {
	s := new(Separator)
	found := 0
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 43))
		// Somebody pays for what is taken, so those outside the hull pull left down when they are on.
		h := &home{slot: Slot{Need: halves(r, -30, -10), Curtailable: 1, ImportLimit: 60, ExportLimit: 30, A: -0.5, B: -1}}
		for range 14 {
			power, on := halves(r, 2, 6), r.Float64()
			h.parts = append(h.parts, Part{Bands: [][2]float64{{power, power}}, Power: on * power, On: on})
		}
		cut, ok := h.separate(s, relaxed(h.slot, h.parts)-20)
		if !ok {
			continue
		}
		found++
		if exact := Constant(h.slot, h.parts, cut, 0, 0); cut.Constant > exact+1e-9 {
			t.Errorf("seed %d: the constant is %v, not %v", seed, exact, cut.Constant)
		}
	}
	if found < 5 {
		t.Errorf("only %d cuts were tried", found)
	}
}

func TestSeparate_LeavesOutWhatWouldTakeTooLong(t *testing.T) {
	s := new(Separator)
	slot := Slot{Need: -9, Curtailable: 9, ImportLimit: 60, ExportLimit: 20, A: 1}
	var parts []Part
	for i := range 8 { // machines that run through programs of nine powers
		p := Part{On: 0.4}
		for k := range 9 {
			power := 0.2 * float64(i+k+1)
			p.Bands = append(p.Bands, [2]float64{power, power})
			p.Power += 0.4 * power / 9
		}
		parts = append(parts, p)
	}
	if _, ok := s.Separate(slot, parts, -5, 0, 0); !ok {
		t.Error("no cut")
	}
	combinations := 1
	for i := range parts {
		if s.isCore[i] {
			combinations *= parts[i].options()
		}
	}
	if combinations > affordable || combinations < affordable/10 {
		t.Errorf("the hull has %d combinations", combinations)
	}
}

// TestSearch_EndsAtTheOptimum looks inside: at the end the master's value is the cut's, and its inverse still
// belongs to its basis.
func TestSearch_EndsAtTheOptimum(t *testing.T) {
	s := new(Separator)
	ended := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 42))
		slot, parts := drawStreet(r, 8)
		slot.ImportLimit = pick(r, []float64{6, 12, 30})
		if _, ok := s.Separate(slot, parts, relaxed(slot, parts), 0, 0); !ok {
			continue
		}
		ended++
		m := &s.master
		cost, sum := 0.0, 0.0
		for i, b := range m.basis {
			if b < 0 {
				cost += m.bound * m.theta[i]
				if p := m.price[^b/2] * float64(1-2*(^b%2)); math.Abs(p-m.bound) > 1e-6 {
					t.Fatalf("seed %d: missing coordinate %d is in the basis at %v", seed, ^b/2, p)
				}
				continue
			}
			cost += m.costs[b] * m.theta[i]
			sum += m.theta[i]
			if d := m.costs[b] - m.price[m.n] - m.at(m.points[b*m.n:][:m.n]); math.Abs(d) > 1e-6 {
				t.Fatalf("seed %d: point %d is in the basis with a reduced cost of %v", seed, b, d)
			}
		}
		if math.Abs(cost-m.value()) > 1e-6 || math.Abs(sum-1) > 1e-6 {
			t.Fatalf("seed %d: the mixture of %v costs %v, its multipliers say %v", seed, sum, cost, m.value())
		}
	}
	if ended < 50 {
		t.Errorf("only %d searches ended with a cut", ended)
	}
}
