package energycharts

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// home is where the suite's prices are.
func home(t *testing.T) feeds.Home {
	return feeds.Home{Zone: feedtest.Zone(t, "Europe/Berlin"), Currency: "EUR"}
}

// firstOfMarch is what the recordings are of.
func firstOfMarch(t *testing.T) energy.Interval { return energy.Day(someday, home(t).Zone) }

// One section yields both.
func TestSource_PassesTheSuiteWithBoth(t *testing.T) {
	base, day := home(t), firstOfMarch(t)
	feedtest.Run(t, feedtest.Case{
		New: func(s feedtest.Site) (feeds.Source, error) {
			return Type.New(feeds.Settings{"bidding_zone": "DE-LU", "country": "de", "url": s.Base}, feeds.Net{Now: s.Now, Timeout: s.Timeout, Home: base})
		},
		Now: day.Start.Add(time.Hour), Span: day,
		Good: []feedtest.Exchange{
			{Path: "/price", Query: map[string]string{"bzn": "DE-LU", "start": "2026-03-01", "end": "2026-03-01"}, Body: feedtest.Answer(t, "quarter-hours/price.json")},
			{Path: "/ren_share_forecast", Query: map[string]string{"country": "de"}, Body: feedtest.Answer(t, "shares/share.json")},
		},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: "1772321400,", New: "1772321400, 1772321400,"}, {Old: "\n  0,", New: "\n  0, 0,"}},
			feedtest.Overlap:   {{Old: "1772321400,", New: "1772321400, 1772321400,"}, {Old: "\n  0,", New: "\n  0, 7,"}},
			feedtest.Missing:   {{Old: "1772321400,", New: ""}, {Old: "\n  0,", New: ""}},
			feedtest.Huge:      {{Old: "12.25", New: "1e308"}},
			feedtest.Currency:  {{Old: "EUR / MWh", New: "JPY / MWh"}},
		},
	})
}

func TestSource_PassesTheSuiteWithTheShareAlone(t *testing.T) {
	base, day := home(t), firstOfMarch(t)
	feedtest.Run(t, feedtest.Case{
		New: func(s feedtest.Site) (feeds.Source, error) {
			return Type.New(feeds.Settings{"country": "de", "url": s.Base}, feeds.Net{Now: s.Now, Timeout: s.Timeout, Home: base})
		},
		Now: day.Start.Add(time.Hour), Span: day,
		Good: []feedtest.Exchange{{Path: "/ren_share_forecast", Query: map[string]string{"country": "de"}, Body: feedtest.Answer(t, "shares/share.json")}},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: "1772321400,", New: "1772321400, 1772321400,"}, {Old: "130.25,", New: "130.25, 130.25,"}},
			feedtest.Overlap:   {{Old: "1772321400,", New: "1772321400, 1772321400,"}, {Old: "130.25,", New: "130.25, 13,"}},
			feedtest.Missing:   {{Old: "130.25,", New: "null,"}},
			feedtest.Huge:      {{Old: "130.25", New: "1e308"}},
		},
		Cannot: map[feedtest.Trial]string{feedtest.Currency: "a share has no currency"},
	})
}

func TestType_IsWhatItsSampleSays(t *testing.T) { feedtest.Sample(t, Type, home(t)) }

func TestType_WantsOneOfBothKeys(t *testing.T) {
	net := feeds.Net{Home: home(t)}
	if _, err := Type.New(feeds.Settings{}, net); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), "bidding_zone: ") {
		t.Errorf("without both: %v", err)
	}
	if s, err := Type.New(feeds.Settings{"country": "de"}, net); err != nil || s.About().Zone.String() != "Europe/Berlin" {
		t.Errorf("its days are those of the home: %+v, %v", s, err)
	}
}
