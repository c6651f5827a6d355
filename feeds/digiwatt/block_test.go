package digiwatt

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// A table has a row for each label and a cell for each column, or is none.
func TestBlock_IsARectangle(t *testing.T) {
	for body, want := range map[string]string{
		`{"index": [], "columns": [], "data": []}`:                           "",
		`{"index": [0, 1], "columns": ["a", "b"], "data": [[1, 2], [3, 4]]}`: "",
		`{"index": [0], "columns": ["a", "b"], "data": [[null, -4.5]]}`:      "",
		`{"index": [0], "columns": [], "data": [[]]}`:                        "",
		`{"index": [0], "columns": ["a"], "data": [[1e12]]}`:                 "",
		`{"columns": ["a"]}`:                                        "",
		`{"index": [0], "columns": ["a"], "data": []}`:              "has 0 rows for 1 labels",
		`{"index": [], "columns": ["a"], "data": [[1]]}`:            "has 1 rows for 0 labels",
		`{"index": [0], "columns": ["a"], "data": [[]]}`:            "has 0 cells for 1 columns in row 0",
		`{"index": [0], "columns": ["a"], "data": [null]}`:          "has 0 cells for 1 columns in row 0",
		`{"index": [0, 1], "columns": ["a"], "data": [[1], [1,2]]}`: "has 2 cells for 1 columns in row 1",
		`{"index": [0], "columns": ["a", "a"], "data": [[1, 2]]}`:   `has two columns "a"`,
		`{"index": [0], "columns": ["a"], "data": [[1.1e12]]}`:      "not of this world",
		`{"index": [0], "columns": ["a"], "data": [[-1.1e12]]}`:     "not of this world",
		`null`: "is missing",
	} {
		var b *block[energy.Watts]
		if err := json.Unmarshal([]byte(body), &b); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		err := b.check("data")
		if err == nil && want != "" || err != nil && (want == "" || !strings.Contains(err.Error(), want) || feeds.KindOf(err) != feeds.Temporary) {
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
	for _, body := range []string{`{"data": [["1"]]}`, `{"data": [[1e999]]}`, `{"data": [["..."]]}`, `{"data": {}}`, `{"columns": [1]}`} {
		var b block[energy.Watts]
		if json.Unmarshal([]byte(body), &b) == nil {
			t.Errorf("%s is a table", body)
		}
	}
}

// powers are read with their unit, and what was not told is not zero.
func TestConsumption_IsTyped(t *testing.T) {
	body := `{"status": 200, "data": {"electricity_data": {"index": ["2026-21-07T00:00:00Z", "2026-21-07T00:01:00Z"], "columns": ["fridge", "somethingNew"], "data": [[150.5, null], [0, 7]]}}}`
	p, err := open(t, settings(vendor(t, says(body))), noon).Consumption(t.Context(), Yesterday)
	if err != nil {
		t.Fatal(err)
	}
	first := time.Date(2026, 7, 21, 0, 0, 0, 0, time.UTC)
	if len(p.Starts) != 2 || !p.Starts[0].Equal(first) || !p.Starts[1].Equal(first.Add(time.Minute)) {
		t.Errorf("%v", p.Starts)
	}
	if *p.Rows[0][0] != 150.5 || p.Rows[0][1] != nil || *p.Rows[1][0] != 0 || *p.Rows[1][1] != energy.Watts(7) || p.Columns[1] != "somethingNew" {
		t.Errorf("%v", p)
	}
}

func TestDistribution_MayLackItsTotals(t *testing.T) {
	for totals, want := range map[string]string{
		``: "nil nil", `"total_consumption": null,`: "nil nil", `"total_consumption": {"selected_period": 0},`: "0 nil",
		`"total_consumption": {"selected_period": 12.5, "previous_period": 0},`: "12.5 0",
	} {
		body := `{"status": 200, "data": {` + totals + `"electricity_data": {"index": [0], "columns": ["oven"], "data": [[9]]}}}`
		d, err := open(t, settings(vendor(t, says(body))), noon).Distribution(t.Context(), Yesterday)
		if err != nil || len(d.Energy) != 1 || *d.Energy[0] != 9 {
			t.Fatalf("%s: %v, %v", totals, d, err)
		}
		show := func(v *energy.WattHours) string {
			if v == nil {
				return "nil"
			}
			return text(v)
		}
		if got := show(d.Selected) + " " + show(d.Previous); got != want {
			t.Errorf("%s: %s, want %s", totals, got, want)
		}
	}
}

func TestSaving_HasWhatItsKindsHave(t *testing.T) {
	body := `{"status": 200, "data": {"consumption": 4, "saving_data": [
		{"appliance": "dishwasher", "single_use_consumption": {"user": 860}, "usages_number": {"user": 17, "average": 14.5}, "consumption": {"actual": 1463}},
		{"appliance": "fridge", "total_consumption": {"user": 2727, "average": 40.52}, "consumption": {"actual": 2727, "saving": 0}, "colour": "white"},
		{"appliance": "sauna"},
		{"appliance": "standby", "history": {"threshold": null, "consumptions_history": []}}]}}`
	s, err := open(t, settings(vendor(t, says(body))), noon).Saving(t.Context())
	if err != nil || len(s.Appliances) != 4 || *s.Consumption != 4 {
		t.Fatal(s, err)
	}
	dishwasher, fridge, sauna, standby := s.Appliances[0], s.Appliances[1], s.Appliances[2], s.Appliances[3]
	if *dishwasher.PerUse.User != 860 || dishwasher.PerUse.Average != nil || *dishwasher.Uses.Average != 14.5 || dishwasher.Total.User != nil || dishwasher.Saving != nil {
		t.Errorf("%+v", dishwasher)
	}
	if *fridge.Total.Average != 40.52 || *fridge.Saving != 0 || fridge.Uses.User != nil {
		t.Errorf("%+v", fridge)
	}
	if sauna.Name != "sauna" || sauna.Actual != nil || standby.Weeks != nil || standby.Threshold != nil {
		t.Errorf("%+v, %+v", sauna, standby)
	}
}

// Each question goes where its operation is, once, with the token and nothing else.
func TestQuestions_AskTheirOperation(t *testing.T) {
	want := map[string]string{
		consumption: "/consumption/1234567890/last-week", distribution: "/consumption/1234567890/distribution/last-week",
		realtime: "/consumption/1234567890/realtime", latest: "/consumption/1234567890/latest",
		performance: "/consumption/1234567890/performance/last-week", habits: "/consumption/1234567890/habits/last-week",
		trend: "/consumption/1234567890/trend", yearly: "/consumption/1234567890/distribution/yearly",
		compound: "/consumption/1234567890/compound", saving: "/consumption/1234567890/saving", greenness: "/greenness",
	}
	var got []string
	s := open(t, settings(vendor(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method+" "+r.RequestURI+" "+r.Header.Get("Authorization"))
		fmt.Fprint(w, `{"status": 404, "data": null}`)
	})), noon)
	for _, q := range s.Questions() {
		got = nil
		if _, err := q.Ask(t.Context(), feeds.Settings{"period": "last-week"}); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), q.Name+": ") {
			t.Errorf("%s: %v", q.Name, err)
		}
		if len(got) != 1 || got[0] != "GET "+want[q.Name]+" Bearer made.up.token" {
			t.Errorf("%s: %q", q.Name, got)
		}
	}
}
