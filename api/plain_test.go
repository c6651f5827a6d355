package api

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// plainly is the handler as it is in a program without the built page.
func plainly(source Source) http.Handler {
	o := Options{Home: source}
	mux := http.NewServeMux()
	addPage(mux, fstest.MapFS{".gitkeep": {}}, o)
	return protect(mux, o)
}

func TestPlain_SaysThatItIsNotTheFullPageAndHowToBuildIt(t *testing.T) {
	w := get(plainly(sampleNoon()), "/")
	for _, want := range []string{
		"make web", "Linden Street 4", "12:34 CET", "simulated home, 600×", "1240 W", "18.42 kWh", "2.91 EUR", "4.21 kg",
		"Family car", "62 %", "Waits for 13:00", "13:00 CET to 14:45 CET", "✓", "<strong>fault:</strong>", "garage meter does not answer",
		"<strong>Flex alert</strong> 12:00 CET to 13:00 CET (utility)<br>“Heat wave: please use less.” What can be moved", "21:30 CET until further notice", "(utility, for car)",
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("got %d %s", w.Code, w.Header().Get("Content-Type"))
	}
}

func TestPlain_UnknownIsADash(t *testing.T) {
	body := get(plainly(unknown(noon())), "/").Body.String()
	if strings.Count(body, "<dd>–</dd>") != 8 || !strings.Contains(body, `<td class="number">–</td>`) || !strings.Contains(body, "Nothing is known yet.") {
		t.Error(body)
	}
}

func TestPlain_TextFromOutsideStaysText(t *testing.T) {
	body := get(plainly(hostile(noon())), "/").Body.String()
	if strings.Contains(body, "<img") || strings.Contains(body, "<script") {
		t.Error("markup from outside became markup of the page")
	}
	if strings.Count(body, "&lt;img src=x") < 10 {
		t.Error("text from outside is missing")
	}
}

func TestPlain_NeedsNothingTheServerDoesNotServe(t *testing.T) {
	h := plainly(sampleNoon())
	w := get(h, "/plain.css")
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
		t.Errorf("got %d %s", w.Code, w.Header().Get("Content-Type"))
	}
	body := get(h, "/").Body.String()
	for _, bad := range []string{"http://", "https://", " style=", " onclick"} {
		if strings.Contains(body, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
}

func TestPlain_TimesAreLocalAndNameTheirDay(t *testing.T) {
	p := plainHome{Home{Zone: "Europe/Berlin", Now: time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)}}
	for at, want := range map[time.Time]string{
		p.Now:                     "02:30 CEST",
		p.Now.Add(time.Hour):      "02:30 CET",
		p.Now.Add(24 * time.Hour): "Mon 01:30",
		p.Now.AddDate(1, 0, 0):    "Mon 02:30",
		p.Now.Add(-3 * time.Hour): "Sat 23:30",
	} {
		if got := p.Clock(at); got != want {
			t.Errorf("%v is %q, want %q", at, got, want)
		}
	}
	p.Zone = "Nowhere/Land"
	if got := p.Clock(p.Now); got != "00:30 UTC" {
		t.Errorf("unknown zone: %q", got)
	}
}

func TestPlain_NothingIsWrittenAsMinusZero(t *testing.T) {
	p := plainHome{Home{Currency: "EUR"}}
	for got, want := range map[string]string{
		p.Power(num(-0.3)): "0 W", p.Money(num(-0.004)): "0.00 EUR", p.Money(num(-0.006)): "-0.01 EUR",
		p.PerKWh(num(-0.0123)): "-0.0123 EUR/kWh", p.Percent(num(0.415)): "42 %", p.Grams(nil): "–",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPage_ServesTheBuiltFilesAndLetsBrowsersKeepOnlyTheHashedOnes(t *testing.T) {
	o := Options{Home: sampleNoon()}
	mux := http.NewServeMux()
	addPage(mux, fstest.MapFS{
		"index.html": {Data: []byte("<title>built</title>")}, "favicon.svg": {Data: []byte("<svg/>")},
		"assets/index-1a2b.js": {Data: []byte("let a")}, "assets/index-1a2b.css": {Data: []byte("a{}")}, ".gitkeep": {},
	}, o)
	for path, want := range map[string]struct{ kind, cache string }{
		"/":                      {"text/html; charset=utf-8", "no-cache"},
		"/assets/index-1a2b.js":  {"text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		"/assets/index-1a2b.css": {"text/css; charset=utf-8", "public, max-age=31536000, immutable"},
		"/favicon.svg":           {"image/svg+xml", ""},
	} {
		w := get(mux, path)
		if w.Code != 200 || w.Header().Get("Content-Type") != want.kind || w.Header().Get("Cache-Control") != want.cache {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
	for _, path := range []string{"/assets/", "/assets/old-9f.js", "/assets", "/.gitkeep", "/index.html", "/plain.css"} {
		if w := get(mux, path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
