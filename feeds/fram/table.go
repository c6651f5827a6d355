package fram

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// column is a column of a table and the fields that it may stand in, folded: the first that is there counts.
type column struct {
	title  string
	fields []string
}

func columns(titles ...string) (out []column) {
	for _, title := range titles {
		fields := strings.Split(fold(title), "|")
		title, _, _ = strings.Cut(title, "|")
		out = append(out, column{title, fields})
	}
	return out
}

// What tables show. Only what is named here is shown, so that no tenant gets into a table by a field that is new. The
// fields of invoices, transactions and applications are not public.
var (
	organizationColumns = columns("organization_id", "name", "created_at")
	projectColumns      = columns("project_id", "organization_id", "name", "address", "city", "state", "zip_code", "utility", "vendor_id", "created_at")
	unitColumns         = columns("unit_id", "project_id", "unit_number", "bedrooms", "sqft", "vendor_id", "pto_date", "meter_number", "address_line1", "address_line2", "created_at")
	invoiceColumns      = columns("invoice_id|id", "invoice_number|number", "invoice_date", "due_date", "status", "amount|total_amount|amount_due|invoice_amount|total", "currency", "unit_id", "project_id")
	transactionColumns  = columns("transaction_id|id", "date|transaction_date|created_at", "type|transaction_type", "status", "amount|total_amount", "currency", "project_id")
	applicationColumns  = columns("invoice_id", "transaction_id", "amount|amount_applied|applied_amount", "created_at|applied_at")
	rateColumns         = columns("aggregated_utility_rate_id", "utility", "billing_code", "generation_supplier", "effective_date", "end_date")
)

// show asks for a list and tells it.
func (s *Source) show(ctx context.Context, what string, filter url.Values, columns []column) (feeds.Table, error) {
	records, err := s.list(ctx, what, filter)
	if err != nil {
		return feeds.Table{}, err
	}
	return tell(what, records, columns)
}

func tell(title string, records []json.RawMessage, columns []column) (feeds.Table, error) {
	t := feeds.Table{Title: title}
	for _, c := range columns {
		t.Columns = append(t.Columns, c.title)
	}
	for i, raw := range records {
		n, err := parse(raw)
		if err == nil && n.kind != object {
			err = fmt.Errorf("a %s", n.kind)
		}
		if err != nil {
			return feeds.Table{}, broken(err, title, i)
		}
		var row []string
		for _, c := range columns {
			row = append(row, textOf(n, c.fields...))
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// given is an id that was asked for, or the home's.
func (s *Source) given(ctx context.Context, q feeds.Settings, key string, own func(context.Context) (string, error)) (string, error) {
	if q[key] == "" {
		return own(ctx)
	}
	return q[key], checkID(key, q[key])
}

// needID refuses an id that is missing or none.
func needID(key, id string) error {
	if id == "" {
		return feeds.Fail(feeds.Misconfigured, "%s: is missing", key)
	}
	return checkID(key, id)
}

func checkDate(key, date string) error {
	if _, err := time.Parse(time.DateOnly, date); date != "" && err != nil {
		return feeds.Fail(feeds.Misconfigured, "%s %q: must be a day such as 2026-01-31", key, feeds.OneLine(date))
	}
	return nil
}

func kWh(e *energy.WattHours) string {
	if e == nil {
		return ""
	}
	return strconv.FormatFloat(float64(*e)/1000, 'f', -1, 64)
}

func money(m *energy.Money) string {
	if m == nil {
		return ""
	}
	return m.String()
}
