package podero

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const place = "/api/partners/v2.0/org/o/users/u/energy-contracts"

// partner is one who has a token.
type partner struct {
	*testing.T
	*Server
	token string
	now   time.Time
}

func open(t *testing.T, cfg Config) *partner {
	t.Helper()
	p := &partner{T: t, now: time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)}
	cfg.Now, cfg.ClientID, cfg.ClientSecret, cfg.Organization, cfg.User = func() time.Time { return p.now }, "id", "secret", "o", "u"
	p.Server = New(cfg)
	p.login()
	return p
}

func (p *partner) login() {
	p.Helper()
	w := p.grant("/oauth2/token/", "application/json", `{"grant_type": "client_credentials"}`, "secret")
	var doc struct {
		Token string `json:"access_token"`
		In    int    `json:"expires_in"`
		Type  string `json:"token_type"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || doc.Token == "" || doc.In != 36000 || doc.Type != "Bearer" {
		p.Fatalf("%s, %v", w.Body, err)
	}
	p.token = doc.Token
}

func (p *partner) grant(target, kind, body, secret string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	r.SetBasicAuth("id", secret)
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

func (p *partner) ask(method, target, body string) (int, string) {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+p.token)
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestToken_WantsItsSlashAndJSON(t *testing.T) {
	p := open(t, Config{})
	const good = `{"grant_type": "client_credentials"}`
	for name, c := range map[string]struct {
		w    *httptest.ResponseRecorder
		want int
	}{
		"without slash": {p.grant("/oauth2/token", "application/json", good, "secret"), 404},
		"as a form":     {p.grant("/oauth2/token/", "application/x-www-form-urlencoded", "grant_type=client_credentials", "secret"), 400},
		"wrong secret":  {p.grant("/oauth2/token/", "application/json", good, "secre"), 401},
		"another grant": {p.grant("/oauth2/token/", "application/json", `{"grant_type": "password"}`, "secret"), 400},
	} {
		if c.w.Code != c.want {
			t.Errorf("%s: %d", name, c.w.Code)
		}
	}
}

func TestServer_RefusesWhoIsNotThePartner(t *testing.T) {
	p := open(t, Config{})
	status := func(target string) int { got, _ := p.ask(http.MethodGet, target, ""); return got }
	if status(place) != http.StatusOK || status(strings.Replace(place, "/u/", "/v/", 1)) != http.StatusNotFound || status("/") != http.StatusNotFound {
		t.Error("the user's contracts are there, and nobody else's")
	}
	p.now = p.now.Add(10 * time.Hour)
	if status(place) != http.StatusUnauthorized {
		t.Error("a token that has ended is let in")
	}
	if p.login(); status(place) != http.StatusOK {
		t.Error("another one is refused")
	}
	if p.Revoke(); status(place) != http.StatusUnauthorized {
		t.Error("a token that was revoked is let in")
	}
}

func TestContracts_AreSpelledInOneWay(t *testing.T) {
	const (
		reference = `{"energy_contract_type": "spot_hourly", "building_id": "b", "currency_energy_price": "EUR", "energy_prices": [{"price": 0.10, "timestamp": "2026-03-29T00:00:00+00:00"}]}`
		guided    = `{"owner": "u", "energy_contract_type": "Spot Hourly", "building": "b", "currency_energy_price": "EUR", "energy_price": [{"price": 0.10, "timestamp": "2026-03-29T00:00:00+00:00"}]}`
	)
	for isGuide, body := range map[bool]string{false: reference, true: guided} {
		p := open(t, Config{IsGuide: isGuide})
		status, made := p.ask(http.MethodPost, place, body)
		var doc map[string]any
		if err := json.Unmarshal([]byte(made), &doc); err != nil || status != http.StatusOK || doc["building"] != "b" || len(doc["id"].(string)) != 36 || doc["meter_id"] != nil {
			t.Fatalf("%d %s, %v", status, made, err)
		}
		if (doc["energy_price"] != nil) != isGuide || (doc["owner"] == "u") != isGuide || (doc["energy_contract_type"] == "Spot Hourly") != isGuide {
			t.Errorf("made: %s", made)
		}
		if _, list := p.ask(http.MethodGet, place, ""); list != "["+made+"]" {
			t.Errorf("got %s, made was %s", list, made)
		}
		other := map[bool]string{true: reference, false: guided}[isGuide]
		if status, _ = p.ask(http.MethodPost, place, other); status != http.StatusUnprocessableEntity {
			t.Errorf("the other spelling: %d", status)
		}
	}
}

func TestContracts_AreReplacedAsAWhole(t *testing.T) {
	p := open(t, Config{Contracts: []Contract{{ID: "c", Building: "b", Meter: "1", Supplier: "x", Kind: "yearly"}}})
	status, _ := p.ask(http.MethodPut, place+"/c", `{"building_id": "b", "supplier": "y"}`)
	if got := p.Contracts(); status != http.StatusOK || len(got) != 1 || got[0].Supplier != "y" || got[0].Meter != "" || got[0].Kind != "" || p.Writes() != 1 {
		t.Errorf("%d, %+v", status, got)
	}
	if status, _ = p.ask(http.MethodPut, place+"/d", `{}`); status != http.StatusNotFound || p.Writes() != 1 {
		t.Errorf("one that is not there: %d", status)
	}
}

func TestContracts_RefuseWhatTheVendorRefuses(t *testing.T) {
	p := open(t, Config{})
	for body, want := range map[string]string{
		`{"meter_id": "12345678901234567890"}`:                              "meter_id",
		`{"supplier": "` + strings.Repeat("s", 101) + `"}`:                  "supplier",
		`{"energy_prices": [{"price": 1}]}`:                                 "currency_energy_price",
		`{"energy_contract_type": "daily"}`:                                 "energy_contract_type",
		`{"currency_energy_price": "EUR", "energy_prices": [{"price": 1}]}`: "prices: 0",
		`{"currency_energy_price": "EUR", "energy_prices": [{"price": 1, "timestamp": "2026-03-29T01:00:00Z"}, {"price": 2, "timestamp": "2026-03-29T03:00:00+02:00"}]}`: "prices: 1",
		`oh`: "JSON",
	} {
		if status, got := p.ask(http.MethodPost, place, body); status != http.StatusUnprocessableEntity || !strings.Contains(got, want) {
			t.Errorf("%s: %d %s", body, status, got)
		}
	}
	if p.Writes() != 0 || len(p.Contracts()) != 0 {
		t.Error("something was made")
	}
}
