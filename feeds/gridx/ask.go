package gridx

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// fill reads all that is out of a span; where nothing is, it says why.
func (s *Source) fill(ctx context.Context, b *book, of whose, span energy.Interval) error {
	tomorrow := energy.Day(s.client.Time(), s.zone).End
	before, after := cut(span, tomorrow)
	past, future := s.days(before, mostDays), s.days(after, 1)
	for _, days := range past {
		if _, err := s.ask(ctx, b, of, days); err != nil {
			return err
		}
	}
	for _, days := range future {
		if len(past) > 0 && len(b.slots) == 0 {
			break
		}
		found, err := s.ask(ctx, b, of, days)
		if err != nil {
			return err
		}
		if !found {
			break // what comes after is not out either
		}
	}
	if len(b.slots) == 0 {
		return s.why(ctx, of)
	}
	return nil
}

// days is the local days of a span in pieces of at most n, each from the first midnight to the last.
func (s *Source) days(span energy.Interval, n int) []energy.Interval {
	var all []energy.Interval
	for at := span.Start; at.Before(span.End); {
		piece := energy.Day(at, s.zone)
		for k := 1; k < n && piece.End.Before(span.End); k++ {
			piece.End = energy.Day(piece.End, s.zone).End
		}
		all, at = append(all, piece), piece.End
	}
	return all
}

// ask reads the prices of whole local days; false when the answer is empty.
func (s *Source) ask(ctx context.Context, b *book, of whose, days energy.Interval) (bool, error) {
	u := s.base.JoinPath("getPricing")
	q := url.Values{
		"utility": {s.cfg.Utility}, "market": {"DAM"}, "program": {"CalFUSE"},
		"startdate": {days.Start.In(s.zone).Format("20060102")}, "enddate": {days.End.Add(-1).In(s.zone).Format("20060102")},
		"ratename": {of.rate}, "representativeCircuitId": {of.circuit},
	}
	if of.cca != "" {
		q.Set("cca", of.cca)
	}
	u.RawQuery = q.Encode()
	answer, err := s.client.Do(ctx, wire.Request{URL: u, Good: []int{http.StatusOK, http.StatusNoContent}})
	if err != nil || answer.Status == http.StatusNoContent {
		return false, err
	}
	before := len(b.slots)
	if err := b.read(answer.Body, s.zone); err != nil {
		return false, err
	}
	return len(b.slots) > before, nil
}

// why is what an empty answer means: not yet, where yesterday is there; else a parameter is wrong.
func (s *Source) why(ctx context.Context, of whose) error {
	yesterday := energy.Day(energy.Day(s.client.Time(), s.zone).Start.Add(-1), s.zone)
	found, err := s.ask(ctx, new(book), of, yesterday)
	switch {
	case err != nil:
		return err
	case found:
		return feeds.Fail(feeds.NotYet, "%s: the prices of that time are not out yet", s.base.Host)
	}
	return feeds.Fail(feeds.Misconfigured, "%s: no prices for utility %s, %v, not even of yesterday", s.base.Host, s.cfg.Utility, of)
}

// cut is what lies before a time, and what lies after it; what there is none of is empty.
func cut(span energy.Interval, at time.Time) (before, after energy.Interval) {
	return span.Overlap(energy.Interval{Start: span.Start, End: at}), span.Overlap(energy.Interval{Start: at, End: span.End})
}
