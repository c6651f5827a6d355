package profiles

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestEmbedded_EveryProfileLoads(t *testing.T) {
	ids := IDs()
	if !slices.IsSorted(ids) || !slices.Contains(ids, "tasmota-plug") {
		t.Errorf("ids %v", ids)
	}
	for _, id := range ids {
		p, err := Get(id)
		if err != nil {
			t.Error(err)
			continue
		}
		if p.ID != id {
			t.Errorf("%s has the id %s", id, p.ID)
		}
	}
}

func TestGet_NamesWhatThereIs(t *testing.T) {
	_, err := Get("../tasmota-plug")
	if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "tasmota-plug") {
		t.Errorf("%v", err)
	}
}

func TestGet_GivesEachCallerItsOwn(t *testing.T) {
	a, _ := Get("tasmota-plug")
	a.Points[0].Topic = "changed"
	if b, _ := Get("tasmota-plug"); b.Points[0].Topic == "changed" {
		t.Error("two callers share a profile")
	}
}

// plug is a small valid profile; each case below spoils one thing.
const plug = `{
  "schema": 1, "id": "plug", "title": "A plug", "transport": "mqtt", "source": ["maker's page"],
  "params": [{"name": "topic", "required": true, "about": "its topic"}, {"name": "base", "default": "cmnd/{topic}", "about": "x"}],
  "points": [
    {"name": "switch", "unit": "bool", "topic": "stat/{topic}", "map": {"ON": true, "OFF": false}, "query": {"topic": "{base}", "payload": ""}},
    {"name": "power", "unit": "W", "topic": "tele/{topic}", "path": "ENERGY.Power", "min": -5000, "max": 5000}
  ],
  "actions": [
    {"name": "on", "publish": [{"topic": "{base}", "payload": "{\"on\":true,\"for\":{lease_s}}"}]},
    {"name": "off", "publish": [{"topic": "{base}", "payload": "OFF"}]}
  ],
  "confirm": {"point": "switch", "within_s": 10},
  "lease": {"kind": "timer", "min_s": 10, "max_s": 600}
}`

const charger = `{
  "schema": 1, "id": "charger", "title": "A charger", "transport": "modbus", "source": ["maker's table"],
  "params": [{"name": "unit", "default": "1", "about": "unit id"}],
  "points": [
    {"name": "mode", "unit": "enum", "fc": 3, "addr": 10, "type": "u16"},
    {"name": "plugged", "unit": "bool", "fc": 3, "addr": 11, "type": "u16", "bit": 2},
    {"name": "setpoint", "unit": "mA", "fc": 3, "addr": 12, "type": "u32", "nan": ["0xFFFFFFFF"], "when": [1]},
    {"name": "setpoint", "unit": "W", "fixed": 0, "when": [2]}
  ],
  "actions": [
    {"name": "set_power", "write": [{"fc": 16, "addr": 20, "type": "u32", "value": "{value}", "unit": "mA"}, {"fc": 6, "addr": 22, "type": "u16", "value": "{lease_s}"}]},
    {"name": "release", "write": [{"fc": 6, "addr": 23, "type": "u16", "value": "0"}]}
  ],
  "confirm": {"point": "setpoint", "tolerance": 50, "within_s": 30},
  "lease": {"kind": "silent", "max_s": 600},
  "limits": {"max_w": 11000, "floor_w": 1380}
}`

func TestLoad_TakesAValidProfile(t *testing.T) {
	for name, text := range map[string]string{"plug": plug, "charger": charger} {
		if _, err := Load("/etc/hearth/"+name+".json", []byte(text)); err != nil {
			t.Error(err)
		}
	}
}

func TestLoad_NamesTheFault(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"unknown key", `"title"`, `"titel"`, `plug.json: titel: unknown key, did you mean "title"?`},
		{"unknown key inside", `"path"`, `"pathh"`, `points[1].pathh: unknown key, did you mean "path"?`},
		{"key twice", `"schema": 1,`, `"schema": 1, "schema": 1,`, `schema: stands twice`},
		{"text for a number", `"schema": 1`, `"schema": "1"`, `schema: is not a number`},
		{"fraction for a count", `"schema": 1`, `"schema": 1.5`, `schema: 1.5 is not a number that fits`},
		{"null", `"title": "A plug"`, `"title": null`, `title: is not a text`},
		{"object for a list", `"source": ["maker's page"]`, `"source": {}`, `source: is not a list`},
		{"list for an object", `{"point": "switch", "within_s": 10}`, `[]`, `confirm: is not an object`},
		{"syntax", `"lease": {`, `"lease": {{`, `plug.json: line 13: `},
		{"more than one", `"max_s": 600}` + "\n}", `"max_s": 600}}{}`, `something follows`},
		{"schema", `"schema": 1`, `"schema": 2`, `schema: 2, want 1`},
		{"id", `"id": "plug"`, `"id": "Plug"`, `id: "Plug" is not the name of the file`},
		{"transport", `"mqtt"`, `"knx"`, `transport: "knx", want "mqtt" or "modbus"`},
		{"no source", `["maker's page"]`, `[]`, `source: missing`},
		{"unit", `"unit": "W"`, `"unit": "kw"`, `points[1].unit: "kw", want W or kW for power`},
		{"no unit", `"unit": "W", `, ``, `points[1].unit: "", want W or kW`},
		{"point", `"name": "power"`, `"name": "pover"`, `points[1].name: "pover" is no point, did you mean "power"?`},
		{"action", `"name": "off"`, `"name": "offf"`, `actions[1].name: "offf" is no action, did you mean "off"?`},
		{"undeclared in a topic", `tele/{topic}`, `tele/{tpoic}`, `points[1].topic: {tpoic} is not declared in params`},
		{"undeclared in a payload", `"OFF"}]`, `"{x}"}]`, `actions[1].publish[0].payload: {x} is not declared in params`},
		{"driver's name in a topic", `tele/{topic}`, `tele/{value}`, `points[1].topic: {value} is not declared`},
		{"wildcard", `tele/{topic}`, `tele/+`, `points[1].topic: "tele/+": a topic is exact`},
		{"empty level", `tele/{topic}`, `tele//x`, `points[1].topic: "tele//x" has an empty level`},
		{"bool without map", `, "map": {"ON": true, "OFF": false}`, ``, `points[0].map: missing`},
		{"register at mqtt", `"path": "ENERGY.Power"`, `"fc": 3`, `points[1]: has keys that only a modbus point has`},
		{"range", `"min": -5000`, `"min": 6000`, `points[1].min: 6000 is above max 5000`},
		{"control without confirm", `"confirm": {"point": "switch", "within_s": 10},`, ``, `confirm: missing`},
		{"confirm by nothing", `"confirm": {"point": "switch"`, `"confirm": {"point": "soc"`, `confirm.point: "soc" is no point`},
		{"on without off", `"name": "off"`, `"name": "setup"`, `actions: on needs off`},
		{"lease kind", `"timer"`, `"clock"`, `lease.kind: "clock", want timer, silent or heartbeat`},
		{"lease nobody sets", `{lease_s}`, `600`, `lease: on does not mention {lease_s} or {lease_min}`},
		{"lease upside down", `"min_s": 10`, `"min_s": 1000`, `lease: from 1000 to 600 seconds`},
		{"param twice", `{"name": "base", "default"`, `{"name": "topic", "default"`, `params[1].name: "topic" stands twice`},
		{"param of the driver", `{"name": "base", "default"`, `{"name": "value", "default"`, `params[1].name: "value" cannot be`},
		{"param default", `"cmnd/{topic}"`, `"cmnd/{later}"`, `params[1].default: {later} is no parameter declared before`},
		{"required with default", `"required": true`, `"required": true, "default": "x"`, `params[0].default: a required parameter has none`},
		{"brace", `tele/{topic}`, `tele/{topic`, `points[1].topic: "tele/{topic" has a stray brace`},
	} {
		expectFault(t, c.name, "plug.json", strings.Replace(plug, c.from, c.to, 1), c.want)
	}
	for _, c := range []struct{ name, from, to, want string }{
		{"function", `"fc": 3, "addr": 10`, `"fc": 1, "addr": 10`, `points[0].fc: 1, want 3 or 4`},
		{"type", `"type": "u16", "bit"`, `"type": "u8", "bit"`, `points[1].type: "u8", want one of u16`},
		{"register", `"addr": 12`, `"addr": 65535`, `points[2].addr: 65535 is not a register`},
		{"nan", `0xFFFFFFFF`, `FFFF`, `points[2].nan: [0] "FFFF", want 0x and 8 digits`},
		{"bit", `"bit": 2`, `"bit": 16`, `points[1].bit: 16 is outside of a u16`},
		{"neither bit nor values", `, "bit": 2`, ``, `points[1]: a bool, and only a bool`},
		{"fixed without when", `"fixed": 0, "when": [2]`, `"fixed": 0`, `points[3].fixed: stands instead of a register`},
		{"one register for two", `"fc": 16`, `"fc": 6`, `actions[0].write[0].fc: 6 writes one register, a u32 has 2`},
		{"value", `"{lease_s}"`, `"soon"`, `actions[0].write[1].value: "soon", want a number`},
		{"no power", `"{value}"`, `"5"`, `actions: set_power does not mention {value}`},
		{"no release", `"name": "release"`, `"name": "setup"`, `actions: set_power and release need each other`},
		{"limits", `"max_w": 11000`, `"max_w": -1`, `limits: from 0 W to -1 W does not hold 0`},
	} {
		expectFault(t, c.name, "charger.json", strings.Replace(charger, c.from, c.to, 1), c.want)
	}
}

func expectFault(t *testing.T, name, file, text, want string) {
	t.Helper()
	if text == plug || text == charger {
		t.Errorf("%s: the case spoils nothing", name)
	}
	_, err := Load(file, []byte(text))
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want %q", name, err, want)
	}
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			if !strings.HasPrefix(line, file+": ") {
				t.Errorf("%s: line without its file: %q", name, line)
			}
		}
	}
}

func TestLoad_NamesAllFaultsAtOnce(t *testing.T) {
	text := strings.NewReplacer(`"unit": "W"`, `"unit": "kw"`, `"schema": 1`, `"schema": 3`, `"OFF"}]`, `"{x}"}]`, `"timer"`, `"clock"`).Replace(plug)
	_, err := Load("plug.json", []byte(text))
	if n := strings.Count(err.Error(), "plug.json: "); n != 4 {
		t.Errorf("%d faults of 4 in: %v", n, err)
	}
}

func TestLoad_BoundsItsInput(t *testing.T) {
	if _, err := Load("x.json", make([]byte, maxSize+1)); err == nil {
		t.Error("a profile of 64 KiB and more was read")
	}
	if _, err := Load("x.json", []byte(strings.Repeat("[", 10000))); err == nil || !strings.Contains(err.Error(), "nested too deep") {
		t.Errorf("%v", err)
	}
}

func TestFill_ReplacesParametersOnly(t *testing.T) {
	p, err := Load("plug.json", []byte(plug))
	if err != nil {
		t.Fatal(err)
	}
	filled, err := p.Fill(map[string]string{"topic": "kitchen/boiler"})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{filled.Points[0].Topic, filled.Points[0].Query.Topic, filled.Actions[0].Publish[0].Topic, filled.Actions[0].Publish[0].Payload}
	want := []string{"stat/kitchen/boiler", "cmnd/kitchen/boiler", "cmnd/kitchen/boiler", `{"on":true,"for":{lease_s}}`}
	if !slices.Equal(got, want) {
		t.Errorf("filled %q, want %q", got, want)
	}
	if again, _ := Load("plug.json", []byte(plug)); !reflect.DeepEqual(p, again) {
		t.Error("filling has changed the profile")
	}
}

func TestValues_NamesEveryFault(t *testing.T) {
	p, _ := Get("tasmota-plug")
	_, err := p.Values(map[string]string{"stat": "a b", "tele": "x/#", "colour": "red", "cmnd": ""})
	for _, want := range []string{`stat: "a b" has other characters`, `tele: "x/#"`, "colour: the profile tasmota-plug has no such parameter", "topic: missing", `cmnd: ""`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q in it", err, want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{plug, charger, "{}", "[]", "null", `{"points":[{"name":"power"}]}`, `{"schema":1e400}`, `{"params":[{"name":"{}"}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Load("plug.json", data)
		if (p == nil) == (err == nil) {
			t.Fatalf("%v and %v", p, err)
		}
		if p == nil {
			return
		}
		text, err := json.Marshal(p)
		if err != nil || len(text) == 0 {
			t.Fatal(err)
		}
		given := map[string]string{}
		for _, d := range p.Params {
			given[d.Name] = "x"
		}
		if _, err := p.Fill(given); err != nil {
			t.Fatal(err)
		}
	})
}
