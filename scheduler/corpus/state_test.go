package corpus

import (
	"slices"
	"testing"

	"hearth/energy"
	"hearth/scheduler"
)

// impossible names what a problem asks for that arithmetic alone shows cannot be; empty for nothing.
func impossible(p *scheduler.Problem) string {
	hours := p.Grid.Step.Hours()
	givesBack := has(p, func(scheduler.Battery) bool { return true }) || has(p, func(d scheduler.Vehicle) bool { return d.DischargeMax > 0 })
	for t, w := range p.BaseLoad {
		if w-p.Solar[t] > p.ImportLimit[t]+1 && !givesBack {
			return "connection"
		}
	}
	for _, d := range p.Devices {
		switch d := d.(type) {
		case scheduler.Vehicle:
			most := float64(d.Depart-d.Arrive) * hours * d.ChargeEfficiency * float64(d.Ranges[len(d.Ranges)-1].Max)
			if float64(d.Required) > most+2 {
				return "charger"
			}
			for _, c := range p.Circuits {
				if slices.Contains(c.Devices, d.ID) && c.Limit < d.Ranges[0].Min-2 && d.Required > 2 {
					return "circuit"
				}
			}
		case scheduler.Shiftable:
			if !d.Optional && len(d.Profile) > d.LatestEnd-d.Earliest {
				return "window"
			}
		case scheduler.Thermal:
			if d.EnergyInitial+energy.WattHours(hours*d.COP[0]*float64(d.PowerMax))-d.Draw[0] < d.EnergyMin-4 {
				return "tank"
			}
		}
	}
	return ""
}

func TestRelaxed_AsksForWhatCannotBeInFiveWays(t *testing.T) {
	for _, family := range []string{"F-relaxed", "F-relaxed-M"} {
		seen := map[string]int{}
		for seed := range uint64(60) {
			why := impossible(generate(t, family, seed))
			if why == "" {
				t.Errorf("%s: nothing is impossible", Name(family, seed))
			}
			seen[why]++
		}
		if len(seen) != 5 {
			t.Errorf("%s: %v", family, seen)
		}
	}
	for _, family := range Families() {
		if family == "F-relaxed" || family == "F-relaxed-M" {
			continue
		}
		for seed := range uint64(3) {
			if why := impossible(generate(t, family, seed)); why != "" {
				t.Errorf("%s: its %s makes it impossible", Name(family, seed), why)
			}
		}
	}
}

func TestRunning_BeginsInTheMiddleOfThings(t *testing.T) {
	on, off := 0, 0
	for seed := range uint64(40) {
		plain, p := generate(t, "M", seed), generate(t, "F-running-M", seed)
		programmes := 0
		for i, d := range p.Devices {
			switch d := d.(type) {
			case scheduler.Shiftable:
				before := plain.Devices[i].(scheduler.Shiftable).Profile
				if d.Earliest != 0 || d.LatestEnd != len(d.Profile) || len(d.Profile) >= len(before) {
					continue
				}
				programmes++
				if !slices.Equal(d.Profile, before[len(before)-len(d.Profile):]) {
					t.Errorf("seed %d: %v is not the rest of %v", seed, d.Profile, before)
				}
			case scheduler.Interruptible:
				if d.OnFor > 0 && (d.OnFor > d.MinOn || d.RunSlots < d.MinOn || *d.MaxStarts < 1) {
					t.Errorf("seed %d: %+v", seed, d)
				}
			case scheduler.Thermal:
				if (d.OnFor > 0) == (d.OffFor > 0) || d.OnFor > d.MinOn || d.OffFor > d.MinOff {
					t.Errorf("seed %d: %s on %d off %d", seed, d.ID, d.OnFor, d.OffFor)
				}
				if d.OnFor > 0 {
					on++
				} else {
					off++
				}
			}
		}
		if programmes != 1 {
			t.Errorf("seed %d: %d programmes are running", seed, programmes)
		}
	}
	if on < 10 || off < 10 {
		t.Errorf("%d thermals are on, %d off", on, off)
	}
}

func TestWithoutStores_KeepsTheOthers(t *testing.T) {
	got := withoutStores([]scheduler.Device{scheduler.Battery{ID: "a"}, scheduler.Vehicle{ID: "b"}, scheduler.Battery{ID: "c"}, scheduler.Thermal{ID: "d"}})
	if len(got) != 2 || got[0].Name() != "b" || got[1].Name() != "d" {
		t.Errorf("%v", got)
	}
}
