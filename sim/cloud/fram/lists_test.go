package fram

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"hearth/energy"
)

func pointer(s string) *string { return &s }

// town is two organizations, one of which may not be seen.
func town() Data {
	map1 := json.RawMessage(`{"peak":0.5,"off_peak":0.3}`)
	return Data{
		Organizations: []Organization{{ID: "o1", Name: "Harbour"}, {ID: "o2", Name: "Foreign", IsForeign: true}, {ID: "o3", Name: "Hill"}},
		Projects: []Project{
			{ID: "p1", Organization: "o1"}, {ID: "p2", Organization: "o1"}, {ID: "p3", Organization: "o2"}, {ID: "p4", Organization: "o3"},
		},
		Units: []Unit{{ID: "u1", Project: "p1", Tenant: "Ada Tenant"}, {ID: "u2", Project: "p1"}, {ID: "u3", Project: "p2"}},
		Rates: []Rate{
			{ID: "r1", Code: "E-ELEC", Supplier: "MCE", Effective: "2026-01-01", End: pointer("2026-06-30"), Map: map1},
			{ID: "r2", Code: "E-ELEC", Supplier: "MCE", Effective: "2026-07-01", Map: map1},
			{ID: "r3", Code: "E-ELEC", Supplier: "SVCE", Effective: "2026-01-01", Map: map1},
			{ID: "r4", Code: "TOU-D", Supplier: "SCE", Effective: "2026-01-01", Map: json.RawMessage(`[1, 2]`)},
		},
		Payloads: []Payload{
			{ID: "b2", Project: "p1", Unit: pointer("u1"), User: pointer("x"), Start: "2026-02-01", End: "2026-02-28", Import: map1},
			{ID: "b1", Project: "p1", Unit: pointer("u1"), User: pointer("x"), Start: "2026-01-01", End: "2026-01-31", Import: map1},
			{ID: "b3", Project: "p1", Unit: pointer("u2"), User: pointer("y"), Start: "2026-01-01", End: "2026-01-31"},
			{ID: "b4", Project: "p1", Start: "2026-01-01", End: "2026-01-31"},
		},
		Invoices: []Invoice{
			{ID: "i1", Project: "p1", Unit: "u1", Date: "2026-02-03", Status: "paid", Amount: energy.MoneyOf(80)},
			{ID: "i2", Project: "p1", Unit: "u1", Date: "2026-03-03", Status: "sent", Amount: energy.MoneyOf(92.5)},
			{ID: "i3", Project: "p2", Unit: "u3", Date: "2026-03-03", Status: "sent"},
			{ID: "i4", Project: "p4", Date: "2026-03-03"},
		},
		Transactions: []Transaction{
			{ID: "t1", Project: "p1", User: "x", Amount: energy.MoneyOf(80)}, {ID: "t2", Project: "p1", User: "y", Amount: energy.MoneyOf(50)}, {ID: "t3", Project: "p2", Amount: energy.MoneyOf(1)},
		},
		Applications: []Application{
			{ID: "a1", Transaction: "t1", Invoice: "i1", Amount: energy.MoneyOf(50)}, {ID: "a2", Transaction: "t1", Invoice: "i2", Amount: energy.MoneyOf(30)},
			{ID: "a3", Transaction: "t2", Invoice: "i2", Amount: energy.MoneyOf(20)},
		},
	}
}

func TestLists_AreFiltered(t *testing.T) {
	d := open(t, Config{Data: town()})
	for _, c := range []struct{ path, key, want string }{
		{"organizations", "organization_id", "o1 o3"},
		{"projects", "", "403"},
		{"projects?organization_id=", "", "403"},
		{"projects?organization_id=o1", "project_id", "p1 p2"},
		{"projects?organization_id=o2", "", "403"},
		{"projects?organization_id=nowhere", "project_id", ""},
		{"units", "", "403"},
		{"units?organization_id=o1", "", "403"},
		{"units?project_id=p1", "unit_id", "u1 u2"},
		{"units?project_id=p3", "", "403"},
		{"invoices", "", "403"},
		{"invoices?unit_id=u1", "", "403"},
		{"invoices?project_id=p1", "invoice_id", "i1 i2"},
		{"invoices?organization_id=o1", "invoice_id", "i1 i2 i3"},
		{"invoices?organization_id=o1&project_id=p2", "invoice_id", "i3"},
		{"invoices?organization_id=o3&project_id=p2", "invoice_id", ""},
		{"invoices?project_id=p1&status=paid", "invoice_id", "i1"},
		{"invoices?organization_id=o1&unit_id=u3", "invoice_id", "i3"},
		{"invoices?project_id=p1&start_date=2026-02-04", "invoice_id", "i2"},
		{"invoices?project_id=p1&start_date=2026-02-03&end_date=2026-02-03", "invoice_id", "i1"},
		{"invoices?organization_id=o2", "", "403"},
		{"transactions", "", "403"},
		{"transactions?user_id=x", "", "403"},
		{"transactions?project_id=p1", "transaction_id", "t1 t2"},
		{"transactions?organization_id=o1", "transaction_id", "t1 t2 t3"},
		{"transactions?project_id=p1&exclude_fully_applied=true", "transaction_id", "t2"},
		{"transactions?project_id=p1&exclude_fully_applied=false", "transaction_id", "t1 t2"},
		{"transactions?project_id=p3", "", "403"},
		{"transaction-applications", "", "403"},
		{"transaction-applications?invoice_id=i2", "transaction_application_id", "a2 a3"},
		{"transaction-applications?transaction_id=t1", "transaction_application_id", "a1 a2"},
		{"transaction-applications?invoice_ids=i1&invoice_ids=i9", "transaction_application_id", "a1"},
		{"transaction-applications?invoice_ids=i1&invoice_ids=i2", "transaction_application_id", "a1 a2 a3"},
		{"transaction-applications?invoice_ids=i1&transaction_id=t2", "transaction_application_id", ""},
		{"billing-payloads", "", "403"},
		{"billing-payloads?unit_id=u1", "", "403"},
		{"billing-payloads?project_id=p1", "billing_payload_id", "b1 b3 b4 b2"},
		{"billing-payloads?project_id=p1&unit_id=u1", "billing_payload_id", "b1 b2"},
		{"billing-payloads?project_id=p1&unit_id=u1&sort=start_date:desc", "billing_payload_id", "b2 b1"},
		{"billing-payloads?project_id=p3", "", "403"},
		{"aggregated-utility-rates", "aggregated_utility_rate_id", "r1 r2 r3 r4"},
		{"aggregated-utility-rates?billing_code=TOU-D", "aggregated_utility_rate_id", "r4"},
		{"aggregated-utility-rates?billing_code=E-ELEC&generation_supplier=MCE", "aggregated_utility_rate_id", "r1 r2"},
		{"aggregated-utility-rates?generation_supplier=MCE&target_date=2026-06-30", "aggregated_utility_rate_id", "r1"},
		{"aggregated-utility-rates?generation_supplier=MCE&target_date=2026-07-01", "aggregated_utility_rate_id", "r2"},
		{"aggregated-utility-rates?target_date=2025-12-31", "aggregated_utility_rate_id", ""},
	} {
		if got := d.ids(c.path, c.key); got != c.want {
			t.Errorf("%s: %q, want %q", c.path, got, c.want)
		}
	}
}

func TestRecords_AreFoundByTheirIDs(t *testing.T) {
	d := open(t, Config{Data: town()})
	for path, key := range map[string]string{
		"projects/p4": "project_id", "units/u3": "unit_id", "aggregated-utility-rates/r4": "aggregated_utility_rate_id",
	} {
		_, id, _ := strings.Cut(path, "/")
		if status, doc := d.send(http.MethodGet, api+path, ""); status != 200 || doc[key] != id {
			t.Errorf("%s: %d %v", path, status, doc)
		}
		if status, _ := d.send(http.MethodGet, api+path+"0", ""); status != 404 {
			t.Errorf("%s0: %d", path, status)
		}
	}
}

func TestRecords_HaveTheVendorsFields(t *testing.T) {
	d := open(t, Config{Data: town()})
	_, rate := d.send(http.MethodGet, api+"aggregated-utility-rates/r2", "")
	if end, has := rate["end_date"]; !has || end != nil || !reflect.DeepEqual(rate["total_rate_map"], map[string]any{"peak": 0.5, "off_peak": 0.3}) {
		t.Errorf("%v", rate)
	}
	_, unit := d.send(http.MethodGet, api+"units/u1", "")
	for _, field := range []string{"unit_number", "bedrooms", "sqft", "pto_date", "meter_number", "address_line1", "current_tenant_name", "current_tenant_email"} {
		if _, has := unit[field]; !has {
			t.Errorf("a unit has no %s", field)
		}
	}
	_, page := d.send(http.MethodGet, api+"invoices?project_id=p1&status=sent", "")
	if got := page["data"].([]any)[0].(map[string]any)["total_amount"]; got != 92.5 {
		t.Errorf("an amount is %v", got)
	}
}

// houses are organizations o1 to on.
func houses(n int) Data {
	var d Data
	for i := range n {
		d.Organizations = append(d.Organizations, Organization{ID: fmt.Sprint("o", i+1)})
		d.Rates = append(d.Rates, Rate{ID: fmt.Sprint("r", i+1), Effective: "2026-01-01", Map: json.RawMessage(`{}`)})
	}
	return d
}

func TestLists_ComeInPages(t *testing.T) {
	for _, c := range []struct {
		cfg        Config
		path, want string // how many records, and what the pagination says
	}{
		{Config{Data: houses(5)}, "organizations", "5 map[limit:300 page:1 pages:1 total:5]"},
		{Config{Data: houses(5)}, "organizations?limit=2", "2 map[limit:2 page:1 pages:3 total:5]"},
		{Config{Data: houses(5)}, "organizations?limit=2&page=3", "1 map[limit:2 page:3 pages:3 total:5]"},
		{Config{Data: houses(5)}, "organizations?limit=2&page=4", "0 map[limit:2 page:4 pages:3 total:5]"},
		{Config{Data: houses(5)}, "organizations?limit=2&page=4611686018427387904", "0 map[limit:2 page:4.611686018427388e+18 pages:3 total:5]"},
		{Config{Data: houses(4)}, "organizations?limit=2&page=2", "2 map[limit:2 page:2 pages:2 total:4]"},
		{Config{}, "organizations", "0 map[limit:300 page:1 pages:0 total:0]"},
		{Config{Data: houses(400)}, "organizations?limit=1000", "300 map[limit:300 page:1 pages:2 total:400]"},
		{Config{Data: houses(5), MaxLimit: 3}, "organizations", "3 map[limit:3 page:1 pages:2 total:5]"},
		{Config{Data: houses(5), HidesPages: true}, "organizations?limit=2", "2 map[limit:2 page:1]"},
		{Config{Data: houses(12)}, "aggregated-utility-rates", "10 map[limit:10 page:1 pages:2 total:12]"},
		{Config{Data: houses(12)}, "aggregated-utility-rates?page=2", "2 map[limit:10 page:2 pages:2 total:12]"},
	} {
		d := open(t, c.cfg)
		status, doc := d.send(http.MethodGet, api+c.path, "")
		data, isList := doc["data"].([]any)
		if got := fmt.Sprint(len(data), doc["pagination"]); status != 200 || !isList || !strings.HasPrefix(got, strings.Fields(c.want)[0]) || fmt.Sprint(doc["pagination"]) != strings.SplitN(c.want, " ", 2)[1] {
			t.Errorf("%s: %d %s, want %s", c.path, status, got, c.want)
		}
	}
	d := open(t, Config{})
	for _, bad := range []string{"page=0", "page=x", "limit=0", "limit=-1", "page="} {
		if got := d.ids("organizations?"+bad, ""); got != "400" {
			t.Errorf("%s: %s", bad, got)
		}
	}
}
