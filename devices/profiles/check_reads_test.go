package profiles

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLoad_KeepsTheRulesOfWhatOneRequestReads(t *testing.T) {
	const power = `{"name": "power", "unit": "W", "fc": 4, "addr": 100, "type": "i16"`
	with := func(keys string) string {
		return strings.Replace(charger, `  ],
  "actions"`, `,`+power+keys+`}
  ],
  "actions"`, 1)
	}
	for name, keys := range map[string]string{
		"a sum": `, "plus": [101, 102]`, "a difference": `, "minus": [99]`, "a scale factor": `, "scale_addr": 98`,
		"a direction": `, "negative": {"addr": 90, "bits": 4}`, "another unit": `, "unit_id": "100"`, "a unit of the configuration": `, "unit_id": "{unit}"`,
		"far apart, as far as one answer holds": `, "plus": [224]`,
	} {
		if _, err := Load("charger.json", []byte(with(keys))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, c := range []rule{
		{"too far apart", ``, `, "plus": [225]`, `points[4]: power needs registers 100 to 225 in one request, more than 125`},
		{"a sum before the first register", ``, `, "plus": [-1]`, `points[4]: reads registers from -1 to 100`},
		{"a scale after the last", ``, `, "scale_addr": 65536`, `points[4]: reads registers from 100 to 65536`},
		{"a mask of a signed number", ``, `, "mask": 7`, `points[4].mask: 0x7 does not fit`},
		{"a direction of no bit", ``, `, "negative": {"addr": 90, "bits": 0}`, `points[4].negative.bits: 0x0`},
		{"a direction of too many bits", ``, `, "negative": {"addr": 90, "bits": 65536}`, `points[4].negative.bits: 0x10000`},
		{"everybody", ``, `, "unit_id": "0"`, `points[4].unit_id: "0", want 1 to 247`},
		{"a reserved unit", ``, `, "unit_id": "250"`, `points[4].unit_id: "250"`},
		{"half a parameter", ``, `, "unit_id": "1{unit}"`, `points[4].unit_id: "1{unit}", want 1 to 247`},
		{"a unit of nobody", ``, `, "unit_id": "{who}"`, `points[4].unit_id: {who} is not declared`},
	} {
		expectFault(t, c.name, "charger.json", with(c.spoiled), c.want)
	}
	for _, c := range []rule{
		{"a mode that is scaled", `"addr": 10, "type": "u16"`, `"addr": 10, "type": "u16", "scale_addr": 9`, `points[0]: only a number is added`},
		{"a mask wider than the register", `"addr": 10, "type": "u16"`, `"addr": 10, "type": "u16", "mask": 65536`, `points[0].mask: 0x10000 does not fit`},
		{"fixed and added to", `"fixed": 0`, `"fixed": 0, "plus": [4]`, `points[3].fixed: stands instead of a register`},
		{"more than it ever answers", `"schema": 1,`, `"schema": 1, "max_read": 126,`, `max_read: 126, want 1 to 125`},
		{"less than a value", `"schema": 1,`, `"schema": 1, "max_read": 1,`, `points[2]: setpoint needs registers 12 to 13 in one request, more than 1`},
		{"a block longer than the device answers", `"addr": 10, "type": "u16"}`, `"addr": 10, "type": "u16", "block": "b"}, {"name": "soc", "unit": "%", "fc": 3, "addr": 20, "type": "u16", "block": "b"}`, ``},
		{"a write to everybody", `"unit": "mA"}`, `"unit": "mA", "unit_id": "0"}`, `actions[0].write[0].unit_id: "0"`},
		{"verified by a power", `"max_s": 600`, `"max_s": 600, "verify": "setpoint"`, `lease.verify: "setpoint", want the point lease_left`},
		{"verified by what it has not", `"max_s": 600`, `"max_s": 600, "verify": "lease_left"`, `lease.verify: "lease_left", want the point`},
		{"fed by reads, ended by nobody", `"max_s": 600`, `"max_s": 600, "fed_by_reads": true`, `lease.fed_by_reads: only a heartbeat is`},
		{"a mode that means nothing", `"name": "plugged", "unit": "bool", "fc": 3, "addr": 11, "type": "u16", "bit": 2`, `"name": "phases", "unit": "enum", "fc": 3, "addr": 11, "type": "u16", "map": {"on": 3}`, `points[1].map: "on" is no raw value`},
	} {
		if c.want == "" { // within 125 it is sound, and not within 10
			spoiled := strings.Replace(charger, c.sound, c.spoiled, 1)
			if _, err := Load("charger.json", []byte(spoiled)); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			expectFault(t, c.name, "charger.json", strings.Replace(spoiled, `"schema": 1,`, `"schema": 1, "max_read": 10,`, 1), `soc needs registers 10 to 20 in one request, more than 10`)
			continue
		}
		expectFault(t, c.name, "charger.json", strings.Replace(charger, c.sound, c.spoiled, 1), c.want)
	}
	kept := strings.NewReplacer(`"kind": "silent"`, `"kind": "heartbeat", "every_s": 10, "fed_by_reads": true`, `"name": "release"`, `"name": "setup"`)
	expectFault(t, "fed by reads, handed back by nothing", "charger.json", kept.Replace(charger), `lease.fed_by_reads: needs the action release`)
	for _, key := range []string{`"mask": 1`, `"plus": [1]`, `"minus": [1]`, `"scale_addr": 1`, `"negative": {"addr": 1, "bits": 1}`, `"unit_id": "2"`} {
		expectFault(t, key, "plug.json", strings.Replace(plug, `"path": "ENERGY.Power"`, key, 1), `points[1]: has keys that only a modbus point has`)
	}
}

// The span holds every register that has a say, and begins and ends with one of them.
func TestSpan_IsWhatTheValueNeedsAndNoMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		addr := rapid.IntRange(0, 1000)
		q := Point{Addr: addr.Draw(t, "addr"), Type: rapid.SampledFrom([]string{"u16", "i32", "u64"}).Draw(t, "type"),
			Plus: rapid.SliceOfN(addr, 0, 3).Draw(t, "plus"), Minus: rapid.SliceOfN(addr, 0, 3).Draw(t, "minus")}
		size := registerSizes[q.Type]
		needed := map[int]bool{}
		for _, a := range append(append([]int{q.Addr}, q.Plus...), q.Minus...) {
			for i := range size {
				needed[a+i] = true
			}
		}
		if rapid.Bool().Draw(t, "scaled") {
			scale := addr.Draw(t, "scale")
			q.ScaleAddr, needed[scale] = &scale, true
		}
		first, end := q.Span()
		if !needed[first] || !needed[end-1] {
			t.Errorf("[%d, %d) is too wide", first, end)
		}
		for a := range needed {
			if a < first || a >= end {
				t.Errorf("[%d, %d) lacks %d", first, end, a)
			}
		}
	})
}
