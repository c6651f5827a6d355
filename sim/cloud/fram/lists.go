package fram

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hearth/energy"
)

// list answers with a page of some records.
func list[T any](s *Server, w http.ResponseWriter, r *http.Request, usual int, all []T, isWanted func(T) bool) {
	all = slices.DeleteFunc(slices.Clone(all), func(v T) bool { return !isWanted(v) })
	page, isPage := positive(r.URL.Query(), "page", 1)
	limit, isLimit := positive(r.URL.Query(), "limit", usual)
	if !isPage || !isLimit {
		refuse(w, http.StatusBadRequest, "page and limit must be positive")
		return
	}
	limit = min(limit, s.cfg.MaxLimit)
	if r.URL.Query().Get("bypass_limit") == "true" {
		limit = max(limit, len(all))
	}
	pages := (len(all) + limit - 1) / limit
	pagination := map[string]int{"total": len(all), "page": page, "limit": limit, "pages": pages}
	if s.cfg.HidesPages {
		delete(pagination, "pages")
		delete(pagination, "total")
	}
	from := min((min(page, pages+1)-1)*limit, len(all))
	say(w, http.StatusOK, map[string]any{"data": append([]T{}, all[from:min(from+limit, len(all))]...), "pagination": pagination})
}

const usualLimit = 300

func positive(q url.Values, name string, usual int) (int, bool) {
	if !q.Has(name) {
		return usual, true
	}
	n, err := strconv.Atoi(q.Get(name))
	return n, err == nil && n > 0
}

// one answers with the record of an id.
func one[T any](w http.ResponseWriter, r *http.Request, all []T, id func(T) string) {
	i := slices.IndexFunc(all, func(v T) bool { return id(v) == r.PathValue("id") })
	if i < 0 {
		refuse(w, http.StatusNotFound, "not found")
		return
	}
	say(w, http.StatusOK, all[i])
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

func (s *Server) organizations(w http.ResponseWriter, r *http.Request) {
	list(s, w, r, usualLimit, s.cfg.Organizations, func(o Organization) bool { return !o.IsForeign })
}

func (s *Server) organization(w http.ResponseWriter, r *http.Request) {
	one(w, r, s.cfg.Organizations, func(o Organization) string { return o.ID })
}

func (s *Server) projects(w http.ResponseWriter, r *http.Request) {
	if isFiltered(w, r, "organization_id") && !s.mayNot(w, r) {
		list(s, w, r, usualLimit, s.cfg.Projects, func(p Project) bool { return fits(r, "organization_id", p.Organization) })
	}
}

func (s *Server) project(w http.ResponseWriter, r *http.Request) {
	one(w, r, s.cfg.Projects, func(p Project) string { return p.ID })
}

func (s *Server) units(w http.ResponseWriter, r *http.Request) {
	if isFiltered(w, r, "project_id") && !s.mayNot(w, r) {
		list(s, w, r, usualLimit, s.cfg.Units, func(u Unit) bool { return fits(r, "project_id", u.Project) })
	}
}

func (s *Server) unit(w http.ResponseWriter, r *http.Request) {
	one(w, r, s.cfg.Units, func(u Unit) string { return u.ID })
}

func (s *Server) invoices(w http.ResponseWriter, r *http.Request) {
	if !isFiltered(w, r, "organization_id", "project_id") || s.mayNot(w, r) {
		return
	}
	first, last := r.URL.Query().Get("start_date"), r.URL.Query().Get("end_date")
	list(s, w, r, usualLimit, s.cfg.Invoices, func(i Invoice) bool {
		return s.isIn(r, i.Project) && fits(r, "unit_id", i.Unit) && fits(r, "status", i.Status) &&
			first <= i.Date && (last == "" || i.Date <= last)
	})
}

func (s *Server) transactions(w http.ResponseWriter, r *http.Request) {
	if !isFiltered(w, r, "organization_id", "project_id") || s.mayNot(w, r) {
		return
	}
	isOpen := r.URL.Query().Get("exclude_fully_applied") == "true"
	list(s, w, r, usualLimit, s.cfg.Transactions, func(t Transaction) bool {
		return s.isIn(r, t.Project) && fits(r, "user_id", t.User) && !(isOpen && s.applied(t.ID) >= t.Amount)
	})
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

// applications are a bare list, without pages.
func (s *Server) applications(w http.ResponseWriter, r *http.Request) {
	if !isFiltered(w, r, "invoice_id", "transaction_id", "invoice_ids") {
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
	if !isFiltered(w, r, "project_id") || s.mayNot(w, r) {
		return
	}
	all := slices.Clone(s.cfg.Payloads)
	slices.SortStableFunc(all, func(a, b Payload) int {
		if r.URL.Query().Get("sort") == "start_date:desc" {
			a, b = b, a
		}
		return strings.Compare(a.Start, b.Start)
	})
	isOfUsers := r.URL.Query().Get("users_only") == "true"
	list(s, w, r, usualLimit, all, func(p Payload) bool {
		return s.isIn(r, p.Project) && fits(r, "unit_id", or(p.Unit)) && fits(r, "user_id", or(p.User)) &&
			fits(r, "start_date", p.Start) && !(isOfUsers && p.User == nil)
	})
}

func or(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// rates need no filter, and come ten by ten.
func (s *Server) rates(w http.ResponseWriter, r *http.Request) {
	on := r.URL.Query().Get("target_date")
	list(s, w, r, 10, s.cfg.Rates, func(v Rate) bool {
		isOn := on == "" || v.Effective <= on && (v.End == nil || on <= *v.End)
		return isOn && fits(r, "billing_code", v.Code) && fits(r, "generation_supplier", v.Supplier)
	})
}

func (s *Server) rate(w http.ResponseWriter, r *http.Request) {
	one(w, r, s.cfg.Rates, func(v Rate) string { return v.ID })
}
