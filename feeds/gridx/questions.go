package gridx

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// mostUsageDays bounds what a question may ask for: a table beyond that is for nobody.
const mostUsageDays = 92

// Questions are about the customer; there are none where none is configured.
func (s *Source) Questions() []feeds.Question {
	if s.account == nil {
		return nil
	}
	return []feeds.Question{
		{Name: "info", Help: "what the utility knows of the customer: rate, circuit, who sells the energy", Ask: s.askInfo},
		{Name: "usage", Help: "what was metered on days that are over, what was bought for today and later, and the baselines", Keys: []feeds.Key{
			{Name: "from", Help: "first day, 2026-03-01; a week ago where it is left out"},
			{Name: "to", Help: "last day, which is included; yesterday where it is left out"},
		}, Ask: s.askUsage},
	}
}

// Orders is empty: GridX cannot be told anything.
func (s *Source) Orders() []feeds.Order { return nil }

func (s *Source) askInfo(ctx context.Context, _ feeds.Settings) (feeds.Table, error) {
	i, err := s.account.info(ctx, s.zone)
	if err != nil {
		return feeds.Table{}, err
	}
	t := feeds.Table{Title: "Customer of " + s.cfg.Utility, Columns: []string{"what", "value"}}
	of, err := i.whose(s.cfg.Utility, whose{})
	if err != nil {
		t.Remarks = append(t.Remarks, err.Error())
	}
	for _, row := range [][]string{
		{"service agreement", string(i.Contract)}, {"service point", string(i.Meter)}, {"rate", string(i.Rate)},
		{"voltage class", string(i.Voltage)}, {"rate of the prices", of.rate}, {"circuit", string(i.Circuit)},
		{"CCA", string(i.CCA)},
	} {
		if row[1] != "" {
			t.Rows = append(t.Rows, []string{row[0], feeds.OneLine(row[1])})
		}
	}
	t.Remarks = append(t.Remarks, contradictions(whose{s.cfg.Rate, s.cfg.Circuit, s.cfg.CCA}, i)...)
	return t, nil
}

func (s *Source) askUsage(ctx context.Context, keys feeds.Settings) (feeds.Table, error) {
	span, err := s.asked(keys)
	if err != nil {
		return feeds.Table{}, err
	}
	t := feeds.Table{
		Title:   "Usage",
		Columns: []string{"from", "minutes", "what", "taken (kWh)", "given (kWh)", "baseline taken (kWh)", "baseline given (kWh)"},
	}
	metered, bought := cut(span, s.today())
	for _, part := range []struct {
		what string
		days energy.Interval
	}{
		{"metered", metered}, {"bought", bought},
	} {
		u, err := s.usage(ctx, part.days)
		if err != nil {
			return feeds.Table{}, err
		}
		rows, err := u.rows(part.what, part.days, s.zone)
		if err != nil {
			return feeds.Table{}, err
		}
		t.Rows, t.Remarks = append(t.Rows, rows...), append(t.Remarks, u.odd.All()...)
	}
	if len(t.Rows) == 0 {
		t.Remarks = append(t.Remarks, "there is nothing of that time; what was metered is there after the bill")
	}
	return t, nil
}

// asked is the days that a question is about.
func (s *Source) asked(keys feeds.Settings) (energy.Interval, error) {
	span := energy.Interval{Start: s.today().AddDate(0, 0, -7), End: s.today()}
	for _, key := range []string{"from", "to"} {
		if keys[key] == "" {
			continue
		}
		noon, err := time.ParseInLocation(time.DateOnly+" 15", keys[key]+" 12", s.zone)
		if err != nil {
			return span, feeds.Fail(feeds.Misconfigured, "%s: %q is not a day such as 2026-03-01", key, feeds.OneLine(keys[key]))
		}
		if key == "from" {
			span.Start = energy.Day(noon, s.zone).Start
		} else {
			span.End = energy.Day(noon, s.zone).End
		}
	}
	if keys["from"] == "" && keys["to"] != "" {
		span.Start = energy.Day(span.End.Add(-1).In(s.zone).AddDate(0, 0, -6), s.zone).Start
	}
	switch {
	case span.IsEmpty():
		return span, feeds.Fail(feeds.Misconfigured, "to: is before the first day")
	case len(s.days(span, 1)) > mostUsageDays:
		return span, feeds.Fail(feeds.Misconfigured, "to: is more than %d days after the first", mostUsageDays)
	}
	span.Start = energy.Day(span.Start, s.zone).Start
	return span, nil
}

// rows are the amounts of all payload types side by side, in local time.
func (u *usage) rows(what string, within energy.Interval, zone *time.Location) ([][]string, error) {
	byStart := map[time.Time][]string{}
	var starts []time.Time
	for column, kind := range payloadTypes {
		s, err := u.series(kind, within, time.Time{})
		if err != nil {
			return nil, err
		}
		for _, p := range s.Points {
			row := byStart[p.Start]
			if row == nil {
				row = []string{p.Start.In(zone).Format("2006-01-02T15:04-07:00"), fmt.Sprint(p.Length().Minutes()), what, "", "", "", ""}
				byStart[p.Start], starts = row, append(starts, p.Start)
			}
			row[3+column] = kWh(p.Value)
		}
	}
	slices.SortStableFunc(starts, time.Time.Compare)
	var rows [][]string
	for _, start := range starts {
		rows = append(rows, byStart[start])
	}
	return rows, nil
}
