package openadr_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hearth/openadr"
)

// desk is a VTN that answers every request but those for tokens with one status and body. EACH in the body
// stands for the last part of the path.
type desk struct {
	status int
	body   string

	mu   sync.Mutex
	seen []string // "POST /reports {...}"
	gets int      // tokens handed out
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch r.URL.Path {
	case "/auth/token":
		d.gets++
		_, _ = fmt.Fprintf(w, `{"access_token":"t%d"}`, d.gets)
		return
	case "/auth/server":
		http.NotFound(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	d.seen = append(d.seen, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+string(body)))
	if len(body) > 0 && r.Header.Get("Content-Type") != "application/json" {
		d.seen = append(d.seen, "without its type")
	}
	w.WriteHeader(d.status)
	parts := strings.Split(r.URL.Path, "/")
	_, _ = io.WriteString(w, strings.ReplaceAll(d.body, "EACH", parts[len(parts)-1]))
}

func (d *desk) log() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.seen)
}

func dialect(d openadr.Dialect) func(*openadr.Config) {
	return func(c *openadr.Config) { c.Dialect = d }
}

func raw(values ...string) (out []json.RawMessage) {
	for _, v := range values {
		out = append(out, json.RawMessage(v))
	}
	return out
}

var noon = time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)

// usage is a report with all that must not be sent, or must be filled in.
func usage() openadr.Report {
	return openadr.Report{
		Metadata:  openadr.Metadata{ID: "r", ObjectType: "REPORT", Created: openadr.Stamp{Time: noon}},
		ProgramID: "p", EventID: "e", ClientName: "home", ClientID: "c",
		PayloadDescriptors: []openadr.ReportPayloadDescriptor{{PayloadType: "USAGE", Units: "KWH"}},
		Resources: []openadr.ReportResource{
			{ResourceName: "meter", Intervals: []openadr.Interval{
				{ID: 7, IntervalPeriod: openadr.Period(noon, time.Hour), Payloads: []openadr.ValuesMap{{Type: "USAGE", Values: raw("0.10")}, {Type: "X"}}},
				{},
			}},
			{ResourceName: "pump"},
		},
	}
}

func house() openadr.VENObject {
	return openadr.VENObject{
		Metadata: openadr.Metadata{ID: "v", ObjectType: "VEN"}, Name: "home", ClientID: "c", Targets: openadr.Targets{"GROUP:a", "VEN_NAME:home", "GROUP:b"},
		Attributes: openadr.Attributes{{Type: "MAX_POWER_EXPORT", Values: raw("10")}},
	}
}

func pump() openadr.Resource {
	return openadr.Resource{Metadata: openadr.Metadata{ID: "u"}, Name: "pump", VENID: "v", ClientID: "c", Targets: openadr.Targets{"GROUP:a"}}
}

func hook() openadr.Subscription {
	return openadr.Subscription{
		Metadata: openadr.Metadata{ID: "s"}, ClientName: "home", ClientID: "c", ProgramID: "p", Targets: openadr.Targets{"GROUP:a"},
		ObjectOperations: []openadr.ObjectOperation{{
			Objects: []string{"EVENT"}, Operations: []string{"CREATE", "DELETE"}, CallbackURL: "https://home.example/hook", BearerToken: "hunter2",
		}},
	}
}

// writes are all that a client can write, each with the id of its answer.
func writes(t *testing.T, c *openadr.Client) map[string]func() (string, error) {
	ctx := t.Context()
	return map[string]func() (string, error){
		"create report":       func() (string, error) { o, err := c.CreateReport(ctx, usage()); return o.ID, err },
		"update report":       func() (string, error) { o, err := c.UpdateReport(ctx, usage()); return o.ID, err },
		"create ven":          func() (string, error) { o, err := c.CreateVEN(ctx, house()); return o.ID, err },
		"update ven":          func() (string, error) { o, err := c.UpdateVEN(ctx, house()); return o.ID, err },
		"create resource":     func() (string, error) { o, err := c.CreateResource(ctx, pump()); return o.ID, err },
		"update resource":     func() (string, error) { o, err := c.UpdateResource(ctx, pump()); return o.ID, err },
		"create subscription": func() (string, error) { o, err := c.CreateSubscription(ctx, hook()); return o.ID, err },
		"delete subscription": func() (string, error) { return "", c.DeleteSubscription(ctx, "s") },
	}
}

func TestClient_WritesWhatTheDialectWants(t *testing.T) {
	const (
		rows = `[{"resourceName":"meter","intervals":[{"id":7,"intervalPeriod":{"start":"2026-03-28T12:00:00Z","duration":"PT1H"},` +
			`"payloads":[{"type":"USAGE","values":[0.10]},{"type":"X","values":[]}]},{"id":0,"payloads":[]}]},{"resourceName":"pump","intervals":[]}]`
		descriptors = `[{"objectType":"REPORT_PAYLOAD_DESCRIPTOR","payloadType":"USAGE","units":"KWH"}]`
		report31    = `{"eventID":"e","clientName":"home","payloadDescriptors":` + descriptors + `,"resources":` + rows + `}`
		report30    = `{"programID":"p","eventID":"e","clientName":"home","payloadDescriptors":` + descriptors + `,"resources":` + rows + `}`
		limit       = `"attributes":[{"type":"MAX_POWER_EXPORT","values":[10]}]`
		ven31       = `{"objectType":"VEN_VEN_REQUEST","venName":"home",` + limit + `}`
		ven30       = `{"venName":"home",` + limit + `,"targets":[{"type":"GROUP","values":["a","b"]},{"type":"VEN_NAME","values":["home"]}]}`
		resource31  = `{"objectType":"VEN_RESOURCE_REQUEST","resourceName":"pump","venID":"v"}`
		resource30  = `{"resourceName":"pump","targets":[{"type":"GROUP","values":["a"]}]}`
		hookStart   = `{"clientName":"home","programID":"p","objectOperations":[{"objects":["EVENT"],"operations":`
		hookEnd     = `,"callbackUrl":"https://home.example/hook","bearerToken":"hunter2"}],"targets":`
		hook31      = hookStart + `["CREATE","DELETE"]` + hookEnd + `["GROUP:a"]}`
		hook30      = hookStart + `["CREATE","DELETE"]` + hookEnd + `[{"type":"GROUP","values":["a"]}]}`
		hook300     = hookStart + `["POST","DELETE"]` + hookEnd + `[{"type":"GROUP","values":["a"]}]}`
	)
	wants30 := map[string]string{
		"create report": "POST /reports " + report30, "update report": "PUT /reports/r " + report30,
		"create ven": "POST /vens " + ven30, "update ven": "PUT /vens/v " + ven30,
		"create resource": "POST /vens/v/resources " + resource30, "update resource": "PUT /vens/v/resources/u " + resource30,
		"create subscription": "POST /subscriptions " + hook30, "delete subscription": "DELETE /subscriptions/s",
	}
	wants300 := map[string]string{}
	for name, want := range wants30 {
		wants300[name] = strings.Replace(want, hook30, hook300, 1)
	}
	for version, wants := range map[openadr.Dialect]map[string]string{
		"": {
			"create report": "POST /reports " + report31, "update report": "PUT /reports/r " + report31,
			"create ven": "POST /vens " + ven31, "update ven": "PUT /vens/v " + ven31,
			"create resource": "POST /resources " + resource31, "update resource": "PUT /resources/u " + resource31,
			"create subscription": "POST /subscriptions " + hook31, "delete subscription": "DELETE /subscriptions/s",
		},
		openadr.Dialect30: wants30, openadr.Dialect300: wants300,
	} {
		d := &desk{status: 201, body: `{"id":"EACH"}`}
		client := connect(t, serve(t, d.ServeHTTP), dialect(version))
		for name, do := range writes(t, client) {
			d.seen = nil
			if _, err := do(); err != nil {
				t.Errorf("%s in %q: %v", name, version, err)
			}
			if got := d.log(); !slices.Equal(got, []string{wants[name]}) {
				t.Errorf("%s in %q:\ngot  %q\nwant %q", name, version, got, wants[name])
			}
		}
	}
}

func TestClient_TakesEveryAnswerThatSaysDone(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		create openadr.Kind // of a create; an update needs no more than the status
		update openadr.Kind
	}{
		{201, `{"id":"EACH","unknown":1}`, "", ""},
		{200, `[{"id":"EACH"}]`, "", ""},
		{201, ``, openadr.Empty, ""},
		{204, ``, openadr.Empty, ""},
		{200, `{"id":"other"}`, "", openadr.Unreadable},
		{200, `{}`, openadr.Unreadable, openadr.Unreadable},
		{200, `{"id":""}`, openadr.Unreadable, openadr.Unreadable},
		{200, `[]`, openadr.Unreadable, openadr.Unreadable},
		{200, `[{}]`, openadr.Unreadable, openadr.Unreadable},
		{200, `<html>`, openadr.HTML, openadr.HTML},
		{409, `{"title":"name is taken"}`, openadr.Conflict, openadr.Conflict},
		{400, ``, openadr.Refused, openadr.Refused},
		{403, ``, openadr.Forbidden, openadr.Forbidden},
		{404, ``, openadr.NotFound, openadr.NotFound},
	} {
		d := &desk{status: c.status, body: c.body}
		for name, do := range writes(t, connect(t, serve(t, d.ServeHTTP))) {
			want := c.update
			switch {
			case strings.HasPrefix(name, "create"):
				want = c.create
			case strings.HasPrefix(name, "delete") && c.status < 300:
				want = ""
			}
			id, err := do()
			if openadr.KindOf(err) != want || err == nil && id == "" && !strings.HasPrefix(name, "delete") {
				t.Errorf("%s, answered %d %s: got %q, %v; want kind %q", name, c.status, c.body, id, err, want)
			}
			if want == openadr.Conflict && wantKind(t, err, want).Temporary() {
				t.Errorf("%s: a conflict is called temporary", name)
			}
		}
	}
}

func TestClient_TriesAWriteAgainForAFreshTokenOnly(t *testing.T) {
	for status, tries := range map[int]int{401: 2, 403: 1, 409: 1, 429: 1, 500: 1, 503: 1, 302: 1} {
		d := &desk{status: status}
		for name, do := range writes(t, connect(t, serve(t, d.ServeHTTP), withSecret)) {
			d.seen = nil
			if _, err := do(); err == nil {
				t.Errorf("%s: %d was no error", name, status)
			}
			if got := d.log(); len(got) != tries || got[0] != got[len(got)-1] {
				t.Errorf("%s: after %d sent %d times, want %d: %q", name, status, len(got), tries, got)
			}
		}
	}
}

func TestClient_WritesOnceWithTheTokenThatReplacedARevokedOne(t *testing.T) {
	d := &desk{status: 201, body: `{"id":"EACH"}`}
	client := connect(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer t1" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		d.ServeHTTP(w, r)
	}), withSecret)
	if got, err := client.CreateReport(t.Context(), usage()); err != nil || got.ID != "reports" {
		t.Errorf("got %+v, %v", got, err)
	}
	if got := d.log(); len(got) != 1 || !strings.Contains(got[0], `"eventID":"e"`) {
		t.Errorf("the second try sent %q", got)
	}
}

func TestClient_NeverRepeatsAWriteWhoseFateIsUnknown(t *testing.T) {
	var tries atomic.Int32
	client := connect(t, serve(t, func(http.ResponseWriter, *http.Request) {
		tries.Add(1)
		panic(http.ErrAbortHandler) // it may have been done
	}))
	for name, do := range writes(t, client) {
		tries.Store(0)
		_, err := do()
		if !wantKind(t, err, openadr.Unreachable).Temporary() || tries.Load() != 1 {
			t.Errorf("%s: sent %d times, %v", name, tries.Load(), err)
		}
	}
}

func TestClient_NeverFollowsAWriteElsewhere(t *testing.T) {
	client := connect(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			t.Errorf("%s was sent on", r.Method)
		}
		http.Redirect(w, r, "/elsewhere", http.StatusPermanentRedirect)
	}))
	for name, do := range writes(t, client) {
		if _, err := do(); openadr.KindOf(err) != openadr.Redirected {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClient_ShowsNoTokenThatTheVTNRepeats(t *testing.T) {
	d := &desk{status: 400, body: `{"title":"bad","detail":"bearerToken hunter2 is too short"}`}
	_, err := connect(t, serve(t, d.ServeHTTP)).CreateSubscription(t.Context(), hook())
	if e := wantKind(t, err, openadr.Refused); strings.Contains(err.Error(), "hunter2") || !strings.Contains(e.Detail, "too short") {
		t.Errorf("got %v", err)
	}
	for pad, want := range map[int]string{0: "bad header [redacted], I say", 160: "[redacted]"} { // the second is cut inside the token
		client := connect(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/auth/token" {
				_, _ = io.WriteString(w, `{"access_token":"`+strings.Repeat("hunter2", 9)+`"}`)
				return
			}
			w.WriteHeader(http.StatusForbidden)
			token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			_, _ = io.WriteString(w, strings.Repeat("x", pad)+"bad header "+token+", I say")
		}), withSecret)
		_, err := client.Events(t.Context(), openadr.Query{})
		if e := wantKind(t, err, openadr.Forbidden); strings.Contains(err.Error(), "hunter") || !strings.HasSuffix(e.Detail, want) {
			t.Errorf("got %v, want %s at the end", err, want)
		}
	}
}

func TestClient_SendsNothingThatCannotBeSaid(t *testing.T) {
	report := func(change func(*openadr.Report)) func(*openadr.Client) error {
		return func(c *openadr.Client) error {
			r := usage()
			change(&r)
			_, err := c.CreateReport(t.Context(), r)
			return err
		}
	}
	row := func(change func(*openadr.Interval)) func(*openadr.Client) error {
		return report(func(r *openadr.Report) { change(&r.Resources[0].Intervals[0]) })
	}
	value := func(v string) func(*openadr.Client) error {
		return row(func(i *openadr.Interval) { i.Payloads[0].Values = raw(v) })
	}
	subscription := func(change func(*openadr.Subscription)) func(*openadr.Client) error {
		return func(c *openadr.Client) error {
			s := hook()
			change(&s)
			_, err := c.CreateSubscription(t.Context(), s)
			return err
		}
	}
	operation := func(change func(*openadr.ObjectOperation)) func(*openadr.Client) error {
		return subscription(func(s *openadr.Subscription) { change(&s.ObjectOperations[0]) })
	}
	hundred := 101
	const both, only30 = "3.1 3.0", "3.0"
	for name, c := range map[string]struct {
		refusedIn string
		do        func(*openadr.Client) error
	}{
		"no event":            {both, report(func(r *openadr.Report) { r.EventID = "" })},
		"event with slash":    {both, report(func(r *openadr.Report) { r.EventID = "a/b" })},
		"no client name":      {both, report(func(r *openadr.Report) { r.ClientName = "" })},
		"long client name":    {both, report(func(r *openadr.Report) { r.ClientName = strings.Repeat("é", 129) })},
		"128 letters are few": {"", report(func(r *openadr.Report) { r.ClientName = strings.Repeat("é", 128) })},
		"no program":          {only30, report(func(r *openadr.Report) { r.ProgramID = "" })},
		"no resource name":    {both, report(func(r *openadr.Report) { r.Resources[1].ResourceName = "" })},
		"no payload type":     {both, report(func(r *openadr.Report) { r.PayloadDescriptors[0].PayloadType = "" })},
		"confidence of 101":   {both, report(func(r *openadr.Report) { r.PayloadDescriptors[0].Confidence = &hundred })},
		"no resources":        {"", report(func(r *openadr.Report) { r.Resources = nil })},
		"period of no start":  {only30, row(func(i *openadr.Interval) { i.IntervalPeriod.Start = openadr.Start{} })},
		"period from now on":  {only30, row(func(i *openadr.Interval) { i.IntervalPeriod.Start = openadr.Now() })},
		"year 10000":          {both, row(func(i *openadr.Interval) { i.IntervalPeriod.Start = openadr.At(noon.AddDate(8000, 0, 0)) })},
		"negative length":     {both, row(func(i *openadr.Interval) { i.IntervalPeriod.Duration = &openadr.Duration{Days: -1} })},
		"value null":          {both, value(`null`)},
		"value list":          {both, value(`[1]`)},
		"value of no point":   {both, value(`{"x":1}`)},
		"value beyond all":    {both, value(`1e400`)},
		"value of no JSON":    {both, value(`NaN`)},
		"value of nothing":    {both, value(``)},
		"value point":         {"", value(`{"x":1,"y":2}`)},
		"value type":          {both, row(func(i *openadr.Interval) { i.Payloads[0].Type = "" })},
		"hook of no program":  {only30, subscription(func(s *openadr.Subscription) { s.ProgramID = "" })},
		"hook of any program": {both, subscription(func(s *openadr.Subscription) { s.ProgramID = "*" })},
		"hook of no client":   {both, subscription(func(s *openadr.Subscription) { s.ClientName = "" })},
		"plain target":        {only30, subscription(func(s *openadr.Subscription) { s.Targets = openadr.Targets{"north"} })},
		"empty target":        {both, subscription(func(s *openadr.Subscription) { s.Targets = openadr.Targets{""} })},
		"object of no kind":   {both, operation(func(o *openadr.ObjectOperation) { o.Objects = []string{"EVENTS"} })},
		"operation of 3.0":    {both, operation(func(o *openadr.ObjectOperation) { o.Operations = []string{"POST"} })},
		"callback of no host": {both, operation(func(o *openadr.ObjectOperation) { o.CallbackURL = "/hook" })},
		"ven of no name":      {both, func(c *openadr.Client) error { _, err := c.CreateVEN(t.Context(), openadr.VENObject{}); return err }},
		"ven of no id": {both, func(c *openadr.Client) error {
			_, err := c.UpdateVEN(t.Context(), openadr.VENObject{Name: "x"})
			return err
		}},
		"resource of no ven": {both, func(c *openadr.Client) error {
			_, err := c.CreateResource(t.Context(), openadr.Resource{Name: "x"})
			return err
		}},
		"resources of no ven": {both, func(c *openadr.Client) error { _, err := c.Resources(t.Context(), "..", ""); return err }},
		"no subscription":     {both, func(c *openadr.Client) error { return c.DeleteSubscription(t.Context(), "") }},
	} {
		for _, version := range []openadr.Dialect{openadr.Dialect31, openadr.Dialect30} {
			d := &desk{status: 201, body: `{"id":"EACH"}`}
			err := c.do(connect(t, serve(t, d.ServeHTTP), dialect(version)))
			want := strings.Contains(c.refusedIn, string(version))
			if (openadr.KindOf(err) == openadr.Refused) != want || !want && err != nil || want && len(d.log()) > 0 {
				t.Errorf("%s in %s: %v, sent %q", name, version, err, d.log())
			}
		}
	}
}

// What a caller handed over is his, and stays as it was.
func TestClient_ChangesNothingItIsGiven(t *testing.T) {
	d := &desk{status: 201, body: `{"id":"EACH"}`}
	client := connect(t, serve(t, d.ServeHTTP))
	r := usage()
	if _, err := client.CreateReport(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if want := usage(); !reflect.DeepEqual(r, want) {
		t.Errorf("got  %+v\nwant %+v", r, want)
	}
	s := hook()
	if _, err := client.CreateSubscription(t.Context(), s); err != nil || !reflect.DeepEqual(s, hook()) {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestClient_FindsItsOwnThoughAVTNIgnoresFilters(t *testing.T) {
	for _, version := range []openadr.Dialect{openadr.Dialect31, openadr.Dialect30} {
		client := connect(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("skip") != "0" {
				_, _ = io.WriteString(w, "[]")
				return
			}
			_, _ = io.WriteString(w, `[{"venName":"home","resourceName":"pump","clientName":"home","eventID":"e","resources":[]},
				{"id":"a","venName":"home","resourceName":"pump","venID":"v","clientName":"home","eventID":"e","resources":[]},
				{"id":"b","venName":"other","resourceName":"pump","venID":"w","clientName":"other","eventID":"e","resources":[]},
				{"id":"c","venName":"Home","resourceName":"car","venID":"v","clientName":"Home","eventID":"f","resources":[]}]`)
		}), dialect(version))
		ctx := t.Context()
		vens, err1 := client.VENs(ctx, "home")
		resources, err2 := client.Resources(ctx, "v", "pump")
		reports, err3 := client.Reports(ctx, "e", "home")
		subscriptions, err4 := client.Subscriptions(ctx, "home")
		for i, err := range []error{err1, err2, err3, err4} {
			if err != nil {
				t.Errorf("%s %d: %v", version, i, err)
			}
		}
		for i, n := range []int{len(vens.Items), len(resources.Items), len(reports.Items), len(subscriptions.Items)} {
			if n != 1 {
				t.Errorf("%s %d: found %d", version, i, n)
			}
		}
		all, err := client.VENs(ctx, "")
		if err != nil || len(all.Items) != 3 || len(all.Malformed) != 1 {
			t.Errorf("%s: of all VENs %+v, %v", version, all, err)
		}
	}
}

func TestClient_AsksForItsOwnByName(t *testing.T) {
	for version, want := range map[openadr.Dialect]string{
		openadr.Dialect31: "/vens?limit=50&skip=0&venName=home /resources?limit=50&resourceName=pump&skip=0&venID=v " +
			"/reports?clientName=home&eventID=e&limit=50&skip=0 /subscriptions?clientName=home&limit=50&skip=0",
		openadr.Dialect30: "/vens?limit=50&skip=0&venName=home /vens/v/resources?limit=50&resourceName=pump&skip=0 " +
			"/reports?clientName=home&eventID=e&limit=50&skip=0 /subscriptions?clientName=home&limit=50&skip=0",
	} {
		var asked []string
		client := connect(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.URL.RequestURI())
			_, _ = io.WriteString(w, "[]")
		}), dialect(version))
		ctx := t.Context()
		_, err1 := client.VENs(ctx, "home")
		_, err2 := client.Resources(ctx, "v", "pump")
		_, err3 := client.Reports(ctx, "e", "home")
		_, err4 := client.Subscriptions(ctx, "home")
		if got := strings.Join(asked, " "); got != want || err1 != nil || err2 != nil || err3 != nil || err4 != nil {
			t.Errorf("%s: got %s, want %s", version, got, want)
		}
	}
}
