package digiwatt

import (
	"context"
	"encoding/json"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// Powers are the powers of some things from some times on. Nothing says until when one holds.
type Powers struct {
	Columns []string // as the vendor calls them: "fridge", "active_power_received"
	Starts  []time.Time
	Rows    [][]*energy.Watts // one for each start; nil: nothing was told
}

// Consumption is what each appliance took in a period, by the minute.
func (s *Source) Consumption(ctx context.Context, p Period) (Powers, error) {
	return get(ctx, s, consumption, p, readPowers)
}

// Latest is what the home took in the last six hours.
func (s *Source) Latest(ctx context.Context) (Powers, error) {
	return get(ctx, s, latest, "", readPowers)
}

// Realtime is what the home takes now.
func (s *Source) Realtime(ctx context.Context) (energy.Watts, error) {
	return get(ctx, s, realtime, "", readRealtime)
}

// electricity is the key under which most blocks are.
const electricity = "electricity_data"

func readPowers(data json.RawMessage, q asked) (Powers, error) {
	var doc struct {
		Block *block[energy.Watts] `json:"electricity_data"`
	}
	if err := q.decode(data, &doc); err != nil {
		return Powers{}, err
	}
	if err := doc.Block.check(electricity); err != nil {
		return Powers{}, err
	}
	stamps, err := labels[string](doc.Block, electricity)
	if err != nil {
		return Powers{}, err
	}
	times, err := q.clock.read(stamps)
	if err != nil {
		return Powers{}, err
	}
	return Powers{doc.Block.Columns, times[0], doc.Block.Data}, nil
}

func readRealtime(data json.RawMessage, q asked) (energy.Watts, error) {
	var doc struct {
		Power *energy.Watts `json:"realtime_consumption"`
	}
	if err := q.decode(data, &doc); err != nil {
		return 0, err
	}
	if doc.Power == nil {
		return 0, feeds.Fail(feeds.Temporary, "realtime_consumption is missing")
	}
	return *doc.Power, nil
}

func (p Powers) table(title string) feeds.Table {
	t := feeds.Table{Title: title, Columns: append([]string{"from (UTC)"}, withUnit(p.Columns, "W")...)}
	for i, start := range p.Starts {
		t.Rows = append(t.Rows, append([]string{start.Format(time.RFC3339)}, texts(p.Rows[i])...))
	}
	return t
}
