package feeds

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"hearth/energy"
)

func TestPerKWh_IsExact(t *testing.T) {
	for _, c := range []struct {
		text  string
		shift int
		want  string
	}{
		{"84.13", -3, "0.08413"}, {"-12.5", -3, "-0.0125"}, {"1e2", -3, "0.1"}, {"1.5E-1", -2, "0.0015"}, {"0.21", 0, "0.21"}, {"100.00000001", -3, "0.10000000001"}, {"-0", -3, "0"},
	} {
		if got, err := PerKWh(json.Number(c.text), c.shift); err != nil || got.String() != c.want {
			t.Errorf("%s shifted by %d: %v, %v; want %s", c.text, c.shift, got, err, c.want)
		}
	}
	for _, text := range []string{"", "x", "1e", "1e999", "1e308", "NaN", "0x1", "1,5", "1e5e5", "--1"} {
		if got, err := PerKWh(json.Number(text), -3); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		micro := rapid.Int64Range(-4e12, 4e12).Draw(t, "millionths per MWh")
		got, err := PerKWh(json.Number(fmt.Sprintf("%d.%06de0", micro/1e6, max(micro%1e6, -micro%1e6))), -3)
		if micro < 0 && micro > -1e6 {
			return // the sign of -0.5 is not in its whole part
		}
		if want := energy.Price(micro * 1000); err != nil || got != want {
			t.Fatalf("%v, %v; want %v", got, err, want)
		}
	})
}

func TestGrams_AreThoseOfAGrid(t *testing.T) {
	for number, want := range map[json.Number]energy.GramsPerKWh{"0": 0, "-0": 0, "205": 205, "2.5e1": 25, "5000": 5000} {
		if g, err := Grams(number, 1); err != nil || g != want {
			t.Errorf("%s: %v, %v", number, g, err)
		}
	}
	if g, err := Grams("1000", 0.5); err != nil || g != 500 {
		t.Errorf("%v, %v", g, err)
	}
	for _, number := range []json.Number{"", "-1", "5001", "1e308", "1e999", "NaN", "Inf", "much"} {
		if g, err := Grams(number, 1); err == nil || g != 0 {
			t.Errorf("%s is %v", number, g)
		}
	}
	if _, err := Grams("1000", 6); err == nil {
		t.Error("the unit does not count")
	}
}
