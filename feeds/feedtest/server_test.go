package feedtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// get is the status and the body of an answer.
func get(t *testing.T, s *server, method, path string) (int, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}

var recording = []Exchange{
	{Method: "POST", Path: "/token", Token: true, Body: "token"},
	{Path: "/prices", Query: map[string]string{"page": "1"}, Body: "first"},
	{Path: "/prices", Query: map[string]string{"page": "2"}, Body: "second"},
	{Path: "/none", Status: 204},
}

func TestServer_PlaysWhatWasRecorded(t *testing.T) {
	s := play(recording)
	defer s.Close()
	for _, c := range []struct {
		method, path string
		status       int
		body         string
	}{
		{"GET", "/prices?page=1", 200, "first"},
		{"GET", "/prices?page=2&other=x", 200, "second"},
		{"GET", "/prices", 404, ""},
		{"POST", "/prices?page=1", 404, ""},
		{"GET", "/none", 204, ""},
		{"POST", "/token", 200, "token"},
	} {
		status, body, err := get(t, s, c.method, c.path)
		if err != nil || status != c.status || c.status == 200 && body != c.body {
			t.Errorf("%s %s: %d %q, %v", c.method, c.path, status, body, err)
		}
	}
	if asked, tokens := s.counts(); asked != 5 || tokens != 1 {
		t.Errorf("%d questions and %d tokens counted", asked, tokens)
	}
	s.set(nil, true)
	if status, body, _ := get(t, s, "GET", "/another"); status != 200 || body != "first" {
		t.Errorf("lenient, and says %d %q", status, body)
	}
}

func TestServer_IsDisturbedButForTokens(t *testing.T) {
	s := play(recording)
	defer s.Close()
	s.set(always(429, "text/plain", "slow down", "Retry-After", "1"), false)
	if status, body, _ := get(t, s, "GET", "/prices?page=1"); status != 429 || body != "slow down" {
		t.Errorf("%d %q", status, body)
	}
	if status, body, _ := get(t, s, "POST", "/token"); status != 200 || body != "token" {
		t.Errorf("%d %q", status, body)
	}
	s.set(cutByConnection, false)
	if _, body, err := get(t, s, "GET", "/prices?page=1"); !errors.Is(err, io.ErrUnexpectedEOF) || body != "fi" {
		t.Errorf("cut, and got %q, %v", body, err)
	}
	s.set(cutByServer, false)
	if _, body, err := get(t, s, "GET", "/prices?page=1"); err != nil || body != "fi" {
		t.Errorf("cut, and got %q, %v", body, err)
	}
	s.set(echo, false)
	if status, body, _ := get(t, s, "GET", "/prices?page=1"); status != 200 || strings.Count(body, "page=1") < 3 {
		t.Errorf("%d %q", status, body)
	}
	s.set(only(1, refuse), false)
	if status, body, _ := get(t, s, "GET", "/prices?page=1"); status != 401 || !strings.Contains(body, "page=1") {
		t.Errorf("%d %q", status, body)
	}
	if status, _, _ := get(t, s, "GET", "/prices?page=1"); status != 200 {
		t.Errorf("the second time %d", status)
	}
}

func TestWant_IsExact(t *testing.T) {
	temporary := fmt.Errorf("wrapped: %w", feeds.Fail(feeds.Temporary, "x"))
	for _, c := range []struct {
		err    error
		kinds  []feeds.FailureKind
		isGood bool
	}{
		{temporary, []feeds.FailureKind{feeds.Temporary}, true},
		{temporary, []feeds.FailureKind{feeds.NotYet, feeds.Temporary}, true},
		{temporary, []feeds.FailureKind{feeds.Misconfigured}, false},
		{nil, []feeds.FailureKind{feeds.Temporary}, false},
		{errors.New("x"), []feeds.FailureKind{feeds.Temporary}, false},
		{fault{temporary}, []feeds.FailureKind{feeds.Temporary}, false},
	} {
		if got := want(c.err, c.kinds...); (got == nil) != c.isGood {
			t.Errorf("%v for %v: %v", c.err, c.kinds, got)
		}
	}
}

func TestSound_WantsToKnowWhereAValueIsFrom(t *testing.T) {
	about := feeds.About{Kinds: []feeds.Kind{feeds.Solar}, Zone: time.UTC}
	values := func(o *energy.Origin) feeds.Values {
		return feeds.Values{Solar: energy.Series[energy.Watts]{Points: []energy.Point[energy.Watts]{{Interval: energy.Span(midnight, time.Hour), Value: 1, Origin: o}}}}
	}
	good := energy.Origin{Source: "x", Fetched: midnight, Status: energy.Forecast}
	if err := sound(values(&good), about); err != nil {
		t.Error(err)
	}
	for name, o := range map[string]*energy.Origin{
		"nothing": nil, "no source": {Fetched: midnight, Status: energy.Final},
		"no time": {Source: "x", Status: energy.Final}, "no status": {Source: "x", Fetched: midnight},
	} {
		if sound(values(o), about) == nil {
			t.Errorf("%s is sound", name)
		}
	}
	if sound(values(&good), feeds.About{Kinds: about.Kinds}) == nil || sound(values(&good), feeds.About{Zone: time.UTC}) == nil {
		t.Error("a source without zone or kinds is sound")
	}
}

func TestOutside_IsWhatWasNotPublished(t *testing.T) {
	a, b := fact{feeds.Solar, 0, 1, "1"}, fact{feeds.Solar, 0, 1, "2"}
	if outside([]fact{a}, []fact{b, a}) != nil || outside(nil, nil) != nil {
		t.Error("what was published is outside")
	}
	if err := outside([]fact{a, b}, []fact{a}); err == nil || !strings.Contains(err.Error(), "solar 2 at 1970-01-01T00:00:00Z") {
		t.Error(err)
	}
}

func TestMemory_AndClock_AreWhatAKeeperNeeds(t *testing.T) {
	var m Memory
	if _, isFound, _ := m.Get("a"); isFound {
		t.Error("something is in an empty store")
	}
	if err := m.Put("a", []byte("b")); err != nil {
		t.Fatal(err)
	}
	if v, isFound, err := m.Get("a"); !isFound || err != nil || string(v) != "b" {
		t.Errorf("%q, %v", v, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if c := still(midnight); !c.Now().Equal(midnight) || !errors.Is(c.Sleep(ctx, time.Hour), context.Canceled) {
		t.Error("the clock does not stand still")
	}
}
