package answer

import (
	"time"

	"hearth/energy"
	"hearth/internal/config"
	"hearth/openadr/report"
	"hearth/storage"
)

const quarter = 15 * time.Minute

// What share of a time must be known for its mean to be good, and to be worth telling at all.
const (
	good  = 0.9
	usual = 0.5
)

// flow is what was taken in a time that is over.
func (q question) flow() report.Answer {
	if q.IsForecast {
		return q.planned()
	}
	if q.IsEndless || q.Span.End.After(q.now.At) {
		return report.Answer{}
	}
	if q.device.Kind == config.Grid {
		e, err := q.counted(q.Span.Start, q.Span.End)
		if err != nil || e.Imported == nil || e.Coverage < 1-1e-6 {
			return report.Answer{}
		}
		return report.EnergyOf(energy.WattHours(*e.Imported), report.OK)
	}
	power, quality := q.mean(q.Span)
	return report.PowerOf(power, quality)
}

// mean is the mean power of the device in a time.
func (q question) mean(span energy.Interval) (energy.Watts, report.Quality) {
	var sum float64
	var count int
	var err error
	if isWhole(span) {
		err = q.past.Rollups(q.channel("power"), span, func(r storage.Rollup) bool {
			sum, count = sum+r.Sum, count+r.Count
			return true
		})
	} else {
		err = q.past.Readings(q.channel("power"), span, func(_ time.Time, v float64) bool {
			sum, count = sum+v, count+1
			return true
		})
	}
	known := float64(count) * q.cfg.Cycle.Seconds() / max(span.Length().Seconds(), 1)
	switch {
	case err != nil || count == 0 || known < usual:
		return 0, report.Missing
	case known < good:
		return energy.Watts(sum / float64(count)), report.Estimated
	}
	return energy.Watts(sum / float64(count)), report.OK
}

// isWhole says that a time consists of whole quarter hours.
func isWhole(span energy.Interval) bool {
	return span.Start.Equal(span.Start.Truncate(quarter)) && span.End.Equal(span.End.Truncate(quarter))
}

// reading is the state of the register at the end of the time, or the power then.
func (q question) reading() report.Answer {
	at := q.Span.End
	if q.IsEndless || q.IsForecast || at.After(q.now.At) {
		return report.Answer{}
	}
	if q.Quantity == report.Power {
		if v, ok := q.last("power", at); ok {
			return report.PowerOf(energy.Watts(v), report.OK)
		}
		return report.Answer{}
	}
	v, ok := q.last("imported", at)
	switch {
	case ok:
		return report.EnergyOf(energy.WattHours(v), report.OK)
	case q.now.Observed[q.device.Name].Imported.Valid:
		return report.Answer{} // it has a register, and nobody has read it then
	}
	return report.None()
}

// last is the last value of a channel before a time, unless it is too old to be used.
func (q question) last(what string, at time.Time) (v float64, ok bool) {
	within := energy.Interval{Start: at.Add(-q.device.Oldest()), End: at.Add(1)}
	err := q.past.Readings(q.channel(what), within, func(_ time.Time, x float64) bool {
		v, ok = x, true
		return true
	})
	return v, ok && err == nil
}

// charge is the state of charge at the end of the time, or now.
func (q question) charge() report.Answer {
	at := q.Span.End
	if q.IsEndless || at.After(q.now.At) {
		at = q.now.At
		if q.IsForecast || !q.IsEndless && !q.Span.Contains(at) {
			return report.Answer{}
		}
	}
	if v, ok := q.last("soc", at); ok {
		return report.FractionOf(energy.SoC(v), report.OK)
	}
	return report.Answer{}
}

// How many earlier days a baseline looks at, and how many of them it needs.
const (
	baselineDays  = 10
	baselineLeast = 3
)

// baseline is the mean of the same time on earlier days, of those that are known. It goes by whole quarter hours: what a
// home does in half a minute of one day says nothing of another.
func (q question) baseline() report.Answer {
	if q.IsEndless || !q.Span.Start.Before(q.Span.End) || q.now.At.IsZero() {
		return report.Answer{}
	}
	span := energy.Interval{Start: q.Span.Start.Truncate(quarter), End: q.Span.End.Add(quarter - 1).Truncate(quarter)}
	var sum energy.Watts
	days := 0
	for back := 1; back <= 2*baselineDays && days < baselineDays; back++ {
		before := energy.Interval{Start: q.daysBefore(span.Start, back), End: q.daysBefore(span.End, back)}
		if before.End.After(q.now.At) {
			continue
		}
		if power, quality := q.mean(before); quality == report.OK {
			sum, days = sum+power, days+1
		}
	}
	if days < baselineLeast {
		return report.Answer{}
	}
	return report.PowerOf(sum/energy.Watts(days), report.Estimated)
}

// daysBefore is the same time of the local day, some days before.
func (q question) daysBefore(t time.Time, days int) time.Time {
	return t.In(q.cfg.Home.Zone).AddDate(0, 0, -days)
}
