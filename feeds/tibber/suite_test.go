package tibber

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

const token = "t0ken-0f-the-customer"

// slot is one quarter of an hour of the recording.
const slot = `{"total": 0.9999, "startsAt": "2026-03-01T23:45:00.000+01:00"}`

// norway is where the suite's prices are.
func norway(t *testing.T) feeds.Home {
	return feeds.Home{Zone: feedtest.Zone(t, "Europe/Oslo"), Currency: "NOK"}
}

func TestSource_PassesTheSuite(t *testing.T) {
	answer := feedtest.Answer(t, "an-hour-and-a-half/answer.json")
	where := norway(t)
	span := energy.Span(time.Date(2026, 3, 1, 22, 15, 0, 0, time.UTC), 90*time.Minute)
	feedtest.Run(t, feedtest.Case{
		New: func(s feedtest.Site) (feeds.Source, error) {
			return Type.New(feeds.Settings{"token": token, "url": s.Base + "/v1-beta/gql"}, feeds.Net{Now: s.Now, Timeout: s.Timeout, Home: where})
		},
		Now: span.Start, Span: span,
		Good: []feedtest.Exchange{{Method: "POST", Path: "/v1-beta/gql", Body: answer}},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: slot, New: slot + "," + slot}},
			feedtest.Overlap:   {{Old: slot, New: slot + "," + strings.Replace(slot, "0.9999", "0.8888", 1)}},
			feedtest.Missing:   {{Old: ",\n        " + slot, New: ""}},
			feedtest.Huge:      {{Old: "0.9999", New: "1e308"}},
			feedtest.Currency:  {{Old: "NOK", New: "JPY"}},
		},
		Secrets: []string{token},
	})
}

func TestType_TakesZoneAndCurrencyOfTheHome(t *testing.T) {
	net := feeds.Net{Home: norway(t)}
	if s, err := Type.New(feeds.Settings{"token": token}, net); err != nil || s.About().Currency != "NOK" || s.About().Zone.String() != "Europe/Oslo" {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := Type.New(feeds.Settings{"token": token, "currency": "SEK"}, net); err != nil || s.About().Currency != "SEK" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := Type.New(feeds.Settings{"token": token}, feeds.Net{Home: feeds.Home{Zone: net.Home.Zone}}); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), "currency: ") {
		t.Error(err)
	}
}

func TestType_IsWhatItsSampleSays(t *testing.T) { feedtest.Sample(t, Type, norway(t)) }
