package vtn

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"hearth/openadr"
)

// rich is an event with all that the dialects say differently.
func rich() openadr.Event {
	e := event("e", "p", "GROUP:a", "VEN_NAME:x:y", "GROUP:b", "plain")
	hour, day := openadr.DurationOf(time.Hour), openadr.DurationOf(24*time.Hour)
	e.Duration = &day
	e.IntervalPeriod = &openadr.IntervalPeriod{Start: openadr.Now(), Duration: &hour}
	e.ReportDescriptors = []openadr.ReportDescriptor{{PayloadType: "USAGE", Targets: openadr.Targets{"GROUP:a"}, ReportIntervals: openadr.SubIntervals}}
	e.Intervals = []openadr.Interval{{ID: 4, Payloads: []openadr.ValuesMap{{Type: "PRICE", Values: []json.RawMessage{json.RawMessage("0.10")}}}}}
	return e
}

// What stands in an answer of 3.0 is 3.0's, to the letter.
func TestVTN_Speaks30(t *testing.T) {
	v := New(Config{Dialect: openadr.Dialect30, Granted: []string{"GROUP:a", "GROUP:b", "VEN_NAME:x:y", "plain"}})
	v.Put(rich())
	text := ask(v, "GET", "/events/e", "", "").Body.String()
	for _, want := range []string{
		`"targets":[{"type":"GROUP","values":["a","b"]},{"type":"VEN_NAME","values":["x:y"]}]`,
		`"targets":[{"type":"GROUP","values":["a"]}]`, `"start":"0000-00-00"`, `"values":[0.10]`, `"duration":"PT1H"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s lacks %s", text, want)
		}
	}
	for _, not := range []string{"plain", "0001-01-01", "P1D", "PT24H", "reportIntervals"} {
		if strings.Contains(text, not) {
			t.Errorf("%s says %s", text, not)
		}
	}
	v.Put(event("bare", "p"))
	if text := ask(v, "GET", "/events/bare", "", "").Body.String(); !strings.Contains(text, `"intervals":[]`) {
		t.Errorf("an event without intervals: %s", text)
	}
	for path, want := range map[string]int{
		"/notifiers": 404, "/auth/server": 404, "/resources": 404, "/vens/x/resources": 200, "/vens": 200,
		"/events?targetType=GROUP&targetValues=a": 200,
	} {
		if w := ask(v, "GET", path, "", ""); w.Code != want {
			t.Errorf("GET %s: %d, want %d", path, w.Code, want)
		}
	}
}

// The model read from either dialect is the same, but for what 3.0 cannot say.
func TestVTN_DialectsMeanTheSame(t *testing.T) {
	for _, d := range dialects {
		v := town(t, Config{Dialect: d, Granted: []string{"GROUP:a", "GROUP:b"}})
		v.Put(rich())
		v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "p"}, ProgramName: "tou", Attributes: openadr.Attributes{
			{Type: "COUNTRY", Values: []json.RawMessage{json.RawMessage(`"DE"`)}}, {Type: "LOCAL", Values: []json.RawMessage{json.RawMessage(`true`)}},
		}})
		c := dial(t, v, "home")
		events, err := c.Events(t.Context(), openadr.Query{ProgramID: "p"})
		if err != nil || len(events.Items) != 1 {
			t.Fatalf("%s: %+v, %v", d, events, err)
		}
		e := events.Items[0]
		if !e.IntervalPeriod.Start.IsNow() || strings.Join(e.Targets, " ") != "GROUP:a GROUP:b" || (e.Duration == nil) != (d != openadr.Dialect31) ||
			string(e.Intervals[0].Payloads[0].Values[0]) != "0.10" || strings.Join(e.ReportDescriptors[0].Targets, " ") != "GROUP:a" {
			t.Errorf("%s: %s", d, e.Raw)
		}
		programs, err := c.Programs(t.Context(), openadr.Query{})
		if err != nil || len(programs.Items) != 1 {
			t.Fatalf("%s: %+v, %v", d, programs, err)
		}
		if a := programs.Items[0].Attributes; len(a) != 2 || string(a.Of("COUNTRY")[0]) != `"DE"` || string(a.Of("LOCAL")[0]) != "true" {
			t.Errorf("%s: %s", d, programs.Items[0].Raw)
		}
	}
}

// Credentials are taken as either dialect and either style of RFC 6749 has them, and wrong ones in none.
func TestVTN_TakesCredentialsInEachStyle(t *testing.T) {
	for _, d := range dialects {
		v := town(t, Config{Dialect: d})
		for _, style := range []openadr.AuthStyle{openadr.AuthInBody, openadr.AuthBasic} {
			for secret, want := range map[openadr.Secret]openadr.Kind{"s": "", "wrong": openadr.Unauthorized} {
				c, err := openadr.New(openadr.Config{BaseURL: v.URL(), Dialect: d, ClientID: "other", ClientSecret: secret, AuthStyle: style})
				if err != nil {
					t.Fatal(err)
				}
				_, err = c.Events(t.Context(), openadr.Query{})
				wantKind(t, string(d)+" "+string(style), err, want)
				c.Close()
			}
		}
	}
}

func TestVTN_AnnouncesTheBrokerItIsGiven(t *testing.T) {
	ways := func(m *openadr.MQTTNotifier) openadr.Notifiers {
		n, err := dial(t, town(t, Config{MQTT: m}), "home").Notifiers(t.Context())
		if err != nil || !n.IsWebhook {
			t.Fatalf("%+v, %v", n, err)
		}
		return n
	}
	if n := ways(nil); n.MQTT != nil {
		t.Errorf("a broker of nobody's: %+v", n.MQTT)
	}
	for _, a := range []openadr.MQTTAuthentication{
		{Method: openadr.MQTTAnonymous}, {Method: openadr.MQTTToken, Username: "{clientID}"},
		{Method: openadr.MQTTCertificate, CACert: "ca", ClientCert: "cert", ClientKey: "key"},
	} {
		n := ways(&openadr.MQTTNotifier{URIs: []string{"mqtts://broker.example"}, Serialization: "JSON", Authentication: a})
		if n.MQTT == nil || n.MQTT.Authentication != a || len(n.MQTT.URIs) != 1 || n.MQTT.Serialization != "JSON" {
			t.Errorf("%s: %+v", a.Method, n.MQTT)
		}
	}
	_, err := dial(t, town(t, Config{Dialect: openadr.Dialect30}), "home").Notifiers(t.Context())
	wantKind(t, "3.0", err, openadr.NoMQTT)
}
