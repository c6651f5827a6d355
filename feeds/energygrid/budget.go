package energygrid

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// budget is what a customer wants to spend at most, in the billing currency.
type budget struct {
	Period   json.RawMessage `json:"period"`
	Amount   *json.Number    `json:"amount"`
	Currency string          `json:"currency"`
	Spent    *json.Number    `json:"spent"`
	Forecast *json.Number    `json:"forecast"`
}

func (s *Source) budget(ctx context.Context) (budget, error) {
	var b budget
	err := s.client.JSON(ctx, wire.Request{URL: s.place("budget")}, &b)
	return b, err
}

func (s *Source) askBudget(ctx context.Context, _ feeds.Settings) (feeds.Table, error) {
	b, err := s.budget(ctx)
	if err != nil {
		return feeds.Table{}, err
	}
	return b.table(), nil
}

func (b budget) table() feeds.Table {
	return feeds.Table{Title: "budget", Columns: []string{"what", "value"}, Rows: [][]string{
		{"period", plain(b.Period)}, {"amount", money(b.Amount, b.Currency)}, {"spent", money(b.Spent, b.Currency)}, {"forecast", money(b.Forecast, b.Currency)},
	}}
}

// Orders are the one thing that the vendor can be told. It is told on the owner's word only.
func (s *Source) Orders() []feeds.Order {
	return []feeds.Order{{
		Name: "budget", Help: "sets the budget of the present period", Prepare: s.prepareBudget,
		Keys: []feeds.Key{{Name: "amount", Help: "what to spend at most, such as 95.50, or 95.50 EUR", IsRequired: true}},
	}}
}

// prepareBudget compares what is wanted with what is set.
func (s *Source) prepareBudget(ctx context.Context, asked feeds.Settings, _ feeds.Tariff) (feeds.Draft, error) {
	digits, code, _ := strings.Cut(strings.TrimSpace(asked["amount"]), " ")
	amount, err := energy.ParseDecimalMoney(digits)
	if err != nil || amount < 0 {
		return feeds.Draft{}, feeds.Fail(feeds.Misconfigured, "amount %q: must be an amount such as 95.50", asked["amount"])
	}
	b, err := s.budget(ctx)
	if err != nil {
		return feeds.Draft{}, err
	}
	if code = strings.TrimSpace(code); code != "" && code != b.Currency {
		return feeds.Draft{}, feeds.Fail(feeds.Misconfigured, "amount: in %q, the budget is in %q", code, feeds.OneLine(b.Currency))
	}
	if b.is(amount) {
		return feeds.Draft{Text: fmt.Sprintf("the budget of %s is %s already", plain(b.Period), money(b.Amount, b.Currency))}, nil
	}
	put := s.put(b, amount)
	old := "none"
	if b.Amount != nil {
		old = money(b.Amount, b.Currency)
	}
	wanted := json.Number(amount.String())
	return feeds.Draft{
		Text: fmt.Sprintf("%s %s\n%s\nbudget of %s: %s now, %s then", put.Method, put.URL.Redacted(), put.Body, plain(b.Period), old, money(&wanted, b.Currency)),
		Send: func(ctx context.Context) (feeds.Table, error) { return s.sendBudget(ctx, put, amount) },
	}, nil
}

// is says that the budget is this amount; 80 and 80.00 are one.
func (b budget) is(amount energy.Money) bool {
	if b.Amount == nil {
		return false
	}
	set, err := energy.ParseDecimalMoney(b.Amount.String())
	return err == nil && set == amount
}

// put is the budget with another amount, and with the period and currency that it has.
func (s *Source) put(b budget, amount energy.Money) wire.Request {
	r := wire.PutJSON(s.place("budget"), struct {
		Period   json.RawMessage `json:"period,omitempty"`
		Amount   energy.Money    `json:"amount"`
		Currency string          `json:"currency,omitempty"`
	}{b.Period, amount, b.Currency})
	r.Good = []int{http.StatusOK, http.StatusNoContent}
	return r
}

func (s *Source) sendBudget(ctx context.Context, put wire.Request, amount energy.Money) (feeds.Table, error) {
	answer, err := s.client.Do(ctx, put)
	if err != nil {
		return feeds.Table{}, err
	}
	if len(answer.Body) == 0 {
		return feeds.Table{Title: "budget", Remarks: []string{"the vendor took it, and does not say how the budget is now"}}, nil
	}
	var b budget
	if err := json.Unmarshal(answer.Body, &b); err != nil {
		return feeds.Table{}, feeds.Fail(feeds.Temporary, "budget: sent, and the answer is not what it should be: %w", err)
	}
	t := b.table()
	if !b.is(amount) {
		t.Remarks = append(t.Remarks, fmt.Sprintf("sent was %s, the vendor's answer is another amount", amount))
	}
	return t, nil
}
