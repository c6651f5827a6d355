package market

import (
	"testing"
	"time"

	"hearth/energy"
)

// everyDay calls f for each day of a year of each place.
func everyDay(t *testing.T, f func(m Market, d Day)) {
	t.Helper()
	for _, p := range Places {
		zone, err := time.LoadLocation(p.Zone)
		if err != nil {
			t.Fatal(err)
		}
		m := New(1, zone, p)
		for i := range 365 {
			f(m, m.Day(time.Date(2026, 1, 1+i, 12, 0, 0, 0, zone)))
		}
	}
}

func TestPlace_ImportCostsMoreThanExportEarns(t *testing.T) {
	everyDay(t, func(m Market, d Day) {
		for i, p := range d.Import.Points {
			if p.Value <= d.Export.Points[i].Value || p.Value > energy.PriceOf(0.6) {
				t.Fatalf("%s: at %v import costs %v, export earns %v", m.Place().Name, p.Start, p.Value, d.Export.Points[i].Value)
			}
		}
		if d.Import.Currency != m.Place().Currency || len(d.Published.Gaps(d.Interval)) > 0 || len(d.Renewable.Gaps(d.Interval)) > 0 {
			t.Fatalf("%s: %v is not whole", m.Place().Name, d.Interval)
		}
	})
}

// What is published has few digits, as suppliers' prices have, and a whole price follows from it.
func TestPlace_PublishesRoundPrices(t *testing.T) {
	everyDay(t, func(m Market, d Day) {
		for _, p := range d.Published.Points {
			if p.Value%1e8 != 0 {
				t.Fatalf("%s: %v at %v", m.Place().Name, p.Value, p.Start)
			}
		}
	})
}

func TestItaly_BandsAreThoseOfTheRegulator(t *testing.T) {
	zone, err := time.LoadLocation(Italy.Zone)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2026-04-01 06:59": "F3", "2026-04-01 07:00": "F2", "2026-04-01 08:00": "F1", "2026-04-01 18:59": "F1", "2026-04-01 19:00": "F2",
		"2026-04-01 22:59": "F2", "2026-04-01 23:00": "F3", "2026-04-04 06:59": "F3", "2026-04-04 07:00": "F2", "2026-04-04 22:59": "F2",
		"2026-04-04 23:00": "F3", "2026-03-29 12:00": "F3", "2026-10-25 12:00": "F3", "2026-04-06 10:00": "F3", "2026-12-25 12:00": "F3",
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := band(at); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestDay_TheShareGoesWithTheCarbon(t *testing.T) {
	everyDay(t, func(_ Market, d Day) {
		for i, p := range d.Renewable.Points {
			grams := float64(d.Carbon.Points[i].Value)
			if p.Value < 0 || p.Value > 1 || float64(1-p.Value)*Fossil-grams > 0.5 || grams < Fossil && grams-float64(1-p.Value)*Fossil > 0.5 {
				t.Fatalf("%v: a share of %v at %v g", p.Start, p.Value, grams)
			}
		}
	})
}
