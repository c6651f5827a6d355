package energygrid

import (
	"encoding/json"
	"net/http"

	"hearth/energy"
)

func (s *Server) getBudget(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	b := s.budget
	s.mu.Unlock()
	answer(w, b)
}

// putBudget sets the amount of the period that is.
func (s *Server) putBudget(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Period   string          `json:"period"`
		Amount   *energy.Money   `json:"amount"`
		Currency energy.Currency `json:"currency"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&asked)
	s.mu.Lock()
	b := s.budget
	s.mu.Unlock()
	switch {
	case err != nil || r.Header.Get("Content-Type") != "application/json":
		refuse(w, r, http.StatusBadRequest, "a budget is a JSON document")
		return
	case asked.Amount == nil || *asked.Amount < 0:
		refuse(w, r, http.StatusUnprocessableEntity, "amount must be zero or more")
		return
	case asked.Currency != b.Currency:
		refuse(w, r, http.StatusUnprocessableEntity, "currency must be the billing currency, "+string(b.Currency))
		return
	case asked.Period != b.Period:
		refuse(w, r, http.StatusUnprocessableEntity, "period must be the present one, "+b.Period)
		return
	}
	b.Amount = asked.Amount
	s.mu.Lock()
	s.budget = b
	s.writes++
	s.mu.Unlock()
	answer(w, b)
}

// insights are a list, and so they come in pages.
func (s *Server) insights(w http.ResponseWriter, r *http.Request) {
	first, last, next, isGood := s.page(r, len(s.cfg.Insights))
	if !isGood {
		refuse(w, r, http.StatusBadRequest, "pageToken is not one of this question, or has become stale")
		return
	}
	items := append([]Insight{}, s.cfg.Insights[first:last]...)
	answer(w, struct {
		Items []Insight `json:"items"`
		Next  string    `json:"nextPageToken,omitempty"`
	}{items, next})
}
