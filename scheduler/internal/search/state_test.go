package search

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/supply"
)

// drawPlan puts a listed behaviour of each device.
func drawPlan(t *rapid.T, s *State) {
	for i, d := range s.Devices {
		s.put(i, rapid.SampledFrom(behaviours(d, len(s.Slots))).Draw(t, "behaviour"))
	}
}

func TestState_SumsAreThoseOfItsPowersAfterAnyChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		s := New(h, ledger(h))
		for range 10 {
			switch i := rapid.IntRange(0, len(h.Devices)-1).Draw(t, "device"); rapid.IntRange(0, 4).Draw(t, "change") {
			case 0:
				drawPlan(t, s)
			case 1:
				s.Answer(bg, i, 0.5)
			case 2:
				s.put(i, s.rest)
			case 3:
				s.End(bg)
			case 4:
				s.Follow(bg)
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
func (s *State) slotCost(slot int, need float64) float64 {
	q := s.Slots[slot]
	weight := 0.0
	for _, b := range s.Peak.Blocks {
		if slot >= b[0] && slot < b[1] {
			weight = 1 / float64(b[1]-b[0])
		}
	}
	at := func(net float64) float64 {
		beyond := q.Hours * s.Penalty * (max(net-q.ImportLimit, 0) + max(-net-q.ExportLimit, 0))
		return trade(q, net) + beyond + s.extra.Peak*weight*max(net-min(s.extra.Level, q.ImportLimit), 0)
	}
	best := math.Inf(1)
	for c := 0.0; c <= q.Curtailable; c += 0.125 { // every bend is on this grid
		best = min(best, at(need+c))
	}
	return best
}

func TestOffer_IsWhatAPowerAddsToTheHome(t *testing.T) {
	hard, held := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		s := New(h, ledger(h))
		for i, d := range h.Devices {
			row := slices.Clone(rapid.SampledFrom(behaviours(d, len(h.Slots))).Draw(t, "behaviour"))
			for slot := range row { // to the grid of the bends
				row[slot] = math.Round(row[slot]*8) / 8
			}
			s.put(i, row)
		}
		if h.Peak.Price > 0 && rapid.Bool().Draw(t, "held down") {
			held++
			s.Level(halfKW(t, "level", 0, 6))
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
			for k, g := range offer[slot] {
				if g.X0 > g.X1 || g.X0 < least || g.X1 > most || k > 0 && math.Abs(g.X0-offer[slot][k-1].X1) > 1e-9 {
					t.Fatalf("slot %d: from %v to %v is offered by %v", slot, least, most, offer[slot])
				}
			}
			for x := least; x <= most; x += 0.125 {
				want := (1-theta)*(s.slotCost(slot, others+x)-s.slotCost(slot, others)) + theta*s.lambda[slot]*q.Hours*x
				want += h.Penalty * q.Hours * (max(x-max(room, 0), 0))
				if isBeyond := x > max(room, 0) || x > max(q.ImportLimit-others, 0); s.isHard && isBeyond {
					if got := offer[slot].At(x); x > 1e-6 && !math.IsInf(got, 1) {
						t.Fatalf("slot %d: %v kW is offered beyond a limit", slot, x)
					}
					hard++
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
	if hard == 0 || held == 0 {
		t.Errorf("%d powers were beyond a limit, %d peaks held down: a case is never drawn", hard, held)
	}
}

// leaning is what a plan costs while limits are leaned against, as the state sees it.
func (s *State) leaning() (sum float64) {
	for slot := range s.Slots {
		sum += s.curves[slot].At(s.need[slot])
		for c := range s.Circuits {
			sum += s.Penalty * s.Slots[slot].Hours * max(s.load[c][slot]-s.Circuits[c].Limit, 0)
		}
	}
	for i, d := range s.Devices {
		own, _, _ := ownCost(d, s.power[i])
		sum += own
	}
	return sum
}

func TestAnswer_NeverMakesAPlanDearer(t *testing.T) {
	answers := 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		h.Peak = supply.Peak{} // plans are made under a peak, not against it
		s := New(h, ledger(h))
		drawPlan(t, s)
		for range 3 {
			for i := range h.Devices {
				before := s.leaning()
				if _, missing, outside := ownCost(h.Devices[i], s.power[i]); missing+outside > 0 {
					continue // resting is not allowed, so the first answer may cost
				}
				answers++
				row := s.Answer(bg, i, 0)
				if after := s.leaning(); after > before+planSlack*h.Scale*float64(len(h.Slots)) {
					t.Fatalf("device %d makes %v out of %v: %v", i, after, before, row)
				}
				if !slices.Equal(row, s.power[i]) {
					t.Fatalf("device %d is told to do %v, and does %v", i, row, s.power[i])
				}
			}
		}
	})
	if answers == 0 {
		t.Error("no device was ever asked")
	}
}

func TestFollow_ChangesOnlyWhatCanGiveBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		s := New(h, ledger(h))
		drawPlan(t, s)
		before, cost := copied(s.power), s.leaning()
		s.Follow(bg)
		for i, d := range h.Devices {
			if least, _ := d.Reach(); least == 0 && !slices.Equal(before[i], s.power[i]) {
				t.Fatalf("device %d gives nothing back, but goes from %v to %v", i, before[i], s.power[i])
			}
		}
		if after := s.leaning(); after > cost+planSlack*h.Scale*float64(len(h.Slots)*len(h.Devices)) {
			t.Fatalf("those that can give back make %v out of %v", after, cost)
		}
	})
}

func TestState_KnowsItsPeakAndWhenALimitIsExceeded(t *testing.T) {
	over := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		s := New(h, ledger(h))
		drawPlan(t, s)
		isOver := false
		for slot, q := range h.Slots {
			isOver = isOver || s.need[slot] > q.ImportLimit+1e-6
			for c := range h.Circuits {
				isOver = isOver || s.load[c][slot] > h.Circuits[c].Limit+1e-6
			}
		}
		over[isOver]++
		if s.isOver() != isOver {
			t.Fatalf("over a limit: %v, told %v", isOver, s.isOver())
		}
		if got, want := h.Peak.Price*(s.top()-h.Peak.SoFar), peakOf(h, s.power); math.Abs(got-want) > 1e-9 {
			t.Fatalf("the peak costs %v, told %v", want, got)
		}
	})
	if over[true] == 0 || over[false] == 0 {
		t.Errorf("over a limit %v: a case is never drawn", over)
	}
}

// peakOf is the price of a plan's peak.
func peakOf(h *home.Home, power [][]float64) float64 {
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
