package energygrid

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	cloud "hearth/sim/cloud/energygrid"
)

func amountOf(t *testing.T, text string) *energy.Money {
	t.Helper()
	m, err := energy.ParseDecimalMoney(text)
	if err != nil {
		t.Fatal(err)
	}
	return &m
}

func budgetOf(t *testing.T, amount string) cloud.Config {
	return cloud.Config{Currency: "EUR", Budget: cloud.Budget{Period: "2026-03", Amount: amountOf(t, amount), Spent: amountOf(t, "61.2")}}
}

// prepare prepares the one order that there is.
func prepare(t *testing.T, s *Source, amount string) (feeds.Draft, error) {
	t.Helper()
	orders := s.Orders()
	if len(orders) != 1 || orders[0].Name != "budget" || orders[0].IsStanding {
		t.Fatalf("%+v", orders)
	}
	return orders[0].Prepare(t.Context(), feeds.Settings{"amount": amount}, feeds.Tariff{})
}

func TestBudget_IsShownFirstAndSentOnce(t *testing.T) {
	u := open(t, budgetOf(t, "80"), theDay.End)
	s := u.source(t, nil)
	draft, err := prepare(t, s, "95.50")
	want := "PUT " + u.url + "/Budget\n" + `{"period":"2026-03","amount":95.5,"currency":"EUR"}` + "\nbudget of 2026-03: 80 EUR now, 95.5 EUR then"
	if err != nil || draft.Text != want || draft.Send == nil || u.Writes() != 0 {
		t.Fatalf("%+v, %v, %d changes", draft, err, u.Writes())
	}
	table, err := draft.Send(t.Context())
	if err != nil || table.Rows[1][1] != "95.5 EUR" || len(table.Remarks) != 0 || u.Writes() != 1 {
		t.Errorf("%+v, %v, %d changes", table, err, u.Writes())
	}
	for _, again := range []string{"95.50", "95.5 EUR", "9.55e1"} {
		draft, err = prepare(t, s, again)
		if err != nil || draft.Send != nil || draft.Text != "the budget of 2026-03 is 95.5 EUR already" {
			t.Errorf("%s: %+v, %v", again, draft, err)
		}
	}
	if table, err = ask(t, s, "budget", nil); err != nil || table.Rows[1][1] != "95.5 EUR" || table.Rows[2][1] != "61.2 EUR" {
		t.Errorf("%+v, %v", table, err)
	}
}

func TestBudget_RefusesWhatIsNoAmount(t *testing.T) {
	u := open(t, budgetOf(t, "80"), theDay.End)
	s := u.source(t, nil)
	for amount, want := range map[string]string{
		"": "amount", "-1": "amount", "much": "amount", "NaN": "amount", "1e99": "amount", "95,50": "amount",
		"95 USD": `amount: in "USD", the budget is in "EUR"`,
	} {
		if _, err := prepare(t, s, amount); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), want) {
			t.Errorf("%q: %v", amount, err)
		}
	}
	if u.Writes() != 0 {
		t.Errorf("%d changes", u.Writes())
	}
}

func TestBudget_IsSetWhereThereWasNone(t *testing.T) {
	u := open(t, cloud.Config{Budget: cloud.Budget{Period: "2026-03", Currency: "EUR"}}, theDay.End)
	draft, err := prepare(t, u.source(t, nil), "0")
	if err != nil || draft.Send == nil || !strings.HasSuffix(draft.Text, "none now, 0 EUR then") {
		t.Errorf("%+v, %v", draft, err)
	}
}

func TestBudget_TellsWhatTheVendorSaysToIt(t *testing.T) {
	for body, want := range map[string]struct {
		status int
		text   string
	}{
		``:                             {http.StatusNoContent, "does not say how the budget is now"},
		`{"amount": 80}`:               {http.StatusOK, "sent was 95, the vendor's answer is another amount"},
		`{"amount": {`:                 {http.StatusOK, "temporary"},
		`{"detail": "over the limit"}`: {http.StatusUnprocessableEntity, "over the limit"},
	} {
		s := source(t, "http://usage.example", &http.Client{Transport: recorded(func(r *http.Request) (int, string, string) {
			switch r.Method {
			case http.MethodPost:
				return http.StatusOK, "application/jwt", jwt
			case http.MethodPut:
				return want.status, "application/json", body
			}
			return http.StatusOK, "application/json", `{"period": "2026-03", "amount": 80, "currency": "EUR"}`
		})})
		draft, err := prepare(t, s, "95")
		if err != nil {
			t.Fatal(err)
		}
		if got := feedtest.ToldTable(draft.Send(t.Context())); !strings.Contains(got, want.text) {
			t.Errorf("%s: %s", body, got)
		}
	}
}

func TestInsights_ComeInPages(t *testing.T) {
	cfg := cloud.Config{PageSize: 2}
	for i := range 5 {
		n := json.Number(fmt.Sprint(i))
		cfg.Insights = append(cfg.Insights, cloud.Insight{ID: fmt.Sprint(i), Kind: "standby", Title: "It is up", Value: &n, Unit: "W"})
	}
	u := open(t, cfg, theDay.End)
	table, err := ask(t, u.source(t, nil), "insights", nil)
	if err != nil || len(table.Rows) != 5 || table.Rows[4][3] != "4" {
		t.Errorf("%+v, %v", table, err)
	}
	u = open(t, cloud.Config{}, theDay.End)
	if table, err = ask(t, u.source(t, nil), "insights", nil); err != nil || len(table.Remarks) != 1 {
		t.Errorf("%+v, %v", table, err)
	}
}

func TestUsage_RefusesASpanThatIsNone(t *testing.T) {
	s := open(t, cloud.Config{}, theDay.End).source(t, nil)
	for want, settings := range map[string]feeds.Settings{
		`from "": must be a day`:         {},
		`to "tomorrow": must be a day`:   {"from": "2026-03-29", "to": "tomorrow"},
		`to: must be after from`:         {"from": "2026-03-29", "to": "2026-03-29"},
		`granularity "x": must be one`:   {"from": "2026-03-29", "granularity": "x"},
		`from "2026-03-29T00:00:00": mu`: {"from": "2026-03-29T00:00:00"},
	} {
		if _, err := ask(t, s, "usage", settings); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if table, err := ask(t, s, "usage", feeds.Settings{"from": "2026-03-29"}); err != nil || len(table.Rows) != 92 {
		t.Errorf("until now: %d rows, %v", len(table.Rows), err)
	}
}
