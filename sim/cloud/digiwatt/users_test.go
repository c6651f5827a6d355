package digiwatt

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"hearth/feeds"
)

// household is what a configuration says of one.
func household(more feeds.Settings) feeds.Settings {
	all := feeds.Settings{
		"account_number": "777", "pod": "IT001E77777777", "company_code": "hearth", "onboard": "yes",
		"house.type": "apartment", "house.dimension": "87", "house.province": "MI",
		"residents.adults": "2", "residents.children": "1", "residents.elderlies": "0",
	}
	for key, value := range more {
		all[key] = value
	}
	return all
}

// send carries out an order of the daemon.
func (s *stand) send(t *testing.T, name string) (feeds.Table, error) {
	t.Helper()
	for _, o := range s.source.Orders() {
		if o.Name != name {
			continue
		}
		draft, err := o.Prepare(t.Context(), nil, feeds.Tariff{})
		if err != nil {
			t.Fatal(err)
		}
		return draft.Send(t.Context())
	}
	t.Fatalf("there is no order %q", name)
	return feeds.Table{}, nil
}

// Whoever is new is paired first, then onboarded, and can then be asked about; all of it may be done twice.
func TestServer_RemembersWhoLivesThere(t *testing.T) {
	s := open(t, local(t, "2026-05-12 09:00"), household(feeds.Settings{"appliances.oven": "1", "appliances.dishwasher": "2"}))
	if _, err := s.send(t, "onboard"); feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), "404") {
		t.Errorf("onboarded before it was paired: %v", err)
	}
	if _, err := s.source.Realtime(t.Context()); err == nil {
		t.Error("asked before it was paired")
	}
	for range 2 {
		if table, err := s.send(t, "pair"); err != nil || len(table.Remarks) != 0 {
			t.Errorf("%v, %v", table, err)
		}
		if table, err := s.send(t, "onboard"); err != nil || len(table.Remarks) != 0 {
			t.Errorf("%v, %v", table, err)
		}
		if u, isPaired := s.User("777"); !isPaired || u != (User{"IT001E77777777", "777", "hearth"}) {
			t.Errorf("%v", u)
		}
		o, isKnown := s.Onboarding("777")
		if !isKnown || o.House.Dimension != 87 || o.House.Province != "MI" || o.Residents.Children != 1 || !reflect.DeepEqual(o.Appliances, []Owned{{"dishwasher", 2}, {"oven", 1}}) {
			t.Errorf("%+v", o)
		}
	}
	if w, err := s.source.Realtime(t.Context()); err != nil || w != 580 {
		t.Errorf("%v, %v", w, err)
	}
	if _, isKnown := s.Onboarding(number); isKnown {
		t.Error("somebody else was onboarded as well")
	}
}

// A household without appliances has those that are usual, and nobody is told off for it.
func TestServer_PresumesAppliances(t *testing.T) {
	s := open(t, local(t, "2026-05-12 09:00"), household(nil))
	if _, err := s.send(t, "pair"); err != nil {
		t.Fatal(err)
	}
	table, err := s.send(t, "onboard")
	if err != nil || len(table.Remarks) != 0 || !strings.Contains(fmt.Sprint(table.Rows), "fridge") {
		t.Errorf("%v, %v", table, err)
	}
	o, _ := s.Onboarding("777")
	if !reflect.DeepEqual(o.Appliances, presumed) {
		t.Errorf("%+v", o)
	}
	o.Appliances[0].Quantity = 9
	if again, _ := s.Onboarding("777"); !reflect.DeepEqual(again.Appliances, presumed) {
		t.Error("whoever asks can change what is known")
	}
}

// What is no household, or no meter, is not remembered.
func TestServer_RefusesWhatItCannotRead(t *testing.T) {
	s := open(t, local(t, "2026-05-12 09:00"), nil)
	s.tokens["good"] = s.clock.Add(time.Hour)
	for _, c := range []struct{ path, body string }{
		{"/users", ``}, {"/users", `[]`}, {"/users", `{"pod": "IT001E1", "account_number": "888"}`},
		{"/users", `{"pod": "FR001E1", "account_number": "888", "company_code": "hearth"}`},
		{"/users", `{"pod": "IT001E1", "account_number": "", "company_code": "hearth"}`},
		{"/users/" + number + "/onboarding", `{}`},
		{"/users/" + number + "/onboarding", `{"house": {"dimension": 87}}`}, // the vendor spells it otherwise
		{"/users/" + number + "/onboarding", `{"house": {"dimesion": -1}}`},
		{"/users/" + number + "/onboarding", `{"house": {"dimesion": 87}, "cats": 2}`},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, c.path, strings.NewReader(c.body))
		r.Header.Set("Authorization", "Bearer good")
		if s.ServeHTTP(w, r); w.Code != http.StatusBadRequest || strings.TrimSpace(w.Body.String()) != `{"data":null,"status":400}` {
			t.Errorf("%s %s: %d %s", c.path, c.body, w.Code, w.Body)
		}
	}
	if _, isPaired := s.User("888"); isPaired {
		t.Error("a meter was taken")
	}
	if _, isKnown := s.Onboarding(number); isKnown {
		t.Error("a household was taken")
	}
}

// A service that is told nothing is one of now, in UTC, whose tokens last ten hours.
func TestNew_NeedsNothing(t *testing.T) {
	s := New(Config{ClientID: id, ClientSecret: secret})
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	r := httptest.NewRequest(http.MethodPost, "/auth/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var grant struct {
		Token string `json:"access_token"`
		In    int    `json:"expires_in"`
		Type  string `json:"token_type"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &grant); err != nil || grant.In != 36000 || grant.Type != "Bearer" || grant.Token == "" {
		t.Fatalf("%s, %v", w.Body, err)
	}
	r = httptest.NewRequest(http.MethodGet, "/greenness", nil)
	r.Header.Set("Authorization", "Bearer "+grant.Token)
	w = httptest.NewRecorder()
	if s.ServeHTTP(w, r); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"best_windows":[]`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
