package tariff_test

import (
	"fmt"
	"time"
	_ "time/tzdata" // the example must run on a machine without zones

	"hearth/energy"
	"hearth/tariff"
)

// The Italian bands with VAT, over the holiday of Easter Monday and the Tuesday after it.
func ExampleExpand() {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		fmt.Println(err)
		return
	}
	bands := &tariff.Bands{Calendar: "f1-f2-f3", Prices: map[string]energy.Price{
		"F1": energy.PriceOf(0.30), "F2": energy.PriceOf(0.25), "F3": energy.PriceOf(0.20),
	}}
	t := tariff.Tariff{
		Zone: rome, Currency: "EUR", Holidays: tariff.Holidays{Country: "IT"},
		Versions: []tariff.Version{{Import: tariff.Side{
			VAT:        tariff.One / 10,
			Components: []tariff.Component{{Name: "energy", Bands: bands}},
		}}},
	}
	monday := time.Date(2026, 4, 6, 12, 0, 0, 0, rome)
	prices, err := tariff.Expand(t, energy.Span(monday, 24*time.Hour), tariff.Inputs{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range prices.Import.Points {
		fmt.Println(p.Start.In(rome).Format("Mon 15:04"), p.Value.Text(prices.Import.Currency))
	}
	// Output:
	// Mon 12:00 0.22 EUR/kWh
	// Mon 19:00 0.22 EUR/kWh
	// Mon 23:00 0.22 EUR/kWh
	// Tue 00:00 0.22 EUR/kWh
	// Tue 07:00 0.275 EUR/kWh
	// Tue 08:00 0.33 EUR/kWh
}
