package mqtt

import (
	"math"
	"strings"
	"testing"

	"hearth/devices/profiles"
)

func bound(v float64) *float64 { return &v }

func TestDecode_ConvertsToOurUnitsAndSign(t *testing.T) {
	onOff := map[string]any{"ON": true, "OFF": false, "true": true}
	for _, c := range []struct {
		name    string
		point   profiles.Point
		payload string
		want    float64
	}{
		{"raw watts", profiles.Point{Unit: "W"}, " 12.5\n", 12.5},
		{"kilowatts", profiles.Point{Unit: "kW"}, "1.25", 1250},
		{"kilowatt hours", profiles.Point{Unit: "kWh", Path: "E.Total"}, `{"E":{"Total":3.125}}`, 3125},
		{"percent", profiles.Point{Unit: "%"}, "40", 0.4},
		{"the maker's sign", profiles.Point{Unit: "W", Sign: -1}, "700", -700},
		{"number as text", profiles.Point{Unit: "W", Path: "p"}, `{"p":"1e3"}`, 1000},
		{"on", profiles.Point{Unit: "bool", Map: onOff}, "ON", 1},
		{"off in JSON", profiles.Point{Unit: "bool", Map: onOff, Path: "POWER"}, `{"POWER":"OFF"}`, 0},
		{"a bool of JSON", profiles.Point{Unit: "bool", Map: onOff, Path: "on"}, `{"on":true}`, 1},
		{"a number with its unit", profiles.Point{Unit: "W"}, "12.5 W", 12.5},
		{"a number with another unit", profiles.Point{Unit: "W", Path: "p"}, `{"p":"1.5kW"}`, 1500},
		{"watt-minutes", profiles.Point{Unit: "Wmin"}, "90", 1.5},
		{"milliamperes", profiles.Point{Unit: "mA"}, "-1500", -1.5},
		{"an index", profiles.Point{Unit: "W", Path: "nrg.11"}, `{"nrg":[0,1,2,3,4,5,6,7,8,9,10,4200]}`, 4200},
		{"an index and keys", profiles.Point{Unit: "W", Path: "em1.1.act_power"}, `{"em1":[{"act_power":1},{"act_power":-2}]}`, -2},
		{"an index of a list alone", profiles.Point{Unit: "W", Path: "1"}, ` [1, 2 ]`, 2},
		{"a key with a colon", profiles.Point{Unit: "W", Path: "params.em:0.p"}, `{"params":{"em:0":{"p":3}}}`, 3},
		{"a word for a mode", profiles.Point{Unit: "enum", Map: map[string]any{"now": 2.0}}, "now", 2},
		{"a word for a thermal mode", profiles.Point{Unit: "enum", Map: map[string]any{"4": "forced"}}, "4", 3},
		{"a raw mode", profiles.Point{Unit: "enum"}, "3", 3},
		{"brackets in a text are none", profiles.Point{Unit: "W", Path: "p"}, `{"t":"` + strings.Repeat("[", 100) + `\"{","p":1}`, 1},
	} {
		got, found, err := decode(c.point, []byte(c.payload))
		if err != nil || found != profiles.Scalar || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v %v %v, want %v", c.name, got, found, err, c.want)
		}
	}
}

func TestDecode_SkipsAMessageOfAnotherKind(t *testing.T) {
	p := profiles.Point{Unit: "W", Path: "ENERGY.Power"}
	for _, payload := range []string{`{}`, `{"PulseTime1":{"Set":0}}`, `{"ENERGY":5}`, `{"ENERGY":[1]}`, `{"ENERGY":{"Power":[1,2]}}`, `[1]`} {
		if v, found, err := decode(p, []byte(payload)); found != profiles.Nothing || err != nil {
			t.Errorf("%s: %v %v %v", payload, v, found, err)
		}
	}
}

// Null is not zero and not what was said before: the device says that it does not know.
func TestDecode_KnowsThatTheDeviceDoesNotKnow(t *testing.T) {
	p := profiles.Point{Unit: "W", Path: "value"}
	for _, payload := range []string{`{"value":null}`, ``} {
		if v, found, err := decode(p, []byte(payload)); found != profiles.Null || err != nil {
			t.Errorf("%q: %v %v %v", payload, v, found, err)
		}
	}
	for _, payload := range []string{``, ` `, `null`} {
		if v, found, err := decode(profiles.Point{Unit: "W"}, []byte(payload)); found != profiles.Null || err != nil {
			t.Errorf("%q: %v %v %v", payload, v, found, err)
		}
	}
}

func TestDecode_RefusesWhatIsNoValue(t *testing.T) {
	raw := profiles.Point{Name: "power", Unit: "W", Min: bound(-100), Max: bound(100)}
	inJSON := profiles.Point{Name: "power", Unit: "W", Path: "p"}
	truth := profiles.Point{Name: "switch", Unit: "bool", Map: map[string]any{"ON": true}}
	for _, c := range []struct {
		point   profiles.Point
		payload string
	}{
		{raw, "12,5"}, {raw, "1.234,5"}, {raw, "1,234.5"}, {raw, "12 kWh"}, {raw, "12 V"}, {raw, "12 5"}, {raw, "W"}, {raw, "NaN"}, {raw, "inf"}, {raw, "0x10"}, {raw, "1_0"}, {raw, "1e999"}, {raw, "101"}, {raw, "-100.5"}, {raw, "\xff"},
		{inJSON, "{"}, {inJSON, `{"p":1}x`}, {inJSON, `{"p":true}`}, {inJSON, `{"p":"x"}`},
		{inJSON, `{"p":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + `}`}, {inJSON, strings.Repeat("[", 1<<16)},
		{truth, "OFF"}, {truth, "on"},
	} {
		if v, found, err := decode(c.point, []byte(c.payload)); err == nil || found != profiles.Nothing {
			t.Errorf("%.30q was read as %v %v", c.payload, v, found)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"ENERGY":{"Power":12.5}}`, "ON", "1e5", `{"a":{"b":[1,{"c":"\"}"}]}}`, strings.Repeat("[", 20), "\xff\x00", `{"ENERGY":{"Power":"1"}}`} {
		f.Add([]byte(seed))
	}
	points := []profiles.Point{
		{Name: "power", Unit: "kW", Sign: -1, Min: bound(-1e6), Max: bound(1e6)},
		{Name: "power", Unit: "W", Path: "ENERGY.Power", Min: bound(-1e6), Max: bound(1e6)},
		{Name: "switch", Unit: "bool", Map: map[string]any{"ON": true, "OFF": false}},
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		for _, p := range points {
			v, found, err := decode(p, payload)
			if found == profiles.Scalar && (err != nil || math.IsNaN(v) || math.Abs(v) > 1e6) {
				t.Errorf("%q was read as %v, %v", payload, v, err)
			}
		}
	})
}
