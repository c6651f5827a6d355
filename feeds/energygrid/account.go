package energygrid

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

var _ feeds.Account = (*Source)(nil)

// Questions are what the account tells besides the series.
func (s *Source) Questions() []feeds.Question {
	return []feeds.Question{
		{Name: "granularities", Help: "the granularities that the service offers, and how long they are as far as their names tell", Ask: s.askGranularities},
		{Name: "usage", Help: "what the meter has counted, in its own unit, with its cost", Ask: s.askUsage, Keys: []feeds.Key{
			{Name: "from", Help: "a day such as 2026-03-29, from its midnight on, or a time with its offset", IsRequired: true},
			{Name: "to", Help: "as from, and not included; now where it is left out"},
			{Name: "granularity", Help: "one of those offered; that of the configuration where it is left out"},
		}},
		{Name: "budget", Help: "the budget, what is spent of it and what the vendor expects", Ask: s.askBudget},
		{Name: "insights", Help: "what the vendor has found out about the home", Ask: s.askInsights},
	}
}

func (s *Source) askGranularities(ctx context.Context, _ feeds.Settings) (feeds.Table, error) {
	offered, err := s.granularities(ctx)
	if err != nil {
		return feeds.Table{}, err
	}
	t := feeds.Table{Title: "granularities", Columns: []string{"granularity", "length"}}
	for _, g := range offered {
		length := "not told"
		if g.Step > 0 {
			length = g.Step.String()
		}
		t.Rows = append(t.Rows, []string{feeds.OneLine(g.Name), length})
	}
	return t, nil
}

func (s *Source) askUsage(ctx context.Context, asked feeds.Settings) (feeds.Table, error) {
	span := energy.Interval{End: s.client.Time()}
	var err error
	if span.Start, err = s.instant("from", asked["from"]); err != nil {
		return feeds.Table{}, err
	}
	if asked["to"] != "" {
		if span.End, err = s.instant("to", asked["to"]); err != nil {
			return feeds.Table{}, err
		}
	}
	if span.IsEmpty() {
		return feeds.Table{}, feeds.Fail(feeds.Misconfigured, "to: must be after from")
	}
	offered, err := s.granularities(ctx)
	if err != nil {
		return feeds.Table{}, err
	}
	wanted := s.cfg.Granularity
	if asked["granularity"] != "" {
		wanted = asked["granularity"]
	}
	granularity, err := choose(offered, wanted)
	if err != nil {
		return feeds.Table{}, err
	}
	used, err := s.usage(ctx, granularity, span)
	if err != nil {
		return feeds.Table{}, err
	}
	return s.usageTable(used), nil
}

func (s *Source) usageTable(used page) feeds.Table {
	t := feeds.Table{Title: "usage of meter " + s.cfg.Meter, Columns: []string{"from", "to", feeds.OneLine(used.Unit), "cost", "quality"}}
	if used.Unit == "" {
		t.Columns[2], t.Remarks = "in a unit that was not told", append(t.Remarks, "the answer names no unit")
	}
	for _, it := range used.Items {
		t.Rows = append(t.Rows, []string{
			it.Start.In(s.zone).Format(time.RFC3339), it.End.In(s.zone).Format(time.RFC3339),
			number(it.Value), money(it.Cost, it.Currency), feeds.OneLine(it.Quality),
		})
	}
	if len(t.Rows) == 0 {
		t.Remarks = append(t.Remarks, "nothing of that time is out")
	}
	return t
}

// instant is a time, or the first one of a local day.
func (s *Source) instant(key, text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		noon := time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, s.zone)
		return energy.Day(noon, s.zone).Start, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, feeds.Fail(feeds.Misconfigured, "%s %q: must be a day such as 2026-03-29 or a time with its offset", key, text)
	}
	return t, nil
}

// number is a number as it was written; empty where there is none.
func number(n *json.Number) string {
	if n == nil {
		return ""
	}
	return feeds.OneLine(n.String())
}

// money is an amount as it was written, with its currency.
func money(n *json.Number, currency string) string {
	if n == nil {
		return ""
	}
	if currency == "" {
		return number(n)
	}
	return number(n) + " " + feeds.OneLine(currency)
}

func (s *Source) askInsights(ctx context.Context, _ feeds.Settings) (feeds.Table, error) {
	bodies, err := s.pages(ctx, s.place("insights"), url.Values{})
	if err != nil {
		return feeds.Table{}, err
	}
	t := feeds.Table{Title: "insights", Columns: []string{"kind", "title", "period", "value", "unit"}}
	for _, body := range bodies {
		found, err := readInsights(body)
		if err != nil {
			return feeds.Table{}, err
		}
		t.Rows = append(t.Rows, found...)
	}
	if len(t.Rows) == 0 {
		t.Remarks = append(t.Remarks, "the vendor has none")
	}
	return t, nil
}

// readInsights understands a bare list and a page of one.
func readInsights(body []byte) ([][]string, error) {
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(body, &list); err != nil {
		var page struct {
			Items *[]map[string]json.RawMessage `json:"items"`
		}
		if json.Unmarshal(body, &page) != nil || page.Items == nil {
			return nil, feeds.Fail(feeds.Temporary, "insights: the answer is no list: %w", err)
		}
		list = *page.Items
	}
	var rows [][]string
	for _, one := range list {
		rows = append(rows, []string{plain(one["kind"]), plain(one["title"]), plain(one["period"]), plain(one["value"]), plain(one["unit"])})
	}
	return rows, nil
}

// plain is a value as it was written, a text without its quotes.
func plain(raw json.RawMessage) string {
	var text string
	if string(raw) == "null" || json.Unmarshal(raw, &text) == nil {
		return feeds.OneLine(text)
	}
	return feeds.OneLine(string(raw))
}
