package gridx

import (
	"slices"
	"strings"
	"testing"

	"hearth/feeds"
)

// ask asks the question of a name.
func ask(t *testing.T, s *Source, name string, keys feeds.Settings) (feeds.Table, error) {
	t.Helper()
	for _, q := range s.Questions() {
		if q.Name == name {
			return q.Ask(t.Context(), keys)
		}
	}
	t.Fatalf("there is no question %s", name)
	return feeds.Table{}, nil
}

func TestQuestions_AreThereWithACustomerOnly(t *testing.T) {
	with, _ := home(t, nil)
	without, err := Type.New(feeds.Settings{"utility": "PGE", "rate": "EELEC", "circuit": "013532223"}, feeds.Net{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(with.Questions()); n != 2 || len(with.Orders()) != 0 {
		t.Errorf("%d questions", n)
	}
	account, isAccount := without.(feeds.Account)
	if !isAccount || len(account.Questions()) != 0 || slices.Contains(without.About().Kinds, feeds.Taken) {
		t.Error("somebody is asked about who did not say so")
	}
}

func TestInfo_TellsTheAccountWithItsZeros(t *testing.T) {
	s, v := home(t, feeds.Settings{"rate": "EV2AS"})
	v.set("customer/info", strings.Replace(infoText, "EELEC", "B19S", 1))
	table, err := ask(t, s, "info", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][]string{{"service agreement", contract}, {"rate", "B19S"}, {"rate of the prices", "B19S"}, {"circuit", "013532223"}, {"CCA", "MCE"}} {
		if !slices.ContainsFunc(table.Rows, func(r []string) bool { return slices.Equal(r, row) }) {
			t.Errorf("%q is not in %q", row, table.Rows)
		}
	}
	if len(table.Remarks) != 1 || !strings.Contains(table.Remarks[0], "EV2AS") {
		t.Errorf("%q", table.Remarks)
	}
}

func TestInfo_FailsAsTheAccountDoes(t *testing.T) {
	s, v := home(t, nil)
	v.set("customer/info", "403")
	if _, err := ask(t, s, "info", nil); feeds.KindOf(err) != feeds.Misconfigured || strings.Contains(err.Error(), contract) {
		t.Error(err)
	}
}

func TestUsage_KeepsWhatWasBoughtApart(t *testing.T) {
	s, v := home(t, nil)
	v.set("customer/usage", usageText(usedText("2026-03-02T06:00:00Z", "1.5", "0"), usedText("2026-03-02T07:00:00Z", "2", "0.25"), usedText("2026-03-02T22:00:00Z", "3", "0")))
	table, err := ask(t, s, "usage", feeds.Settings{"from": "2026-03-01", "to": "2026-03-02"})
	want := [][]string{
		{"2026-03-01T22:00-08:00", "60", "metered", "1.5", "0", "0.9", "0"},
		{"2026-03-01T23:00-08:00", "60", "metered", "2", "0.25", "0.9", "0"},
		{"2026-03-02T14:00-08:00", "60", "bought", "3", "0", "0.9", "0"},
	}
	if err != nil || !slices.EqualFunc(table.Rows, want, slices.Equal) || len(table.Columns) != 7 {
		t.Errorf("%q, %v", table.Rows, err)
	}
	var spans []string
	for _, r := range v.requests("customer/usage") {
		spans = append(spans, r.URL.Query().Get("start")+" "+r.URL.Query().Get("end"))
	}
	if !slices.Equal(spans, []string{"2026-03-01T08:00:00Z 2026-03-02T08:00:00Z", "2026-03-02T08:00:00Z 2026-03-03T08:00:00Z"}) {
		t.Errorf("asked for %q", spans)
	}
}

func TestUsage_SpansOfDays(t *testing.T) {
	for name, c := range map[string]struct {
		keys feeds.Settings
		want string // of all requests, or of the error
	}{
		"a week":              {nil, "2026-02-23T08:00:00Z 2026-03-02T08:00:00Z"},
		"from a day on":       {feeds.Settings{"from": "2026-02-27"}, "2026-02-27T08:00:00Z 2026-03-02T08:00:00Z"},
		"the week until":      {feeds.Settings{"to": "2026-02-10"}, "2026-02-04T08:00:00Z 2026-02-11T08:00:00Z"},
		"over a change":       {feeds.Settings{"from": "2026-03-07", "to": "2026-03-08"}, "2026-03-07T08:00:00Z 2026-03-09T07:00:00Z"},
		"two months":          {feeds.Settings{"from": "2025-12-15", "to": "2026-01-31"}, "2025-12-15T08:00:00Z 2026-01-15T08:00:00Z, 2026-01-15T08:00:00Z 2026-02-01T08:00:00Z"},
		"ends swapped":        {feeds.Settings{"from": "2026-02-10", "to": "2026-02-09"}, "to: is before the first day"},
		"a year":              {feeds.Settings{"from": "2025-03-01", "to": "2026-02-28"}, "to: is more than 92 days after the first"},
		"no day":              {feeds.Settings{"from": "yesterday"}, `from: "yesterday" is not a day such as 2026-03-01`},
		"a day that is none":  {feeds.Settings{"to": "2026-02-30"}, `to: "2026-02-30" is not a day such as 2026-03-01`},
		"a day with its time": {feeds.Settings{"to": "2026-02-03T00:00:00Z"}, `to: "2026-02-03T00:00:00Z" is not a day such as 2026-03-01`},
	} {
		s, v := home(t, nil)
		table, err := ask(t, s, "usage", c.keys)
		if err != nil {
			if feeds.KindOf(err) != feeds.Misconfigured || err.Error() != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
			continue
		}
		var spans []string
		for _, r := range v.requests("customer/usage") {
			spans = append(spans, r.URL.Query().Get("start")+" "+r.URL.Query().Get("end"))
		}
		if got := strings.Join(spans, ", "); got != c.want || len(table.Rows) != 0 || len(table.Remarks) != 1 {
			t.Errorf("%s: asked for %s, want %s; %q", name, got, c.want, table.Remarks)
		}
	}
}

func TestUsage_FailsAsTheAccountDoes(t *testing.T) {
	overlapping := usageText(usedText("2026-03-01T08:00:00Z", "1", "0"), usedText("2026-03-01T08:30:00Z", "1", "0"))
	for answer, want := range map[string]feeds.FailureKind{"500": feeds.Temporary, "403": feeds.Misconfigured, "[1]": feeds.Temporary, overlapping: feeds.Temporary} {
		s, v := home(t, nil)
		v.set("customer/usage", answer)
		if _, err := ask(t, s, "usage", feeds.Settings{"from": "2026-03-01"}); feeds.KindOf(err) != want || err == nil || strings.Contains(err.Error(), contract) {
			t.Errorf("%s: %v", answer, err)
		}
	}
}
