package digiwatt

import (
	"context"
	"strconv"

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
		p, err := periodOf(s["period"])
		if err != nil {
			return feeds.Table{}, err
		}
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
