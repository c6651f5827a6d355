package api

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestAPI_ReturnsTheSourcesUnchanged(t *testing.T) {
	asked := noon().UTC()
	home := fixed{feeds: []Feed{
		{
			Name: "exchange", Type: "awattar", Title: "An exchange", Asked: &asked, Good: &asked, Next: asked.Add(time.Hour),
			Covers: []Covered{{Kind: "import price", From: asked, Until: asked.Add(36 * time.Hour), Count: 36, Gaps: 1, Status: "final"}},
		},
		{Name: "green", Next: asked, Error: "no answer", Fault: "temporary", Remarks: []string{"odd"}},
	}}
	var got []Feed
	decode(t, get(New(Options{Home: home}), "/api/v1/sources"), &got)
	if want := again(t, home.feeds); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestAPI_EnergyIsOfAnIntervalThatCanBe(t *testing.T) {
	home := fixed{}
	at := func(from, to string) string {
		return "/api/v1/energy?" + url.Values{"from": {from}, "to": {to}}.Encode()
	}
	h := New(Options{Home: home})
	var e Energy
	decode(t, get(h, at("2026-05-01T00:00:00+02:00", "2026-06-01T00:00:00+02:00")), &e)
	if e.End.Sub(e.Start) != 31*24*time.Hour || *e.Imported != 12_000 || *e.Exported != 3_000 || e.Coverage != 0.5 || *e.Cost != 4.2 {
		t.Errorf("%+v", e)
	}
	for _, path := range []string{
		"/api/v1/energy", at("2026-05-01T00:00:00Z", ""), at("2026-05-01", "2026-05-02"), at("2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z"),
		at("2026-05-02T00:00:00Z", "2026-05-01T00:00:00Z"), at("0001-05-02T00:00:00Z", "2026-05-01T00:00:00Z"),
	} {
		if w := get(h, path); w.Code != http.StatusUnprocessableEntity || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	home.energyErr = errors.New("there is no meter")
	w := get(New(Options{Home: home}), at("2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"))
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "there is no meter") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
