package mqtt

import (
	"math"
	"strings"
	"testing"

	"hearth/devices/profiles"
)

func bound(v float64) *float64 { return &v }

func TestDecode_ConvertsToOurUnitsAndSign(t *testing.T) {
	onOff := map[string]bool{"ON": true, "OFF": false, "true": true}
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
		{"brackets in a text are none", profiles.Point{Unit: "W", Path: "p"}, `{"t":"` + strings.Repeat("[", 100) + `\"{","p":1}`, 1},
	} {
		got, ok, err := decode(c.point, []byte(c.payload))
		if err != nil || !ok || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v %v %v, want %v", c.name, got, ok, err, c.want)
		}
	}
}

func TestDecode_SkipsAMessageOfAnotherKind(t *testing.T) {
	p := profiles.Point{Unit: "W", Path: "ENERGY.Power"}
	for _, payload := range []string{`{}`, `{"PulseTime1":{"Set":0}}`, `{"ENERGY":null}`, `{"ENERGY":5}`, `{"ENERGY":[1]}`, `{"ENERGY":{"Power":null}}`, `{"ENERGY":{"Power":[1,2]}}`, `[1]`} {
		if v, ok, err := decode(p, []byte(payload)); ok || err != nil {
			t.Errorf("%s: %v %v %v", payload, v, ok, err)
		}
	}
}

func TestDecode_RefusesWhatIsNoValue(t *testing.T) {
	raw := profiles.Point{Name: "power", Unit: "W", Min: bound(-100), Max: bound(100)}
	inJSON := profiles.Point{Name: "power", Unit: "W", Path: "p"}
	truth := profiles.Point{Name: "switch", Unit: "bool", Map: map[string]bool{"ON": true}}
	for _, c := range []struct {
		point   profiles.Point
		payload string
	}{
		{raw, ""}, {raw, "12,5"}, {raw, "NaN"}, {raw, "inf"}, {raw, "0x10"}, {raw, "1_0"}, {raw, "1e999"}, {raw, "101"}, {raw, "-100.5"}, {raw, "\xff"},
		{inJSON, ""}, {inJSON, "{"}, {inJSON, `{"p":1}x`}, {inJSON, `{"p":true}`}, {inJSON, `{"p":"x"}`},
		{inJSON, `{"p":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + `}`}, {inJSON, strings.Repeat("[", 1<<16)},
		{truth, "OFF"}, {truth, "on"}, {truth, ""},
	} {
		if v, ok, err := decode(c.point, []byte(c.payload)); err == nil || ok {
			t.Errorf("%.30q was read as %v %v", c.payload, v, ok)
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
		{Name: "switch", Unit: "bool", Map: map[string]bool{"ON": true, "OFF": false}},
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		for _, p := range points {
			v, ok, err := decode(p, payload)
			if ok && (err != nil || math.IsNaN(v) || math.Abs(v) > 1e6) {
				t.Errorf("%q was read as %v, %v", payload, v, err)
			}
		}
	})
}
