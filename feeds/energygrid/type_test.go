package energygrid

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// sample is the settings of the type's sample, with a secret.
func sample() feeds.Settings {
	all := feedtest.Settings(Type)
	all["identity_token"] = secret
	return all
}

func TestType_IsWhatItsSampleSays(t *testing.T) {
	feedtest.Sample(t, Type, feeds.Home{Zone: feedtest.Zone(t, "Europe/Rome"), Currency: "EUR"})
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, change := range map[string]feeds.Settings{
		`url "usage": must be that of a web service`:  {"url": "usage"},
		`zone "Rome": must be a time zone`:            {"zone": "Rome"},
		`zone "": must be a time zone`:                {"zone": ""},
		`paths "bill": must be budget, granularities`: {"paths.bill": "Bill"},
		`paths.usage "": must be a path below url`:    {"paths.usage": ""},
		`paths.usage "../x": must be a path`:          {"paths.usage": "../x"},
		`paths.budget "B?x=1": must be a path`:        {"paths.budget": "B?x=1"},
		`identity_token: is missing`:                  {"identity_token": "\n"},
	} {
		settings := sample()
		maps.Copy(settings, change)
		if _, isSet := change["zone"]; !isSet {
			settings["zone"] = "Europe/Rome"
		}
		if _, err := Type.New(settings, feeds.Net{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestStepOf_TellsOnlyWhatIsClear(t *testing.T) {
	for name, want := range map[string]time.Duration{
		"15min": 15 * time.Minute, "PT15M": 15 * time.Minute, "pt1h": time.Hour, "PT900S": 15 * time.Minute, "QUARTER_HOUR": 15 * time.Minute,
		"QuarterHourly": 15 * time.Minute, "half-hour": 30 * time.Minute, "Hour": time.Hour, "hourly": time.Hour, "1h": time.Hour, "60 minutes": time.Hour,
		"FIFTEEN_MINUTES": 15 * time.Minute, "Minutes30": 30 * time.Minute, "minute": time.Minute, "24h": 24 * time.Hour, "5 secs": 5 * time.Second,
		"1m": 0, "m": 0, "h": 0, "quarter": 0, "quarter minute": 0, "day": 0, "P1D": 0, "P1M": 0, "month": 0, "raw": 0, "": 0, "0min": 0, "PT1H30M": 0, "1000000min": 0,
	} {
		if got, isTold := stepOf(name); got != want || isTold && got == 0 && name != "0min" {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

func TestChoose_TakesTheFinestOfAtMostAnHour(t *testing.T) {
	offered := []granularity{{"day", 0}, {"h", time.Hour}, {"q", 15 * time.Minute}, {"2h", 2 * time.Hour}, {"q2", 15 * time.Minute}}
	for wanted, want := range map[string]string{"": "q", "day": "day", "h": "h"} {
		if got, err := choose(offered, wanted); got != want || err != nil {
			t.Errorf("%q: %q, %v", wanted, got, err)
		}
	}
}
