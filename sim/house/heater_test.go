package house

import (
	"testing"
	"time"

	"hearth/energy"
)

func TestHeater_ConservesEnergy(t *testing.T) {
	zone := berlin(t)
	h, w := New(time.Date(2026, 5, 12, 0, 0, 0, 0, zone)), NewWorld(7, zone)
	begin := h.Heater.Stored()
	var in, lost, drawn energy.WattHours
	lossBefore := h.Heater.losses()
	live(&h, w, 48*time.Hour, 5*time.Second, func(o Outside) {
		d := o.Span.Length()
		in += h.Heater.Power.Over(d)
		drawn += o.Draw.Over(d)
		lost += lossBefore.Over(d)
		lossBefore = h.Heater.losses()
	})
	if got, want := h.Heater.Stored()-begin, in-lost-drawn; !near(got, want) {
		t.Errorf("stored more: %v, want %v", got, want)
	}
	if in < 6000 || drawn < 4000 || lost < 2000 {
		t.Errorf("in two days: heated %v, drawn %v, lost %v", in, drawn, lost)
	}
}

func TestHeater_HeatsOnlyBetweenItsTwoTemperatures(t *testing.T) {
	cases := map[string]struct {
		celsius      float64
		was, hasPlug bool
		want         energy.Watts
	}{
		"cold, plug on":            {40, false, true, HeaterPower},
		"cold, plug off":           {40, false, false, 0},
		"between, was heating":     {58, true, true, HeaterPower},
		"between, was not heating": {58, false, true, 0},
		"hot":                      {60, true, true, 0},
	}
	for name, c := range cases {
		h := Heater{Celsius: c.celsius, IsCalling: c.was}
		h.step(c.hasPlug, Outside{Span: energy.Span(time.Time{}, time.Second)})
		if h.Power != c.want {
			t.Errorf("%s: takes %v, want %v", name, h.Power, c.want)
		}
	}
}

func TestHeater_CountsEachDrawThatRunsColdOnce(t *testing.T) {
	h := Heater{Celsius: tankTepid - 5}
	draw := func(power energy.Watts, steps int) {
		for range steps {
			h.step(false, Outside{Span: energy.Span(time.Time{}, 5*time.Second), Draw: power})
		}
	}
	draw(3000, 20)
	draw(0, 5)
	draw(3000, 20)
	if h.Missed != 2 {
		t.Errorf("missed %d draws, want 2", h.Missed)
	}
	cold := h.Celsius
	if draw(3000, 100000); h.Celsius < tankInlet || h.Celsius >= cold {
		t.Errorf("drawn empty the tank has %v degrees, the mains %v", h.Celsius, tankInlet)
	}
}
