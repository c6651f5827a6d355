package interop_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/openadr"
	"hearth/openadr/ven"
)

// poll is the newest view, in which nothing may be wrong.
func poll(t *testing.T, v *ven.VEN) ven.Signals {
	t.Helper()
	if err := v.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := v.Signals(now)
	if s.Err != "" || len(s.Rejected) > 0 {
		t.Fatalf("%q, %v", s.Err, s.Rejected)
	}
	return s
}

// line writes a series as its start and its values, "+" for each gap, and how long where that is not an hour.
func line[T any](s energy.Series[T]) string {
	var b strings.Builder
	for i, p := range s.Points {
		if i == 0 {
			b.WriteString(p.Start.Format(time.RFC3339))
		} else if !p.Start.Equal(s.Points[i-1].End) {
			b.WriteString(" +")
		}
		_, _ = fmt.Fprintf(&b, " %v", p.Value)
		if d := p.End.Sub(p.Start); d != time.Hour {
			_, _ = fmt.Fprintf(&b, "/%v", d)
		}
	}
	return b.String()
}

func TestVEN_ReadsEachPriceToItsLastDecimal(t *testing.T) {
	u := vtn(t)
	id, called := u.program("")
	prices := []string{"0.026220", "-0.05", "0", "1e-5", "0.1", "0.30000000000000004", "12", "0.123456789012"}
	u.event(id, hours(today, prices...))
	s := poll(t, u.home().follow(called))
	want := today + " 0.02622 -0.05 0 0.00001 0.1 0.3 12 0.123456789012"
	if got := line(s.ImportPrice); got != want || s.ImportPrice.Currency != "EUR" {
		t.Errorf("got %s in %s, want %s", got, s.ImportPrice.Currency, want)
	}
}

func TestVEN_FollowsWhatIsChangedAndWithdrawn(t *testing.T) {
	u := vtn(t)
	id, called := u.program("")
	home := u.home().follow(called)
	wants := func(when, want string) {
		t.Helper()
		if got := line(poll(t, home).ImportPrice); got != want {
			t.Errorf("%s: got %q, want %q", when, got, want)
		}
	}
	tariff := u.event(id, hours(today, "0.2", "0.21"))
	wants("published", today+" 0.2 0.21")
	u.want(http.StatusOK, "PUT", "/events/"+tariff, eventBody(id, hours(today, "0.3", "0.31", "0.32")))
	wants("changed", today+" 0.3 0.31 0.32")
	urgent := u.event(id, `"priority":0,`+hours("2026-03-28T01:00:00Z", "0.9"))
	wants("with an urgent one", today+" 0.3 0.9 0.32")
	u.want(http.StatusOK, "DELETE", "/events/"+urgent, "")
	wants("with it withdrawn", today+" 0.3 0.31 0.32")
	before := poll(t, home).Revision
	if after := poll(t, home).Revision; after != before {
		t.Errorf("revision %d after %d, and nothing changed", after, before)
	}
}

// A VTN that no longer knows us answers like one that has withdrawn everything, for the id too: 404.
func TestVEN_DoesNotBelieveAnEmptyListAfterAFullOne(t *testing.T) {
	u := vtn(t)
	id, called := u.program("")
	home := u.home().follow(called)
	only := u.event(id, hours(today, "0.2"))
	poll(t, home)
	u.want(http.StatusOK, "DELETE", "/events/"+only, "")
	err := home.Poll(t.Context())
	if got := line(home.Signals(now).ImportPrice); !errors.Is(err, ven.ErrNothing) || got != today+" 0.2" {
		t.Errorf("%v, prices %q", err, got)
	}
}

func TestVEN_ReadsTheTimesThatTheVTNWritesItsOwnWay(t *testing.T) {
	u := vtn(t)
	row := func(period string) string {
		return fmt.Sprintf(`"intervals":[{"id":0,%s"payloads":[{"type":"PRICE","values":[0.1]}]},{"id":1,"payloads":[{"type":"PRICE","values":[0.2]}]}]`, period)
	}
	h := u.home()
	// The view ends after a week and an hour.
	for what, c := range map[string]struct{ fields, want string }{
		"now":               {`"intervalPeriod":{"start":"0001-01-01T00:00:00Z","duration":"PT1H"},` + row(""), today + " 0.1 0.2"},
		"another zone":      {`"intervalPeriod":{"start":"2026-03-28T01:00:00+01:00","duration":"PT1H"},` + row(""), today + " 0.1 0.2"},
		"a longer first":    {`"intervalPeriod":{"start":"` + today + `","duration":"PT15M"},` + row(`"intervalPeriod":{"start":"`+today+`","duration":"PT6H30M15S"},`), today + " 0.1/6h30m15s 0.2/15m0s"},
		"a gap":             {`"intervalPeriod":{"start":"2026-03-28T05:00:00Z","duration":"P1D"},` + row(`"intervalPeriod":{"start":"`+today+`","duration":"PT1H"},`), today + " 0.1 0.2/24h0m0s"},
		"cut by the event":  {`"duration":"PT90M","intervalPeriod":{"start":"` + today + `","duration":"PT1H"},` + row(""), today + " 0.1 0.2/30m0s"},
		"looped":            {`"duration":"PT3H","intervalPeriod":{"start":"` + today + `","duration":"PT1H"},` + row(""), today + " 0.1 0.2 0.1"},
		"a week":            {`"intervalPeriod":{"start":"` + today + `","duration":"P1W"},` + row(""), today + " 0.1/168h0m0s 0.2"},
		"a month":           {`"intervalPeriod":{"start":"` + today + `","duration":"P1M"},` + row(""), today + " 0.1/169h0m0s"},
		"randomized starts": {`"intervalPeriod":{"start":"` + today + `","duration":"PT1H","randomizeStart":"PT5M"},` + row(""), today + " 0.1 0.2"},
	} {
		t.Run(what, func(t *testing.T) {
			u.t, h.t = t, t
			id, called := u.program("")
			u.event(id, c.fields)
			if got := line(poll(t, h.follow(called)).ImportPrice); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestVEN_LoopsForEver(t *testing.T) {
	u := vtn(t)
	id, called := u.program("")
	u.event(id, `"duration":"P9999Y",`+hours("2020-01-01T00:00:00Z", "0.1", "0.2"))
	s := poll(t, u.home().follow(called))
	if got := len(s.ImportPrice.Points); got != (1+7)*24+1 {
		t.Errorf("%d prices", got)
	}
	for _, p := range s.ImportPrice.Points {
		if want := []string{"0.1", "0.2"}[p.Start.Hour()%2]; p.Value.String() != want {
			t.Fatalf("at %v %v, want %s", p.Start, p.Value, want)
		}
	}
}

// Everything that means something to a home comes through this VTN.
func TestVEN_ReadsEveryKindOfPayload(t *testing.T) {
	u := vtn(t)
	payloads := map[string]string{
		"PRICE": "0.2", "EXPORT_PRICE": "0.08", "GHG": "321.5", "SIMPLE": "2",
		"IMPORT_CAPACITY_LIMIT": "4.2", "EXPORT_CAPACITY_LIMIT": "0", "IMPORT_CAPACITY_SUBSCRIPTION": "11",
		"DISPATCH_SETPOINT": "1.5", "DISPATCH_SETPOINT_RELATIVE": "-0.5", "CHARGE_STATE_SETPOINT": "0.8",
		"CONTROL_SETPOINT": `"eco"`, "OLS": "0.25", "CURVE": `{"x":0.9,"y":0.44},{"x":1.1,"y":-0.44}`,
		"ALERT_GRID_EMERGENCY": `"please save"`, "X_PRIVATE": "true",
	}
	var row, descriptors []string
	for kind, values := range payloads {
		row = append(row, fmt.Sprintf(`{"type":%q,"values":[%s]}`, kind, values))
	}
	for kind, units := range map[string]string{
		"PRICE": "KWH", "EXPORT_PRICE": "KWH", "GHG": "GHG", "CHARGE_STATE_SETPOINT": "PERCENT",
		"IMPORT_CAPACITY_LIMIT": "KW", "X_PRIVATE": "furlongs",
	} {
		descriptors = append(descriptors, fmt.Sprintf(`{"objectType":"EVENT_PAYLOAD_DESCRIPTOR","payloadType":%q,"units":%q,"currency":"EUR"}`, kind, units))
	}
	id, called := u.program("")
	u.event(id, fmt.Sprintf(`"priority":1,"intervalPeriod":{"start":%q,"duration":"PT1H"},"payloadDescriptors":[%s],"intervals":[{"id":7,"payloads":[%s]}]`,
		today, strings.Join(descriptors, ","), strings.Join(row, ",")))
	s := poll(t, u.home().follow(called))
	said := func(values ...any) (all []string) {
		for _, v := range values {
			text, _, _ := strings.Cut(fmt.Sprint(v), " (")
			all = append(all, text)
		}
		return all
	}
	price, ok1 := s.ImportPrice.At(now)
	export, ok2 := s.ExportPrice.At(now)
	carbon, ok3 := s.Carbon.At(now)
	level, ok4 := s.Level.At(now)
	most, ok5 := s.MaxImport.At(now)
	out, ok6 := s.MaxExport.At(now)
	bought, ok7 := s.ImportSubscription.At(now)
	dispatch, ok8 := s.Dispatch.At(now)
	change, ok9 := s.DispatchChange.At(now)
	charge, ok10 := s.Charge.At(now)
	control, ok11 := s.Control.At(now)
	shape, ok12 := s.LoadShape.At(now)
	got := said(price, export, carbon, level, most, out, bought, dispatch, change, charge, control, shape)
	want := []string{"0.2", "0.08", fmt.Sprint(energy.GramsPerKWh(321.5)), "2", "4.2kW", "0W", "11kW", "1.5kW", "-500W", "80%", `"eco"`, fmt.Sprint(energy.Share(0.25))}
	if isThere := []bool{ok1, ok2, ok3, ok4, ok5, ok6, ok7, ok8, ok9, ok10, ok11, ok12}; !slices.Equal(got, want) || slices.Contains(isThere, false) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if curves, ok := s.Inverter.At(now); !ok || fmt.Sprint(curves.Value) != "[[{0.9 0.44} {1.1 -0.44}]]" {
		t.Errorf("curves %v", curves)
	}
	if len(s.Alerts) != 1 || s.Alerts[0].Text != "please save" || *s.Alerts[0].Cause.Priority != 1 {
		t.Errorf("alerts %v", s.Alerts)
	}
}

// What a report is asked for with survives the VTN, defaults and all.
func TestEvent_AsksForReportsAsItWasWritten(t *testing.T) {
	u := vtn(t)
	id, _ := u.program("")
	event := u.event(id, `"reportDescriptors":[{"payloadType":"USAGE"},
		{"payloadType":"USAGE_FORECAST","readingType":"FORECAST","units":"KWH","historical":false,"frequency":1,"repeat":-1,"numIntervals":48,"startInterval":0,"aggregate":true}],`+
		hours(today, "0.1"))
	e, err := u.home().Event(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	want := []openadr.ReportDescriptor{
		{PayloadType: "USAGE", StartInterval: -1, NumIntervals: -1, IsHistorical: true, Frequency: -1, Repeat: 1},
		{PayloadType: "USAGE_FORECAST", ReadingType: "FORECAST", Units: "KWH", NumIntervals: 48, Frequency: 1, Repeat: -1, IsAggregate: true},
	}
	for i := range e.ReportDescriptors {
		if d := &e.ReportDescriptors[i]; len(d.Targets) == 0 && (d.ReportIntervals == "" || d.ReportIntervals == openadr.Intervals) {
			d.Targets, d.ReportIntervals = nil, "" // written out or left out, it is the same
		}
	}
	if got, _ := json.Marshal(e.ReportDescriptors); string(got) != string(must(json.Marshal(want))) {
		t.Errorf("got %s, want %+v", got, want)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
