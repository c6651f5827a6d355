package market

import (
	"time"

	"hearth/energy"
)

// Place is what differs between markets: what is published, and what a household pays and earns by it.
type Place struct {
	Name     string
	Zone     string // IANA name
	Currency energy.Currency
	Step     time.Duration // of the published prices
	// published is the exchange's price as a supplier tells it.
	published func(exchange float64) energy.Price
	// imports and exports are the whole prices of a household, at a local time.
	imports, exports func(exchange float64, published energy.Price, at time.Time) energy.Price
}

// The places. In Germany whole prices are published. In Italy the supplier publishes the exchange's price, and the
// contract adds a loss, a margin, a charge by band, and tax. In California the dynamic price is published, and delivery
// comes on top.
var (
	Germany = Place{
		Name: "germany", Zone: "Europe/Berlin", Currency: "EUR", Step: PriceStep,
		published: tenthOfCent,
		imports:   func(exchange float64, _ energy.Price, _ time.Time) energy.Price { return importPrice(exchange) },
		exports:   func(exchange float64, _ energy.Price, _ time.Time) energy.Price { return exportPrice(exchange) },
	}
	Italy = Place{
		Name: "italy", Zone: "Europe/Rome", Currency: "EUR", Step: time.Hour,
		published: func(exchange float64) energy.Price { return hundredthOfCent(exchange + 0.02) },
		imports: func(_ float64, spot energy.Price, at time.Time) energy.Price {
			return (spot + spot/10 + energy.PriceOf(0.0125) + bandCharge(at)) / 10 * 11
		},
		exports: func(float64, energy.Price, time.Time) energy.Price { return energy.PriceOf(0.05) },
	}
	California = Place{
		Name: "california", Zone: "America/Los_Angeles", Currency: "USD", Step: time.Hour,
		published: func(exchange float64) energy.Price { return hundredthOfCent(1.4*exchange + 0.03) },
		imports: func(_ float64, dynamic energy.Price, _ time.Time) energy.Price {
			return dynamic + energy.PriceOf(0.145)
		},
		exports: func(float64, energy.Price, time.Time) energy.Price { return energy.PriceOf(0.04) },
	}
)

// Places are all places.
var Places = []Place{Germany, Italy, California}

// The charge of each Italian band, before tax.
var bandCharges = map[string]energy.Price{"F1": energy.PriceOf(0.11), "F2": energy.PriceOf(0.09), "F3": energy.PriceOf(0.07)}

// bandCharge is that of the band in which a local time is.
func bandCharge(at time.Time) energy.Price { return bandCharges[band(at)] }

// BandCharges is the charge of each Italian band, for whoever writes a contract about them.
func BandCharges() (f1, f2, f3 energy.Price) {
	return bandCharges["F1"], bandCharges["F2"], bandCharges["F3"]
}

// band is the Italian band of a local time (ARERA, delibera 181/06).
func band(at time.Time) string {
	hour, day := at.Hour(), at.Weekday()
	switch {
	case day == time.Sunday || isItalianHoliday(at) || hour < 7 || hour >= 23:
		return "F3"
	case day == time.Saturday || hour < 8 || hour >= 19:
		return "F2"
	}
	return "F1"
}

// isItalianHoliday knows the days of every year, and Easter Mondays for as long as a demo may live.
func isItalianHoliday(at time.Time) bool {
	switch at.Format("01-02") {
	case "01-01", "01-06", "04-25", "05-01", "06-02", "08-15", "11-01", "12-08", "12-25", "12-26":
		return true
	}
	switch at.Format(time.DateOnly) {
	case "2026-04-06", "2027-03-29", "2028-04-17":
		return true
	}
	return false
}
