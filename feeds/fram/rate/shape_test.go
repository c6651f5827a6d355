package rate

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hearth/feeds"
)

// randomTree is a document of which every value holds 4711.
func randomTree(r *rand.Rand, depth int) any {
	keys := slices.Concat(periods, components, []string{"summer", "winter", "July", "tier", "note"})
	switch pick := r.IntN(8); {
	case depth == 0 || pick < 3:
		return []any{json.Number("0.4711"), "text 4711", json.Number("-47.11e2"), "1.4711", nil, json.Number("0.4711")}[r.IntN(6)]
	case pick < 4:
		var list []any
		for range []int{2, 7, 12, 24, 1, 0}[r.IntN(6)] {
			list = append(list, randomTree(r, depth-1))
		}
		return list
	}
	out := map[string]any{}
	for range r.IntN(4) {
		out[keys[r.IntN(len(keys))]] = randomTree(r, depth-1)
	}
	return out
}

func TestParse_NeverTellsAValue(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 5000 {
		doc, err := json.Marshal(randomTree(r, 3))
		if err != nil {
			t.Fatal(err)
		}
		_, err = unchecked(t, doc)
		if err == nil {
			continue
		}
		refused++
		if text := err.Error(); strings.Contains(text, "4711") || strings.Contains(text, "47.11") || feeds.KindOf(err) != feeds.Misconfigured {
			t.Fatalf("%s: %v", doc, err)
		}
	}
	if refused < 1000 {
		t.Errorf("only %d were refused", refused)
	}
}

func TestParse_AUnitIsNeverGuessed(t *testing.T) {
	for _, c := range []struct{ rate, unit, want string }{
		{`{"flat": 0.31}`, "", "0.31"},
		{`{"flat": -0.05}`, "", "-0.05"},
		{`{"flat": 4.999999999999}`, "", "4.999999999999"},
		{`{"flat": 5}`, "", "unit_of_price: is missing"},
		{`{"flat": -5}`, "", "unit_of_price: is missing"},
		{`{"flat": 31.123456789}`, "cents/kWh", "0.31123456789"},
		{`{"flat": 6.5}`, "USD/kWh", "6.5"},
		{`{"flat": 200}`, "cents/kWh", "2"},
		{`{"flat": 200.1}`, "cents/kWh", "a value beyond 200"},
		{`{"flat": 200.1}`, "USD/kWh", "a value beyond 200"},
		{`{"flat": 0.31}`, "cents/kWh", `unit_of_price "cents/kWh": no value`},
	} {
		rules := rulesOf(t, pacific, func(cfg *Config) { cfg.Unit = c.unit })
		r, err := rules.Parse([]byte(c.rate))
		got := r.named[""][flat].String()
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) || err == nil && got != c.want {
			t.Errorf("%s in %q: %s, want %s", c.rate, c.unit, got, c.want)
		}
	}
}

func TestParse_RefusesWhatIsTooLarge(t *testing.T) {
	for want, rate := range map[string]string{
		"deeper than 8": strings.Repeat(`{"summer":`, 9) + "1" + strings.Repeat("}", 9),
		"more than 200": "[" + strings.Repeat("1,", mostNodes) + "1]",
		"and more":      `{"peak":1` + manyKeys() + `}`,
	} {
		if _, err := unchecked(t, []byte(rate)); err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 6000 {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func manyKeys() string {
	var out strings.Builder
	for a := 'a'; a <= 'z'; a++ {
		out.WriteString(`,"` + string(a) + `":1`)
	}
	return out.String()
}
