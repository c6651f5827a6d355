package fram

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	api    = "/api/v1/"
	secret = "made-up-secret"
)

// desk is a server with a clock that is set by hand, and a token.
type desk struct {
	*Server
	t     *testing.T
	now   time.Time
	token string
}

func open(t *testing.T, cfg Config) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)}
	cfg.Now = func() time.Time { return d.now }
	cfg.ClientID, cfg.ClientSecret, cfg.Audience = "hearth", secret, "https://api.example.org"
	d.Server = New(cfg)
	d.login()
	return d
}

func (d *desk) login() {
	d.t.Helper()
	status, body := d.grant("hearth", secret, "https://api.example.org", "client_credentials")
	token, _ := body["access_token"].(string)
	if status != http.StatusOK || token == "" || body["token_type"] != "Bearer" {
		d.t.Fatalf("%d %v", status, body)
	}
	d.token = token
}

func (d *desk) grant(id, secret, audience, kind string) (int, map[string]any) {
	d.t.Helper()
	q, err := json.Marshal(map[string]string{"client_id": id, "client_secret": secret, "audience": audience, "grant_type": kind})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.send(http.MethodPost, "/oauth/token", string(q))
}

// send is the status of an answer and its document, a list under "".
func (d *desk) send(method, path, body string) (int, map[string]any) {
	d.t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if d.token != "" {
		r.Header.Set("Authorization", "Bearer "+d.token)
	}
	d.ServeHTTP(w, r)
	var doc any
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
			d.t.Fatalf("%s: %v", path, err)
		}
	}
	if fields, isObject := doc.(map[string]any); isObject {
		return w.Code, fields
	}
	return w.Code, map[string]any{"": doc}
}

// ids are the ids of a list under a key, or the status where it is none.
func (d *desk) ids(path, key string) string {
	d.t.Helper()
	status, doc := d.send(http.MethodGet, api+path, "")
	if status != http.StatusOK {
		return fmt.Sprint(status)
	}
	list, isPage := doc["data"].([]any)
	if !isPage {
		list, _ = doc[""].([]any)
	}
	var out []string
	for _, record := range list {
		out = append(out, fmt.Sprint(record.(map[string]any)[key]))
	}
	return strings.Join(out, " ")
}

func TestToken_IsForWhoKnowsTheSecret(t *testing.T) {
	d := open(t, Config{})
	for name, c := range map[string]struct {
		id, secret, audience, kind string
		status                     int
	}{
		"good":             {"hearth", secret, "https://api.example.org", "client_credentials", 200},
		"another secret":   {"hearth", "x", "https://api.example.org", "client_credentials", 401},
		"another client":   {"x", secret, "https://api.example.org", "client_credentials", 401},
		"another audience": {"hearth", secret, "https://other.example.org", "client_credentials", 403},
		"no audience":      {"hearth", secret, "", "client_credentials", 403},
		"another grant":    {"hearth", secret, "https://api.example.org", "password", 400},
	} {
		status, doc := d.grant(c.id, c.secret, c.audience, c.kind)
		if status != c.status || (doc["error"] == nil) != (status == 200) || strings.Contains(fmt.Sprint(doc), secret) {
			t.Errorf("%s: %d %v", name, status, doc)
		}
	}
	if status, _ := d.send(http.MethodPost, "/oauth/token", "grant_type=client_credentials"); status != 400 {
		t.Errorf("a form is taken: %d", status)
	}
}

func TestToken_LastsADay(t *testing.T) {
	d := open(t, Config{})
	if _, doc := d.grant("hearth", secret, "https://api.example.org", "client_credentials"); doc["expires_in"] != 86400.0 {
		t.Errorf("%v", doc)
	}
	start := d.now
	for after, want := range map[time.Duration]string{lifetime - time.Second: "", lifetime: "401"} {
		if d.now = start.Add(after); d.ids("organizations", "organization_id") != want {
			t.Errorf("after %v: not %q", after, want)
		}
	}
}

func TestServer_WantsATokenForEverything(t *testing.T) {
	d := open(t, Config{Data: town()})
	for _, token := range []string{"", "made-up", secret} {
		d.token = token
		for _, path := range []string{
			"organizations", "projects?organization_id=o1", "projects/p1", "units?project_id=p1", "units/u1",
			"invoices?project_id=p1", "transactions?project_id=p1", "transaction-applications?invoice_id=i1",
			"billing-payloads?project_id=p1", "aggregated-utility-rates", "aggregated-utility-rates/r1",
		} {
			if status, doc := d.send(http.MethodGet, api+path, ""); status != 401 || doc["message"] == "" {
				t.Errorf("%s with %q: %d %v", path, token, status, doc)
			}
		}
	}
}

func TestServer_HasNoUsers(t *testing.T) {
	d := open(t, Config{Data: town()})
	for _, path := range []string{"users", "users?project_id=p1", "users/x", "tenants"} {
		if status, _ := d.send(http.MethodGet, api+path, ""); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, _ := d.send(http.MethodPost, api+"units", "{}"); status != 405 {
		t.Errorf("something can be written: %d", status)
	}
}

func TestServer_AnswersManyAtOnce(t *testing.T) {
	d := open(t, Config{Data: town()})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			w := httptest.NewRecorder()
			d.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader(`{}`)))
			r := httptest.NewRequest(http.MethodGet, api+"organizations", nil)
			r.Header.Set("Authorization", "Bearer "+d.token)
			d.ServeHTTP(w, r)
		})
	}
	all.Wait()
}

func TestNew_TakesTheWallsClock(t *testing.T) {
	s := New(Config{ClientID: "a", ClientSecret: "b"})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader(`{"client_id":"a","client_secret":"b","grant_type":"client_credentials"}`)))
	if w.Code != http.StatusOK {
		t.Error(w.Code, w.Body)
	}
}
