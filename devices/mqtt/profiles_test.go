package mqtt

import (
	"testing"
	"time"

	"hearth/devices"
	"hearth/devices/devicetest"
	"hearth/devices/profiles"
)

// params are what a configuration has to give, made up.
func params(p *profiles.Profile) map[string]string {
	given := map[string]string{}
	for _, d := range p.Params {
		if d.Required {
			given[d.Name] = "my-" + d.Name
		}
		if d.Name == "import_topic" { // else a counter stands beside a power that is no JSON
			given[d.Name] = "my-counter"
		}
		if d.Name == "phases" {
			given[d.Name] = "3"
		}
	}
	return given
}

// mqttProfiles are the embedded ones that this driver speaks.
func mqttProfiles(t testing.TB) (out []*profiles.Profile) {
	for _, id := range profiles.IDs() {
		p, err := profiles.Get(id)
		if err != nil {
			t.Fatal(err)
		}
		if p.Transport == profiles.MQTT {
			out = append(out, p)
		}
	}
	return out
}

func acts(p *profiles.Profile) bool { return p.Confirm != nil }

// simulated builds rigs of a profile and a simulator made of it.
func simulated(p *profiles.Profile, url func(t *testing.T) string) devicetest.Factory {
	return func(t *testing.T) devicetest.Rig {
		clock, broker := devicetest.NewClock(start), url(t)
		filled, err := p.Fill(params(p))
		if err != nil {
			t.Fatal(err)
		}
		sim := newSimulator(t, broker, filled, clock)
		link, _ := runLink(t, Options{URL: broker}, clock)
		d, err := New(Config{Name: "it", Profile: p, Params: params(p), Link: link})
		if err != nil {
			t.Fatal(err)
		}
		var peer devicetest.Peer = sim
		if d.Setpoint != nil {
			peer = powered{sim}
		}
		return devicetest.Rig{Device: d, Peer: peer, Clock: clock, MaxAge: powerAge(filled)}
	}
}

func powerAge(p *profiles.Profile) time.Duration {
	for _, q := range p.Points {
		if q.Name == "power" {
			return time.Duration(q.MaxAgeS) * time.Second
		}
	}
	return time.Minute
}

func TestSuite_EveryProfile(t *testing.T) {
	for _, p := range mqttProfiles(t) {
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			devicetest.Run(t, simulated(p, func(t *testing.T) string { return quickBroker(t) }))
		})
	}
}

// Each profile that acts also meets a broker that is not ours.
func TestSuite_EveryActingProfileOverMosquitto(t *testing.T) {
	for _, p := range mqttProfiles(t) {
		if !acts(p) {
			continue
		}
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			devicetest.Run(t, simulated(p, func(t *testing.T) string { return startMosquitto(t, "allow_anonymous true").url }))
		})
	}
}

func TestNew_EachProfileHasTheRolesOfItsPoints(t *testing.T) {
	l := quietLink(t, Options{URL: "tcp://127.0.0.1:1", ClientID: "x"}, devicetest.NewClock(start))
	for _, p := range mqttProfiles(t) {
		d, err := New(Config{Name: "it", Profile: p, Params: params(p), Link: l})
		if err != nil {
			t.Error(err)
			continue
		}
		for role, is := range map[string][2]bool{
			"meter": {d.Meter != nil, p.Has("power")}, "battery": {d.Battery != nil, p.Has("soc")},
			"phases": {d.Phases != nil, p.Has("current_l1")}, "curtailer": {d.Curtailer != nil, p.Has("curtail")},
			"charger": {d.Charger != nil, p.Has("plugged")}, "availability": {d.Availability != nil, p.Has("online")},
			"phase switch": {d.PhaseSwitch != nil, p.Has("phases")},
		} {
			if is[0] != is[1] {
				t.Errorf("%s: %s is %v", p.ID, role, is[0])
			}
		}
		if isUnguarded := d.Capabilities.Lease == devices.Unguarded; isUnguarded == (p.Lease != nil) {
			t.Errorf("%s: lease %q", p.ID, d.Capabilities.Lease)
		}
	}
}
