package digiwatt

import (
	"context"
	"encoding/json"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// Saving is what the vendor thinks could be saved. Its figures are told as they are: they do not fit each other.
type Saving struct {
	Consumption *energy.WattHours // of the home; nil: nothing was told
	Appliances  []ApplianceSaving
}

// ApplianceSaving is what is told of one appliance: of what runs now and then, one use and their number; of what is
// always on, a total; of standby, four weeks as well.
type ApplianceSaving struct {
	Name           string
	PerUse, Total  Beside[energy.WattHours]
	Uses           Beside[Count]
	Actual, Saving *energy.WattHours // nil: nothing was told
	Threshold      *energy.WattHours // of a week, above which it is worth a look
	Weeks          []Week
}

// Count is a number of uses, which an average makes no whole one.
type Count float64

// Beside is a figure of this home beside that of others. What was not told is nil.
type Beside[T ~float64] struct {
	User    *T `json:"user"`
	Average *T `json:"average"`
}

// Week is the energy of some days, told by the midnight in UTC; the last is one of them, as far as can be seen.
type Week struct {
	First, Last time.Time
	Energy      *energy.WattHours
}

// Saving is what could be saved, by appliance.
func (s *Source) Saving(ctx context.Context) (Saving, error) {
	return get(ctx, s, saving, "", readSaving)
}

// savingDoc is an appliance as it is written.
type savingDoc struct {
	Name   string                   `json:"appliance"`
	PerUse Beside[energy.WattHours] `json:"single_use_consumption"`
	Uses   Beside[Count]            `json:"usages_number"`
	Total  Beside[energy.WattHours] `json:"total_consumption"`
	Of     struct {
		Actual *energy.WattHours `json:"actual"`
		Saving *energy.WattHours `json:"saving"`
	} `json:"consumption"`
	History struct {
		Threshold *energy.WattHours `json:"threshold"`
		Weeks     []struct {
			Start string            `json:"start"`
			Stop  string            `json:"stop"`
			Value *energy.WattHours `json:"value"`
		} `json:"consumptions_history"`
	} `json:"history"`
}

// stamps are the first and last days, as they come.
func (d savingDoc) stamps() []string {
	var all []string
	for _, w := range d.History.Weeks {
		all = append(all, w.Start, w.Stop)
	}
	return all
}

func readSaving(data json.RawMessage, q asked) (Saving, error) {
	var doc struct {
		Consumption *energy.WattHours `json:"consumption"`
		Appliances  *[]savingDoc      `json:"saving_data"`
	}
	if err := q.decode(data, &doc); err != nil {
		return Saving{}, err
	}
	if doc.Appliances == nil {
		return Saving{}, feeds.Fail(feeds.Temporary, "saving_data is missing")
	}
	lists := make([][]string, len(*doc.Appliances))
	for i, d := range *doc.Appliances {
		lists[i] = d.stamps()
	}
	times, err := q.clock.read(lists...)
	if err != nil {
		return Saving{}, err
	}
	all := Saving{Consumption: doc.Consumption}
	for i, d := range *doc.Appliances {
		a := ApplianceSaving{
			Name: d.Name, PerUse: d.PerUse, Total: d.Total, Uses: d.Uses,
			Actual: d.Of.Actual, Saving: d.Of.Saving, Threshold: d.History.Threshold,
		}
		for n, w := range d.History.Weeks {
			a.Weeks = append(a.Weeks, Week{times[i][2*n], times[i][2*n+1], w.Value})
		}
		all.Appliances = append(all.Appliances, a)
	}
	return all, nil
}

func (s Saving) table(title string) feeds.Table {
	t := feeds.Table{Title: title, Columns: []string{
		"what", "of", "energy (Wh)", "saving (Wh)", "one use (Wh)", "one use, average (Wh)", "uses", "uses, average", "total (Wh)", "total, average (Wh)",
	}}
	row := func(cells ...string) {
		t.Rows = append(t.Rows, append(cells, make([]string, len(t.Columns)-len(cells))...))
	}
	if s.Consumption != nil {
		row("home", "", text(s.Consumption))
	}
	for _, a := range s.Appliances {
		row(a.Name, "", text(a.Actual), text(a.Saving), text(a.PerUse.User), text(a.PerUse.Average),
			text(a.Uses.User), text(a.Uses.Average), text(a.Total.User), text(a.Total.Average))
		for _, w := range a.Weeks {
			row(a.Name, w.First.Format(time.DateOnly)+" to "+w.Last.Format(time.DateOnly), text(w.Energy))
		}
		if a.Threshold != nil {
			row(a.Name, "threshold of a week", text(a.Threshold))
		}
	}
	return t
}
