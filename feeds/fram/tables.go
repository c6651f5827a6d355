package fram

import (
	"strconv"
	"strings"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/fram/rate"
)

// shown are the columns of tables and the fields that they may stand in: the first that is there counts. Only what is
// named here is shown, so that no tenant gets into a table by a field that is new. The fields of invoices, transactions
// and applications are not public.
var shown = map[string][]string{
	"organizations": {"organization_id", "name", "created_at"},
	"projects":      {"project_id", "organization_id", "name", "address", "city", "state", "zip_code", "utility", "vendor_id", "created_at"},
	"units":         {"unit_id", "project_id", "unit_number", "bedrooms", "sqft", "vendor_id", "pto_date", "meter_number", "address_line1", "address_line2", "created_at"},
	"invoices":      {"invoice_id|id", "invoice_number|number", "invoice_date", "due_date", "status", "amount|total_amount|amount_due|invoice_amount|total", "currency", "unit_id", "project_id"},
	"transactions":  {"transaction_id|id", "date|transaction_date|created_at", "type|transaction_type", "status", "amount|total_amount", "currency", "project_id"},
	"applications":  {"invoice_id", "transaction_id", "amount|amount_applied|applied_amount", "created_at|applied_at"},
	"rates":         {"aggregated_utility_rate_id", "utility", "billing_code", "generation_supplier", "effective_date", "end_date"},
}

// tell is a table of records.
func tell(what string, records []rate.Tree) feeds.Table {
	t := feeds.Table{Title: what}
	for _, c := range shown[what] {
		title, _, _ := strings.Cut(c, "|")
		t.Columns = append(t.Columns, title)
	}
	for _, n := range records {
		var row []string
		for _, c := range shown[what] {
			row = append(row, n.Text(strings.Split(c, "|")...))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
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
