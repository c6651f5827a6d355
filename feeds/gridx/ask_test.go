package gridx

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/feeds"
)

// answering is a source of which every question is answered by a function.
func answering(t *testing.T, settings feeds.Settings, answer func(url.Values) (status int, body string)) *Source {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body := answer(r.URL.Query())
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if status != http.StatusNoContent {
			fmt.Fprint(w, body)
		}
	}))
	t.Cleanup(server.Close)
	all := feeds.Settings{"utility": "PGE", "rate": "EELEC", "circuit": "013532223", "url": server.URL}
	for key, value := range settings {
		all[key] = value
	}
	s, err := Type.New(all, feeds.Net{Now: func() time.Time { return at(t, "2026-03-02T19:00:00-08:00") }})
	if err != nil {
		t.Fatal(err)
	}
	return s.(*Source)
}

func TestFetch_AsksForEachDayToComeByItselfUntilOneIsNotOut(t *testing.T) {
	var asked []string
	s := answering(t, nil, func(q url.Values) (int, string) {
		asked = append(asked, q.Get("startdate")+"-"+q.Get("enddate"))
		if q.Get("startdate") > "20260304" {
			return http.StatusNoContent, ""
		}
		return http.StatusOK, pricesText(dayText(t, q.Get("startdate"), "Final"))
	})
	week := energy.Interval{Start: at(t, "2026-03-02T00:00:00-08:00"), End: at(t, "2026-03-09T00:00:00-07:00")}
	v, err := s.Fetch(t.Context(), week)
	want := []string{"20260302-20260302", "20260303-20260303", "20260304-20260304", "20260305-20260305"}
	if err != nil || len(v.Import.Points) != 72 || !slices.Equal(asked, want) {
		t.Errorf("asked for %v: %v, %v", asked, v.Coverage(), err)
	}
}

func TestFetch_NamesWithBlanksAndZerosTravelWhole(t *testing.T) {
	for _, settings := range []feeds.Settings{
		{"utility": "SCE", "rate": "TOU-D-58", "circuit": "Eagle Rock"}, {"utility": "SCE", "rate": "TOU-PRIME", "circuit": "Vista 66"},
		{"circuit": "013532223", "cca": "3CE"}, {"circuit": "012041131", "rate": "AG-A1"},
	} {
		s := answering(t, settings, func(q url.Values) (int, string) {
			for key, name := range map[string]string{"utility": "utility", "rate": "ratename", "circuit": "representativeCircuitId", "cca": "cca"} {
				if want := settings[key]; want != "" && q.Get(name) != want {
					t.Errorf("%s is %q, want %q", name, q.Get(name), want)
				}
			}
			return http.StatusOK, pricesText(dayText(t, q.Get("startdate"), "Final"))
		})
		if _, err := s.Fetch(t.Context(), energy.Span(at(t, "2026-03-02T12:00:00-08:00"), time.Hour)); err != nil {
			t.Error(err)
		}
	}
}

func TestFetch_AMistakeNamesAllThatWasAskedFor(t *testing.T) {
	s := answering(t, feeds.Settings{"cca": "XYZ"}, func(url.Values) (int, string) { return http.StatusNoContent, "" })
	_, err := s.Fetch(t.Context(), energy.Span(at(t, "2026-03-02T12:00:00-08:00"), time.Hour))
	for _, part := range []string{"PGE", "EELEC", "013532223", "XYZ"} {
		if feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(err.Error(), part) {
			t.Errorf("%v, want %s in it", err, part)
		}
	}
}

func TestFetch_WhatIsNoAnswerIsNotTakenForAnEmptyOne(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   feeds.FailureKind
	}{
		"no body":                {http.StatusOK, "", feeds.Temporary},
		"refused in the body":    {http.StatusOK, `{"meta":{"code":400,"requestURL":null,"response":"Invalid ratename"},"data":null}`, feeds.Misconfigured},
		"refused by the status":  {http.StatusBadRequest, `{"message":"Invalid ratename"}`, feeds.Misconfigured},
		"a gateway in trouble":   {http.StatusBadGateway, `{"message":"Internal server error"}`, feeds.Temporary},
		"a day of another price": {http.StatusOK, strings.Replace(pricesText(dayText(t, "20260302", "Final")), "kWh", "MWh", 1), feeds.Misconfigured},
	} {
		n := 0
		s := answering(t, nil, func(url.Values) (int, string) { n++; return c.status, c.body })
		_, err := s.Fetch(t.Context(), energy.Span(at(t, "2026-03-02T12:00:00-08:00"), time.Hour))
		if feeds.KindOf(err) != c.kind || err == nil || n != 1 {
			t.Errorf("%s: %v after %d questions", name, err, n)
		}
	}
}

// The answer is whole days, which were asked for twice or come unasked.
func TestFetch_KeepsTheFirmerOfTwoAnswers(t *testing.T) {
	s := answering(t, nil, func(q url.Values) (int, string) {
		final, preliminary := dayText(t, "20260302", "Final"), strings.ReplaceAll(dayText(t, "20260302", "Preliminary"), `"0.`, `"7.`)
		if q.Get("startdate") == "20260302" {
			return http.StatusOK, pricesText(preliminary, final)
		}
		return http.StatusOK, pricesText(preliminary, dayText(t, "20260303", "Preliminary"))
	})
	v, err := s.Fetch(t.Context(), energy.Interval{Start: at(t, "2026-03-02T00:00:00-08:00"), End: at(t, "2026-03-04T00:00:00-08:00")})
	if err != nil || len(v.Import.Points) != 48 || len(v.Remarks) != 0 {
		t.Fatalf("%v, %q, %v", v.Coverage(), v.Remarks, err)
	}
	for i, p := range v.Import.Points {
		if want := map[bool]energy.Status{true: energy.Final, false: energy.Preliminary}[i < 24]; p.Origin.Status != want || p.Value > energy.PriceOf(1) {
			t.Errorf("%v: %v, %s", p.Interval, p.Value, p.Origin.Status)
		}
	}
}

func TestInstant_WantsAnOffset(t *testing.T) {
	want := at(t, "2026-03-08T10:00:00Z")
	for _, text := range []string{"2026-03-08T03:00:00-0700", "2026-03-08T03:00:00-07:00", "2026-03-08T03:00:00.000-0700", "2026-03-08T03:00:00.000-07:00", "2026-03-08T10:00:00Z"} {
		if got, err := instant(text); err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "2026-03-08", "2026-03-08T03:00:00", "2026-03-08 03:00:00-0700", "2026-03-08T25:00:00-0700", "2026-03-08T03:00-07:00", "20260308T030000-0700"} {
		if got, err := instant(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

// The pieces of a span are whole local days that follow on each other and hold all of it, none longer than it may be.
func TestDays_AreWholeAndHoldTheSpan(t *testing.T) {
	s, _ := source(t, at(t, "2026-03-02T15:00:00-08:00"), "2026-03-02", "EELEC")
	rapid.Check(t, func(t *rapid.T) {
		minute := func(name string, most int) time.Duration {
			return time.Duration(rapid.IntRange(0, most).Draw(t, name)) * time.Minute
		}
		span := energy.Span(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC).Add(minute("start", 300*1440)), minute("length", 40*1440))
		n := rapid.IntRange(1, 15).Draw(t, "days")
		pieces, end := s.days(span, n), span.Start
		for i, piece := range pieces {
			days := 0
			for day := energy.Day(piece.Start, s.zone); day.Start.Before(piece.End); day = energy.Day(day.End, s.zone) {
				days++
			}
			if days < 1 || days > n || piece.Start != energy.Day(piece.Start, s.zone).Start || piece.End != energy.Day(piece.End, s.zone).Start || i > 0 && !piece.Start.Equal(end) {
				t.Fatalf("%v in pieces of %d: %v", span, n, pieces)
			}
			end = piece.End
		}
		if len(pieces) > 0 && !pieces[0].Contains(span.Start) || end.Before(span.End) || len(pieces) > 0 && !pieces[len(pieces)-1].Contains(span.End.Add(-1)) {
			t.Fatalf("%v in pieces of %d: %v", span, n, pieces)
		}
		at := span.Start.Add(minute("cut", 50*1440) - 5*1440*time.Minute)
		before, after := cut(span, at)
		if max(before.Length(), 0)+max(after.Length(), 0) != span.Length() || !before.IsEmpty() && before.End.After(at) || !after.IsEmpty() && after.Start.Before(at) {
			t.Fatalf("%v is cut at %v into %v and %v", span, at, before, after)
		}
	})
}
