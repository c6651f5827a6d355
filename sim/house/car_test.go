package house

import (
	"testing"
	"time"

	"hearth/energy"
)

func TestCar_ConservesEnergy(t *testing.T) {
	zone := berlin(t)
	h, w := New(time.Date(2026, 5, 12, 0, 0, 0, 0, zone)), NewWorld(3, zone)
	begin := h.Car.Stored
	live(&h, w, 7*24*time.Hour, time.Minute, func(Outside) {
		if h.Car.SoC() > CarLimit+1e-9 || h.Car.SoC() < 0 {
			t.Fatalf("state of charge %v", h.Car.SoC())
		}
		if !h.Car.IsHome && h.Power.Car != 0 {
			t.Fatalf("charges %v while it is away", h.Power.Car)
		}
	})
	if got, want := h.Car.Stored-begin, h.Charger.Energy*CarEfficiency-h.Car.Driven; !near(got, want) {
		t.Errorf("stored more: %v, want %v", got, want)
	}
	if h.Car.Driven < 6*13500 {
		t.Errorf("drove %v in a week", h.Car.Driven)
	}
}

func TestCar_LeavesMissedWhenItWasNotCharged(t *testing.T) {
	full := CarCapacity * energy.WattHours(CarLimit)
	for name, c := range map[string]struct {
		stored energy.WattHours
		want   int
	}{"full": {full, 0}, "a little less": {full - carTolerance + 1, 0}, "too little": {full - carTolerance - 1, 1}} {
		car := Car{IsHome: true, Stored: c.stored}
		car.move(Outside{IsAway: true})
		car.move(Outside{IsAway: true})
		if car.Missed != c.want || car.IsHome {
			t.Errorf("%s: missed %d, home %t", name, car.Missed, car.IsHome)
		}
	}
}

func TestCharger_OffersWhatItWasTold(t *testing.T) {
	cases := map[string]struct {
		charger Charger
		want    uint32
	}{
		"as installed":           {newCharger(), 16000},
		"limited":                {Charger{IsEnabled: true, Limit: 8000}, 8000},
		"below what cars accept": {Charger{IsEnabled: true, Limit: 5999}, 0},
		"beyond the wiring":      {Charger{IsEnabled: true, Limit: 63000}, 16000},
		"disabled":               {Charger{Limit: 16000}, 0},
		"silence, no watchdog":   {Charger{Limit: 16000, Failsafe: 6000, Silence: time.Hour}, 0},
		"silence, watchdog":      {Charger{Failsafe: 6000, Timeout: time.Minute, Silence: time.Minute}, 6000},
		"silence, failsafe none": {Charger{IsEnabled: true, Limit: 16000, Timeout: time.Minute, Silence: time.Minute}, 0},
	}
	for name, c := range cases {
		if got := c.charger.Amps(); got != c.want {
			t.Errorf("%s: offers %d mA, want %d", name, got, c.want)
		}
	}
}

func TestCharger_WatchdogEndsWhatNobodyRenews(t *testing.T) {
	c, car := newCharger(), Car{IsHome: true, Stored: 20000}
	c.Limit, c.Failsafe, c.Timeout = 16000, 6000, time.Minute
	o := Outside{Span: energy.Span(time.Time{}, 5*time.Second)}
	for range 11 {
		if c.step(&car, o); c.Power != 11040 {
			t.Fatalf("after %v it gives %v", c.Silence, c.Power)
		}
	}
	c.Heard()
	for range 12 {
		c.step(&car, o)
	}
	if c.step(&car, o); c.Power != 4140 {
		t.Errorf("after a minute of silence it gives %v", c.Power)
	}
	c.Heard()
	if c.step(&car, o); c.Power != 11040 {
		t.Errorf("heard again it gives %v", c.Power)
	}
}

func TestCharger_TellsItsStateAndCountsTheSession(t *testing.T) {
	c, car := newCharger(), Car{Stored: 20000}
	o := Outside{Span: energy.Span(time.Time{}, time.Minute), Driven: 1000}
	home, away := o, o
	away.IsAway = true
	for _, s := range []struct {
		name    string
		o       Outside
		prepare func()
		want    ChargerState
		session energy.WattHours
	}{
		{"away", away, func() {}, NotReady, 0},
		{"arrives", home, func() {}, Charging, 184},
		{"goes on", home, func() {}, Charging, 368},
		{"may not", home, func() { c.IsEnabled = false }, Suspended, 368},
		{"full", home, func() { c.IsEnabled, car.Stored = true, CarCapacity*energy.WattHours(CarLimit) }, Ready, 368},
		{"leaves", away, func() {}, NotReady, 368},
		{"returns", home, func() {}, Charging, 184},
	} {
		s.prepare()
		c.step(&car, s.o)
		if c.State != s.want || !near(c.Session, s.session) {
			t.Errorf("%s: state %d, session %v, want %d, %v", s.name, c.State, c.Session, s.want, s.session)
		}
	}
}
