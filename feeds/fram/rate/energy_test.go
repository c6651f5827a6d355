package rate

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEnergy_ReadsWhatCanMeanOneThing(t *testing.T) {
	for payload, want := range map[string]string{
		`{}`:                      "",
		`{"import":300}`:          "300",
		`{"import_kwh":"300.25"}`: "300.25",
		`{"import":null}`:         "",
		`{"energy_import_map":{"peak":1,"off_peak":2}}`:                   "3",
		`{"metered":{"import":{"0":1,"1":2,"23":3}}}`:                     "6",
		`{"energy":{"import":{"summer":{"peak":1},"winter":{"peak":2}}}}`: "3",
		`{"import":{"Jan":10,"february":20}}`:                             "30",
		`{"import":{"2026-01":10,"2026-02":20,"total":30.01}}`:            "30.01",
		`{"import":{"2026-03-08T01:00:00-08:00":1.5}}`:                    "1.5",
		`{"import":{"peak_kwh":1,"off_peak_kwh":2,"total_kwh":3}}`:        "3",
		`{"import":{"kwh":7}}`:                                            "7",
		`{"import":[0.25,"0.25",0.5]}`:                                    "1",
		`{"import":5,"import_cost":99,"import_rate":0.3}`:                 "5",
		`{"import":5,"imported_at":"2026-01-01","is_import":true}`:        "5",
		`{"import":5,"import_total":5.001}`:                               "5.001",
		`{"import":5,"import_total":6}`:                                   "import: two figures differ",
		`{"import":-5}`:                                                   "import: a figure is no energy",
		`{"import":1e7}`:                                                  "import: a figure is no energy",
		`{"import":1e999}`:                                                "import: a figure is no energy",
		`{"import":{}}`:                                                   "import: it is empty",
		`{"import":[]}`:                                                   "import: it is empty",
		`{"import":{"peak":true}}`:                                        "import: a figure is boolean",
		`{"import":{"peak":"12 kWh"}}`:                                    "import: a figure is text",
		`{"import":[{"kwh":1}]}`:                                          "import: a list holds more than numbers",
		`{"import":{"peak":1,"summer":2}}`:                                `import: the meaning of "summer" is not known`,
		`{"import":{"grid":1}}`:                                           `import: the meaning of "grid" is not known`,
		`{"import":{"peak":1,"off_peak":null}}`:                           "import: a part is missing",
		`{"import":{"24":1}}`:                                             `import: the meaning of "24" is not known`,
		`{"import":{"wh":1}}`:                                             `import: the meaning of "wh" is not known`,
		`{"import":{"kwh":1,"total":1}}`:                                  "import: it has two totals",
		`{"import":{"peak":1,"off_peak":2,"total":4}}`:                    "import: the total is not that of its parts",
	} {
		e, err := mustParse(t, payload).Energy("import")
		got := ""
		if e != nil {
			got = strconv.FormatFloat(float64(*e)/1000, 'f', -1, 64)
		}
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", payload, got, want)
		}
	}
}

// A figure is the same however it is divided, and nothing is made up of a map with a part that nobody understands.
func TestEnergy_IsTheSumOfItsParts(t *testing.T) {
	keys := map[string][]string{
		"periods": periods[:6], "seasons": {"summer", "winter"}, "months": {"january", "feb", "March"}, "hours": {"0", "07", "23:00"},
		"days": {"2026-03-01", "2026-03-02", "2026-03-03"},
	}
	rapid.Check(t, func(t *rapid.T) {
		names := keys[rapid.SampledFrom([]string{"periods", "seasons", "months", "hours", "days"}).Draw(t, "class")]
		sum, parts := 0, []string{}
		for _, name := range rapid.Permutation(names).Draw(t, "names")[:rapid.IntRange(1, len(names)).Draw(t, "count")] {
			n := rapid.IntRange(0, 1e5).Draw(t, "Wh")
			sum, parts = sum+n, append(parts, fmt.Sprintf(`%q:"%d.%03d"`, name, n/1000, n%1000))
		}
		all := strings.Join(parts, ",")
		for _, text := range []string{
			`{"usage_map":{` + all + `}}`, `{"energy":{"total_usage":{` + all + `}}}`,
			fmt.Sprintf(`{"usage":{%s,"total":%d.%03d}}`, all, sum/1000, sum%1000), fmt.Sprintf(`{"usage":{%s},"usage_kwh":%d.%03d,"import":7}`, all, sum/1000, sum%1000),
		} {
			n, err := Read([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			e, err := n.Energy("usage")
			if err != nil || e == nil || math.Abs(float64(*e)-float64(sum)) > 10 {
				t.Fatalf("%s: %v, %v, want %d", text, e, err, sum)
			}
		}
		if n, _ := Read([]byte(`{"usage":{` + all + `,"other":0}}`)); true {
			if e, err := n.Energy("usage"); e != nil || err == nil {
				t.Fatalf("%s and another: %v", all, e)
			}
		}
	})
}
