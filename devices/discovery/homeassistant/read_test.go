package homeassistant

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"hearth/devices/profiles"
)

func message(topic, payload string) Message {
	return Message{"homeassistant/" + topic, []byte(payload)}
}

const (
	device    = `"dev":{"ids":["esp1"],"mf":"Acme","mdl":"Plug 2","name":"Boiler"}`
	available = `"avty_t":"~status","pl_avail":"up","pl_not_avail":"down"`
	relay     = `{"~":"esp1/","name":"Relay","uniq_id":"esp1_relay","stat_t":"~relay","cmd_t":"~relay/set",` + available + `,` + device + `}`
	power     = `{"~":"esp1/","name":"Power","stat_t":"~sensor","val_tpl":"{{ value_json['ENERGY'].Power | float(0) | round(1) }}","dev_cla":"power","unit_of_meas":"W","exp_aft":30,` + device + `}`
	energy    = `{"name":"Total","state_topic":"esp1/total","device_class":"energy","state_class":"total_increasing","unit_of_measurement":"kWh",` + device + `}`
)

func TestRead_MakesOneProfileOfADevice(t *testing.T) {
	made, skipped := Read("homeassistant", "hearth", []Message{
		message("switch/esp1/relay/config", relay), message("sensor/esp1/power/config", power), message("sensor/esp1/total/config", energy),
		message("switch/gone/config", ""), message("status", "online"), message("a/b/c/d/config", "{}"), {"other/switch/x/config", []byte(relay)},
	})
	if len(made) != 1 || len(skipped) != 0 {
		t.Fatalf("made %v, skipped %v", made, skipped)
	}
	p := made[0]
	if p.ID != "ha-esp1-relay" || p.Title != "Acme Plug 2 Boiler" || p.Unguarded == "" {
		t.Errorf("%s, %s, %s", p.ID, p.Title, p.Unguarded)
	}
	var got []string
	for _, q := range p.Points {
		got = append(got, fmt.Sprintf("%s %s %s %s %v %d", q.Name, q.Unit, q.Topic, q.Path, q.Map, q.MaxAgeS))
	}
	want := []string{
		"online bool esp1/status  map[down:false up:true] 0", "switch bool esp1/relay  map[OFF:false ON:true] 60",
		"power W esp1/sensor ENERGY.Power map[] 30", "energy_import kWh esp1/total  map[] 300",
	}
	if !slices.Equal(got, want) {
		t.Errorf("points\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	on, _ := p.Action("on")
	if on.Publish[0] != (profiles.Message{Topic: "esp1/relay/set", Payload: "ON"}) {
		t.Errorf("on is %v", on)
	}
}

func TestRead_TakesADeviceInOneMessage(t *testing.T) {
	bundle := `{"~":"never","o":{"name":"bridge"},` + device + `,"availability":[{"t":"esp1/status","val_tpl":"{{value_json.state}}"},{"t":"bridge/status"}],
	 "cmps":{"a":{"p":"switch","name":"Relay","uniq_id":"r1","stat_t":"esp1/relay","cmd_t":"esp1/relay/set","pl_on":"{\"on\":1}","stat_on":"on","pl_off":"{\"on\":0}","stat_off":"off"},
	  "b":{"p":"sensor","device_class":"temperature","state_topic":"x"},"c":{"p":"light"}}}`
	made, skipped := Read("homeassistant", "hearth", []Message{message("device/esp1/config", bundle)})
	if len(made) != 1 || len(skipped) != 1 || !strings.Contains(skipped[0].Reason, "temperature") {
		t.Fatalf("made %v, skipped %v", made, skipped)
	}
	if p := made[0]; p.Points[0].Path != "state" || p.Points[0].Part == p.Points[1].Part {
		t.Errorf("availability %v", p.Points[:2])
	}
	on, _ := made[0].Action("on")
	if on.Publish[0].Payload != `{"on":1}` {
		t.Errorf("on is %v", on)
	}
}

func TestRead_SaysWhyAnEntityIsLeftOut(t *testing.T) {
	with := func(from, to string) string { return strings.Replace(relay, from, to, 1) }
	for _, c := range []struct{ component, payload, reason string }{
		{"switch", with(`"stat_t":"~relay",`, ``), "says nothing of its state"},
		{"switch", with(`"name"`, `"opt":true,"name"`), "says nothing of its state"},
		{"switch", with(available+`,`, ``), "says nothing of its availability"},
		{"switch", with(`"name"`, `"cmd_tpl":"{{ value }}x","name"`), "by a template"},
		{"switch", with(`"name"`, `"val_tpl":"{% if value %}ON{% endif %}","name"`), "template does more"},
		{"switch", with(`"~relay/set"`, `"~+/set"`), "a topic is exact"},
		{"switch", with(`"~relay/set"`, `"a b"`), "a topic is exact"},
		{"light", relay, "is a light"},
		{"sensor", strings.Replace(power, "value_json['ENERGY'].Power", "value_json.a * 1000", 1), "template does more"},
		{"sensor", strings.Replace(power, `"W"`, `"hp"`, 1), `"hp", want W or kW`},
		{"sensor", strings.Replace(energy, "total_increasing", "measurement", 1), "is no counter"},
		{"sensor", `[1]`, "no JSON object"}, {"sensor", `{`, "no JSON object"}, {"device", `{` + device + `}`, "without components"},
		{"device", `{"cmps":{"x":1}}`, "is no object"}, {"sensor", strings.Repeat("x", maxSize+1), "more than"},
	} {
		made, skipped := Read("homeassistant", "hearth", []Message{message(c.component+"/x/config", c.payload)})
		if len(made) != 0 || len(skipped) != 1 || !strings.Contains(skipped[0].Reason, c.reason) {
			t.Errorf("%s %.80s: made %v, skipped %v, want %q", c.component, c.payload, made, skipped, c.reason)
		}
	}
}

func TestRead_TakesNobodysWordForItsOwn(t *testing.T) {
	for _, payload := range []string{`{"migrate_discovery":true}`, strings.Replace(relay, `"name"`, `"o":{"name":"hearth"},"name"`, 1)} {
		if made, skipped := Read("homeassistant", "hearth", []Message{message("switch/x/config", payload)}); made != nil || skipped != nil {
			t.Errorf("%v %v", made, skipped)
		}
	}
}

// Two powers of one device: nobody knows which is the device's.
func TestRead_GuessesNothing(t *testing.T) {
	made, skipped := Read("homeassistant", "hearth", []Message{
		message("sensor/a/config", power), message("sensor/b/config", power), message("sensor/c/config", energy),
	})
	if len(made) != 1 || made[0].Has("power") || !made[0].Has("energy_import") || len(skipped) != 2 {
		t.Errorf("made %v, skipped %v", made, skipped)
	}
}

func TestPathOf_TakesOnlyWhatNeedsNoEngine(t *testing.T) {
	for template, want := range map[string]string{
		"": "", "{{ value }}": "", "{{value_json.a}}": "a", "{{ value_json.a.b|float }}": "a.b", `{{ value_json["a b"][0].c }}`: "a b.0.c",
		"{{- value_json.x | int | default(0) -}}": "x", "{{ value | is_defined }}": "",
	} {
		if got, err := pathOf(template); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", template, got, err, want)
		}
	}
	for _, template := range []string{
		"{{ value_json }}", "{{ value.a }}", "{{ value_json.a + 1 }}", "{{ value_json.a | multiply(2) }}", "{{ value | lower }}", "{% raw %}", "{{ states('x') }}",
		"x{{ value }}", "{{ value }}{{ value }}", "{{ value_json['a.b'] }}", "{{ value_json.a if value else 0 }}", "{{", "{{ value_json.a | default(value_json.b) | x }}",
	} {
		if got, err := pathOf(template); err == nil {
			t.Errorf("%q was read as %q", template, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, payload := range []string{relay, power, energy, `{"cmps":{"a":{"p":"switch"}}}`, `{"availability":[1]}`, `{"avty":{"t":null}}`} {
		f.Add("switch", []byte(payload))
		f.Add("device", []byte(payload))
	}
	f.Fuzz(func(t *testing.T, component string, payload []byte) {
		made, skipped := Read("homeassistant", "hearth", []Message{{"homeassistant/" + component + "/x/config", payload}})
		for _, p := range made {
			text, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := profiles.Load(p.ID+".json", text); err != nil {
				t.Error(err)
			}
		}
		for _, s := range skipped {
			if s.Reason == "" {
				t.Errorf("%v was left out without a reason", s)
			}
		}
	})
}
