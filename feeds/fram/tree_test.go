package fram

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hearth/energy"
	"hearth/feeds"
)

func mustParse(t *testing.T, text string) node {
	t.Helper()
	n, err := parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

func TestParse_KeepsNumbersAsTheyWereWritten(t *testing.T) {
	n := mustParse(t, `{"b": 0.10, "a": " 1e-3 ", "c": "-2.50", "d": "1_000", "e": "NaN", "f": "0x1", "g": "01", "h": "", "i": true, "j": null}`)
	want := []string{"b number 0.10", "a number 1e-3", "c number -2.50", "d text 1_000", "e text NaN", "f text 0x1", "g text 01", "h text ", "i boolean ", "j null "}
	for i, key := range n.keys {
		if got := fmt.Sprintf("%s %s %s", key, n.items[i].kind, n.items[i].text); got != want[i] {
			t.Errorf("%q, want %q", got, want[i])
		}
	}
}

func TestParse_RefusesWhatIsNoSingleDocument(t *testing.T) {
	for _, text := range []string{``, `{`, `{"a"}`, `{"a":1,}`, `[1`, `[1,]`, `1 2`, `{} {}`, `{"a":1}x`, `{"Off-Peak":1,"off peak":2}`, `{"a":{"b":1,"B":2}}`} {
		if n, err := parse([]byte(text)); err == nil {
			t.Errorf("%s is %+v", text, n)
		}
	}
}

func TestFold_MakesOneOfAllSpellings(t *testing.T) {
	for _, spelling := range []string{"super_off_peak", "Super Off-Peak", "SUPEROFFPEAK", "superOffPeak", "super-off_peak"} {
		if fold(spelling) != "superoffpeak" {
			t.Errorf("%q is %q", spelling, fold(spelling))
		}
	}
	for _, name := range periods {
		if fold(written(name)) != name {
			t.Errorf("%q is written %q", name, written(name))
		}
	}
}

func TestOutline_TellsPathsOnce(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                           "map",
		`[]`:                           "list",
		`7`:                            "number",
		`{"a":{"b":[1,2],"c":"x"}}`:    "a.b[2] number, a.c text",
		`[[1,2],[3,null]]`:             "[2][2] number, [2][2] null",
		`{"a":{},"b":[],"c":true}`:     "a map, b list, c boolean",
		"{\"a\\nb\": 1, \"\u202e\":2}": "a b number, � number",
	} {
		n := mustParse(t, text)
		if got := n.outline(); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

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

func TestClassify_NeverTellsAValue(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 5000 {
		doc, err := json.Marshal(randomTree(r, 3))
		if err != nil {
			t.Fatal(err)
		}
		_, err = classify(doc, "")
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

// A price is the sum of its parts, in whatever order and at whatever level they stand.
func TestSummed_IsTheSumWhereverTheComponentsStand(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	seasons, times := []string{"summer", "winter"}, []string{"peak", "part_peak", "off_peak"}
	for range 200 {
		names := slices.DeleteFunc(slices.Clone(components), func(c string) bool { return c == "delivery" || r.IntN(3) > 0 })
		if len(names) == 0 {
			continue
		}
		want := map[string]energy.Price{}
		outer, inner := map[string]any{}, map[string]any{}
		for _, s := range seasons {
			inner[s] = map[string]any{}
			for _, p := range times {
				inner[s].(map[string]any)[p] = map[string]any{}
			}
		}
		for _, c := range names {
			outer[c] = map[string]any{}
			for _, s := range seasons {
				outer[c].(map[string]any)[s] = map[string]any{}
				for _, p := range times {
					price := energy.Price(r.Int64N(2e11) - 1e10)
					want[s+fold(p)] += price
					outer[c].(map[string]any)[s].(map[string]any)[p] = price
					inner[s].(map[string]any)[p].(map[string]any)[c] = price.String()
				}
			}
		}
		for _, tree := range []any{outer, inner} {
			doc, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			k, err := classify(doc, "")
			if err != nil || k.shape != byComponent+bySeason {
				t.Fatalf("%s: %v, %v", doc, k.shape, err)
			}
			for _, s := range seasons {
				for p, price := range k.named[s] {
					if price != want[s+p] {
						t.Fatalf("%s %s costs %v, want %v", s, p, price, want[s+p])
					}
				}
			}
		}
	}
}

func TestSummed_RefusesWhatDoesNotAddUp(t *testing.T) {
	for rate, want := range map[string]string{
		`{"generation":0.1,"distribution":0.2,"total":0.3}`:                                        "",
		`{"generation":0.1,"distribution":0.2,"total":0.300009}`:                                   "",
		`{"generation":0.1,"distribution":0.2,"total":0.30002}`:                                    "the total is not that",
		`{"generation":0.1,"delivery":0.2,"distribution":0.15,"total":0.3}`:                        "the total is not that",
		`{"generation":0.1,"delivery":0.2,"transmission":0.05}`:                                    "delivery may hold the transmission",
		`{"generation":0.1,"tax":0.2}`:                                                             `"tax" stands beside components`,
		`{"generation":0.1,"peak":0.2}`:                                                            `"peak" stands beside components`,
		`{"generation":{"peak":0.1,"off_peak":0.1},"pcia":{"peak":0.1,"mid_peak":0.1}}`:            `"off_peak" is not in all of them`,
		`{"generation":{"peak":0.1,"off_peak":0.1},"pcia":{"peak":0.1}}`:                           "the depth is mixed",
		`{"generation":[0.1,0.2],"pcia":[0.1,0.2]}`:                                                "the shape is not known",
		`{"generation":9000000,"pcia":9000000}`:                                                    "out of range",
		`{"total":{"peak":0.1},"generation":0.1}`:                                                  "the depth is mixed",
		`{"summer":{"generation":0.2,"pcia":0.1},"winter":{"generation":0.1,"pcia":0.1}}`:          "the shape is not known",
		`{"weekday":{"generation":{"flat":0.2}},"weekend":{"generation":{"flat":0.2}}}`:            "the shape is not known",
		`{"on_peak":{"generation":0.2,"total":0.2},"off_peak":{"generation":0.1,"total":0.1}}`:     "",
		`{"summer":{"generation":{"flat":0.2},"pcia":{"flat":"0.01"}},"winter":{"generation":{}}}`: "it is empty",
	} {
		_, err := classify([]byte(rate), "")
		if want == "" && err != nil || want != "" && !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v, want %q", rate, err, want)
		}
	}
}
