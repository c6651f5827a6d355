package fram

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"hearth/feeds"
	"hearth/feeds/fram/rate"
)

func (s *Source) askUnit(ctx context.Context, q feeds.Settings) (feeds.Table, error) {
	id := cmp.Or(q["unit"], s.cfg.Unit)
	if err := needID("unit", id); err != nil {
		return feeds.Table{}, err
	}
	n, err := s.one(ctx, "unit", id)
	if err != nil {
		return feeds.Table{}, err
	}
	return tell("units", []rate.Tree{n}), nil
}

func (s *Source) askApplications(ctx context.Context, q feeds.Settings) (feeds.Table, error) {
	filter := url.Values{"transaction_id": {q["transaction"]}}
	err := checkID("transaction", q["transaction"])
	for id := range strings.SplitSeq(q["invoice"], ",") {
		id = strings.TrimSpace(id)
		err = cmp.Or(err, checkID("invoice", id))
		filter.Add("invoice_ids", id)
	}
	if err != nil {
		return feeds.Table{}, err
	}
	records, err := s.applications(ctx, filter)
	if err != nil {
		return feeds.Table{}, err
	}
	return tell("applications", records), nil
}

func (s *Source) askPayloads(ctx context.Context, q feeds.Settings) (feeds.Table, error) {
	unit := cmp.Or(q["unit"], s.cfg.Unit)
	if err := needID("unit", unit); err != nil {
		return feeds.Table{}, err
	}
	project, err := given(ctx, q, "project", s.project)
	if err != nil {
		return feeds.Table{}, err
	}
	payloads, err := s.payloads(ctx, project, unit)
	if err != nil {
		return feeds.Table{}, err
	}
	t := feeds.Table{Title: "payloads", Columns: []string{"from", "until", "import (kWh)", "export (kWh)", "usage (kWh)", "amount (USD)", "invoice", "status"}}
	var odd feeds.Remarks
	for _, p := range payloads {
		from := p.period.Start.In(s.zone).Format(time.DateOnly)
		t.Rows = append(t.Rows, []string{
			from, p.period.End.In(s.zone).Format(time.DateOnly),
			kWh(p.imported), kWh(p.exported), kWh(p.used), money(p.amount), p.invoice, p.status,
		})
		for _, r := range p.remarks {
			odd.Say("%s: %s", from, r)
		}
	}
	t.Remarks = odd.All()
	return t, nil
}

func (s *Source) askRates(ctx context.Context, q feeds.Settings) (feeds.Table, error) {
	code := cmp.Or(q["billing_code"], s.cfg.BillingCode)
	if code == "*" {
		code = ""
	}
	if err := checkDate("date", q["date"]); err != nil {
		return feeds.Table{}, err
	}
	all, err := s.list(ctx, "rates", url.Values{
		"billing_code": {code}, "generation_supplier": {cmp.Or(q["supplier"], s.cfg.Supplier)}, "target_date": {q["date"]},
	})
	if err != nil {
		return feeds.Table{}, err
	}
	records, err := readAll("rates", all)
	if err != nil {
		return feeds.Table{}, err
	}
	t := tell("rates", records)
	t.Columns = append(t.Columns, "shape", "map")
	for i := range t.Rows {
		shape, raw := s.shape(all[i])
		t.Rows[i] = append(t.Rows[i], shape, feeds.OneLine(string(raw)))
	}
	return t, nil
}

// shape is what was understood of a rate, or why nothing was, and its map.
func (s *Source) shape(record []byte) (string, []byte) {
	var f filing
	if err := json.Unmarshal(record, &f); err != nil {
		return "unreadable", nil
	}
	if f.Map == nil {
		return "no map", nil
	}
	r, err := s.rules.Parse(f.Map)
	if err != nil {
		return cmp.Or(r.Shape, "unknown") + "; " + feeds.OneLine(err.Error()), f.Map
	}
	return r.Shape, f.Map
}

// askRate shows all values of a map, whether or not it is understood.
func (s *Source) askRate(ctx context.Context, q feeds.Settings) (feeds.Table, error) {
	if err := needID("id", q["id"]); err != nil {
		return feeds.Table{}, err
	}
	body, err := s.ask(ctx, "rate", q["id"], nil)
	if err != nil {
		return feeds.Table{}, err
	}
	n, err := rate.Read(body)
	if err != nil {
		return feeds.Table{}, feeds.Fail(feeds.Temporary, "rate: %w", err)
	}
	shape, _ := s.shape(body)
	t := feeds.Table{Columns: []string{"path", "value"}, Remarks: []string{"shape: " + shape}}
	t.Title = strings.Join(tell("rates", []rate.Tree{n}).Rows[0], " ")
	if prices, has := n.Child("total_rate_map"); has {
		prices.Each(func(path, value string) { t.Rows = append(t.Rows, []string{path, value}) })
	}
	return t, nil
}
