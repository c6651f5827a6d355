package rate

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

const pacific = "America/Los_Angeles"

func place(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// rulesOf are those of a home in California, in any zone.
func rulesOf(t testing.TB, zone string, change func(*Config)) *Rules {
	t.Helper()
	cfg := Config{
		Zone:    place(t, zone),
		Periods: map[string]string{"peak": "mo-fr 16:00-21:00", "part_peak": "mo-su 15:00-16:00, 21:00-24:00", "off_peak": "rest"},
		Seasons: map[string]string{"summer": "06-01..09-30", "winter": "rest"},
	}
	if change != nil {
		change(&cfg)
	}
	r, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustRate(t testing.TB, r *Rules, text string) Rate {
	t.Helper()
	out, err := r.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%.200s: %v", text, err)
	}
	return out
}

// unchecked is a map's shape and prices, whether or not somebody knows the hours.
func unchecked(t testing.TB, raw []byte) (Rate, error) {
	t.Helper()
	r, err := rulesOf(t, pacific, nil).Parse(raw)
	if r.Shape != "" {
		err = nil
	}
	return r, err
}

func dayOf(t testing.TB, date string, zone *time.Location) energy.Interval {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15", date+" 12", zone)
	if err != nil {
		t.Fatal(err)
	}
	return energy.Day(at, zone)
}

// mapsOf are the maps of an answer.
func mapsOf(t testing.TB, answer []byte) (out [][]byte) {
	t.Helper()
	var doc struct {
		Data []struct {
			Map json.RawMessage `json:"total_rate_map"`
		}
	}
	if err := json.Unmarshal(answer, &doc); err != nil {
		t.Fatal(err)
	}
	for _, d := range doc.Data {
		out = append(out, d.Map)
	}
	return out
}

// The prices of a Wednesday in July.
func TestRecordings_AreUnderstood(t *testing.T) {
	feedtest.Recordings(t, func(_ string, body []byte) string {
		rules := rulesOf(t, pacific, nil)
		r, err := rules.Parse(mapsOf(t, body)[0])
		if err != nil {
			return "shape " + cmp.Or(r.Shape, "unknown") + "\n" + feedtest.Failure(err)
		}
		points := r.Over(dayOf(t, "2026-07-15", rules.zone), &energy.Origin{Status: energy.Final})
		if len(points) == 0 {
			return "shape " + r.Shape + "\nno prices\n"
		}
		series, err := feeds.Join("USD", points)
		v := feeds.Values{Import: series}
		if r.Remark != "" {
			v.Remarks = []string{r.Remark}
		}
		return "shape " + r.Shape + "\n" + feedtest.Told(v, err)
	})
}

// Whatever stands in a map: there is a shape or an error, and what has a shape and its hours is a price at every minute,
// or at none, of a day of 25 hours.
func FuzzParse(f *testing.F) {
	answers, _ := filepath.Glob("testdata/*/rates.json")
	for _, answer := range answers {
		body, err := os.ReadFile(answer)
		if err != nil {
			f.Fatal(err)
		}
		for _, raw := range mapsOf(f, body) {
			f.Add(raw, "")
			f.Add(raw, "cents/kWh")
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, unit string) {
		if _, isUnit := units[unit]; !isUnit {
			return
		}
		rules := rulesOf(t, pacific, func(c *Config) { c.Unit = unit })
		r, err := rules.Parse(raw)
		if err != nil {
			if feeds.KindOf(err) != feeds.Misconfigured {
				t.Fatalf("%v is %s", err, feeds.KindOf(err))
			}
			return
		}
		day := dayOf(t, "2026-11-01", rules.zone)
		points := r.Over(day, nil)
		series, err := energy.NewSeries("USD", points)
		if err != nil || r.Shape == "" || len(points) > 0 && len(series.Gaps(day)) != 0 {
			t.Fatalf("%q: %v, gaps %v", r.Shape, err, series.Gaps(day))
		}
	})
}
