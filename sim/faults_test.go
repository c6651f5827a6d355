package sim

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/sim/house"
)

func TestFaults_OfAPlugThatIsNotThereAreAMistake(t *testing.T) {
	h, _ := newHome(t, 1, noonOf(berlin(t)))
	for name, call := range map[string]func(){
		"lies": func() { h.PlugLies("toaster", true) }, "button": func() { h.PressButton("") }, "offline": func() { h.PlugOffline("Boiler", true) },
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, "no plug") {
					t.Errorf("%s: %q", name, text)
				}
			}()
			call()
		}()
	}
}

// A fault touches the one thing it is of, and its end leaves the home as it was.
func TestFaults_TouchOneThingOnlyAndHeal(t *testing.T) {
	h, _ := newHome(t, 1, noonOf(berlin(t)))
	was, twin := h.State(), h.Twin()
	h.PressButton(Dishwasher)
	if now := h.State(); now.DishPlug.IsOn == was.DishPlug.IsOn || now.BoilerPlug != was.BoilerPlug {
		t.Errorf("the dishwasher's button: %+v %+v", now.DishPlug, now.BoilerPlug)
	}
	h.PressButton(Dishwasher)
	h.PlugLies(Boiler, true)
	h.PressButton(Boiler) // its relay sticks
	if now := h.State(); now.BoilerPlug.IsOn != was.BoilerPlug.IsOn || now.DishPlug.Sticks {
		t.Errorf("a stuck relay moved, or the other sticks: %+v %+v", now.BoilerPlug, now.DishPlug)
	}
	h.PlugLies(Boiler, false)
	if now := h.State(); now != was || h.Twin() != twin {
		t.Errorf("healed it is %+v, was %+v", now, was)
	}
}

// Who cooks does so whether anybody steers the home or not, and the connection carries it.
func TestOven_IsOnInBothHomes(t *testing.T) {
	h, c := newHome(t, 1, noonOf(berlin(t)))
	c.pass(step)
	was, twin := h.State().Power.Base, h.Twin().Power.Base
	h.Oven(8000)
	c.pass(step)
	now := h.State().Power
	if now.Base < was+7800 || h.Twin().Power.Base < twin+7800 || math.Abs(float64(now.Sum()-now.Grid)) > 1e-6 {
		t.Errorf("base %v, before %v; twin %v, before %v", now.Base, was, h.Twin().Power.Base, twin)
	}
	h.Oven(0)
	c.pass(step)
	if now := h.State().Power.Base; now > was+200 {
		t.Errorf("after it %v, before %v", now, was)
	}
}

// A charger takes what the guide allows and refuses the rest, and what is refused does not feed its watchdog.
func TestCharger_RefusedCommandsChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := house.Charger{IsEnabled: true, Limit: 16000, Failsafe: 6000, Timeout: time.Minute, Silence: 59 * time.Second}
		was := c
		addr := rapid.SampledFrom([]uint16{regSetCurrent, regSetEnable, regSetFailsafe, regSetTimeout, regState, 5000}).Draw(t, "addr")
		value := rapid.OneOf(rapid.Uint32Range(0, 12), rapid.Uint32Range(0, 65535)).Draw(t, "value")
		isCurrent, isOK := value >= 6000 && value <= 63000, false
		switch addr {
		case regSetCurrent:
			isOK = isCurrent
		case regSetEnable:
			isOK = value <= 1
		case regSetFailsafe:
			isOK = value == 0 || isCurrent
		case regSetTimeout:
			isOK = value == 0 || value >= 10 && value <= 600
		}
		err := command(&c, addr, value)
		if isOK != (err == nil) || !isOK && c != was || isOK && c.Silence != 0 {
			t.Errorf("%d to register %d: %v, %+v", value, addr, err, c)
		}
	})
}

// Whatever is written to an inverter, it refuses without a change or holds the power it shows.
func TestInverter_ForcesThePowerItWasTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var i inverter
		var b house.Battery
		for range rapid.IntRange(1, 20).Draw(t, "writes") {
			addr := rapid.SampledFrom([]uint16{regMinutes, regForcible, regTarget, regCharge, regDischarge, regSoC}).Draw(t, "addr")
			values := rapid.SliceOfN(rapid.Uint16Range(0, 5000), 1, 3).Draw(t, "values")
			if rapid.Bool().Draw(t, "wide") {
				values[0] = 0
			}
			wasI, wasB := i, b
			if err := i.write(&b, addr, values); err != nil && (i != wasI || b != wasB) {
				t.Fatalf("refused %v to %d and changed %+v %+v", values, addr, i, b)
			}
			if b.IsForced && b.Setpoint != i.power() || math.Abs(float64(b.Setpoint)) > float64(house.BatteryPower) {
				t.Fatalf("after %v to %d holds %v: %+v", values, addr, b.Setpoint, i)
			}
			if got := i.forcible(&b); (got == forceNothing) == b.IsForced || got == forceDischarge != (b.IsForced && i.isDischarging) {
				t.Fatalf("shows %d: %+v %+v", got, i, b)
			}
		}
	})
}

// Stored energy is worth the mean price, and a share is of what would have been paid.
func TestSummary_SavesTheDifferenceOfTheNetCosts(t *testing.T) {
	euros := func(v float64) energy.Money { return energy.PriceOf(v).Of(1000) }
	s := Summary{With: Totals{Cost: euros(3), Value: euros(1)}, Without: Totals{Cost: euros(5), Value: euros(1)}}
	if saved, share := s.Saved(); saved != euros(2) || math.Abs(share-0.5) > 1e-9 {
		t.Errorf("saved %v, %v", saved, share)
	}
	s.Without = Totals{Cost: euros(-1)}
	if saved, share := s.Saved(); saved != euros(-3) || share != 0 {
		t.Errorf("of a twin that earns: %v, %v", saved, share)
	}
	if got := (Missed{Car: 1, ColdWater: 2}).String() + "; " + (Missed{}).String(); got != "car 1, cold water 2; none" {
		t.Errorf("missed %q", got)
	}
}
