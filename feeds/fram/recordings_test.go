package fram

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

const zoneName = "America/Los_Angeles"

// home is a configuration without addresses.
func home() Config {
	return Config{
		ClientID: "hearth", ClientSecret: secret, Zone: zoneName, BillingCode: "E-ELEC",
		Unit: idOf(3), Project: idOf(2),
		Periods: map[string]string{"peak": "mo-fr 16:00-21:00", "part_peak": "mo-su 15:00-16:00, 21:00-24:00", "off_peak": "rest"},
		Seasons: map[string]string{"summer": "06-01..09-30", "winter": "rest"},
	}
}

const secret = "s3cret-of-fram"

// idOf is the n-th made-up id.
func idOf(n int) string { return fmt.Sprintf("%08x-1111-4222-8333-%012x", n, n) }

func TestRecordings_AreUnderstood(t *testing.T) {
	feedtest.Recordings(t, func(name string, body []byte) string {
		s, err := New(home(), feeds.Net{Now: func() time.Time { return at("2026-07-15T18:00:00Z") }})
		if err != nil {
			t.Fatal(err)
		}
		switch name {
		case "rates.json":
			return understoodRates(s, body)
		case "page.json":
			return understoodPage(body)
		case "payloads.json":
			return understoodPayloads(t, s.cfg, body)
		case "applications.json":
			return understoodApplications(t, s.cfg, body)
		}
		return understoodToken(t, body)
	})
}

func at(text string) time.Time {
	out, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return out
}

// understoodRates is what the question rates shows of a list, and the prices of a Wednesday in July.
func understoodRates(s *Source, body []byte) string {
	p, err := readPage(body)
	if err != nil {
		return feedtest.Failure(err)
	}
	var out strings.Builder
	for _, raw := range p.data {
		shape, _ := s.shape(raw)
		fmt.Fprintf(&out, "shape %s\n", shape)
	}
	b := newBook(s)
	if err := b.take(energy.Day(at("2026-07-15T18:00:00Z"), s.zone), "2026-07-15", p.data); err != nil {
		return out.String() + feedtest.Failure(err)
	}
	if len(b.points) == 0 && b.err == nil {
		return out.String() + "no rate\n"
	}
	return out.String() + feedtest.Told(b.values())
}

func understoodPage(body []byte) string {
	p, err := readPage(body)
	if err != nil {
		return err.Error() + "\n"
	}
	return fmt.Sprintf("%d records, of %d pages, %d on each; the first page is the last: %v, the third: %v\n", len(p.data), p.pages, p.limit, p.isLast(1), p.isLast(3))
}

// answering is a source whose every question has one answer.
func answering(t *testing.T, cfg Config, status int, body []byte) (*Source, *[]url.Values) {
	t.Helper()
	var asked []url.Values
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPost {
			_, _ = io.WriteString(w, `{"access_token":"made-up","expires_in":86400,"token_type":"Bearer"}`)
			return
		}
		asked = append(asked, r.URL.Query())
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	cfg.BaseURL, cfg.TokenURL = server.URL, server.URL
	s, err := New(cfg, feeds.Net{})
	if err != nil {
		t.Fatal(err)
	}
	return s, &asked
}

func understoodPayloads(t *testing.T, cfg Config, body []byte) string {
	s, _ := answering(t, cfg, http.StatusOK, body)
	all, err := s.payloads(t.Context(), cfg.Project, cfg.Unit)
	if err != nil {
		return strings.ReplaceAll(feedtest.Failure(err), s.base.Host, "host")
	}
	var out strings.Builder
	for _, p := range all {
		fmt.Fprintf(&out, "%s import %q export %q usage %q kWh, amount %q USD, invoice %s, status %q\n",
			p.period, kWh(p.imported), kWh(p.exported), kWh(p.used), money(p.amount), p.invoice, p.status)
		for _, r := range p.remarks {
			fmt.Fprintf(&out, "remark %s\n", r)
		}
	}
	if len(all) == 0 {
		return "none of this unit\n"
	}
	return out.String()
}

func understoodApplications(t *testing.T, cfg Config, body []byte) string {
	s, _ := answering(t, cfg, http.StatusOK, body)
	all, err := s.applications(t.Context(), url.Values{"invoice_id": {idOf(9)}})
	var l ledger
	for i, n := range all {
		if err == nil {
			if err = l.addApplication(n); err != nil {
				err = broken(err, "applications", i)
			}
		}
	}
	if err != nil {
		return feedtest.Failure(err)
	}
	var out strings.Builder
	for _, a := range l.applications {
		fmt.Fprintf(&out, "%s of %s pays %s of %s\n", a.id, a.transaction, a.amount, a.invoice)
	}
	return out.String()
}

func understoodToken(t *testing.T, body []byte) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, _ := io.ReadAll(r.Body)
		const want = `{"audience":"https://api.framenergy.com","client_id":"hearth","client_secret":"` + secret + `","grant_type":"client_credentials"}`
		if string(asked) != want || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("asked with %s, want %s", asked, want)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	defer server.Close()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	g, err := grant(home(), u, feeds.Net{})(t.Context())
	if err != nil {
		return feedtest.Failure(err)
	}
	return fmt.Sprintf("%s %s for %v\n", g.Type, g.Token, g.Lifetime)
}

var _ feeds.Account = (*Source)(nil)
var _ feeds.Biller = (*Source)(nil)

// transport answers every request with a document.
type transport func() string

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(f())), Request: r}, nil
}
