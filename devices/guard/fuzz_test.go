package guard

import (
	"encoding/json"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// What was stored may be of another version, or half of it may be gone: whatever it says, the guard works
// on, and what it sends is something the device can do.
func FuzzDecide_SurvivesAnyStoredState(f *testing.F) {
	b, _ := json.Marshal(State{Last: start, Told: &Command{Setpoint: watts(2300), IsConfirmed: true}, Switches: []time.Time{start}, Phasing: Phasing{Step: pausing, To: 1}})
	f.Add(b, 2300.0, uint8(1))
	f.Add([]byte(`{"told":{"setpoint":{"mode":"forced"}},"phasing":{"step":"settling","to":3},"blocked":[{}],"hold":{"rule":"contested","until":"2030-01-01T00:00:00Z"}}`), -1.0, uint8(3))
	f.Fuzz(func(t *testing.T, text []byte, power float64, phases uint8) {
		var s State
		if json.Unmarshal(text, &s) != nil {
			return
		}
		heat := Rules{Role: ByHeat, IsReadBack: true, MaxAge: time.Minute, MaxGap: time.Minute, MaxBlocked: time.Hour}
		for _, r := range []Rules{plugRules(), phaseRules(), heat} {
			state, now := s.afterRestart(), start
			for i := range 8 {
				now = now.Add(10 * time.Second)
				obs := devices.Observation{
					Online: energy.Read(true, now), On: energy.Read(i%2 == 0, now), Power: energy.Read(energy.Watts(power), now),
					Setpoint: energy.Read(energy.Watts(power), now), PhaseCount: energy.Read(3, now), Thermal: energy.Read(devices.ThermalBlocked, now),
				}
				want := energy.Setpoint{Mode: energy.AtPower, Power: 3000, Phases: int(phases)}
				if r.Role != ByPower {
					want = on
				}
				var d Decision
				state, d = r.Decide(state, Input{Now: now, Want: want, Obs: obs})
				if d.Sent == nil || d.Sent.Mode == energy.OnPhases || d.Outcome == Kept || d.Outcome == Held {
					continue // what stood before is renewed as it was
				}
				if _, _, err := r.bound(*d.Sent); err != nil {
					t.Fatalf("sent %v: %v", *d.Sent, err)
				}
			}
		}
	})
}
