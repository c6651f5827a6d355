package vtn

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/energy"
	"hearth/openadr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ask sends one request to the handler, without a network.
func ask(v *VTN, method, target, token, form string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(form))
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	v.ServeHTTP(w, r)
	return w
}

// ids lists what a GET shows.
func ids(t *testing.T, v *VTN, target string) string {
	t.Helper()
	w := ask(v, "GET", target, "", "")
	var list []openadr.Metadata
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != 200 {
		t.Fatalf("GET %s: %d %s: %v", target, w.Code, w.Body, err)
	}
	var out []string
	for _, o := range list {
		out = append(out, o.ID)
	}
	return strings.Join(out, " ")
}

func event(id, program string, targets ...string) openadr.Event {
	return openadr.Event{Metadata: openadr.Metadata{ID: id}, ProgramID: program, Targets: targets}
}

func TestVTN_PagesAndFilters(t *testing.T) {
	v := New(Config{Granted: []string{"g1", "g2"}, PageLimit: 3})
	for i := range 5 {
		v.Put(event(fmt.Sprint("a", i), "p1"))
	}
	v.Put(event("b", "p2"))
	v.Put(event("g1", "p3", "g1"))
	v.Put(event("g12", "p3", "g2", "g1"))
	v.Put(event("hidden", "p3", "g9"))
	for target, want := range map[string]string{
		"/events":                              "a0 a1 a2",
		"/events?limit=2":                      "a0 a1",
		"/events?limit=50&skip=3":              "a3 a4 b",
		"/events?limit=0":                      "",
		"/events?skip=8":                       "",
		"/events?skip=99":                      "",
		"/events?programID=p2":                 "b",
		"/events?programID=p3":                 "g1 g12",
		"/events?targets=g2":                   "g12",
		"/events?targets=g2&targets=g1":        "g1 g12",
		"/events?targets=g9":                   "",
		"/events?programID=p3&skip=1&limit=50": "g12",
	} {
		if got := ids(t, v, target); got != want {
			t.Errorf("GET %s = %q, want %q", target, got, want)
		}
	}
}

func TestVTN_AnswersMistakesWithProblems(t *testing.T) {
	v := New(Config{})
	v.Put(event("hidden", "p", "group"))
	for target, want := range map[string]int{
		"/events/none": 404, "/events/hidden": 404, "/programs/none": 404, "/elsewhere": 404,
		"/events?limit=51": 400, "/events?skip=-1": 400, "/events?limit=x": 400,
	} {
		w := ask(v, "GET", target, "", "")
		var p openadr.Problem
		err := json.Unmarshal(w.Body.Bytes(), &p)
		if w.Code != want || p.Status != want || p.Detail == "" || err != nil || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("GET %s: %d %s, want %d", target, w.Code, w.Body, want)
		}
	}
	if w := ask(v, "POST", "/events", "", "x"); w.Code != 403 {
		t.Errorf("POST /events: %d", w.Code)
	}
}

func TestVTN_PutReplacesAndKeepsTheTimeOfCreation(t *testing.T) {
	now := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)
	v := New(Config{Now: func() time.Time { return now }})
	first := v.Put(event("", "p"))
	if first.ID == "" || first.ObjectType != openadr.ObjectEvent {
		t.Fatalf("got %+v", first)
	}
	v.Put(event("other", "p"))
	now = now.Add(time.Hour)
	second := v.Put(event(first.ID, "q"))
	if !second.Created.Equal(first.Created.Time) || !second.Modified.Equal(now) {
		t.Errorf("created %v, modified %v", second.Created, second.Modified)
	}
	if got, want := ids(t, v, "/events"), first.ID+" other"; got != want {
		t.Errorf("events %q, want %q", got, want)
	}
	v.Delete(first.ID)
	v.Delete("unknown")
	if got := ids(t, v, "/events"); got != "other" {
		t.Errorf("after deleting: %q", got)
	}
	p := v.PutProgram(openadr.Program{ProgramName: "tou"})
	if got := ids(t, v, "/programs"); got != p.ID {
		t.Errorf("programs %q", got)
	}
	v.DeleteProgram(p.ID)
	if got := ids(t, v, "/programs"); got != "" {
		t.Errorf("programs after deleting: %q", got)
	}
}

func TestVTN_LetsNobodyInWithoutALivingToken(t *testing.T) {
	now := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)
	v := New(Config{ClientID: "home", ClientSecret: "s", TokenLife: time.Minute, Now: func() time.Time { return now }})
	if w := ask(v, "GET", "/auth/server", "", ""); !strings.Contains(w.Body.String(), `"tokenURL":"http://example.com/auth/token"`) {
		t.Errorf("auth server says %s", w.Body)
	}
	form := func(grant, id, secret string) string {
		return url.Values{"grant_type": {grant}, "client_id": {id}, "client_secret": {secret}}.Encode()
	}
	for body, want := range map[string]int{
		form("client_credentials", "home", "wrong"): 401,
		form("client_credentials", "other", "s"):    401,
		form("password", "home", "s"):               400,
		"":                                          400,
	} {
		if w := ask(v, "POST", "/auth/token", "", body); w.Code != want || !strings.Contains(w.Body.String(), `"error"`) {
			t.Errorf("%s: %d %s, want %d", body, w.Code, w.Body, want)
		}
	}
	w := ask(v, "POST", "/auth/token", "", form("client_credentials", "home", "s"))
	var got struct {
		Token string `json:"access_token"`
		Life  int    `json:"expires_in"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Life != 60 {
		t.Fatalf("%s: %v", w.Body, err)
	}
	for _, c := range []struct {
		token string
		after time.Duration
		want  int
	}{{"", 0, 401}, {"guess", 0, 401}, {got.Token, 0, 200}, {got.Token, 59 * time.Second, 200}, {got.Token, time.Second, 401}} {
		now = now.Add(c.after)
		if w := ask(v, "GET", "/events", c.token, ""); w.Code != c.want {
			t.Errorf("token %q: %d, want %d", c.token, w.Code, c.want)
		}
	}
	if w := ask(New(Config{}), "POST", "/auth/token", "", "x=y"); w.Code != 501 {
		t.Errorf("an open VTN answers %d", w.Code)
	}
}

func TestVTN_BreaksOnlyWhatItIsToldTo(t *testing.T) {
	v := New(Config{})
	price, err := openadr.NewValuesMap(openadr.PayloadPrice, energy.PriceOf(0.1))
	if err != nil {
		t.Fatal(err)
	}
	e := event("e", "p")
	e.Intervals = []openadr.Interval{{Payloads: []openadr.ValuesMap{price}}}
	v.Put(e)
	good := ask(v, "GET", "/events", "", "").Body.String()
	for fault, want := range map[Fault]struct {
		status int
		body   string
	}{
		HTML: {200, "<!DOCTYPE html>"}, Empty: {200, ""}, NothingThere: {200, "[]"}, Words: {200, `"values":["cheap"]`},
		NoAccess: {401, "token"}, Broken: {500, "database"}, Busy: {503, "homes"}, Huge: {200, "xxxx"},
	} {
		v.Break(fault, func(r *http.Request) bool { return r.URL.Path == "/events" })
		w := ask(v, "GET", "/events", "", "")
		if w.Code != want.status || !strings.Contains(w.Body.String(), want.body) || w.Body.String() == good {
			t.Errorf("%s: %d %.80s", fault, w.Code, w.Body)
		}
		if fault == Huge && w.Body.Len() < 20<<20 {
			t.Errorf("huge is only %d bytes", w.Body.Len())
		}
		if w := ask(v, "GET", "/events/e", "", ""); w.Code != 200 {
			t.Errorf("%s: the other path answers %d", fault, w.Code)
		}
	}
	v.Break(Broken, nil)
	if w := ask(v, "GET", "/auth/server", "", ""); w.Code != 200 {
		t.Errorf("by default the auth paths break too: %d", w.Code)
	}
	v.Heal()
	if got := ask(v, "GET", "/events", "", "").Body.String(); got != good {
		t.Errorf("after healing: %s", got)
	}
}

func TestVTN_HalfPageEndsInTheMiddle(t *testing.T) {
	v := New(Config{})
	v.Put(event("e", "p"))
	if err := v.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = v.Close() }()
	v.Break(HalfPage, nil)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(v.URL() + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != io.ErrUnexpectedEOF || !strings.HasPrefix(string(body), `[{"id":"e"`) {
		t.Errorf("got %q, %v", body, err)
	}
}

func TestVTN_LivesAndDiesInOrder(t *testing.T) {
	v := New(Config{})
	if err := v.Close(); err != nil {
		t.Errorf("close before start: %v", err)
	}
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "nonsense"} {
		if err := v.Start(addr); err == nil {
			t.Errorf("served on %q", addr)
		}
	}
	if err := v.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if err := v.Start("127.0.0.1:0"); err == nil {
		t.Error("started twice")
	}
	for range 2 {
		if err := v.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

func TestVTN_RemembersTheNewestRequests(t *testing.T) {
	v := New(Config{})
	for i := range maxRequests + 5 {
		ask(v, "GET", fmt.Sprint("/events?skip=", i), "", "")
	}
	got := v.Requests()
	if len(got) != maxRequests || got[0] != "GET /events?skip=5" || got[maxRequests-1] != fmt.Sprint("GET /events?skip=", maxRequests+4) {
		t.Errorf("%d requests, from %s to %s", len(got), got[0], got[len(got)-1])
	}
}
