package fram

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Pages put together are the whole list, in its order, whatever their size is.
func TestLists_AreTheSumOfTheirPages(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		count := rapid.IntRange(0, 40).Draw(rt, "count")
		limit, most := rapid.IntRange(1, 50).Draw(rt, "limit"), rapid.IntRange(1, 50).Draw(rt, "most")
		d := open(t, Config{Data: houses(count), MaxLimit: most, HidesPages: rapid.Bool().Draw(rt, "hides")})
		what := rapid.SampledFrom([][3]string{{"organizations", "organization_id", "o"}, {"aggregated-utility-rates", "aggregated_utility_rate_id", "r"}}).Draw(rt, "what")
		var got []string
		for page := 1; ; page++ {
			some := strings.Fields(d.ids(fmt.Sprintf("%s?limit=%d&page=%d", what[0], limit, page), what[1]))
			if len(some) > min(limit, most) {
				rt.Fatalf("page %d has %d records", page, len(some))
			}
			if len(some) == 0 {
				break
			}
			got = append(got, some...)
		}
		for i := range max(count, len(got)) {
			if i >= count || i >= len(got) || got[i] != fmt.Sprint(what[2], i+1) {
				rt.Fatalf("%d records: %v", count, got)
			}
		}
	})
}

// Two filters leave what both of them leave.
func TestLists_FiltersNarrow(t *testing.T) {
	d := open(t, Config{Data: town()})
	for path, c := range map[string]struct {
		key     string
		filters []string
	}{
		"invoices?organization_id=o1":              {"invoice_id", []string{"project_id=p1", "project_id=p2", "unit_id=u1", "unit_id=u3", "status=paid", "status=sent", "start_date=2026-02-04", "end_date=2026-02-10"}},
		"transactions?organization_id=o1":          {"transaction_id", []string{"project_id=p1", "project_id=p2", "exclude_fully_applied=true"}},
		"transaction-applications?transaction_id=": {"transaction_application_id", []string{"invoice_id=i1", "invoice_id=i2", "invoice_ids=i1&invoice_ids=i2"}},
		"aggregated-utility-rates?page=1":          {"aggregated_utility_rate_id", []string{"billing_code=E-ELEC", "generation_supplier=MCE", "generation_supplier=SVCE", "target_date=2026-07-01", "target_date=2026-03-01"}},
		"billing-payloads?project_id=p1":           {"billing_payload_id", []string{"unit_id=u1", "unit_id=u2", "sort=start_date:asc"}},
	} {
		for _, a := range c.filters {
			for _, b := range c.filters {
				if name, _, _ := strings.Cut(a, "="); strings.HasPrefix(b, name) {
					continue
				}
				first, second := strings.Fields(d.ids(path+"&"+a, c.key)), strings.Fields(d.ids(path+"&"+b, c.key))
				want := slices.DeleteFunc(first, func(id string) bool { return !slices.Contains(second, id) })
				if got := d.ids(path+"&"+a+"&"+b, c.key); got != strings.Join(want, " ") {
					t.Errorf("%s with %s and %s: %q, want %q", path, a, b, got, want)
				}
			}
		}
	}
}

// Nothing but a GET is answered, and nothing below another address.
func TestServer_CanOnlyBeRead(t *testing.T) {
	d := open(t, Config{Data: town()})
	for path := range d.handlers() {
		path = strings.ReplaceAll(path, "{id}", "o1")
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if status, _ := d.send(method, api+path, `{}`); status != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d", method, path, status)
			}
		}
		if status, _ := d.send(http.MethodGet, "/api/v2/"+path, ""); status != http.StatusNotFound {
			t.Errorf("%s in another version: %d", path, status)
		}
	}
}
