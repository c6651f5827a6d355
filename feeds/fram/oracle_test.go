package fram

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// prices is what a home pays, by a rule that the test knows: weekday (Monday first), month and hour.
type prices func(weekday, month, hour int) energy.Price

// encoders write prices in each of the hourly shapes, as far as the shape can say them.
var encoders = map[string]struct {
	rule   func(seed uint64) prices
	encode func(p prices) string
}{
	byHour:               {ofHour, func(p prices) string { return row(p, 0, 0) }},
	byMonth:              {ofMonth, func(p prices) string { return list(12, func(m int) string { return row(p, 0, m) }) }},
	byDay:                {ofWeekday, func(p prices) string { return list(7, func(d int) string { return row(p, d, 0) }) }},
	byDay + ", Sunday":   {ofWeekday, func(p prices) string { return list(7, func(d int) string { return row(p, (d+6)%7, 0) }) }},
	byWeekend:            {ofAll, func(p prices) string { return "[" + year(p, 0) + "," + year(p, 6) + "]" }},
	byWeekend + ", name": {ofAll, func(p prices) string { return `{"Weekend":` + year(p, 5) + `,"weekday":` + year(p, 4) + `}` }},
	byClock:              {ofHour, func(p prices) string { return byName(p, "%d") }},
	byClock + ", two":    {ofHour, func(p prices) string { return byName(p, "%02d") }},
	byClock + ", colon":  {ofHour, func(p prices) string { return byName(p, "%02d:00") }},
}

// price is a made-up one for some numbers: always the same.
func price(seed uint64, of ...int) energy.Price {
	for _, n := range of {
		seed = seed*31 + uint64(n)
	}
	return energy.Price(rand.New(rand.NewPCG(seed, 7)).Int64N(1e12) - 1e11)
}

func ofHour(seed uint64) prices  { return func(_, _, h int) energy.Price { return price(seed, h) } }
func ofMonth(seed uint64) prices { return func(_, m, h int) energy.Price { return price(seed, m, h) } }

func ofWeekday(seed uint64) prices {
	return func(d, _, h int) energy.Price { return price(seed, d/5, h) }
}

func ofAll(seed uint64) prices {
	return func(d, m, h int) energy.Price { return price(seed, d/5, m, h) }
}

func list(n int, item func(int) string) string {
	var out []string
	for i := range n {
		out = append(out, item(i))
	}
	return "[" + strings.Join(out, ",") + "]"
}

func row(p prices, weekday, month int) string {
	return list(24, func(h int) string { return p(weekday, month, h).String() })
}

func year(p prices, weekday int) string {
	return list(12, func(m int) string { return row(p, weekday, m) })
}

func byName(p prices, form string) string {
	var out []string
	for _, h := range rand.New(rand.NewPCG(1, 1)).Perm(24) {
		out = append(out, fmt.Sprintf(`"`+form+`":"%s"`, h, p(0, 0, h)))
	}
	return "{" + strings.Join(out, ",") + "}"
}

// The price of an instant is that of what the clock on the wall shows at it, in every hourly shape and on every day.
func TestTimetable_AgreesWithTheClockOnTheWall(t *testing.T) {
	s, err := New(home(), feeds.Net{})
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range encoders {
		shape, _, _ := strings.Cut(name, ",")
		for seed := range uint64(3) {
			rule := e.rule(seed)
			k, err := classify([]byte(e.encode(rule)), "")
			if err != nil || k.shape != shape {
				t.Fatalf("%s: %s, %v", name, k.shape, err)
			}
			table, err := s.calendar.timetable(k)
			if err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(seed, 9))
			days := []string{"2026-03-08", "2026-11-01", "2026-12-31", "2028-02-29"}
			for range 20 {
				days = append(days, time.Date(2026, 1, 1+r.IntN(365), 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
			}
			for _, date := range days {
				day := dayOf(date, s.zone)
				series, err := energy.NewSeries(currency, table.points(day, s.zone, nil))
				if err != nil {
					t.Fatal(err)
				}
				for at := day.Start; at.Before(day.End); at = at.Add(30 * time.Minute) {
					wall := at.In(s.zone)
					want := rule((int(wall.Weekday())+6)%7, int(wall.Month())-1, wall.Hour())
					if got, isThere := series.At(at); !isThere || got != want {
						t.Fatalf("%s at %v: %v, want %v", name, wall, got, want)
					}
				}
			}
		}
	}
}

// The hours of periods say the same as a rule that asks each minute anew.
func TestWeek_AgreesWithARuleOfMinutes(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 60 {
		h := hours{from: r.IntN(wholeDay), to: r.IntN(wholeDay + 1)}
		if h.from == h.to {
			continue
		}
		for i := range h.weekdays {
			h.weekdays[i] = r.IntN(2) == 0
		}
		c := calendar{periods: map[string][]hours{"peak": {h}, "offpeak": nil}}
		w, err := c.week("", map[string]energy.Price{"peak": 1, "offpeak": 2})
		if err != nil {
			t.Fatal(err)
		}
		for day := range w {
			for minute, got := range w[day] {
				isPeak := h.weekdays[day] && minute >= h.from && (minute < h.to || h.to < h.from) ||
					h.to < h.from && h.weekdays[(day+6)%7] && minute < h.to
				if isPeak != (got == 1) {
					t.Fatalf("%+v: %s %d is %v", h, weekdayNames[day], minute, got)
				}
			}
		}
	}
}
