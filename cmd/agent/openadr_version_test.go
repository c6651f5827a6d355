package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hearth/internal/config"
	"hearth/openadr"
	"hearth/openadr/vtn"
)

func good(body string) reply { return reply{status: http.StatusOK, body: []byte(body)} }

func TestEvidence_TellsTheVersionByWhatIsShown(t *testing.T) {
	gone, locked := reply{status: http.StatusNotFound}, reply{status: http.StatusUnauthorized}
	for name, c := range map[string]struct {
		e    evidence
		want openadr.Dialect
	}{
		"nothing":                   {evidence{}, ""},
		"a token url":               {evidence{authServer: good(`{"tokenURL":"https://t.example"}`), programs: locked}, "3.1"},
		"an empty token url":        {evidence{authServer: good(`{"tokenURL":""}`), programs: locked}, ""},
		"notifiers":                 {evidence{notifiers: good(`{"WEBHOOK":false}`), programs: good(`[]`)}, "3.1"},
		"notifiers that are a page": {evidence{notifiers: good(`<html>`), programs: good(`[]`)}, ""},
		"texts as targets":          {evidence{programs: good(`[{"id":"p","targets":["a"]}]`), notifiers: gone}, "3.1"},
		"texts for an event":        {evidence{programs: good(`[]`), events: good(`[1,null,{"targets":["a"]}]`), notifiers: gone}, "3.1"},
		"pairs as targets":          {evidence{programs: good(`[{"id":"p","targets":[{"type":"GROUP","values":["a"]}]}]`), getToken: gone}, "3.0"},
		"resources":                 {evidence{programs: good(`[]`), resources: good(`[]`), notifiers: gone}, "3.1"},
		"old fields":                {evidence{programs: good(`[{"id":"p","retailerName":"R"}]`)}, "3.0"},
		"old fields that are null":  {evidence{programs: good(`[{"id":"p","retailerName":null}]`)}, ""},
		"no notifiers":              {evidence{programs: good(`[]`), notifiers: gone, getToken: reply{status: 405}}, "3.0"},
		"a token for the asking":    {evidence{programs: good(`[]`), notifiers: gone, getToken: reply{status: 400}}, "3.0.0"},
		"a page for the asking":     {evidence{programs: good(`[]`), notifiers: gone, getToken: good(`<p>`)}, "3.0"},
		"locked, and no way in":     {evidence{programs: locked, authServer: gone, getToken: gone}, "3.0"},
	} {
		if got, reason := c.e.version(); got != c.want || reason == "" {
			t.Errorf("%s: %q, want %q: %s", name, got, c.want, reason)
		}
	}
}

// gridx answers as that server does: Basic, a bare JWT, pairs of CIRCUIT_IDS, and nothing of 3.1.
func gridx(t *testing.T) *httptest.Server {
	t.Helper()
	part := base64.RawURLEncoding.EncodeToString
	jwt := part([]byte(`{"alg":"none"}`)) + "." + part([]byte(fmt.Sprintf(`{"exp":%d,"scope":"read_all write_subscriptions"}`, friday.Unix()+3600))) + ".x"
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		switch {
		case !strings.HasPrefix(r.URL.Path, "/v1/"):
			http.NotFound(w, r)
		case r.Method+r.URL.Path == "POST/v1/auth/token" && id == "home" && secret == "s3cret":
			fmt.Fprint(w, jwt)
		case r.URL.Path == "/v1/auth/token":
			w.WriteHeader(http.StatusUnauthorized)
		case r.Header.Get("Authorization") != "Bearer "+jwt:
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/v1/programs" && r.URL.Query().Get("skip") == "0":
			fmt.Fprint(w, `[{"id":"rates","programName":"rates","targets":[{"type":"CIRCUIT_IDS","values":["13532223"]}]}]`)
		case r.URL.Path == "/v1/programs", r.URL.Path == "/v1/events":
			fmt.Fprint(w, `[]`)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func TestProbe_FindsTheWayIntoGridX(t *testing.T) {
	s := gridx(t)
	out, err := probed(t, config.VTN{URL: s.URL, ClientID: "home", Secret: "s3cret"}) // half of the path is left out
	if err != nil {
		t.Error(err)
	}
	golden(t, "probe-gridx", out)
	readSection(t, out, openadr.Dialect300)
}

// The clock of the server is judged by the Date of its answers.
func TestProbe_SaysWhenTheClocksDiffer(t *testing.T) {
	whole := aTown(t, vtn.Config{})
	for date, want := range map[string]string{
		"Fri, 20 Nov 2020 10:00:00 GMT": "behind ours\n              one of the two is wrong",
		"soon":                          "the server does not tell the time",
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", date)
			whole.ServeHTTP(w, r)
		}))
		out, err := probed(t, config.VTN{URL: s.URL})
		s.Close()
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("%s: %v\n%s", date, err, out)
		}
	}
}

// Whatever a token is, it is not shown, and says at most what can be read.
func TestProbe_ShowsNoToken(t *testing.T) {
	for _, token := range []string{"opaque", "a.b.c", "a." + base64.RawURLEncoding.EncodeToString([]byte(`{"exp":1e300,"scp":["a","b"]}`)) + ".c"} {
		var out strings.Builder
		p := testProber(&out)
		p.sayClaims(openadr.Secret(token))
		if strings.Contains(out.String(), token) || !strings.Contains(out.String(), "scopes") {
			t.Errorf("%s", out.String())
		}
	}
}

// Many programs are counted, the first of them looked at, and the rest left to be named.
func TestProbe_LooksAtTheFirstOfManyPrograms(t *testing.T) {
	v := aTown(t, vtn.Config{})
	for i := range 60 {
		v.PutProgram(openadr.Program{ProgramName: fmt.Sprint("tariff-", i)})
	}
	out, err := probed(t, config.VTN{URL: v.URL()})
	if err != nil || !strings.Contains(out, "programs      62\n") || !strings.Contains(out, "and 42 more") || strings.Count(out, "(id ") != mostPrograms ||
		!strings.Contains(out, `    # programs: ["dynamic", "grid", "tariff-0", "tariff-1", "tariff-2"]   # without it all 62`) {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = probed(t, config.VTN{URL: v.URL(), Programs: []string{"tariff-7", "p2", "moon"}})
	if err != nil || strings.Count(out, "(id ") != 2 || !strings.Contains(out, "moon is not among those") || !strings.Contains(out, `    programs: ["tariff-7", "grid"]`) {
		t.Errorf("%v\n%s", err, out)
	}
}

// What the installer says of the version counts, and is not taken for what was found.
func TestProbe_BelievesTheInstallerAndSaysWhatItLooksLike(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/programs" || r.URL.Path == "/events" {
			fmt.Fprint(w, "[]")
			return
		}
		w.WriteHeader(http.StatusTeapot)
	}))
	defer silent.Close()
	modern := aTown(t, vtn.Config{}).URL()
	for _, c := range []struct{ url, version, configured, want string }{
		{modern, "3.0", "", "version       3.0 as you say, but it looks like 3.1"},
		{modern, "3.1", "3.0", "version       OpenADR 3.1, as you say"},
		{modern, "", "3.0", "              the configuration says 3.0"},
		{silent.URL, "", "", "taken for 3.1 (--version says otherwise)"},
		{silent.URL, "", "3.0.0", "taken for 3.0.0 (--version says otherwise)"},
		{silent.URL, "3.0", "", "version       OpenADR 3.0, as you say"},
	} {
		var out strings.Builder
		p := testProber(&out)
		p.v, p.configured = config.VTN{URL: c.url, Version: c.version}, c.configured
		if err := p.run(t.Context()); err != nil || !strings.Contains(out.String(), c.want) {
			t.Errorf("%+v: %v\n%s", c, err, out.String())
		}
	}
}

// What a server sends may be anything: it is judged, and nothing worse.
func FuzzEvidence(f *testing.F) {
	for _, seed := range []string{`[]`, `[{"targets":["a",{"type":1}],"id":3}]`, `{"tokenURL":7}`, `[null,[],""]`, `<`, `{"WEBHOOK":1}`} {
		f.Add(200, []byte(seed))
	}
	f.Fuzz(func(_ *testing.T, status int, body []byte) {
		r := reply{status: status, body: body}
		e := evidence{r, r, r, r, r, r, r, r, r}
		_, _ = e.version()
		_, _ = e.doors()
		_ = r.what()
	})
}
