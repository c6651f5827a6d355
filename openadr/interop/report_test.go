package interop_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"hearth/openadr"
)

// usage is a report of an hour in quarters on an event.
func usage(event, client string, values ...string) openadr.Report {
	confidence, accuracy := 95, 0.5
	r := openadr.ReportResource{ResourceName: "meter", IntervalPeriod: openadr.Period(now, 15*time.Minute)}
	for i, v := range values {
		r.Intervals = append(r.Intervals, openadr.Interval{ID: int32(i), Payloads: []openadr.ValuesMap{
			{Type: "USAGE", Values: []json.RawMessage{json.RawMessage(v)}},
			{Type: "DATA_QUALITY", Values: []json.RawMessage{json.RawMessage(`"OK"`)}},
		}})
	}
	return openadr.Report{
		EventID: event, ClientName: client, ReportName: "usage of 2026-03-28",
		PayloadDescriptors: []openadr.ReportPayloadDescriptor{
			{PayloadType: "USAGE", ReadingType: "DIRECT_READ", Units: "KWH", Accuracy: &accuracy, Confidence: &confidence},
		},
		Resources: []openadr.ReportResource{r},
	}
}

// rows are the first values of a report's intervals.
func rows(r openadr.Report) (all []string) {
	for _, resource := range r.Resources {
		for _, i := range resource.Intervals {
			all = append(all, string(i.Payloads[0].Values[0]))
		}
	}
	return all
}

func TestReports_AreSentFoundAndReplaced(t *testing.T) {
	u := vtn(t)
	program, _ := u.program("")
	event := u.event(program, hours(today, "0.1"))
	h, stranger := u.home(), u.home()
	sent, err := h.CreateReport(t.Context(), usage(event, h.id, "0.5", "0.25", "0", "1.125"))
	if err != nil || sent.ID == "" || sent.ClientID != h.id {
		t.Fatalf("%+v, %v", sent, err)
	}
	found, err := h.Reports(t.Context(), event, h.id)
	if err != nil || len(found.Items) != 1 || found.Items[0].ID != sent.ID || found.Items[0].ReportName != sent.ReportName {
		t.Fatalf("%+v, %v", found, err)
	}
	got := found.Items[0]
	if want := []string{"0.5", "0.25", "0", "1.125"}; !slices.EqualFunc(rows(got), want, sameNumber) {
		t.Errorf("rows %v, want %v", rows(got), want)
	}
	start, _ := got.Resources[0].IntervalPeriod.Start.Time()
	if d := got.Resources[0].IntervalPeriod.Duration; !start.Equal(now) || d == nil || *d != openadr.DurationOf(15*time.Minute) {
		t.Errorf("period %+v", got.Resources[0].IntervalPeriod)
	}
	got.Resources[0].Intervals = got.Resources[0].Intervals[:1]
	if replaced, err := h.UpdateReport(t.Context(), got); err != nil || replaced.ID != sent.ID || len(rows(replaced)) != 1 {
		t.Errorf("replaced: %+v, %v", replaced, err)
	}
	if seen, err := stranger.Reports(t.Context(), event, ""); err != nil || len(seen.Items) != 0 {
		t.Errorf("a stranger sees %v, %v", seen.Items, err)
	}
	if _, err := stranger.UpdateReport(t.Context(), got); openadr.KindOf(err) != openadr.NotFound {
		t.Errorf("a stranger replaces: %v", err)
	}
}

func sameNumber(a, b string) bool {
	var x, y float64
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && x == y
}

// forgetful passes everything on to the VTN, and loses the answers to what is posted to a path.
func forgetful(t *testing.T, u *utility, path string) (base string, lost *atomic.Int32) {
	t.Helper()
	target, err := url.Parse(u.base)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	lost = &atomic.Int32{}
	proxy := &httputil.ReverseProxy{
		Transport: transport,
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(r *http.Response) error {
			if r.Request.Method == http.MethodPost && r.Request.URL.Path == path {
				lost.Add(1)
				return http.ErrAbortHandler
			}
			return nil
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL, lost
}

// The answer is lost, and what was sent is there: a look finds it, and nothing is sent twice.
func TestReports_AreFoundAfterAnUnknownOutcome(t *testing.T) {
	u := vtn(t)
	program, _ := u.program("")
	event := u.event(program, hours(today, "0.1"))
	base, lost := forgetful(t, u, "/reports")
	h := u.home(func(c *openadr.Config) { c.BaseURL = base })
	r := usage(event, h.id, "0.5")
	_, err := h.CreateReport(t.Context(), r)
	if openadr.KindOf(err) != openadr.Unreachable || lost.Load() != 1 {
		t.Fatalf("%v, %d sent", err, lost.Load())
	}
	found, err := h.Reports(t.Context(), event, h.id)
	if err != nil || len(found.Items) != 1 || found.Items[0].ReportName != r.ReportName {
		t.Fatalf("found %+v, %v", found, err)
	}
	r.ID = found.Items[0].ID
	if r, err = h.UpdateReport(t.Context(), r); err != nil || r.ID != found.Items[0].ID {
		t.Errorf("%+v, %v", r, err)
	}
	if found, err = h.Reports(t.Context(), event, h.id); err != nil || len(found.Items) != 1 {
		t.Errorf("%d reports, %v", len(found.Items), err)
	}
}

// The same of an enrolment: it is a conflict the second time, and the VEN is found.
func TestVENs_AreFoundAfterAnUnknownOutcome(t *testing.T) {
	u := vtn(t)
	base, _ := forgetful(t, u, "/vens")
	h := u.home(func(c *openadr.Config) { c.BaseURL = base })
	if _, err := h.CreateVEN(t.Context(), openadr.VENObject{Name: h.id}); openadr.KindOf(err) != openadr.Unreachable {
		t.Fatal(err)
	}
	if found, err := h.VENs(t.Context(), h.id); err != nil || len(found.Items) != 1 {
		t.Errorf("%v, %v", found.Items, err)
	}
}
