package fram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"hearth/feeds"
)

// Keys of questions. What is left out is what the configuration says, or what is found.
var (
	organizationKey = feeds.Key{Name: "organization", Help: "id of an organization; the home's where it is left out"}
	projectKey      = feeds.Key{Name: "project", Help: "id of a project; the home's where it is left out"}
	unitKey         = feeds.Key{Name: "unit", Help: "id of a unit; the home's where it is left out"}
)

// Questions are the publisher's lists, without those of tenants.
func (s *Source) Questions() []feeds.Question {
	return []feeds.Question{
		{Name: "organizations", Help: "organizations that the credentials may see", Ask: s.askOrganizations},
		{Name: "projects", Help: "projects of an organization", Keys: []feeds.Key{organizationKey}, Ask: s.askProjects},
		{Name: "units", Help: "units of a project, without their tenants", Keys: []feeds.Key{projectKey}, Ask: s.askUnits},
		{Name: "unit", Help: "one unit, without its tenant", Keys: []feeds.Key{unitKey}, Ask: s.askUnit},
		{Name: "invoices", Help: "invoices of a unit, a project or an organization", Ask: s.askInvoices, Keys: []feeds.Key{
			organizationKey, projectKey, unitKey,
			{Name: "status", Help: "such as draft, sent or paid; all where it is left out"},
			{Name: "from", Help: "first date of an invoice, such as 2026-01-31"}, {Name: "to", Help: "last date of an invoice"},
		}},
		{Name: "transactions", Help: "payments in a project or an organization", Ask: s.askTransactions, Keys: []feeds.Key{
			organizationKey, projectKey,
			{Name: "open", Help: "yes: only those that were not wholly applied", Among: []string{"yes", "no"}},
		}},
		{Name: "applications", Help: "what has been paid of an invoice, or by a transaction", Ask: s.askApplications, Keys: []feeds.Key{
			{Name: "invoice", Help: "ids of invoices, with commas between them"}, {Name: "transaction", Help: "id of a transaction"},
		}},
		{Name: "payloads", Help: "what was counted and charged for a unit, by billing period", Keys: []feeds.Key{projectKey, unitKey}, Ask: s.askPayloads},
		{Name: "rates", Help: "rates of the utilities, as they are", Ask: s.askRates, Keys: []feeds.Key{
			{Name: "billing_code", Help: "the utility's code; that of the home where it is left out, all of them for *"},
			{Name: "supplier", Help: "who sells the energy; that of the home where it is left out"},
			{Name: "date", Help: "a day on which they are effective, such as 2026-01-31; any where it is left out"},
		}},
		{Name: "rate", Help: "one rate, value by value", Ask: s.askRate, Keys: []feeds.Key{
			{Name: "id", Help: "its id, as rates shows it", IsRequired: true},
		}},
	}
}

func (s *Source) askOrganizations(ctx context.Context, _ feeds.Settings) (feeds.Table, error) {
	return s.show(ctx, "organizations", nil, organizationColumns)
}

func (s *Source) askProjects(ctx context.Context, q feeds.Settings) (feeds.Table, error) {
	id, err := s.given(ctx, q, "organization", s.organization)
	if err != nil {
		return feeds.Table{}, err
	}
	return s.show(ctx, "projects", url.Values{"organization_id": {id}}, projectColumns)
}

func (s *Source) askUnits(ctx context.Context, q feeds.Settings) (feeds.Table, error) {
	id, err := s.given(ctx, q, "project", s.project)
	if err != nil {
		return feeds.Table{}, err
	}
	return s.show(ctx, "units", url.Values{"project_id": {id}}, unitColumns)
}

func (s *Source) askUnit(ctx context.Context, q feeds.Settings) (feeds.Table, error) {
	id := or(q["unit"], s.cfg.Unit)
	if err := needID("unit", id); err != nil {
		return feeds.Table{}, err
	}
	body, err := s.ask(ctx, "unit", id, nil)
	if err != nil {
		return feeds.Table{}, err
	}
	return tell("unit", []json.RawMessage{body}, unitColumns)
}

// place is the filters of where: what was asked for, else the project of the home.
func (s *Source) place(ctx context.Context, q feeds.Settings) (url.Values, error) {
	out := url.Values{"organization_id": {q["organization"]}, "project_id": {q["project"]}, "unit_id": {q["unit"]}}
	for _, key := range []string{"organization", "project", "unit"} {
		if err := checkID(key, q[key]); err != nil {
			return nil, err
		}
	}
	if q["organization"] == "" && q["project"] == "" {
		id, err := s.project(ctx)
		if err != nil {
			return nil, err
		}
		out["project_id"], out["unit_id"] = []string{id}, []string{or(q["unit"], s.cfg.Unit)}
	}
	return out, nil
}

func (s *Source) askInvoices(ctx context.Context, q feeds.Settings) (feeds.Table, error) {
	filter, err := s.place(ctx, q)
	if err != nil {
		return feeds.Table{}, err
	}
	for key, to := range map[string]string{"from": "start_date", "to": "end_date"} {
		if err := checkDate(key, q[key]); err != nil {
			return feeds.Table{}, err
		}
		filter.Set(to, q[key])
	}
	filter.Set("status", q["status"])
	return s.show(ctx, "invoices", filter, invoiceColumns)
}

func (s *Source) askTransactions(ctx context.Context, q feeds.Settings) (feeds.Table, error) {
	filter, err := s.place(ctx, q)
	if err != nil {
		return feeds.Table{}, err
	}
	filter.Del("unit_id") // they know none
	if q["open"] == "yes" {
		filter.Set("exclude_fully_applied", "true")
	}
	return s.show(ctx, "transactions", filter, transactionColumns)
}

func (s *Source) askApplications(ctx context.Context, q feeds.Settings) (feeds.Table, error) {
	filter := url.Values{"transaction_id": {q["transaction"]}}
	for id := range strings.SplitSeq(q["invoice"], ",") {
		id = strings.TrimSpace(id)
		if err := checkID("invoice", id); err != nil {
			return feeds.Table{}, err
		}
		filter.Add("invoice_ids", id)
	}
	if err := checkID("transaction", q["transaction"]); err != nil {
		return feeds.Table{}, err
	}
	records, err := s.bare(ctx, filter)
	if err != nil {
		return feeds.Table{}, err
	}
	return tell("applications", records, applicationColumns)
}

func (s *Source) askPayloads(ctx context.Context, q feeds.Settings) (feeds.Table, error) {
	unit := or(q["unit"], s.cfg.Unit)
	if err := needID("unit", unit); err != nil {
		return feeds.Table{}, err
	}
	project, err := s.given(ctx, q, "project", s.project)
	if err != nil {
		return feeds.Table{}, err
	}
	payloads, err := s.payloads(ctx, project, unit)
	if err != nil {
		return feeds.Table{}, err
	}
	t := feeds.Table{Title: "payloads", Columns: []string{"from", "until", "import (kWh)", "export (kWh)", "usage (kWh)", "amount (USD)", "invoice", "status"}}
	for _, p := range payloads {
		t.Rows = append(t.Rows, []string{
			p.period.Start.In(s.zone).Format(time.DateOnly), p.period.End.In(s.zone).Format(time.DateOnly),
			kWh(p.imported), kWh(p.exported), kWh(p.used), money(p.amount), p.invoice, p.status,
		})
		t.Remarks = append(t.Remarks, p.remarks...)
	}
	return t, nil
}

func (s *Source) askRates(ctx context.Context, q feeds.Settings) (feeds.Table, error) {
	code := or(q["billing_code"], s.cfg.BillingCode)
	if code == "*" {
		code = ""
	}
	if err := checkDate("date", q["date"]); err != nil {
		return feeds.Table{}, err
	}
	records, err := s.list(ctx, "rates", url.Values{
		"billing_code": {code}, "generation_supplier": {or(q["supplier"], s.cfg.Supplier)}, "target_date": {q["date"]},
	})
	if err != nil {
		return feeds.Table{}, err
	}
	t, err := tell("rates", records, rateColumns)
	t.Columns = append(t.Columns, "shape", "map")
	for i := range t.Rows {
		shape, raw := s.shape(records[i])
		if raw == nil {
			raw = []byte("none")
		}
		t.Rows[i] = append(t.Rows[i], shape, feeds.OneLine(string(raw)))
	}
	return t, err
}

// shape is what was understood of a rate, or why nothing was, and its map.
func (s *Source) shape(record json.RawMessage) (string, json.RawMessage) {
	var r rate
	if err := json.Unmarshal(record, &r); err != nil {
		return "unreadable", nil
	}
	if r.Map == nil {
		return "no map", nil
	}
	k, err := classify(r.Map, s.cfg.UnitOfPrice)
	if err == nil {
		_, err = s.calendar.timetable(k)
	}
	if err != nil {
		return cmp.Or(k.shape, "unknown") + "; " + feeds.OneLine(err.Error()), r.Map
	}
	return k.shape, r.Map
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
	t, err := tell("rate", []json.RawMessage{body}, rateColumns)
	if err != nil {
		return t, err
	}
	t.Title = strings.Join(t.Rows[0], " ")
	t.Columns, t.Rows = []string{"path", "value"}, nil
	shape, raw := s.shape(body)
	t.Remarks = []string{"shape: " + shape}
	n, err := parse(raw)
	if err != nil {
		return t, feeds.Fail(feeds.Temporary, "rate: %w", errors.Join(errors.New("its map cannot be read"), err))
	}
	n.walk("", func(path string, leaf node) {
		t.Rows = append(t.Rows, []string{path, cmp.Or(feeds.OneLine(leaf.text), string(leaf.kind))})
	})
	return t, nil
}
