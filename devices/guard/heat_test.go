package guard

import (
	"context"
	"slices"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// thermal is a heat pump and a generator that note what they are told.
type thermal struct{ told []string }

func (f *thermal) Temperature() energy.Reading[energy.Celsius] {
	return energy.Reading[energy.Celsius]{}
}
func (f *thermal) Mode() energy.Reading[devices.ThermalMode] {
	return energy.Reading[devices.ThermalMode]{}
}
func (f *thermal) Curtailment() energy.Reading[energy.Watts] { return energy.Reading[energy.Watts]{} }
func (f *thermal) SetMode(_ context.Context, m devices.ThermalMode, lease time.Duration) error {
	f.told = append(f.told, string(m)+" "+lease.String())
	return nil
}

func (f *thermal) Curtail(_ context.Context, most energy.Watts, lease time.Duration) error {
	f.told = append(f.told, most.String()+" "+lease.String())
	return nil
}

func (f *thermal) Lift(context.Context) error {
	f.told = append(f.told, "lift")
	return nil
}

func newHeat(t *testing.T) (*Guard, *thermal) {
	t.Helper()
	f := &thermal{}
	g, err := New(&devices.Device{Name: "pump", Thermal: f, Capabilities: devices.Capabilities{ReadBack: true, Lease: devices.Heartbeat}}, Rules{}, State{})
	if err != nil {
		t.Fatal(err)
	}
	return g, f
}

// pump drives a heat pump through its guard, which obeys within ten seconds.
type pump struct {
	*testing.T
	g    *Guard
	now  time.Time
	mode devices.ThermalMode
	temp energy.Celsius
}

func (p *pump) want(m energy.Mode) Decision {
	obs := devices.Observation{Thermal: energy.Read(p.mode, p.now), Temperature: energy.Read(p.temp, p.now)}
	d := p.g.Request(p.Context(), p.now, energy.Setpoint{Mode: m}, obs)
	if d.Sent != nil {
		p.mode = devices.ThermalMode(d.Sent.Mode)
		if d.Sent.Mode == energy.Release {
			p.mode = devices.ThermalNormal
		}
	}
	p.now = p.now.Add(10 * time.Second)
	return d
}

func (p *pump) wantFor(d time.Duration, m energy.Mode) (last Decision) {
	for end := p.now.Add(d); p.now.Before(end); {
		last = p.want(m)
	}
	return last
}

func TestGuard_DrivesAHeatPump(t *testing.T) {
	g, f := newHeat(t)
	p := &pump{t, g, start, devices.ThermalNormal, 45}
	p.want(energy.Release)
	p.wantFor(time.Minute, energy.On)
	if p.mode != devices.ThermalRecommended {
		t.Fatalf("mode %s, told %v", p.mode, f.told)
	}
	if d := p.want(energy.Forced); d.Outcome != Held || d.Rule != MinHold {
		t.Errorf("another mode within ten minutes: %+v", d)
	}
	p.wantFor(10*time.Minute, energy.Forced)
	p.wantFor(11*time.Minute, energy.Release)
	want := []string{"normal 0s", "recommended 10m0s", "forced 10m0s", "normal 0s"}
	if got := slices.DeleteFunc(slices.Compact(f.told), func(string) bool { return false }); !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	if d := p.want(energy.AtPower); d.Outcome != Refused || d.Rule != Invalid {
		t.Errorf("a power: %+v", d)
	}
}

func TestGuard_NeverBlocksAHeatPumpForMoreThanTwoHoursADay(t *testing.T) {
	g, _ := newHeat(t)
	p := &pump{t, g, start, devices.ThermalNormal, 45}
	var blocked time.Duration
	var said bool
	for p.now.Before(start.Add(24 * time.Hour)) {
		d := p.want(energy.Off)
		said = said || d.Rule == MaxBlocked
		if p.mode == devices.ThermalBlocked {
			blocked += 10 * time.Second
		}
	}
	if blocked > 2*time.Hour+10*time.Second || blocked < 110*time.Minute || !said {
		t.Errorf("blocked for %v of a day (said: %v)", blocked, said)
	}
}

func TestGuard_NeverBlocksAHeatPumpInFrost(t *testing.T) {
	g, _ := newHeat(t)
	p := &pump{t, g, start, devices.ThermalNormal, 45}
	p.wantFor(11*time.Minute, energy.Release)
	p.wantFor(time.Minute, energy.Off)
	if p.mode != devices.ThermalBlocked {
		t.Fatal(p.mode)
	}
	p.temp = 4
	if d := p.want(energy.Off); d.Rule != Frost || p.mode != devices.ThermalNormal {
		t.Errorf("%+v, mode %s", d, p.mode)
	}
}

func TestClose_LeavesAHeatPumpToItself(t *testing.T) {
	g, f := newHeat(t)
	p := &pump{t, g, start, devices.ThermalNormal, 45}
	p.wantFor(11*time.Minute, energy.Off)
	if err := g.Close(t.Context(), p.now); err != nil || f.told[len(f.told)-1] != "normal 0s" {
		t.Errorf("%v, %v", f.told, err)
	}
}

func TestGuard_BoundsAGenerator(t *testing.T) {
	f := &thermal{}
	g, err := New(&devices.Device{Name: "roof", Curtailer: f, Capabilities: devices.Capabilities{ReadBack: true, Lease: devices.Silence, Min: -8000}}, Rules{}, State{})
	if err != nil {
		t.Fatal(err)
	}
	now, most := start, energy.Watts(8000)
	ask := func(s energy.Setpoint) Decision {
		now = now.Add(10 * time.Second)
		d := g.Request(t.Context(), now, s, devices.Observation{Curtailment: energy.Read(most, now)})
		if d.Sent != nil {
			most = -d.Sent.Power
			if d.Sent.Mode == energy.Release {
				most = 8000
			}
		}
		return d
	}
	ask(release)
	atMost := func(p energy.Watts) energy.Setpoint { return energy.Setpoint{Mode: energy.AtMost, Power: p} }
	ask(atMost(-3000))
	if d := ask(atMost(-3000)); d.Outcome != Kept || d.Rule != "" {
		t.Errorf("%+v", d)
	}
	ask(off)
	ask(off)
	if d := ask(atMost(500)); d.Rule != Clamp {
		t.Errorf("a generator that takes: %+v", d)
	}
	for _, s := range []energy.Setpoint{watts(100), {Mode: energy.Forced}} {
		if d := ask(s); d.Rule != Invalid {
			t.Errorf("%v: %+v", s, d)
		}
	}
	if err := g.Close(t.Context(), now); err != nil {
		t.Error(err)
	}
	if want := []string{"lift", "3kW 10m0s", "0W 10m0s", "lift"}; !slices.Equal(f.told, want) {
		t.Errorf("told %v, want %v", f.told, want)
	}
}
