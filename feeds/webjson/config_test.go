package webjson

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/wire"
)

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ field, text, want string }{
		{"URL", "prices.example?key=s3cr3t", "url: must be"},
		{"URL", "ftp://prices.example", "url: must be"},
		{"URL", "https://me:s3cr3t@prices.example/{date}", "url: must be"},
		{"URL", "https://prices.example/{day}", "url: {day} is not one of"},
		{"URL", "https://prices.example/{date", "url: must be"},
		{"URL", "https://prices.example/{start:now}", "url: {start:now} is no form"},
		{"URL", "https://{start}.example/", "url: must be"},
		{"URL", "", "url: must be"},
		{"Items", "", `items ""`}, {"Items", "data", `items "data": must end with []`}, {"Items", "a[", `items "a["`},
		{"Start", "", `start ""`}, {"Start", "a[].b", `start "a[].b": must be one field`}, {"Value", "", `value ""`}, {"End", "..", `end ".."`},
		{"Kind", "price", `kind "price"`}, {"Unit", "SEK/kWh", `unit "SEK/kWh": is not in "EUR"`}, {"Unit", "", `unit ""`}, {"UnitAt", ".", `unit_at "."`},
		{"Status", "sure", `status "sure"`}, {"Stamps", "iso", `stamps "iso"`}, {"Zone", "Europe/Nowhere", `zone "Europe/Nowhere"`},
		{"Step", "1", `step "1"`}, {"Step", "1s", `step "1s"`}, {"Every", "-1h", `every "-1h"`}, {"Ahead", "9999h", `ahead "9999h"`},
		{"Published", "25:00", `published "25:00"`}, {"Published", "noon", `published "noon"`}, {"Published", "00:00", `published "00:00"`},
		{"Header", "X Key", `header "X Key"`}, {"Header", "", "header: belongs"}, {"Secret", "", "header: belongs"},
	} {
		cfg := configs["ended"]
		cfg.Home = feeds.Home{Zone: time.UTC, Currency: "EUR"}
		reflect.ValueOf(&cfg).Elem().FieldByName(c.field).SetString(c.text)
		if _, err := New(cfg, &wire.Client{}); feeds.KindOf(err) != feeds.Misconfigured || err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s %q: %v, want %s", c.field, c.text, err, c.want)
		}
	}
	if _, err := New(configs["ended"], &wire.Client{}); err == nil || !strings.HasPrefix(err.Error(), "zone: ") {
		t.Error(err)
	}
}

func TestAbout_SaysWhatIsConfigured(t *testing.T) {
	daily, steady := source(t, configs["ended"]).About(), source(t, configs["unix"]).About()
	if daily.Publishes != (feeds.Publication{At: 13 * time.Hour, Every: 15 * time.Minute}) || daily.Ahead != 36*time.Hour || daily.Currency != "EUR" || daily.Kinds[0] != feeds.ImportPrice {
		t.Errorf("%+v", daily)
	}
	if steady.Publishes != (feeds.Publication{Every: time.Hour}) || steady.Rest != 5*time.Minute || steady.Kinds[0] != feeds.Carbon {
		t.Errorf("%+v", steady)
	}
	cfg := configs["unix"]
	cfg.Every, cfg.Ahead, cfg.Zone = "2m", "72h", "America/New_York"
	if got := source(t, cfg).About(); got.Publishes.Every != 2*time.Minute || got.Rest != 2*time.Minute || got.Ahead != 72*time.Hour || got.Zone.String() != "America/New_York" {
		t.Errorf("%+v", got)
	}
}

// A day is that of the zone, with its own length and its own date.
func TestTemplate_CountsLocalDays(t *testing.T) {
	s := source(t, configs["wall"])
	late := time.Date(2026, 10, 24, 22, 30, 0, 0, time.UTC) // half past midnight in Berlin
	parts := s.parts(energy.Span(late, 30*time.Hour))
	if len(parts) != 2 || parts[0].Length() != 25*time.Hour || s.url.at(parts[0], s.about.Zone).Path != "/2026/10/25.json" {
		t.Errorf("%v, %s", parts, s.url.at(parts[0], s.about.Zone))
	}
}

func TestType_AcceptsItsSample(t *testing.T) {
	feedtest.Sample(t, Type, feeds.Home{Currency: "EUR", Zone: time.UTC})
}

func TestType_KeepsEveryWordOfItsSecret(t *testing.T) {
	with := feedtest.Settings(Type)
	with["secret"] = secret
	made, err := Type.New(with, feeds.Net{Home: feeds.Home{Currency: "EUR", Zone: time.UTC}})
	if err != nil || strings.Join(made.(*Source).client.Secrets, "|") != "Bearer|k3y-of-the-home|"+secret {
		t.Errorf("%+v, %v", made, err)
	}
}
