package house

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

func TestBattery_ConservesEnergyInsideItsLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Battery{Stored: energy.WattHours(rapid.Float64Range(1000, 9500).Draw(t, "stored"))}
		begin := b.Stored
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "force") {
				b.Force(energy.Watts(rapid.Float64Range(-9000, 9000).Draw(t, "power")), time.Minute)
			}
			b.step(energy.Watts(rapid.Float64Range(-9000, 9000).Draw(t, "rest")), time.Minute)
			want := begin + b.Taken*BatteryEfficiency - b.Given/BatteryEfficiency
			if !near(b.Stored, want) {
				t.Fatalf("stored %v, want %v", b.Stored, want)
			}
			if b.SoC() < BatteryMin-1e-9 || b.SoC() > BatteryMax+1e-9 || b.Power > BatteryPower || b.Power < -BatteryPower {
				t.Fatalf("outside its limits: %+v", b)
			}
		}
	})
}

func TestBattery_KeepsTheGridAtZeroWhenReleased(t *testing.T) {
	b := Battery{Stored: 5000}
	for _, rest := range []energy.Watts{1500, -1500, 0} {
		if b.step(rest, time.Second); rest+b.Power != 0 {
			t.Errorf("rest %v, battery %v", rest, b.Power)
		}
	}
	if b.step(9000, time.Second); b.Power != -BatteryPower {
		t.Errorf("beyond its power it gives %v", b.Power)
	}
}

func TestBattery_FallsBackToItsOwnControlWhenThePeriodEnds(t *testing.T) {
	b := Battery{Stored: 5000}
	b.Force(2000, 2*time.Minute)
	for range 24 {
		if b.step(700, 5*time.Second); b.Power != 2000 {
			t.Fatalf("within the period it takes %v", b.Power)
		}
	}
	if b.step(700, 5*time.Second); b.Power != -700 || b.IsForced {
		t.Errorf("after the period it takes %v, forced %t", b.Power, b.IsForced)
	}
}

func TestBattery_HoldsStillWhenForcedToZero(t *testing.T) {
	b := Battery{Stored: 5000}
	b.Force(0, time.Minute)
	if b.step(3000, 5*time.Second); b.Power != 0 || b.Stored != 5000 {
		t.Errorf("takes %v, stored %v", b.Power, b.Stored)
	}
}
