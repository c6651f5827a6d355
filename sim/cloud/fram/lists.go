package fram

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hearth/energy"
)

// list answers with a page of the records that are wanted. Where some filters are named, one of them must be there.
func list[T any](s *Server, filters string, usual int, all []T, isWanted func(*http.Request, T) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !isFiltered(w, r, filters) || s.mayNot(w, r) {
			return
		}
		some := slices.DeleteFunc(slices.Clone(all), func(v T) bool { return !isWanted(r, v) })
		page, isPage := positive(r.URL.Query(), "page", 1)
		limit, isLimit := positive(r.URL.Query(), "limit", usual)
		if !isPage || !isLimit {
			refuse(w, http.StatusBadRequest, "page and limit must be positive")
			return
		}
		limit = min(limit, s.cfg.MaxLimit)
		pages := (len(some) + limit - 1) / limit
		pagination := map[string]int{"page": page, "limit": limit}
		if !s.cfg.HidesPages {
			pagination["total"], pagination["pages"] = len(some), pages
		}
		from := min((min(page, pages+1)-1)*limit, len(some))
		say(w, http.StatusOK, map[string]any{"data": append([]T{}, some[from:min(from+limit, len(some))]...), "pagination": pagination})
	}
}

func positive(q url.Values, name string, usual int) (int, bool) {
	if !q.Has(name) {
		return usual, true
	}
	n, err := strconv.Atoi(q.Get(name))
	return n, err == nil && n > 0
}

// one answers with the record of an id.
func one[T any](all []T, id func(T) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		i := slices.IndexFunc(all, func(v T) bool { return id(v) == r.PathValue("id") })
		if i < 0 {
			refuse(w, http.StatusNotFound, "not found")
			return
		}
		say(w, http.StatusOK, all[i])
	}
}

// isFiltered says that one of some filters is there, and answers where none is.
func isFiltered(w http.ResponseWriter, r *http.Request, filters string) bool {
	names := strings.Fields(filters)
	if len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return r.URL.Query().Get(n) != "" }) {
		return true
	}
	refuse(w, http.StatusForbidden, strings.Join(names, " or ")+" is required")
	return false
}

// fits says that a filter is not there, or is the value.
func fits(r *http.Request, name, value string) bool {
	wanted := r.URL.Query().Get(name)
	return wanted == "" || wanted == value
}

// mayNot says that a question is about what these credentials may not see, and answers it.
func (s *Server) mayNot(w http.ResponseWriter, r *http.Request) bool {
	organization := r.URL.Query().Get("organization_id")
	for _, p := range s.cfg.Projects {
		if p.ID == r.URL.Query().Get("project_id") {
			organization = p.Organization
		}
	}
	if i := slices.IndexFunc(s.cfg.Organizations, func(o Organization) bool { return o.ID == organization }); i < 0 || !s.cfg.Organizations[i].IsForeign {
		return false
	}
	refuse(w, http.StatusForbidden, "insufficient permissions")
	return true
}

// isIn says that a project is the one, or of the organization, that is asked for.
func (s *Server) isIn(r *http.Request, project string) bool {
	if !fits(r, "project_id", project) {
		return false
	}
	return r.URL.Query().Get("organization_id") == "" || slices.ContainsFunc(s.cfg.Projects, func(p Project) bool {
		return p.ID == project && p.Organization == r.URL.Query().Get("organization_id")
	})
}

// handlers are by their paths. Rates need no filter, and come ten by ten; applications are a bare list.
func (s *Server) handlers() map[string]http.HandlerFunc {
	const many, few, project, wide = 300, 10, "project_id", "organization_id project_id"
	return map[string]http.HandlerFunc{
		"organizations": list(s, "", many, s.cfg.Organizations, func(_ *http.Request, o Organization) bool { return !o.IsForeign }),
		"projects": list(s, "organization_id", many, s.cfg.Projects, func(r *http.Request, p Project) bool {
			return fits(r, "organization_id", p.Organization)
		}),
		"projects/{id}":                 one(s.cfg.Projects, func(p Project) string { return p.ID }),
		"units":                         list(s, project, many, s.cfg.Units, func(r *http.Request, u Unit) bool { return fits(r, project, u.Project) }),
		"units/{id}":                    one(s.cfg.Units, func(u Unit) string { return u.ID }),
		"invoices":                      list(s, wide, many, s.cfg.Invoices, s.isInvoice),
		"transactions":                  list(s, wide, many, s.cfg.Transactions, s.isTransaction),
		"transaction-applications":      s.applications,
		"billing-payloads":              s.payloads,
		"aggregated-utility-rates":      list(s, "", few, s.cfg.Rates, isRate),
		"aggregated-utility-rates/{id}": one(s.cfg.Rates, func(v Rate) string { return v.ID }),
	}
}

func (s *Server) isInvoice(r *http.Request, i Invoice) bool {
	first, last := r.URL.Query().Get("start_date"), r.URL.Query().Get("end_date")
	return s.isIn(r, i.Project) && fits(r, "unit_id", i.Unit) && fits(r, "status", i.Status) &&
		first <= i.Date && (last == "" || i.Date <= last)
}

func (s *Server) isTransaction(r *http.Request, t Transaction) bool {
	isOpen := r.URL.Query().Get("exclude_fully_applied") == "true"
	return s.isIn(r, t.Project) && !(isOpen && s.applied(t.ID) >= t.Amount)
}

// applied is how much of a transaction has been used.
func (s *Server) applied(transaction string) (sum energy.Money) {
	for _, a := range s.cfg.Applications {
		if a.Transaction == transaction {
			sum += a.Amount
		}
	}
	return sum
}

func (s *Server) applications(w http.ResponseWriter, r *http.Request) {
	if !isFiltered(w, r, "invoice_id transaction_id invoice_ids") {
		return
	}
	ids := r.URL.Query()["invoice_ids"]
	found := []Application{}
	for _, a := range s.cfg.Applications {
		if fits(r, "invoice_id", a.Invoice) && fits(r, "transaction_id", a.Transaction) && (len(ids) == 0 || slices.Contains(ids, a.Invoice)) {
			found = append(found, a)
		}
	}
	say(w, http.StatusOK, found)
}

func (s *Server) payloads(w http.ResponseWriter, r *http.Request) {
	all := slices.Clone(s.cfg.Payloads)
	slices.SortStableFunc(all, func(a, b Payload) int {
		if r.URL.Query().Get("sort") == "start_date:desc" {
			a, b = b, a
		}
		return strings.Compare(a.Start, b.Start)
	})
	list(s, "project_id", 300, all, func(r *http.Request, p Payload) bool {
		return s.isIn(r, p.Project) && (p.Unit == nil && fits(r, "unit_id", "") || p.Unit != nil && fits(r, "unit_id", *p.Unit))
	})(w, r)
}

func isRate(r *http.Request, v Rate) bool {
	on := r.URL.Query().Get("target_date")
	isOn := on == "" || v.Effective <= on && (v.End == nil || on <= *v.End)
	return isOn && fits(r, "billing_code", v.Code) && fits(r, "generation_supplier", v.Supplier)
}
