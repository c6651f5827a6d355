package tariff

import (
	"slices"
	"time"

	"hearth/energy"
)

// Tariff is the rules for one connection. It is never changed after it was made.
type Tariff struct {
	Zone     *time.Location // of the wall clock the rules speak of; required
	Currency energy.Currency
	Holidays Holidays
	Versions []Version // in any order; none may overlap another
}

// Version is the rules between two dates, [From, Until); a zero date is open. Where no version is valid
// there is no price.
type Version struct {
	From, Until Date
	Import      Side
	Export      *Side // nil: what is given earns nothing, and has no price
	Peaks       []Peak
}

// Side is the price of one direction. An export price > 0 earns.
type Side struct {
	VAT        Decimal // on every component that neither includes it nor is exempt; 0.22 is 22 %
	Components []Component
}

// VATRule says how a component meets VAT.
type VATRule string

// The VAT rules. With the zero value VAT comes on top.
const (
	Added    VATRule = ""
	Included VATRule = "included"
	Exempt   VATRule = "exempt"
)

// Component is one part of a price; exactly one of the kinds below Name and VAT is set.
type Component struct {
	Name string // unique within its side
	VAT  VATRule

	Spot      *Spot
	Bands     *Bands
	TimeOfUse []Rule // the first that matches holds; together they must leave no gap
	Tiers     []Tier // from the first kWh of a local month; at least two
	Fixed     *energy.Price
	Standing  *Standing
}

// Spot is a published price: Factor times it, plus Adder.
type Spot struct {
	Source string // names a series of Inputs
	Factor Decimal
	Adder  energy.Price
	Floor  *energy.Price // least value of the component, after factor and adder; nil: it may be negative
}

// Bands is a price for each band of a calendar.
type Bands struct {
	Calendar string // one of BandCalendars
	Prices   map[string]energy.Price
}

// Rule is a price that holds at certain times.
type Rule struct {
	When
	Price energy.Price
}

// Tier is the price of energy up to a limit since the month began; the last one has no limit.
type Tier struct {
	UpTo  energy.WattHours
	Price energy.Price
}

// Standing is a charge for being connected. It is never part of a price.
type Standing struct {
	Per    Period
	Amount energy.Money
}

// Period is what a standing charge is for: a local day, month or year.
type Period string

// The periods.
const (
	PerDay   Period = "day"
	PerMonth Period = "month"
	PerYear  Period = "year"
)

// Sources names the spot prices that the rules ask for, each once.
func (t *Tariff) Sources() []string {
	var names []string
	for _, v := range t.Versions {
		sides := []Side{v.Import}
		if v.Export != nil {
			sides = append(sides, *v.Export)
		}
		for _, s := range sides {
			for _, c := range s.Components {
				if c.Spot != nil && !slices.Contains(names, c.Spot.Source) {
					names = append(names, c.Spot.Source)
				}
			}
		}
	}
	return names
}

// At is the tariff with the version only that holds at t.
func (t *Tariff) At(at time.Time) Tariff {
	out := *t
	out.Versions = nil
	for i := range t.Versions {
		if t.Versions[i].valid(energy.Span(at, 1), t.Zone).Contains(at) {
			out.Versions = append(out.Versions, t.Versions[i])
		}
	}
	return out
}
