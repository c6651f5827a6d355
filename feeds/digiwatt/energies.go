package digiwatt

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"hearth/energy"
	"hearth/feeds"
)

// Distribution is what each appliance took in a period, and what the home took in all.
type Distribution struct {
	Columns []string
	Energy  []*energy.WattHours // of each column; nil: nothing was told
	// Selected is the whole of the period and Previous that of the one before; nil: nothing was told.
	Selected, Previous *energy.WattHours
}

// Performance is the energy of a period beside that of similar homes. What was not told is nil.
type Performance struct{ Min, Max, User *energy.WattHours }

// Months is what some things took in each of the last twelve months.
type Months struct {
	Columns []string // appliances, or the tariff's bands f1, f2, f3
	Numbers []int    // 1 to 12: whether 1 is January or the oldest, the vendor does not say
	Rows    [][]*energy.WattHours
}

// Habits is what some things take in the hours of a week. Hours of which nothing is known are not there.
type Habits struct {
	Columns []string
	Hours   []WeekHour
	Rows    [][]*energy.WattHours
}

// WeekHour is an hour of a week. The vendor does not say which day is 0; Monday is presumed.
type WeekHour struct{ Day, Hour int }

// Distribution is how the energy of a period is spread over the appliances.
func (s *Source) Distribution(ctx context.Context, p Period) (Distribution, error) {
	return get(ctx, s, distribution, p, readDistribution)
}

// Yearly is how the energy of the last twelve months is spread over the appliances; the whole is not told.
func (s *Source) Yearly(ctx context.Context) (Distribution, error) {
	return get(ctx, s, yearly, "", readDistribution)
}

// Performance compares the home with similar ones.
func (s *Source) Performance(ctx context.Context, p Period) (Performance, error) {
	return get(ctx, s, performance, p, readPerformance)
}

// Habits is when in the week the home takes its energy.
func (s *Source) Habits(ctx context.Context, p Period) (Habits, error) {
	return get(ctx, s, habits, p, readHabits)
}

// Trend is the energy of the last twelve months in each band of the tariff.
func (s *Source) Trend(ctx context.Context) (Months, error) {
	return get(ctx, s, trend, "", readMonths)
}

// Compound is the energy of the last twelve months of each appliance.
func (s *Source) Compound(ctx context.Context) (Months, error) {
	return get(ctx, s, compound, "", readMonths)
}

func readDistribution(data json.RawMessage, q asked) (Distribution, error) {
	var doc struct {
		Total struct {
			Selected *energy.WattHours `json:"selected_period"`
			Previous *energy.WattHours `json:"previous_period"`
		} `json:"total_consumption"`
		Block *block[energy.WattHours] `json:"electricity_data"`
	}
	if err := q.decode(data, &doc); err != nil {
		return Distribution{}, err
	}
	if err := doc.Block.check(electricity); err != nil {
		return Distribution{}, err
	}
	if len(doc.Block.Data) != 1 {
		return Distribution{}, feeds.Fail(feeds.Temporary, "%s has %d rows, not one", electricity, len(doc.Block.Data))
	}
	return Distribution{doc.Block.Columns, doc.Block.Data[0], doc.Total.Selected, doc.Total.Previous}, nil
}

func readPerformance(data json.RawMessage, q asked) (Performance, error) {
	var doc struct {
		Of *struct {
			Min  *energy.WattHours `json:"min_consumption"`
			Max  *energy.WattHours `json:"max_consumption"`
			User *energy.WattHours `json:"user_consumption"`
		} `json:"performance"`
	}
	if err := q.decode(data, &doc); err != nil {
		return Performance{}, err
	}
	if doc.Of == nil {
		return Performance{}, feeds.Fail(feeds.Temporary, "performance is missing")
	}
	return Performance{doc.Of.Min, doc.Of.Max, doc.Of.User}, nil
}

func readMonths(data json.RawMessage, q asked) (Months, error) {
	b, err := energies(data, q)
	if err != nil {
		return Months{}, err
	}
	numbers, err := labels[int](b, electricity)
	if err != nil {
		return Months{}, err
	}
	for i, n := range numbers {
		if n < 1 || n > 12 || slices.Contains(numbers[:i], n) {
			return Months{}, feeds.Fail(feeds.Temporary, "%s has the month %d in row %d", electricity, n, i)
		}
	}
	return Months{b.Columns, numbers, b.Data}, nil
}

func readHabits(data json.RawMessage, q asked) (Habits, error) {
	b, err := energies(data, q)
	if err != nil {
		return Habits{}, err
	}
	pairs, err := labels[[]int](b, electricity)
	if err != nil {
		return Habits{}, err
	}
	h := Habits{Columns: b.Columns, Rows: b.Data}
	for i, pair := range pairs {
		if len(pair) != 2 || pair[0] < 0 || pair[0] > 6 || pair[1] < 0 || pair[1] > 23 || slices.Contains(h.Hours, WeekHour{pair[0], pair[1]}) {
			return Habits{}, feeds.Fail(feeds.Temporary, "%s has the day and hour %v in row %d", electricity, pair, i)
		}
		h.Hours = append(h.Hours, WeekHour{pair[0], pair[1]})
	}
	return h, nil
}

func energies(data json.RawMessage, q asked) (*block[energy.WattHours], error) {
	var doc struct {
		Block *block[energy.WattHours] `json:"electricity_data"`
	}
	if err := q.decode(data, &doc); err != nil {
		return nil, err
	}
	return doc.Block, doc.Block.check(electricity)
}

func (d Distribution) table(title string) feeds.Table {
	t := feeds.Table{Title: title, Columns: []string{"what", "energy (Wh)"}}
	for i, name := range d.Columns {
		t.Rows = append(t.Rows, []string{name, text(d.Energy[i])})
	}
	if d.Selected != nil || d.Previous != nil {
		t.Rows = append(t.Rows, []string{"in all", text(d.Selected)}, []string{"in all, the period before", text(d.Previous)})
	}
	return t
}

func (p Performance) table(title string) feeds.Table {
	return feeds.Table{Title: title, Columns: []string{"whose", "energy (Wh)"}, Rows: [][]string{
		{"least of similar homes", text(p.Min)}, {"most of similar homes", text(p.Max)}, {"this home", text(p.User)},
	}}
}

func (m Months) table(title string) feeds.Table {
	t := feeds.Table{Title: title, Columns: append([]string{"month (1 to 12)"}, withUnit(m.Columns, "Wh")...)}
	for i, n := range m.Numbers {
		t.Rows = append(t.Rows, append([]string{strconv.Itoa(n)}, texts(m.Rows[i])...))
	}
	t.Remarks = []string{"the vendor does not say whether month 1 is January or the oldest of the twelve"}
	return t
}

// week is how many hours there are in one.
const week = 7 * 24

func (h Habits) table(title string) feeds.Table {
	t := feeds.Table{Title: title, Columns: append([]string{"day (0 to 6)", "hour (0 to 23)"}, withUnit(h.Columns, "Wh")...)}
	for i, at := range h.Hours {
		t.Rows = append(t.Rows, append([]string{strconv.Itoa(at.Day), strconv.Itoa(at.Hour)}, texts(h.Rows[i])...))
	}
	t.Remarks = []string{"the vendor does not say which day is 0; Monday is presumed"}
	if n := len(h.Hours); n != week {
		t.Remarks = append(t.Remarks, "of the 168 hours of a week there are "+strconv.Itoa(n))
	}
	return t
}
