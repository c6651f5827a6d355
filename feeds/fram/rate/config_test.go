package rate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

func TestNew_NamesWhatIsWrong(t *testing.T) {
	const hours, days = "must be hours such as mo-su 16:00-21:00, or rest, not ", "must be days such as 06-01..09-30, or rest, not "
	for want, change := range map[string]func(*Config){
		`unit_of_price "EUR/kWh": must be USD/kWh or cents/kWh`: func(c *Config) { c.Unit = "EUR/kWh" },
		`periods.shoulder: must be a period`:                    func(c *Config) { c.Periods["shoulder"] = rest },
		`periods.spring.peak: must be a period`:                 func(c *Config) { c.Periods["spring.peak"] = rest },
		`periods.summer.dawn: must be a period`:                 func(c *Config) { c.Periods["summer.dawn"] = rest },
		`periods.peak.summer: must be a period`:                 func(c *Config) { c.Periods["peak.summer"] = rest },
		`periods.a.b.peak: must be a period`:                    func(c *Config) { c.Periods["a.b.peak"] = rest },
		`seasons.spring: must be summer or winter`:              func(c *Config) { c.Seasons["spring"] = "03-01..05-31" },
		`seasons.july: must be summer or winter`:                func(c *Config) { c.Seasons["july"] = "07-01..07-31" },
		`seasons: 06-01 is in summer and in winter`:             func(c *Config) { c.Seasons["winter"] = "10-01..06-01" },
		`seasons: 01-01 is in summer and in winter`:             func(c *Config) { c.Seasons["summer"] = "12-24..01-06"; c.Seasons["winter"] = "01-01..12-23" },
		`seasons: 05-31 is neither in summer nor in winter`:     func(c *Config) { c.Seasons["winter"] = "10-01..05-30" },
		`seasons: 02-29 is neither in summer nor in winter`:     func(c *Config) { c.Seasons["summer"] = "03-01..09-30"; c.Seasons["winter"] = "10-01..02-28" },
	} {
		refused(t, change, want)
	}
	for _, text := range []string{"", "4pm-9pm", "mo-xx 16:00-21:00", "16:00-16:00", "a b c", "24:00-06:00", "16:00", "7:00-9:00", "mo 25:00-26:00", "16:00-21:00,", "mo rest"} {
		refused(t, func(c *Config) { c.Periods["peak"] = text }, fmt.Sprintf("periods.peak: %s%q", hours, text))
	}
	for _, text := range []string{"", "June", "06-01", "06-01-09-30", "06-31..07-01", "6-1..9-30", "06-01..09-30,"} {
		refused(t, func(c *Config) { c.Seasons["summer"] = text }, fmt.Sprintf("seasons.summer: %s%q", days, text))
	}
}

func refused(t *testing.T, change func(*Config), want string) {
	t.Helper()
	cfg := Config{Zone: time.UTC, Periods: map[string]string{"off_peak": rest}, Seasons: map[string]string{"summer": "06-01..09-30", "winter": rest}}
	change(&cfg)
	if _, err := New(cfg); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// Each day of a year has the season that its date says, also over the year's end and on the 29th of February.
func TestSeasons_OverTheEndOfTheYear(t *testing.T) {
	is := func(from, to string) func(string) bool {
		return func(day string) bool {
			if from <= to {
				return from <= day && day <= to
			}
			return from <= day || day <= to
		}
	}
	for name, c := range map[string]struct {
		summer, winter string
		isSummer       func(string) bool
	}{
		"a northern one":           {"06-01..09-30", rest, is("06-01", "09-30")},
		"a southern one":           {"10-01..03-31", rest, is("10-01", "03-31")},
		"said by its winter":       {rest, "11-15..02-28", is("02-29", "11-14")},
		"both are said":            {"03-01..10-31", "11-01..02-29", is("03-01", "10-31")},
		"a day around New Year":    {"12-31..01-01", rest, is("12-31", "01-01")},
		"a single day":             {"02-29..02-29", rest, is("02-29", "02-29")},
		"two parts, with overlap":  {"12-24..01-06, 01-01..01-10", rest, is("12-24", "01-10")},
		"the whole year, in parts": {"07-01..06-30", rest, is("01-01", "12-31")},
	} {
		rules := rulesOf(t, "Australia/Sydney", func(cfg *Config) {
			cfg.Seasons = map[string]string{"Summer": c.summer, "WINTER": c.winter}
		})
		r := mustRate(t, rules, `{"summer":{"flat":2},"winter":{"total":1}}`)
		for at := time.Date(2027, 7, 1, 12, 0, 0, 0, rules.zone); at.Year() < 2029; at = at.AddDate(0, 0, 1) {
			day := energy.Day(at, rules.zone)
			points := r.Over(day, nil)
			if len(points) != 1 || points[0].Interval != (energy.Interval{Start: day.Start.UTC(), End: day.End.UTC()}) || (points[0].Value == energy.PriceOf(2)) != c.isSummer(at.Format("01-02")) {
				t.Fatalf("%s: %v: %v", name, at, points)
			}
		}
	}
}

// A season whose days are not said by anybody has none; a rate that names it alone is missing on the others, also
// between two parts of it at one price.
func TestSeasons_ADayOfNoneIsMissing(t *testing.T) {
	rules := rulesOf(t, pacific, func(c *Config) { c.Seasons = map[string]string{"summer": "06-01..06-30, 08-01..09-30"} })
	r := mustRate(t, rules, `{"summer":{"flat":2}}`)
	days := func(first, last string) energy.Interval {
		return energy.Interval{Start: dayOf(t, first, rules.zone).Start.UTC(), End: dayOf(t, last, rules.zone).End.UTC()}
	}
	points := r.Over(days("2026-05-01", "2027-05-31"), nil)
	if len(points) != 2 || points[0].Interval != days("2026-06-01", "2026-06-30") || points[1].Interval != days("2026-08-01", "2026-09-30") {
		t.Errorf("%v", points)
	}
	if points = r.Over(days("2026-07-01", "2026-07-31"), nil); points != nil {
		t.Errorf("July: %v", points)
	}
}

// Spellings of names make no difference, in a rate and in a configuration.
func TestNames_AreOneInAllSpellings(t *testing.T) {
	for _, name := range periods {
		for _, spelling := range []string{name, strings.ToUpper(name), strings.ReplaceAll(name, "_", "-"), strings.ReplaceAll(name, "_", ""), strings.ReplaceAll(name, "_", " ")} {
			if periodOf(spelling) != name {
				t.Errorf("%q is %q", spelling, periodOf(spelling))
			}
			rules := rulesOf(t, pacific, func(c *Config) { c.Periods = map[string]string{"JUL." + spelling: rest} })
			if r := mustRate(t, rules, `{"July":{"`+spelling+`":1}}`); r.named["july"][name] != energy.PriceOf(1) {
				t.Errorf("%q: %v", spelling, r.named)
			}
		}
	}
	for spelling, want := range map[string]string{"Summer": summer, "winter ": winter, "MAR": "march", "Dec": "december", "sept": "", "fall": "", "": ""} {
		if got := seasonOf(spelling); got != want {
			t.Errorf("%q is %q, want %q", spelling, got, want)
		}
	}
	rules := rulesOf(t, pacific, nil)
	if _, err := rules.Parse([]byte(`{"jul":{"flat":1},"July":{"flat":1}}`)); err == nil {
		t.Error("a month that is there twice")
	}
	if _, err := rules.Parse([]byte(`{"july":{"flat":1},"winter":{"flat":1}}`)); err == nil {
		t.Error("a month beside a season")
	}
}
