package corpus

import (
	"math"

	"hearth/energy"
	"hearth/scheduler"
)

// Limits of a home's connection: three phases of 25 A, rounded down.
const connection = 17000

// tariff draws what a kWh costs, brings and emits. Import is always dearer than export here; features change
// that. Prices change every quarter of an hour, as the day-ahead market's do.
func (d *draft) tariff(dice *dice) {
	n := len(d.weather.hours)
	level, depth := dice.between(0.19, 0.28), dice.between(0.03, 0.11)
	morning, evening := dice.between(0.01, 0.04), dice.between(0.05, 0.11)
	slow, slope := dice.drift(n*fine/60+1, 0.008, 0.7), dice.between(0, 0.014)
	days := dice.drift(n*fine/(24*60)+2, 0.02, 0.3)
	prices, carbon := make([]float64, n), make([]float64, n)
	green := dice.between(80, 240)
	for i, hour := range d.weather.hours {
		at := i * fine / 60
		hour = math.Floor(hour*4)/4 + 0.125 // a price holds for a quarter
		quarter := math.Floor(math.Mod(hour, 1) * 4)
		sun := bump(hour, 13, 2.6)
		ramp := slope * (quarter - 1.5) / 3 * math.Copysign(1, math.Sin(hour/24*4*math.Pi)) // the saw's teeth of quarter hours
		price := level + days[at/24] + slow[at] - depth*sun + morning*bump(hour, 8, 1.5) + evening*bump(hour, 19, 2) + ramp
		prices[i] = max(price, 0.02)
		carbon[i] = 390 - green*sun + 70*bump(hour, 19.5, 2.5) + 400*slow[at]
	}
	p := d.problem
	p.ImportPrice = toPrices(d.size.means(prices))
	p.ExportPrice = d.exportPrices(dice, p.ImportPrice)
	p.Carbon = toValues[energy.GramsPerKWh](d.size.means(carbon), 0)
}

// exportPrices are nothing, fixed, or what is left of the import price without fees and taxes.
func (d *draft) exportPrices(dice *dice, imports []energy.Price) []energy.Price {
	fixed, fees := choose(dice, 0, 0.079, 0.12), dice.between(0.1, 0.14)
	isDynamic := dice.chance(0.35)
	out := make([]energy.Price, len(imports))
	for t, price := range imports {
		v := fixed
		if isDynamic {
			v = 0.86 * (price.Float() - fees)
		}
		out[t] = min(price-toPrice(0.005), toPrice(v))
	}
	return out
}

// supply draws the roof, the load that cannot be moved, and the connection.
func (d *draft) supply(dice *dice) {
	p := d.problem
	peak := dice.between(3500, 11000)
	roof := make([]float64, len(d.weather.sun))
	for i, sun := range d.weather.sun {
		roof[i] = peak * sun
	}
	p.Solar = toValues[energy.Watts](d.size.means(roof), 0)
	p.BaseLoad = toValues[energy.Watts](d.size.means(d.habits(dice)), 0)
	p.ImportLimit = scheduler.Constant(connection, d.size.slots)
	p.ExportLimit = scheduler.Constant(energy.Watts(math.Round(0.7*peak)), d.size.slots)
}

// habits are the load that nobody asks Hearth to move: what is always on, mornings and evenings, and
// cooking.
func (d *draft) habits(dice *dice) []float64 {
	n := len(d.weather.hours)
	idle, busy := dice.between(180, 320), dice.between(0.7, 1.3)
	out := make([]float64, n)
	for i, hour := range d.weather.hours {
		out[i] = idle*dice.between(0.9, 1.15) + busy*(350*bump(hour, 7.5, 0.9)+550*bump(hour, 19.5, 1.8))
	}
	for i := 0; i < n; i += 12 {
		if likely := 0.08 + 0.5*bump(d.weather.hours[i], 12.5, 1) + 0.6*bump(d.weather.hours[i], 18.5, 1.5); !dice.chance(likely) {
			continue
		}
		from, watts := i+dice.IntN(12), dice.between(900, 2000)
		for k := from; k < min(from+dice.whole(2, 6), n); k++ {
			out[k] += watts
		}
	}
	return out
}

// toPrice is a price of four decimals, as tariffs print them.
func toPrice(v float64) energy.Price { return energy.PriceOf(rounded(v, 4)) }

func toPrices(values []float64) []energy.Price {
	out := make([]energy.Price, len(values))
	for i, v := range values {
		out[i] = toPrice(v)
	}
	return out
}

func toValues[T ~float64](values []float64, decimals int) []T {
	out := make([]T, len(values))
	for i, v := range values {
		out[i] = T(rounded(v, decimals))
	}
	return out
}

// mean is the mean import price.
func (d *draft) mean() float64 {
	sum := 0.0
	for _, p := range d.problem.ImportPrice {
		sum += p.Float()
	}
	return sum / float64(len(d.problem.ImportPrice))
}
