package modbus

import (
	"strings"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
)

func TestThermal_EachStateIsToldAndShown(t *testing.T) {
	d, peer, _ := charger(t, "stiebel-wpm", nil)
	for _, mode := range []devices.ThermalMode{devices.ThermalForced, devices.ThermalBlocked, devices.ThermalRecommended, devices.ThermalNormal} {
		if err := d.SetMode(t.Context(), mode, 0); err != nil {
			t.Fatal(err)
		}
		if r := d.Mode(); !r.Valid || r.Value != mode {
			t.Errorf("told %s it shows %+v", mode, r)
		}
	}
	before := peer.Commands()
	if err := d.SetMode(t.Context(), "tropical", 0); err == nil || peer.Commands() != before {
		t.Errorf("an unknown mode: %v", err)
	}
	pollAll(t, d)
	if r := d.Temperature(); !r.Valid || r.Value != 48.5 {
		t.Errorf("temperature %+v", r)
	}
	peer.mu.Lock()
	peer.nature.settle = func(s *simulated) { s.words[5000] = 9 }
	peer.mu.Unlock()
	pollAll(t, d)
	if r := d.Mode(); r.Valid {
		t.Errorf("a state nobody knows is read as %+v", r)
	}
}

func TestPhases_OnlyWhoMaySwitchHasTheRole(t *testing.T) {
	for _, id := range []string{"keba-p30", "alfen-eve"} {
		for text, may := range map[string]bool{"0": false, "1": true} {
			device, _ := newDevice(t, Config{Profile: profileOf(t, id), Params: map[string]string{"one_phase": text}, Clock: newHandClock()})
			if (device.PhaseSwitch != nil) != may {
				t.Errorf("%s with one_phase=%s: %v", id, text, device.PhaseSwitch)
			}
			want := energy.Watts(4140)
			if may {
				want = 1380
			}
			if device.Capabilities.Floor != want || device.Capabilities.Max != 11040 {
				t.Errorf("%s with one_phase=%s takes %v to %v", id, text, device.Capabilities.Floor, device.Capabilities.Max)
			}
		}
	}
}

// A power is a current on the phases in use, not on those of the configuration.
func TestPhases_ACurrentIsOfThePhasesInUse(t *testing.T) {
	for _, id := range []string{"keba-p30", "alfen-eve"} {
		t.Run(id, func(t *testing.T) {
			d, peer, _ := charger(t, id, map[string]string{"one_phase": "1"})
			if err := d.SetPhases(t.Context(), 1); err == nil {
				t.Error("switched a station that has not said on how many phases it charges")
			}
			pollAll(t, d)
			if err := d.SetPhases(t.Context(), 2); err == nil {
				t.Error("told two phases")
			}
			if err := d.SetPhases(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			pollAll(t, d)
			if r := d.Phases(); !r.Valid || r.Value != 1 {
				t.Fatalf("phases %+v", r)
			}
			if err := d.SetPower(t.Context(), 2300, time.Minute); err != nil {
				t.Fatal(err)
			}
			if told, isTold := peer.Told(); !isTold || told < 6899 || told > 6901 { // ten amperes, as three phases would make of them
				t.Errorf("told %v, %t", told, isTold)
			}
			if r := d.Setpoint(); !r.Valid || r.Value < 2299 || r.Value > 2301 {
				t.Errorf("it shows %+v", r)
			}
			if err := d.SetPower(t.Context(), 4600, time.Minute); err == nil || !strings.Contains(err.Error(), "20.0 A on the phases in use") {
				t.Errorf("20 A on one phase: %v", err)
			}
			if err := d.SetPhases(t.Context(), 3); err != nil {
				t.Fatal(err)
			}
			pollAll(t, d)
			if err := d.SetPower(t.Context(), 2300, time.Minute); err == nil {
				t.Error("3.3 A on three phases were told")
			}
		})
	}
}

func TestCurrents_AreAmperesAndNotWatts(t *testing.T) {
	slave := newBank(map[uint16]uint16{})
	slave.set(12, 5100, 0, 0x10000-400, 0xFFFF, 0xFFFF, 0x7FFF) // 5.1 A, -0.4 A, nothing; the low word first
	slave.set(40, 0, 0)
	slave.set(52, 0, 0)
	slave.set(78, 0, 0)
	address, _ := serveBank(t, slave, "")
	for sign, want := range map[string][2]energy.Amps{"1": {5.1, -0.4}, "-1": {-5.1, 0.4}} {
		device, d := newDevice(t, Config{Profile: profileOf(t, "carlo-gavazzi-em340"), Params: map[string]string{"sign": sign},
			Bus: openBus(t, "tcp://"+address, newHandClock(), newEager), Clock: newHandClock()})
		pollAll(t, d)
		got := device.Observe().Currents
		for i, w := range want {
			if diff := got[i].Value - w; !got[i].Valid || diff > 1e-6 || diff < -1e-6 {
				t.Errorf("sign %s: L%d is %+v, want %v", sign, i+1, got[i], w)
			}
		}
		if got[2].Valid {
			t.Errorf("a phase that is not there carries %v", got[2].Value)
		}
	}
}

// Coarse registers: what the guard rounds by is what the device holds.
func TestCapabilities_StepIsWhatTheRegistersHold(t *testing.T) {
	for id, want := range map[string]energy.Watts{
		"webasto-next": 690, "victron-evcs": 690, "heidelberg-energy-control": 69, "keba-p30": 0, "alfen-eve": 0, "huawei-luna": 0, "sungrow-hybrid": 0,
	} {
		device, _ := newDevice(t, Config{Profile: profileOf(t, id), Clock: newHandClock()})
		if got := device.Capabilities.Step; got < want-0.01 || got > want+0.01 {
			t.Errorf("%s has steps of %v, want %v", id, got, want)
		}
	}
}
