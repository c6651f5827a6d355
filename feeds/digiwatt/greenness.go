package digiwatt

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// Greenness is how green the grid is, and when it is best to run something.
type Greenness struct {
	Share   energy.Series[energy.Share]
	Best    []energy.Interval // in order
	Remarks []string
}

// absurd is a share that no grid has, but one in percent would.
const absurd = 5

// fraction is the column of the share.
const fraction = "renewable_fraction"

// Greenness asks how green the grid is.
func (s *Source) Greenness(ctx context.Context) (Greenness, error) {
	return get(ctx, s, greenness, "", readGreenness)
}

func readGreenness(data json.RawMessage, q asked) (Greenness, error) {
	var doc struct {
		Windows []struct {
			Start string `json:"start"`
			Stop  string `json:"stop"`
		} `json:"best_windows"`
		Block *block[energy.Share] `json:"time_series"`
	}
	if err := q.decode(data, &doc); err != nil {
		return Greenness{}, err
	}
	const key = "time_series"
	if err := doc.Block.check(key); err != nil {
		return Greenness{}, err
	}
	stamps, err := labels[string](doc.Block, key)
	if err != nil {
		return Greenness{}, err
	}
	var windows []string
	for _, w := range doc.Windows {
		windows = append(windows, w.Start, w.Stop)
	}
	times, err := q.clock.read(windows, stamps)
	if err != nil {
		return Greenness{}, err
	}
	column := slices.Index(doc.Block.Columns, fraction)
	if column < 0 {
		return Greenness{}, feeds.Fail(feeds.Temporary, "%s has no column %s", key, fraction)
	}
	var g Greenness
	g.windows(times[0])
	cells := make([]*energy.Share, len(stamps))
	for i, row := range doc.Block.Data {
		cells[i] = row[column]
	}
	return g, g.shares(times[1], cells, q.now)
}

// windows takes what has a length, in order.
func (g *Greenness) windows(ends []time.Time) {
	var odd feeds.Remarks
	for i := 0; i < len(ends); i += 2 {
		w := energy.Interval{Start: ends[i], End: ends[i+1]}
		if w.IsEmpty() {
			odd.Say("best window: %v ends before it begins", w)
			continue
		}
		g.Best = append(g.Best, w)
	}
	g.Remarks = odd.All()
	slices.SortStableFunc(g.Best, func(a, b energy.Interval) int { return a.Start.Compare(b.Start) })
}

// shares takes the slots of which something is told. The same slot may come twice with the same share.
func (g *Greenness) shares(starts []time.Time, cells []*energy.Share, now time.Time) error {
	told := map[time.Time]*energy.Share{}
	for i, start := range starts {
		switch v, isTwice := told[start]; {
		case isTwice && text(v) != text(cells[i]):
			return feeds.Fail(feeds.Temporary, "two shares for %s", start.Format(time.RFC3339))
		case cells[i] != nil && !(*cells[i] >= 0 && *cells[i] <= absurd):
			return feeds.Fail(feeds.Temporary, "the share of %s is %s, which is no fraction", start.Format(time.RFC3339), text(cells[i]))
		}
		told[start] = cells[i]
	}
	starts = slices.Clone(starts)
	slices.SortStableFunc(starts, time.Time.Compare)
	starts = slices.Compact(starts)
	origin := &energy.Origin{Source: "digiwatt", Fetched: now, Status: energy.Forecast}
	for i, start := range starts {
		end := feeds.EndOf(starts, i)
		switch {
		case end.IsZero():
			g.Remarks = append(g.Remarks, "renewable share: one alone has no end")
		case told[start] != nil:
			g.Share.Points = append(g.Share.Points, energy.Point[energy.Share]{
				Interval: energy.Interval{Start: start, End: end}, Value: *told[start], Origin: origin,
			})
		}
	}
	return nil
}

func (g Greenness) table(title string) feeds.Table {
	t := feeds.Table{Title: title, Columns: []string{"what", "from (UTC)", "to (UTC)", "renewable share (fraction)"}, Remarks: g.Remarks}
	row := func(what string, i energy.Interval, share string) {
		t.Rows = append(t.Rows, []string{what, i.Start.Format(time.RFC3339), i.End.Format(time.RFC3339), share})
	}
	for _, w := range g.Best {
		row("best window", w, "")
	}
	for _, p := range g.Share.Points {
		row("grid", p.Interval, strconv.FormatFloat(float64(p.Value), 'f', -1, 64))
	}
	return t
}
