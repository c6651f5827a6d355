package tariff

import (
	"strings"
	"testing"
	"time"

	"hearth/energy"
)

// A rule from two to three, where the clock jumps or repeats. Rome and Berlin jump from two to three, Los
// Angeles too; Sydney repeats two to three in autumn.
func TestExpand_ARuleOnTheDayTheClockChanges(t *testing.T) {
	for _, c := range []struct{ zone, day, want string }{
		{"Europe/Rome", "2026-03-28", "00:00 0.1|02:00 0.2|03:00 0.1"},
		{"Europe/Rome", "2026-03-29", "00:00 0.1"}, // vanishes
		{"Europe/Rome", "2026-10-25", "00:00 0.1|02:00 0.2|03:00 0.1"},
		{"Europe/Berlin", "2026-03-29", "00:00 0.1"},
		{"Europe/Berlin", "2026-10-25", "00:00 0.1|02:00 0.2|03:00 0.1"},
		{"America/Los_Angeles", "2026-03-08", "00:00 0.1"},
		{"America/Los_Angeles", "2026-11-01", "00:00 0.1|02:00 0.2|03:00 0.1"}, // repeats one to two, before the rule
		{"Australia/Sydney", "2026-10-04", "00:00 0.1"},
		{"Australia/Sydney", "2026-04-05", "00:00 0.1|02:00 0.2|03:00 0.1"},
	} {
		z, d := zone(t, c.zone), date(c.day)
		tariff := simple(z, Component{Name: "night", TimeOfUse: []Rule{rule(0, "02:00", "03:00", "0.2"), rule(0, "00:00", "24:00", "0.1")}})
		got := expand(t, tariff, energy.Interval{Start: d.start(z), End: d.plus(1).start(z)}, Inputs{}).Import
		if text := draw(got, z); text != c.want {
			t.Errorf("%s %s: %s, want %s", c.zone, c.day, text, c.want)
		}
		at := time.Duration(0)
		for _, p := range got.Points {
			if p.Value == price("0.2") {
				at += p.Length()
			}
		}
		want := time.Hour
		switch {
		case c.want == "00:00 0.1":
			want = 0
		case strings.HasSuffix(c.day, "10-25") || c.day == "2026-04-05":
			want = 2 * time.Hour
		}
		if at != want {
			t.Errorf("%s %s: the rule holds for %v, want %v", c.zone, c.day, at, want)
		}
	}
}

func TestExpand_TheRepeatedHourInLosAngeles(t *testing.T) {
	z := zone(t, "America/Los_Angeles")
	tariff := simple(z, Component{Name: "n", TimeOfUse: []Rule{rule(0, "01:30", "02:00", "0.2"), rule(0, "00:00", "24:00", "0.1")}})
	got := expand(t, tariff, between(t, z, "2026-11-01", "2026-11-02"), Inputs{}).Import
	if text := draw(got, z); text != "00:00 0.1|01:30 0.2|01:00 0.1|01:30 0.2|02:00 0.1" {
		t.Error(text)
	}
	if got.Points[0].Start.Location() != time.UTC {
		t.Error("instants are not in UTC")
	}
}

// Over midnight a rule belongs to the day it begins on: Thursday's night goes on into the holiday, the
// holiday's own begins at ten.
func TestExpand_WrapsIntoAHoliday(t *testing.T) {
	z := zone(t, "Europe/Rome")
	tariff := simple(z, Component{Name: "n", TimeOfUse: []Rule{
		rule(Weekdays, "22:00", "06:00", "0.1"), rule(Holiday, "00:00", "24:00", "0.2"), rule(Weekdays|Weekend, "00:00", "24:00", "0.3"),
	}})
	tariff.Holidays = italy
	for _, c := range []struct{ from, to, want string }{
		{"2026-12-24", "2026-12-26", "00:00 0.1|06:00 0.3|22:00 0.1|06:00 0.2"}, // Friday 25th
		{"2026-12-25", "2026-12-28", "00:00 0.1|06:00 0.2|00:00 0.3"},           // Saturday 26th, Sunday
		{"2026-05-01", "2026-05-03", "00:00 0.1|06:00 0.2|00:00 0.3"},
		{"2026-12-30", "2027-01-03", "00:00 0.1|06:00 0.3|22:00 0.1|06:00 0.3|22:00 0.1|06:00 0.2|00:00 0.3"}, // over the year
	} {
		if got := draw(expand(t, tariff, between(t, z, c.from, c.to), Inputs{}).Import, z); got != c.want {
			t.Errorf("%s: %s, want %s", c.from, got, c.want)
		}
	}
}

func TestExpand_SeasonsBelongToTheDayARuleBeginsOn(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	tariff := simple(z, Component{Name: "n", TimeOfUse: []Rule{rule(0, "22:00", "06:00", "0.1", time.December), rule(0, "00:00", "24:00", "0.3")}})
	if got := draw(expand(t, tariff, between(t, z, "2026-11-30", "2026-12-02"), Inputs{}).Import, z); got != "00:00 0.3|22:00 0.1" {
		t.Error(got)
	}
	if got := draw(expand(t, tariff, between(t, z, "2026-12-31", "2027-01-02"), Inputs{}).Import, z); got != "00:00 0.1|06:00 0.3|22:00 0.1|06:00 0.3" {
		t.Error(got)
	}
}

// Without the word, a holiday is the weekday it is.
func TestExpand_RulesThatNeverSayHolidayKnowNone(t *testing.T) {
	z := zone(t, "Europe/Rome")
	tariff := simple(z, Component{Name: "n", TimeOfUse: []Rule{rule(Weekdays, "00:00", "24:00", "0.3"), rule(Weekend, "00:00", "24:00", "0.1")}})
	tariff.Holidays = italy
	if got := draw(expand(t, tariff, between(t, z, "2026-12-25", "2026-12-27"), Inputs{}).Import, z); got != "00:00 0.3|00:00 0.1" {
		t.Error(got)
	}
}

func TestExpand_SpotVATAndFloor(t *testing.T) {
	z := zone(t, "Europe/Rome")
	day := between(t, z, "2026-05-12", "2026-05-13")
	in := Inputs{Spot: map[string]energy.Series[energy.Price]{"x": series(day.Start, 8*time.Hour, "-0.1", "?", "0.2")}}
	spot := func(factor, adder, floor string) Component {
		c := Component{Name: "spot", Spot: &Spot{Source: "x", Factor: decimal(factor), Adder: price(adder)}}
		if floor != "" {
			c.Spot.Floor = priceRef(floor)
		}
		return c
	}
	for name, c := range map[string]struct {
		components []Component
		want       string
	}{
		"negative stays negative":     {[]Component{spot("1", "0", "")}, "00:00 -0.122|08:00 ?|16:00 0.244"},
		"unless there is a floor":     {[]Component{spot("1", "0", "0")}, "00:00 0|08:00 ?|16:00 0.244"},
		"the floor comes after adder": {[]Component{spot("1", "0.05", "-0.02")}, "00:00 -0.0244|08:00 ?|16:00 0.305"},
		"factor and adder":            {[]Component{spot("1.5", "0.01", "")}, "00:00 -0.1708|08:00 ?|16:00 0.3782"},
		"what is fixed is no price":   {[]Component{spot("1", "0", ""), fixed("a", "0.1")}, "00:00 0|08:00 ?|16:00 0.366"},
		"included":                    {[]Component{spot("1", "0", ""), {Name: "a", VAT: Included, Fixed: priceRef("0.1")}}, "00:00 -0.022|08:00 ?|16:00 0.344"},
		"exempt":                      {[]Component{spot("1", "0", ""), {Name: "a", VAT: Exempt, Fixed: priceRef("0.1")}}, "00:00 -0.022|08:00 ?|16:00 0.344"},
		"a standing charge":           {[]Component{spot("1", "0", ""), {Name: "a", Standing: &Standing{PerDay, amount("1")}}}, "00:00 -0.122|08:00 ?|16:00 0.244"},
	} {
		tariff := simple(z, c.components...)
		tariff.Versions[0].Import.VAT = decimal("0.22")
		if got := draw(expand(t, tariff, day, in).Import, z); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Each factor by itself would round: 1e-12 times 1.5, three times, with 100 % VAT, is 9e-12.
func TestExpand_RoundsOnceHalfToEven(t *testing.T) {
	z := zone(t, "Europe/Rome")
	day := between(t, z, "2026-05-12", "2026-05-13")
	in := Inputs{Spot: map[string]energy.Series[energy.Price]{"x": series(day.Start, 24*time.Hour, "0.000000000001")}}
	for factor, want := range map[string]energy.Price{"1.5": 9, "0.5": 3, "0.25": 2, "0.41666666": 2, "0.41666667": 3, "-0.25": -2} {
		tariff := simple(z)
		for _, name := range []string{"a", "b", "c"} {
			tariff.Versions[0].Import.Components = append(tariff.Versions[0].Import.Components, Component{Name: name, Spot: &Spot{Source: "x", Factor: decimal(factor)}})
		}
		tariff.Versions[0].Import.VAT = One
		if got, _ := expand(t, tariff, day, in).Import.At(day.Start); got != want {
			t.Errorf("factor %s: %d, want %d", factor, got, want)
		}
	}
}

// A version that ends at midnight of a plan's day: no gap, no overlap, each side by its own.
func TestExpand_ChangesInTheMiddleOfAPlan(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	tariff := simple(z, fixed("old", "0.3"))
	tariff.Versions[0].Until = date("2026-07-01")
	tariff.Versions[0].Export = &Side{Components: []Component{fixed("feed in", "0.08")}}
	tariff.Versions = append([]Version{{From: date("2026-07-01"), Until: date("2027-01-01"), Import: Side{VAT: decimal("0.5"), Components: []Component{fixed("new", "0.2")}}}}, tariff.Versions...)
	plan := energy.Interval{Start: local(t, z, "2026-06-30 13:00"), End: local(t, z, "2026-07-01 13:00")}
	got := expand(t, tariff, plan, Inputs{})
	tariff.Versions[0].Import.VAT = decimal("0.4")
	changed := expand(t, tariff, plan, Inputs{})
	if a, b := draw(got.Import, z), draw(changed.Import, z); a != "13:00 0.3" || b != "13:00 0.3|00:00 0.28" {
		t.Errorf("%s, with another VAT %s", a, b)
	}
	if text := draw(got.Export, z); text != "13:00 0.08" || !got.Export.Extent().End.Equal(local(t, z, "2026-07-01 00:00")) {
		t.Errorf("export %s until %v", text, got.Export.Extent().End)
	}
	after := expand(t, tariff, between(t, z, "2026-12-31", "2027-01-02"), Inputs{}).Import
	if !after.Extent().End.Equal(local(t, z, "2027-01-01 00:00")) {
		t.Errorf("a price after the last version: %v", after)
	}
}

func TestExpand_TakesTheTierOfNow(t *testing.T) {
	z := zone(t, "Europe/Rome")
	tariff := simple(z, Component{Name: "t", Tiers: []Tier{{100_000, price("0.1")}, {200_000, price("0.2")}, {0, price("0.3")}}})
	tariff.Versions[0].Export = &tariff.Versions[0].Import
	within := between(t, z, "2026-05-30", "2026-06-02")
	for used, want := range map[float64]string{0: "00:00 0.1", 99_999: "00:00 0.1", 100_000: "00:00 0.2|00:00 0.1", 200_000: "00:00 0.3|00:00 0.1"} {
		got := expand(t, tariff, within, Inputs{Imported: energy.Read(energy.WattHours(used), within.Start), Exported: energy.Read(energy.WattHours(-used), within.Start)})
		if a, b := draw(got.Import, z), draw(got.Export, z); a != want || b != want {
			t.Errorf("%v: %s and %s, want %s", used, a, b, want)
		}
	}
	if got := expand(t, tariff, within, Inputs{}).Import; len(got.Points) != 0 {
		t.Errorf("nobody said what was used: %v", got)
	}
	late := energy.Read[energy.WattHours](150_000, local(t, z, "2026-06-01 12:00"))
	if got := draw(expand(t, tariff, within, Inputs{Imported: late}).Import, z); got != "00:00 0.2" {
		t.Errorf("before the month of the reading nothing is known: %s", got)
	}
}

func TestExpand_KeepsTheLoosestOrigin(t *testing.T) {
	z := zone(t, "Europe/Rome")
	day := between(t, z, "2026-05-12", "2026-05-13")
	with := func(o *energy.Origin) energy.Series[energy.Price] {
		s := series(day.Start, 24*time.Hour, "0.1")
		s.Points[0].Origin = o
		return s
	}
	final, forecast := &energy.Origin{Status: energy.Final}, &energy.Origin{Status: energy.Forecast}
	tariff := simple(z, Component{Name: "a", Spot: &Spot{Source: "a", Factor: One}}, Component{Name: "b", Spot: &Spot{Source: "b", Factor: One}}, fixed("c", "1"))
	got := expand(t, tariff, day, Inputs{Spot: map[string]energy.Series[energy.Price]{"a": with(forecast), "b": with(final)}}).Import
	if len(got.Points) != 1 || got.Points[0].Origin != forecast {
		t.Errorf("%v", got.Points)
	}
}

func TestExpand_RefusesInputsThatCannotBe(t *testing.T) {
	z := zone(t, "Europe/Rome")
	day := between(t, z, "2026-05-12", "2026-05-13")
	spot := Component{Name: "spot", Spot: &Spot{Source: "x", Factor: 9e18}}
	crowns := series(day.Start, 24*time.Hour, "1")
	crowns.Currency = "SEK"
	twice := series(day.Start, 24*time.Hour, "1", "1")
	twice.Points[1] = twice.Points[0]
	for want, s := range map[string]energy.Series[energy.Price]{
		`spot x: in "SEK", the tariff in "EUR"`: crowns,
		"spot x: ":                              twice,
		"import price at 2026-05-11T22:00:00":   series(day.Start, 24*time.Hour, "1000000"),
	} {
		_, err := Expand(simple(z, spot), day, Inputs{Spot: map[string]energy.Series[energy.Price]{"x": s}})
		if want = strings.Replace(want, "T22:00:00", " 22:00:00", 1); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Apia left out 30 December 2011. Days there need not be right to the hour, but they end.
func TestExpand_EndsWhereADayIsLeftOut(t *testing.T) {
	z := zone(t, "Pacific/Apia")
	tariff := simple(z, fixed("a", "1"))
	within := energy.Interval{Start: time.Date(2011, 12, 28, 0, 0, 0, 0, time.UTC), End: time.Date(2012, 1, 2, 0, 0, 0, 0, time.UTC)}
	if gaps := expand(t, tariff, within, Inputs{}).Import.Gaps(within); gaps != nil {
		t.Error(gaps)
	}
}
