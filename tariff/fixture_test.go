package tariff

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"hearth/energy"

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// local is an instant by the wall clock: "2026-03-29 02:30".
func local(t testing.TB, z *time.Location, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, z)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func between(t testing.TB, z *time.Location, from, to string) energy.Interval {
	t.Helper()
	return energy.Interval{Start: local(t, z, from+" 00:00"), End: local(t, z, to+" 00:00")}
}

func price(s string) energy.Price {
	p, err := energy.ParseDecimalPrice(s)
	if err != nil {
		panic(err)
	}
	return p
}

func priceRef(s string) *energy.Price { p := price(s); return &p }

func date(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func decimal(s string) Decimal {
	d, err := ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return d
}

func amount(s string) energy.Money {
	m, err := energy.ParseDecimalMoney(s)
	if err != nil {
		panic(err)
	}
	return m
}

func clock(s string) Clock {
	c, err := ParseClock(s)
	if err != nil {
		panic(err)
	}
	return c
}

func rule(days Days, from, to, p string, months ...time.Month) Rule {
	return Rule{When{months, days, clock(from), clock(to)}, price(p)}
}

func fixed(name, p string) Component { return Component{Name: name, Fixed: priceRef(p)} }

// simple is a tariff of one version without VAT and export.
func simple(z *time.Location, components ...Component) Tariff {
	return Tariff{Zone: z, Currency: "EUR", Versions: []Version{{Import: Side{Components: components}}}}
}

func expand(t testing.TB, tariff Tariff, within energy.Interval, in Inputs) Prices {
	t.Helper()
	p, err := Expand(tariff, within, in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// draw writes a series on the wall clock, equal neighbours joined: "00:00 0.1|07:00 0.2".
func draw(s energy.Series[energy.Price], z *time.Location) string {
	out, last := "", energy.Point[energy.Price]{}
	for _, p := range s.Points {
		if out != "" && p.Value == last.Value && p.Start.Equal(last.End) {
			last = p
			continue
		}
		if out != "" && !p.Start.Equal(last.End) {
			out += "|" + last.End.In(z).Format("15:04") + " ?"
		}
		if out != "" {
			out += "|"
		}
		out += p.Start.In(z).Format("15:04") + " " + p.Value.String()
		last = p
	}
	return out
}

// series is prices of one length from a time on.
func series(start time.Time, step time.Duration, prices ...string) energy.Series[energy.Price] {
	var points []energy.Point[energy.Price]
	for i, p := range prices {
		if p != "?" {
			points = append(points, energy.Point[energy.Price]{Interval: energy.Span(start.Add(time.Duration(i)*step), step), Value: price(p)})
		}
	}
	return energy.Series[energy.Price]{Currency: "EUR", Points: points}
}

// Around these days the clock changes, the year ends or Easter moves.
var strange = []struct{ zone, day string }{
	{"Europe/Rome", "2026-03-29"}, {"Europe/Rome", "2026-10-25"}, {"Europe/Rome", "2026-04-06"},
	{"Europe/Berlin", "2026-03-29"}, {"Europe/Berlin", "2026-10-25"}, {"Europe/Berlin", "2026-12-31"},
	{"America/Los_Angeles", "2026-03-08"}, {"America/Los_Angeles", "2026-11-01"},
	{"Australia/Sydney", "2026-04-05"}, {"Australia/Sydney", "2026-10-04"},
	{"Australia/Lord_Howe", "2026-04-05"}, {"America/Havana", "2026-11-01"}, {"America/Santiago", "2026-09-06"},
}

func drawPrice(t *rapid.T) energy.Price {
	return energy.Price(rapid.Int64Range(-2e12, 2e12).Draw(t, "price"))
}

func drawWhen(t *rapid.T) When {
	edges := []Clock{0, 30, 60, 90, 120, 121, 150, 180, 7 * 60, 12*60 + 15, 22 * 60, 23*60 + 59}
	w := When{From: rapid.SampledFrom(edges).Draw(t, "from"), To: rapid.SampledFrom(append(slices.Clone(edges), endOfDay)).Draw(t, "to")}
	if w.From == w.To {
		w.To = endOfDay
	}
	w.Days = Days(rapid.SampledFrom([]int{0, 0, 31, 96, 128, 255, 127, 64}).Draw(t, "days"))
	if rapid.IntRange(0, 3).Draw(t, "seasons") == 0 {
		first := rapid.IntRange(1, 12).Draw(t, "month")
		w.Months = []time.Month{time.Month(first), time.Month(first%12 + 1)}
	}
	return w
}

func drawComponent(t *rapid.T, name string) Component {
	c := Component{Name: name, VAT: rapid.SampledFrom([]VATRule{Added, Added, Included, Exempt}).Draw(t, "vat")}
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		c.Spot = &Spot{Source: "spot", Factor: Decimal(rapid.Int64Range(-2e9, 2e9).Draw(t, "factor")), Adder: drawPrice(t)}
		if rapid.Bool().Draw(t, "hasFloor") {
			floor := drawPrice(t)
			c.Spot.Floor = &floor
		}
	case 1:
		c.Bands = &Bands{"f1-f2-f3", map[string]energy.Price{"F1": drawPrice(t), "F2": drawPrice(t), "F3": drawPrice(t)}}
	case 2:
		for range rapid.IntRange(0, 4).Draw(t, "rules") {
			c.TimeOfUse = append(c.TimeOfUse, Rule{drawWhen(t), drawPrice(t)})
		}
		c.TimeOfUse = append(c.TimeOfUse, Rule{When{Days: 255, To: endOfDay}, drawPrice(t)})
	case 3:
		c.Tiers = []Tier{{100_000, drawPrice(t)}, {250_000, drawPrice(t)}, {0, drawPrice(t)}}
	case 4:
		c.Standing = &Standing{rapid.SampledFrom([]Period{PerDay, PerMonth, PerYear}).Draw(t, "per"), energy.Money(rapid.Int64Range(-1e11, 1e11).Draw(t, "amount"))}
	default:
		p := drawPrice(t)
		c.Fixed = &p
	}
	return c
}

func drawSide(t *rapid.T) Side {
	s := Side{VAT: Decimal(rapid.Int64Range(0, int64(One)).Draw(t, "rate"))}
	for i := range rapid.IntRange(1, 4).Draw(t, "components") {
		s.Components = append(s.Components, drawComponent(t, fmt.Sprint("c", i)))
	}
	return s
}

// drawTariff is a tariff around a strange day, whose version may change there, and the day. Rules that
// never hold are dropped, since Validate refuses them.
func drawTariff(t *rapid.T) (Tariff, Date) {
	s := rapid.SampledFrom(strange).Draw(t, "where")
	z, err := time.LoadLocation(s.zone)
	if err != nil {
		t.Fatal(err)
	}
	d := date(s.day)
	first := Version{Import: drawSide(t)}
	if rapid.Bool().Draw(t, "exports") {
		side := drawSide(t)
		first.Export = &side
	}
	out := Tariff{Zone: z, Currency: "EUR", Versions: []Version{first}}
	if rapid.Bool().Draw(t, "changes") {
		out.Versions[0].Until = d
		out.Versions = append(out.Versions, Version{From: d.plus(rapid.IntRange(0, 1).Draw(t, "pause")), Import: drawSide(t)})
	}
	out.Holidays.Own = []Date{d.plus(rapid.IntRange(-1, 1).Draw(t, "holiday")), date("12-25")}
	for i := range out.Versions {
		v := &out.Versions[i]
		prune(&v.Import)
		if v.Export != nil {
			prune(v.Export)
		}
	}
	return out, d
}

func prune(s *Side) {
	for i := range s.Components {
		c := &s.Components[i]
		for {
			whens := make([]When, len(c.TimeOfUse))
			for k, r := range c.TimeOfUse {
				whens[k] = r.When
			}
			_, used := scan(whens, true)
			unused := slices.Index(used, false)
			if unused < 0 {
				break
			}
			c.TimeOfUse = slices.Delete(c.TimeOfUse, unused, unused+1)
		}
	}
}

// drawInputs knows most spot prices of the days around, and perhaps what was used.
func drawInputs(t *rapid.T, z *time.Location, d Date) Inputs {
	start, in := d.plus(-3).start(z), Inputs{Spot: map[string]energy.Series[energy.Price]{}}
	step := time.Duration(rapid.SampledFrom([]int{15, 30, 60, 45}).Draw(t, "step")) * time.Minute
	firm := []*energy.Origin{nil, {Source: "a", Status: energy.Final}, {Source: "b", Status: energy.Forecast}}
	var points []energy.Point[energy.Price]
	hole := rapid.IntRange(0, 400).Draw(t, "hole")
	for i := range int(7 * 24 * time.Hour / step) {
		if i < hole || i > hole+3 {
			points = append(points, energy.Point[energy.Price]{Interval: energy.Span(start.Add(time.Duration(i)*step), step), Value: energy.Price(i%7-3) * 1e11, Origin: firm[i%3]})
		}
	}
	in.Spot["spot"] = energy.Series[energy.Price]{Currency: "EUR", Points: points}
	if rapid.IntRange(0, 3).Draw(t, "metered") > 0 {
		in.Imported = energy.Read(energy.WattHours(rapid.IntRange(0, 400_000).Draw(t, "used")), d.start(z))
		in.Exported = energy.Read(energy.WattHours(-rapid.IntRange(0, 400_000).Draw(t, "given")), d.start(z))
	}
	return in
}
