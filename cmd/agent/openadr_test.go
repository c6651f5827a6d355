package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"hearth/internal/config"
	"hearth/internal/console"
	"hearth/openadr"
	"hearth/openadr/vtn"
)

var update = flag.Bool("update", false, "write what is wanted anew")

var dialectsOfVTN = []openadr.Dialect{openadr.Dialect31, openadr.Dialect30, openadr.Dialect300}

// friday is when the servers of these tests are looked at.
var friday = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

func payloadOf(kind, values string) openadr.ValuesMap {
	m := openadr.ValuesMap{Type: kind}
	if err := json.Unmarshal([]byte("["+values+"]"), &m.Values); err != nil {
		panic(err)
	}
	return m
}

// aTown is a started VTN with two programs and an event of every sort.
func aTown(t *testing.T, c vtn.Config) *vtn.VTN {
	t.Helper()
	c.Granted = []string{"GROUP:north"}
	v := vtn.New(c)
	p := v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "p1"}, ProgramName: "dynamic", Targets: openadr.Targets{"GROUP:north"},
		PayloadDescriptors: []openadr.PayloadDescriptor{
			{ObjectType: openadr.ObjectEventDescriptor, PayloadType: "PRICE", Units: "KWH", Currency: "EUR"},
		}})
	v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "p2"}, ProgramName: "grid"})
	day := openadr.Event{Metadata: openadr.Metadata{ID: "day"}, ProgramID: p.ID, EventName: "Friday", IntervalPeriod: openadr.Period(friday, time.Hour)}
	for i, price := range []string{"0.31", "-0.05", `"cheap"`, "0.26220"} {
		day.Intervals = append(day.Intervals, openadr.Interval{ID: int32(i), Payloads: []openadr.ValuesMap{payloadOf("PRICE", price), payloadOf("X_GREEN", "0.4")}})
	}
	v.Put(day)
	past := day
	past.ID, past.IntervalPeriod = "yesterday", openadr.Period(friday.Add(-24*time.Hour), time.Hour)
	v.Put(past)
	first := 0
	v.Put(openadr.Event{Metadata: openadr.Metadata{ID: "limit"}, ProgramID: "p2", Priority: &first, IntervalPeriod: openadr.Period(friday.Add(time.Hour), 2*time.Hour),
		Intervals: []openadr.Interval{{Payloads: []openadr.ValuesMap{payloadOf("IMPORT_CAPACITY_LIMIT", "4.2")}}}})
	v.Put(openadr.Event{Metadata: openadr.Metadata{ID: "flex"}, ProgramID: "p2", IntervalPeriod: openadr.Period(friday.Add(6*time.Hour), 20*time.Hour),
		Intervals: []openadr.Interval{{Payloads: []openadr.ValuesMap{payloadOf("ALERT_FLEX_ALERT", `"save\u001b[2J tonight"`)}}}})
	if err := v.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return v
}

// probed looks at a server on friday and returns what a terminal shows, without what changes from run to run.
func probed(t *testing.T, v config.VTN) (out string, err error) {
	t.Helper()
	var b strings.Builder
	p := testProber(&b)
	p.v = v
	err = p.run(t.Context())
	out = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(b.String(), "127.0.0.1:8080")
	out = regexp.MustCompile(`yes, in \S+`).ReplaceAllString(out, "yes, in 7ms")
	out = regexp.MustCompile(`([0-9A-F]{2}:){31}[0-9A-F]{2}`).ReplaceAllString(out, "AB:CD")
	return out, err
}

func testProber(w io.Writer) *prober {
	return &prober{
		zone: time.UTC, now: func() time.Time { return friday }, std: stdio{strings.NewReader(""), w, w},
		facts: console.NewFacts(w), secretFile: "vtn-client-secret",
	}
}

// golden compares with a file of testdata/openadr.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "openadr", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestProbe_SaysWhatAServerIs(t *testing.T) {
	for _, d := range dialectsOfVTN {
		for who, c := range map[string]config.VTN{"anybody": {}, "client": {ClientID: "home", Secret: "s3cret"}, "stranger": {}} {
			cfg := vtn.Config{Dialect: d}
			if who != "anybody" {
				cfg.ClientID, cfg.ClientSecret = "home", "s3cret"
			}
			if who == "client" && d == openadr.Dialect31 {
				cfg.MQTT = &openadr.MQTTNotifier{URIs: []string{"mqtts://broker.example"}, Serialization: "JSON", Authentication: openadr.MQTTAuthentication{Method: openadr.MQTTToken}}
			}
			v := aTown(t, cfg)
			c.URL = v.URL()
			out, err := probed(t, c)
			if err != nil {
				t.Errorf("%s, %s: %v", d, who, err)
			}
			golden(t, "probe-"+string(d)+"-"+who, out)
			if strings.Contains(out, "s3cret") {
				t.Errorf("%s, %s: the secret is shown", d, who)
			}
			if who == "stranger" && d != openadr.Dialect31 {
				continue // what a locked server of 3.0 is, nobody can see
			}
			readSection(t, out, d)
		}
	}
}

// readSection loads the printed section as a part of a configuration.
func readSection(t *testing.T, out string, d openadr.Dialect) {
	t.Helper()
	_, section, isThere := strings.Cut(out, "The section for it:\n\n")
	if !isThere {
		t.Fatalf("no section in\n%s", out)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "vtn-client-secret"), []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := "home: {name: H, zone: Europe/Berlin, currency: EUR, max_import: 9kW}\nstorage: {path: h.db}\n" + section
	cfg, err := config.Read([]byte(text), config.Environment{Dir: dir})
	if err != nil || len(cfg.OpenADR) != 1 || cfg.OpenADR[0].Version != string(d) {
		t.Errorf("%v in\n%s", err, section)
	}
}

func TestProbe_SaysWhatIsThereInstead(t *testing.T) {
	whole := aTown(t, vtn.Config{})
	prefixed := http.StripPrefix("/openadr3/3.1.0", whole)
	page := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!DOCTYPE html><title>Router</title>") }
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		path    string
		code    int // 0: it was found
	}{
		"web-page":   {page, "", exitUnavailable},
		"not-json":   {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello\x1b[31m") }, "", exitUnavailable},
		"other-json": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"version":"1"}`) }, "", exitUnavailable},
		"nothing":    {http.NotFound, "", exitUnavailable},
		"trouble":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, "", exitUnavailable},
		"moved": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://login.example/", http.StatusFound)
		}, "", exitUnavailable},
		"of-2.0b":     {http.NotFound, "/OpenADR2/Simple/2.0b", exitUnavailable},
		"whole-path":  {whole.ServeHTTP, "/programs", 0},
		"half-a-path": {prefixed.ServeHTTP, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Date"] = nil // the clock is not the subject
				c.handler(w, r)
			}))
			defer s.Close()
			out, err := probed(t, config.VTN{URL: s.URL + c.path})
			wantCode(t, name, err, c.code)
			said := ""
			if err != nil {
				said = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(err.Error(), "127.0.0.1:8080") + "\n"
			}
			golden(t, "instead-"+name, out+said)
		})
	}
}

func wantCode(t *testing.T, what string, err error, code int) {
	t.Helper()
	f, _ := err.(failure)
	if f.code != code || (err == nil) != (code == 0) {
		t.Errorf("%s: %v, with exit code %d, want %d", what, err, f.code, code)
	}
}

func TestProbe_SaysWhyNobodyIsThere(t *testing.T) {
	selfSigned := httptest.NewUnstartedServer(http.NotFoundHandler())
	selfSigned.Config.ErrorLog = log.New(io.Discard, "", 0) // it is told that we hang up
	selfSigned.StartTLS()
	defer selfSigned.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, c := range map[string]struct{ url, says string }{
		"self-signed":      {selfSigned.URL, "not signed by an authority that this machine trusts"},
		"http as https":    {strings.Replace(plain.URL, "http:", "https:", 1), "is it http rather than https?"},
		"nobody":           {gone.URL, "refused"},
		"no such host":     {"http://nobody.invalid", "nobody.invalid"},
		"another password": {"http://a:b@127.0.0.1", "want for example"},
		"no url":           {"utility", "want for example"},
	} {
		out, err := probed(t, config.VTN{URL: c.url})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		if name == "self-signed" && (!strings.Contains(out, "SHA-256 AB:CD") || !strings.Contains(out, "O=Acme Co, issued by itself, until 2084-01-29")) {
			t.Errorf("%s:\n%s", name, out)
		}
	}
}

// A certificate of one's own authority is fine when it is named, and it is in the section.
func TestProbe_TrustsTheAuthorityThatIsNamed(t *testing.T) {
	s := httptest.NewTLSServer(aTown(t, vtn.Config{}))
	defer s.Close()
	out, err := probed(t, config.VTN{URL: s.URL, CAFile: caFileOf(t, s)})
	if err != nil || !strings.Contains(out, "tls           TLS 1.3, O=Acme Co") || !strings.Contains(out, "    ca_file: \"") {
		t.Errorf("%v\n%s", err, out)
	}
}

// A server that answers nothing costs the installer no more patience than the client has, and ends with Ctrl-C.
func TestProbe_EndsWithItsContext(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	code, out, errs := hearth(ctx, "", "openadr", "probe", s.URL)
	if code != exitUnavailable || !strings.Contains(out, "reachable     no: no answer in time") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
}

func TestProbe_CredentialsThatAreRefusedAreTheConfigurations(t *testing.T) {
	for _, d := range dialectsOfVTN {
		v := aTown(t, vtn.Config{Dialect: d, ClientID: "home", ClientSecret: "s3cret"})
		out, err := probed(t, config.VTN{URL: v.URL(), ClientID: "home", Secret: "wr0ng!"})
		wantCode(t, string(d), err, exitConfig)
		if !strings.Contains(out, " not granted: get token: credentials rejected") || strings.Contains(out+err.Error(), "wr0ng!") {
			t.Errorf("%s: %v\n%s", d, err, out)
		}
	}
}
