package podero

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// contract is what was understood of one. What is empty was not said.
type contract struct {
	ID, Building, Meter, Supplier string
	Kind                          string // as the reference spells it; one that nobody knows stays as it is
	Currency                      string
	IsWhole                       *bool // the price has fees and taxes in it; nil: not said
	Prices                        []price
	Fault                         error // it cannot be read; what is there of it serves to tell whose it is
}

// price is one entry.
type price struct {
	At    time.Time     // zero: not said
	Value *energy.Price // nil: not said
}

// document is a contract on the wire, in all spellings of the vendor's pages.
type document struct {
	ID         string  `json:"id"`
	Building   string  `json:"building"`
	BuildingID string  `json:"building_id"`
	Meter      string  `json:"meter_id"`
	Supplier   string  `json:"supplier"`
	Kind       string  `json:"energy_contract_type"`
	Currency   string  `json:"currency_energy_price"`
	IsWhole    *bool   `json:"energy_price_includes_external_components"`
	Prices     []entry `json:"energy_prices"`
	Price      []entry `json:"energy_price"`
}

type entry struct {
	Price *json.Number `json:"price"`
	At    string       `json:"timestamp"`
}

func readContracts(body []byte) ([]contract, error) {
	var docs []document
	if err := json.Unmarshal(body, &docs); err != nil {
		return nil, feeds.Fail(feeds.Temporary, "contracts: %w", err)
	}
	all := make([]contract, len(docs))
	for i, d := range docs {
		all[i] = d.read()
	}
	return all, nil
}

// read is what can be read. That of another building may be broken without harm.
func (d document) read() contract {
	c := contract{
		ID: d.ID, Building: d.Building, Meter: d.Meter, Supplier: d.Supplier, Currency: d.Currency, IsWhole: d.IsWhole,
		Kind: strings.ReplaceAll(strings.ToLower(strings.TrimSpace(d.Kind)), " ", "_"),
	}
	entries := d.Prices
	if len(entries) == 0 {
		entries = d.Price
	}
	c.Prices, c.Fault = readPrices(entries)
	switch {
	case d.Building == "":
		c.Building = d.BuildingID
	case d.BuildingID != "" && d.BuildingID != d.Building:
		c.Fault = fmt.Errorf("building is %q, building_id is %q", feeds.OneLine(d.Building), feeds.OneLine(d.BuildingID))
	}
	return c
}

// readPrices are the entries in order; the same twice is one.
func readPrices(entries []entry) ([]price, error) {
	var all []price
	for i, e := range entries {
		p, err := e.read()
		if err != nil {
			return nil, fmt.Errorf("price %d: %w", i, err)
		}
		if p.At.IsZero() && len(entries) > 1 {
			return nil, fmt.Errorf("price %d: has no timestamp, and is not the only one", i)
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b price) int { return a.At.Compare(b.At) })
	all = slices.CompactFunc(all, price.is)
	for i := 1; i < len(all); i++ {
		if at := all[i].At; at.Equal(all[i-1].At) {
			return nil, fmt.Errorf("two prices at %s", at.Format(time.RFC3339))
		}
	}
	return all, nil
}

// is says that two entries are one.
func (p price) is(o price) bool {
	return p.At.Equal(o.At) && (p.Value == nil) == (o.Value == nil) && (p.Value == nil || *p.Value == *o.Value)
}

// Contracts are made from the first to the last of these years. Some programs write 1970 for "ever since".
const firstYear, lastYear = 1970, 2199

func (e entry) read() (price, error) {
	var p price
	if e.At != "" {
		at, err := time.Parse(time.RFC3339, e.At)
		if err != nil {
			return price{}, fmt.Errorf("timestamp %q: must be a time with its offset", feeds.OneLine(e.At))
		}
		if p.At = at.UTC(); p.At.Year() < firstYear || p.At.Year() > lastYear {
			return price{}, fmt.Errorf("timestamp %q: is no time of a contract", feeds.OneLine(e.At))
		}
	}
	if e.Price != nil {
		value, err := feeds.PerKWh(*e.Price, 0)
		if err != nil {
			return price{}, err
		}
		p.Value = &value
	}
	return p, nil
}

// choose is the contract of a building, or one that is for all of the user's buildings; without a building, the only
// one that there is.
func choose(all []contract, building string) (contract, error) {
	if len(all) == 0 {
		return contract{}, feeds.Fail(feeds.NotYet, "contracts: the user has none")
	}
	ours := all
	if building != "" {
		if ours = of(all, building); len(ours) == 0 {
			ours = of(all, "")
		}
	}
	switch {
	case len(ours) == 0:
		return contract{}, feeds.Fail(feeds.Misconfigured, "building %q: has no contract; there are some for %s", building, buildings(all))
	case len(ours) > 1 && building == "":
		return contract{}, feeds.Fail(feeds.Misconfigured, "building: the user has %d contracts, one has to be named of %s", len(ours), buildings(all))
	case len(ours) > 1:
		return contract{}, feeds.Fail(feeds.Misconfigured, "building %q: has %d contracts", building, len(ours))
	}
	return ours[0], nil
}

func of(all []contract, building string) (found []contract) {
	for _, c := range all {
		if strings.EqualFold(c.Building, building) {
			found = append(found, c)
		}
	}
	return found
}

// buildings names those of some contracts.
func buildings(all []contract) string {
	var names []string
	for _, c := range all {
		name := "all buildings"
		if c.Building != "" {
			name = feeds.OneLine(c.Building)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}
