package fram

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hearth/feeds"
	cloud "hearth/sim/cloud/fram"
)

func TestQuestions_ShowNoTenants(t *testing.T) {
	d := building()
	d.Rates = append(d.Rates, rateOf(71, "2026-01-01", "", `{"peak":52,"note":"see sheet"}`), rateOf(72, "2026-01-01", "", `{"on_peak":0.5,"off_peak":0.25}`))
	d.Rates[1].Code = "TOU-D"
	b := against(t, cloud.Config{Data: d}, nil)
	for name, c := range map[string]struct {
		asked feeds.Settings
		rows  int
		says  string
	}{
		"organizations": {nil, 1, "Harbour Homes"},
		"projects":      {nil, 1, "Quay"},
		"units":         {nil, 2, "5A"},
		"unit":          {nil, 1, "M-17"},
		"invoices":      {feeds.Settings{"from": "2026-04-01", "status": "sent"}, 1, "2026-0042"},
		"transactions":  {feeds.Settings{"open": "yes"}, 0, ""},
		"applications":  {feeds.Settings{"invoice": idOf(41) + ", " + idOf(42)}, 3, "72.67"},
		"payloads":      {nil, 3, "2026-05-01"},
		"rates":         {feeds.Settings{"billing_code": "*"}, 2, "periods.on_peak: is missing"},
		"rate":          {feeds.Settings{"id": idOf(71)}, 2, "see sheet"},
	} {
		questions := b.Questions()
		i := 0
		for questions[i].Name != name {
			i++
		}
		table, err := questions[i].Ask(t.Context(), c.asked)
		all := fmt.Sprint(table)
		if err != nil || len(table.Rows) != c.rows || !strings.Contains(all, c.says) || strings.Contains(all, "enant") || strings.Contains(all, idOf(4)) {
			t.Errorf("%s: %v\n%v", name, err, all)
		}
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) {
				t.Errorf("%s: %d cells in %d columns", name, len(row), len(table.Columns))
			}
		}
	}
	if len(b.Questions()) != 10 || len(b.Orders()) != 0 {
		t.Error("a question is not tried")
	}
}

func TestQuestions_NameWhatIsWrong(t *testing.T) {
	b := against(t, cloud.Config{Data: building()}, func(c *Config) { c.Unit, c.Project = "", "" })
	for _, c := range []struct {
		name  string
		asked feeds.Settings
		want  string
	}{
		{"unit", nil, "unit: is missing"},
		{"payloads", feeds.Settings{"unit": "4B"}, `unit "4B": must be an id`},
		{"payloads", nil, "unit: is missing"},
		{"units", nil, "project: is missing"},
		{"units", feeds.Settings{"project": "Quay"}, `project "Quay": must be an id`},
		{"projects", feeds.Settings{"organization": "x"}, `organization "x": must be an id`},
		{"invoices", nil, "project: is missing"},
		{"invoices", feeds.Settings{"project": idOf(2), "from": "March"}, `from "March": must be a day`},
		{"invoices", feeds.Settings{"unit": "x"}, `unit "x": must be an id`},
		{"transactions", feeds.Settings{"project": "x"}, `project "x": must be`},
		{"applications", nil, "applications: the filter invoice_id or invoice_ids or transaction_id is missing"},
		{"applications", feeds.Settings{"invoice": "x"}, `invoice "x": must be`},
		{"applications", feeds.Settings{"transaction": "x"}, `transaction "x": must be`},
		{"rates", feeds.Settings{"date": "today"}, `date "today": must be`},
		{"rate", nil, "id: is missing"},
	} {
		for _, q := range b.Questions() {
			if q.Name != c.name {
				continue
			}
			if _, err := q.Ask(t.Context(), c.asked); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), c.want) {
				t.Errorf("%s with %v: %v, want %s", c.name, c.asked, err, c.want)
			}
		}
	}
}

// tenant is what no table may hold, wherever the publisher puts it.
const tenant = "Ada-Lovelace"

// tenanted is a record with its own fields and some of a tenant's.
func tenanted(t *rapid.T, own string) string {
	fields := []string{own}
	names := []string{"current_tenant_name", "current_tenant_email", "user", "user_id", "users", "tenant", "first_name", "email_address", "phone", "lease", "occupant", "customer", "paid_by"}
	values := []string{
		`"%s"`, `{"name":"%s","status":"%[1]s","unit_number":"%[1]s"}`, `[{"address":"%s"},"%[1]s"]`, `{"invoice":{"number":"%s"},"amount":"%[1]s"}`,
		`{"energy":{"import":"%s"},"currency":"%[1]s"}`,
	}
	for _, name := range rapid.Permutation(names).Draw(t, "names")[:rapid.IntRange(1, 6).Draw(t, "count")] {
		fields = append(fields, fmt.Sprintf("%q:", name)+fmt.Sprintf(rapid.SampledFrom(values).Draw(t, "value"), tenant))
	}
	return "{" + strings.Join(rapid.Permutation(fields).Draw(t, "order"), ",") + "}"
}

// No field of a tenant reaches a table, a remark or an error of any question, nor a bill.
func TestQuestions_NeverTellATenantsField(t *testing.T) {
	ctx := t.Context()
	own := map[string]string{
		"organizations": `"organization_id":"` + idOf(1) + `","name":"Harbour"`, "projects": `"project_id":"` + idOf(2) + `","organization_id":"` + idOf(1) + `"`,
		"project": `"organization_id":"` + idOf(1) + `"`, "units": `"unit_id":"` + idOf(3) + `","unit_number":"4B"`, "unit": `"unit_id":"` + idOf(3) + `","project_id":"` + idOf(2) + `"`,
		"invoices": `"invoice_id":"` + idOf(42) + `","status":"sent","amount":5`, "transactions": `"transaction_id":"` + idOf(51) + `","type":"ach","amount":5`,
		"applications": `"invoice_id":"` + idOf(42) + `","transaction_id":"` + idOf(51) + `","amount":5`,
		"payloads":     `"id":"p","unit_id":"` + idOf(3) + `","start_date":"2026-03-01","end_date":"2026-03-31","invoice_id":"` + idOf(42) + `","usage_energy_map":{"grid":1}`,
		"rates":        `"aggregated_utility_rate_id":"` + idOf(71) + `","effective_date":"2026-01-01","total_rate_map":{"flat":0.3}`,
		"rate":         `"effective_date":"2026-01-01","total_rate_map":{"tier":0.3,"note":"x"}`,
	}
	asked := map[string]feeds.Settings{"applications": {"invoice": idOf(42)}, "rate": {"id": idOf(71)}}
	rapid.Check(t, func(t *rapid.T) {
		answers := byPath{}
		for what, path := range resources {
			record := tenanted(t, own[what])
			switch ids := []string{idOf(3), idOf(2), idOf(71)}; {
			case what == "applications":
				answers["/api/v1"+path] = "[" + record + "]"
			case strings.Contains(path, "{id}"):
				for _, id := range ids {
					answers["/api/v1"+strings.ReplaceAll(path, "{id}", id)] = record
				}
			default:
				answers["/api/v1"+path] = `{"data":[` + record + `],"pagination":{"pages":1}}`
			}
		}
		cfg := home()
		cfg.Project = ""
		s, err := New(cfg, feeds.Net{HTTP: &http.Client{Transport: answers}})
		if err != nil {
			t.Fatal(err)
		}
		s.client.Tokens = nil
		for _, q := range s.Questions() {
			table, err := q.Ask(ctx, asked[q.Name])
			if all := fmt.Sprint(table, err); err != nil || len(table.Rows) == 0 || strings.Contains(all, tenant) {
				t.Fatalf("%s: %s", q.Name, all)
			}
		}
		bills, err := s.Bills(ctx, allTime)
		if all := tellBills(bills); err != nil || len(bills) != 1 || strings.Contains(all, tenant) {
			t.Fatalf("%v, %s", err, all)
		}
	})
}
