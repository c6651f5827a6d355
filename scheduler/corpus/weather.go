package corpus

import (
	"math"
	"time"
)

// fine is the step that weather, tariff and loads are drawn in, in minutes; slots take means of it.
const fine = 5

// weather is a home's outdoors over a grid, in steps of fine minutes.
type weather struct {
	hours       []float64 // of the day, 0 to 24, at the middle of each step
	sun         []float64 // 0 to 1: what of a roof's peak power there is, clouds and all
	temperature []float64 // degrees Celsius outdoors
}

// begin draws when the problem begins: a whole hour in the half of the year in which homes are heated and
// there is sun. The smallest problems begin in the morning, so that they have some.
func (d *draft) begin() time.Time {
	months := []time.Month{time.February, time.March, time.April, time.September, time.October}
	month, day := choose(d.dice, months...), d.whole(1, 28)
	hour := d.whole(0, 23)
	if d.size.slots*d.size.minutes < 24*60 {
		hour = 6 + hour/4
	}
	return time.Date(2026, month, day, hour, 0, 0, 0, time.UTC)
}

// newWeather draws some days from begin on: clouds by the hour, and the temperature with the sun of the day.
func newWeather(d *dice, begin time.Time, s size) weather {
	n := s.slots * s.minutes / fine
	w := weather{make([]float64, n), make([]float64, n), make([]float64, n)}
	// Day length from the season, 12 h at the equinoxes; highest sun at half past twelve.
	season := math.Sin(2 * math.Pi * float64(begin.YearDay()-80) / 365)
	half, strength := 6+2.2*season, 0.9+0.1*season
	clouds := d.drift(n*fine/60+1, 0.3, 0.75)
	dull := d.between(0.35, 0.95)
	mean, swing, slow := d.between(2, 11), d.between(2, 5), d.drift(n*fine/60+1, 1, 0.95)
	for i := range n {
		at := (float64(i) + 0.5) * fine / 60
		hour := math.Mod(float64(begin.Hour())+at, 24)
		w.hours[i] = hour
		clear := math.Max(0, math.Cos((hour-12.5)/half*math.Pi/2)) // below 0 all night: that is never three times half
		w.sun[i] = strength * math.Pow(clear, 1.2) * min(max(dull+clouds[int(at)], 0.12), 1)
		w.temperature[i] = mean + slow[int(at)] + swing*math.Cos((hour-14.5)/24*2*math.Pi)
	}
	return w
}

// means are the means of a fine series over the slots of a grid.
func (s size) means(series []float64) []float64 {
	k := s.minutes / fine
	out := make([]float64, s.slots)
	for t := range out {
		sum := 0.0
		for _, v := range series[t*k : (t+1)*k] {
			sum += v
		}
		out[t] = sum / float64(k)
	}
	return out
}
