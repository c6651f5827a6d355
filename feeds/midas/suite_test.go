package midas

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

const (
	rate   = "USCA-PGPG-ETOU-0000"
	region = "USCA-SGIP-MOER-PGE"
)

// midnight is that of California.
var midnight = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func TestPrices_PassTheSuite(t *testing.T) {
	c := trial(t, feeds.Settings{"rin": rate}, "keys-of-version-2/import.json")
	c.Edits[feedtest.Overlap] = []feedtest.Edit{{Old: second, New: second + `{"DateStart": "2026-03-02", "DateEnd": "2026-03-02", "TimeStart": "09:00:00", "TimeEnd": "09:59:59", "Value": 9, "Unit": "$/kWh"},`}}
	c.Edits[feedtest.Duplicate] = []feedtest.Edit{{Old: second, New: second + second}}
	c.Edits[feedtest.Missing] = []feedtest.Edit{{Old: second, New: ""}}
	c.Edits[feedtest.Huge] = []feedtest.Edit{{Old: "0.2718", New: "1e308"}}
	c.Edits[feedtest.Currency] = []feedtest.Edit{{Old: `"$/kWh"`, New: `"MXN/kWh"`}}
	feedtest.Run(t, c)
}

func TestCarbon_PassesTheSuite(t *testing.T) {
	c := trial(t, feeds.Settings{"rin": region}, "carbon-past-and-to-come/carbon.json")
	five := `{"DateStart": "2026-03-02", "DateEnd": "2026-03-02", "TimeStart": "15:35:00", "TimeEnd": "15:39:59", "Value": 405.125, "Unit": "g/kWh CO2"}`
	list := `"ValueInformation": [`
	c.Edits[feedtest.Duplicate] = []feedtest.Edit{{Old: list, New: list + five + ","}}
	c.Edits[feedtest.Overlap] = []feedtest.Edit{{Old: list, New: list + strings.Replace(five, "405.125", "406", 1) + ","}}
	c.Edits[feedtest.Missing] = []feedtest.Edit{{Old: "398.5", New: "null"}}
	c.Edits[feedtest.Huge] = []feedtest.Edit{{Old: "398.5", New: "1e308"}}
	c.Cannot = map[feedtest.Trial]string{feedtest.Currency: "carbon is in grams"}
	feedtest.Run(t, c)
}

func trial(t *testing.T, settings feeds.Settings, recording string) feedtest.Case {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", recording))
	if err != nil {
		t.Fatal(err)
	}
	return feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			settings["url"] = site.Base
			return Type.New(settings, feeds.Net{Now: site.Now, Timeout: site.Timeout})
		},
		Now:  midnight.Add(7 * time.Hour),
		Span: energy.Span(midnight, 72*time.Hour),
		Good: []feedtest.Exchange{{
			Path: "/api/ValueData", Query: map[string]string{"ID": settings["rin"], "QueryType": "realtime"}, Body: string(body),
		}},
		Edits: map[feedtest.Trial][]feedtest.Edit{},
	}
}

const second = `{
   "ValueName": "winter off peak",
   "DateStart": "2026-03-02",
   "DateEnd": "2026-03-02",
   "DayStart": "Monday",
   "DayEnd": "Monday",
   "TimeStart": "09:00:00",
   "TimeEnd": "09:59:59",
   "Value": 0.2718,
   "Unit": "$/kWh"
  },`

func TestType_IsWhatItsSampleSays(t *testing.T) { feedtest.Sample(t, Type, feeds.Home{}) }
