package interop_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/openadr"
)

// prism is the mock server of an OpenAPI file. It holds each request against the file, and invents the answers. Not
// with --errors: some of those answers break the file themselves, where its examples and defaults do.
func prism(t *testing.T, version string) *url.URL {
	t.Helper()
	binary, folder := os.Getenv("HEARTH_PRISM"), os.Getenv("OPENADR_SPEC")
	if binary == "" || folder == "" {
		t.Skip("HEARTH_PRISM names no Prism, or OPENADR_SPEC no folder of OpenAPI files: make interop installs the one and wants the other")
	}
	file := filepath.Join(folder, version, "openadr3.yaml")
	cmd := exec.CommandContext(t.Context(), binary, "mock", "--host", "127.0.0.1", "--port", "0", file)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = patience
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	told := make(chan string, 1)
	go func() { // reads to the end, or Prism would stop at a full pipe
		for s := bufio.NewScanner(out); s.Scan(); {
			if _, address, isIt := strings.Cut(s.Text(), "listening on "); isIt {
				told <- strings.TrimSpace(address)
			}
		}
	}()
	select {
	case address := <-told:
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return u
	case <-time.After(patience):
		t.Fatal("prism does not start")
	}
	panic("unreachable")
}

// judge is a way to Prism that notes what it says of the requests.
type judge struct {
	base string

	mu       sync.Mutex
	requests int
	refusals []string
}

func newJudge(t *testing.T, version string) *judge {
	t.Helper()
	target := prism(t, version)
	j, transport := &judge{}, &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	server := httptest.NewServer(&httputil.ReverseProxy{
		Transport: transport, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, ModifyResponse: j.note,
	})
	t.Cleanup(server.Close)
	j.base = server.URL
	return j
}

// note tells a refusal, a problem of Prism's own making, from an answer that was made up.
func (j *judge) note(r *http.Response) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests++
	if said := r.Header.Get("sl-violations"); strings.Contains(string(body), "stoplight.io/prism/errors") || strings.Contains(said, `["request"`) {
		j.refusals = append(j.refusals, r.Request.Method+" "+r.Request.URL.RequestURI()+": "+r.Status+" "+string(body)+" "+said)
	}
	return nil
}

// verdict is what was refused since the last one, and how much was asked.
func (j *judge) verdict() (refusals []string, requests int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	refusals, requests, j.refusals, j.requests = j.refusals, j.requests, nil, 0
	return refusals, requests
}

// call is one thing our client can say.
type call struct {
	name string
	do   func(ctx context.Context, c *openadr.Client)
}

// calls are all of them, with every field that we ever write. The answers are none that mean anything.
func calls(targets ...string) []call {
	report := usage("event", "home", "0.5", "1e-5", "-3", "1")
	report.ProgramID = "program"
	report.Resources = append(report.Resources, openadr.ReportResource{ResourceName: openadr.AggregatedReport})
	report.Resources[0].Intervals[0].IntervalPeriod = openadr.Period(now, time.Hour)
	report.Resources[0].Intervals[1].Payloads = []openadr.ValuesMap{{Type: "OPERATING_STATE", Values: []json.RawMessage{[]byte(`"IDLE_OPTED_OUT"`)}}}
	report.Resources[0].Intervals[2].Payloads = nil
	replaced := report
	replaced.ID = "report"
	v := openadr.VENObject{Metadata: openadr.Metadata{ID: "ven"}, Name: "home", Targets: targets, Attributes: attribute("MAX_POWER_EXPORT", "9.5")}
	r := openadr.Resource{Metadata: openadr.Metadata{ID: "resource"}, Name: "pump", VENID: "ven", Targets: targets, Attributes: attribute("DESCRIPTION", `"a pump"`)}
	bare, bareResource := openadr.VENObject{Name: "home"}, openadr.Resource{Name: "pump", VENID: "ven"}
	s := openadr.Subscription{ClientName: "home", ProgramID: "program", Targets: targets, ObjectOperations: []openadr.ObjectOperation{{
		Objects: []string{openadr.ObjectEvent, openadr.ObjectProgram}, Operations: []string{openadr.OperationCreate, openadr.OperationUpdate, openadr.OperationDelete},
		CallbackURL: "https://home.example/openadr", BearerToken: "whisper",
	}}}
	return []call{
		{"programs", func(ctx context.Context, c *openadr.Client) { _, _ = c.Programs(ctx, openadr.Query{Targets: targets}) }},
		{"program", func(ctx context.Context, c *openadr.Client) { _, _ = c.Program(ctx, "program") }},
		{"events", func(ctx context.Context, c *openadr.Client) {
			_, _ = c.Events(ctx, openadr.Query{ProgramID: "program", Targets: targets})
		}},
		{"all events", func(ctx context.Context, c *openadr.Client) { _, _ = c.Events(ctx, openadr.Query{}) }},
		{"event", func(ctx context.Context, c *openadr.Client) { _, _ = c.Event(ctx, "event") }},
		{"reports", func(ctx context.Context, c *openadr.Client) { _, _ = c.Reports(ctx, "event", "home") }},
		{"create report", func(ctx context.Context, c *openadr.Client) { _, _ = c.CreateReport(ctx, report) }},
		{"update report", func(ctx context.Context, c *openadr.Client) { _, _ = c.UpdateReport(ctx, replaced) }},
		{"vens", func(ctx context.Context, c *openadr.Client) { _, _ = c.VENs(ctx, "home") }},
		{"create ven", func(ctx context.Context, c *openadr.Client) { _, _ = c.CreateVEN(ctx, v) }},
		{"create bare ven", func(ctx context.Context, c *openadr.Client) { _, _ = c.CreateVEN(ctx, bare) }},
		{"update ven", func(ctx context.Context, c *openadr.Client) { _, _ = c.UpdateVEN(ctx, v) }},
		{"resources", func(ctx context.Context, c *openadr.Client) { _, _ = c.Resources(ctx, "ven", "pump") }},
		{"create resource", func(ctx context.Context, c *openadr.Client) { _, _ = c.CreateResource(ctx, r) }},
		{"create bare resource", func(ctx context.Context, c *openadr.Client) { _, _ = c.CreateResource(ctx, bareResource) }},
		{"update resource", func(ctx context.Context, c *openadr.Client) { _, _ = c.UpdateResource(ctx, r) }},
		{"subscriptions", func(ctx context.Context, c *openadr.Client) { _, _ = c.Subscriptions(ctx, "home") }},
		{"create subscription", func(ctx context.Context, c *openadr.Client) { _, _ = c.CreateSubscription(ctx, s) }},
		{"delete subscription", func(ctx context.Context, c *openadr.Client) { _ = c.DeleteSubscription(ctx, "subscription") }},
	}
}

// notifierCalls are those that 3.0 does not know.
var notifierCalls = []call{
	{"notifiers", func(ctx context.Context, c *openadr.Client) { _, _ = c.Notifiers(ctx) }},
	{"topics of a ven's events", func(ctx context.Context, c *openadr.Client) { _, _ = c.TopicsOfVEN(ctx, "ven", "events") }},
	{"topics of a ven's programs", func(ctx context.Context, c *openadr.Client) { _, _ = c.TopicsOfVEN(ctx, "ven", "programs") }},
	{"topics of a ven's resources", func(ctx context.Context, c *openadr.Client) { _, _ = c.TopicsOfVEN(ctx, "ven", "resources") }},
	{"topics of a ven", func(ctx context.Context, c *openadr.Client) { _, _ = c.TopicsOfVEN(ctx, "ven", "") }},
	{"topics of a program", func(ctx context.Context, c *openadr.Client) { _, _ = c.TopicsOfProgram(ctx, "program", "") }},
	{"topics of a program's events", func(ctx context.Context, c *openadr.Client) { _, _ = c.TopicsOfProgram(ctx, "program", "events") }},
	{"topics of events", func(ctx context.Context, c *openadr.Client) { _, _ = c.TopicsOfEvents(ctx) }},
}

func TestPrism_RefusesNothingThatWeSay(t *testing.T) {
	for _, c := range []struct {
		version string
		dialect openadr.Dialect
		calls   []call
	}{
		{"3.1.1", openadr.Dialect31, append(calls("group-1", "group-2"), notifierCalls...)},
		{"3.0.1", openadr.Dialect30, calls("GROUP:group-1", "GROUP:group-2")},
	} {
		t.Run(c.version, func(t *testing.T) {
			j := newJudge(t, c.version)
			client, err := openadr.New(openadr.Config{
				BaseURL: j.base, Dialect: c.dialect, ClientID: "home", ClientSecret: "s", Scope: "read_all", TokenURL: j.base + "/auth/token", Timeout: patience,
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = client.Close() })
			for _, call := range c.calls {
				call.do(t.Context(), client)
				refusals, requests := j.verdict()
				if requests == 0 {
					t.Errorf("%s: was not sent", call.name)
				}
				for _, r := range refusals {
					t.Errorf("%s: %s", call.name, r)
				}
			}
		})
	}
}

// A judge that finds no fault with anything would be none.
func TestPrism_RefusesWhatIsWrong(t *testing.T) {
	j := newJudge(t, "3.1.1")
	u := &utility{t: t, base: j.base, token: "token", http: &http.Client{Timeout: patience, Transport: &http.Transport{}}}
	t.Cleanup(u.http.CloseIdleConnections)
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/vens", `{"venName":"home"}`},
		{"POST", "/reports", `{"clientName":"home","resources":[]}`},
		{"GET", "/events?limit=51", ""},
		{"GET", "/nowhere", ""},
	} {
		code, answer := u.ask(c.method, c.path, c.body)
		if refusals, _ := j.verdict(); len(refusals) == 0 {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, code, answer)
		}
	}
}
