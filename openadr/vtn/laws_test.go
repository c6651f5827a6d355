package vtn

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/openadr"
)

var groups = []string{"north", "south", "hall", "cellar"}

// published is a VTN with drawn events, and the events.
func published(t *rapid.T) (*VTN, Config, []openadr.Event) {
	cfg := Config{
		Granted:   rapid.SliceOfNDistinct(rapid.SampledFrom(groups), 0, 3, rapid.ID).Draw(t, "granted"),
		PageLimit: rapid.SampledFrom([]int{0, 1, 2, 3, 7, 50, 1000, -1}).Draw(t, "page"),
	}
	v := New(cfg)
	var events []openadr.Event
	for i := range rapid.IntRange(0, 70).Draw(t, "events") {
		targets := rapid.SliceOfNDistinct(rapid.SampledFrom(groups), 0, 2, rapid.ID).Draw(t, "targets")
		events = append(events, v.Put(event(fmt.Sprint("e", i), rapid.SampledFrom([]string{"p", "q"}).Draw(t, "program"), targets...)))
	}
	return v, cfg, events
}

func fetch(t *rapid.T, v *VTN, query url.Values) []string {
	w := ask(v, "GET", "/events?"+query.Encode(), "", "")
	var list []openadr.Metadata
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != 200 {
		t.Fatalf("%v: %d %s", query, w.Code, w.Body)
	}
	out := []string{}
	for _, o := range list {
		out = append(out, o.ID)
	}
	return out
}

// A client that walks the pages meets every event it may see exactly once, in order of publication, and
// nothing else, whatever is asked for and granted.
func TestVTN_PagesShowEveryVisibleEventOnceAndNoOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, cfg, events := published(t)
		query := url.Values{}
		if rapid.Bool().Draw(t, "limited") {
			query.Set("limit", fmt.Sprint(rapid.IntRange(1, 50).Draw(t, "limit")))
		}
		if rapid.Bool().Draw(t, "one program") {
			query.Set("programID", "p")
		}
		asked := rapid.SliceOfNDistinct(rapid.SampledFrom(groups), 0, 2, rapid.ID).Draw(t, "asked")
		query["targets"] = asked

		want := []string{}
		for _, e := range events {
			isOneOf := func(of []string) bool {
				for _, target := range e.Targets {
					if slices.Contains(of, target) {
						return true
					}
				}
				return false
			}
			both := slices.DeleteFunc(slices.Clone(cfg.Granted), func(g string) bool { return len(asked) > 0 && !slices.Contains(asked, g) })
			isVisible := isOneOf(both) || len(e.Targets)+len(asked) == 0
			if isVisible && (query.Get("programID") == "" || e.ProgramID == "p") {
				want = append(want, e.ID)
			}
		}
		got := []string{}
		for {
			query.Set("skip", fmt.Sprint(len(got)))
			page := fetch(t, v, query)
			if most := cfg.PageLimit; most > 0 && len(page) > most || len(page) > 50 {
				t.Fatalf("a page of %d", len(page))
			}
			if got = append(got, page...); len(page) == 0 {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// What a list hides cannot be had by its id either, and the answer does not tell hidden from missing.
func TestVTN_HidesByIDWhatItHidesInLists(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, cfg, events := published(t)
		for _, e := range events {
			isHidden := len(e.Targets) > 0 && !slices.ContainsFunc(e.Targets, func(g string) bool { return slices.Contains(cfg.Granted, g) })
			got, missing := ask(v, "GET", "/events/"+e.ID, "", ""), ask(v, "GET", "/events/none", "", "")
			if isHidden != (got.Code == 404) || isHidden && got.Body.String() != missing.Body.String() {
				t.Fatalf("%s of %v to %v: %d %s", e.ID, e.Targets, cfg.Granted, got.Code, got.Body)
			}
		}
	})
}

func TestVTN_HidesProgramsLikewise(t *testing.T) {
	v := New(Config{Granted: []string{"north"}})
	v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "open"}})
	v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "mine"}, Targets: []string{"south", "north"}})
	v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "theirs"}, Targets: []string{"south"}})
	for target, want := range map[string]string{
		"/programs": "open mine", "/programs?targets=north": "mine", "/programs?targets=south": "",
		"/programs?limit=1": "open", "/programs?skip=1": "mine",
	} {
		if got := ids(t, v, target); got != want {
			t.Errorf("GET %s = %q, want %q", target, got, want)
		}
	}
	if w := ask(v, "GET", "/programs/theirs", "", ""); w.Code != 404 {
		t.Errorf("another's program: %d", w.Code)
	}
	if w := ask(v, "GET", "/programs/mine", "", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `"objectType":"PROGRAM"`) {
		t.Errorf("my program: %d %s", w.Code, w.Body)
	}
}

// Any order of publishing and withdrawing leaves the objects a map would hold, in order of first
// publication, each with an id of its own.
func TestVTN_HoldsWhatWasPublishedLast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := New(Config{})
		var order []string
		names := map[string]string{}
		for i := range rapid.IntRange(0, 30).Draw(t, "moves") {
			id := rapid.SampledFrom([]string{"", "", "id-1", "id-2", "id-3", "x"}).Draw(t, "id")
			if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
				v.Delete(id)
				order = slices.DeleteFunc(order, func(o string) bool { return o == id })
				delete(names, id)
				continue
			}
			e := event(id, "p")
			e.EventName = fmt.Sprint("n", i)
			got := v.Put(e)
			if _, isOld := names[got.ID]; id == "" && isOld || id != "" && got.ID != id {
				t.Fatalf("%q was published as %q beside %v", id, got.ID, order)
			}
			if !slices.Contains(order, got.ID) {
				order = append(order, got.ID)
			}
			names[got.ID] = e.EventName
		}
		if got := fetch(t, v, nil); !slices.Equal(got, order) && len(got)+len(order) > 0 {
			t.Fatalf("shows %v, want %v", got, order)
		}
		for id, name := range names {
			if w := ask(v, "GET", "/events/"+id, "", ""); !strings.Contains(w.Body.String(), `"eventName":"`+name+`"`) {
				t.Errorf("%s: %s, want %s", id, w.Body, name)
			}
		}
	})
}

func tokenOf(t *testing.T, v *VTN) string {
	t.Helper()
	w := ask(v, "POST", "/auth/token", "", "grant_type=client_credentials&client_id=home&client_secret=s")
	var got struct {
		Token string `json:"access_token"`
		Type  string `json:"token_type"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.Type != "Bearer" || got.Token == "" {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	return got.Token
}

func TestVTN_TokensAreEachForItself(t *testing.T) {
	now := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)
	cfg := Config{ClientID: "home", ClientSecret: "s", TokenLife: time.Minute, Now: func() time.Time { return now }}
	v, other := New(cfg), New(cfg)
	status := func(v *VTN, token string) int { return ask(v, "GET", "/events", token, "").Code }
	first := tokenOf(t, v)
	now = now.Add(40 * time.Second)
	second := tokenOf(t, v)
	if first == second || status(v, first) != 200 || status(v, second) != 200 {
		t.Error("two tokens do not live beside each other")
	}
	if status(other, first) != 401 {
		t.Error("another VTN takes the token")
	}
	now = now.Add(20 * time.Second)
	if status(v, first) != 401 || status(v, second) != 200 {
		t.Error("the first did not end, or the second did with it")
	}
	v.RevokeTokens()
	if status(v, second) != 401 {
		t.Error("a revoked token lives")
	}
	if third := tokenOf(t, v); status(v, third) != 200 {
		t.Error("no new token after the others were revoked")
	}
	for range 50 {
		now = now.Add(time.Hour)
		tokenOf(t, v)
	}
	if n := len(v.tokens); n != 1 {
		t.Errorf("%d dead tokens are remembered", n-1)
	}
}

func TestVTN_TakesATokenOnlyAsABearer(t *testing.T) {
	v := New(Config{ClientID: "home", ClientSecret: "s"})
	token := tokenOf(t, v)
	for header, want := range map[string]int{
		"Bearer " + token: 200, "": 401, token: 401, "Basic " + token: 401, "Bearer": 401, "Bearer " + token + "x": 401,
		"Bearer  " + token: 401, "Bearer " + token[1:]: 401,
	} {
		if got := withHeader(v, header); got != want {
			t.Errorf("%q: %d, want %d", header, got, want)
		}
	}
	for _, path := range []string{"/programs", "/events/x", "/programs/x", "/elsewhere", "/"} {
		if w := ask(v, "GET", path, "", ""); w.Code != 401 { // strangers do not learn what there is
			t.Errorf("GET %s without a token: %d", path, w.Code)
		}
	}
}

func TestVTN_ManyMayAskWhileItPublishes(t *testing.T) {
	v := New(Config{})
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 50 {
				id := fmt.Sprintf("%d-%d", i, n)
				v.Put(event(id, "p"))
				v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: id}})
				if n%2 == 0 {
					v.Delete(id)
					v.DeleteProgram(id)
				}
			}
		})
		all.Go(func() {
			for range 50 {
				if w := ask(v, "GET", "/events", "", ""); !json.Valid(w.Body.Bytes()) {
					t.Errorf("%s", w.Body)
				}
				ask(v, "GET", "/programs", "", "")
				_ = v.Requests()
			}
		})
	}
	all.Wait()
	if n := len(v.events.items) + len(v.programs.items); n != 200 {
		t.Errorf("%d objects left, want 200", n)
	}
}
