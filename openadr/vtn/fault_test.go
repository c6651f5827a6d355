package vtn

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hearth/energy"
	"hearth/openadr"
)

func withHeader(v *VTN, header string) int {
	r := httptest.NewRequest("GET", "/events", nil)
	r.Header.Set("Authorization", header)
	w := httptest.NewRecorder()
	v.ServeHTTP(w, r)
	return w.Code
}

// served is a started VTN and a client that keeps nothing.
func served(t *testing.T, v *VTN) *http.Client {
	t.Helper()
	if err := v.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
}

func get(t *testing.T, c *http.Client, ctx context.Context, url string) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.Do(r)
}

func TestVTN_SilentAnswersNobodyAndHoldsUpNobodyElse(t *testing.T) {
	v := New(Config{})
	c := served(t, v)
	v.Break(Silent, func(r *http.Request) bool { return r.URL.Path == "/events" })
	ctx, giveUp := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		resp, err := get(t, c, ctx, v.URL()+"/events")
		if err == nil {
			_ = resp.Body.Close()
		}
		ended <- err
	}()
	for deadline := time.Now().Add(10 * time.Second); len(v.Requests()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the request never came")
		}
	}
	resp, err := get(t, c, t.Context(), v.URL()+"/programs")
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("another request meanwhile: %v", err)
	}
	_ = resp.Body.Close()
	select {
	case err := <-ended:
		t.Fatalf("answered, %v", err)
	default:
	}
	giveUp()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestVTN_CloseEndsWhatItIsSilentTo(t *testing.T) {
	v := New(Config{})
	c := served(t, v)
	v.Break(Silent, nil)
	ended := make(chan error, 1)
	go func() {
		resp, err := get(t, c, context.Background(), v.URL()+"/events")
		if err == nil {
			_ = resp.Body.Close()
		}
		ended <- err
	}()
	for len(v.Requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("answered after it was closed")
		}
	case <-time.After(5 * time.Second):
		t.Error("the client still waits")
	}
}

func TestVTN_FaultsHoldUntilTheNextOrUntilHealed(t *testing.T) {
	v := New(Config{ClientID: "home", ClientSecret: "s"})
	token := tokenOf(t, v)
	status := func(path string) int { return ask(v, "GET", path, token, "").Code }
	v.Break(Broken, nil)
	for range 3 {
		if got := status("/events"); got != 500 {
			t.Errorf("broken: %d", got)
		}
	}
	if got := ask(v, "POST", "/auth/token", "", "grant_type=client_credentials&client_id=home&client_secret=s").Code; got != 200 {
		t.Errorf("tokens of a broken VTN: %d", got)
	}
	v.Break(NoAccess, func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/auth/") })
	if got, auth := status("/events"), status("/auth/server"); got != 200 || auth != 401 {
		t.Errorf("the next fault alone should hold: %d, auth %d", got, auth)
	}
	v.Heal()
	v.Heal()
	if got := status("/auth/server"); got != 200 {
		t.Errorf("healed: %d", got)
	}
}

func TestVTN_ErrorsCarryWhatAClientNeeds(t *testing.T) {
	v := New(Config{})
	for fault, want := range map[Fault]int{NoAccess: 401, Broken: 500, Busy: 503, TooMany: 429} {
		v.Break(fault, nil)
		w := ask(v, "GET", "/events", "", "")
		var p openadr.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Status != want || p.Title != http.StatusText(want) || p.Detail == "" {
			t.Errorf("%s: %d %s", fault, w.Code, w.Body)
		}
		if got, want := w.Header().Get("Retry-After"), map[Fault]string{Busy: "120", TooMany: "30"}[fault]; got != want {
			t.Errorf("%s: retry after %q, want %q", fault, got, want)
		}
	}
	v.Break(HTML, nil)
	if got := ask(v, "GET", "/events", "", "").Header().Get("Content-Type"); got != "text/html" {
		t.Errorf("a web page of type %q", got)
	}
	v.Break(Huge, nil)
	var rows []openadr.Event
	if err := json.Unmarshal(ask(v, "GET", "/events", "", "").Body.Bytes(), &rows); err != nil || len(rows) != 1 {
		t.Errorf("huge is to be a valid list: %d rows, %v", len(rows), err)
	}
}

// A spoiled answer is spoiled in its values only: what would have been refused still is.
func TestVTN_WordsSpoilOnlyWhatWouldHaveBeenGiven(t *testing.T) {
	v := New(Config{ClientID: "home", ClientSecret: "s"})
	token := tokenOf(t, v)
	e := event("e", "p")
	e.Intervals = []openadr.Interval{{ID: 7}, {ID: 8}}
	for i := range e.Intervals {
		price, err := openadr.NewValuesMap(openadr.PayloadPrice, energy.PriceOf(0.1))
		if err != nil {
			t.Fatal(err)
		}
		e.Intervals[i].Payloads = []openadr.ValuesMap{price}
	}
	v.Put(e)
	good := ask(v, "GET", "/events", token, "").Body.String()
	v.Break(Words, nil)
	bad := ask(v, "GET", "/events", token, "")
	if want := strings.ReplaceAll(good, `"values":[0.1]`, `"values":["cheap"]`); bad.Body.String() != want || good == want {
		t.Errorf("%s, want %s", bad.Body, want)
	}
	if bad.Header().Get("Content-Type") != "application/json" {
		t.Errorf("type %q", bad.Header().Get("Content-Type"))
	}
	if w := ask(v, "GET", "/events", "guess", ""); w.Code != 401 {
		t.Errorf("without a token: %d", w.Code)
	}
	if w := ask(v, "GET", "/events/none", token, ""); w.Code != 404 {
		t.Errorf("of nothing: %d", w.Code)
	}
}

func TestVTN_NotesEveryRequestAnsweredOrNot(t *testing.T) {
	v := New(Config{ClientID: "home", ClientSecret: "s"})
	ask(v, "GET", "/events?skip=0", "", "")
	v.Break(Broken, nil)
	ask(v, "GET", "/programs", "", "")
	ask(v, "DELETE", "/events/x", "", "")
	got := v.Requests()
	if want := "GET /events?skip=0,GET /programs,DELETE /events/x"; strings.Join(got, ",") != want {
		t.Errorf("%q", got)
	}
	got[0] = "changed"
	if v.Requests()[0] == "changed" {
		t.Error("a caller changed what the VTN remembers")
	}
}

func TestVTN_TakesNoBodyWithoutEnd(t *testing.T) {
	v := New(Config{ClientID: "home", ClientSecret: "s"})
	c := served(t, v)
	long := "grant_type=client_credentials&client_id=home&client_secret=s&x=" + strings.Repeat("x", 1<<20)
	resp, err := c.Post(v.URL()+"/auth/token", "application/x-www-form-urlencoded", strings.NewReader(long))
	if err != nil {
		return // hung up on: as good
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode == 200 {
		t.Errorf("a megabyte of form was read: %s", body)
	}
}

// A list in another order holds the same, each time.
func TestVTN_ReorderedListsHoldTheSame(t *testing.T) {
	v := New(Config{})
	p := v.PutProgram(openadr.Program{ProgramName: "p"})
	for range 20 {
		v.Put(openadr.Event{ProgramID: p.ID})
	}
	list := func() (ids []string) {
		var events []openadr.Event
		if err := json.Unmarshal(ask(v, "GET", "/events", "", "").Body.Bytes(), &events); err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			ids = append(ids, e.ID)
		}
		return ids
	}
	good := list()
	v.Break(Reordered, nil)
	shuffled := list()
	if slices.Equal(good, shuffled) { // once in 20! it is
		t.Errorf("still in order: %v", shuffled)
	}
	slices.Sort(good)
	slices.Sort(shuffled)
	if !slices.Equal(good, shuffled) {
		t.Errorf("got %v, want %v", shuffled, good)
	}
	one := ask(v, "GET", "/programs/"+p.ID, "", "")
	if one.Code != 200 || !strings.Contains(one.Body.String(), p.ID) {
		t.Errorf("what is no list: %d %s", one.Code, one.Body)
	}
}

func TestVTN_SlowAnswersAreGoodAndLate(t *testing.T) {
	v := New(Config{})
	v.Break(Slow, nil)
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if w := ask(v, "GET", "/events", "", ""); w.Code != 200 || time.Since(began) != 2*time.Second {
			t.Errorf("%d after %v", w.Code, time.Since(began))
		}
	})
}
