package tariff

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"sort"
	"time"

	"hearth/energy"
)

// Inputs is what the rules need to know of the world.
type Inputs struct {
	Spot map[string]energy.Series[energy.Price] // by source; one that is missing is not known

	// What was used since the local month of At began, for tiers; what is given is < 0.
	Imported, Exported energy.Reading[energy.WattHours]
}

// Prices is what a kWh costs and what one earns, per kWh with VAT.
type Prices struct{ Import, Export energy.Series[energy.Price] }

// Expand lays the tariff out over the interval. Points end wherever a component may change, and at local
// midnight; neighbours may be equal. The origin is that of the loosest spot price, and none without spot.
func Expand(t Tariff, within energy.Interval, in Inputs) (Prices, error) {
	x, err := newExpander(&t, within, in.Spot)
	if err != nil {
		return Prices{}, err
	}
	imports, err := x.prices(within, in.Imported, func(v *Version) *Side { return &v.Import })
	if err != nil {
		return Prices{}, fmt.Errorf("import price %w", err)
	}
	exports, err := x.prices(within, in.Exported, func(v *Version) *Side { return v.Export })
	if err != nil {
		return Prices{}, fmt.Errorf("export price %w", err)
	}
	return Prices{imports, exports}, nil
}

type expander struct {
	walker
	tariff   *Tariff
	versions []*Version // by date
	spot     map[string]energy.Series[energy.Price]
}

func newExpander(t *Tariff, within energy.Interval, spot map[string]energy.Series[energy.Price]) (*expander, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	var f faults
	checkSpan(&f, within)
	for name, s := range spot {
		if err := s.Validate(); err != nil {
			f.add("spot "+name, "%v", err)
		} else if s.Currency != t.Currency && len(s.Points) > 0 {
			f.add("spot "+name, "in %q, the tariff in %q", s.Currency, t.Currency)
		}
	}
	x := &expander{walker: walker{t.Zone, newCalendar(&t.Holidays)}, tariff: t, spot: spot}
	for i := range t.Versions {
		x.versions = append(x.versions, &t.Versions[i])
	}
	slices.SortStableFunc(x.versions, func(a, b *Version) int { return a.From.compare(b.From) })
	return x, f.err()
}

func (x *expander) prices(within energy.Interval, used energy.Reading[energy.WattHours], side func(*Version) *Side) (energy.Series[energy.Price], error) {
	var points []energy.Point[energy.Price]
	var sum total
	var err error
	usedIn := dateOf(used.At.In(x.zone)).firstOfMonth()
	for _, v := range x.versions {
		s := side(v)
		if s == nil {
			continue
		}
		x.pieces(s, v.valid(within, x.zone), func(p *piece) bool {
			if !p.isKnown {
				return true
			}
			sum.reset()
			for i := range s.Components {
				c := &s.Components[i]
				if c.Tiers != nil {
					order := p.month.compare(usedIn)
					if !used.Valid || order < 0 {
						return true
					}
					exactly(&p.values[i], tierOf(c.Tiers, used.Value, order > 0))
				}
				sum.add(&p.values[i], c.VAT)
			}
			point := energy.Point[energy.Price]{Interval: p.Interval, Origin: p.origin}
			if point.Value, err = sum.price(s.VAT); err != nil {
				err = fmt.Errorf("at %v: %w", p.Start, err)
				return false
			}
			points = append(points, point)
			return true
		})
		if err != nil {
			return energy.Series[energy.Price]{}, err
		}
	}
	return energy.NewSeries(x.tariff.Currency, points)
}

// tierOf is the price of the next kWh.
func tierOf(tiers []Tier, used energy.WattHours, isNewMonth bool) energy.Price {
	for _, tier := range tiers[:len(tiers)-1] {
		if isNewMonth || math.Abs(float64(used)) < float64(tier.UpTo) {
			return tier.Price
		}
	}
	return tiers[len(tiers)-1].Price
}

// A piece is a stretch in which no component changes. It is reused; visitors keep nothing of it.
type piece struct {
	energy.Interval
	values  []big.Int // one for each component, in the steps of a total; 0 for tiers and standing charges
	isKnown bool      // every spot price is
	origin  *energy.Origin
	month   Date
}

// pieces visits the interval piece by piece, in order, until the visitor says false.
func (x *expander) pieces(s *Side, within energy.Interval, visit func(*piece) bool) {
	tables := make([]timetable, len(s.Components))
	cursors := make([]*cursor, len(s.Components))
	p := piece{values: make([]big.Int, len(s.Components))}
	for i, c := range s.Components {
		switch {
		case c.Bands != nil:
			tables[i] = bandTable(c.Bands.Calendar)
		case c.TimeOfUse != nil:
			whens := make([]When, len(c.TimeOfUse))
			for k, r := range c.TimeOfUse {
				whens[k] = r.When
			}
			tables[i] = newTimetable(whens)
		case c.Fixed != nil:
			exactly(&p.values[i], *c.Fixed)
		case c.Spot != nil:
			cursors[i] = newCursor(x.spot[c.Spot.Source].Points, within.Start)
		}
	}
	x.walk(within, cuts(tables...), func(at energy.Interval, before, today day, clock Clock) bool {
		p.month = today.date.firstOfMonth()
		for i, c := range s.Components {
			switch {
			case c.Bands != nil:
				name := bandCalendars[c.Bands.Calendar][tables[i].pick(before, today, clock)].name
				exactly(&p.values[i], c.Bands.Prices[name])
			case c.TimeOfUse != nil:
				exactly(&p.values[i], c.TimeOfUse[tables[i].pick(before, today, clock)].Price)
			}
		}
		for p.End = at.Start; p.End.Before(at.End); {
			p.Interval = energy.Interval{Start: p.End, End: at.End}
			p.fill(s, cursors)
			if !visit(&p) {
				return false
			}
		}
		return true
	})
}

// fill sets the values of spot and cuts the piece where one of them ends or begins.
func (p *piece) fill(s *Side, cursors []*cursor) {
	p.isKnown, p.origin = true, nil
	for i, c := range cursors {
		if c == nil {
			continue
		}
		point, until := c.at(p.Start)
		if !until.IsZero() && until.Before(p.End) {
			p.End = until
		}
		if point == nil {
			p.isKnown = false
			continue
		}
		s.Components[i].Spot.of(&p.values[i], point.Value)
		if o := point.Origin; o != nil && (p.origin == nil || looseness(o.Status) > looseness(p.origin.Status)) {
			p.origin = o
		}
	}
}

func looseness(s energy.Status) int {
	return slices.Index([]energy.Status{"", energy.Final, energy.Preliminary, energy.Forecast, energy.Assumed}, s)
}

// A cursor walks a series forwards.
type cursor struct {
	points []energy.Point[energy.Price]
}

func newCursor(points []energy.Point[energy.Price], from time.Time) *cursor {
	first := sort.Search(len(points), func(i int) bool { return points[i].End.After(from) })
	return &cursor{points[first:]}
}

// at is the point that holds, if any, and until when that is so; zero: for good.
func (c *cursor) at(t time.Time) (*energy.Point[energy.Price], time.Time) {
	for len(c.points) > 0 && !c.points[0].End.After(t) {
		c.points = c.points[1:]
	}
	switch {
	case len(c.points) == 0:
		return nil, time.Time{}
	case c.points[0].Start.After(t):
		return nil, c.points[0].Start
	default:
		return &c.points[0], c.points[0].End
	}
}
