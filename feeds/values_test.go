package feeds

import (
	"testing"
	"time"

	"hearth/energy"
)

func TestOrNotYet_IsWhatReachesIntoTheSpan(t *testing.T) {
	v := Values{Import: drawn("AB", noon)}
	for name, c := range map[string]struct {
		v     Values
		after time.Duration
		isOut bool
	}{
		"all of it":       {v, 0, true},
		"the last of it":  {v, 2*time.Hour - 1, true},
		"what is to come": {v, 2 * time.Hour, false},
		"what was before": {v, -24 * time.Hour, true},
		"nothing":         {Values{Remarks: []string{"odd"}}, 0, false},
		"another kind":    {Values{Import: drawn("A", noon), Solar: energy.Series[energy.Watts]{Points: []energy.Point[energy.Watts]{{Interval: energy.Span(noon, 9*time.Hour)}}}}, 3 * time.Hour, true},
	} {
		if _, err := c.v.OrNotYet(energy.Interval{}); (err == nil) != (len(c.v.Coverage()) > 0) {
			t.Errorf("%s, whenever: %v", name, err)
		}
		got, err := c.v.OrNotYet(energy.Span(noon.Add(c.after), time.Hour))
		if (err == nil) != c.isOut || err != nil && (KindOf(err) != NotYet || len(got.Import.Points) != 0) || err == nil && !got.IsSame(c.v) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
