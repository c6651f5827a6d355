package feedtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// flaw is something that a source may do wrong.
type flaw string

const (
	sound0          flaw = ""
	noOrigin        flaw = "no origin"
	noStatus        flaw = "no status"
	otherKind       flaw = "a kind that is not announced"
	moody           flaw = "another answer the second time"
	blind           flaw = "an empty answer is good"
	ownContext      flaw = "the context is not handed on"
	retries         flaw = "tries again by itself"
	plainError      flaw = "an error without a kind"
	allTemporary    flaw = "every error is temporary"
	allMisconfig    flaw = "every error is a configuration"
	forgetsAfter    flaw = "forgets when to ask again"
	noTypeCheck     flaw = "HTML is an answer without values"
	patient         flaw = "no deadline"
	prefixDecoder   flaw = "takes what can be read of a cut body"
	refusesTwice    flaw = "a duplicate is an error"
	firstWins       flaw = "takes one of two values without a word"
	keepsBoth       flaw = "overlapping slots"
	fillsGaps       flaw = "a missing slot is filled"
	floats          flaw = "1e308 becomes some price"
	assumesCurrency flaw = "the currency is not read"
	namesNoCurrency flaw = "the currency is refused and not named"
	oneToken        flaw = "a refused token is not replaced"
	hammers         flaw = "asks on when it is refused"
	ownToday        flaw = "the values are those of the clock's day"
	relabels        flaw = "the values are those of the day asked for"
	talks           flaw = "the URL with its key is in the error"
	repeats         flaw = "an error inside an answer is repeated as it is"
	murmurs         flaw = "the key is in a remark"
	chatters        flaw = "a remark for each slot"
	quotes          flaw = "a number is repeated, however long it is"
	deaf            flaw = "an error inside an answer is no error"
)

const secret = "s3cr3t-key-of-the-home"

// reference is a small source, sound unless it has a flaw.
type reference struct {
	site   Site
	flaw   flaw
	client *wire.Client
	base   *url.URL
	calls  int
}

func newReference(f flaw) func(Site) (feeds.Source, error) {
	return func(site Site) (feeds.Source, error) {
		base, err := url.Parse(site.Base)
		if err != nil {
			return nil, err
		}
		r := &reference{site: site, flaw: f, base: base, client: &wire.Client{Now: site.Now, Timeout: site.Timeout}}
		if f == patient {
			r.client.Timeout = time.Minute
		}
		auth := &wire.Client{Now: site.Now, Timeout: site.Timeout}
		r.client.Tokens = wire.NewTokens(func(ctx context.Context) (wire.Grant, error) {
			return auth.Grant(ctx, wire.PostForm(base.JoinPath("token"), url.Values{"client_secret": {secret}}))
		}, site.Now)
		if f == oneToken {
			r.client.Tokens, r.client.Headers = nil, http.Header{"Authorization": {"Bearer fixed-" + secret}}
		}
		return r, nil
	}
}

func (r *reference) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{feeds.ImportPrice}, Zone: time.UTC, Currency: "EUR", Ahead: 24 * time.Hour,
		Publishes: feeds.Publication{At: 13 * time.Hour},
	}
}

type document struct {
	Message  string
	Currency energy.Currency
	Prices   []struct {
		Start, End time.Time
		Price      json.Number
	}
}

func (r *reference) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	v, err := r.fetch(ctx, span)
	if err == nil {
		return v, nil
	}
	switch r.flaw {
	case plainError:
		return v, errors.New(err.Error())
	case allTemporary:
		return v, feeds.Fail(feeds.Temporary, "%w", err)
	case allMisconfig:
		return v, feeds.Fail(feeds.Misconfigured, "%w", err)
	case forgetsAfter:
		return v, feeds.Fail(feeds.KindOf(err), "%v", err)
	case talks:
		return v, feeds.Fail(feeds.KindOf(err), "%s?key=%s: %v", r.base, secret, err)
	case retries:
		return r.fetch(ctx, span)
	case hammers:
		for range 3 {
			_, err = r.fetch(ctx, span)
		}
	}
	return v, err
}

func (r *reference) fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	if r.flaw == ownContext {
		ctx = context.WithoutCancel(ctx)
	}
	ask := wire.Request{URL: r.base.JoinPath("prices")}
	ask.URL.RawQuery = url.Values{"key": {secret}}.Encode()
	if r.flaw == noTypeCheck {
		ask.Accepts = []string{"application/json", "text/html"}
	}
	var d document
	answer, err := r.client.Do(ctx, ask)
	if err == nil {
		err = json.Unmarshal(answer.Body, &d)
	}
	switch {
	case r.flaw == noTypeCheck && answer.Status != 0 && err != nil, r.flaw == blind && answer.Status != 0 && len(answer.Body) == 0:
		return feeds.Values{}, nil
	case r.flaw == prefixDecoder && errors.Is(err, io.ErrUnexpectedEOF), r.flaw == prefixDecoder && len(answer.Body) > 0 && err != nil:
		return feeds.Values{}, nil
	case err != nil && feeds.KindOf(err) == feeds.Temporary && answer.Status != 0:
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "prices: %w", err)
	case err != nil:
		return feeds.Values{}, err
	case d.Message != "" && r.flaw == deaf:
		return feeds.Values{}, nil
	case d.Message != "" && r.flaw == repeats:
		return feeds.Values{}, feeds.Fail(feeds.Misconfigured, "prices: %s", d.Message)
	case d.Message != "":
		return feeds.Values{}, r.client.Hide(ask, feeds.Fail(feeds.Misconfigured, "prices: %s", d.Message))
	case d.Currency != "EUR" && r.flaw == namesNoCurrency:
		return feeds.Values{}, feeds.Fail(feeds.Misconfigured, "another currency")
	case d.Currency != "EUR" && r.flaw != assumesCurrency:
		return feeds.Values{}, feeds.Fail(feeds.Misconfigured, "prices in %q, not in EUR", d.Currency)
	}
	r.calls++
	return r.read(d, span)
}

func (r *reference) read(d document, span energy.Interval) (feeds.Values, error) {
	var v feeds.Values
	v.Import.Currency = "EUR"
	origin := &energy.Origin{Source: "reference", Fetched: r.site.Now(), Status: energy.Final}
	switch r.flaw {
	case noOrigin:
		origin = nil
	case noStatus:
		origin.Status = ""
	case murmurs:
		v.Remarks = append(v.Remarks, "asked with "+secret)
	}
	if r.flaw == chatters {
		for i := range 21 {
			v.Remarks = append(v.Remarks, fmt.Sprint("slot ", i))
		}
	}
	for i, p := range d.Prices {
		price, err := energy.ParseDecimalPrice(p.Price.String())
		if err != nil && r.flaw == quotes {
			return v, &feeds.Failure{Kind: feeds.Temporary, Err: fmt.Errorf("price %d: %q", i, p.Price)}
		}
		if err != nil && r.flaw != floats {
			v.Remarks = append(v.Remarks, feeds.OneLine(fmt.Sprintf("price %d: %v", i, err)))
			continue
		}
		point := energy.Point[energy.Price]{Interval: energy.Interval{Start: p.Start, End: p.End}, Value: price, Origin: origin}
		if n := len(v.Import.Points); n > 0 && r.flaw != keepsBoth {
			before := v.Import.Points[n-1]
			if before.Start.Equal(p.Start) {
				switch {
				case r.flaw == refusesTwice:
					return v, feeds.Fail(feeds.Temporary, "twice %v", p.Start)
				case before.Value != price && r.flaw != firstWins:
					v.Remarks = append(v.Remarks, "two prices")
				}
				continue
			}
			if r.flaw == fillsGaps && before.End.Before(p.Start) {
				point.Start = before.End
			}
		}
		v.Import.Points = append(v.Import.Points, point)
	}
	r.spoil(&v, span)
	return v, nil
}

// spoil does what is wrong with the values as a whole.
func (r *reference) spoil(v *feeds.Values, span energy.Interval) {
	if len(v.Import.Points) == 0 {
		return
	}
	shift := time.Duration(0)
	switch r.flaw {
	case otherKind:
		v.Export = v.Import
	case moody:
		v.Import.Points = v.Import.Points[min(1, r.calls-1):]
	case ownToday:
		shift = energy.Day(r.site.Now(), time.UTC).Start.Sub(v.Import.Points[0].Start)
	case relabels:
		shift = span.Start.Sub(v.Import.Points[0].Start)
	}
	for i := range v.Import.Points {
		v.Import.Points[i].Start = v.Import.Points[i].Start.Add(shift)
		v.Import.Points[i].End = v.Import.Points[i].End.Add(shift)
	}
}
