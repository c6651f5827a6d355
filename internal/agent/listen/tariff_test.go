package listen

import (
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/tariff"
)

// flatTariff is a tariff on an exchange: twice its price and 10 ct, with 20 % VAT; peaks cost 2 EUR a kW.
func flatTariff() *tariff.Tariff {
	fixed, feedIn := energy.PriceOf(0.1), energy.PriceOf(0.07)
	return &tariff.Tariff{Zone: time.UTC, Currency: "EUR", Versions: []tariff.Version{{
		Import: tariff.Side{VAT: tariff.One / 5, Components: []tariff.Component{
			{Name: "energy", Spot: &tariff.Spot{Source: "exchange", Factor: 2 * tariff.One}}, {Name: "grid", Fixed: &fixed},
		}},
		Export: &tariff.Side{Components: []tariff.Component{{Name: "feed-in", Fixed: &feedIn}}},
		Peaks:  []tariff.Peak{{Name: "power", Price: energy.MoneyOf(2), Highest: 1, Averaging: time.Hour}},
	}}}
}

// What the rules ask for is no price by itself; where it is missing the price is missing.
func TestTariff_MakesThePriceOfTheHome(t *testing.T) {
	d := atTable(t)
	d.cfg.Tariff = flatTariff()
	d.publishes("exchange").Says = feeds.Values{Import: euro(0.1, -0.05)}
	d.publishes("other").Says = feeds.Values{Import: euro(0.5, 0.5, 0.5, 0.5)} // nobody asks for it
	d.publishes("rate", feeds.ImportPrice).Says = feeds.Values{Import: euro(0.9, 0.9, 0.9)}
	d.open()
	d.chorus.AskAll(d.Context())
	d.expectPrices(map[float64]string{0: "exchange 0.36", 1: "exchange 0", 2: "rate 0.9", 3: "fallback 0.3"})
	sell, ok := at(d.signals(noon).ExportPrice, noon)
	if !ok || sell.Value != energy.PriceOf(0.07) || sell.Origin.Source != "tariff" || sell.Origin.Status != energy.Final {
		t.Errorf("%+v", sell)
	}
	pays := d.chorus.Pays(noon, "")
	if len(pays.Import.Points) != 3 || pays.Import.Points[0].Value != energy.PriceOf(0.36) {
		t.Errorf("the fallback is nobody's word: %+v", pays.Import)
	}
}

// Sources of a spot price stand in for each other.
func TestTariff_TakesTheSpotPriceOfWhoeverHasIt(t *testing.T) {
	d := atTable(t)
	d.cfg.Tariff = flatTariff()
	d.cfg.Tariff.Versions[0].Import.Components[0].Spot.Source = "exchange+backup"
	d.publishes("backup").Says = feeds.Values{Import: euro(0.9, 0.2)}
	d.publishes("exchange").Says = feeds.Values{Import: euro(0.1)}
	d.open()
	d.chorus.AskAll(d.Context())
	d.expectPrices(map[float64]string{0: "exchange 0.36", 1: "backup 0.6", 2: "fallback 0.3"})
}

// The charge that holds now is planned with, be another dearer later in the month.
func TestTariff_PeakIsOfTheVersionThatHoldsNow(t *testing.T) {
	d := atTable(t)
	d.cfg.Tariff = flatTariff()
	change := tariff.Date{Year: 2026, Month: 5, Day: 13}
	later := d.cfg.Tariff.Versions[0]
	later.From, later.Peaks = change, []tariff.Peak{{Name: "power", Price: energy.MoneyOf(9), Highest: 1, Averaging: time.Hour}}
	d.cfg.Tariff.Versions[0].Until = change
	d.cfg.Tariff.Versions = append(d.cfg.Tariff.Versions, later)
	d.open()
	peak := d.signals(noon).Peak
	if peak == nil || !peak.Slots[0] || peak.Price >= energy.MoneyOf(2.4) {
		t.Errorf("%+v", peak)
	}
}
