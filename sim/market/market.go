// Package market invents the prices and the greenness of the grid, day by day, as they look in a country
// with much sun and wind: cheap nights, a dear morning, a dip at noon, a dear evening.
//
// # Basics
//
// A [Market] is a seed and a zone; [Market.Day] is one local day of it: import and export price per
// quarter hour, carbon per hour. The same seed and date always give the same day.
//
// # Caveats
//
// A day has 92, 96 or 100 quarter hours; prices follow local time, as people do.
package market

import (
	"math"
	"math/rand/v2"
	"time"

	"hearth/energy"
)

// Steps of the published series: what day-ahead markets and grid operators use. Prices of a place may have another.
const (
	PriceStep  = 15 * time.Minute
	CarbonStep = time.Hour
)

// What a household pays beside the exchange's price, in EUR/kWh before tax: grid fee, levies, the
// supplier's share; and the tax on all of it.
const (
	fees = 0.165
	vat  = 1.19
)

// Market is a price zone. It is a value.
type Market struct {
	seed  uint64
	zone  *time.Location
	place Place
}

// New is the market of a seed in a place, whose days are those of a zone.
func New(seed uint64, zone *time.Location, place Place) Market { return Market{seed, zone, place} }

// Place is where the market is.
func (m Market) Place() Place { return m.place }

// Day is what is published for one local day.
type Day struct {
	energy.Interval
	Published energy.Series[energy.Price] // what a supplier tells: whole prices, or what its contracts go by
	Import    energy.Series[energy.Price] // everything a household pays
	Export    energy.Series[energy.Price] // what it earns; slightly negative when the exchange's price is
	Carbon    energy.Series[energy.GramsPerKWh]
	Renewable energy.Series[energy.Share]
}

// Day is the local day that holds t.
func (m Market) Day(t time.Time) Day {
	span := energy.Day(t, m.zone)
	w := m.weather(span.Start)
	out := Day{Interval: span}
	out.Published.Currency, out.Import.Currency, out.Export.Currency = m.place.Currency, m.place.Currency, m.place.Currency
	prices := energy.Grid{Interval: span, Step: m.place.Step}
	for i := range prices.Count() {
		slot := prices.Slot(i)
		exchange := w.exchange(m.hour(slot)) + 0.004*(w.rand.Float64()-0.5)
		told, local := m.place.published(exchange), slot.Start.In(m.zone)
		out.Published.Points = append(out.Published.Points, point(slot, told))
		out.Import.Points = append(out.Import.Points, point(slot, m.place.imports(exchange, told, local)))
		out.Export.Points = append(out.Export.Points, point(slot, m.place.exports(exchange, told, local)))
	}
	hours := energy.Grid{Interval: span, Step: CarbonStep}
	for i := range hours.Count() {
		slot := hours.Slot(i)
		carbon := w.carbon(m.hour(slot))
		out.Carbon.Points = append(out.Carbon.Points, point(slot, carbon))
		out.Renewable.Points = append(out.Renewable.Points, point(slot, renewable(carbon)))
	}
	return out
}

// hour is the local time of day in the middle of the slot, in hours.
func (m Market) hour(slot energy.Interval) float64 {
	t := slot.Start.Add(slot.Length() / 2).In(m.zone)
	return float64(t.Hour()) + float64(t.Minute())/60
}

// weather is what moves a day's prices: sun and wind over the country, and who works.
type weather struct {
	rand   *rand.Rand
	sun    float64 // 0 to 1 of what the season can give
	wind   float64 // 0 to 1
	isFree bool    // a weekend: industry rests
}

func (m Market) weather(midnight time.Time) weather {
	y, month, d := midnight.In(m.zone).Date()
	r := rand.New(rand.NewPCG(m.seed, uint64(y*10000+int(month)*100+d)))
	season := 0.5 - 0.5*math.Cos(2*math.Pi*float64(midnight.In(m.zone).YearDay()+10)/365)
	day := midnight.In(m.zone).Weekday()
	return weather{
		rand:   r,
		sun:    (0.25 + 0.75*season) * (0.55 + 0.45*r.Float64()),
		wind:   r.Float64(),
		isFree: day == time.Saturday || day == time.Sunday,
	}
}

// exchange is the day-ahead price in EUR/kWh at a local hour.
func (w weather) exchange(hour float64) float64 {
	p := 0.105 - 0.04*w.wind
	p -= 0.045 * bump(hour, 3, 2.6)
	p += 0.045 * bump(hour, 7.75, 1.2)
	p += (0.085 + 0.02*(1-w.wind)) * bump(hour, 19.5, 1.7)
	p -= 0.10 * w.sun * bump(hour, 13.25, 2.6)
	if w.isFree {
		p = 0.85*p - 0.012
	}
	return min(0.21, max(-0.014, p))
}

// carbon is the intensity of the grid at a local hour: gas in the evening, wind by night, sun at noon.
func (w weather) carbon(hour float64) energy.GramsPerKWh {
	g := 410 - 150*w.wind
	g -= 170 * w.sun * bump(hour, 13.25, 2.8)
	g -= 50 * w.wind * bump(hour, 3, 3)
	g += 40*bump(hour, 7.5, 1.5) + 110*bump(hour, 19.75, 2)
	if w.isFree {
		g *= 0.9
	}
	return energy.GramsPerKWh(math.Round(max(60, g)))
}

// renewable is the share that goes with an intensity: what is not renewable emits 560 g/kWh.
func renewable(g energy.GramsPerKWh) energy.Share {
	return energy.Share(math.Round(1000*max(0, 1-float64(g)/Fossil)) / 1000)
}

// Fossil is what a kWh emits that is not renewable, in g.
const Fossil = 560

// bump is 1 at its middle and falls off like a bell, across midnight too.
func bump(hour, middle, width float64) float64 {
	d := math.Abs(hour - middle)
	d = min(d, 24-d) / width
	return math.Exp(-d * d / 2)
}

func importPrice(exchange float64) energy.Price { return tenthOfCent((exchange + fees) * vat) }

// exportPrice follows the exchange at a distance, as feed-in contracts do; below zero it follows it all.
func exportPrice(exchange float64) energy.Price {
	if exchange < 0 {
		return tenthOfCent(exchange)
	}
	return tenthOfCent(min(0.09, 0.04+0.3*exchange))
}

// tenthOfCent rounds as suppliers do in what they publish.
func tenthOfCent(p float64) energy.Price {
	const unit = energy.Price(1e9) // 0.001 of 1e-12
	return energy.Price(math.Round(p*1000)) * unit
}

func hundredthOfCent(p float64) energy.Price {
	const unit = energy.Price(1e8)
	return energy.Price(math.Round(p*10000)) * unit
}

func point[T any](slot energy.Interval, v T) energy.Point[T] {
	return energy.Point[T]{Interval: slot, Value: v}
}
