package digiwatt

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
)

// Onboarding is what a customer has told of the household.
type Onboarding struct {
	House struct {
		Type      string  `json:"type"`
		Dimension float64 `json:"dimesion"` // as the vendor spells it
		Province  string  `json:"province"`
	} `json:"house"`
	Residents struct {
		Adults   int `json:"adults"`
		Children int `json:"children"`
		Elderly  int `json:"elderlies"`
	} `json:"residents"`
	Appliances []Owned `json:"appliances"`
}

// Owned is how many there are of an appliance.
type Owned struct {
	Name     string `json:"appliance"`
	Quantity int    `json:"quantity"`
}

// presumed is what is taken for the appliances of a household that names none.
var presumed = []Owned{{"fridge", 1}, {"washingMachine", 1}, {"oven", 1}}

var italian = regexp.MustCompile(`^IT[0-9A-Z]+$`)

// User is who is paired with an account.
func (s *Server) User(account string) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, isPaired := s.users[account]
	return u, isPaired
}

// Onboarding is what is known of an account's household.
func (s *Server) Onboarding(account string) (Onboarding, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, isKnown := s.onboarded[account]
	o.Appliances = slices.Clone(o.Appliances)
	return o, isKnown
}

// pair takes a meter for an account; a second one replaces the first.
func (s *Server) pair(r *http.Request) (any, int) {
	var u User
	if json.NewDecoder(r.Body).Decode(&u) != nil || !italian.MatchString(u.POD) || u.Account == "" || u.Company == "" {
		return nil, http.StatusBadRequest
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.Account] = u
	return u, http.StatusOK
}

func (s *Server) onboard(r *http.Request) (any, int) {
	var o Onboarding
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields() // "dimension" among them
	if d.Decode(&o) != nil || o.House.Dimension <= 0 {
		return nil, http.StatusBadRequest
	}
	if len(o.Appliances) == 0 {
		o.Appliances = slices.Clone(presumed)
	}
	account := r.PathValue("account")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onboarded[account] = o
	return map[string]any{"account_number": account, "onboarding_data": o}, http.StatusOK
}
