package measured

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

var noon = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

func TestHistory_HoldsMeansOfQuarterHours(t *testing.T) {
	h := history{}
	for minute := range 40 {
		h.add("x", noon.Add(time.Duration(minute)*time.Minute), energy.Watts(minute))
	}
	got := h.series("x")
	if err := got.Validate(); err != nil || len(got.Points) != 3 {
		t.Fatalf("%v, %+v", err, got.Points)
	}
	for i, want := range []energy.Watts{7, 22, 34.5} { // the last quarter as far as it has come
		if got.Points[i].Value != want || !got.Points[i].Start.Equal(noon.Add(time.Duration(i)*quarter)) {
			t.Errorf("quarter %d: %+v, want %v", i, got.Points[i], want)
		}
	}
	if s := h.series("unknown"); len(s.Points) != 0 {
		t.Errorf("%+v", s)
	}
}

func TestHistory_StaysASeriesWhateverTheClockDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, now := history{}, noon
		for range rapid.IntRange(1, 200).Draw(t, "n") {
			now = now.Add(time.Duration(rapid.IntRange(-100, 200).Draw(t, "step")) * time.Minute)
			h.add("x", now, 1)
		}
		if err := h.series("x").Validate(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestHistory_SharesNothingWithWhatItGave(t *testing.T) {
	h := history{}
	for minute := range 20 {
		h.add("x", noon.Add(time.Duration(minute)*time.Minute), 5)
	}
	before := h.series("x")
	h.add("x", noon.Add(time.Hour), 900)
	if before.Points[1].Value != 5 {
		t.Error("a series that was handed out has changed")
	}
}
