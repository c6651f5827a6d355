package rate

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"hearth/energy"
)

// rule is what a home pays, as the test knows it: weekday (Monday first), month and hour, from 0.
type rule func(weekday, month, hour int) energy.Price

// price is a made-up one for some numbers, with all decimals: always the same.
func price(seed uint64, of ...int) energy.Price {
	for _, n := range of {
		seed = seed*31 + uint64(n)
	}
	return energy.Price(rand.New(rand.NewPCG(seed, 7)).Int64N(1e12) - 1e11)
}

func ofHour(seed uint64) rule  { return func(_, _, h int) energy.Price { return price(seed, h) } }
func ofMonth(seed uint64) rule { return func(_, m, h int) energy.Price { return price(seed, m, h) } }
func ofWeekday(seed uint64) rule {
	return func(d, _, h int) energy.Price { return price(seed, d/5, h) }
}
func ofAll(seed uint64) rule { return func(d, m, h int) energy.Price { return price(seed, d/5, m, h) } }

// form writes prices in a shape, where the shape can say them.
type form struct {
	shape  string
	can    func(seed uint64) rule // the richest rule that it can say
	encode func(p rule) string
}

var forms = map[string]form{
	"a day":                 {byHour, ofHour, func(p rule) string { return row(p, 0, 0) }},
	"a year":                {byMonth, ofMonth, func(p rule) string { return year(p, 0) }},
	"a week from Monday on": {byDay, ofWeekday, func(p rule) string { return list(7, func(d int) string { return row(p, d, 0) }) }},
	"a week from Sunday on": {byDay, ofWeekday, func(p rule) string { return list(7, func(d int) string { return row(p, (d+6)%7, 0) }) }},
	"two years":             {byWeekend, ofAll, func(p rule) string { return "[" + year(p, 0) + "," + year(p, 6) + "]" }},
	"two years by name":     {byWeekend, ofAll, func(p rule) string { return `{"Weekend":` + year(p, 5) + `,"weekday":` + year(p, 4) + `}` }},
	"a clock":               {byClock, ofHour, func(p rule) string { return clock(p, "%d") }},
	"a clock of two digits": {byClock, ofHour, func(p rule) string { return clock(p, "%02d") }},
	"a clock with minutes":  {byClock, ofHour, func(p rule) string { return clock(p, "%02d:00") }},
	"components of a day":   {byComponent + byHour, ofHour, func(p rule) string { return split(p, func(q rule) string { return row(q, 0, 0) }) }},
	"components of a year":  {byComponent + byMonth, ofMonth, func(p rule) string { return split(p, func(q rule) string { return year(q, 0) }) }},
	"components of two years": {byComponent + byWeekend, ofAll, func(p rule) string {
		return split(p, func(q rule) string { return "[" + year(q, 0) + "," + year(q, 5) + "]" })
	}},
}

func list(n int, item func(int) string) string {
	var out []string
	for i := range n {
		out = append(out, item(i))
	}
	return "[" + strings.Join(out, ",") + "]"
}

func row(p rule, weekday, month int) string {
	return list(24, func(h int) string { return p(weekday, month, h).String() })
}

func year(p rule, weekday int) string {
	return list(12, func(m int) string { return row(p, weekday, m) })
}

// clock names the hours in no order, with prices in quotes.
func clock(p rule, name string) string {
	var out []string
	for _, h := range rand.New(rand.NewPCG(1, 1)).Perm(24) {
		out = append(out, fmt.Sprintf(`"`+name+`":"%s"`, h, p(0, 0, h)))
	}
	return "{" + strings.Join(out, ",") + "}"
}

// split writes three components that sum up to the prices.
func split(p rule, encode func(rule) string) string {
	made := func(d, m, h int) energy.Price { return p(d, m, h)/3 + 17 }
	carried := func(int, int, int) energy.Price { return 123_456_789 }
	other := func(d, m, h int) energy.Price { return p(d, m, h) - made(d, m, h) - carried(d, m, h) }
	return `{"Generation":` + encode(made) + `,"distribution":` + encode(carried) + `,"PCIA":` + encode(other) + `}`
}

// wall is weekday, month, hour and minute of the clock on the wall, by arithmetic on the offset.
func wall(at time.Time, zone *time.Location) (weekday, month, hour, minute int) {
	_, offset := at.In(zone).Zone()
	shown := at.UTC().Add(time.Duration(offset) * time.Second)
	minutes := int(shown.Unix()/60) % (7 * wholeDay)
	return (minutes/wholeDay + 3) % 7, int(shown.Month()) - 1, minutes / 60 % 24, minutes % 60 // 1970 began on a Thursday
}

// changes are the days on which the clock is changed, in both directions, a Saturday, a Monday and others.
var changes = map[string][]string{
	pacific:            {"2026-03-08", "2026-11-01", "2026-12-31", "2028-02-29", "2026-07-13", "2026-07-18"},
	"Australia/Sydney": {"2026-04-05", "2026-10-04", "2026-01-01", "2026-06-27", "2026-06-29"},
	"Asia/Kolkata":     {"2026-03-08", "2026-11-01", "2026-12-26", "2026-12-28"},
}

// agree holds points against a price of each minute.
func agree(t *testing.T, name string, span energy.Interval, points []energy.Point[energy.Price], want func(time.Time) energy.Price) {
	t.Helper()
	series, err := energy.NewSeries("USD", points)
	if err != nil || len(series.Gaps(span)) != 0 || series.Extent() != (energy.Interval{Start: span.Start.UTC(), End: span.End.UTC()}) {
		t.Fatalf("%s: %v: %v, gaps %v", name, span, err, series.Gaps(span))
	}
	for at := span.Start; at.Before(span.End); at = at.Add(time.Minute) {
		if got, _ := series.At(at); got != want(at) {
			t.Fatalf("%s at %v: %v, want %v", name, at, got, want(at))
		}
	}
	for i := range points[1:] {
		if points[i].Value == points[i+1].Value {
			t.Fatalf("%s: %v and %v could be one", name, points[i], points[i+1])
		}
	}
}

// The price of a minute is that of what the clock on the wall shows at it, in every shape, zone and on every kind of day.
func TestOver_AgreesWithTheClockOnTheWall(t *testing.T) {
	for zone, dates := range changes {
		rules := rulesOf(t, zone, nil)
		for name, f := range forms {
			p := f.can(5)
			r := mustRate(t, rules, f.encode(p))
			if r.Shape != f.shape {
				t.Fatalf("%s is %s", name, r.Shape)
			}
			for _, date := range dates {
				day := dayOf(t, date, rules.zone)
				agree(t, name+" in "+zone, day, r.Over(day, nil), func(at time.Time) energy.Price {
					d, m, h, _ := wall(at, rules.zone)
					return p(d, m, h)
				})
			}
		}
	}
}

// window is when a period is, as a person would say it.
type window struct {
	days     string // by their first letters, Monday first
	from, to int    // hours; beyond 24 on the next day
}

func (w window) holds(weekday, minute int) bool {
	yesterday := (weekday + 6) % 7
	return w.days[weekday] != '.' && w.from*60 <= minute && minute < w.to*60 ||
		w.days[yesterday] != '.' && w.from*60 <= minute+wholeDay && minute+wholeDay < w.to*60
}

func TestOver_AgreesWithTheHoursOfPeriods(t *testing.T) {
	const rateMap = `{"summer":{"peak":3,"mid_peak":2,"off_peak":1},"winter":{"peak":"0.3","mid_peak":"0.2","off_peak":"0.1"}}`
	for name, c := range map[string]struct {
		peak, mid         string
		isPeak, isMidPeak window
	}{
		"workdays":            {"mo-fr 16:00-21:00", "mo-fr 21:00-24:00", window{"MTWTF..", 16, 21}, window{"MTWTF..", 21, 24}},
		"over midnight":       {"22:00-06:00", "fr-su 12:00-13:00", window{"MTWTFSS", 22, 30}, window{"....FSS", 12, 13}},
		"from Friday to dawn": {"fr 22:00-06:00", "su 23:00-01:00", window{"....F..", 22, 30}, window{"......S", 23, 25}},
		"where clocks change": {"01:00-02:00", "sa-mo 02:00-03:00", window{"MTWTFSS", 1, 2}, window{"M....SS", 2, 3}},
		"the whole of Sunday": {"su 00:00-24:00", "mo 00:00-01:00", window{"......S", 0, 24}, window{"M......", 0, 1}},
	} {
		for zone, dates := range changes {
			rules := rulesOf(t, zone, func(cfg *Config) {
				cfg.Periods = map[string]string{"peak": c.peak, "mid_peak": c.mid, "off_peak": rest}
				cfg.Seasons = map[string]string{"winter": "11-01..03-31", "summer": rest}
			})
			r := mustRate(t, rules, rateMap)
			for _, date := range dates {
				first := dayOf(t, date, rules.zone)
				span := energy.Interval{Start: first.Start.Add(-12 * time.Hour), End: first.End.Add(12 * time.Hour)}
				agree(t, name+" in "+zone, span, r.Over(span, nil), func(at time.Time) energy.Price {
					d, m, h, minute := wall(at, rules.zone)
					unit := energy.PriceOf(1)
					if m >= 10 || m <= 2 {
						unit = energy.PriceOf(0.1)
					}
					switch minute += h * 60; {
					case c.isPeak.holds(d, minute):
						return 3 * unit
					case c.isMidPeak.holds(d, minute):
						return 2 * unit
					}
					return unit
				})
			}
		}
	}
}

// A rule that every shape can say costs the same in each of them, and so do periods that say its hours.
func TestParse_EveryShapeSaysTheSamePrices(t *testing.T) {
	rules := rulesOf(t, pacific, func(c *Config) {
		c.Periods = map[string]string{"peak": "06:00-09:00, 17:00-24:00", "off_peak": rest}
	})
	high, low := energy.Price(412_345_678_901), energy.Price(-12_345_678_901)
	p := rule(func(_, _, hour int) energy.Price {
		if hour >= 6 && hour < 9 || hour >= 17 {
			return high
		}
		return low
	})
	two := fmt.Sprintf(`{"Peak":%s,"OFF-PEAK":"%s"}`, high, low)
	all := map[string]string{
		"periods": two, "seasons": `{"Summer":` + two + `,"winter":` + two + `}`,
		"components of periods": fmt.Sprintf(`{"generation":%s,"wildfire fund":{"peak":0.5,"off peak":-0.5}}`, fmt.Sprintf(`{"off_peak":%s,"peak":%s}`, low+energy.PriceOf(0.5), high-energy.PriceOf(0.5))),
		"periods of components": fmt.Sprintf(`{"peak":{"generation":%s,"total":%s},"off_peak":{"generation":%s,"total":%s}}`, high, high, low, low),
	}
	var months []string
	for m := time.January; m <= time.December; m++ {
		months = append(months, fmt.Sprintf(`%q:%s`, m, two))
	}
	all["months"] = "{" + strings.Join(months, ",") + "}"
	for name, f := range forms {
		all[name] = f.encode(p)
	}
	span := energy.Interval{Start: dayOf(t, "2026-10-28", rules.zone).Start, End: dayOf(t, "2026-11-03", rules.zone).End}
	for name, text := range all {
		r := mustRate(t, rules, text)
		agree(t, name, span, r.Over(span, nil), func(at time.Time) energy.Price {
			d, m, h, _ := wall(at, rules.zone)
			return p(d, m, h)
		})
	}
}

// In Lord Howe the clock is changed by half an hour, in Santiago at midnight, and in Havana midnight strikes twice.
func TestOver_CoversEveryDayOfEveryZone(t *testing.T) {
	for _, zone := range []string{"Australia/Lord_Howe", "America/Santiago", "America/Havana", "Pacific/Chatham"} {
		rules := rulesOf(t, zone, nil)
		all := energy.Interval{Start: time.Date(2026, 1, 1, 0, 0, 0, 0, rules.zone), End: time.Date(2027, 1, 1, 0, 0, 0, 0, rules.zone)}
		r := mustRate(t, rules, `{"peak":1,"part_peak":2,"off_peak":3}`)
		series, err := energy.NewSeries("USD", r.Over(all, nil))
		if err != nil || len(series.Gaps(all)) != 0 {
			t.Errorf("%s: %v, gaps %v", zone, err, series.Gaps(all))
		}
	}
}

// Days that are laid out one by one are the days of a span that is laid out at once; what cuts into a minute is cut.
func TestOver_IsTheSameInParts(t *testing.T) {
	rules := rulesOf(t, pacific, nil)
	r := mustRate(t, rules, `{"peak":3,"part_peak":2,"off_peak":1}`)
	origin := &energy.Origin{Source: "test"}
	start := dayOf(t, "2026-10-30", rules.zone).Start.UTC()
	random := rand.New(rand.NewPCG(2, 3))
	for range 20 {
		span := energy.Span(start, time.Duration(random.Int64N(int64(5*24*time.Hour)))+time.Second)
		cut := start.Add(time.Duration(random.Int64N(int64(span.Length()))))
		whole := energy.Series[energy.Price]{Points: r.Over(span, origin)}
		for _, part := range []energy.Interval{{Start: span.Start, End: cut}, {Start: cut, End: span.End}} {
			got, want := r.Over(part, origin), whole.Slice(part).Points
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("%v\n%v, want\n%v", part, got, want)
			}
			for _, p := range got {
				if p.Origin != origin || p.Start.Location() != time.UTC || p.End.Location() != time.UTC {
					t.Fatal(p)
				}
			}
		}
	}
}
