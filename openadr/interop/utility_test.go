package interop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/openadr"
	"hearth/openadr/ven"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is for what the peers do by themselves: a message on its way, a broker that reads its passwords.
const patience = 30 * time.Second

// utility is the business side of the VTN, which our client is not made for: plain HTTP.
type utility struct {
	t     *testing.T
	base  string
	token string
	http  *http.Client
}

// vtn is openleadr-rs; the test is skipped where it is not.
func vtn(t *testing.T) *utility {
	t.Helper()
	base := os.Getenv("HEARTH_OPENLEADR")
	if base == "" {
		t.Skip("HEARTH_OPENLEADR names no openleadr-rs: make interop starts one")
	}
	id, secret, _ := strings.Cut(os.Getenv("HEARTH_OPENLEADR_CLIENT"), ":")
	u := &utility{t: t, base: base, http: &http.Client{Timeout: patience, Transport: &http.Transport{}}}
	t.Cleanup(u.http.CloseIdleConnections)
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	answer := u.want(http.StatusOK, "POST", "/auth/token", form.Encode())
	u.token = answer.text("access_token")
	return u
}

// object is an answer.
type object map[string]json.RawMessage

func (o object) text(field string) string {
	var s string
	_ = json.Unmarshal(o[field], &s)
	return s
}

func (o object) id() string { return o.text("id") }

// ask sends a body, JSON or a form, and returns the status and the answer.
func (u *utility) ask(method, path, body string) (int, []byte) {
	u.t.Helper()
	req, err := http.NewRequestWithContext(u.t.Context(), method, u.base+path, strings.NewReader(body))
	if err != nil {
		u.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if u.token == "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		req.Header.Set("Authorization", "Bearer "+u.token)
	}
	resp, err := u.http.Do(req)
	if err != nil {
		u.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		u.t.Fatal(err)
	}
	return resp.StatusCode, answer
}

// want is ask for an object, with the status that must come.
func (u *utility) want(status int, method, path, body string) object {
	u.t.Helper()
	code, answer := u.ask(method, path, body)
	var o object
	if err := json.Unmarshal(answer, &o); code != status || err != nil {
		u.t.Fatalf("%s %s %s: got %d %s, want %d", method, path, body, code, answer, status)
	}
	return o
}

// name is unique in this VTN, which all tests share.
func name(t *testing.T, of string) string {
	return strings.ReplaceAll(t.Name(), "/", "-") + "-" + of
}

// program publishes one of prices in euros; extra is further fields, each with a comma before it.
func (u *utility) program(extra string) (id, called string) {
	u.t.Helper()
	called = name(u.t, fmt.Sprintf("program-%d", time.Now().UnixNano()))
	body := fmt.Sprintf(`{"programName":%q,"payloadDescriptors":[
		{"objectType":"EVENT_PAYLOAD_DESCRIPTOR","payloadType":"PRICE","units":"KWH","currency":"EUR"}]%s}`, called, extra)
	return u.want(http.StatusCreated, "POST", "/programs", body).id(), called
}

// event publishes one; fields are what comes after its program.
func (u *utility) event(programID, fields string) string {
	u.t.Helper()
	return u.want(http.StatusCreated, "POST", "/events", eventBody(programID, fields)).id()
}

func eventBody(programID, fields string) string {
	return fmt.Sprintf(`{"programID":%q,%s}`, programID, fields)
}

// hours is the fields of an event of hourly prices from a start on.
func hours(start string, prices ...string) string {
	var rows []string
	for i, p := range prices {
		rows = append(rows, fmt.Sprintf(`{"id":%d,"payloads":[{"type":"PRICE","values":[%s]}]}`, i, p))
	}
	return fmt.Sprintf(`"intervalPeriod":{"start":%q,"duration":"PT1H"},"intervals":[%s]`, start, strings.Join(rows, ","))
}

// home is a client of the VTN with credentials of its own.
type home struct {
	*openadr.Client
	t  *testing.T
	id string
}

// home makes one a user of the VTN and gives it a client.
func (u *utility) home(change ...func(*openadr.Config)) home {
	u.t.Helper()
	id := name(u.t, fmt.Sprintf("home-%d", time.Now().UnixNano()))
	user := u.want(http.StatusCreated, "POST", "/users", fmt.Sprintf(`{"reference":%q,"description":null,
		"scope":["read_targets","read_ven_objects","write_reports_ven","write_subscriptions_ven","write_vens_ven"]}`, id)).id()
	const secret = "not-so-secret"
	u.want(http.StatusOK, "POST", "/users/"+user, fmt.Sprintf(`{"client_id":%q,"client_secret":%q}`, id, secret))
	cfg := openadr.Config{BaseURL: u.base, ClientID: id, ClientSecret: secret, Timeout: patience}
	for _, f := range change {
		f(&cfg)
	}
	client, err := openadr.New(cfg)
	if err != nil {
		u.t.Fatal(err)
	}
	u.t.Cleanup(func() { _ = client.Close() })
	return home{client, u.t, id}
}

// enrol makes the home a VEN of the name of its client.
func (h home) enrol() openadr.VENObject {
	h.t.Helper()
	v, err := h.CreateVEN(h.t.Context(), openadr.VENObject{Name: h.id})
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

// grant lets a VEN see targets.
func (u *utility) grant(v openadr.VENObject, targets ...string) {
	u.t.Helper()
	list, err := json.Marshal(targets)
	if err != nil {
		u.t.Fatal(err)
	}
	u.want(http.StatusOK, "PUT", "/vens/"+v.ID, fmt.Sprintf(
		`{"objectType":"BL_VEN_REQUEST","clientID":%q,"venName":%q,"targets":%s}`, v.ClientID, v.Name, list))
}

// now is when the homes live: the VTN does not look at the time.
var now = time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)

const today = "2026-03-28T00:00:00Z"

// follow is an engine that follows the programs.
func (h home) follow(programs ...string) *ven.VEN {
	parts := ven.Parts{Client: h.Client, Store: &store{}, Clock: still{}, Log: slog.New(slog.NewTextHandler(h.t.Output(), nil))}
	return ven.New(ven.Config{Name: "utility", Programs: programs}, parts)
}

type still struct{}

func (still) Now() time.Time                                   { return now }
func (still) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

type store struct{ sync.Map }

func (s *store) Get(key string) ([]byte, bool, error) {
	v, ok := s.Load(key)
	b, _ := v.([]byte)
	return bytes.Clone(b), ok, nil
}

func (s *store) Put(key string, value []byte) error {
	s.Store(key, bytes.Clone(value))
	return nil
}
