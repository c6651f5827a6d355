package openadr_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"hearth/openadr"
)

func TestNotifiers_AreReadAsRealVTNsWriteThem(t *testing.T) {
	for body, want := range map[string]string{
		`{"WEBHOOK":true}`: "true",
		`{"WEBHOOK":false,"MQTT":{"URIS":["mqtt://b:1883","mqtts://b"],"serialization":"JSON","authentication":{"method":"ANONYMOUS"}}}`: "false [mqtt://b:1883 mqtts://b] ANONYMOUS",
		`{"WEBSOCKET":{},"MQTT":{"URIS":["mqtts://b"],"authentication":{"method":"OAUTH2BEARERTOKEN","username":"{clientID}"}}}`:         "false [mqtts://b] OAUTH2_BEARER_TOKEN",
		`{"MQTT":{"URIS":["mqtts://b"],"authentication":{"method":"oauth2_bearer_token","username":"x"}}}`:                               "false [mqtts://b] OAUTH2_BEARER_TOKEN",
		`{"MQTT":{"URIS":[],"authentication":{"method":"Certificate"}}}`:                                                                 "false [] CERTIFICATE",
		`{"MQTT":{"URIS":null,"authentication":{"method":"KERBEROS_5"}}}`:                                                                "false [] KERBEROS_5",
		`{"MQTT":null}`: "false",
		`{}`:            "false",
	} {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RequestURI() != "/notifiers" {
				t.Errorf("asked %s", r.URL)
			}
			_, _ = io.WriteString(w, body)
		})
		n, err := connect(t, url).Notifiers(t.Context())
		got := fmt.Sprint(n.IsWebhook)
		if n.MQTT != nil {
			got += fmt.Sprint(" ", n.MQTT.URIs, " ", n.MQTT.Authentication.Method)
		}
		if err != nil || got != want {
			t.Errorf("%s: got %s, %v; want %s", body, got, err, want)
		}
	}
}

func TestNotifiers_KeyOfTheClientIsNeverPrinted(t *testing.T) {
	var n openadr.Notifiers
	err := json.Unmarshal([]byte(`{"MQTT":{"authentication":{"method":"CERTIFICATE","caCert":"CA","clientCert":"CERT","clientKey":"hunter2"}}}`), &n)
	if err != nil || string(n.MQTT.Authentication.ClientKey) != "hunter2" || n.MQTT.Authentication.CACert != "CA" {
		t.Fatalf("%+v, %v", n, err)
	}
	text, err := json.Marshal(n)
	if shown := fmt.Sprintf("%s %+v %v", text, *n.MQTT, n.MQTT.Authentication); err != nil || strings.Contains(shown, "hunter2") {
		t.Errorf("%s, %v", shown, err)
	}
}

func TestNotifiers_NoneForUsIsAKindOfItsOwn(t *testing.T) {
	for status, want := range map[int]openadr.Kind{
		401: openadr.NoMQTT, 403: openadr.NoMQTT, 404: openadr.NoMQTT,
		400: openadr.Refused, 500: openadr.Unavailable, 503: openadr.Unavailable, 200: openadr.Empty,
	} {
		d := &desk{status: status}
		client := connect(t, serve(t, d.ServeHTTP), withSecret)
		_, err1 := client.Notifiers(t.Context())
		_, err2 := client.TopicsOfVEN(t.Context(), "v", "events")
		_, err3 := client.TopicsOfProgram(t.Context(), "p", "events")
		_, err4 := client.TopicsOfEvents(t.Context())
		for i, err := range []error{err1, err2, err3, err4} {
			if e := wantKind(t, err, want); want == openadr.NoMQTT && e.Temporary() {
				t.Errorf("%d of %d is called temporary", i, status)
			}
		}
	}
}

// A VTN that hands out no token at all has a fault that a person must know of.
func TestNotifiers_RejectedCredentialsAreNotMistakenForIt(t *testing.T) {
	client := connect(t, serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }), withSecret)
	_, err := client.Notifiers(t.Context())
	wantKind(t, err, openadr.Unauthorized)
}

func TestNotifiers_30HasNoneAndIsNotAsked(t *testing.T) {
	client := connect(t, serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked %s", r.URL) }), dialect(openadr.Dialect30))
	_, err := client.Notifiers(t.Context())
	wantKind(t, err, openadr.NoMQTT)
	_, err = client.TopicsOfEvents(t.Context())
	wantKind(t, err, openadr.NoMQTT)
}

func TestMQTTLogin_FillsTheTemplateAndNothingElse(t *testing.T) {
	d := &desk{}
	url := serve(t, d.ServeHTTP)
	for _, c := range []struct {
		method                   openadr.MQTTMethod
		template, user, password string
		tokens                   int
	}{
		{openadr.MQTTToken, "{clientID}", "home", "t1", 1},
		{openadr.MQTTToken, "x-{clientID}", "x-{clientID}", "t1", 1}, // any other text is literal (schema)
		{openadr.MQTTToken, "", "", "t1", 1},
		{openadr.MQTTAnonymous, "{clientID}", "", "", 0},
		{openadr.MQTTCertificate, "{clientID}", "", "", 0},
		{"KERBEROS", "{clientID}", "", "", 0},
	} {
		d.gets = 0
		user, password, err := connect(t, url, withSecret).MQTTLogin(t.Context(), openadr.MQTTAuthentication{Method: c.method, Username: c.template})
		if err != nil || user != c.user || string(password) != c.password || d.gets != c.tokens {
			t.Errorf("%s %s: got %q, %q, %v after %d tokens", c.method, c.template, user, string(password), err, d.gets)
		}
		if strings.Contains(fmt.Sprint(password), "t1") {
			t.Error("the token is printed")
		}
	}
}

func TestTopics_OneForAllOrEach(t *testing.T) {
	for body, want := range map[string]string{
		`{"topics":{"CREATE":"e/c","UPDATE":"e/u","DELETE":"e/d","ALL":"e/+"}}`: "e/+",
		`{"topics":{"CREATE":"e/c","UPDATE":"e/u","DELETE":"e/d"}}`:             "e/c e/u e/d",
		`{"topics":{"UPDATE":"e/u","DELETE":"e/d","NEW":7}}`:                    "e/u e/d",
		`{"topics":{"ALL":"OpenADR/3.1.0/events/+"}}`:                           "OpenADR/3.1.0/events/+",
		`{"topics":{}}`:            "unreadable answer",
		`{"topics":{"ALL":""}}`:    "unreadable answer",
		`{"topics":["e/c"]}`:       "unreadable answer",
		`{"topics":{"ALL":["x"]}}`: "unreadable answer",
		`{}`:                       "unreadable answer",
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		topics, err := connect(t, url).TopicsOfEvents(t.Context())
		got := strings.Join(topics.List(), " ")
		if err != nil {
			got = string(openadr.KindOf(err))
		}
		if got != want {
			t.Errorf("%s: got %q, %v; want %q", body, got, err, want)
		}
	}
}

func TestTopics_AreAskedForWhereTheyAre(t *testing.T) {
	d := &desk{status: 200, body: `{"topics":{"ALL":"t"}}`}
	client, ctx := connect(t, serve(t, d.ServeHTTP)), t.Context()
	for want, ask := range map[string]func() (openadr.Topics, error){
		"/vens/v":            func() (openadr.Topics, error) { return client.TopicsOfVEN(ctx, "v", "") },
		"/vens/v/events":     func() (openadr.Topics, error) { return client.TopicsOfVEN(ctx, "v", "events") },
		"/vens/v/programs":   func() (openadr.Topics, error) { return client.TopicsOfVEN(ctx, "v", "programs") },
		"/vens/v/resources":  func() (openadr.Topics, error) { return client.TopicsOfVEN(ctx, "v", "resources") },
		"/programs/p":        func() (openadr.Topics, error) { return client.TopicsOfProgram(ctx, "p", "") },
		"/programs/p/events": func() (openadr.Topics, error) { return client.TopicsOfProgram(ctx, "p", "events") },
		"/events":            func() (openadr.Topics, error) { return client.TopicsOfEvents(ctx) },
	} {
		d.seen = nil
		if _, err := ask(); err != nil || d.log()[0] != "GET /notifiers/mqtt/topics"+want {
			t.Errorf("asked %q, want %s: %v", d.log(), want, err)
		}
	}
	d.seen = nil
	_, err1 := client.TopicsOfVEN(ctx, "../x", "events")
	_, err2 := client.TopicsOfVEN(ctx, "v", "reports")
	_, err3 := client.TopicsOfProgram(ctx, "p", "programs")
	for _, err := range []error{err1, err2, err3} {
		wantKind(t, err, openadr.Refused)
	}
	if got := d.log(); len(got) > 0 {
		t.Errorf("asked all the same: %q", got)
	}
}
