package home

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/pwl"
	"hearth/scheduler/internal/respond"
	"hearth/scheduler/internal/supply"
)

// drawPrices draws a price of power for each slot, so high or low that devices do what they can.
func drawPrices(t *rapid.T) (out respond.Prices) {
	for range slots {
		price := float64(rapid.IntRange(-9, 9).Draw(t, "price"))
		out = append(out, pwl.Line(-3, -3*price, 3, 3*price))
	}
	return out
}

func TestReach_HoldsTheNeedOfWhateverDevicesAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		least, most := h.Reach()
		need := slices.Clone(h.Need)
		for _, d := range h.Devices {
			power := make([]float64, slots)
			d.Respond(context.Background(), respond.Ask{Prices: drawPrices(t), Slack: 1e-9}, power)
			from, to := Span(d, slots)
			for s, kW := range power {
				need[s] += kW
				if kW != 0 && (s < from || s >= to) {
					t.Fatalf("%+v acts in slot %d, its span is from %d to %d", d, s, from, to)
				}
			}
		}
		for s, kW := range need {
			if kW < least[s]-1e-9 || kW > most[s]+1e-9 {
				t.Fatalf("slot %d needs %v, not from %v to %v", s, kW, least[s], most[s])
			}
		}
	})
}

func TestReach_IsTheSumOfWhatDevicesCanDoInEachSlot(t *testing.T) {
	gain := []float64{1, 1, 1, 1}
	h := &Home{
		Slots: make([]supply.Slot, slots), Need: []float64{-3, 0.5, 0, 1},
		Devices: []respond.Device{
			&respond.Shiftable{Profile: []float64{0.5, 2}, Earliest: 1, LatestEnd: 3},
			&respond.Interruptible{Power: 1.5, Run: 1, Earliest: 2, LatestEnd: 4},
			&respond.Store{From: 0, To: 2, Gain: gain, Ranges: [][2]float64{{3, 4}, {1, 2}}, Back: 1},
			&respond.Store{From: 0, To: 4, Gain: gain, Ranges: [][2]float64{{0, 0.25}}, Back: 0.75, AlwaysOn: true},
		},
	}
	least, most := h.Reach()
	if want := []float64{-3 - 1.75, 0.5 - 1.75, -0.75, 1 - 0.75}; !slices.Equal(least, want) {
		t.Errorf("least %v, want %v", least, want)
	}
	if want := []float64{-3 + 4.25, 0.5 + 6.25, 3.75, 1 + 1.75}; !slices.Equal(most, want) {
		t.Errorf("most %v, want %v", most, want)
	}
	if h.Need[0] != -3 {
		t.Errorf("the need of the home has become %v", h.Need)
	}
}

func TestSpan_OfARunThatDoesNotFitIsAllThatIsLeft(t *testing.T) {
	for name, c := range map[string]struct {
		d        respond.Device
		from, to int
	}{
		"in its window":  {&respond.Shiftable{Profile: []float64{1, 1}, Earliest: 1, LatestEnd: 3}, 1, 3},
		"late":           {&respond.Shiftable{Profile: []float64{1, 1}, Earliest: 1, LatestEnd: 2}, 1, slots},
		"interruptible":  {&respond.Interruptible{Earliest: 1, LatestEnd: 2}, 1, 2},
		"vehicle":        {&respond.Store{From: 2, To: 3}, 2, 3},
		"another device": {nil, 0, slots},
	} {
		if from, to := Span(c.d, slots); from != c.from || to != c.to {
			t.Errorf("%s: from %d to %d, want from %d to %d", name, from, to, c.from, c.to)
		}
	}
}

func TestIn_IsTheCircuitsSeenFromTheDevices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		for range rapid.IntRange(0, 3).Draw(t, "circuits") {
			devices := rapid.SliceOfNDistinct(rapid.IntRange(0, 3), 0, 4, rapid.ID).Draw(t, "devices")
			h.Circuits = append(h.Circuits, Circuit{Limit: 1, Devices: devices})
		}
		in := h.In()
		if len(in) != len(h.Devices) {
			t.Fatalf("%d devices, %d answers", len(h.Devices), len(in))
		}
		for i := range h.Devices {
			for c, circuit := range h.Circuits {
				if slices.Contains(circuit.Devices, i) != slices.Contains(in[i], c) {
					t.Fatalf("device %d hangs on %v, circuit %d carries %v", i, in[i], c, circuit.Devices)
				}
			}
			if !slices.IsSorted(in[i]) || len(slices.Compact(slices.Clone(in[i]))) != len(in[i]) {
				t.Fatalf("device %d hangs on %v", i, in[i])
			}
		}
	})
}

func TestMatrix_HasRowsOfTheirOwn(t *testing.T) {
	m := Matrix(3, 2)
	m[0][1] = 1
	m[0] = append(m[0], 7) // does not reach into the next row
	m[2][0] = 2
	if len(m) != 3 || !slices.Equal(m[1], []float64{0, 0}) || !slices.Equal(m[2], []float64{2, 0}) {
		t.Errorf("%v", m)
	}
	if len(Matrix(0, 5)) != 0 || len(Matrix(2, 0)[1]) != 0 {
		t.Error("a matrix of nothing has something")
	}
}

func TestIs_NoRowSaysNothing(t *testing.T) {
	if Is(nil, 3) || Is([]bool{true, false}, 1) || !Is([]bool{true, false}, 0) {
		t.Error("a mark is not read as it is set")
	}
	if !(Infinite > math.MaxFloat64) {
		t.Error("something is more than infinite")
	}
}
