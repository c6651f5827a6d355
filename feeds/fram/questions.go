package fram

import (
	"cmp"
	"context"
	"net/url"
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
		{Name: "organizations", Help: "organizations that the credentials may see", Ask: s.lists("organizations", s.nowhere)},
		{Name: "projects", Help: "projects of an organization", Keys: []feeds.Key{organizationKey}, Ask: s.lists("projects", s.inOrganization)},
		{Name: "units", Help: "units of a project, without their tenants", Keys: []feeds.Key{projectKey}, Ask: s.lists("units", s.inProject)},
		{Name: "unit", Help: "one unit, without its tenant", Keys: []feeds.Key{unitKey}, Ask: s.askUnit},
		{Name: "invoices", Help: "invoices of a unit, a project or an organization", Ask: s.lists("invoices", s.ofInvoices), Keys: []feeds.Key{
			organizationKey, projectKey, unitKey,
			{Name: "status", Help: "such as draft, sent or paid; all where it is left out"},
			{Name: "from", Help: "first date of an invoice, such as 2026-01-31"}, {Name: "to", Help: "last date of an invoice"},
		}},
		{Name: "transactions", Help: "payments in a project or an organization", Ask: s.lists("transactions", s.ofTransactions), Keys: []feeds.Key{
			organizationKey, projectKey,
			{Name: "open", Help: "yes: only those that were not wholly applied", Among: feeds.YesNo},
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

// lists asks for a list, with the filter that a question says, and tells it.
func (s *Source) lists(what string, filter func(context.Context, feeds.Settings) (url.Values, error)) func(context.Context, feeds.Settings) (feeds.Table, error) {
	return func(ctx context.Context, q feeds.Settings) (feeds.Table, error) {
		f, err := filter(ctx, q)
		if err != nil {
			return feeds.Table{}, err
		}
		records, err := s.records(ctx, what, f)
		if err != nil {
			return feeds.Table{}, err
		}
		return tell(what, records), nil
	}
}

func (s *Source) nowhere(context.Context, feeds.Settings) (url.Values, error) { return nil, nil }

func (s *Source) inOrganization(ctx context.Context, q feeds.Settings) (url.Values, error) {
	id, err := given(ctx, q, "organization", s.organization)
	return url.Values{"organization_id": {id}}, err
}

func (s *Source) inProject(ctx context.Context, q feeds.Settings) (url.Values, error) {
	id, err := given(ctx, q, "project", s.project)
	return url.Values{"project_id": {id}}, err
}

// given is an id that was asked for, or the home's.
func given(ctx context.Context, q feeds.Settings, key string, own func(context.Context) (string, error)) (string, error) {
	if q[key] == "" {
		return own(ctx)
	}
	return q[key], checkID(key, q[key])
}

// place is the filters of where: what was asked for, else the project of the home.
func (s *Source) place(ctx context.Context, q feeds.Settings) (url.Values, error) {
	out := url.Values{}
	for _, key := range []string{"organization", "project", "unit"} {
		if err := checkID(key, q[key]); err != nil {
			return nil, err
		}
		out.Set(key+"_id", q[key])
	}
	if q["organization"] == "" && q["project"] == "" {
		id, err := s.project(ctx)
		if err != nil {
			return nil, err
		}
		out.Set("project_id", id)
		out.Set("unit_id", cmp.Or(q["unit"], s.cfg.Unit))
	}
	return out, nil
}

func (s *Source) ofInvoices(ctx context.Context, q feeds.Settings) (url.Values, error) {
	if err := cmp.Or(checkDate("from", q["from"]), checkDate("to", q["to"])); err != nil {
		return nil, err
	}
	filter, err := s.place(ctx, q)
	if err != nil {
		return nil, err
	}
	filter.Set("start_date", q["from"])
	filter.Set("end_date", q["to"])
	filter.Set("status", q["status"])
	return filter, nil
}

func (s *Source) ofTransactions(ctx context.Context, q feeds.Settings) (url.Values, error) {
	filter, err := s.place(ctx, q)
	if err != nil {
		return nil, err
	}
	filter.Del("unit_id") // they know none
	if q["open"] == "yes" {
		filter.Set("exclude_fully_applied", "true")
	}
	return filter, nil
}

func checkDate(key, date string) error {
	if _, err := time.Parse(time.DateOnly, date); date != "" && err != nil {
		return feeds.Fail(feeds.Misconfigured, "%s %q: must be a day such as 2026-01-31", key, feeds.OneLine(date))
	}
	return nil
}
