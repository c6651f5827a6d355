package rate

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hearth/energy"
)

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
					want[s+p] += price
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
			k, err := unchecked(t, doc)
			if err != nil || k.Shape != byComponent+bySeason {
				t.Fatalf("%s: %v, %v", doc, k.Shape, err)
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
		`{"generation":9000000,"pcia":9000000}`:                                                    "beyond 200",
		`{"total":{"peak":0.1},"generation":0.1}`:                                                  "the depth is mixed",
		`{"summer":{"generation":0.2,"pcia":0.1},"winter":{"generation":0.1,"pcia":0.1}}`:          "the shape is not known",
		`{"weekday":{"generation":{"flat":0.2}},"weekend":{"generation":{"flat":0.2}}}`:            "the shape is not known",
		`{"on_peak":{"generation":0.2,"total":0.2},"off_peak":{"generation":0.1,"total":0.1}}`:     "",
		`{"summer":{"generation":{"flat":0.2},"pcia":{"flat":"0.01"}},"winter":{"generation":{}}}`: "it is empty",
	} {
		_, err := unchecked(t, []byte(rate))
		if want == "" && err != nil || want != "" && !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v, want %q", rate, err, want)
		}
	}
}

// shuffled writes a tree with the keys of each map in another order.
func shuffled(r *rand.Rand, n Tree) string {
	var parts []string
	for i, item := range n.items {
		key := ""
		if n.kind == object {
			key = fmt.Sprintf("%q:", n.keys[i])
		}
		parts = append(parts, key+shuffled(r, item))
	}
	switch n.kind {
	case object:
		r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		return "{" + strings.Join(parts, ",") + "}"
	case array:
		return "[" + strings.Join(parts, ",") + "]"
	}
	return n.text
}

// In which order the keys of a map stand makes no difference to its prices, nor to whether it has any.
func TestParse_DoesNotDependOnTheOrderOfKeys(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	rules := rulesOf(t, pacific, nil)
	day := dayOf(t, "2026-07-15", rules.zone)
	for _, text := range []string{
		`{"peak":0.5,"part_peak":0.4,"off_peak":0.3}`, `{"summer":{"peak":0.5,"part_peak":0.4,"off_peak":0.3},"winter":{"flat":0.3}}`,
		`{"generation":{"peak":0.2,"off_peak":0.1,"part_peak":0.1},"delivery":{"peak":0.1,"off_peak":0.1,"part_peak":0.3},"pcia":{"peak":0.1,"off_peak":0.1,"part_peak":0.3}}`,
		forms["two years by name"].encode(ofAll(1)), forms["components of a day"].encode(ofHour(2)), `{"generation":0.1,"delivery":0.2,"transmission":0.1}`, `{"july":{"flat":1},"winter":{"flat":1}}`,
	} {
		first, err1 := rules.Parse([]byte(text))
		for range 10 {
			second, err2 := rules.Parse([]byte(shuffled(r, mustParse(t, text))))
			if (err1 == nil) != (err2 == nil) || first.Shape != second.Shape || first.Remark != second.Remark {
				t.Fatalf("%.80s: %v and %v", text, err1, err2)
			}
			if err1 == nil && fmt.Sprint(first.Over(day, nil)) != fmt.Sprint(second.Over(day, nil)) {
				t.Fatalf("%.80s: %v and %v", text, first, second)
			}
		}
	}
}
