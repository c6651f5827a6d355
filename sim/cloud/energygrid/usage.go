package energygrid

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/energy"
)

// therm is a hundred thousand British thermal units.
const therm energy.WattHours = 29307.1

// mostItems bounds a question: a year of quarter hours is some 35,000.
const mostItems = 100_000

type usagePage struct {
	Meter       string `json:"meterId"`
	Unit        string `json:"unitOfMeasure"`
	Granularity string `json:"granularity"`
	Zone        string `json:"timeZone"`
	Items       []item `json:"items"`
	Next        string `json:"nextPageToken,omitempty"`
}

type item struct {
	Start    string          `json:"start"`
	End      string          `json:"end"`
	Value    *float64        `json:"value"`
	Cost     *energy.Money   `json:"cost"`
	Currency energy.Currency `json:"currency"`
	Quality  string          `json:"quality"`
}

func (s *Server) granularities(w http.ResponseWriter, _ *http.Request) {
	names := []string{}
	for _, g := range s.cfg.Granularities {
		names = append(names, g.Name)
	}
	answer(w, names)
}

// usage lists what was counted in the intervals that begin in the span and are over.
func (s *Server) usage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	from, err1 := time.Parse(time.RFC3339, q.Get("from"))
	to, err2 := time.Parse(time.RFC3339, q.Get("to"))
	cut := slices.IndexFunc(s.cfg.Granularities, func(g Granularity) bool { return g.Name == q.Get("granularity") })
	switch {
	case r.PathValue("meter") != s.cfg.Meter:
		refuse(w, r, http.StatusNotFound, "the customer has no such meter")
		return
	case err1 != nil || err2 != nil || !from.Before(to):
		refuse(w, r, http.StatusBadRequest, "from and to must be times with their offsets, one after the other")
		return
	case cut < 0:
		refuse(w, r, http.StatusBadRequest, "granularity must be one of GET /Metadata/granularity-types")
		return
	}
	var slots []energy.Interval
	for slot := s.cfg.Granularities[cut].Cut(from, s.cfg.Zone); slot.Start.Before(to) && !slot.End.After(s.cfg.Now()); slot = s.cfg.Granularities[cut].Cut(slot.End, s.cfg.Zone) {
		if !slot.Start.Before(from) {
			slots = append(slots, slot)
		}
		if len(slots) > mostItems {
			refuse(w, r, http.StatusUnprocessableEntity, "the span is too long")
			return
		}
	}
	first, last, next, isGood := s.page(r, len(slots))
	if !isGood {
		refuse(w, r, http.StatusBadRequest, "pageToken is not one of this question, or has become stale")
		return
	}
	p := usagePage{s.cfg.Meter, s.cfg.Unit, q.Get("granularity"), s.cfg.Zone.String(), []item{}, next}
	for _, slot := range slots[first:last] {
		p.Items = append(p.Items, s.item(slot))
	}
	answer(w, p)
}

func (s *Server) item(slot energy.Interval) item {
	it := item{
		Start: slot.Start.In(s.cfg.Zone).Format(time.RFC3339), End: slot.End.In(s.cfg.Zone).Format(time.RFC3339),
		Currency: s.cfg.Currency, Quality: "missing",
	}
	used, isKnown := s.cfg.Used(slot)
	if !isKnown {
		return it
	}
	value, cost := float64(used/1000), s.cfg.Price.Of(used)
	if s.cfg.Unit == "therms" {
		value = float64(used / therm)
	}
	it.Value, it.Cost, it.Quality = &value, &cost, "actual"
	return it
}

// page is which part of a list is asked for, and the token of the next one. A token holds where it goes on and the seal
// of the question, so that with another question it is none.
func (s *Server) page(r *http.Request, count int) (first, last int, next string, isGood bool) {
	q := r.URL.Query()
	token := q.Get("pageToken")
	q.Del("pageToken")
	question := r.URL.Path + "?" + q.Encode()
	size := s.cfg.PageSize
	if asked, err := strconv.Atoi(q.Get("pageSize")); err == nil && asked > 0 {
		size = min(size, asked)
	}
	if token != "" {
		raw, err := base64.RawURLEncoding.DecodeString(token)
		at, sealed, _ := strings.Cut(string(raw), " ")
		first, _ = strconv.Atoi(at)
		if err != nil || sealed != s.sealed(first, question) || first > count {
			return 0, 0, "", false
		}
	}
	last = min(count, first+size)
	if last < count {
		next = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", last, s.sealed(last, question)))
	}
	return first, last, next, true
}

func (s *Server) sealed(at int, question string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return seal(s.pages, fmt.Sprint(at, " ", question))
}
