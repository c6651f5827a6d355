package discover

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hearth/devices/profiles"
)

var update = flag.Bool("update", false, "write what is wanted anew")

// mqtt is a profile with as much of it as discovery looks at.
func mqtt(id string, match profiles.Match, params ...string) *profiles.Profile {
	p := &profiles.Profile{ID: id, Transport: profiles.MQTT, Match: []profiles.Match{match}}
	for _, name := range params {
		p.Params = append(p.Params, profiles.Param{Name: name, Required: true, About: "the " + name})
	}
	return p
}

// known are profiles as the families of the real ones are.
func known() []*profiles.Profile {
	plug := mqtt("tasmota-plug", profiles.Match{Filter: "tele/+/LWT", Equals: []string{"Online", "Offline"}, Params: map[string]int{"topic": 1}}, "topic")
	plug.Points = []profiles.Point{
		{Name: "power", Unit: "W", Topic: "tele/{topic}/SENSOR"},
		{Name: "switch", Unit: "bool", Map: map[string]any{"ON": true, "OFF": false}, Topic: "tele/{topic}/STATE"},
	}
	plug.Actions = []profiles.Action{{Name: "on", Publish: []profiles.Message{{Topic: "cmnd/{topic}/POWER", Payload: "ON"}}}}
	plug.Lease = &profiles.Lease{Kind: "timer"}
	relay := mqtt("tasmota-relay", plug.Match[0], "topic")
	relay.Points, relay.Actions, relay.Lease = plug.Points[1:], plug.Actions, plug.Lease
	old := mqtt("shelly-gen1-plug", profiles.Match{Filter: "shellies/+/online", Params: map[string]int{"id": 1}}, "id")
	old.Points = []profiles.Point{{Name: "power", Unit: "W", Topic: "shellies/{id}/relay/0/power"}}
	old.Actions = []profiles.Action{{Name: "on", Publish: []profiles.Message{{Topic: "shellies/{id}/relay/0/command", Payload: "on"}}}}
	return []*profiles.Profile{
		relay, plug, old,
		mqtt("shelly-gen2-plug", profiles.Match{Filter: "+/online", Equals: []string{"true", "false"}, Params: map[string]int{"prefix": 0}}, "prefix"),
		mqtt("openevse", profiles.Match{Filter: "no/such/topic"}, "base"),
		mqtt("goe-v2", profiles.Match{Filter: "go-eCharger/+/car", Params: map[string]int{"serial": 1}}, "serial"),
		mqtt("evcc-loadpoint", profiles.Match{Filter: "evcc/loadpoints/+/chargePower", Params: map[string]int{"loadpoint": 2}}, "loadpoint"),
		mqtt("opendtu", profiles.Match{Filter: "solar/+/status/reachable", Params: map[string]int{"serial": 1}}, "serial", "rated"),
		mqtt("victron-venus", profiles.Match{Filter: "N/+/system/0/Serial", Path: "value", Params: map[string]int{"portal": 1}}, "portal"),
	}
}

// transcript reads lines of R (retained) or L (live), a topic and a payload.
func transcript(t *testing.T, name string) (heard []Heard) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		part := strings.SplitN(line, " ", 3)
		if len(part) < 3 {
			t.Fatalf("%s: %q", name, line)
		}
		heard = append(heard, Heard{part[1], []byte(part[2]), part[0] == "R"})
	}
	return heard
}

// tell writes things as a test can compare them.
func tell(things []Thing) string {
	var b strings.Builder
	for _, t := range things {
		id := "-"
		if p := t.Profile(); p != nil {
			id = p.ID
		}
		params, _ := json.Marshal(t.Params)
		fmt.Fprintf(&b, "%s | %s | %s | %s %s\n", t.Name, t.Model, t.Where, id, params)
		for _, text := range t.Missing {
			fmt.Fprintf(&b, "  needs %s\n", text)
		}
		for _, text := range t.Remarks {
			fmt.Fprintf(&b, "  %s\n", text)
		}
	}
	return b.String()
}

// Each folder is messages of devices as their makers describe them, or a mistake, and what is made of it.
func TestThings_AreWhatTheMessagesSpeakOf(t *testing.T) {
	folders, err := filepath.Glob("testdata/*/input.txt")
	if err != nil || len(folders) < 5 {
		t.Fatal(folders, err)
	}
	for _, input := range folders {
		dir := filepath.Dir(input)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			heard := transcript(t, input)
			things := Things(heard, known())
			Hazards(things, heard)
			got := tell(things)
			var at []At
			for _, thing := range things {
				at = append(at, At{thing, "house"})
			}
			got += "\n" + Section([]Link{{Name: "house", URL: "tcp://127.0.0.1:1883", Transport: profiles.MQTT}}, at, []string{"device"})
			file := filepath.Join(dir, "want.txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil || got != string(want) {
				t.Errorf("%v\n%s\nwant\n%s", err, got, want)
			}
		})
	}
}

// The order in which messages come does not matter.
func TestThings_AreTheSameInAnyOrder(t *testing.T) {
	heard := transcript(t, "testdata/every-family/input.txt")
	want := tell(Things(heard, known()))
	rapid.Check(t, func(t *rapid.T) {
		if got := tell(Things(rapid.Permutation(heard).Draw(t, "order"), known())); got != want {
			t.Fatalf("%s\nwant\n%s", got, want)
		}
	})
}

// Whatever is written to a broker, nothing of it leaves its line, names fit a configuration and differ.
func TestSection_NeverLetsAStrangerWriteIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"a\n  - name: evil", "x\u2028y", "</script>", "a: b # c", "\x1b[2J", "+", "#"}))
		var heard []Heard
		for range rapid.IntRange(0, 8).Draw(t, "things") {
			name, _ := json.Marshal(text.Draw(t, "name"))
			topic := text.Draw(t, "topic")
			inner, _ := json.Marshal(topic)
			heard = append(heard,
				Heard{"tasmota/discovery/AABB/config", fmt.Appendf(nil, `{"t":%s,"dn":%s,"md":%s}`, inner, name, name), true},
				Heard{"tele/" + topic + "/LWT", []byte("Online"), true},
				Heard{"zigbee2mqtt/bridge/devices", fmt.Appendf(nil, `[{"friendly_name":%s}]`, name), true},
				Heard{"homeassistant/switch/" + topic + "/config", fmt.Appendf(nil, `{"dev":{"ids":%s,"name":%s}}`, inner, name), true})
		}
		things := Things(heard, known())
		Hazards(things, heard)
		var at []At
		for _, thing := range things {
			at = append(at, At{thing, "house"})
		}
		names := map[string]bool{}
		for line := range strings.Lines(Section(nil, at, nil)) {
			body := strings.TrimPrefix(strings.TrimPrefix(line, "# "), "  ")
			isKnown := slices.ContainsFunc([]string{"devices:", "- name: ", "  title: \"", "  kind: ", "  profile: ", "  link: ", "  params: {", "  run: ", "  # "},
				func(prefix string) bool { return strings.HasPrefix(body, prefix) })
			if !isKnown || strings.ContainsAny(strings.TrimSuffix(line, "\n"), "\x1b\r\u2028\u0085") {
				t.Fatalf("%q", line)
			}
			if name, ok := strings.CutPrefix(strings.TrimSpace(body), "- name: "); ok {
				if names[name] || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" || name == "" {
					t.Fatalf("name %q", name)
				}
				names[name] = true
			}
		}
	})
}

// Whoever has no params is not asked for a topic that is a filter: it would be heard everywhere.
func TestTopics_NeverHaveWildcards(t *testing.T) {
	p := mqtt("tasmota-plug", profiles.Match{}, "topic")
	p.Points = []profiles.Point{{Name: "power", Unit: "W", Topic: "tele/{topic}/SENSOR"}, {Name: "power", Unit: "W", Topic: "{other}/x"}}
	for _, topic := range []string{"+", "#", "a/#", "", "a b", "\x00"} {
		thing := Thing{Fits: []*profiles.Profile{p}, Params: map[string]string{"topic": topic}, facts: map[string]string{"topic": topic}}
		thing.Complete()
		if reads, commands := thing.Topics(); len(reads)+len(commands) > 0 || len(thing.Missing) == 0 {
			t.Errorf("%q: %v %v needs %v", topic, reads, commands, thing.Missing)
		}
	}
	thing := Thing{Fits: []*profiles.Profile{p}, facts: map[string]string{"topic": "washer"}}
	if reads, _ := thing.Topics(); !slices.Equal(reads, []string{"tele/washer/SENSOR"}) {
		t.Errorf("%v", reads)
	}
}

// A level that many topics have is no sign of being the same thing.
func TestIsAt_TellsThingsApart(t *testing.T) {
	for _, c := range []struct {
		base, topic string
		want        bool
	}{
		{"tele/washer", "washer", true}, {"washer", "tele/washer/SENSOR", true}, {"washer", "washer", true},
		{"zigbee2mqtt/washer", "zigbee2mqtt/washer", true}, {"zigbee2mqtt/washer", "zigbee2mqtt/washer-2", false},
		{"zigbee2mqtt/washer", "zigbee2mqtt", false}, {"evcc/loadpoints/1", "evcc/loadpoints/2", false},
		{"1", "shellies/x/relay/1", false}, {"shellies/x/relay/1", "1", false}, {"washer", "dishwasher", false},
	} {
		if isAt(c.base, c.topic) != c.want {
			t.Errorf("%+v", c)
		}
	}
}

func FuzzThings(f *testing.F) {
	for _, h := range []Heard{
		{"tasmota/discovery/AABB/config", []byte(`{"t":"a","ft":"%topic%/%prefix%/","tp":["cmnd"]}`), true},
		{"zigbee2mqtt/bridge/devices", []byte(`[{"friendly_name":"a/b","definition":null}]`), true},
		{"homeassistant/device/x/config", []byte(`{"dev":{"cns":[["mac","a"]]},"~":"x","stat_t":"~/s"}`), true},
		{"/go-eCharger/1/fna", []byte(`"x"`), false},
	} {
		f.Add(h.Topic, h.Payload)
	}
	f.Fuzz(func(t *testing.T, topic string, payload []byte) {
		heard := []Heard{{topic, payload, true}}
		things := Things(heard, known())
		Hazards(things, heard)
		for _, thing := range things {
			if len(thing.Name) > 400 || !json.Valid([]byte(quoted(thing.Name))) {
				t.Errorf("%q", thing.Name)
			}
		}
	})
}

// A profile made of what a device says goes to that device and no other; one that a shipped profile knows keeps that.
func TestAdopt_GivesEachItsOwn(t *testing.T) {
	made := func(id, topic string) *profiles.Profile {
		return &profiles.Profile{ID: id, Transport: profiles.MQTT, Points: []profiles.Point{{Name: "power", Unit: "W", Topic: topic}}}
	}
	things := []Thing{
		{Name: "two", bases: []string{"zigbee2mqtt/two"}, Missing: []string{"a profile"}},
		{Name: "known", bases: []string{"zigbee2mqtt/known"}, Fits: known()[:1]},
		{Name: "other", bases: []string{"zigbee2mqtt/other"}, Missing: []string{"a profile"}},
	}
	things = Adopt(things, []*profiles.Profile{made("z2m-two-l1", "zigbee2mqtt/two"), made("z2m-two-l2", "zigbee2mqtt/two"), made("z2m-known", "zigbee2mqtt/known"), made("z2m-else", "x/y")}, "")
	got := tell(things)
	want := "two |  |  | z2m-two-l1 null\nknown |  |  | tasmota-relay null\nother |  |  | - null\n  needs a profile\ntwo (z2m-two-l2) |  |  | z2m-two-l2 null\n"
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if needy := Adopt([]Thing{{bases: []string{"a/b"}}}, []*profiles.Profile{made("m", "a/b")}, "a file"); len(needy[0].Missing) != 1 {
		t.Errorf("%+v", needy)
	}
}
