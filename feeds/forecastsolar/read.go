package forecastsolar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

var errQuota = errors.New("status 429: the quota of this hour is used up")

type document struct {
	Result struct {
		Watts watts
	}
	Message struct {
		Code int
		Text string
		Info struct{ Latitude, Longitude *float64 }
	}
}

// watt is what the roof gives at an instant.
type watt struct {
	at    time.Time
	power energy.Watts
}

// watts is an object of numbers by their times. A map would hide that a time is there twice.
type watts []watt

// UnmarshalJSON takes an empty list for an empty object, which is one to the publisher.
func (w *watts) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	open, err := d.Token()
	if err != nil || open == nil {
		return err
	}
	if open != json.Delim('{') {
		if next, err := d.Token(); open == json.Delim('[') && err == nil && next == json.Delim(']') {
			return nil
		}
		return errors.New("watts: are no numbers by their times")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var power float64
		if err := d.Decode(&power); err != nil {
			return fmt.Errorf("watts: %w", err)
		}
		at, err := time.Parse(time.RFC3339, fmt.Sprint(key))
		if err != nil {
			return fmt.Errorf("watts: %q is no time", feeds.OneLine(fmt.Sprint(key)))
		}
		*w = append(*w, watt{at.UTC(), energy.Watts(power)})
	}
	return nil
}

func (cfg Config) read(body []byte, now time.Time) (feeds.Values, error) {
	var doc document
	if err := json.Unmarshal(body, &doc); err != nil {
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "watts: %w", err)
	}
	place := doc.Message.Info
	switch {
	case doc.Message.Code != 0:
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "watts: code %d: %s", doc.Message.Code, feeds.OneLine(doc.Message.Text))
	case place.Latitude != nil && place.Longitude != nil && !cfg.Roof.IsNear(*place.Latitude, *place.Longitude):
		return feeds.Values{}, feeds.Fail(feeds.Misconfigured, "watts: of %g, %g, asked was for %g, %g", *place.Latitude, *place.Longitude, cfg.Roof.Latitude, cfg.Roof.Longitude)
	}
	instants, err := cfg.sorted(doc.Result.Watts)
	if err != nil {
		return feeds.Values{}, err
	}
	return feeds.Values{Solar: slots(instants, &energy.Origin{Source: "forecastsolar", Fetched: now, Status: energy.Forecast})}, nil
}

// sorted are the instants in order, as far as the inverter lets them through.
func (cfg Config) sorted(all watts) ([]watt, error) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b watt) int { return a.at.Compare(b.at) })
	all = slices.Compact(all)
	for i, w := range all {
		if !(w.power >= 0 && w.power <= 2*cfg.Roof.Peak) {
			return nil, feeds.Fail(feeds.Temporary, "watts at %s: %g is not what a roof of %sp gives", w.at.Format(time.RFC3339), float64(w.power), cfg.Roof.Peak)
		}
		if i > 0 && w.at.Equal(all[i-1].at) {
			return nil, feeds.Fail(feeds.Temporary, "watts at %s: are there twice, not the same", w.at.Format(time.RFC3339))
		}
		all[i].power = cfg.Roof.Limited(w.power)
	}
	return all, nil
}

// slots are the means between instants. Where two are further from each other than is usual, one is missing, and so is
// the slot; except for the night, which is between a sunset and a sunrise without power.
//
//	instants  0 . 270 . 481 .   .   . 710 . 0              0 . 194
//	slots     [---)[----)[--)             [-)[---- 0 W ----)[--)
func slots(all []watt, origin *energy.Origin) (s energy.Series[energy.Watts]) {
	most := usual(all)
	for i := 1; i < len(all); i++ {
		first, last := all[i-1], all[i]
		length := last.at.Sub(first.at)
		isNight := first.power == 0 && last.power == 0 && length < 24*time.Hour
		if length > most && !isNight {
			continue
		}
		s.Points = append(s.Points, energy.Point[energy.Watts]{
			Interval: energy.Interval{Start: first.at, End: last.at}, Value: (first.power + last.power) / 2, Origin: origin,
		})
	}
	return s
}

// grid is what the publisher's steps are multiples of: 60 minutes without key, 30 and 15 with one.
const grid = 15 * time.Minute

// usual is the step that is there most often, the shorter one of two. Distances to sunrise and sunset are none.
func usual(all []watt) time.Duration {
	most, count := time.Hour, map[time.Duration]int{}
	for i := 1; i < len(all); i++ {
		if d := all[i].at.Sub(all[i-1].at); d%grid == 0 {
			count[d]++
		}
	}
	for d, n := range count {
		if n > count[most] || n == count[most] && d < most {
			most = d
		}
	}
	return most
}
