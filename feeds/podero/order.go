package podero

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"hearth/feeds"
	"hearth/feeds/wire"
)

// Orders are the one thing that Podero can be told.
func (s *Source) Orders() []feeds.Order {
	return []feeds.Order{{
		Name: "contract", Help: "writes the home's import prices into the user's energy contract",
		IsStanding: s.cfg.IsStanding, Prepare: s.prepare,
	}}
}

// prepare builds the contract as it should be, and compares it with the one that is there.
func (s *Source) prepare(ctx context.Context, _ feeds.Settings, tariff feeds.Tariff) (feeds.Draft, error) {
	if s.cfg.Kind == "" {
		return feeds.Draft{}, feeds.Fail(feeds.Misconfigured, "kind: is needed to write a contract")
	}
	entries, err := s.cfg.entries(tariff.Import, s.client.Time())
	if err != nil {
		return feeds.Draft{}, err
	}
	if tariff.Import.Currency != s.cfg.Currency {
		return feeds.Draft{}, feeds.Fail(feeds.Misconfigured, "contract: the home's prices are in %q, its currency is %q", tariff.Import.Currency, s.cfg.Currency)
	}
	all, err := s.contracts(ctx)
	if err != nil {
		return feeds.Draft{}, err
	}
	old, isThere, err := s.cfg.target(all)
	if err != nil {
		return feeds.Draft{}, err
	}
	wanted := s.cfg.wanted(old, entries)
	if isThere && old.isSame(wanted) {
		return feeds.Draft{Text: fmt.Sprintf("contract %s is so already: %s", old.ID, wanted.inShort())}, nil
	}
	ask := s.write(wanted, isThere)
	return feeds.Draft{
		Text: fmt.Sprintf("%s %s\n%s", ask.Method, ask.URL.Redacted(), ask.Body),
		Send: func(ctx context.Context) (feeds.Table, error) { return s.send(ctx, ask, wanted) },
	}, nil
}

// target is the contract to change; false where there is none for the building. One that is for all buildings is
// changed only where no building is configured.
func (cfg Config) target(all []contract) (contract, bool, error) {
	ours := all
	if cfg.Building != "" {
		ours = of(all, cfg.Building)
	}
	if len(ours) == 0 {
		return contract{Building: cfg.Building}, false, nil
	}
	c, err := choose(ours, cfg.Building)
	if err == nil && !isUUID.MatchString(c.ID) {
		err = feeds.Fail(feeds.Temporary, "contract: has no id that could be written to: %q", feeds.OneLine(c.ID))
	}
	return c, err == nil, err
}

// wanted is a contract with what the configuration and the prices say, and for the rest as it was.
func (cfg Config) wanted(old contract, entries []price) contract {
	whole := true // what the home pays has fees and taxes in it
	c := old
	c.Fault = nil
	c.Kind, c.Currency, c.IsWhole, c.Prices = cfg.Kind, string(cfg.Currency), &whole, entries
	if cfg.Meter != "" {
		c.Meter = cfg.Meter
	}
	if cfg.Supplier != "" {
		c.Supplier = cfg.Supplier
	}
	return c
}

// isSame says that there is nothing to change from c to wanted.
func (c contract) isSame(wanted contract) bool {
	return c.Fault == nil && c.Kind == wanted.Kind && c.Meter == wanted.Meter && c.Supplier == wanted.Supplier && c.Currency == wanted.Currency &&
		strings.EqualFold(c.Building, wanted.Building) && c.IsWhole != nil && *c.IsWhole == *wanted.IsWhole && c.hold(wanted.Prices)
}

// layout writes the offset of UTC as the vendor's examples do.
const layout = "2006-01-02T15:04:05-07:00"

// written is an entry as it is sent.
type written struct {
	Price json.RawMessage `json:"price"`
	At    string          `json:"timestamp"`
}

// body is a contract as the reference spells it, or as the guide does. What is not known is left out.
func (c contract) body(isGuide bool, owner string) map[string]any {
	doc := map[string]any{"currency_energy_price": c.Currency, "energy_price_includes_external_components": *c.IsWhole}
	entries := make([]written, len(c.Prices))
	for i, p := range c.Prices {
		entries[i] = written{json.RawMessage(p.Value.String()), p.At.Format(layout)}
	}
	building := "building_id"
	if isGuide {
		building = "building"
		doc["energy_contract_type"], doc["energy_price"] = guideKinds[c.Kind], entries
	} else {
		doc["energy_contract_type"], doc["energy_prices"] = c.Kind, entries
	}
	for name, value := range map[string]string{building: c.Building, "meter_id": c.Meter, "supplier": c.Supplier, "owner": owner} {
		if value != "" {
			doc[name] = value
		}
	}
	return doc
}

// guideKinds are the kinds as the guide spells them.
var guideKinds = map[string]string{spotHourly: "Spot Hourly", monthly: "Monthly", yearly: "Yearly"}

// write is the request that makes a contract what is wanted.
func (s *Source) write(wanted contract, isThere bool) wire.Request {
	if isThere {
		return wire.PutJSON(s.contractsPlace(wanted.ID), wanted.body(s.cfg.IsGuide, ""))
	}
	owner := ""
	if s.cfg.IsGuide { // set when a contract is made, and never again
		owner = s.cfg.User
	}
	r := wire.PostJSON(s.contractsPlace(), wanted.body(s.cfg.IsGuide, owner))
	r.Good = []int{http.StatusOK, http.StatusCreated}
	return r
}

// send writes, and says where the vendor's answer differs from what was sent.
func (s *Source) send(ctx context.Context, ask wire.Request, wanted contract) (feeds.Table, error) {
	var doc document
	if err := s.client.JSON(ctx, ask, &doc); err != nil {
		return feeds.Table{}, err
	}
	got := doc.read()
	t := table([]contract{got})
	if !got.isSame(wanted) {
		t.Remarks = append(t.Remarks, "the vendor's answer differs from what was sent: "+wanted.inShort())
	}
	return t, nil
}

// inShort is what a contract says of prices.
func (c contract) inShort() string {
	switch {
	case c.Fault != nil:
		return c.Fault.Error()
	case len(c.Prices) == 0:
		return "no prices"
	}
	first, last := c.Prices[0], c.Prices[len(c.Prices)-1]
	if len(c.Prices) == 1 {
		if first.Value == nil {
			return "one price, which is not told"
		}
		return first.Value.String() + " " + feeds.OneLine(c.Currency) + "/kWh"
	}
	return fmt.Sprintf("%d prices from %s to %s", len(c.Prices), first.At.Format(time.RFC3339), last.At.Format(time.RFC3339))
}
