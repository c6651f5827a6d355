package energygrid

import (
	"context"
	"net/http"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/keep"
	cloud "hearth/sim/cloud/energygrid"
)

// clock is a time that is set by hand.
type clock struct{ now *time.Time }

func (c clock) Now() time.Time { return *c.now }

func (c clock) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// Hour by hour what was counted grows, and yesterday stays whole.
func TestKeeper_HasWhatWasCountedSinceYesterday(t *testing.T) {
	u := open(t, cloud.Config{}, theDay.Start)
	k := keep.New("meter", "home", keep.Parts{Source: u.source(t, nil), Store: &feedtest.Memory{}, Clock: clock{&u.now}})
	for hour := range 30 {
		u.now = theDay.Start.Add(time.Duration(hour)*time.Hour + 10*time.Minute)
		if err := k.Fetch(t.Context()); err != nil {
			t.Fatal(err)
		}
		over := energy.Interval{Start: energy.Day(u.now, feedtest.Zone(t, "Europe/Rome")).Start.Add(-time.Hour), End: u.now.Truncate(15 * time.Minute)}
		if v := k.Values(); len(v.Gaps(feeds.Taken, over)) != 0 {
			t.Errorf("at %s: gaps %v", u.now, v.Gaps(feeds.Taken, over))
		}
	}
}

// An estimate gives way to what was measured, even where it was another value.
func TestKeeper_TakesTheMeasuredForTheEstimated(t *testing.T) {
	item := func(value, quality string) string {
		return `{"start": "2026-03-29T00:00:00Z", "end": "2026-03-29T01:00:00Z", "value": ` + value + `, "quality": "` + quality + `"}`
	}
	items := ""
	s := source(t, "http://usage.example", &http.Client{Transport: recorded(func(r *http.Request) (int, string, string) {
		switch r.URL.Path {
		case "/Customer/login":
			return http.StatusOK, "text/plain", jwt
		case "/Usage/M-7":
			return http.StatusOK, "application/json", pageOf("", items)
		}
		return http.StatusOK, "application/json", `["HOUR"]`
	})})
	now := theDay.End
	k := keep.New("meter", "home", keep.Parts{Source: s, Store: &feedtest.Memory{}, Clock: clock{&now}})
	for _, c := range []struct {
		item string
		want energy.WattHours
	}{{item("0.4", "estimated"), 400}, {item("0.35", "actual"), 350}, {item("0.4", "estimated"), 350}} {
		items = c.item
		if err := k.Fetch(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, isThere := k.Values().Taken.At(theDay.Start.Add(90 * time.Minute)); got != c.want || !isThere {
			t.Errorf("after %s it is %v, want %v", c.item, got, c.want)
		}
	}
}
