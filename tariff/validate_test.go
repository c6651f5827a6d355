package tariff

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"

	"pgregory.net/rapid"
)

func TestValidate_NamesEachFaultByItsPath(t *testing.T) {
	z := zone(t, "Europe/Rome")
	one := func(c Component) func(*Tariff) {
		return func(t *Tariff) { t.Versions[0].Import.Components[0] = c }
	}
	tou := func(rules ...Rule) func(*Tariff) { return one(Component{Name: "a", TimeOfUse: rules}) }
	all := rule(0, "00:00", "24:00", "0.1")
	peak := func(change func(*Peak)) func(*Tariff) {
		return func(t *Tariff) {
			p := Peak{Name: "p", Price: amount("5"), Highest: 3, Averaging: time.Hour}
			change(&p)
			t.Versions[0].Peaks = []Peak{p}
		}
	}
	for want, breakIt := range map[string]func(*Tariff){
		"zone: missing: prices follow the wall clock of a place":                   func(t *Tariff) { t.Zone = nil },
		"zone: the machine's zone is not a place":                                  func(t *Tariff) { t.Zone = time.Local },
		`currency: currency "euro": want three capital letters, for example "EUR"`: func(t *Tariff) { t.Currency = "euro" },
		"versions: none": func(t *Tariff) { t.Versions = nil },
		`holidays.except[0]: IT has no "Ferragosto"`:                                                                 func(t *Tariff) { t.Holidays.Except = []string{"Ferragosto"} },
		"holidays.own[1]: 02-30 is not a day":                                                                        func(t *Tariff) { t.Holidays.Own = []Date{date("02-29"), {0, 2, 30}} },
		"versions[0].until: 2026-01-01 is not after 2026-01-01":                                                      func(t *Tariff) { t.Versions[0].From, t.Versions[0].Until = date("2026-01-01"), date("2026-01-01") },
		"versions[0].from: 2026-02-29 is not a day of a year":                                                        func(t *Tariff) { t.Versions[0].From = Date{2026, 2, 29} },
		"versions[0].until: 05-01 is not a day of a year":                                                            func(t *Tariff) { t.Versions[0].Until = date("05-01") },
		"versions[1].from: overlaps versions[0]":                                                                     func(t *Tariff) { t.Versions = append(t.Versions, t.Versions[0]) },
		"versions[0].import.vat: 22 is not between 0 and 1":                                                          func(t *Tariff) { t.Versions[0].Import.VAT = 22 * One },
		"versions[0].import.components: none":                                                                        func(t *Tariff) { t.Versions[0].Import.Components = nil },
		"versions[0].export.components: none":                                                                        func(t *Tariff) { t.Versions[0].Export = &Side{} },
		"versions[0].import.components[0].name: missing":                                                             one(fixed("", "1")),
		`versions[0].import.components[1].name: "a" is there twice`:                                                  func(t *Tariff) { s := &t.Versions[0].Import; s.Components = append(s.Components, s.Components[0]) },
		`versions[0].import.components[0].vat: "no": want "included", "exempt" or nothing`:                           one(Component{Name: "a", VAT: "no", Fixed: priceRef("1")}),
		"versions[0].import.components[0].kind: has 0, want one of spot, bands, time_of_use, tiers, fixed, standing": one(Component{Name: "a"}),
		"versions[0].import.components[0].kind: has 2, want one of spot, bands, time_of_use, tiers, fixed, standing": one(Component{Name: "a", Fixed: priceRef("1"), Standing: &Standing{Per: PerDay}}),
		"versions[0].import.components[0].spot.source: missing":                                                      one(Component{Name: "a", Spot: &Spot{}}),
		`versions[0].import.components[0].standing.per: "week": want "day", "month" or "year"`:                       one(Component{Name: "a", Standing: &Standing{Per: "week"}}),
		`versions[0].import.components[0].bands.calendar: "f9" is not known; known are f1-f2-f3, f1-f23`:             one(Component{Name: "a", Bands: &Bands{Calendar: "f9"}}),
		"versions[0].import.components[0].bands.prices: F23 is missing":                                              one(Component{Name: "a", Bands: &Bands{"f1-f23", map[string]energy.Price{"F1": 1}}}),
		`versions[0].import.components[0].bands.prices: f1-f23 has no "F2"`:                                          one(Component{Name: "a", Bands: &Bands{"f1-f23", map[string]energy.Price{"F1": 1, "F23": 1, "F2": 1}}}),
		"versions[0].import.components[0].tiers: one price at all times is fixed: want at least two":                 one(Component{Name: "a", Tiers: []Tier{{0, 1}}}),
		"versions[0].import.components[0].tiers[1].up_to: 100Wh is not more than the 100Wh below it":                 one(Component{Name: "a", Tiers: []Tier{{100, 1}, {100, 1}, {0, 2}}}),
		"versions[0].import.components[0].tiers[1].up_to: the last tier has no limit":                                one(Component{Name: "a", Tiers: []Tier{{100, 1}, {200, 1}}}),
		"versions[0].import.components[0].time_of_use: no rule for January, mo at 22:00":                             tou(rule(0, "06:00", "22:00", "1"), rule(Weekend|Holiday, "00:00", "24:00", "1"), rule(Weekdays, "00:00", "06:00", "2")),
		"versions[0].import.components[0].time_of_use: no rule for February, su at 00:00":                            tou(rule(0, "00:00", "24:00", "1", 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)),
		// The night of 31 December belongs to December, whose rule does not wrap.
		"versions[0].import.components[0].time_of_use: no rule for January, su at 00:00": tou(
			rule(0, "22:00", "06:00", "1", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), rule(0, "06:00", "22:00", "1"),
			rule(0, "22:00", "24:00", "1", 12), rule(0, "00:00", "06:00", "1", 12)),
		"versions[0].import.components[0].time_of_use: no rule for January, holiday at 00:00":                                   tou(rule(Weekdays|Weekend, "00:00", "24:00", "1"), rule(Holiday, "01:00", "24:00", "2")),
		"versions[0].import.components[0].time_of_use[1]: never holds: earlier ones take all its time, or its days do not come": tou(all, rule(Monday, "10:00", "11:00", "1")),
		"versions[0].import.components[0].time_of_use[0]: 10:00-10:00 holds no time; a whole day is 00:00-24:00":                tou(rule(0, "10:00", "10:00", "1"), all),
		"versions[0].import.components[0].time_of_use[0].months: 13 is not a month":                                             tou(rule(0, "10:00", "11:00", "1", 13), all),
		"versions[0].peaks[0].name: missing":                                                                    peak(func(p *Peak) { p.Name = "" }),
		"versions[0].peaks[0].price: -1 is negative":                                                            peak(func(p *Peak) { p.Price = amount("-1") }),
		"versions[0].peaks[0].minimum: NaNW is not a power of 0 or more":                                        peak(func(p *Peak) { p.Minimum = energy.Watts(math.NaN()) }),
		"versions[0].peaks[0].averaging: 30m0s: want 15m or 60m":                                                peak(func(p *Peak) { p.Averaging = 30 * time.Minute }),
		"versions[0].peaks[0].highest: 0 is not between 1 and 31":                                               peak(func(p *Peak) { p.Highest = 0 }),
		`versions[0].peaks[0].vat: "x": want "included", "exempt" or nothing`:                                   peak(func(p *Peak) { p.VAT = "x" }),
		"versions[0].peaks[0].windows[1]: never holds: earlier ones take all its time, or its days do not come": peak(func(p *Peak) { p.Windows = []When{{To: 60}, {To: 30}} }),
	} {
		tariff := simple(z, fixed("a", "1"))
		tariff.Holidays = italy
		if err := tariff.Validate(); err != nil {
			t.Fatal(err)
		}
		breakIt(&tariff)
		if err := tariff.Validate(); err == nil || err.Error() != want {
			t.Errorf("%v\n want %s", err, want)
		}
		if _, err := Bill(tariff, between(t, z, "2026-01-01", "2026-01-02"), Usage{}); err == nil {
			t.Errorf("billed in spite of %q", want)
		}
		if _, err := PeakInputs(tariff, energy.NewGrid(local(t, z, "2026-01-01 00:00"), time.Hour, 2), energy.Series[energy.WattHours]{}); err == nil {
			t.Errorf("planned in spite of %q", want)
		}
	}
}

func TestValidate_TellsAllFaultsAtOnceInOneOrder(t *testing.T) {
	tariff := Tariff{Currency: "x", Holidays: Holidays{Country: "XX"}, Versions: []Version{
		{Import: Side{VAT: -1, Components: []Component{{Name: "b", Bands: &Bands{"f1-f2-f3", map[string]energy.Price{"z": 1, "y": 1}}}, {}}}, Peaks: []Peak{{}}},
		{Export: &Side{VAT: 2 * One}},
	}}
	first := tariff.Validate().Error()
	for range 20 {
		if again := tariff.Validate().Error(); again != first {
			t.Fatalf("%s\nthen\n%s", first, again)
		}
	}
	if n := strings.Count(first, "\n") + 1; n != 18 {
		t.Errorf("%d faults:\n%s", n, first)
	}
}

func TestValidate_VersionsMayMeetInAnyOrder(t *testing.T) {
	z := zone(t, "Europe/Rome")
	v := func(from, until Date) Version {
		return Version{From: from, Until: until, Import: Side{Components: []Component{fixed("a", "1")}}}
	}
	a, b, c := date("2026-01-01"), date("2026-07-01"), date("2027-01-01")
	tariff := Tariff{Zone: z, Currency: "EUR", Versions: []Version{v(b, c), v(c, Date{}), v(Date{}, a), v(a, b)}}
	if err := tariff.Validate(); err != nil {
		t.Error(err)
	}
	year := between(t, z, "2025-06-01", "2027-06-01")
	if gaps := expand(t, tariff, year, Inputs{}).Import.Gaps(year); gaps != nil {
		t.Error(gaps)
	}
}

func TestParse_ReadsWhatItWritesAndRefusesTheRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Clock(rapid.IntRange(0, 1440).Draw(t, "clock"))
		if got, err := ParseClock(c.String()); got != c || err != nil {
			t.Fatalf("%v: %v, %v", c, got, err)
		}
		d := Date{2026, 1, 1}.plus(rapid.IntRange(-9000, 90000).Draw(t, "days"))
		if got, err := ParseDate(d.String()); got != d || err != nil {
			t.Fatalf("%v: %v, %v", d, got, err)
		}
		n := Decimal(rapid.Int64Range(-1e15, 1e15).Draw(t, "decimal") * 10)
		if got, err := ParseDecimal(n.String()); got != n || err != nil {
			t.Fatalf("%v: %v, %v", n, got, err)
		}
	})
	for _, s := range []string{"", "24:01", "7:00", "07:60", "07:00:00", "-1:00"} {
		if _, err := ParseClock(s); err == nil {
			t.Errorf("time %q", s)
		}
	}
	for _, s := range []string{"", "2026-02-29", "02-30", "2026-1-1", "26-01-01", "0000-13-01"} {
		if _, err := ParseDate(s); err == nil {
			t.Errorf("date %q", s)
		}
	}
	for _, s := range []string{"", "1e3", "NaN", "Inf", "0.123456789", "1,5", "0x1", "1.2.3", "99999999999", "+1", "--1"} {
		if _, err := ParseDecimal(s); err == nil {
			t.Errorf("decimal %q", s)
		}
	}
	if d, err := ParseDays([]string{"mo", "su", "holiday"}); d != Monday|Sunday|Holiday || err != nil {
		t.Error(d, err)
	}
	if _, err := ParseDays([]string{"monday"}); err == nil {
		t.Error("monday")
	}
	if !slices.Contains(Countries(), "IT") || !slices.IsSorted(Countries()) {
		t.Error(Countries())
	}
}
