package profiles

import (
	"strings"
	"testing"
)

// inverter is a small valid profile of a thing with every newer word; each case below spoils one.
const inverter = `{
  "schema": 1, "id": "inverter", "title": "An inverter with a heater", "transport": "mqtt", "source": ["maker's page"],
  "params": [{"name": "topic", "required": true, "about": "its topic"}, {"name": "rated", "default": "800W", "about": "rated power"},
    {"name": "unit", "default": "W", "one_of": ["W", "kW"], "about": "unit of its power"}],
  "points": [
    {"name": "power", "unit": "{unit}", "topic": "{topic}/p", "path": "nrg.11", "part": "l1"},
    {"name": "current_l1", "unit": "A", "topic": "{topic}/p", "path": "nrg.4", "sign_from": "nrg.11"},
    {"name": "energy_export", "unit": "Wmin", "topic": "{topic}/e", "resets": true},
    {"name": "curtail", "unit": "%", "topic": "{reply}/rpc", "path": "limit", "answers": "id", "holds": "power", "query": {"topic": "{topic}/rpc", "payload": "{\"id\":{request_id},\"src\":\"{reply}\"}"}},
    {"name": "thermal_mode", "unit": "enum", "topic": "{topic}/sg", "map": {"1": "blocked", "2": "normal"}},
    {"name": "temperature", "unit": "°C", "topic": "{topic}/t"},
    {"name": "lease_left", "unit": "s", "topic": "{topic}/left"}
  ],
  "actions": [
    {"name": "curtail", "publish": [{"topic": "{topic}/set", "payload": "{value} {lease_s}", "unit": "%"}]},
    {"name": "lift", "publish": [{"topic": "{topic}/set", "payload": "100"}]},
    {"name": "mode_blocked", "publish": [{"topic": "{topic}/sg/set", "payload": "1 {lease_s}"}]},
    {"name": "mode_normal", "publish": [{"topic": "{topic}/sg/set", "payload": "2"}]}
  ],
  "confirm": {"point": "curtail", "tolerance": 10, "within_s": 30},
  "lease": {"kind": "heartbeat", "max_s": 600, "every_s": 20, "verify": "lease_left"},
  "setup_check": [{"topic": "{topic}/cfg", "path": "a.0", "equals": ["1"], "about": "set it"}],
  "heartbeat": {"every_s": 30, "publish": [{"topic": "{topic}/alive", "payload": ""}]},
  "match": [{"filter": "+/p", "path": "nrg.11", "params": {"topic": 0}}]
}`

func TestLoad_KeepsTheRulesOfTheNewerWords(t *testing.T) {
	if _, err := Load("inverter.json", []byte(inverter)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []rule{
		{"an empty key", `"nrg.11", "part"`, `"nrg..11", "part"`, `points[0].path: "nrg..11" has an empty key`},
		{"an unknown param as unit", `"{unit}"`, `"{untie}"`, `points[0].unit: "{untie}", want W or kW`},
		{"a default that is none of the choices", `"default": "W", "one_of"`, `"default": "MW", "one_of"`, `params[2].default: "MW" is none of W, kW`},
		{"a power that starts anew", `"part": "l1"`, `"resets": true`, `points[0].resets: only a counter does`},
		{"holds by itself", `"holds": "power"`, `"holds": "curtail"`, `points[3].holds: "curtail" is no other point`},
		{"holds by nothing", `"holds": "power"`, `"holds": "online"`, `points[3].holds: "online" is no other point`},
		{"a mode of no kind", `"1": "blocked"`, `"1": "hot"`, `points[4].map: "1" means one of blocked, normal`},
		{"a mode that is a number", `"1": "blocked"`, `"1": 1`, `points[4].map: "1" means one of`},
		{"a mode that is null", `"1": "blocked"`, `"1": null`, `points[4].map.1: is not a text, a number, true or false`},
		{"a mode that is a list", `"1": "blocked"`, `"1": ["x"]`, `points[4].map.1: is not a text`},
		{"a map of a current", `"path": "nrg.4"`, `"map": {"1": 2}`, `points[1].map: only a bool and an enum have one`},
		{"a reply in the middle", `"{reply}/rpc", "path"`, `"x/{reply}", "path"`, `points[3].topic: {reply} is not declared`},
		{"a request of nobody", `{request_id}`, `{number}`, `points[3].query.payload: {number} is not declared`},
		{"curtail without lift", `"lift"`, `"setup"`, `actions: curtail and lift need each other`},
		{"curtail without value", `{value} {lease_s}`, `5 {lease_s}`, `actions: curtail does not mention {value}`},
		{"a mode without normal", `"mode_normal"`, `"setup"`, `actions: mode_normal and at least one other mode`},
		{"a bound that does not show", `"name": "curtail", "unit"`, `"name": "energy_import", "unit"`, `points: curtail does not show`},
		{"percent of nothing", `{"name": "rated", "default": "800W"`, `{"name": "ratet", "default": "800W"`, `actions[0].publish[0].unit: "%": it is a part of the param rated`},
		{"volts", `"unit": "%"}]`, `"unit": "V"}]`, `actions[0].publish[0].unit: "V", want W, kW`},
		{"amperes without a voltage", `"unit": "%"}]`, `"unit": "A"}]`, `actions[0].publish[0].unit: "A": it is made of power`},
		{"leased perhaps", `"payload": "100"`, `"payload": "100", "leased": "perhaps"`, `actions[1].publish[0].leased: "perhaps", want yes or no`},
		{"a sign of two", `"payload": "100"`, `"payload": "100", "sign": 2`, `actions[1].publish[0].sign: 2, want -1 or 1`},
		{"a heartbeat that never comes", `"every_s": 20`, `"every_s": 0`, `lease.every_s: 0, want more than 0`},
		{"a timer with a heartbeat", `"heartbeat", "max_s"`, `"timer", "max_s"`, `lease.every_s: 20, want more than 0 for a heartbeat, and only there`},
		{"unguarded with a lease", `"lease": {`, `"unguarded": "x", "lease": {`, `unguarded: there is a lease`},
		{"a setting that may be anything", `"equals": ["1"]`, `"equals": []`, `setup_check[0].equals: missing`},
		{"a setting nobody can put right", `"about": "set it"`, `"about": ""`, `setup_check[0].about: missing`},
		{"a setting with a wildcard", `{topic}/cfg`, `+/cfg`, `setup_check[0].topic: "+/cfg": a topic is exact`},
		{"alive a thousand times a second", `"every_s": 30`, `"every_s": 0.001`, `heartbeat: want something to publish`},
		{"all topics", `"filter": "+/p"`, `"filter": "#"`, `match[0].filter: "#": want levels`},
		{"a parameter from a word", `"filter": "+/p"`, `"filter": "x/p"`, `match[0].params: topic: level 0 of "x/p" is no +`},
		{"a parameter of nobody", `{"topic": 0}`, `{"topics": 0}`, `match[0].params: topics is not declared`},
		{"a level that is not there", `{"topic": 0}`, `{"topic": 9}`, `match[0].params: topic: level 9`},
	} {
		text := strings.Replace(inverter, c.sound, c.spoiled, 1)
		if text == inverter {
			t.Errorf("%s: the case spoils nothing", c.name)
		}
		if _, err := Load("inverter.json", []byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// A device that keeps the last command for ever has to say so, or nobody could accept it.
func TestLoad_WantsTheUnguardedToSaySo(t *testing.T) {
	bare := strings.Replace(plug, `,
  "lease": {"kind": "timer", "min_s": 10, "max_s": 600}`, ``, 1)
	expectFault(t, "silent about it", "plug.json", bare, `unguarded: missing: without a lease, say what it stays doing`)
	if _, err := Load("plug.json", []byte(strings.Replace(bare, `"schema"`, `"unguarded": "it stays on", "schema"`, 1))); err != nil {
		t.Error(err)
	}
}

func TestFill_NamesWhatOnlyTheParametersSpoil(t *testing.T) {
	p, err := Get("generic-mqtt-switch")
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]string{"command_topic": "a", "state_topic": "b", "on": "X", "off": "X"}
	if _, err := p.Fill(given); err == nil || !strings.Contains(err.Error(), "no two payloads") {
		t.Errorf("on and off are one word: %v", err)
	}
	given = map[string]string{"command_topic": "a", "state_topic": "b", "state_path": "a..b"}
	if _, err := p.Fill(given); err == nil || !strings.Contains(err.Error(), "has an empty key") {
		t.Errorf("a path with a hole: %v", err)
	}
	m, err := Get("generic-mqtt-meter")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Fill(map[string]string{"power_topic": "a", "power_unit": "MW"}); err == nil || !strings.Contains(err.Error(), `power_unit: "MW" is none of W, kW`) {
		t.Errorf("a unit of no kind: %v", err)
	}
}
