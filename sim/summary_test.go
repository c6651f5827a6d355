package sim

import (
	"testing"
	"time"

	"hearth/energy"
	"hearth/sim/house"
	"hearth/sim/market"
)

func TestLedger_BooksImportsExportsAndCarbonAtThePublishedPrices(t *testing.T) {
	zone := berlin(t)
	start := time.Date(2026, 5, 12, 23, 0, 0, 0, zone)
	m := market.New(1, zone, market.Germany)
	l := newLedger(m, house.New(start))
	with, without := house.New(start), house.New(start)
	book := func(hour int, grid, twin energy.Watts) {
		for i := range 4 {
			with.Power.Grid, without.Power.Grid = grid, twin
			l.book(energy.Span(start.Add(time.Duration(4*hour+i)*15*time.Minute), 15*time.Minute), &with, &without)
		}
	}
	book(0, 1000, 3000)
	book(1, -2000, 0) // the next day
	s := l.summary(&with, &without)

	late, early := m.Day(start), m.Day(start.Add(time.Hour))
	mean := func(s energy.Series[energy.Price], from time.Time) float64 {
		return energy.Resample(s, energy.NewGrid(from, time.Hour, 1)).Points[0].Value.Float()
	}
	paid, earned := mean(late.Import, start), mean(early.Export, start.Add(time.Hour))
	if want := paid - 2*earned; !isNear(s.With.Cost.Float(), want, 1e-6) {
		t.Errorf("with: %v, want %v", s.With.Cost, want)
	}
	if want := 3 * paid; !isNear(s.Without.Cost.Float(), want, 1e-6) {
		t.Errorf("without: %v, want %v", s.Without.Cost, want)
	}
	if carbon, _ := late.Carbon.At(start); !isNear(float64(s.With.Grams), float64(carbon), 1e-6) || !isNear(float64(s.Without.Grams), 3*float64(carbon), 1e-6) {
		t.Errorf("carbon %v and %v at %v", s.With.Grams, s.Without.Grams, carbon)
	}
	if s.Span != energy.Span(start, 2*time.Hour) {
		t.Errorf("span %v", s.Span)
	}
}

func TestSummary_SetsWhatIsStoredAgainstTheCost(t *testing.T) {
	h, c := newHome(t, 1, noonOf(berlin(t)))
	h.look(func(now *house.House) { now.Battery.Stored -= 2000 }) // somebody sold it
	c.pass(step)
	s := h.Summary()
	price, _ := h.market.Day(c.Now()).Import.At(c.Now().Add(-step))
	if want := -2 * house.BatteryEfficiency; !isNear(float64(s.With.Stored-s.Without.Stored)/1000, want, 0.01) {
		t.Errorf("stored less: %v than %v", s.With.Stored, s.Without.Stored)
	}
	if want := 2 * house.BatteryEfficiency * price.Float(); !isNear((s.With.Net() - s.Without.Net()).Float(), want, 0.01) {
		t.Errorf("net %v and %v, want %v between them", s.With.Net(), s.Without.Net(), want)
	}
	if saved, share := s.Saved(); saved >= 0 || share > 0 {
		t.Errorf("an empty battery saves %v (%v)", saved, share)
	}
}

func TestSummary_IsATableForATerminal(t *testing.T) {
	s := Summary{
		Span:     energy.Span(time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC), 25*time.Hour),
		Currency: "EUR",
		With: Totals{Imported: 29732, Exported: 29320, Cost: energy.MoneyOf(6.341), Grams: 10204,
			Stored: 5530, Value: energy.MoneyOf(1.64), Missed: Missed{Car: 1, ColdWater: 2}},
		Without: Totals{Imported: 26920, Exported: 25890, Cost: energy.MoneyOf(8.27), Grams: 10960,
			Stored: -2, Value: energy.MoneyOf(-0.001)},
	}
	const want = `25h0m at home, from Tue 2026-05-12 12:00
                     with Hearth       without
import                 29.73 kWh     26.92 kWh
export                 29.32 kWh     25.89 kWh
CO2 of imports          10.20 kg      10.96 kg
cost                    6.34 EUR      8.27 EUR
stored more             5.53 kWh      0.00 kWh
cost less stored        4.70 EUR      8.27 EUR
promises missed                3             0
missed with Hearth: car 1, cold water 2
saved 3.57 EUR (43 %) and 0.76 kg of CO2
`
	if got := s.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, share := (Summary{Without: Totals{Cost: -5}}).Saved(); share != 0 {
		t.Errorf("a share of %v of what was earned", share)
	}
}
