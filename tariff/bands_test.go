package tariff

import (
	"fmt"
	"testing"
	"time"

	"hearth/energy"
)

var italy = Holidays{Country: "IT"}

func bandsOf(t testing.TB, calendar string, within energy.Interval) energy.Series[string] {
	t.Helper()
	s, err := ExpandBands(calendar, zone(t, "Europe/Rome"), italy, within)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The vectors of notes/providers.md, section 4.
func TestBands_OfItalyFollowTheVectorsOfTheNote(t *testing.T) {
	rome := zone(t, "Europe/Rome")
	s := bandsOf(t, "f1-f2-f3", between(t, rome, "2026-01-01", "2028-01-01"))
	for at, want := range map[string]string{
		"2026-04-06 10:00": "F3", // Easter Monday
		"2025-12-31 12:00": "",   // outside
		"2026-12-25 12:00": "F3", // a Friday
		"2026-04-01 06:59": "F3", "2026-04-01 07:00": "F2", "2026-04-01 07:59": "F2", "2026-04-01 08:00": "F1",
		"2026-04-01 18:59": "F1", "2026-04-01 19:00": "F2", "2026-04-01 22:59": "F2", "2026-04-01 23:00": "F3",
		"2026-04-04 06:59": "F3", "2026-04-04 07:00": "F2", "2026-04-04 12:00": "F2", "2026-04-04 22:59": "F2", "2026-04-04 23:00": "F3",
		"2026-08-15 12:00": "F3",                                                     // a Saturday and a holiday
		"2026-10-05 12:00": "F1", "2027-03-29 12:00": "F3", "2027-04-05 12:00": "F1", // Easter Monday moves
	} {
		if got, _ := s.At(local(t, rome, at)); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
	for day, length := range map[string]time.Duration{"2026-03-29": 23 * time.Hour, "2026-10-25": 25 * time.Hour} {
		d := date(day)
		points := s.Slice(energy.Interval{Start: d.start(rome), End: d.plus(1).start(rome)}).Points
		if len(points) != 1 || points[0].Value != "F3" || points[0].Length() != length {
			t.Errorf("%s: %v", day, points)
		}
	}
}

// A year by hand: 2026 has 365 days, of which 261 are Monday to Friday; seven holidays fall on these (1 and
// 6 January, 6 April, 1 May, 2 June, 8 and 25 December), and two of the 52 Saturdays are holidays (25 April,
// 15 August and 26 December make three).
func TestBands_OfAYearAddUp(t *testing.T) {
	rome := zone(t, "Europe/Rome")
	year := between(t, rome, "2026-01-01", "2027-01-01")
	sum := map[string]time.Duration{}
	for _, p := range bandsOf(t, "f1-f2-f3", year).Points {
		sum[p.Value] += p.Length()
	}
	workdays, saturdays := time.Duration(261-7), time.Duration(52-3)
	want := map[string]time.Duration{"F1": workdays * 11 * time.Hour, "F2": (workdays*5 + saturdays*16) * time.Hour}
	want["F3"] = year.Length() - want["F1"] - want["F2"]
	if fmt.Sprint(sum) != fmt.Sprint(want) {
		t.Errorf("%v, by hand %v", sum, want)
	}
}

func TestBands_F23IsF2AndF3(t *testing.T) {
	year := between(t, zone(t, "Europe/Rome"), "2026-01-01", "2027-01-01")
	three, two := bandsOf(t, "f1-f2-f3", year), bandsOf(t, "f1-f23", year)
	for at := year.Start; at.Before(year.End); at = at.Add(15 * time.Minute) {
		a, _ := three.At(at)
		b, _ := two.At(at)
		if (a == "F1") != (b == "F1") || (a != "F1") != (b == "F23") {
			t.Fatalf("%v: %s and %s", at, a, b)
		}
	}
}

func TestBands_RefuseWhatCannotBe(t *testing.T) {
	rome := zone(t, "Europe/Rome")
	day := between(t, rome, "2026-01-01", "2026-01-02")
	for name, try := range map[string]func() (energy.Series[string], error){
		"no zone":     func() (energy.Series[string], error) { return ExpandBands("f1-f2-f3", nil, italy, day) },
		"no calendar": func() (energy.Series[string], error) { return ExpandBands("f4", rome, italy, day) },
		"no holidays": func() (energy.Series[string], error) { return ExpandBands("f1-f2-f3", rome, Holidays{}, day) },
		"too long": func() (energy.Series[string], error) {
			return ExpandBands("f1-f2-f3", rome, italy, between(t, rome, "2026-01-01", "2226-01-01"))
		},
	} {
		if s, err := try(); err == nil || len(s.Points) > 0 {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
}

// Whether the new holiday of 4 October is one for the bands is not known yet: it is a day of one's own.
func TestHolidays_OfOnesOwnCount(t *testing.T) {
	rome := zone(t, "Europe/Rome")
	at := local(t, rome, "2027-10-04 12:00")
	for want, h := range map[string]Holidays{"F1": italy, "F3": {Country: "IT", Own: []Date{date("10-04")}}} {
		s, err := ExpandBands("f1-f2-f3", rome, h, energy.Day(at, rome))
		if got, _ := s.At(at); err != nil || got != want {
			t.Errorf("%v: %v, %v", h, got, err)
		}
	}
}

func TestHolidays_OfEachCountry(t *testing.T) {
	for _, c := range []struct {
		country   string
		yes, no   []string
		exception string
	}{
		{"IT", []string{"2026-01-06", "2025-04-21", "2026-04-06", "2027-03-29", "2026-06-02"}, []string{"2026-04-05", "2026-04-07", "2026-10-05"}, ""},
		{"DE", []string{"2026-10-03", "2026-05-14"}, []string{"2026-01-06", "2026-11-01"}, ""},
		{"DE-BY", []string{"2026-01-06", "2026-11-01"}, []string{"2026-10-31"}, ""},
		{"AT", []string{"2026-10-26"}, []string{"2026-10-03"}, ""},
		{"FR", []string{"2026-07-14"}, []string{"2026-07-04"}, ""},
		{"ES", []string{"2026-10-12"}, nil, ""}, {"NL", []string{"2026-04-27"}, nil, ""}, {"BE", []string{"2026-07-21"}, nil, ""},
		{"DK", []string{"2026-04-02"}, nil, ""}, {"SE", []string{"2026-06-06"}, nil, ""}, {"NO", []string{"2026-05-17"}, nil, ""},
		{"FI", []string{"2026-12-06"}, nil, ""}, {"CH", []string{"2026-08-01"}, nil, ""},
		{"GB", []string{"2026-12-28", "2026-12-26"}, []string{"2026-12-29"}, ""},
		{"US", []string{"2026-11-26", "2026-07-03", "2021-12-31"}, []string{"2026-11-27"}, ""},
		{"US", nil, []string{"2026-11-26"}, "Thanksgiving Day"},
		{"AU-NSW", []string{"2026-01-26", "2026-06-08"}, []string{"2026-03-09"}, ""}, {"AU-VIC", []string{"2026-03-09"}, nil, ""},
	} {
		h := Holidays{Country: c.country}
		if c.exception != "" {
			h.Except = []string{c.exception}
		}
		var f faults
		if h.faults(&f); f.err() != nil {
			t.Error(f.err())
		}
		days := newCalendar(&h)
		for _, d := range c.yes {
			if !days.day(date(d)).isHoliday {
				t.Errorf("%s: %s is none", c.country, d)
			}
		}
		for _, d := range c.no {
			if days.day(date(d)).isHoliday {
				t.Errorf("%s: %s is one", c.country, d)
			}
		}
	}
}

// Where the machine stands must not matter: in Havana there is no midnight on 8 March 2026.
func TestHolidays_DoNotDependOnTheMachine(t *testing.T) {
	old := time.Local
	defer func() { time.Local = old }()
	time.Local = zone(t, "Europe/Rome")
	want := italy.year(2026)
	time.Local = zone(t, "America/Havana")
	if got := italy.year(2026); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v in Havana, %v in Rome", got, want)
	}
}

func BenchmarkExpand_AYearOfBandsWithHolidays(b *testing.B) {
	rome := zone(b, "Europe/Rome")
	tariff := simple(rome, Component{Name: "energy", Bands: &Bands{"f1-f2-f3", map[string]energy.Price{"F1": price("0.3"), "F2": price("0.25"), "F3": price("0.2")}}}, fixed("grid", "0.05"))
	tariff.Holidays = italy
	year := between(b, rome, "2026-01-01", "2027-01-01")
	for b.Loop() {
		expand(b, tariff, year, Inputs{})
	}
}

func BenchmarkExpand_AYearOfQuarterHoursOfSpot(b *testing.B) {
	rome := zone(b, "Europe/Rome")
	tariff := everything(rome)
	year := between(b, rome, "2026-01-01", "2027-01-01")
	in := Inputs{Spot: map[string]energy.Series[energy.Price]{"day_ahead": quarters(year)}}
	for b.Loop() {
		expand(b, tariff, year, in)
	}
}

func quarters(within energy.Interval) energy.Series[energy.Price] {
	var points []energy.Point[energy.Price]
	for at := within.Start; at.Before(within.End); at = at.Add(15 * time.Minute) {
		points = append(points, energy.Point[energy.Price]{Interval: energy.Span(at, 15*time.Minute), Value: energy.Price(at.Hour()-3) * 1e10})
	}
	return energy.Series[energy.Price]{Currency: "EUR", Points: points}
}

// everything has spot, bands, time of use, a fixed part and VAT.
func everything(z *time.Location) Tariff {
	t := simple(z,
		Component{Name: "spot", Spot: &Spot{Source: "day_ahead", Factor: decimal("1.1"), Adder: price("0.01")}},
		Component{Name: "grid", Bands: &Bands{"f1-f2-f3", map[string]energy.Price{"F1": price("0.1"), "F2": price("0.08"), "F3": price("0.05")}}},
		Component{Name: "season", TimeOfUse: []Rule{rule(Weekdays, "17:00", "20:00", "0.02", 12, 1, 2), rule(0, "00:00", "24:00", "0")}},
		fixed("levy", "0.0227"))
	t.Holidays, t.Versions[0].Import.VAT = italy, decimal("0.1")
	return t
}
