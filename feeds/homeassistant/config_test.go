package homeassistant

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/wire"
)

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ field, text, want string }{
		{"URL", "", `url ""`}, {"URL", "homeassistant.local", `url "homeassistant.local"`},
		{"Token", "", "token: must"}, {"Token", "with a-s3cr3t", "token: must"}, {"Token", "s3cr3t-with\n", "token: must"},
		{"Entity", "", `entity ""`}, {"Entity", "price", `entity "price"`}, {"Entity", "sensor.price/../x", `entity "sensor.price/../x"`}, {"Entity", "sensor.Price", `entity`},
		{"Kind", "", `kind ""`}, {"Unit", "SEK/kWh", `unit "SEK/kWh": is not in "EUR"`}, {"Unit", "W", `unit "W"`}, {"Status", "sure", `status "sure"`},
		{"Stamps", "iso", `stamps "iso"`}, {"Zone", "Nowhere", `zone "Nowhere"`}, {"Step", "1", `step "1"`}, {"Every", "1s", `every "1s"`},
		{"Published", "noon", `published "noon"`}, {"Ahead", "1y", `ahead "1y"`}, {"Attribute", "a,,b", `attribute "a,,b"`}, {"Attribute", "a[]", `attribute "a[]"`},
		{"Attribute", "", "published: belongs"}, {"Start", "a[]", `start "a[]"`}, {"End", "..", `end ".."`}, {"Value", "[", `value "["`},
	} {
		cfg := configs["lists"]
		cfg.URL, cfg.Token, cfg.Entity = home, token, "sensor.price"
		cfg.Home = feeds.Home{Zone: time.UTC, Currency: "EUR"}
		reflect.ValueOf(&cfg).Elem().FieldByName(c.field).SetString(c.text)
		if _, err := New(cfg, &wire.Client{}); feeds.KindOf(err) != feeds.Misconfigured || err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s %q: %v, want %s", c.field, c.text, err, c.want)
		}
	}
	cfg := configs["lists"]
	cfg.URL = home
	if _, err := New(cfg, &wire.Client{}); err == nil || !strings.HasPrefix(err.Error(), "zone ") {
		t.Errorf("without a zone: %v", err)
	}
}

func TestAbout_SaysWhatIsConfigured(t *testing.T) {
	lists, state := source(t, "lists", home).About(), source(t, "state", home).About()
	if lists.Publishes != (feeds.Publication{At: 13*time.Hour + 15*time.Minute, Every: 5 * time.Minute}) || lists.Ahead != 36*time.Hour || lists.Currency != "EUR" {
		t.Errorf("%+v", lists)
	}
	if state.Publishes.At != 0 || state.Ahead != 0 || state.Rest != time.Minute || state.Kinds[0] != feeds.Carbon {
		t.Errorf("%+v", state)
	}
}

func TestType_AcceptsItsSample(t *testing.T) {
	feedtest.Sample(t, Type, feeds.Home{Currency: "EUR", Zone: time.UTC})
}

func TestType_KeepsItsToken(t *testing.T) {
	with := feedtest.Settings(Type)
	with["token"] = token
	made, err := Type.New(with, feeds.Net{Home: feeds.Home{Currency: "EUR", Zone: time.UTC}})
	if err != nil || len(made.(*Source).inLists) != 2 || made.(*Source).client.Secrets[0] != token {
		t.Errorf("%+v, %v", made, err)
	}
}
