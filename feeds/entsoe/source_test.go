package entsoe

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// serve is a source whose platform answers like this.
func serve(t *testing.T, h http.HandlerFunc) *Source {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	cfg := germany
	cfg.BaseURL = server.URL
	return source(t, cfg)
}

func TestFetch_AsksForWholeHoursOfTheArea(t *testing.T) {
	for _, kind := range []string{"application/xml", "text/xml; charset=UTF-8"} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			for key, want := range map[string]string{
				"documentType": "A44", "contract_MarketAgreement.type": "A01", "in_Domain": "10Y1001A1001A82H", "out_Domain": "10Y1001A1001A82H",
				"periodStart": "202605112200", "periodEnd": "202605120000", "securityToken": token,
			} {
				if got := r.URL.Query().Get(key); r.URL.Path != "/api" || got != want {
					t.Errorf("%s: %s is %q, want %q", r.URL.Path, key, got, want)
				}
			}
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write(recording(t, "every-position"))
		})
		span := energy.Interval{Start: time.Date(2026, 5, 11, 22, 10, 0, 0, time.UTC), End: time.Date(2026, 5, 11, 23, 50, 0, 0, time.UTC)}
		if v, err := s.Fetch(t.Context(), span); err != nil || len(v.Import.Gaps(span)) != 0 {
			t.Errorf("%+v, %v", v, err)
		}
	}
}

func TestFetch_UnderstandsARefusal(t *testing.T) {
	page := []byte("<html>" + token)
	for name, c := range map[string]struct {
		status int
		kind   string
		body   []byte
		want   feeds.FailureKind
		says   string
	}{
		"nothing, as it is now":     {200, "application/xml", recording(t, "not-out-yet"), feeds.NotYet, "No matching data"},
		"nothing, as it was once":   {400, "text/xml", recording(t, "not-out-yet"), feeds.NotYet, "No matching data"},
		"an area that is none":      {400, "application/xml", recording(t, "an-area-that-is-none"), feeds.Misconfigured, "is not valid"},
		"a reason that tells":       {400, "application/xml", recording(t, "a-token-that-is-told"), feeds.Misconfigured, "securityToken=***"},
		"a page":                    {400, "text/html", page, feeds.Misconfigured, "status 400"},
		"prices with a status":      {400, "application/xml", recording(t, "every-position"), feeds.Misconfigured, "status 400"},
		"a token that is refused":   {401, "text/html", page, feeds.Misconfigured, "status 401"},
		"four hundred in a minute":  {429, "text/html", page, feeds.Temporary, "status 429"},
		"maintenance":               {503, "text/html", page, feeds.Temporary, "status 503"},
		"maintenance, in good mood": {200, "text/html", page, feeds.Temporary, "text/html"},
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.kind)
			w.WriteHeader(c.status)
			_, _ = w.Write(c.body)
		})
		_, err := s.Fetch(t.Context(), energy.Span(eleven, time.Hour))
		if text := fmt.Sprint(err); feeds.KindOf(err) != c.want || err == nil || !strings.Contains(text, c.says) || strings.Contains(text, token) {
			t.Errorf("%s: %s: %s", name, feeds.KindOf(err), text)
		}
	}
}

func TestArea_IsAZoneOrACode(t *testing.T) {
	for name, code := range areas {
		if got, err := eicOf(name); err != nil || got != code || !isEIC(code) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
		if got, err := eicOf(code); err != nil || got != code {
			t.Errorf("%s: %v", code, err)
		}
		slip := []byte(code)
		slip[4], slip[5] = slip[5], slip[4]
		if slip[4] != slip[5] && isEIC(string(slip)) {
			t.Errorf("%s for %s is not found", slip, code)
		}
	}
	for _, area := range []string{"", "DE", "de-lu", "10Y1001A1001A82", "10Y1001A1001A82X", "10y1001a1001a82h", "10Y1001A1001A8&H", "10Y1001A1001A82HH"} {
		if eic, err := eicOf(area); feeds.KindOf(err) != feeds.Misconfigured || err == nil || !strings.HasPrefix(err.Error(), "area ") {
			t.Errorf("%q is %s, %v", area, eic, err)
		}
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, change := range map[string]func(*Config){
		`area "XX"`:     func(c *Config) { c.Area = "XX" },
		"token: must":   func(c *Config) { c.Token = "a secret\n" },
		"currency: is":  func(c *Config) { c.Currency = "" },
		`url "entsoe":`: func(c *Config) { c.BaseURL = "entsoe" },
	} {
		cfg := germany
		change(&cfg)
		if _, err := New(cfg, &wire.Client{}); feeds.KindOf(err) != feeds.Misconfigured || err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
