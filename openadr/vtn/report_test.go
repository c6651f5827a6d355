package vtn

import (
	"encoding/json"
	"testing"
	"time"

	"hearth/openadr"
)

func usage(event, name string) openadr.Report {
	return openadr.Report{
		ProgramID: "p", EventID: event, ClientName: name, ReportName: "usage",
		PayloadDescriptors: []openadr.ReportPayloadDescriptor{{PayloadType: "USAGE", Units: "KWH"}},
		Resources: []openadr.ReportResource{{ResourceName: "meter", Intervals: []openadr.Interval{{
			ID:             3,
			IntervalPeriod: openadr.Period(time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC), time.Hour),
			Payloads:       []openadr.ValuesMap{{Type: "USAGE", Values: []json.RawMessage{json.RawMessage("0.10")}}},
		}}}},
	}
}

func TestVTN_KeepsReportsAsTheyWereSent(t *testing.T) {
	for _, d := range dialects {
		v := town(t, Config{Dialect: d})
		v.Put(event("e", "p"))
		home := dial(t, v, "home")
		sent, err := home.CreateReport(t.Context(), usage("e", "house"))
		if err != nil || sent.ClientID != "home" || sent.ObjectType != openadr.ObjectReport {
			t.Fatalf("%s: %+v, %v", d, sent, err)
		}
		got := v.Reports()
		if len(got) != 1 || string(got[0].Resources[0].Intervals[0].Payloads[0].Values[0]) != "0.10" || got[0].Resources[0].Intervals[0].ID != 3 {
			t.Errorf("%s: kept %+v", d, got)
		}
		sent.ReportName = "again"
		v.Delete("e") // what was reported may still be corrected
		again, err := home.UpdateReport(t.Context(), sent)
		if err != nil || again.ID != sent.ID || again.ReportName != "again" || !again.Created.Equal(sent.Created.Time) || len(v.Reports()) != 1 {
			t.Errorf("%s: updated to %+v, %v", d, again, err)
		}
		if (again.ProgramID == "p") != (d != openadr.Dialect31) {
			t.Errorf("%s: the report's program is %q", d, again.ProgramID)
		}
	}
}

func TestVTN_FindsReports(t *testing.T) {
	for _, d := range dialects {
		v := town(t, Config{Dialect: d, PageLimit: 2})
		v.Put(event("e", "p"))
		v.Put(event("f", "p"))
		home, other := dial(t, v, "home"), dial(t, v, "other")
		for _, r := range []openadr.Report{usage("e", "a"), usage("e", "b"), usage("f", "a"), usage("f", "a"), usage("f", "b")} {
			if _, err := home.CreateReport(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			event, name string
			want        int
		}{{"", "", 5}, {"e", "", 2}, {"", "a", 3}, {"f", "a", 2}, {"e", "c", 0}, {"g", "", 0}} {
			mine, err := home.Reports(t.Context(), c.event, c.name)
			theirs, err2 := other.Reports(t.Context(), c.event, c.name)
			if err != nil || err2 != nil || len(mine.Items) != c.want || len(theirs.Items) != 0 {
				t.Errorf("%s %s of %s: %d and %d, want %d: %v %v", d, c.event, c.name, len(mine.Items), len(theirs.Items), c.want, err, err2)
			}
		}
		token := tokenOf(t, v)
		for query, want := range map[string]int{"programID=p": 5, "programID=q": 0} {
			w := ask(v, "GET", "/reports?limit=50&"+query, token, "")
			var rows []openadr.Report
			if err := json.Unmarshal(w.Body.Bytes(), &rows); err != nil || len(rows) != min(want, 2) {
				t.Errorf("%s %s: %s", d, query, w.Body)
			}
		}
	}
}

// A report is on an event that its sender can see; another answers as if there were none.
func TestVTN_TakesReportsOnVisibleEventsOnly(t *testing.T) {
	for _, d := range dialects {
		v := town(t, Config{Dialect: d})
		v.Put(event("hidden", "p", "GROUP:vip"))
		home := dial(t, v, "home")
		_, err := home.CreateReport(t.Context(), usage("none", "a"))
		wantKind(t, "on no event", err, openadr.Conflict)
		_, err2 := home.CreateReport(t.Context(), usage("hidden", "a"))
		wantKind(t, "on a hidden event", err2, openadr.Conflict)
		if err == nil || err2 == nil || err.Error() != err2.Error() {
			t.Errorf("%s: the answer tells them apart: %v, %v", d, err, err2)
		}
		if err := v.Grant(enrolled(t, home, "house").ID, "GROUP:vip"); err != nil {
			t.Fatal(err)
		}
		if _, err := home.CreateReport(t.Context(), usage("hidden", "a")); err != nil {
			t.Errorf("%s: on a granted event: %v", d, err)
		}
		_, err = home.UpdateReport(t.Context(), openadr.Report{Metadata: openadr.Metadata{ID: "none"}, ProgramID: "p", EventID: "hidden", ClientName: "a"})
		wantKind(t, "of no report", err, openadr.NotFound)
	}
}

func TestVTN_RefusesReportsThatLackSomething(t *testing.T) {
	v := New(Config{ClientID: "home", ClientSecret: "s"})
	v.Put(event("e", "p"))
	refused(t, v, "/reports", map[string]int{
		`{"clientName":"c","resources":[]}`:                                                                                    400,
		`{"eventID":"e","resources":[]}`:                                                                                       400,
		`{"eventID":"e","clientName":"c"}`:                                                                                     400,
		`{"eventID":"e","clientName":"c","resources":[{"resourceName":"a"}]}`:                                                  400,
		`{"eventID":"e","clientName":"c","resources":[{"intervals":[]}]}`:                                                      400,
		`{"eventID":"e","clientName":"c","resources":[{"resourceName":"a","intervals":[{}]}]}`:                                 400,
		`{"eventID":"e","clientName":"c","resources":[],"payloadDescriptors":[{"payloadType":"USAGE"}]}`:                       400,
		`{"eventID":"e","clientName":"c","resources":[{"resourceName":"a","intervals":[{"id":0,"payloads":[{"type":"X"}]}]}]}`: 400,
	})
	v = New(Config{ClientID: "home", ClientSecret: "s", Dialect: openadr.Dialect30})
	v.Put(event("e", "p"))
	refused(t, v, "/reports", map[string]int{
		`{"eventID":"e","clientName":"c","resources":[]}`:                 400,
		`{"eventID":"e","programID":"q","clientName":"c","resources":[]}`: 409,
	})
}
