package house

import (
	"math"
	"math/rand/v2"
	"time"

	"hearth/energy"
)

// day is what the people and the sky have in mind for one local day.
type day struct {
	energy.Interval
	meridian  float64 // hours that the home's solar time is before UTC
	cloud     float64 // 0 clear, 1 overcast
	away      energy.Interval
	driven    energy.WattHours
	loads     time.Time
	breakfast time.Time
	draws     []pulse // heat, as hot water
	cooking   []pulse // electricity, beside the daily shape
}

// pulse is a power that holds for an interval.
type pulse struct {
	energy.Interval
	power energy.Watts
}

// plan draws the day. The same seed and date always give the same day.
func (w *World) plan(span energy.Interval) day {
	y, m, d := span.Start.In(w.zone).Date()
	date := uint64(y*10000 + int(m)*100 + d)
	r := rand.New(rand.NewPCG(w.seed, date<<8|streamDay))
	_, winter := time.Date(y, 1, 1, 12, 0, 0, 0, w.zone).Zone() // summer time does not move the sun
	// about is a local time of day, up to spread later.
	about := func(hour, minute int, spread time.Duration) time.Time {
		late := time.Duration(r.Float64() * float64(spread)).Truncate(time.Minute)
		return time.Date(y, m, d, hour, minute, 0, 0, w.zone).Add(late)
	}
	out := day{Interval: span, meridian: float64(winter) / 3600}
	out.cloud = 0.95 * math.Pow(r.Float64(), 1.6) // more fair days than dull ones
	out.away = energy.Interval{Start: about(7, 0, 20*time.Minute), End: about(17, 10, 40*time.Minute)}
	out.driven = energy.WattHours(13500 + 500*r.Float64()) // 15 kWh from the wall
	out.loads = about(19, 30, 20*time.Minute)
	out.breakfast = about(7, 0, 0)

	draw := func(at time.Time, heat energy.WattHours, length time.Duration) {
		out.draws = append(out.draws, pulse{energy.Span(at, length), heat.Mean(length)})
	}
	for range 2 { // showers: 35 l at 40 degrees are 1.2 kWh
		draw(about(6, 20, 50*time.Minute), energy.WattHours(900+200*r.Float64()), 6*time.Minute)
	}
	draw(about(12, 0, 2*time.Hour), 150, 2*time.Minute)
	draw(about(18, 30, time.Hour), 300, 4*time.Minute)
	draw(about(20, 30, 90*time.Minute), energy.WattHours(300+300*r.Float64()), 5*time.Minute)

	cook := func(at time.Time, power energy.Watts, length time.Duration) {
		out.cooking = append(out.cooking, pulse{energy.Span(at, length), power})
	}
	cook(about(6, 40, 20*time.Minute), 2000, 4*time.Minute)
	cook(about(12, 0, time.Hour), 1100, 15*time.Minute)
	cook(about(18, 0, 45*time.Minute), 1500, time.Duration(20+20*r.Float64())*time.Minute)
	cook(about(20, 0, time.Hour), 2000, 3*time.Minute)
	return out
}

// baseShape is the usual draw in W at each local hour: standby at night, a morning, an evening with
// light and screens. With cooking and fridge it makes about 7 kWh a day.
var baseShape = [24]energy.Watts{
	110, 100, 95, 95, 95, 110, 190, 240, 190, 160, 155, 165,
	185, 170, 155, 155, 175, 230, 290, 330, 340, 310, 230, 150,
}

func (w *World) base(span energy.Interval) energy.Watts {
	local := span.Start.In(w.zone)
	hour, part := local.Hour(), energy.Watts(local.Minute())/60
	shape := baseShape[hour] + (baseShape[(hour+1)%24]-baseShape[hour])*part
	noise := energy.Watts(0.75 + 0.5*w.drift(streamBase, span.Start, time.Minute))
	power := shape*noise + meanOf(w.today.cooking, span)
	if w.drift(streamFridge, span.Start, 25*time.Minute) > 0.55 {
		power += 80
	}
	return power
}

// meanOf is the mean power of the pulses over the span.
func meanOf(pulses []pulse, span energy.Interval) energy.Watts {
	var sum energy.WattHours
	for _, p := range pulses {
		if p.Start.Before(span.End) && span.Start.Before(p.End) {
			sum += p.power.Over(p.Overlap(span).Length())
		}
	}
	return sum.Mean(span.Length())
}
