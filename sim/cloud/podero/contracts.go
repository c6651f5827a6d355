package podero

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"
	"unicode/utf8"
)

// asked is a contract as it is sent, in both spellings.
type asked struct {
	BuildingID *string  `json:"building_id"`
	Building   *string  `json:"building"`
	Owner      *string  `json:"owner"`
	Meter      *string  `json:"meter_id"`
	Supplier   *string  `json:"supplier"`
	Kind       *string  `json:"energy_contract_type"`
	Currency   *string  `json:"currency_energy_price"`
	IsWhole    *bool    `json:"energy_price_includes_external_components"`
	Prices     *[]Price `json:"energy_prices"`
	Price      *[]Price `json:"energy_price"`
}

// guide are the kinds as the guide spells them.
var guide = map[string]string{"spot_hourly": "Spot Hourly", "monthly": "Monthly", "yearly": "Yearly"}

var isCode = regexp.MustCompile(`^[A-Z]{3}$`)

func (s *Server) list(w http.ResponseWriter, _ *http.Request) {
	all := []map[string]any{}
	for _, c := range s.Contracts() {
		all = append(all, s.told(c))
	}
	answer(w, http.StatusOK, all)
}

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	c, err := s.read(w, r, true)
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	c.ID = newID()
	s.mu.Lock()
	s.contracts = append(s.contracts, c)
	s.writes++
	s.mu.Unlock()
	answer(w, http.StatusOK, s.told(c))
}

func (s *Server) update(w http.ResponseWriter, r *http.Request) {
	c, err := s.read(w, r, false)
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	c.ID = r.PathValue("id")
	s.mu.Lock()
	isThere := false
	for i := range s.contracts {
		if s.contracts[i].ID == c.ID {
			s.contracts[i], isThere = c, true
			s.writes++
		}
	}
	s.mu.Unlock()
	if !isThere {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	answer(w, http.StatusOK, s.told(c))
}

// read is what was sent, in the spelling that the server has; members of the other one are not known to it.
func (s *Server) read(w http.ResponseWriter, r *http.Request, isNew bool) (Contract, error) {
	var a asked
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&a); err != nil || r.Header.Get("Content-Type") != "application/json" {
		return Contract{}, errors.New("a contract is a JSON document")
	}
	building, prices := a.BuildingID, a.Prices
	if s.cfg.IsGuide {
		building, prices = a.Building, a.Price
		if isNew && text(a.Owner) != s.cfg.User {
			return Contract{}, errors.New("owner: field required")
		}
	}
	c := Contract{Building: text(building), Meter: text(a.Meter), Supplier: text(a.Supplier), Currency: text(a.Currency), IsWhole: a.IsWhole}
	if prices != nil {
		c.Prices = *prices
	}
	if a.Kind != nil {
		for kind, title := range guide {
			if s.cfg.IsGuide && *a.Kind == title || !s.cfg.IsGuide && *a.Kind == kind {
				c.Kind = kind
			}
		}
		if c.Kind == "" {
			return Contract{}, fmt.Errorf("energy_contract_type: %q is not a valid choice", *a.Kind)
		}
	}
	return c, c.check()
}

// check is what the vendor refuses.
func (c Contract) check() error {
	switch {
	case utf8.RuneCountInString(c.Meter) > 19:
		return errors.New("meter_id: ensure this value has at most 19 characters")
	case utf8.RuneCountInString(c.Supplier) > 100:
		return errors.New("supplier: ensure this value has at most 100 characters")
	case len(c.Prices) > 0 && !isCode.MatchString(c.Currency):
		return errors.New("currency_energy_price: required when prices are given")
	}
	last := time.Time{}
	for i, p := range c.Prices {
		at, err := time.Parse(time.RFC3339, p.At)
		if err != nil || p.Price == "" || !at.After(last) {
			return fmt.Errorf("prices: %d: must be a price and a later timestamp", i)
		}
		last = at
	}
	return nil
}

// told is a contract in the server's spelling.
func (s *Server) told(c Contract) map[string]any {
	prices := append([]Price{}, c.Prices...)
	doc := map[string]any{
		"id": c.ID, "building": orNull(c.Building), "meter_id": orNull(c.Meter), "supplier": orNull(c.Supplier),
		"currency_energy_price": orNull(c.Currency), "energy_price_includes_external_components": c.IsWhole,
	}
	if s.cfg.IsGuide {
		doc["owner"], doc["energy_contract_type"], doc["energy_price"] = s.cfg.User, orNull(guide[c.Kind]), prices
		return doc
	}
	doc["energy_contract_type"], doc["energy_prices"] = orNull(c.Kind), prices
	return doc
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
