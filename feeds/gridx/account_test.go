package gridx

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// vendor answers by hand: what is set for a path, and else as a utility that has published everything.
type vendor struct {
	mu      sync.Mutex
	now     time.Time
	answers map[string]string // by path, "500" and the like for a status; none: 404
	asked   []*http.Request
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked = append(v.asked, r)
	body, isKnown := v.answers[r.URL.Path]
	status := http.StatusOK
	switch {
	case r.URL.Path == "/v1/getPricing":
		(&utility{published: v.now.AddDate(1, 0, 0), rate: r.URL.Query().Get("ratename")}).ServeHTTP(w, r)
		return
	case !isKnown:
		status = http.StatusNotFound
	case len(body) == 3:
		_, _ = fmt.Sscan(body, &status)
	}
	kind := "application/json"
	if r.URL.Path == "/v1/auth/token" {
		kind = "text/plain"
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	if status == http.StatusOK {
		fmt.Fprint(w, body)
	}
}

func (v *vendor) set(path, answer string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.answers["/v1/"+path] = answer
}

// requests are those for a path since the last time.
func (v *vendor) requests(path string) []*http.Request {
	v.mu.Lock()
	defer v.mu.Unlock()
	var found []*http.Request
	v.asked = slices.DeleteFunc(v.asked, func(r *http.Request) bool {
		isIt := r.URL.Path == "/v1/"+path
		if isIt {
			found = append(found, r)
		}
		return isIt
	})
	return found
}

const infoText = `{"contractId":"` + contract + `","rateCode":"EELEC","rateCodeHasVoltageClass":false,"circuitId":"013532223","hasCca":true,"cca":"MCE"}`

// home is a source with an account, at noon of the second of March, and its vendor.
func home(t *testing.T, settings feeds.Settings) (*Source, *vendor) {
	t.Helper()
	v := &vendor{now: at(t, "2026-03-02T12:00:00-08:00"), answers: map[string]string{"/v1/auth/token": bareToken(), "/v1/customer/info": infoText, "/v1/customer/usage": "204"}}
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	all := feeds.Settings{"utility": "PGE", "client_id": "somebody", "client_secret": clientSecret, "contract": contract, "customer": customerUUID, "url": server.URL + "/v1"}
	for key, value := range settings {
		all[key] = value
	}
	s, err := Type.New(all, feeds.Net{Now: func() time.Time { v.mu.Lock(); defer v.mu.Unlock(); return v.now }})
	if err != nil {
		t.Fatal(err)
	}
	return s.(*Source), v
}

var yesterdayAndToday = func(t *testing.T) energy.Interval {
	return energy.Interval{Start: at(t, "2026-03-01T00:00:00-08:00"), End: at(t, "2026-03-03T00:00:00-08:00")}
}

func TestAccount_IsAskedAsTheVendorWants(t *testing.T) {
	s, v := home(t, nil)
	if _, err := s.Fetch(t.Context(), yesterdayAndToday(t)); err != nil {
		t.Fatal(err)
	}
	for _, r := range v.requests("auth/token") {
		if id, secret, isBasic := r.BasicAuth(); r.Method != http.MethodGet || !isBasic || id != "somebody" || secret != clientSecret || r.Header.Get("X-Contract-Id") != "" {
			t.Errorf("%s %v", r.Method, r.Header)
		}
	}
	for _, path := range []string{"customer/info", "customer/usage"} {
		asked := v.requests(path)
		if len(asked) != 1 {
			t.Fatalf("%s: %d requests", path, len(asked))
		}
		h := asked[0].Header
		if h.Get("Authorization") != "Bearer "+bareToken() || h.Get("X-Contract-Id") != "MDAxMjM0NTY3OA==" || h.Get("X-Customer-Uuid") != encoded(customerUUID) {
			t.Errorf("%s: %v", path, h)
		}
		if q := asked[0].URL.Query(); path == "customer/usage" && (q.Get("start") != "2026-03-01T08:00:00Z" || q.Get("end") != "2026-03-02T08:00:00Z") {
			t.Errorf("usage: %v", q)
		}
	}
	for _, r := range v.requests("getPricing") {
		q := r.URL.Query()
		if r.Header.Get("Authorization") != "" || r.Header.Get("X-Customer-Uuid") != "" {
			t.Errorf("prices are nobody's: %v", r.Header)
		}
		if q.Get("ratename") != "EELEC" || q.Get("representativeCircuitId") != "013532223" || q.Get("cca") != "MCE" {
			t.Errorf("prices: %v", q)
		}
	}
}

func TestAccount_ATokenMayComeInAnyOfThreeForms(t *testing.T) {
	for name, body := range map[string]string{"bare": bareToken(), "bare, with an empty line": bareToken() + "\n", "in quotes": `"` + bareToken() + `"`, "in a document": `{"access_token":"` + bareToken() + `","expires_in":3600}`} {
		s, v := home(t, nil)
		v.set("auth/token", body)
		if _, err := s.Fetch(t.Context(), yesterdayAndToday(t)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	s, v := home(t, nil)
	v.set("auth/token", "Welcome")
	if _, err := s.Fetch(t.Context(), yesterdayAndToday(t)); feeds.KindOf(err) != feeds.Temporary {
		t.Errorf("no token: %v", err)
	}
}

func TestAccount_InfoIsAskedForOnceADay(t *testing.T) {
	s, v := home(t, nil)
	for _, step := range []struct {
		now string
		n   int
	}{{"2026-03-02T12:00:00-08:00", 1}, {"2026-03-02T23:59:00-08:00", 0}, {"2026-03-03T00:00:00-08:00", 1}} {
		v.now = at(t, step.now)
		if _, err := s.Fetch(t.Context(), yesterdayAndToday(t)); err != nil || len(v.requests("customer/info")) != step.n {
			t.Errorf("%s: %v", step.now, err)
		}
	}
	v.now = at(t, "2026-03-04T12:00:00-08:00")
	v.set("customer/info", "500")
	got, err := s.Fetch(t.Context(), yesterdayAndToday(t))
	if err != nil || len(got.Import.Points) != 48 || len(got.Remarks) != 1 || !strings.Contains(got.Remarks[0], "said before") {
		t.Errorf("the account is not there any more: %v, %v", got.Remarks, err)
	}
}

func TestAccount_WithoutItThereIsNoPriceOfAnotherRate(t *testing.T) {
	for name, settings := range map[string]feeds.Settings{"nothing": nil, "all but the CCA": {"rate": "EELEC", "circuit": "013532223"}} {
		s, v := home(t, settings)
		v.set("customer/info", "503")
		if got, err := s.Fetch(t.Context(), yesterdayAndToday(t)); feeds.KindOf(err) != feeds.Temporary || len(got.Import.Points) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	s, v := home(t, feeds.Settings{"rate": "EELEC", "circuit": "013532223", "cca": "MCE"})
	v.set("customer/info", "503")
	if _, err := s.Fetch(t.Context(), yesterdayAndToday(t)); err != nil || len(v.requests("customer/info")) != 0 {
		t.Errorf("what is configured need not be asked for: %v", err)
	}
}

func TestAccount_RemarksOnWhatIsConfiguredOtherwise(t *testing.T) {
	s, _ := home(t, feeds.Settings{"rate": "EV2AS", "circuit": "024011104"})
	got, err := s.Fetch(t.Context(), yesterdayAndToday(t))
	want := []string{`rate "EV2AS" is configured, the customer's account says "EELEC"`, `circuit "024011104" is configured, the customer's account says "013532223"`}
	if err != nil || !slices.Equal(got.Remarks, want) {
		t.Errorf("%q, %v", got.Remarks, err)
	}
}

func TestAccount_PricesDoNotWaitForUsage(t *testing.T) {
	for name, answer := range map[string]string{"in trouble": "500", "refused": "403", "unreadable": "[1]", "in therms": `{"payloadDescriptors":[{"payloadType":"CONSUMPTION","units":"THERM"}],"intervals":[` + usedText("2026-03-01T08:00:00Z", "1", "0") + `]}`} {
		s, v := home(t, nil)
		v.set("customer/usage", answer)
		got, err := s.Fetch(t.Context(), yesterdayAndToday(t))
		if err != nil || len(got.Import.Points) != 48 || len(got.Taken.Points) != 0 || len(got.Remarks) != 1 || !strings.HasPrefix(got.Remarks[0], "usage is missing: ") {
			t.Errorf("%s: %v, %q, %v", name, got.Coverage(), got.Remarks, err)
		}
	}
}

// What is asked for after midnight has not been metered, whatever the answer calls it.
func TestAccount_TodayIsNotMetered(t *testing.T) {
	s, v := home(t, nil)
	v.set("customer/usage", usageText(usedText("2026-03-02T06:00:00Z", "1", "0"), usedText("2026-03-02T07:00:00Z", "2", "0"), usedText("2026-03-02T08:00:00Z", "3", "0")))
	got, err := s.Fetch(t.Context(), yesterdayAndToday(t))
	if err != nil || len(got.Taken.Points) != 2 || !got.Taken.Extent().End.Equal(at(t, "2026-03-02T00:00:00-08:00")) {
		t.Errorf("%v, %v", got.Taken, err)
	}
	today := energy.Interval{Start: at(t, "2026-03-02T00:00:00-08:00"), End: at(t, "2026-03-03T00:00:00-08:00")}
	v.requests("customer/usage")
	if got, err := s.Fetch(t.Context(), today); err != nil || len(got.Taken.Points) != 0 || len(v.requests("customer/usage")) != 0 {
		t.Errorf("%v, %v", got.Taken, err)
	}
}

func TestAccount_WhatItSaysMustFitTheUtility(t *testing.T) {
	for name, c := range map[string]struct{ settings, answer, want string }{
		"a circuit without its zero": {"PGE", strings.Replace(infoText, `"013532223"`, "13532223", 1), "circuit: "},
		"no rate":                    {"PGE", strings.Replace(infoText, `"EELEC"`, "null", 1), "rate: "},
		"no circuit":                 {"PGE", strings.Replace(infoText, `"013532223"`, "null", 1), "circuit: "},
		"a CCA without a name":       {"PGE", strings.Replace(infoText, `"MCE"`, "null", 1), "cca: "},
		"somebody else":              {"PGE", strings.Replace(infoText, contract, "0012345679", 1), "contract: "},
		"a substation, and no CCA":   {"SCE", strings.Replace(infoText, "013532223", "Eagle Rock", 1), ""},
	} {
		s, v := home(t, feeds.Settings{"utility": c.settings})
		v.set("customer/info", c.answer)
		got, err := s.Fetch(t.Context(), yesterdayAndToday(t))
		if c.want == "" {
			q := v.requests("getPricing")[0].URL.Query()
			if err != nil || len(got.Import.Points) != 48 || q.Get("representativeCircuitId") != "Eagle Rock" || q.Has("cca") {
				t.Errorf("%s: %v, %v", name, q, err)
			}
			continue
		}
		if feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), contract) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
