package corpus

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/scheduler"
)

// drawHome is a problem of any family but the relaxed ones, with its size.
func drawHome(t *rapid.T) *scheduler.Problem {
	families := slices.DeleteFunc(Families(), func(family string) bool {
		return family == "XL" || strings.HasPrefix(family, "F-relaxed")
	})
	return generate(t, rapid.SampledFrom(families).Draw(t, "family"), rapid.Uint64().Draw(t, "seed"))
}

// Each device alone can do what is asked of it: what a test by solving shows for a few homes, this shows for
// the devices of many.
func TestDevices_CanDoWhatIsAskedOfThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawHome(t)
		for _, d := range p.Devices {
			switch d := d.(type) {
			case scheduler.Shiftable:
				if d.LatestEnd-d.Earliest < len(d.Profile) || slices.Max(d.Profile) > 2300 {
					t.Fatalf("%+v", d)
				}
			case scheduler.Interruptible:
				if d.RunSlots > (d.LatestEnd-d.Earliest)/2 || d.MinOn > d.RunSlots || *d.MaxStarts < 1 {
					t.Fatalf("%+v", d)
				}
			case scheduler.Vehicle:
				checkVehicle(t, p, d)
			case scheduler.Battery:
				if d.EnergyInitial < d.EnergyMin || d.EnergyInitial > d.EnergyMax || d.ChargeMax < 1000 || d.DischargeMax < 1000 ||
					d.ChargeEfficiency*d.DischargeEfficiency < 0.75 {
					t.Fatalf("%+v", d)
				}
			case scheduler.Thermal:
				checkThermal(t, p, d)
			}
		}
	})
}

// checkVehicle finds a number of slots in which some legal power brings what is required, and no more than
// there is room for.
func checkVehicle(t *rapid.T, p *scheduler.Problem, d scheduler.Vehicle) {
	hours := p.Grid.Step.Hours()
	for n := 1; n <= (d.Depart-d.Arrive+1)/2; n++ {
		for _, r := range d.Ranges {
			least, most := float64(n)*hours*d.ChargeEfficiency*float64(r.Min), float64(n)*hours*d.ChargeEfficiency*float64(r.Max)
			if least <= float64(d.Room) && most >= float64(d.Required) && d.Room >= d.Required && d.Required > 0 {
				return
			}
		}
	}
	t.Fatalf("%+v cannot be charged in half its time", d)
}

// checkThermal heats whenever there is less than half in the store, at the power that would just do, and
// looks whether that keeps the band.
func checkThermal(t *rapid.T, p *scheduler.Problem, d scheduler.Thermal) {
	hours := p.Grid.Step.Hours()
	keep := math.Pow(1-d.LossPerHour, hours)
	e := float64(d.EnergyInitial)
	for i, draw := range d.Draw {
		if d.COP[i] < 1 || d.COP[i] > 5 || draw <= 0 {
			t.Fatalf("%s, slot %d: cop %v, draw %v", d.ID, i, d.COP[i], draw)
		}
		e = e*keep - float64(draw)
		if e < float64(d.EnergyMax)/2 {
			need := (float64(d.EnergyMax)/2 - e) / hours / d.COP[i]
			e += hours * d.COP[i] * min(max(need, float64(d.PowerMin)), float64(d.PowerMax))
		}
		if e < float64(d.EnergyMin) || e > float64(d.EnergyMax) {
			t.Fatalf("%s, slot %d: %v Wh of [%v, %v]", d.ID, i, e, d.EnergyMin, d.EnergyMax)
		}
	}
}

func TestDevices_AreNamedAfterTheirKindAndCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawHome(t)
		for i, d := range p.Devices {
			kind := strings.TrimRight(d.Name(), "0123456789")
			want := d.Kind()
			if want == "thermal" {
				want = kind // a heater or a heat pump
			}
			if kind != want || !slices.Contains(order, kind) || !strings.HasSuffix(d.Name(), kind+strconv.Itoa(i+1)) {
				t.Fatalf("device %d is %s, of kind %s", i, d.Name(), d.Kind())
			}
		}
	})
}

func TestDevices_EveryKindIsMetInEverySize(t *testing.T) {
	for _, s := range []string{"T", "S", "M", "L"} {
		seen := map[string]int{}
		for seed := range uint64(60) {
			thermals := map[string]int{}
			for _, d := range generate(t, s, seed).Devices {
				kind := strings.TrimRight(d.Name(), "0123456789")
				seen[kind]++
				thermals[kind]++
			}
			if thermals[heater] > 1 || thermals[heatPump] > 1 {
				t.Errorf("%s%d: %v", s, seed, thermals)
			}
		}
		for _, kind := range order {
			if seen[kind] == 0 {
				t.Errorf("no %s in any %s", kind, s)
			}
		}
	}
}

// A programme takes the same energy whatever the slots are it is cut into.
func TestProfile_KeepsTheEnergy(t *testing.T) {
	for _, phases := range programmes {
		want := 0.0
		for _, phase := range phases {
			want += float64(phase.minutes*phase.watts) / 60
			if phase.minutes%fine != 0 {
				t.Errorf("%v: %d minutes are no steps", phases, phase.minutes)
			}
		}
		for _, minutes := range []int{5, 15, 60} {
			d := &draft{size: size{minutes: minutes}}
			profile, got := d.profile(phases), 0.0
			for _, w := range profile {
				got += float64(w) * float64(minutes) / 60
			}
			if math.Abs(got-want) > float64(len(profile)) || profile[0] == 0 {
				t.Errorf("%v in slots of %d min: %v Wh, want %v: %v", phases, minutes, got, want, profile)
			}
		}
	}
	five, quarters := &draft{size: size{minutes: 5}}, &draft{size: size{minutes: 15}}
	phases := []phase{{10, 900}, {15, 300}}
	if got := five.profile(phases); !slices.Equal(got, []energy.Watts{900, 900, 300, 300, 300}) {
		t.Errorf("%v", got)
	}
	if got := quarters.profile(phases); !slices.Equal(got, []energy.Watts{700, 200}) {
		t.Errorf("%v", got)
	}
}

func TestWindow_IsOfWholeHoursAndInTheGrid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(sizes).Draw(t, "size")
		d := &draft{size: s}
		from, to := d.window(newDice(rapid.Uint64().Draw(t, "seed"), "window"), 7, 18)
		hour := 60 / s.minutes
		if from < 0 || to > s.slots || from%hour != 0 || to%hour != 0 {
			t.Fatalf("[%d, %d) of %d slots of %d min", from, to, s.slots, s.minutes)
		}
		if hours := (to - from) / hour; hours < min(7, s.slots/hour) || hours > 18 {
			t.Fatalf("%d hours", hours)
		}
	})
}

func TestJoinVehicles_OneAloneNeedsNoCircuit(t *testing.T) {
	alone, joined := 0, 0
	for seed := range uint64(40) {
		p := generate(t, "M", seed)
		n := 0
		for _, d := range p.Devices {
			if _, ok := d.(scheduler.Vehicle); ok {
				n++
			}
		}
		switch {
		case n == 1 && len(p.Circuits) == 0:
			alone++
		case n > 1 && len(p.Circuits) == 1 && len(p.Circuits[0].Devices) == n && p.Circuits[0].Limit == sharedCharging:
			joined++
		default:
			t.Errorf("seed %d: %d vehicles, circuits %v", seed, n, p.Circuits)
		}
	}
	if alone == 0 || joined == 0 {
		t.Errorf("%d alone, %d joined", alone, joined)
	}
}

// Each device has chance of its own: two of a kind are not one twice.
func TestDevices_OfAKindDiffer(t *testing.T) {
	for seed := range uint64(5) {
		seen := map[string]bool{}
		n := 0
		for _, d := range generate(t, "L", seed).Devices {
			if d, ok := d.(scheduler.Interruptible); ok {
				n++
				seen[strconv.Itoa(d.Earliest)+" "+strconv.Itoa(d.LatestEnd)+" "+strconv.Itoa(d.RunSlots)] = true
			}
		}
		if n < 3 || len(seen) < n-1 {
			t.Errorf("seed %d: %d loads, %d of them different", seed, n, len(seen))
		}
	}
}
