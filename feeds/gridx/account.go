package gridx

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// usageDays is what is asked for at once; the vendor names no limit. A month of hours with all four types is 300 kB.
const usageDays = 31

// usage asks for whole local days. What is not there is missing; an answer without anything is none.
func (s *Source) usage(ctx context.Context, days energy.Interval) (usage, error) {
	var u usage
	for _, piece := range s.days(days, usageDays) {
		at := s.base.JoinPath("customer", "usage")
		at.RawQuery = url.Values{
			"start": {piece.Start.UTC().Format(time.RFC3339)}, "end": {piece.End.UTC().Format(time.RFC3339)},
		}.Encode()
		ask := wire.Request{URL: at, Good: []int{http.StatusOK, http.StatusNoContent}}
		answer, err := s.account.client.Do(ctx, ask)
		if err != nil {
			return u, err
		}
		if answer.Status == http.StatusNoContent {
			continue
		}
		if err := u.read(answer.Body); err != nil {
			return u, s.account.client.Hide(ask, err)
		}
	}
	return u, nil
}

// today is where the usage parts: what lies before has been metered, and what lies after has been bought at most.
func (s *Source) today() time.Time { return energy.Day(s.client.Time(), s.zone).Start }

// withUsage adds what was metered in the days of a span that are over.
func (s *Source) withUsage(ctx context.Context, v feeds.Values, span energy.Interval) (feeds.Values, error) {
	past, _ := cut(span, s.today())
	if past.IsEmpty() {
		return v, nil
	}
	past = energy.Interval{Start: energy.Day(past.Start, s.zone).Start, End: energy.Day(past.End.Add(-1), s.zone).End}
	u, err := s.usage(ctx, past)
	now := s.client.Time()
	if err == nil {
		v.Taken, err = u.series(consumption, past, now)
	}
	if err == nil {
		v.Given, err = u.series(generation, past, now)
	}
	switch {
	case ctx.Err() != nil:
		return feeds.Values{}, err
	case err != nil:
		v.Taken, v.Given = energy.Series[energy.WattHours]{}, energy.Series[energy.WattHours]{}
		u.odd.Say("usage is missing: %v", err)
	}
	v.Remarks = feeds.FewRemarks(slices.Concat(v.Remarks, u.odd.All()))
	return v, nil
}
