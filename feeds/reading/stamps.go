package reading

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hearth/feeds"
)

// Stamps reads times of one form.
type Stamps struct {
	form string         // one of the names below, or a layout
	zone *time.Location // of a layout without offset; nil: the stamp says it
}

// The forms that have a name.
const (
	rfc3339 = "rfc3339"
	unix    = "unix"
	unixms  = "unixms"
)

// StampsKey is how a configuration says the form of times.
func StampsKey() feeds.Key {
	return feeds.Key{Name: "stamps", Help: "form of the times: rfc3339, unix, unixms or a layout such as 2006-01-02 15:04; rfc3339 where it is left out"}
}

// ParseStamps reads the name of a form, or a layout as Go writes them. A layout without offset is in the zone; one that
// ends in a Z is in UTC.
func ParseStamps(form string, zone *time.Location) (Stamps, error) {
	switch form {
	case "":
		return Stamps{form: rfc3339}, nil
	case rfc3339, unix, unixms:
		return Stamps{form: form}, nil
	}
	bad := func(why string) error {
		return feeds.Fail(feeds.Misconfigured, "stamps %q: %s; must be rfc3339, unix, unixms or a layout such as 2006-01-02 15:04", form, why)
	}
	if strings.Contains(form, "MST") {
		return Stamps{}, bad("names of zones are ambiguous")
	}
	for _, probe := range []time.Time{time.Date(2031, 10, 29, 22, 0, 0, 0, time.UTC), time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)} {
		if back, err := time.Parse(form, probe.Format(form)); err != nil || !back.Equal(probe) {
			return Stamps{}, bad("does not say day and hour")
		}
	}
	s := Stamps{form: form}
	switch {
	case strings.Contains(form, "Z07"), strings.Contains(form, "-07"):
	case strings.HasSuffix(form, "Z"):
		s.zone = time.UTC
	case zone == nil:
		return Stamps{}, feeds.Fail(feeds.Misconfigured, "zone: is missing, and stamps %q do not say it", form)
	default:
		s.zone = zone
	}
	return s, nil
}

// Times reads stamps in the order of their list. What is not told is the zero time, and what the change of the clock
// has left without meaning as well, with a remark.
func (s Stamps) Times(raws []json.RawMessage) (times []time.Time, remarks []string, err error) {
	walls := make([]time.Time, len(raws)) // as the clock on the wall shows it
	count := map[time.Time]int{}
	times = make([]time.Time, len(raws))
	for i, raw := range raws {
		if isNothing(raw) {
			continue
		}
		if times[i], err = s.one(raw); err != nil {
			return nil, nil, feeds.Fail(feeds.Misconfigured, "stamps: item %d: %w", i, err)
		}
		if s.zone != nil {
			walls[i] = times[i]
			count[walls[i]]++
		}
	}
	if s.zone == nil {
		return times, nil, nil
	}
	var odd feeds.Remarks
	seen := map[time.Time]int{}
	for i, wall := range walls {
		if wall.IsZero() {
			continue
		}
		all := instants(wall, s.zone)
		n := seen[wall]
		seen[wall]++
		switch {
		case len(all) == 1:
			times[i] = all[0]
		case len(all) == 2 && count[wall] == 2:
			times[i] = all[n]
		default:
			times[i] = time.Time{}
			odd.Say("%s is there %d times in the list and %d times on the clock in %s: left out", wall.Format("2006-01-02 15:04"), count[wall], len(all), s.zone)
		}
	}
	return times, odd.All(), nil
}

// one reads a stamp; of a layout in a zone, what the clock on the wall shows, as if it were UTC.
func (s Stamps) one(raw json.RawMessage) (time.Time, error) {
	t, isText := text(raw)
	if !isText {
		return time.Time{}, fmt.Errorf("%q is no time", feeds.OneLine(string(raw)))
	}
	switch s.form {
	case unix:
		return number(t, 1)
	case unixms:
		return number(t, 1000)
	}
	layout := s.form
	if layout == rfc3339 {
		layout = time.RFC3339
	}
	at, err := time.Parse(layout, t)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not in the form %s", feeds.OneLine(t), s.form)
	}
	return inCentury(at.UTC(), t)
}

func number(text string, perSecond int64) (time.Time, error) {
	n, err := strconv.ParseInt(strings.TrimSuffix(text, ".0"), 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no count of a clock", feeds.OneLine(text))
	}
	n = min(max(n, -1<<42), 1<<47) * (1000 / perSecond) // what is bounded stays outside of the century
	return inCentury(time.UnixMilli(n).UTC(), text)
}

// inCentury refuses milliseconds that were taken for seconds, and seconds for milliseconds.
func inCentury(at time.Time, text string) (time.Time, error) {
	if at.Year() < 2000 || at.Year() > 2100 {
		return time.Time{}, fmt.Errorf("%q is in the year %d", feeds.OneLine(text), at.Year())
	}
	return at, nil
}

// instants is when the clock of a zone shows this: once, twice on the night when it goes back, never in the hour that
// is left out.
func instants(wall time.Time, zone *time.Location) []time.Time {
	var all []time.Time
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} { // summer time comes first where it ends
		_, offset := wall.Add(near).In(zone).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
		if _, holds := at.In(zone).Zone(); holds == offset && (len(all) == 0 || !all[0].Equal(at)) {
			all = append(all, at)
		}
	}
	return all
}
