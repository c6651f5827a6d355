package tariff

import (
	"math"
	"strings"
	"testing"
	"time"

	"hearth/energy"

	"pgregory.net/rapid"
)

// metered is one value for each step.
func metered(start time.Time, step time.Duration, values ...energy.WattHours) energy.Series[energy.WattHours] {
	var points []energy.Point[energy.WattHours]
	for i, v := range values {
		if !math.IsNaN(float64(v)) {
			points = append(points, energy.Point[energy.WattHours]{Interval: energy.Span(start.Add(time.Duration(i)*step), step), Value: v})
		}
	}
	return energy.Series[energy.WattHours]{Points: points}
}

func bill(t testing.TB, tariff Tariff, within energy.Interval, in Usage) Account {
	t.Helper()
	a, err := Bill(tariff, within, in)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func checkLine(t *testing.T, l Line, side, component string, e energy.WattHours, net, vat string) {
	t.Helper()
	if l.Side != side || l.Component != component || l.Energy != e || l.Net != amount(net) || l.VAT != amount(vat) {
		t.Errorf("%s %s: %v, %v + %v; want %s %s: %v, %s + %s", l.Side, l.Component, l.Energy, l.Net, l.VAT, side, component, e, net, vat)
	}
}

func TestBill_LineByLine(t *testing.T) {
	z := zone(t, "Europe/Rome")
	day := between(t, z, "2026-02-10", "2026-02-11")
	tariff := simple(z,
		Component{Name: "spot", Spot: &Spot{Source: "x", Factor: One}},
		Component{Name: "grid", VAT: Included, Fixed: priceRef("0.11")},
		Component{Name: "levy", VAT: Exempt, Fixed: priceRef("0.02")},
		Component{Name: "month", Standing: &Standing{PerMonth, amount("28")}},
		Component{Name: "year", Standing: &Standing{PerYear, amount("36.5")}},
		Component{Name: "day", VAT: Exempt, Standing: &Standing{PerDay, amount("0.5")}})
	tariff.Versions[0].Import.VAT = decimal("0.1")
	tariff.Versions[0].Export = &Side{Components: []Component{fixed("feed in", "0.08")}}
	a := bill(t, tariff, day, Usage{
		Spot:   map[string]energy.Series[energy.Price]{"x": series(day.Start, 12*time.Hour, "-0.1", "0.3")},
		Import: metered(day.Start, 12*time.Hour, 2000, 4000),
		Export: metered(day.Start, 12*time.Hour, 0, -5000),
	})
	checkLine(t, a.Lines[0], "import", "spot", 6000, "1", "0.1")
	checkLine(t, a.Lines[1], "import", "grid", 6000, "0.6", "0.06")
	checkLine(t, a.Lines[2], "import", "levy", 6000, "0.12", "0")
	checkLine(t, a.Lines[3], "import", "month", 0, "1", "0.1")
	checkLine(t, a.Lines[4], "import", "year", 0, "0.1", "0.01")
	checkLine(t, a.Lines[5], "import", "day", 0, "0.5", "0")
	checkLine(t, a.Lines[6], "export", "feed in", -5000, "-0.4", "0") // earned
	if a.Total != amount("3.19") || a.Currency != "EUR" || len(a.Lines) != 7 {
		t.Errorf("%v %s, %d lines", a.Total, a.Currency, len(a.Lines))
	}
	if a.Import.Energy != 6000 || a.Import.Unpriced != 0 || a.Import.Unmetered != nil {
		t.Errorf("%+v", a.Import)
	}
}

func TestBill_SplitsTiersAtTheirLimitAndBeginsAnewEachMonth(t *testing.T) {
	z := zone(t, "Europe/Rome")
	tariff := simple(z, Component{Name: "t", Tiers: []Tier{{100_000, price("0.1")}, {150_000, price("0.2")}, {0, price("0.4")}}})
	at := energy.Interval{Start: local(t, z, "2026-05-31 00:00"), End: local(t, z, "2026-06-02 00:00")}
	a := bill(t, tariff, at, Usage{ImportedBefore: 90_000, Import: metered(at.Start, 24*time.Hour, 80_000, 110_000)})
	// 10 kWh at 0.1, 50 at 0.2 and 20 at 0.4; then 100 at 0.1 and 10 at 0.2.
	checkLine(t, a.Lines[0], "import", "t", 190_000, "31", "0")
	exporting := tariff
	exporting.Versions = []Version{{Import: Side{Components: []Component{fixed("a", "0")}}, Export: &tariff.Versions[0].Import}}
	a = bill(t, exporting, at, Usage{ExportedBefore: -90_000, Export: metered(at.Start, 24*time.Hour, -80_000, -110_000)})
	checkLine(t, a.Lines[1], "export", "t", -190_000, "-31", "0")
}

func TestBill_TellsWhatItCouldNotPrice(t *testing.T) {
	z := zone(t, "Europe/Rome")
	day := between(t, z, "2026-05-12", "2026-05-13")
	tariff := simple(z, Component{Name: "spot", Spot: &Spot{Source: "x", Factor: One}}, fixed("grid", "0.1"))
	a := bill(t, tariff, day, Usage{
		Spot:   map[string]energy.Series[energy.Price]{"x": series(day.Start, 6*time.Hour, "0.1", "?", "0.2", "0.3")},
		Import: metered(day.Start, 6*time.Hour, 1000, 1000, 1000, energy.WattHours(math.NaN())),
	})
	checkLine(t, a.Lines[0], "import", "spot", 2000, "0.3", "0")
	checkLine(t, a.Lines[1], "import", "grid", 2000, "0.2", "0")
	if a.Import.Energy != 3000 || a.Import.Unpriced != 1000 || len(a.Import.Unmetered) != 1 || len(a.Export.Unmetered) != 1 {
		t.Errorf("%+v", a.Import)
	}
	// Nor does a bill price what no version is valid for.
	tariff = simple(z, fixed("a", "1"))
	tariff.Versions[0].From = date("2026-05-13")
	if a = bill(t, tariff, day, Usage{Import: metered(day.Start, 24*time.Hour, 1000)}); a.Import.Unpriced != 1000 || len(a.Lines) != 0 {
		t.Errorf("%+v", a)
	}
}

func TestBill_StandingChargesOfAYearAreThoseOfTheYear(t *testing.T) {
	for _, s := range strange {
		z := zone(t, s.zone)
		tariff := simple(z,
			Component{Name: "d", Standing: &Standing{PerDay, amount("0.1")}},
			Component{Name: "m", Standing: &Standing{PerMonth, amount("7.77")}},
			Component{Name: "y", Standing: &Standing{PerYear, amount("99.99")}})
		year := energy.Interval{Start: date("2028-01-01").start(z), End: date("2029-01-01").start(z)}
		a := bill(t, tariff, year, Usage{})
		checkLine(t, a.Lines[0], "import", "d", 0, "36.6", "0") // a leap year
		checkLine(t, a.Lines[1], "import", "m", 0, "93.24", "0")
		checkLine(t, a.Lines[2], "import", "y", 0, "99.99", "0")
	}
}

func TestBill_RefusesWhatCannotBe(t *testing.T) {
	z := zone(t, "Europe/Rome")
	day := between(t, z, "2026-05-12", "2026-05-13")
	dear := simple(z, fixed("a", "9000000"))
	for want, in := range map[string]Usage{
		"import: energy at ":             {Import: metered(day.Start, time.Hour, -1)},
		"export: energy at ":             {Export: metered(day.Start, time.Hour, 1)},
		"bill import a: out of range":    {Import: metered(day.Start, time.Hour, 8e12)},
		"energy before: ":                {ImportedBefore: energy.WattHours(math.Inf(1))},
		"spot x: in \"\", the tariff in": {Spot: map[string]energy.Series[energy.Price]{"x": {Points: series(day.Start, time.Hour, "1").Points}}},
	} {
		if _, err := Bill(dear, day, in); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// What is metered in each piece of an expansion, times its price, is the bill.
func TestBill_IsWhatTheExpandedPricesComeTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tariff, d := drawTariff(t)
		for i := range tariff.Versions {
			for _, s := range []*Side{&tariff.Versions[i].Import, tariff.Versions[i].Export} {
				if s == nil {
					continue
				}
				for k, c := range s.Components {
					if c.Tiers != nil || c.Standing != nil {
						s.Components[k] = Component{Name: c.Name, Fixed: priceRef("0.1")}
					}
				}
			}
		}
		in := drawInputs(t, tariff.Zone, d)
		within := energy.Interval{Start: d.plus(-1).start(tariff.Zone), End: d.plus(2).start(tariff.Zone)}
		usage := Usage{Spot: in.Spot}
		for at := within.Start; at.Before(within.End); at = at.Add(15 * time.Minute) {
			e := energy.WattHours(rapid.IntRange(0, 5000).Draw(t, "e"))
			usage.Import.Points = append(usage.Import.Points, energy.Point[energy.WattHours]{Interval: energy.Span(at, 15*time.Minute), Value: e})
			usage.Export.Points = append(usage.Export.Points, energy.Point[energy.WattHours]{Interval: energy.Span(at, 15*time.Minute), Value: -e / 2})
		}
		a, err := Bill(tariff, within, usage)
		if err != nil {
			t.Fatal(err)
		}
		prices, err := Expand(tariff, within, in)
		if err != nil {
			t.Fatal(err)
		}
		want := 0.0
		for _, p := range usage.Import.Points {
			for _, q := range prices.Import.Slice(p.Interval).Points {
				want += q.Value.Float() * float64(p.Value) / 1000 * float64(q.Length()) / float64(15*time.Minute)
			}
			for _, q := range prices.Export.Slice(p.Interval).Points {
				want -= q.Value.Float() * float64(p.Value) / 2000 * float64(q.Length()) / float64(15*time.Minute)
			}
		}
		if math.Abs(a.Total.Float()-want) > 1e-5 {
			t.Fatalf("%v, by prices %v", a.Total, want)
		}
		sum := energy.Money(0)
		for _, l := range a.Lines {
			sum += l.Gross()
		}
		if sum != a.Total {
			t.Fatalf("lines come to %v, the total is %v", sum, a.Total)
		}
	})
}

func TestMeter_PartsAddUpToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC)
		e := energy.WattHours(rapid.Float64Range(0, 1e9).Draw(t, "e"))
		s := metered(start, time.Hour, e)
		cut := start.Add(time.Duration(rapid.Int64Range(1, int64(time.Hour)-1).Draw(t, "cut")))
		m, _ := newMeter(s, 1)
		first, _ := m.in(energy.Interval{Start: start, End: cut})
		second, isWhole := m.in(energy.Interval{Start: cut, End: start.Add(time.Hour)})
		if first+second != micro(e) || !isWhole {
			t.Fatalf("%d + %d is not %d", first, second, micro(e))
		}
		if _, isWhole := m.in(energy.Interval{Start: cut, End: start.Add(2 * time.Hour)}); isWhole {
			t.Fatal("metered beyond its end")
		}
	})
}
