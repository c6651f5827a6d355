package appliance_test

import (
	"fmt"
	"time"

	"hearth/devices/appliance"
	"hearth/energy"
)

// A washing machine is started at seven, held while current is dear, and runs at its time.
func Example() {
	seven := time.Date(2026, 3, 1, 7, 0, 0, 0, time.UTC)
	plan := &appliance.Slot{Start: seven.Add(6 * time.Hour), Latest: seven.Add(9 * time.Hour)}
	var rules appliance.Rules
	var state appliance.State
	before := appliance.Free
	for now := seven.Add(-5 * time.Minute); now.Before(plan.Start.Add(time.Minute)); now = now.Add(10 * time.Second) {
		in := appliance.Input{Now: now, Power: energy.Read[energy.Watts](2, now), On: energy.Read(state.Phase != appliance.Held, now), Slot: plan}
		if !now.Before(seven) && state.Phase != appliance.Held {
			in.Power.Value = 70 // its pump
		}
		var out appliance.Output
		if state, out = rules.Step(state, in); out.Why != before {
			fmt.Println(now.Format("15:04:05"), "on:", out.On, out.Why)
			before = out.Why
		}
	}
	// Output:
	// 07:00:30 on: false waits
	// 13:00:00 on: true its_time
}
