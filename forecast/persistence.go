// Package forecast tells what power to expect from what was measured. It is pure: same history, same answer.
//
// It holds one forecast so far: the day repeats itself ([Persistence]). That is deliberately little: it needs
// no weather and no calendar, and it is the mark any cleverer forecast has to beat.
package forecast

import (
	"math"
	"time"

	"hearth/energy"
)

const (
	quarter = 15 * time.Minute
	perDay  = int(24 * time.Hour / quarter)

	days  = 14  // two of each weekday
	decay = 0.8 // each day back counts this much less: three days ago counts half of today

	// presentHalf is how far ahead what is measured now and what is usual count the same: a kettle is over by
	// then, an oven is not.
	presentHalf = 30 * time.Minute
)

// Persistence expects of each slot the mean of the same local quarter hours of the last two weeks, newer days
// weighing more, whatever the weekday. Slots close to now are drawn toward the power measured now, if there
// is a measurement of the last quarter hour.
//
// Only history before now counts, and of it only quarter hours it covers whole. A slot whose quarter hours were
// never seen has no point: the caller decides what to expect of it. On a local day of 25 hours both passes of the
// repeated hour count as that hour; the hour missing from a day of 23 is simply not seen that day. No value lies
// outside the range of the values it came from.
func Persistence(history energy.Series[energy.Watts], now time.Time, grid energy.Grid, zone *time.Location) energy.Series[energy.Watts] {
	past := history.Slice(energy.Interval{Start: energy.Day(now.AddDate(0, 0, -days), zone).Start, End: now})
	if len(past.Points) == 0 {
		return energy.Series[energy.Watts]{}
	}
	usual := energy.Resample(newProfile(past, now, zone).over(grid.Interval, zone), grid)
	present, isPresent := measured(past, now)
	low, high := extremes(past)
	origin := &energy.Origin{Source: "persistence", Fetched: now, Status: energy.Forecast}
	for i := range usual.Points {
		p := &usual.Points[i]
		if isPresent {
			ahead := max(p.Start.Add(p.Length()/2).Sub(now), 0)
			p.Value += (present - p.Value) * energy.Watts(math.Exp2(-float64(ahead)/float64(presentHalf)))
		}
		p.Value = min(max(p.Value, low), high) // means of floats stray by their last bit
		p.Origin = origin
	}
	return usual
}

// profile is the weighted mean of each quarter hour of a local day.
type profile [perDay]struct{ mean, weight float64 }

func newProfile(past energy.Series[energy.Watts], now time.Time, zone *time.Location) *profile {
	var p profile
	today := energy.Day(now, zone)
	from := energy.Day(past.Points[0].Start, zone)
	for day, age := today, 0; !day.Start.Before(from.Start); age++ {
		weight := math.Pow(decay, float64(age))
		for _, q := range energy.Resample(past, energy.Grid{Interval: day, Step: quarter}).Points {
			seen := &p[ofDay(q.Start, zone)]
			seen.weight += weight
			seen.mean += (float64(q.Value) - seen.mean) * weight / seen.weight // of equal values, that value exactly
		}
		day = energy.Day(day.Start.Add(-time.Nanosecond), zone)
	}
	return &p
}

// over lays the profile on an interval, as whole quarter hours; what it does not know is a gap.
func (p *profile) over(within energy.Interval, zone *time.Location) energy.Series[energy.Watts] {
	var out energy.Series[energy.Watts]
	// Every zone of today is a multiple of a quarter hour from UTC, so UTC's quarter hours are the local ones.
	for t := within.Start.Truncate(quarter); t.Before(within.End); t = t.Add(quarter) {
		if seen := p[ofDay(t, zone)]; seen.weight > 0 {
			out.Points = append(out.Points, energy.Point[energy.Watts]{
				Interval: energy.Span(t, quarter), Value: energy.Watts(seen.mean),
			})
		}
	}
	return out
}

// ofDay is the number of the quarter hour a local clock shows.
func ofDay(t time.Time, zone *time.Location) int {
	local := t.In(zone)
	return local.Hour()*4 + local.Minute()/15
}

// measured is the newest value, unless it is over for more than a quarter hour.
func measured(past energy.Series[energy.Watts], now time.Time) (energy.Watts, bool) {
	last := past.Points[len(past.Points)-1]
	return last.Value, now.Sub(last.End) <= quarter
}

func extremes(past energy.Series[energy.Watts]) (low, high energy.Watts) {
	low, high = past.Points[0].Value, past.Points[0].Value
	for _, p := range past.Points {
		low, high = min(low, p.Value), max(high, p.Value)
	}
	return low, high
}
