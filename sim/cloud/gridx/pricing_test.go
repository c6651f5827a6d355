package gridx

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

func TestPricing_PreliminaryBecomesFinal(t *testing.T) {
	s := serve(t, "2026-03-02T16:29:59-08:00", func(c *Config) { c.Forecast = tenfold })
	source := s.source(t, nil)
	tomorrow := s.days(at(t, "2026-03-03T12:00:00-08:00"), 1)
	for _, step := range []struct {
		now    string
		status energy.Status // empty: not out
		scale  energy.Price
	}{
		{"2026-03-02T16:29:59-08:00", "", 0},
		{"2026-03-02T16:30:00-08:00", energy.Preliminary, 10},
		{"2026-03-02T18:29:59-08:00", energy.Preliminary, 10},
		{"2026-03-02T18:30:00-08:00", energy.Final, 1},
		{"2026-03-09T09:00:00-07:00", energy.Final, 1},
	} {
		s.set(t, step.now)
		v, err := source.Fetch(t.Context(), tomorrow)
		if step.status == "" {
			// PGE's forecast of a week ago has been out since then: only the hour of the last day is new.
			if err != nil || len(v.Import.Points) == 0 || v.Import.Points[0].Origin.Status != energy.Preliminary {
				t.Errorf("%s: %v, %v", step.now, v.Coverage(), err)
			}
			continue
		}
		if err != nil || len(v.Import.Gaps(tomorrow)) != 0 || len(v.Import.Points) != 24 || len(v.Remarks) != 0 {
			t.Fatalf("%s: %v, %v, %v", step.now, v.Coverage(), v.Remarks, err)
		}
		for _, p := range v.Import.Points {
			if p.Origin.Status != step.status || p.Value != step.scale*hourly(p.Start) {
				t.Fatalf("%s: %v is %v, %s", step.now, p.Start, p.Value, p.Origin.Status)
			}
		}
	}
}

func TestPricing_WithoutAForecastOfTheWeekTomorrowIsNotOutBeforeItsHour(t *testing.T) {
	for utility, c := range map[string]struct{ before, after, circuit string }{
		"PGE": {"2026-03-02T16:29:59-08:00", "2026-03-02T16:30:00-08:00", "013532223"},
		"SCE": {"2026-03-02T17:59:59-08:00", "2026-03-02T18:00:00-08:00", "Eagle Rock"},
	} {
		s := serve(t, c.before, func(conf *Config) {
			conf.Utility, conf.Circuits, conf.Ahead = utility, []string{c.circuit}, 1
		})
		source := s.source(t, feeds.Settings{"utility": utility, "circuit": c.circuit})
		tomorrow := s.days(at(t, "2026-03-03T12:00:00-08:00"), 1)
		if _, err := source.Fetch(t.Context(), tomorrow); feeds.KindOf(err) != feeds.NotYet {
			t.Errorf("%s: %v", utility, err)
		}
		if v, err := source.Fetch(t.Context(), s.days(s.Now(), 2)); err != nil || len(v.Import.Points) != 24 {
			t.Errorf("%s, today: %v, %v", utility, v.Coverage(), err)
		}
		s.set(t, c.after)
		if v, err := source.Fetch(t.Context(), s.days(s.Now(), 2)); err != nil || len(v.Import.Points) != 48 {
			t.Errorf("%s, after: %v, %v", utility, v.Coverage(), err)
		}
	}
}

func TestPricing_TheDaysOfTheChangeAreWhole(t *testing.T) {
	for _, step := range []time.Duration{time.Hour, 15 * time.Minute} {
		for _, layout := range []string{PlainOffset, ColonOffset, Millis} {
			for day, hours := range map[string]int{"2026-03-08T12:00:00-07:00": 23, "2026-11-01T12:00:00-08:00": 25, "2026-11-02T12:00:00-08:00": 24} {
				s := serve(t, day, func(c *Config) { c.Step, c.Layout = step, layout })
				span := s.days(s.Now(), 1)
				v, err := s.source(t, nil).Fetch(t.Context(), span)
				if want := hours * int(time.Hour/step); err != nil || len(v.Import.Points) != want || len(v.Import.Gaps(span)) != 0 || len(v.Remarks) != 0 {
					t.Errorf("%s in %v as %s: %v, %v, %v", day, step, layout, v.Coverage(), v.Remarks, err)
				}
				for _, p := range v.Import.Points {
					if p.Length() != step || p.Value != hourly(p.Start) {
						t.Fatalf("%s in %v as %s: %v is %v", day, step, layout, p.Interval, p.Value)
					}
				}
			}
		}
	}
}

func TestPricing_EndsAreTheLastSecond(t *testing.T) {
	s := serve(t, "2026-03-08T12:00:00-07:00", nil)
	d := s.prices(t, "startdate=20260307&enddate=20260308")
	if len(d.Data) != 2 {
		t.Fatalf("%d days", len(d.Data))
	}
	h := d.Data[1].Header
	if h.Start != "2026-03-08T00:00:00-0800" || h.End != "2026-03-08T23:59:59-0700" || h.Count != 23 || h.Name != "PGE-CalFUSE-EELEC-SECONDARY" {
		t.Errorf("%+v", h)
	}
	if d.Meta.Code != http.StatusOK || !strings.Contains(d.Meta.Body, `"representativeCircuitId":"013532223"`) {
		t.Errorf("%+v", d.Meta)
	}
}

func TestPricing_WhateverIsWrongIsNoContent(t *testing.T) {
	s := serve(t, "2026-03-08T12:00:00-07:00", nil)
	const good = "/getPricing?utility=PGE&market=DAM&program=CalFUSE&startdate=20260307&enddate=20260308&ratename=EELEC&representativeCircuitId=013532223"
	if status, _ := s.get(t, good); status != http.StatusOK {
		t.Fatalf("a good question: %d", status)
	}
	if status, _ := s.get(t, good+"&cca=MCE"); status != http.StatusOK {
		t.Errorf("with a CCA: %d", status)
	}
	for name, q := range map[string]string{
		"a utility":         strings.Replace(good, "PGE", "SCE", 1),
		"a market":          strings.Replace(good, "DAM", "RTM", 1),
		"a program":         strings.Replace(good, "CalFUSE", "CalFuse", 1),
		"a rate":            strings.Replace(good, "EELEC", "eelec", 1),
		"a circuit":         strings.Replace(good, "013532223", "13532223", 1),
		"a CCA":             good + "&cca=XYZ",
		"a date with signs": strings.Replace(good, "20260307", "2026-03-07", 1),
		"no date":           strings.Replace(good, "startdate=20260307&", "", 1),
		"ends swapped":      strings.Replace(good, "20260307", "20260309", 1),
		"not out":           strings.NewReplacer("20260307", "20260409", "20260308", "20260409").Replace(good),
		"too long ago":      strings.NewReplacer("20260307", "20240530", "20260308", "20240531").Replace(good),
		"too much":          strings.Replace(good, "20260307", "20260222", 1),
	} {
		if status, body := s.get(t, q); status != http.StatusNoContent || body != "" {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

func TestPricing_PartsAddUp(t *testing.T) {
	for utility, n := range map[string]int{"PGE": 3, "SCE": 8} {
		s := &server{Config: Config{Utility: utility}}
		for _, total := range []int64{0, 1, -1, 53_046, -14_427, 1_999_999} {
			sum, split := energy.Price(0), s.split(total)
			for _, p := range split {
				part, err := energy.ParseDecimalPrice(p.Price)
				if err != nil || p.Name == "" || p.Type == "" {
					t.Fatalf("%+v: %v", p, err)
				}
				sum += part
			}
			if len(split) != n || sum != energy.Price(total)*1_000_000 {
				t.Errorf("%s: %d parts of %d are %v", utility, len(split), total, sum)
			}
		}
	}
}

func TestMillionths_RoundsToTheNearest(t *testing.T) {
	for text, want := range map[string]string{"0.0000005": "0.000001", "-0.0000005": "-0.000001", "0.12345649": "0.123456", "-0.014427": "-0.014427", "12": "12.000000"} {
		p, err := energy.ParseDecimalPrice(text)
		if got := decimal(millionths(p)); err != nil || got != want {
			t.Errorf("%s is %s, want %s (%v)", text, got, want, err)
		}
	}
}

func TestPricing_AMistakeIsToldFromWhatIsNotOut(t *testing.T) {
	s := serve(t, "2026-03-02T12:00:00-08:00", nil)
	_, err := s.source(t, feeds.Settings{"circuit": "999999999"}).Fetch(t.Context(), s.days(s.Now(), 2))
	if feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(err.Error(), "999999999") {
		t.Error(err)
	}
}
