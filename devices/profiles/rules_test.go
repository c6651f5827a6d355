package profiles

import (
	"strings"
	"testing"
)

// rule is one thing a profile must not say: spoiled is put in the place of sound.
type rule struct{ name, sound, spoiled, want string }

func TestLoad_KeepsTheRulesOfEveryProfile(t *testing.T) {
	for _, c := range []rule{
		{"no title", `"title": "A plug"`, `"title": ""`, `title: missing`},
		{"parameter without words", `"required": true, "about": "its topic"`, `"required": true`, `params[0].about: missing`},
		{"parameter in capitals", `{"name": "base"`, `{"name": "Base"`, `params[1].name: "Base" cannot be the name`},
		{"parameter named as a lease", `{"name": "base"`, `{"name": "lease_min"`, `params[1].name: "lease_min" cannot be the name`},
		{"default with a space", `"cmnd/{topic}"`, `"cmnd {topic}"`, `params[1].default: "cmnd {topic}", want A-Z`},
		{"default with a wildcard", `"cmnd/{topic}"`, `"cmnd/#"`, `params[1].default: "cmnd/#", want A-Z`},
		{"no default, not required", `"default": "cmnd/{topic}", `, ``, `params[1].default: "", want A-Z`},
		{"a sign of two", `"unit": "W"`, `"unit": "W", "sign": 2`, `points[1].sign: 2, want -1 or 1`},
		{"a negative age", `"unit": "W"`, `"unit": "W", "max_age_s": -1`, `points[1].max_age_s: -1 is negative`},
		{"an action twice", `"name": "off"`, `"name": "on"`, `actions[1].name: "on" stands twice`},
		{"off alone", `"name": "on"`, `"name": "setup"`, `actions: off needs on or set_power`},
		{"confirmed at once", `"within_s": 10`, `"within_s": 0`, `confirm.within_s: 0, want more than 0`},
		{"negative tolerance", `"within_s": 10`, `"within_s": 10, "tolerance": -5`, `confirm.tolerance: -5 is negative`},
		{"confirmed by power alone", `{"point": "switch"`, `{"point": "power"`, `confirm.point: "power" is no point by which`},
		{"a lease without end", `"max_s": 600`, `"max_s": 0`, `lease: from 10 to 0 seconds`},
		{"a lease counted backwards", `"max_s": 600`, `"max_s": 600, "add": -100`, `lease.add: -100 is negative`},
		{"a floor below nothing", `"lease":`, `"limits": {"floor_w": -1}, "lease":`, `limits.floor_w: -1 is negative`},
		{"a step below nothing", `"lease":`, `"limits": {"step_w": -1}, "lease":`, `limits.step_w: -1 is negative`},
		{"a run below nothing", `"lease":`, `"limits": {"min_on_s": -1}, "lease":`, `limits.min_on_s: -1 is negative`},
		{"a pause below nothing", `"lease":`, `"limits": {"min_off_s": -1}, "lease":`, `limits.min_off_s: -1 is negative`},
		{"switches below nothing", `"lease":`, `"limits": {"max_switches_day": -1}, "lease":`, `limits.max_switches_day: -1 is negative`},
		{"a least power that takes", `"lease":`, `"limits": {"min_w": 1, "max_w": 5}, "lease":`, `limits: from 1 W to 5 W does not hold 0`},
		{"kind of value", `"within_s": 10`, `"within_s": true`, `confirm.within_s: is not a number`},
		{"kind of flag", `"required": true`, `"required": "yes"`, `params[0].required: is not true or false`},
		{"too large a count", `"schema": 1`, `"schema": 4294967296`, `schema: 4294967296 is not a number that fits`},
		{"too large a number", `"within_s": 10`, `"within_s": 1e999`, `confirm.within_s: 1e999 is not a number that fits`},
		{"broken off", `"max_s": 600}` + "\n}", `"max_s": 600}`, `plug.json: line 13: `},
	} {
		expectFault(t, c.name, "plug.json", strings.Replace(plug, c.sound, c.spoiled, 1), c.want)
	}
	expectFault(t, "no points", "x.json", `{"schema":1,"id":"x","title":"x","transport":"mqtt","source":["x"],"points":[]}`, `points: missing`)
	for _, id := range []string{"Plug", "a--b", "-a", "a-", "ä", "a_b"} {
		expectFault(t, id, id+".json", strings.Replace(plug, `"id": "plug"`, `"id": "`+id+`"`, 1), `want small letters, digits and single dashes`)
	}
}

func TestLoad_KeepsTheRulesOfTopics(t *testing.T) {
	for _, c := range []rule{
		{"no topic", `"topic": "tele/{topic}"`, `"topic": ""`, `points[1].topic: missing`},
		{"all levels", `tele/{topic}`, `tele/#`, `a topic is exact`},
		{"the broker's own", `tele/{topic}`, `$SYS/{topic}`, `a topic is exact`},
		{"a space", `tele/{topic}`, `tele/a b`, `a topic is exact`},
		{"nothing before", `tele/{topic}`, `/tele/{topic}`, `"/tele/{topic}" has an empty level`},
		{"nothing after", `tele/{topic}`, `tele/{topic}/`, `"tele/{topic}/" has an empty level`},
		{"a map of watts", `"path": "ENERGY.Power"`, `"map": {"1": true}`, `points[1].map: only a bool and an enum have one`},
		{"an empty key", `"ENERGY.Power"`, `"ENERGY..Power"`, `points[1].path: "ENERGY..Power" has an empty key`},
		{"amperes", `{"name": "power", "unit": "W"`, `{"name": "setpoint", "unit": "A"`, `points[1].unit: "A": power is made of it by the params phases and voltage`},
		{"a query nowhere", `"query": {"topic": "{base}"`, `"query": {"topic": ""`, `points[0].query.topic: missing`},
		{"a query of nobody", `"query": {"topic": "{base}"`, `"query": {"topic": "{who}"`, `points[0].query.topic: {who} is not declared`},
		{"a write", `"publish": [{"topic": "{base}", "payload": "OFF"}]`, `"write": [{"fc": 6, "addr": 1, "type": "u16", "value": "0"}]`, `actions[1]: an mqtt action has publish, and nothing else`},
		{"nothing to send", `"publish": [{"topic": "{base}", "payload": "OFF"}]`, `"publish": []`, `actions[1]: an mqtt action has publish`},
	} {
		expectFault(t, c.name, "plug.json", strings.Replace(plug, c.sound, c.spoiled, 1), c.want)
	}
	for _, key := range []string{`"addr": 1`, `"type": "u16"`, `"words": "big"`, `"scale": 2`, `"nan": []`, `"block": "b"`, `"poll_s": 1`, `"values": [1]`, `"bit": 0`} {
		expectFault(t, key, "plug.json", strings.Replace(plug, `"path": "ENERGY.Power"`, key, 1), `points[1]: has keys that only a modbus point has`)
	}
}

func TestLoad_KeepsTheRulesOfRegisters(t *testing.T) {
	for _, c := range []rule{
		{"a topic", `"fc": 3, "addr": 10`, `"topic": "x", "fc": 3, "addr": 10`, `points[0]: has keys that only an mqtt point has`},
		{"a path", `"fc": 3, "addr": 10`, `"path": "x", "fc": 3, "addr": 10`, `points[0]: has keys that only an mqtt point has`},
		{"trust in what is retained", `"fc": 3, "addr": 10`, `"retained_ok": true, "fc": 3, "addr": 10`, `points[0]: has keys that only an mqtt point has`},
		{"polled backwards", `"fc": 3, "addr": 10`, `"poll_s": -1, "fc": 3, "addr": 10`, `points[0].poll_s: -1 is negative`},
		{"no mode to go by", `{"name": "mode", "unit": "enum", "fc": 3, "addr": 10, "type": "u16"},`, ``, `points[1].when: there is no point mode to go by`},
		{"one name, two registers", `"fixed": 0, "when": [2]`, `"fc": 3, "addr": 14, "type": "u16"`, `points[3].when: missing: setpoint stands twice`},
		{"one name, two registers, the first always", `, "when": [1]`, ``, `points[3].when: missing: setpoint stands twice`},
		{"fixed and a register", `"fixed": 0`, `"fixed": 0, "fc": 3`, `points[3].fixed: stands instead of a register`},
		{"a negative register", `"addr": 12`, `"addr": -1`, `points[2].addr: -1 is not a register`},
		{"words of a third kind", `"addr": 12, "type": "u32"`, `"addr": 12, "type": "u32", "words": "middle"`, `points[2].words: "middle", want big or little`},
		{"short not-there", `0xFFFFFFFF`, `0xFFFF`, `points[2].nan: [0] "0xFFFF", want 0x and 8 digits`},
		{"no hexadecimal", `0xFFFFFFFF`, `0xGGGGGGGG`, `points[2].nan: [0] "0xGGGGGGGG"`},
		{"bit and values", `"bit": 2`, `"bit": 2, "values": [1]`, `points[1]: a bool, and only a bool`},
		{"a bit of a number", `"unit": "enum", `, `"unit": "enum", "bit": 1, `, `points[0]: a bool, and only a bool`},
		{"a negative bit", `"bit": 2`, `"bit": -1`, `points[1].bit: -1 is outside of a u16`},
		{"function of coils", `"fc": 16`, `"fc": 5`, `actions[0].write[0].fc: 5, want 6 or 16`},
		{"beyond the last register", `"addr": 20`, `"addr": 65535`, `actions[0].write[0].addr: 65535 is not a register`},
		{"volts", `"unit": "mA"}`, `"unit": "V"}`, `actions[0].write[0].unit: "V", want W, A or mA`},
		{"a sign of two", `"unit": "mA"}`, `"unit": "mA", "sign": 2}`, `actions[0].write[0].sign: 2, want -1 or 1`},
		{"nothing to write", `"value": "0"`, `"value": ""`, `actions[1].write[0].value: "", want a number`},
		{"a parameter of nobody", `"value": "0"`, `"value": "{x}"`, `actions[1].write[0].value: {x} is not declared`},
		{"a publication", `"write": [{"fc": 6, "addr": 23, "type": "u16", "value": "0"}]`, `"publish": [{"topic": "x", "payload": ""}]`, `actions[1]: a modbus action has write, and nothing else`},
		{"release alone", `"name": "set_power"`, `"name": "setup"`, `actions: set_power and release need each other`},
	} {
		expectFault(t, c.name, "charger.json", strings.Replace(charger, c.sound, c.spoiled, 1), c.want)
	}
}

// What is sent without a command has nothing to fill in: the device would get the braces, or a zero.
func TestLoad_LetsOnlyACommandNameWhatTheDriverFillsIn(t *testing.T) {
	for _, name := range []string{"value", "lease_s", "lease_min"} {
		expectFault(t, "a query with "+name, "plug.json",
			strings.Replace(plug, `"payload": ""}}`, `"payload": "{`+name+`}"}}`, 1), `points[0].query.payload: {`+name+`} is not declared`)
		setup := `"actions": [{"name": "setup", "publish": [{"topic": "x", "payload": "{` + name + `}"}]},`
		expectFault(t, "a setup with "+name, "plug.json",
			strings.Replace(plug, `"actions": [`, setup, 1), `actions[0].publish[0].payload: {`+name+`} is not declared`)
		write := `"actions": [{"name": "setup", "write": [{"fc": 6, "addr": 1, "type": "u16", "value": "{` + name + `}"}]},`
		expectFault(t, "a setup that writes "+name, "charger.json",
			strings.Replace(charger, `"actions": [`, write, 1), `actions[0].write[0].value: {`+name+`} is not declared`)
	}
	expectFault(t, "a power for off", "plug.json", strings.Replace(plug, `"OFF"}]`, `"{value}"}]`, 1), `actions[1].publish[0].payload: {value} is not declared`)
	expectFault(t, "a power to release", "charger.json", strings.Replace(charger, `"value": "0"`, `"value": "{value}"`, 1), `actions[1].write[0].value: {value} is not declared`)
	if _, err := Load("plug.json", []byte(strings.Replace(plug, `"OFF"}]`, `"{lease_min}"}]`, 1))); err != nil {
		t.Errorf("off may name its lease: %v", err)
	}
}

// A timer that only another action sets leaves an ON on for ever.
func TestLoad_WantsTheTimerSetByWhatBegins(t *testing.T) {
	moved := strings.NewReplacer(`"{\"on\":true,\"for\":{lease_s}}"`, `"ON"`, `"OFF"}]`, `"OFF {lease_s}"}]`).Replace(plug)
	expectFault(t, "set by off", "plug.json", moved, `lease: on does not mention {lease_s} or {lease_min}`)
	timer := strings.NewReplacer(`"silent"`, `"timer"`, `"{lease_s}"`, `"60"`).Replace(charger)
	expectFault(t, "set by nothing", "charger.json", timer, `lease: set_power does not mention {lease_s} or {lease_min}`)
}
