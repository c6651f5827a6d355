package fram

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"hearth/energy"
	"hearth/feeds"
)

// Bills are the billing payloads of the unit with their invoices, and what has been paid of those. A figure that cannot
// be read without guessing is nil; the question payloads says why.
func (s *Source) Bills(ctx context.Context, span energy.Interval) ([]feeds.Bill, error) {
	if s.cfg.Unit == "" {
		return nil, feeds.Fail(feeds.Misconfigured, "unit: is missing, so nobody knows whose bills")
	}
	project, err := s.project(ctx)
	if err != nil {
		return nil, err
	}
	payloads, err := s.payloads(ctx, project, s.cfg.Unit)
	if err != nil {
		return nil, err
	}
	count := map[string]int{}
	for _, p := range payloads {
		count[p.invoice]++
	}
	payloads = slices.DeleteFunc(payloads, func(p payload) bool { return p.period.Overlap(span).IsEmpty() })
	invoices, err := s.invoices(ctx, project, payloads)
	if err != nil {
		return nil, err
	}
	var out []feeds.Bill
	for _, p := range payloads {
		bill := feeds.Bill{
			Period: p.period, Imported: p.imported, Exported: p.exported, Used: p.used,
			Amount: p.amount, Currency: currency, Invoice: p.invoice, Status: p.status,
		}
		if i := invoices[p.invoice]; i != nil {
			bill.Invoice, bill.Status = or(i.number, p.invoice), or(i.status, p.status)
			if count[p.invoice] == 1 { // of several payloads, nobody knows which part is whose
				bill.Applied = i.applied
				if i.amount != nil {
					bill.Amount = i.amount
				}
			}
		}
		out = append(out, bill)
	}
	return out, nil
}

// payloads are those of a unit, oldest first. What is of another unit, or of the whole project, is left out.
func (s *Source) payloads(ctx context.Context, project, unit string) ([]payload, error) {
	records, err := s.list(ctx, "payloads", url.Values{"project_id": {project}, "unit_id": {unit}, "sort": {"start_date:desc"}})
	if err != nil {
		return nil, err
	}
	var out []payload
	for i, raw := range records {
		p, err := readPayload(raw, s.zone)
		if err != nil {
			return nil, broken(err, "payloads", i)
		}
		isThere := func(o payload) bool { return p.id != "" && o.id == p.id } // pages move while they are read
		if strings.EqualFold(p.unit, unit) && !slices.ContainsFunc(out, isThere) {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b payload) int { return a.period.Start.Compare(b.period.Start) })
	return out, nil
}

func broken(err error, what string, i int) error {
	kind := feeds.Temporary
	var f *feeds.Failure
	if errors.As(err, &f) {
		kind = f.Kind
	}
	return feeds.Fail(kind, "%s: record %d: %w", what, i, err)
}

// invoice is what was sent to be paid.
type invoice struct {
	number, status string
	amount         *energy.Money
	applied        *energy.Money // paid, as far as it can be read
}

// invoices are those of some payloads, by their ids.
func (s *Source) invoices(ctx context.Context, project string, payloads []payload) (map[string]*invoice, error) {
	isWanted := map[string]bool{}
	for _, p := range payloads {
		if p.invoice != "" {
			isWanted[p.invoice] = true
		}
	}
	if len(isWanted) == 0 {
		return nil, nil
	}
	records, err := s.list(ctx, "invoices", url.Values{"project_id": {project}, "unit_id": {s.cfg.Unit}})
	if err != nil {
		return nil, err
	}
	out := map[string]*invoice{}
	for i, raw := range records {
		n, err := parse(raw)
		if err != nil {
			return nil, broken(err, "invoices", i)
		}
		id := textOf(n, "invoiceid", "id")
		if !isWanted[id] {
			continue
		}
		amount, err := moneyOf(n)
		if feeds.KindOf(err) == feeds.Misconfigured {
			return nil, broken(err, "invoices", i)
		}
		out[id] = &invoice{number: textOf(n, "invoicenumber", "number"), status: textOf(n, "status"), amount: amount}
	}
	return out, s.apply(ctx, project, out)
}

// application is a part of a transaction that pays a part of an invoice.
type application struct {
	id, invoice, transaction string
	amount                   *energy.Money
}

// mostIDs is how many invoices are asked for at once: an address of 2000 characters passes everywhere.
const mostIDs = 40

// apply sums up what has been paid of each invoice.
func (s *Source) apply(ctx context.Context, project string, invoices map[string]*invoice) error {
	var ids []string
	for id := range invoices {
		if isID.MatchString(id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var all []application
	for part := range slices.Chunk(ids, mostIDs) {
		some, err := s.applications(ctx, url.Values{"invoice_ids": part})
		if err != nil {
			return err
		}
		all = append(all, some...)
	}
	failed, err := s.failed(ctx, project, all)
	if err != nil {
		return err
	}
	for _, id := range ids {
		paid, isClear := energy.Money(0), true
		for _, a := range all {
			if a.invoice != id || failed[a.transaction] {
				continue
			}
			if a.amount == nil {
				isClear = false
				break
			}
			paid += *a.amount
		}
		if isClear {
			invoices[id].applied = &paid
		}
	}
	return nil
}

// applications are a bare list, without pages.
func (s *Source) applications(ctx context.Context, filter url.Values) ([]application, error) {
	records, err := s.bare(ctx, filter)
	if err != nil {
		return nil, err
	}
	var out []application
	for i, raw := range records {
		n, err := parse(raw)
		if err != nil {
			return nil, broken(err, "applications", i)
		}
		amount, err := moneyOf(n)
		if feeds.KindOf(err) == feeds.Misconfigured {
			return nil, broken(err, "applications", i)
		}
		out = append(out, application{textOf(n, "transactionapplicationid", "applicationid", "id"), textOf(n, "invoiceid"), textOf(n, "transactionid"), amount})
	}
	return out, nil
}

func (s *Source) bare(ctx context.Context, filter url.Values) ([]json.RawMessage, error) {
	body, err := s.ask(ctx, "applications", "", filter)
	if err != nil {
		return nil, err
	}
	var records []json.RawMessage
	if err := json.Unmarshal(body, &records); err != nil {
		return nil, feeds.Fail(feeds.Temporary, "applications: %w", err)
	}
	return records, nil
}

// unpaid are the words by which a transaction has moved no money, or not yet.
var unpaid = []string{"failed", "void", "voided", "canceled", "cancelled", "reversed", "declined", "rejected", "pending"}

// failed says which of the transactions behind applications have paid nothing. The list is the whole project's: nothing
// but the status of those that are asked about is read of it.
func (s *Source) failed(ctx context.Context, project string, of []application) (map[string]bool, error) {
	if len(of) == 0 {
		return nil, nil
	}
	records, err := s.list(ctx, "transactions", url.Values{"project_id": {project}})
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for i, raw := range records {
		var t struct {
			ID     string `json:"transaction_id"`
			Status string `json:"status"`
		}
		if err := json.Unmarshal(raw, &t); err != nil {
			return nil, broken(err, "transactions", i)
		}
		isAsked := slices.ContainsFunc(of, func(a application) bool { return a.transaction == t.ID })
		out[t.ID] = isAsked && slices.Contains(unpaid, strings.ToLower(t.Status))
	}
	return out, nil
}
