package appliance

import (
	"encoding/json"
	"testing"
	"time"

	"hearth/energy"
)

// What was stored may be of another version, or half of it may be gone: whatever it says, without a plan the
// plug is on, and a program that ends is learned or left.
func FuzzStep_SurvivesAnyStoredState(f *testing.F) {
	b, _ := json.Marshal(State{Phase: Running, Armed: morning, Seen: morning, Trace: Trace{Began: morning, Until: morning, Steps: []energy.WattHours{3}}})
	f.Add(b, []byte(`{}`), 1900.0)
	f.Add([]byte(`{"phase":"held","until":"2030-01-01T00:00:00Z","trace":{"ran":-1}}`), []byte(`{"programs":[{},{"runs":[{}],"length":-1}]}`), 20.0)
	f.Fuzz(func(t *testing.T, text, library []byte, power float64) {
		var s State
		var l Library
		if json.Unmarshal(text, &s) != nil || json.Unmarshal(library, &l) != nil {
			return
		}
		now := morning
		for i := range 120 {
			now = now.Add(10 * time.Second)
			if i == 60 {
				power = 0
			}
			var out Output
			s, out = (Rules{}).Step(s, Input{Now: now, Power: energy.Read(energy.Watts(power), now), On: energy.Read(true, now)})
			if !out.On {
				t.Fatalf("off without a plan: %+v", out)
			}
			if out.Run != nil {
				l = l.Learn(*out.Run)
			}
		}
		if p, ok := l.Likely(); ok {
			_ = p.Energy()
		}
		_ = l.Learn(Run{morning, time.Hour, []energy.WattHours{100, 200}}).Longest()
	})
}
