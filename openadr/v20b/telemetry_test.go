package v20b

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/openadr"
	"hearth/openadr/report"
)

// meter knows 0.25 kWh of each quarter of an hour; it is silent from seven to eight, gives energy back until half
// past eight, and then guesses.
func meter(q report.Question) report.Answer {
	e := energy.WattHours(1000 * q.Span.Length().Hours())
	switch at := q.Span.Start.Sub(morning); {
	case q.Resource != "home-7":
		return report.None()
	case at < time.Hour:
		return report.EnergyOf(e, report.OK)
	case at < 2*time.Hour:
		return report.Answer{}
	case at < 150*time.Minute:
		return report.EnergyOf(-e, report.OK)
	}
	return report.EnergyOf(e, report.Estimated)
}

func withReports(c *Config) {
	c.Reports = &Reports{Meter: report.MeterFunc(meter)}
}

// orderOf is a request for a report, as it stands in oadrCreateReport and oadrRegisteredReport.
func orderOf(id, every, back, start, length string, points ...string) string {
	interval := ""
	if start != "" {
		interval = `<e:reportInterval><x:properties><x:dtstart><x:date-time>` + start + `</x:date-time></x:dtstart><x:duration><x:duration>` +
			length + `</x:duration></x:duration></x:properties></e:reportInterval>`
	}
	specifier := usageSpecifier
	if len(points) == 0 {
		specifier = "METADATA"
	}
	var payloads strings.Builder
	for _, p := range points {
		payloads.WriteString(`<e:specifierPayload><e:rID>` + p + `</e:rID><e:readingType>Mean</e:readingType></e:specifierPayload>`)
	}
	return `<a:oadrReportRequest><e:reportRequestID>` + id + `</e:reportRequestID><e:reportSpecifier><e:reportSpecifierID>` + specifier +
		`</e:reportSpecifierID><x:granularity><x:duration>` + every + `</x:duration></x:granularity><e:reportBackDuration><x:duration>` +
		back + `</x:duration></e:reportBackDuration>` + interval + payloads.String() + `</e:reportSpecifier></a:oadrReportRequest>`
}

func createReport(orders ...string) string {
	return wrapped(`<a:oadrCreateReport e:schemaVersion="2.0b"><p:requestID>q5</p:requestID>` + strings.Join(orders, "") + `<e:venID>ven-1</e:venID></a:oadrCreateReport>`)
}

// sent is what a report says: "06:00 PT15M home-7:energy 0.25".
func (b *bench) sent() []string {
	var doc struct {
		Intervals []struct {
			Start    string `xml:"dtstart>date-time"`
			Length   string `xml:"duration>duration"`
			Payloads []struct {
				ID      string `xml:"rID"`
				Value   string `xml:"payloadFloat>value"`
				Quality string `xml:"oadrDataQuality"`
			} `xml:"oadrReportPayload"`
		} `xml:"oadrSignedObject>oadrUpdateReport>oadrReport>intervals>interval"`
	}
	body := b.vtn.last("oadrUpdateReport")
	b.vtn.names()
	if body == "" {
		return nil
	}
	if err := xml.Unmarshal([]byte(body), &doc); err != nil {
		b.t.Fatal(err)
	}
	var all []string
	for _, i := range doc.Intervals {
		for _, p := range i.Payloads {
			line := fmt.Sprintf("%s %s %s %s", i.Start[11:16], i.Length, p.ID, p.Value)
			if !strings.HasPrefix(p.Quality, "Quality Good") {
				line += " " + p.Quality
			}
			all = append(all, line)
		}
	}
	return all
}

func (b *bench) pollAt(hour, minute int) {
	b.t.Helper()
	b.turn(time.Date(2026, 3, 28, hour, minute, 0, 0, time.UTC).Sub(b.now()) - b.PollEvery())
	b.poll()
}

func TestReports_AreOffUnlessSwitchedOn(t *testing.T) {
	b := newBench(t)
	b.poll()
	if got := b.vtn.last("oadrRegisterReport"); strings.Contains(got, "oadrReport>") || !strings.Contains(got, "ven-1") {
		t.Errorf("offers\n%s", got)
	}
	b.vtn.tell(createReport(orderOf("r1", "PT15M", "PT1H", "", "", "home-7:energy")))
	b.poll()
	if got := b.vtn.last("oadrCreatedReport"); !strings.Contains(got, "<ei:responseCode>461<") || !strings.Contains(got, "<oadr:oadrPendingReports></") {
		t.Errorf("answered\n%s", got)
	}
	b.pollAt(9, 0)
	if got := b.sent(); got != nil {
		t.Errorf("told %v", got)
	}
}

func TestReports_TellWhatIsKnownAtThePaceAsked(t *testing.T) {
	b := newBench(t, withReports)
	b.vtn.answers["oadrRegisterReport"] = verdict("oadrRegisteredReport", "200", orderOf("r1", "PT15M", "PT30M", "2026-03-28T06:00:00Z", "PT0S", "home-7:energy", "home-7:power"))
	b.poll()
	if got := b.vtn.last("oadrRegisterReport"); !strings.Contains(got, "<ei:rID>home-7:energy</ei:rID>") || !strings.Contains(got, "METADATA_TELEMETRY_USAGE") {
		t.Errorf("offers\n%s", got)
	}
	if got := b.vtn.last("oadrCreatedReport"); !strings.Contains(got, "<oadr:oadrPendingReports><ei:reportRequestID>r1<") {
		t.Errorf("answered\n%s", got)
	}
	for _, c := range []struct {
		hour, minute int
		want         string
	}{
		{6, 29, "[]"},
		{6, 30, "[06:00 PT15M home-7:energy 0.25 06:00 PT15M home-7:power 1 06:15 PT15M home-7:energy 0.25 06:15 PT15M home-7:power 1]"},
		{6, 59, "[]"},
		{8, 0, "[]"}, // silent, and the window before it is passed over
		{8, 30, "[]"},
		{9, 0, "[08:30 PT15M home-7:energy 0.25 Quality Uncertain - Non Specific 08:30 PT15M home-7:power 1 Quality Uncertain - Non Specific " +
			"08:45 PT15M home-7:energy 0.25 Quality Uncertain - Non Specific 08:45 PT15M home-7:power 1 Quality Uncertain - Non Specific]"},
		{9, 1, "[]"},
	} {
		b.pollAt(c.hour, c.minute)
		if got := fmt.Sprint(b.sent()); got != c.want {
			t.Errorf("%02d:%02d: told %s, want %s", c.hour, c.minute, got, c.want)
		}
	}
	b.restart(withReports)
	b.vtn.set(func() { delete(b.vtn.answers, "oadrRegisterReport") })
	b.pollAt(9, 30)
	if got := b.sent(); len(got) != 4 {
		t.Errorf("after a restart: %v", got)
	}
	b.restart() // permission is withdrawn
	b.pollAt(11, 0)
	if got := b.sent(); got != nil || len(b.know.Requests) != 0 {
		t.Errorf("after they were switched off: %v", got)
	}
}

func TestReports_EndWhenTheyShould(t *testing.T) {
	for name, c := range map[string]struct{ order, want string }{
		"at their end":      {orderOf("r1", "PT15M", "PT30M", "2026-03-28T06:00:00Z", "PT45M", "home-7:energy"), "[06:00 PT15M home-7:energy 0.25 06:15 PT15M home-7:energy 0.25] [06:30 PT15M home-7:energy 0.25] []"},
		"all at the end":    {orderOf("r1", "PT30M", "PT0S", "2026-03-28T06:00:00Z", "PT1H", "home-7:energy"), "[] [06:00 PT30M home-7:energy 0.5 06:30 PT30M home-7:energy 0.5] []"},
		"a snapshot":        {orderOf("r1", "PT0S", "PT0S", "", "", "home-7:power"), "[06:29 PT1M home-7:power 1] [] []"},
		"rows left to us":   {orderOf("r1", "PT0S", "PT30M", "2026-03-28T06:00:00Z", "PT30M", "home-7:power"), "[06:00 PT30M home-7:power 1] [] []"},
		"a start to come":   {orderOf("r1", "PT30M", "PT30M", "2026-03-28T06:30:00Z", "PT30M", "home-7:power"), "[] [06:30 PT30M home-7:power 1] []"},
		"ended in the past": {orderOf("r1", "PT30M", "PT30M", "2026-03-28T05:00:00Z", "PT30M", "home-7:power"), "[05:00 PT30M home-7:power 1] [] []"},
	} {
		b := newBench(t, withReports)
		b.vtn.tell(createReport(c.order))
		b.pollAt(6, 30)
		got := fmt.Sprint(b.sent())
		for range 2 {
			b.turn(time.Hour - b.PollEvery())
			b.poll()
			got += fmt.Sprint(" ", b.sent())
		}
		if got != c.want {
			t.Errorf("%s: told %s, want %s", name, got, c.want)
		}
		if len(b.know.Requests) != 0 {
			t.Errorf("%s: still there: %+v", name, b.know.Requests)
		}
	}
}

func TestReports_RefuseWhatIsNotOffered(t *testing.T) {
	for name, order := range map[string]string{
		"another's meter": orderOf("r1", "PT15M", "PT30M", "", "", "neighbour:energy"),
		"no id":           orderOf("", "PT15M", "PT30M", "", "", "home-7:energy"),
		"many rows":       orderOf("r1", "PT1S", "P1D", "", "", "home-7:energy"),
		"tiny rows":       orderOf("r1", "PT0.01S", "PT10S", "", "", "home-7:energy"),
		"no duration":     orderOf("r1", "quarterly", "PT10S", "", "", "home-7:energy"),
	} {
		b := newBench(t, withReports)
		b.vtn.tell(createReport(order))
		b.poll()
		if got := b.vtn.last("oadrCreatedReport"); !strings.Contains(got, "<ei:responseCode>461<") || len(b.know.Requests) != 0 {
			t.Errorf("%s: answered\n%s", name, got)
		}
	}
	b := newBench(t, withReports)
	for i := range maxRequests + 5 {
		b.vtn.tell(createReport(orderOf(fmt.Sprint("r", i), "PT15M", "PT30M", "", "", "home-7:energy")))
	}
	b.poll()
	b.poll()
	if len(b.know.Requests) != maxRequests {
		t.Errorf("%d reports are running", len(b.know.Requests))
	}
	b.vtn.names()
	b.vtn.tell(createReport(orderOf("m", "PT0S", "PT0S", "", "")))
	b.poll()
	b.poll()
	if got := b.vtn.names(); strings.Count(got, "RegisterReport") != 1 {
		t.Errorf("asked for metadata: %s", got)
	}
}

func TestReports_StopWhenTheVTNSaysSo(t *testing.T) {
	cancel := `<p:requestID>q6</p:requestID><e:reportRequestID>r1</e:reportRequestID><p:reportToFollow>false</p:reportToFollow>`
	order := func(id string) string {
		return createReport(orderOf(id, "PT15M", "PT15M", "2026-03-28T06:00:00Z", "PT0S", "home-7:energy"))
	}
	b := newBench(t, withReports)
	b.vtn.tell(order("r1"), order("r2"), wrapped(`<a:oadrCancelReport e:schemaVersion="2.0b">`+cancel+`</a:oadrCancelReport>`))
	b.pollAt(6, 10)
	if got := b.vtn.last("oadrCanceledReport"); !strings.Contains(got, "<pyld:requestID>q6</") || !strings.Contains(got, "<oadr:oadrPendingReports><ei:reportRequestID>r2</ei:reportRequestID></") {
		t.Errorf("answered\n%s", got)
	}
	b = newBench(t, withReports)
	b.vtn.answers["oadrUpdateReport"] = verdict("oadrUpdatedReport", "200", `<a:oadrCancelReport>`+cancel+`</a:oadrCancelReport>`)
	b.vtn.tell(order("r1"))
	b.pollAt(6, 15)
	if got := b.sent(); len(got) != 1 || len(b.know.Requests) != 0 {
		t.Errorf("told %v, still there: %v", got, b.know.Requests)
	}
}

func TestReports_SpoilNoEvents(t *testing.T) {
	b := newBench(t, withReports)
	b.vtn.events = distribute(simple("a", 0).String())
	b.vtn.answers["oadrRegisterReport"] = verdict("oadrResponse", "500", "")
	b.vtn.answers["oadrUpdateReport"] = verdict("oadrResponse", "500", "")
	b.vtn.tell(createReport(orderOf("r1", "PT15M", "PT15M", "2026-03-28T06:00:00Z", "PT0S", "home-7:energy")))
	b.turn(20 * time.Minute)
	list, err := b.Events(t.Context(), openadr.Query{})
	if err != nil || ids(list) != "a ! !" {
		t.Errorf("listed %q, %v", ids(list), err)
	}
	b.vtn.set(func() { delete(b.vtn.answers, "oadrUpdateReport") })
	b.vtn.names()
	b.poll()
	if got := b.sent(); len(got) != 1 {
		t.Errorf("a report that did not get through: %v", got)
	}
}

func TestTelemetry_WindowsAreWholeAndNeverTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := telemetry{Start: morning, Back: time.Duration(rapid.IntRange(1, 90).Draw(t, "back")) * time.Minute}
		if rapid.Bool().Draw(t, "ends") {
			o.End = morning.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "length")) * time.Minute)
		}
		now := morning
		var last energy.Interval
		for _, minutes := range rapid.SliceOfN(rapid.IntRange(1, 120), 1, 20).Draw(t, "polls") {
			now = now.Add(time.Duration(minutes) * time.Minute)
			w, isDue := o.window(now)
			if !isDue {
				continue
			}
			switch {
			case w.IsEmpty(), w.End.After(now), w.Start.Before(o.Start), !o.End.IsZero() && w.End.After(o.End):
				t.Fatalf("at %v: %v of %+v", now, w, o)
			case w.Start.Before(last.End):
				t.Fatalf("%v after %v", w, last)
			case now.Sub(w.End) >= o.Back && !w.End.Equal(o.End):
				t.Fatalf("at %v: %v is not the newest", now, w)
			}
			o.Sent, last = w.End, w
		}
	})
}

func TestReports_NameEveryResourceApart(t *testing.T) {
	b := newBench(t, func(c *Config) {
		c.Reports = &Reports{Meter: report.MeterFunc(meter), Resources: []string{"home-7", "car"}}
	})
	b.vtn.tell(createReport(orderOf("r1", "PT15M", "PT15M", "2026-03-28T06:00:00Z", "PT0S", "car:power", "home-7:power")))
	b.pollAt(6, 15)
	if got := b.sent(); !slices.Equal(got, []string{"06:00 PT15M home-7:power 1"}) {
		t.Errorf("told %v: the car has no meter", got)
	}
}
