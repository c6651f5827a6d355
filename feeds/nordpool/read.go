package nordpool

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

type document struct {
	Date     string `json:"deliveryDateCET"`
	Currency string `json:"currency"`
	States   []struct {
		State string   `json:"state"`
		Areas []string `json:"areas"`
	} `json:"areaStates"`
	Entries []entry `json:"multiAreaEntries"`
}

type entry struct {
	Start  time.Time               `json:"deliveryStart"`
	End    time.Time               `json:"deliveryEnd"`
	Prices map[string]*json.Number `json:"entryPerArea"`
}

// read understands the answer of a day; nothing is how the portal says that it is not out.
func (cfg Config) read(body []byte, date string, now time.Time) (feeds.Values, error) {
	var doc document
	if len(body) > 0 {
		if err := json.Unmarshal(body, &doc); err != nil {
			return feeds.Values{}, feeds.Fail(feeds.Temporary, "prices of %s: %w", date, err)
		}
	}
	switch {
	case len(doc.Entries) == 0:
		return feeds.Values{}, feeds.Fail(feeds.NotYet, "prices of %s: are not out", date)
	case doc.Date != date:
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "prices of %s: are those of %q", date, feeds.OneLine(doc.Date))
	case doc.Currency != string(cfg.Currency):
		return feeds.Values{}, feeds.Fail(feeds.Misconfigured, "currency: the prices are in %q, not in %s", feeds.OneLine(doc.Currency), cfg.Currency)
	}
	if other := cfg.other(doc.Entries); other != "" {
		return feeds.Values{}, feeds.Fail(feeds.Misconfigured, "area: the prices are those of %s, not of %s", feeds.OneLine(other), cfg.Area)
	}
	status, remarks := cfg.status(doc)
	series, err := cfg.series(doc.Entries, &energy.Origin{Source: "nordpool", Fetched: now, Status: status})
	return feeds.Values{Import: series, Remarks: remarks}, err
}

// other is an area that has prices where ours is not even mentioned.
func (cfg Config) other(entries []entry) (area string) {
	for _, e := range entries {
		for name := range e.Prices {
			if name == cfg.Area {
				return ""
			}
			area = max(area, name)
		}
	}
	return area
}

// status is how firm the prices of the area are; what is not said to be final may change.
func (cfg Config) status(doc document) (status energy.Status, remarks []string) {
	for _, s := range doc.States {
		if !slices.Contains(s.Areas, cfg.Area) {
			continue
		}
		switch s.State {
		case "Final":
			return energy.Final, nil
		case "Preliminary":
		default:
			remarks = []string{"prices of " + doc.Date + ": are " + cmp.Or(feeds.OneLine(s.State), "nothing") + ", which is taken for preliminary"}
		}
	}
	return energy.Preliminary, remarks
}

func (cfg Config) series(entries []entry, origin *energy.Origin) (energy.Series[energy.Price], error) {
	var points []energy.Point[energy.Price]
	for i, e := range entries {
		number := e.Prices[cfg.Area]
		if number == nil {
			continue
		}
		slot := energy.Interval{Start: e.Start.UTC(), End: e.End.UTC()}
		if slot.IsEmpty() || slot.Length() > time.Hour {
			return energy.Series[energy.Price]{}, feeds.Fail(feeds.Temporary, "price %d: is for %v", i, slot)
		}
		price, err := feeds.PerKWh(*number, -3)
		if err != nil {
			return energy.Series[energy.Price]{}, feeds.Fail(feeds.Temporary, "price %d: %w", i, err)
		}
		points = append(points, energy.Point[energy.Price]{Interval: slot, Value: price, Origin: origin})
	}
	return feeds.Join(cfg.Currency, points)
}
