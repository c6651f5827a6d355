package digiwatt

import (
	"context"
	"strconv"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// Questions are the operations that change nothing.
func (s *Source) Questions() []feeds.Question {
	return []feeds.Question{
		ofPeriod(consumption, "what each appliance took, by the minute, in W", s.Consumption),
		ofPeriod(distribution, "what each appliance took in all, in Wh", s.Distribution),
		ofNow(realtime, "what the home takes now, in W", func(ctx context.Context) (power, error) {
			w, err := s.Realtime(ctx)
			return power(w), err
		}),
		ofNow(latest, "what the home took in the last six hours, in W", s.Latest),
		ofPeriod(performance, "what the home took beside similar homes, in Wh", s.Performance),
		ofPeriod(habits, "what the home takes in each hour of a week, in Wh", s.Habits),
		ofNow(trend, "what the home took in twelve months by the tariff's bands, in Wh", s.Trend),
		ofNow(yearly, "what each appliance took in twelve months, in Wh", s.Yearly),
		ofNow(compound, "what each appliance took in each of twelve months, in Wh", s.Compound),
		ofNow(saving, "what could be saved with each appliance, in Wh", s.Saving),
		ofNow(greenness, "how green the grid is, and when it is best to run something", s.Greenness),
	}
}

// tabular is an answer that can be shown.
type tabular interface {
	table(title string) feeds.Table
}

type power energy.Watts

func (p power) table(title string) feeds.Table {
	return feeds.Table{Title: title, Columns: []string{"power (W)"}, Rows: [][]string{{text(&p)}}}
}

func ofPeriod[T tabular](name, help string, ask func(context.Context, Period) (T, error)) feeds.Question {
	key := feeds.Key{Name: "period", Help: "which days, by the clock of Italy", Among: periods, IsRequired: true}
	return feeds.Question{Name: name, Help: help, Keys: []feeds.Key{key}, Ask: func(ctx context.Context, s feeds.Settings) (feeds.Table, error) {
		if err := feeds.OneOf("period", s["period"], periods...); err != nil {
			return feeds.Table{}, err
		}
		p := Period(s["period"])
		v, err := ask(ctx, p)
		if err != nil {
			return feeds.Table{}, err
		}
		return v.table(name + ", " + string(p)), nil
	}}
}

func ofNow[T tabular](name, help string, ask func(context.Context) (T, error)) feeds.Question {
	return feeds.Question{Name: name, Help: help, Ask: func(ctx context.Context, _ feeds.Settings) (feeds.Table, error) {
		v, err := ask(ctx)
		if err != nil {
			return feeds.Table{}, err
		}
		return v.table(name), nil
	}}
}

func withUnit(columns []string, unit string) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = feeds.OneLine(c) + " (" + unit + ")"
	}
	return all
}

// text is a number as it was told; empty where nothing was.
func text[T ~float64](v *T) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(float64(*v), 'f', -1, 64)
}

func texts[T ~float64](row []*T) []string {
	all := make([]string, len(row))
	for i, v := range row {
		all[i] = text(v)
	}
	return all
}

// Period is which days are asked for.
type Period string

// The periods of the vendor.
const (
	Yesterday     Period = "yesterday"
	LastSevenDays Period = "last-seven-days"
	ThisWeek      Period = "this-week"
	LastWeek      Period = "last-week"
	ThisMonth     Period = "this-month"
	LastMonth     Period = "last-month"
)

var periods = []string{
	string(Yesterday), string(LastSevenDays), string(ThisWeek), string(LastWeek), string(ThisMonth), string(LastMonth),
}

// span is the local days that a period means at a time. Weeks begin on Monday; what is not over ends now.
func (p Period) span(now time.Time, zone *time.Location) energy.Interval {
	year, month, day := now.In(zone).Date()
	midnight := func(month time.Month, day int) time.Time {
		return energy.Day(time.Date(year, month, day, 12, 0, 0, 0, zone), zone).Start
	}
	today := midnight(month, day)
	monday := day - (int(now.In(zone).Weekday())+6)%7
	switch p {
	case Yesterday:
		return energy.Interval{Start: midnight(month, day-1), End: today}
	case LastSevenDays:
		return energy.Interval{Start: midnight(month, day-7), End: today}
	case ThisWeek:
		return energy.Interval{Start: midnight(month, monday), End: now}
	case LastWeek:
		return energy.Interval{Start: midnight(month, monday-7), End: midnight(month, monday)}
	case ThisMonth:
		return energy.Interval{Start: midnight(month, 1), End: now}
	case LastMonth:
		return energy.Interval{Start: midnight(month-1, 1), End: midnight(month, 1)}
	}
	return energy.Interval{}
}
