package energidata

import (
	"encoding/json"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

const layout = "2006-01-02T15:04:05"

// record is a row of either table. A number that is not known is null.
type record struct {
	Time   string       `json:"TimeUTC"`     // of prices
	Five   string       `json:"Minutes5UTC"` // of CO2
	Area   string       `json:"PriceArea"`
	DKK    *json.Number `json:"DayAheadPriceDKK"`
	EUR    *json.Number `json:"DayAheadPriceEUR"`
	CO2    *json.Number `json:"CO2Emission"`
	start  time.Time
	number *json.Number // the one that was asked for
}

func (cfg Config) read(body []byte, now time.Time) (out feeds.Values, err error) {
	if cfg.Kind == Carbon {
		out.Carbon, err = join(cfg, body, energy.Forecast, now, func(n json.Number) (energy.GramsPerKWh, error) { return feeds.Grams(n, 1) })
	} else {
		out.Import, err = join(cfg, body, energy.Final, now, func(n json.Number) (energy.Price, error) { return feeds.PerKWh(n, -3) })
	}
	return out, err
}

// currency is that of prices; CO2 has none.
func (cfg Config) currency() energy.Currency {
	if cfg.Kind == Carbon {
		return ""
	}
	return cfg.Currency
}

// join is the values of an answer over their slots; the publisher gives no ends.
func join[T comparable](cfg Config, body []byte, status energy.Status, now time.Time, parse func(json.Number) (T, error)) (energy.Series[T], error) {
	records, err := cfg.records(body)
	if err != nil {
		return energy.Series[T]{}, err
	}
	all := make([]feeds.Stamped[T], len(records))
	for i, r := range records {
		all[i].At = r.start
		if r.number == nil {
			continue
		}
		value, err := parse(*r.number)
		if err != nil {
			return energy.Series[T]{}, feeds.Fail(feeds.Temporary, "record %d: %w", i, err)
		}
		all[i].Value = &value
	}
	return feeds.JoinStamped(cfg.currency(), &energy.Origin{Source: "energidata", Fetched: now, Status: status}, all)
}

// records are the rows of an answer, as they came.
func (cfg Config) records(body []byte) ([]record, error) {
	var doc struct{ Records []record }
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, feeds.Fail(feeds.Temporary, "records: %w", err)
	}
	for i := range doc.Records {
		r := &doc.Records[i]
		text := r.Time
		switch {
		case cfg.Kind == Carbon:
			text, r.number = r.Five, r.CO2
		case cfg.Currency == "DKK":
			r.number = r.DKK
		default:
			r.number = r.EUR
		}
		var err error
		if r.start, err = time.Parse(layout, strings.TrimSuffix(text, "Z")); err != nil {
			return nil, feeds.Fail(feeds.Temporary, "record %d: time %q", i, feeds.OneLine(text))
		}
		if r.Area != cfg.Area {
			return nil, feeds.Fail(feeds.Temporary, "record %d: of %q, asked was for %s", i, feeds.OneLine(r.Area), cfg.Area)
		}
	}
	return doc.Records, nil
}
