package interop_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"hearth/openadr"
)

// What openleadr-rs does otherwise than the specification, and what our client makes of it. The list is in
// docs/interop.md.

func TestDeviation_SomeLegalEventsAreRefused(t *testing.T) {
	u := vtn(t)
	program, _ := u.program("")
	row := `"intervals":[{"id":0,"payloads":[{"type":"PRICE","values":[0.1]}]}]`
	for what, fields := range map[string]string{
		"now, date only":         `"intervalPeriod":{"start":"0001-01-01","duration":"PT1H"},` + row,
		"now, without a zone":    `"intervalPeriod":{"start":"0001-01-01T00:00:00","duration":"PT1H"},` + row,
		"now, as 3.0.1 has it":   `"intervalPeriod":{"start":"0000-00-00","duration":"PT1H"},` + row,
		"a period without start": `"intervalPeriod":{"duration":"PT1H"},` + row,
		"a row without payloads": `"intervalPeriod":{"start":"` + today + `","duration":"PT1H"},"intervals":[{"id":0,"payloads":[]}]`,
		"a row that is shorter":  `"intervalPeriod":{"start":"` + today + `","duration":"PT1H"},"intervals":[{"id":0,"intervalPeriod":{"duration":"PT2H"},"payloads":[{"type":"PRICE","values":[0.1]}]}]`,
		"a curve, as lists":      `"intervalPeriod":{"start":"` + today + `","duration":"PT1H"},"intervals":[{"id":0,"payloads":[{"type":"CURVE","values":[[{"x":1,"y":1}]]}]}]`,
	} {
		if code, answer := u.ask("POST", "/events", eventBody(program, fields)); code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", what, code, answer)
		}
	}
}

func TestDeviation_TextsAreWrittenAnew(t *testing.T) {
	u := vtn(t)
	program, _ := u.program("")
	event := u.event(program, `"duration":"P9999Y",`+hours(today, "0.026220", "1e-5", "1", "0.30000000000000004"))
	e, err := u.home().Event(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"duration":"P9999Y0M0DT0H0M0S"`, `"duration":"P0Y0M0DT1H0M0S"`, `"start":"2026-03-28T00:00:00+00:00"`, `[0.02622]`, `[0.00001]`, `[1.0]`} {
		if !strings.Contains(string(e.Raw), want) {
			t.Errorf("no %s in %s", want, e.Raw)
		}
	}
	if !e.Duration.Infinite || *e.IntervalPeriod.Duration != (openadr.Duration{Seconds: 3600}) {
		t.Errorf("read as %+v, %+v", e.Duration, e.IntervalPeriod.Duration)
	}
}

func TestDeviation_ObjectTypes(t *testing.T) {
	u := vtn(t)
	program, _ := u.program("")
	event := u.event(program, hours(today, "0.1"))
	h := u.home()
	v := h.enrol()
	for path, want := range map[string]string{"/programs/" + program: "PROGRAM", "/events/" + event: "EVENT", "/vens/" + v.ID: ""} {
		if got := u.want(http.StatusOK, "GET", path, "").text("objectType"); got != want {
			t.Errorf("%s: objectType %q, want %q", path, got, want)
		}
	}
}

func TestDeviation_ActiveIsIgnoredAndALimitOfNothingRefused(t *testing.T) {
	u := vtn(t)
	program, _ := u.program("")
	u.event(program, hours("2020-01-01T00:00:00Z", "0.1"))
	var list []json.RawMessage
	if code, answer := u.ask("GET", "/events?active=true&programID="+program, ""); code != http.StatusOK || json.Unmarshal(answer, &list) != nil || len(list) != 1 {
		t.Errorf("active: %d %s", code, answer)
	}
	if code, answer := u.ask("GET", "/events?limit=0", ""); code != http.StatusBadRequest {
		t.Errorf("limit 0: %d %s", code, answer)
	}
}

func TestDeviation_NotifiersKeepSilentAboutWebhooks(t *testing.T) {
	u := vtn(t)
	n := u.want(http.StatusOK, "GET", "/notifiers", "")
	if _, isThere := n["WEBHOOK"]; isThere || n["WEBSOCKET"] == nil || n["PUSH-MQTT"] == nil {
		t.Errorf("%s", must(json.Marshal(n)))
	}
	var m struct{ Authentication struct{ Method string } }
	if err := json.Unmarshal(n["MQTT"], &m); err != nil || m.Authentication.Method != "OAUTH2BEARERTOKEN" {
		t.Errorf("%s", n["MQTT"])
	}
	got, err := u.home().Notifiers(t.Context())
	if err != nil || got.IsWebhook || got.MQTT.Authentication.Method != openadr.MQTTToken {
		t.Errorf("%+v, %v", got, err)
	}
}

// Topics are guessable, says its README, and so they are told to anybody, without a token even.
func TestDeviation_TopicsAreToldToAnybody(t *testing.T) {
	u := vtn(t)
	u.token = ""
	for _, of := range []string{"events", "programs", "reports", "vens", "vens/somebody", "programs/something/events"} {
		u.want(http.StatusOK, "GET", "/notifiers/mqtt/topics/"+of, "")
	}
	if code, answer := u.ask("GET", "/notifiers", ""); code != http.StatusUnauthorized {
		t.Errorf("notifiers: %d %s", code, answer)
	}
}

// A subscription may not ask for READ, and its targets are dropped.
func TestDeviation_SubscriptionsKnowLess(t *testing.T) {
	h := vtn(t).home()
	s := openadr.Subscription{ClientName: h.id, Targets: openadr.Targets{"group"}, ObjectOperations: []openadr.ObjectOperation{{
		Objects: []string{openadr.ObjectEvent}, Operations: []string{openadr.OperationRead}, CallbackURL: "https://home.example/",
	}}}
	if _, err := h.CreateSubscription(t.Context(), s); openadr.KindOf(err) != openadr.Refused {
		t.Errorf("READ: %v", err)
	}
	s.ObjectOperations[0].Operations = []string{openadr.OperationUpdate}
	if got, err := h.CreateSubscription(t.Context(), s); err != nil || got.Targets != nil {
		t.Errorf("targets %v, %v", got.Targets, err)
	}
}

// A subscription is kept, and nobody is called: neither with a challenge, nor when something changes.
func TestDeviation_NobodyIsCalledBack(t *testing.T) {
	u := vtn(t)
	var calls atomic.Int32
	callback := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	t.Cleanup(callback.Close)
	program, _ := u.program("")
	h := u.home()
	s := openadr.Subscription{ClientName: h.id, ProgramID: program, ObjectOperations: []openadr.ObjectOperation{{
		Objects: []string{openadr.ObjectEvent}, Operations: []string{openadr.OperationCreate}, CallbackURL: callback.URL,
	}}}
	if _, err := h.CreateSubscription(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	topics, err := h.TopicsOfProgram(t.Context(), program, "events")
	heard := listen(t, h.login(), topics, err)
	for range 2 {
		u.event(program, hours(today, "0.1"))
		next(t, heard) // what is told of the first is through with the second
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("called %d times", n)
	}
}

// RFC 6749, section 2.3.1, has the id and the secret form-encoded in the header, which this VTN does not decode: a
// secret with a blank works in the body only.
func TestDeviation_SecretsInTheHeaderAreNotDecoded(t *testing.T) {
	u := vtn(t)
	id := name(t, "blank")
	user := u.want(http.StatusCreated, "POST", "/users", fmt.Sprintf(`{"reference":%q,"description":null,"scope":["read_targets"]}`, id)).id()
	u.want(http.StatusOK, "POST", "/users/"+user, fmt.Sprintf(`{"client_id":%q,"client_secret":"a b"}`, id))
	for style, want := range map[openadr.AuthStyle]openadr.Kind{openadr.AuthInBody: "", openadr.AuthBasic: openadr.Unauthorized} {
		h := u.home(func(c *openadr.Config) { c.ClientID, c.ClientSecret, c.AuthStyle = id, "a b", style })
		if _, err := h.Programs(t.Context(), openadr.Query{}); openadr.KindOf(err) != want || want == "" && err != nil {
			t.Errorf("%s: %v", style, err)
		}
	}
}

// A VEN without a VEN object sees what has no targets, as 3.1.1 says; 3.1.0 has it see nothing.
func TestDeviation_AStrangerSeesWhatIsForAll(t *testing.T) {
	u := vtn(t)
	program, _ := u.program("")
	event := u.event(program, hours(today, "0.1"))
	if e, err := u.home().Event(t.Context(), event); err != nil || e.ID != event {
		t.Errorf("%v", err)
	}
}

// There is one VEN for each client, so a second name is a conflict too.
func TestDeviation_AClientIsOneVEN(t *testing.T) {
	h := vtn(t).home()
	h.enrol()
	if _, err := h.CreateVEN(t.Context(), openadr.VENObject{Name: h.id + "-annex"}); openadr.KindOf(err) != openadr.Conflict {
		t.Errorf("%v", err)
	}
}

// The same report is taken twice, under the same name.
func TestDeviation_ReportsOfOneNameAreTakenTwice(t *testing.T) {
	u := vtn(t)
	program, _ := u.program("")
	event := u.event(program, hours(today, "0.1"))
	h := u.home()
	for range 2 {
		if _, err := h.CreateReport(t.Context(), usage(event, h.id, "0.5")); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := h.Reports(t.Context(), event, h.id); err != nil || len(found.Items) != 2 {
		t.Errorf("%d reports, %v", len(found.Items), err)
	}
}
