package bound

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/respond"
)

// leastOf is the least that a device costs of all listed that keeps to the decisions about it, but for counts,
// which have a price.
func leastOf(h *home.Home, p *Point, l *home.Limits, decisions []home.Decision, i int) float64 {
	least := math.Inf(1)
	for _, x := range behaviours(h.Devices[i]) {
		isKept := true
		for _, d := range decisions {
			isKept = isKept && (d.Device != i || d.Kind == home.Count || rowKeeps(x.row, d))
		}
		if isKept {
			least = min(least, x.cost+charge(h, p, l, i, x.row))
		}
	}
	return least
}

// isDiscrete says that every behaviour of a device is listed and its answers are exact.
func isDiscrete(d respond.Device) bool {
	s, ok := d.(*respond.Store)
	if !ok {
		return true
	}
	for _, r := range s.Ranges {
		if r[0] < r[1] {
			return false
		}
	}
	return s.Back == 0 && s.MaxStarts < 0
}

func TestDevice_IsExactWhereEverythingItMayDoIsListed(t *testing.T) {
	infinite, finite, below := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		decisions := drawDecisions(t, h, 3)
		l, b := h.Limits(decisions), New(h)
		p := drawPoint(t, h, l)
		for i, d := range h.Devices {
			got, ok := b.Device(bg, i, p, l, exact, nil)
			want := leastOf(h, p, l, decisions, i)
			if !ok || got > want+slip {
				t.Fatalf("device %d (%T) under %+v: %v is above %v", i, d, decisions, got, want)
			}
			switch {
			case !isDiscrete(d):
				below++
			case math.IsInf(want, 1):
				if infinite++; !math.IsInf(got, 1) {
					t.Fatalf("device %d (%T) under %+v: %v, but it can do nothing", i, d, decisions, got)
				}
			default:
				if finite++; math.Abs(got-want) > slip {
					t.Fatalf("device %d (%T) under %+v: %v, want %v", i, d, decisions, got, want)
				}
			}
		}
	})
	if infinite == 0 || finite == 0 || below == 0 {
		t.Errorf("%d infinite, %d exact, %d below: a case is never drawn", infinite, finite, below)
	}
}

func TestDevice_DoesWhatItsCostSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		decisions := drawDecisions(t, h, 3)
		l, b := h.Limits(decisions), New(h)
		p := drawPoint(t, h, l)
		for i, d := range h.Devices {
			row := slices.Repeat([]float64{math.NaN()}, slots)
			cost, ok := b.Device(bg, i, p, l, exact, row)
			if alone, _ := b.Device(bg, i, p, l, exact, nil); !ok || alone != cost {
				t.Fatalf("device %d: %v with its powers, %v without", i, cost, alone)
			}
			s, isStore := d.(*respond.Store)
			isAbout := func(d home.Decision) bool { return d.Device == i && switchesBattery(h, d) }
			if math.IsInf(cost, 1) || slices.ContainsFunc(decisions, isAbout) || isStore && s.Ranges[0][0] == 0 && !s.AlwaysOn {
				continue // on at next to nothing, which cannot be told from being off
			}
			own, isAllowed := ownCost(d, row)
			for _, decision := range decisions {
				isAllowed = isAllowed && (decision.Device != i || decision.Kind == home.Count || rowKeeps(row, decision))
			}
			if !isAllowed {
				t.Fatalf("device %d (%T) under %+v: %v is not allowed", i, d, decisions, row)
			}
			isLoose := isStore && s.MaxStarts >= 0 // starts have a price then
			if real := own + charge(h, p, l, i, row); real < cost-slip || real > cost+slip && !isLoose {
				t.Fatalf("device %d (%T) under %+v: %v costs %v, told %v", i, d, decisions, row, real, cost)
			}
		}
	})
}

// switchesBattery says that a decision has a battery on or off. It is not switched: it may be on at next to
// nothing, so the answers are bounds but no more.
func switchesBattery(h *home.Home, d home.Decision) bool {
	s, ok := h.Devices[d.Device].(*respond.Store)
	return ok && s.AlwaysOn && (d.Kind == home.On || d.Kind == home.Count)
}

// ownCost is what a device's row costs beside energy; false when it may not do that.
func ownCost(d respond.Device, row []float64) (cost float64, ok bool) {
	switch d := d.(type) {
	case *respond.Interruptible:
		cost, ok = switching(d.Switching, row, false)
		return cost, ok && ons(row) == d.Run && ons(row[d.Earliest:d.LatestEnd]) == d.Run
	case *respond.Store:
		if slices.Max(row) > slices.Max([]float64{d.Ranges[0][1], d.Ranges[len(d.Ranges)-1][1]})+1e-9 || slices.Min(row) < -d.Back-1e-9 {
			return 0, false
		}
		for s, kW := range row {
			if kW != 0 && (s < d.From || s >= d.To) || kW > 0 && !inRange(d.Ranges, kW) {
				return 0, false
			}
		}
		return storing(d, row)
	}
	for _, x := range behaviours(d) {
		if slices.Equal(x.row, row) {
			return x.cost, true
		}
	}
	return 0, false
}

func inRange(ranges [][2]float64, kW float64) bool {
	for _, r := range ranges {
		if kW > r[0]-1e-9 && kW < r[1]+1e-9 {
			return true
		}
	}
	return false
}

// Bars on the same few slots: one power is left, or none, or a range's end.
func TestDevice_KeepsBetweenBars(t *testing.T) {
	exactly, never := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		d := drawStore(t, h.Slots[0].Hours)
		d.Ranges = rapid.SampledFrom([][][2]float64{{{0.5, 1}, {1.5, 2}}, {{1, 1}, {2, 2}}, {{0.5, 2}}, {{1.5, 1.5}}}).Draw(t, "ranges")
		d.StartCost, d.Worth = cents(t, "start cost", 0, 10), cents(t, "worth", -5, 30)
		if rapid.Bool().Draw(t, "gives back") {
			d.Back, d.Spill = 1, h.Slots[0].Hours
		}
		h.Devices, h.Circuits = []respond.Device{d}, nil
		var decisions []home.Decision
		for range rapid.IntRange(1, 4).Draw(t, "bars") {
			decisions = append(decisions, home.Decision{
				Kind: home.Level, Slot: rapid.IntRange(0, 1).Draw(t, "slot"), Power: halfKW(t, "power", 0, 5), IsSecond: rapid.Bool().Draw(t, "side"),
			})
		}
		l, b := h.Limits(decisions), New(h)
		p := drawPoint(t, h, l)
		row := make([]float64, slots)
		got, _ := b.Device(bg, 0, p, l, exact, row)
		want := leastOf(h, p, l, decisions, 0) // of the ends of ranges
		if got > want+slip || isDiscrete(d) && got != want && !(math.Abs(got-want) < slip) {
			t.Fatalf("%v under %+v: %v, want %v", d.Ranges, decisions, got, want)
		}
		if math.IsInf(got, 1) {
			never++
			return
		}
		exactly++
		own, isAllowed := ownCost(d, row)
		for _, decision := range decisions {
			isAllowed = isAllowed && rowKeeps(row, decision)
		}
		if real := own + charge(h, p, l, 0, row); !isAllowed || math.Abs(real-got) > slip {
			t.Fatalf("%v under %+v: %v (allowed %v) costs %v, told %v", d.Ranges, decisions, row, isAllowed, real, got)
		}
	})
	if exactly == 0 || never == 0 {
		t.Errorf("%d answers, %d times nothing is left: a case is never drawn", exactly, never)
	}
}
