package feeds

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestEndOf_LeavesHolesOpen(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct{ starts, lengths []int }{ // minutes
		"even":                {[]int{0, 60, 120}, []int{60, 60, 60}},
		"a hole":              {[]int{0, 15, 180, 195}, []int{15, 15, 15, 15}},
		"hours then quarters": {[]int{0, 60, 120, 135, 150}, []int{60, 60, 15, 15, 15}},
		"a hole at the edge":  {[]int{0, 30, 45}, []int{15, 15, 15}},
		"two":                 {[]int{0, 30}, []int{30, 30}},
		"quarters then hours": {[]int{0, 15, 30, 90, 150}, []int{15, 15, 15, 60, 60}},
	} {
		var starts []time.Time
		for _, m := range c.starts {
			starts = append(starts, day.Add(time.Duration(m)*time.Minute))
		}
		for i := range starts {
			if got := EndOf(starts, i).Sub(starts[i]); got != time.Duration(c.lengths[i])*time.Minute {
				t.Errorf("%s: slot %d lasts %v, want %d min", name, i, got, c.lengths[i])
			}
		}
	}
	if !EndOf([]time.Time{day}, 0).IsZero() {
		t.Error("one start alone has an end")
	}
	rapid.Check(t, func(t *rapid.T) {
		var starts []time.Time
		for _, m := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5000), 2, 30, rapid.ID).Draw(t, "starts") {
			starts = append(starts, day.Add(time.Duration(m)*time.Minute))
		}
		slices.SortFunc(starts, time.Time.Compare)
		for i := range starts {
			end := EndOf(starts, i)
			if !end.After(starts[i]) || i+1 < len(starts) && end.After(starts[i+1]) {
				t.Fatalf("slot %d of %v ends at %v", i, starts, end)
			}
		}
	})
}
