package entsoe

import (
	"cmp"
	"encoding/xml"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// document is what stands in an answer, of either kind. Unknown elements are ignored, and so are namespaces: their
// versions change without a change of what is used here.
type document struct {
	XMLName xml.Name
	Reasons []reason     `xml:"Reason"`
	Type    string       `xml:"type"`
	Series  []timeSeries `xml:"TimeSeries"`
}

type reason struct {
	Code string `xml:"code"`
	Text string `xml:"text"`
}

type timeSeries struct {
	Contract string       `xml:"contract_MarketAgreement.type"`
	In       string       `xml:"in_Domain.mRID"`
	Out      string       `xml:"out_Domain.mRID"`
	Currency string       `xml:"currency_Unit.name"`
	Measure  string       `xml:"price_Measure_Unit.name"`
	Curve    string       `xml:"curveType"`
	Sequence string       `xml:"classificationSequence_AttributeInstanceComponent.position"`
	Periods  []timePeriod `xml:"Period"`
}

type timePeriod struct {
	Interval struct {
		Start string `xml:"start"`
		End   string `xml:"end"`
	} `xml:"timeInterval"`
	Resolution string  `xml:"resolution"`
	Points     []point `xml:"Point"`
}

type point struct {
	Position int    `xml:"position"`
	Price    string `xml:"price.amount"`
}

// Names and codes of ENTSO-E's.
const (
	publication     = "Publication_MarketDocument"
	acknowledgement = "Acknowledgement_MarketDocument"

	priceDocument = "A44"
	dayAhead      = "A01" // of contracts; A07 is intraday
	everyPosition = "A01" // of curves; what is left out is missing
	onChange      = "A03" // of curves; what is left out repeats what was before
)

// span is the interval of a period; times have no seconds.
func (p timePeriod) span() (energy.Interval, error) {
	start, err1 := time.Parse("2006-01-02T15:04Z", strings.TrimSpace(p.Interval.Start))
	end, err2 := time.Parse("2006-01-02T15:04Z", strings.TrimSpace(p.Interval.End))
	i := energy.Interval{Start: start, End: end}
	if err1 != nil || err2 != nil || i.IsEmpty() || i.Length() > longest {
		return i, feeds.Fail(feeds.Temporary, "prices: from %q to %q", feeds.OneLine(p.Interval.Start), feeds.OneLine(p.Interval.End))
	}
	return i, nil
}

// longest is more than anybody is asked for; a period of years would be as many slots.
const longest = 32 * 24 * time.Hour

// resolutions are the steps that auctions have.
var resolutions = map[string]time.Duration{"PT15M": 15 * time.Minute, "PT30M": 30 * time.Minute, "PT60M": time.Hour, "PT1H": time.Hour}

// refused says what a status 400 means: the reason stands in an acknowledgement, where there is one.
func (s *Source) refused(body []byte) error {
	var doc document
	if xml.Unmarshal(body, &doc) == nil && doc.XMLName.Local == acknowledgement {
		return s.acknowledged(doc)
	}
	return feeds.Fail(feeds.Misconfigured, "%s: status 400", s.base.Host)
}

// acknowledged says what an acknowledgement means. All reasons have one code, so the text is looked at.
func (s *Source) acknowledged(d document) error {
	text := ""
	for _, r := range d.Reasons {
		text += " " + r.Text
	}
	text = feeds.OneLine(strings.ReplaceAll(text, s.cfg.Token, "***"))
	says := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(strings.ToLower(text), w) {
				return true
			}
		}
		return false
	}
	switch {
	case says("no matching data"):
		return feeds.Fail(feeds.NotYet, "prices: %s", text)
	case text == "", says("unexpected error", "unavailable", "try again", "maintenance", "timeout", "timed out"):
		return feeds.Fail(feeds.Temporary, "prices: refused: %s", cmp.Or(text, "no reason"))
	}
	return feeds.Fail(feeds.Misconfigured, "prices: refused: %s", text)
}
