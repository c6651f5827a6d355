package amber

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// The channels of a meter.
const (
	general        = "general"
	controlledLoad = "controlledLoad"
	feedIn         = "feedIn"
)

// statuses are how firm an interval of a type is. The current one moves until it is over.
var statuses = map[string]energy.Status{
	"ActualInterval": energy.Final, "CurrentInterval": energy.Preliminary, "ForecastInterval": energy.Forecast,
}

// interval is the price of a channel for a while.
type interval struct {
	Type     string       `json:"type"`
	Duration int          `json:"duration"` // minutes
	Start    time.Time    `json:"startTime"`
	End      time.Time    `json:"endTime"`
	Channel  string       `json:"channelType"`
	Price    *json.Number `json:"perKwh"` // cents with GST
}

func read(body []byte) (all []interval, err error) {
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, feeds.Fail(feeds.Temporary, "prices: %w", err)
	}
	return all, nil
}

// slot is when a price holds: a first second that is left out belongs to it.
func (i interval) slot() (energy.Interval, error) {
	slot := energy.Interval{Start: i.Start.UTC(), End: i.End.UTC()}
	if slot.Start.Second() == 1 {
		slot.Start = slot.Start.Add(-time.Second)
	}
	if slot.IsEmpty() || i.Duration > 60 || slot.Length() != time.Duration(i.Duration)*time.Minute {
		return slot, fmt.Errorf("%d minutes from %s to %s", i.Duration, i.Start.Format(time.RFC3339), i.End.Format(time.RFC3339))
	}
	return slot, nil
}

// understand makes series of the channels that are wanted.
func (cfg Config) understand(all []interval, now time.Time) (out feeds.Values, err error) {
	channels, strange := map[string][]interval{}, map[string]int{}
	for _, i := range all {
		if _, isKnown := statuses[i.Type]; !isKnown {
			strange[i.Type]++
			continue
		}
		channels[i.Channel] = append(channels[i.Channel], i)
	}
	var odd feeds.Remarks
	for _, name := range slices.Sorted(maps.Keys(strange)) {
		odd.Say("%d intervals of type %q are left out", strange[name], feeds.OneLine(name))
	}
	out.Remarks = odd.All()
	if len(channels) == 0 {
		return out, nil
	}
	have := strings.Join(slices.Sorted(maps.Keys(channels)), ", ")
	if channels[cfg.Import] == nil {
		return feeds.Values{}, feeds.Fail(feeds.Misconfigured, "import: the site has no channel %s but %s", cfg.Import, feeds.OneLine(have))
	}
	if cfg.Export != "" && channels[cfg.Export] == nil {
		return feeds.Values{}, feeds.Fail(feeds.Misconfigured, "export: the site has no channel %s but %s", cfg.Export, feeds.OneLine(have))
	}
	if out.Import, err = series(channels[cfg.Import], 1, now); err != nil {
		return feeds.Values{}, err
	}
	out.Export, err = series(channels[cfg.Export], -1, now)
	if err != nil {
		return feeds.Values{}, err
	}
	return out, nil
}

// series is the prices of one channel, times a sign.
func series(all []interval, sign energy.Price, now time.Time) (energy.Series[energy.Price], error) {
	none := energy.Series[energy.Price]{}
	origins := map[energy.Status]*energy.Origin{}
	for _, status := range statuses {
		origins[status] = &energy.Origin{Source: "amber", Fetched: now, Status: status}
	}
	var points []energy.Point[energy.Price]
	for _, i := range all {
		slot, err := i.slot()
		if err != nil {
			return none, feeds.Fail(feeds.Temporary, "%s price: %w", feeds.OneLine(i.Channel), err)
		}
		if i.Price == nil {
			continue
		}
		price, err := feeds.PerKWh(*i.Price, -2)
		if err != nil {
			return none, feeds.Fail(feeds.Temporary, "%s price of %v: %w", feeds.OneLine(i.Channel), slot, err)
		}
		points = append(points, energy.Point[energy.Price]{Interval: slot, Value: sign * price, Origin: origins[statuses[i.Type]]})
	}
	return feeds.Join("AUD", points)
}
