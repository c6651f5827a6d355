package fram

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hearth/energy"
	"hearth/feeds"
)

// Bills are the billing payloads of the unit with their invoices, and what has been paid of those. A figure that cannot
// be read without guessing is nil, with a remark.
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
	b := ledger{payloads: map[string]int{}, invoices: map[string]invoice{}, unpaid: map[string]bool{}}
	for _, p := range payloads {
		b.payloads[p.invoice]++
	}
	payloads = slices.DeleteFunc(payloads, func(p payload) bool { return p.period.Overlap(span).IsEmpty() })
	err = s.fill(ctx, &b, project, payloads)
	if feeds.StatusOf(err) == http.StatusForbidden {
		b.blind, err = err.Error(), nil
	}
	if err != nil {
		return nil, err
	}
	var out []feeds.Bill
	for _, p := range payloads {
		out = append(out, b.bill(p))
	}
	return out, nil
}

// mostIDs is how many invoices are asked for at once: an address of 2000 characters passes everywhere.
const mostIDs = 40

// fill asks for the invoices of some payloads, and for what has been paid of them.
func (s *Source) fill(ctx context.Context, b *ledger, project string, payloads []payload) error {
	var ids []string
	for _, p := range payloads {
		if p.invoice != "" {
			ids = append(ids, p.invoice)
		}
	}
	if ids == nil {
		return nil
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	invoices, err := s.records(ctx, "invoices", url.Values{"project_id": {project}, "unit_id": {s.cfg.Unit}})
	if err != nil {
		return err
	}
	for i, n := range invoices {
		if !slices.Contains(ids, n.Text(invoiceID...)) {
			continue
		}
		if err := b.addInvoice(n); err != nil {
			return broken(err, "invoices", i)
		}
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return !isID.MatchString(id) })
	for part := range slices.Chunk(ids, mostIDs) {
		applications, err := s.applications(ctx, url.Values{"invoice_ids": part})
		if err != nil {
			return err
		}
		for i, n := range applications {
			if err := b.addApplication(n); err != nil {
				return broken(err, "applications", i)
			}
		}
	}
	return s.settle(ctx, b, project)
}

// unpaid are the words by which a transaction has moved no money, or not yet.
var unpaid = []string{"failed", "void", "voided", "canceled", "cancelled", "reversed", "declined", "rejected", "pending"}

// settle finds out which of the transactions behind applications have paid nothing. The list is the whole project's:
// nothing but the status of those that are asked about is kept of it.
func (s *Source) settle(ctx context.Context, b *ledger, project string) error {
	if len(b.applications) == 0 {
		return nil
	}
	records, err := s.records(ctx, "transactions", url.Values{"project_id": {project}})
	if err != nil {
		return err
	}
	for _, n := range records {
		id := n.Text("transaction_id", "id")
		isAsked := slices.ContainsFunc(b.applications, func(a application) bool { return a.transaction == id })
		if isAsked && slices.Contains(unpaid, strings.ToLower(n.Text("status"))) {
			b.unpaid[id] = true
		}
	}
	return nil
}
