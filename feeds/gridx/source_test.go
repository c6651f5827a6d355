package gridx

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// utility answers as GridX does: whole local days, an empty 204 for what is not out or does not exist.
type utility struct {
	published time.Time // the last local day, in UTC terms of its date
	rate      string
	asked     []url.Values
}

func (u *utility) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	u.asked = append(u.asked, q)
	first, err1 := time.Parse("20060102", q.Get("startdate"))
	last, err2 := time.Parse("20060102", q.Get("enddate"))
	if r.URL.Path != "/v1/getPricing" || err1 != nil || err2 != nil || q.Get("ratename") != u.rate || first.After(u.published) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	zone, _ := time.LoadLocation(zone)
	var data []any
	for d := first; !d.After(last) && !d.After(u.published); d = d.AddDate(0, 0, 1) {
		day := energy.Day(time.Date(d.Year(), d.Month(), d.Day(), 12, 0, 0, 0, zone), zone)
		var details []any
		for t := day.Start; t.Before(day.End); t = t.Add(time.Hour) {
			details = append(details, map[string]any{
				"startIntervalTimeStamp": t.In(zone).Format("2006-01-02T15:04:05-0700"), "intervalPrice": fmt.Sprintf("0.%02d", t.In(zone).Hour()+10), "priceStatus": "Final",
			})
		}
		data = append(data, map[string]any{
			"priceHeader": map[string]any{
				"priceCurveName": "made up", "intervalLengthInMinutes": 60, "settlementCurrency": "USD", "settlementUnit": "kWh", "recordCount": len(details),
			}, "priceDetails": details,
		})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"meta": map[string]any{"code": 200}, "data": data})
}

// source is one against a utility that has published up to a day.
func source(t *testing.T, now time.Time, published string, rate string) (*Source, *utility) {
	t.Helper()
	day, err := time.Parse(time.DateOnly, published)
	if err != nil {
		t.Fatal(err)
	}
	u := &utility{published: day, rate: rate}
	server := httptest.NewServer(u)
	t.Cleanup(server.Close)
	s, err := New(Config{BaseURL: server.URL + "/v1", Utility: "PGE", Rate: "EELEC", Circuit: "013532223"}, &wire.Client{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return s, u
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	out, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFetch_BringsEveryLocalDayThatTheSpanTouches(t *testing.T) {
	for name, c := range map[string]struct {
		now, from, to string
		slots         int
		questions     []string
	}{
		"today and tomorrow":         {"2026-03-02T20:00:00-08:00", "2026-03-02T20:00:00-08:00", "2026-03-04T00:00:00-08:00", 48, []string{"20260302-20260302", "20260303-20260303"}},
		"the day that has 23 hours":  {"2026-03-08T09:00:00-07:00", "2026-03-08T00:00:00-08:00", "2026-03-09T00:00:00-07:00", 23, []string{"20260308-20260308"}},
		"the day that has 25 hours":  {"2026-11-01T09:00:00-08:00", "2026-11-01T00:00:00-07:00", "2026-11-02T00:00:00-08:00", 25, []string{"20261101-20261101"}},
		"three weeks, two questions": {"2026-03-02T20:00:00-08:00", "2026-02-10T00:00:00-08:00", "2026-03-03T00:00:00-08:00", 21 * 24, []string{"20260210-20260223", "20260224-20260302"}},
		"an instant of a day":        {"2026-03-02T20:00:00-08:00", "2026-03-01T23:59:59-08:00", "2026-03-02T00:00:00-08:00", 24, []string{"20260301-20260301"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, u := source(t, at(t, c.now), "2026-12-31", "EELEC")
			span := energy.Interval{Start: at(t, c.from), End: at(t, c.to)}
			v, err := s.Fetch(t.Context(), span)
			if err != nil {
				t.Fatal(err)
			}
			if len(v.Import.Points) != c.slots || len(v.Import.Gaps(span)) != 0 || len(v.Remarks) != 0 || v.Import.Currency != "USD" {
				t.Errorf("%d slots, gaps %v, remarks %v", len(v.Import.Points), v.Import.Gaps(span), v.Remarks)
			}
			var questions []string
			for _, q := range u.asked {
				questions = append(questions, q.Get("startdate")+"-"+q.Get("enddate"))
				if q.Get("utility") != "PGE" || q.Get("market") != "DAM" || q.Get("program") != "CalFUSE" || q.Get("representativeCircuitId") != "013532223" || q.Has("cca") {
					t.Errorf("asked with %v", q)
				}
			}
			if !slices.Equal(questions, c.questions) {
				t.Errorf("asked for %v, want %v", questions, c.questions)
			}
		})
	}
}

func TestFetch_AnEmptyAnswerIsNotYetOrAMistake(t *testing.T) {
	now := at(t, "2026-03-02T15:00:00-08:00")
	tomorrow := energy.Interval{Start: at(t, "2026-03-03T00:00:00-08:00"), End: at(t, "2026-03-04T00:00:00-08:00")}
	s, _ := source(t, now, "2026-03-02", "EELEC")
	if _, err := s.Fetch(t.Context(), tomorrow); feeds.KindOf(err) != feeds.NotYet {
		t.Errorf("before publication: %v", err)
	}
	s, _ = source(t, now, "2026-03-02", "EV2AS")
	if _, err := s.Fetch(t.Context(), tomorrow); feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(err.Error(), "EELEC") {
		t.Errorf("a rate that does not exist: %v", err)
	}
	s, _ = source(t, now, "2026-03-02", "EELEC")
	v, err := s.Fetch(t.Context(), energy.Interval{Start: now, End: tomorrow.End})
	if err != nil || len(v.Import.Points) != 24 {
		t.Errorf("today is out, tomorrow is not: %d slots, %v", len(v.Import.Points), err)
	}
}

func TestFetch_EndsWithItsContext(t *testing.T) {
	s, u := source(t, at(t, "2026-03-02T15:00:00-08:00"), "2026-03-02", "EELEC")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Fetch(ctx, energy.Span(at(t, "2026-03-02T15:00:00-08:00"), time.Hour)); err == nil || len(u.asked) != 0 {
		t.Errorf("%v after %d questions", err, len(u.asked))
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	good := Config{Utility: "PGE", Rate: "EELEC", Circuit: "013532223"}
	for want, change := range map[string]func(*Config){
		`utility "SDGE": must be`:           func(c *Config) { c.Utility = "SDGE" },
		`rate: is missing`:                  func(c *Config) { c.Rate = "" },
		`circuit: is missing`:               func(c *Config) { c.Circuit = "" },
		`circuit "13532223": must be nine`:  func(c *Config) { c.Circuit = "13532223" },
		`cca "MCE": only with PGE`:          func(c *Config) { c.Utility, c.Circuit, c.CCA = "SCE", "Eagle Rock", "MCE" },
		`url "pe-api.gridx.com": must be`:   func(c *Config) { c.BaseURL = "pe-api.gridx.com" },
		`url "ftp://pe-api.gridx": must be`: func(c *Config) { c.BaseURL = "ftp://pe-api.gridx" },
	} {
		cfg := good
		change(&cfg)
		if _, err := New(cfg, &wire.Client{}); err == nil || feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for utility, hour := range map[string]time.Duration{"PGE": 18*time.Hour + 35*time.Minute, "SCE": 18*time.Hour + 15*time.Minute} {
		cfg := good
		cfg.Utility = utility
		s, err := New(cfg, &wire.Client{})
		if err != nil || s.About().Publishes.At != hour || s.base.Scheme != "https" {
			t.Errorf("%s: %v", utility, err)
		}
	}
}

func TestBook_SaysLittleOfMany(t *testing.T) {
	var b book
	var u usage
	for i := range 1000 {
		b.status(fmt.Sprint(i))
		if err := u.payload(payload{Type: fmt.Sprint(i)}, energy.Interval{}, ""); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := b.values(time.Time{}); err != nil || len(v.Remarks) != 20 || len(u.odd.All()) != 20 {
		t.Errorf("%q, %q, %v", v.Remarks, u.odd.All(), err)
	}
}
