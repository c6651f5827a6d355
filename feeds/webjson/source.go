// Package webjson reads prices, greenness or a solar forecast from any web service that answers JSON: the configuration
// says where to ask, where the list is in the answer, and what its numbers count.
//
// # Caveats
//
// What is told of a service is believed, but for what its answer can contradict: a unit that it names itself, another
// form of times, another currency than the home's. A service that answers a day at a time is asked once for each. Times
// without offset are those of the zone, and on the night when the clock goes back the list has to have its hour twice.
package webjson

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/reading"
	"hearth/feeds/wire"
)

// Source is one list of one service.
type Source struct {
	url     template
	items   reading.Path
	unitAt  reading.Path // empty: the answer does not say it
	list    reading.List
	meaning reading.Meaning
	status  energy.Status
	header  http.Header // with the secret; nil: none
	about   feeds.About
	client  *wire.Client
}

// About says what the configuration says.
func (s *Source) About() feeds.About { return s.about }

// mostDays is how many days are asked for one by one.
const mostDays = 10

// Fetch asks for a span, or for each local day of it. Days that are not out are left out where others are: one that has
// not begun may be an address that is not there. Where no day is there, one that has begun should have been.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	now := s.client.Time()
	var slots []reading.Slot
	var remarks []string
	var absent error // of a day that has begun
	for _, part := range s.parts(span) {
		some, odd, err := s.ask(ctx, s.url.at(part, s.about.Zone))
		isAbsent := s.url.isDaily && feeds.StatusOf(err) == http.StatusNotFound
		switch {
		case isAbsent && absent == nil && !part.Start.After(now):
			absent = err
		case err != nil && !isAbsent && feeds.KindOf(err) != feeds.NotYet:
			return feeds.Values{}, err
		}
		slots, remarks = append(slots, some...), append(remarks, odd...)
	}
	if absent != nil && len(slots) == 0 {
		return feeds.Values{}, absent
	}
	v, err := s.meaning.Values(slots, &energy.Origin{Source: "webjson", Fetched: now, Status: s.status})
	if err != nil {
		return feeds.Values{}, err
	}
	v.Remarks = feeds.FewRemarks(remarks)
	return v.OrNotYet(span)
}

// parts are the spans of the questions.
func (s *Source) parts(span energy.Interval) []energy.Interval {
	if !s.url.isDaily {
		return []energy.Interval{span}
	}
	var days []energy.Interval
	for at := span.Start; at.Before(span.End) && len(days) < mostDays; at = days[len(days)-1].End {
		days = append(days, energy.Day(at, s.about.Zone))
	}
	return days
}

func (s *Source) ask(ctx context.Context, u *url.URL) ([]reading.Slot, []string, error) {
	answer, err := s.client.Do(ctx, wire.Request{URL: u, Headers: s.header, Good: []int{http.StatusOK, http.StatusNoContent}})
	if err != nil {
		return nil, nil, err
	}
	if len(answer.Body) == 0 {
		return nil, nil, feeds.Fail(feeds.NotYet, "%s: the answer is empty", u.Host)
	}
	return s.read(answer.Body)
}

// read finds the list in an answer.
func (s *Source) read(body []byte) ([]reading.Slot, []string, error) {
	if err := json.Unmarshal(body, new(json.RawMessage)); err != nil {
		return nil, nil, feeds.Fail(feeds.Temporary, "the answer is no document: %w", err)
	}
	if err := s.checkUnit(body); err != nil {
		return nil, nil, err
	}
	items := s.items.All(body)
	if len(items) == 0 {
		if s.items[:len(s.items)-1].One(body) == nil {
			return nil, nil, feeds.Fail(feeds.Misconfigured, "items: the answer has no %s", s.items)
		}
		return nil, nil, feeds.Fail(feeds.NotYet, "%s is empty", s.items)
	}
	return s.list.Slots(items)
}

// checkUnit refuses an answer that names another currency itself, or no unit where it should.
func (s *Source) checkUnit(body []byte) error {
	if len(s.unitAt) == 0 {
		return nil
	}
	for _, raw := range s.unitAt.All(body) {
		var said string
		if json.Unmarshal(raw, &said) != nil {
			return feeds.Fail(feeds.Misconfigured, "unit_at: %q is no text", feeds.OneLine(string(raw)))
		}
		if reading.IsPrice(s.meaning.Kind) && reading.Contradicts(said, s.about.Currency) {
			return feeds.Fail(feeds.Misconfigured, "unit_at: the answer is in %q, not in %s", feeds.OneLine(said), s.about.Currency)
		}
		if unit, err := reading.ParseUnit(said, s.meaning.Kind, s.about.Currency); err == nil && unit != s.meaning.Unit {
			return feeds.Fail(feeds.Misconfigured, "unit_at: the answer is in %q, which is not what unit says", feeds.OneLine(said))
		}
	}
	return nil
}
