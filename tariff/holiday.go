package tariff

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fi"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/pt"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/us"
)

// Holidays is the days that rules mean by "holiday": those of a country, but some, and one's own. A day
// counts on its date and, where the law moves it off a weekend, on the day given instead. The zero value
// has none.
type Holidays struct {
	Country string   // ISO 3166-1 or -2: "IT", "DE-BY"; see Countries
	Except  []string // names of the country's that do not count here, as its calendar spells them
	Own     []Date
}

// The library computes days as midnights in this variable, which is the machine's zone unless told
// otherwise; where the clock jumps at midnight they would land on the day before.
func init() { cal.DefaultLoc = time.UTC }

// Australia and federal states name their own; there is no "AU".
var countries = map[string][]*cal.Holiday{
	"AT": at.Holidays, "BE": be.Holidays, "CH": ch.Holidays, "DE": de.Holidays, "DK": dk.Holidays,
	"ES": es.Holidays, "FI": fi.Holidays, "FR": fr.Holidays, "GB": gb.Holidays, "IE": ie.Holidays,
	"IT": it.Holidays, "NL": nl.Holidays, "NO": no.Holidays, "PL": pl.Holidays, "PT": pt.Holidays,
	"SE": se.Holidays, "US": us.Holidays,

	"AU-ACT": au.HolidaysACT, "AU-NSW": au.HolidaysNSW, "AU-NT": au.HolidaysNT, "AU-QLD": au.HolidaysQLD,
	"AU-SA": au.HolidaysSA, "AU-TAS": au.HolidaysTAS, "AU-VIC": au.HolidaysVIC, "AU-WA": au.HolidaysWA,

	"DE-BW": de.HolidaysBW, "DE-BY": de.HolidaysBY, "DE-BE": de.HolidaysBE, "DE-BB": de.HolidaysBB,
	"DE-HB": de.HolidaysHB, "DE-HH": de.HolidaysHH, "DE-HE": de.HolidaysHE, "DE-MV": de.HolidaysMV,
	"DE-NI": de.HolidaysNI, "DE-NW": de.HolidaysNW, "DE-RP": de.HolidaysRP, "DE-SL": de.HolidaysSL,
	"DE-SN": de.HolidaysSN, "DE-ST": de.HolidaysST, "DE-SH": de.HolidaysSH, "DE-TH": de.HolidaysTH,
}

// Countries lists the codes whose holidays are known.
func Countries() []string { return slices.Sorted(maps.Keys(countries)) }

func (h *Holidays) isEmpty() bool { return h.Country == "" && len(h.Own) == 0 }

func (h *Holidays) faults(f *faults) {
	known, ok := countries[h.Country]
	if h.Country != "" && !ok {
		f.add("holidays.country", "%q is not known; known are %s", h.Country, strings.Join(Countries(), ", "))
	}
	for i, name := range h.Except {
		if ok && !slices.ContainsFunc(known, func(k *cal.Holiday) bool { return k.Name == name }) {
			f.add(fmt.Sprintf("holidays.except[%d]", i), "%s has no %q", h.Country, name)
		}
	}
	for i, d := range h.Own {
		if !d.exists() {
			f.add(fmt.Sprintf("holidays.own[%d]", i), "%v is not a day", d)
		}
	}
}

// A calendar tells holidays; it keeps the years it has computed, for one expansion.
type calendar struct {
	rules *Holidays
	years map[int]map[Date]bool
}

func newCalendar(h *Holidays) *calendar { return &calendar{h, map[int]map[Date]bool{}} }

// day is what rules ask of a date.
func (c *calendar) day(d Date) day {
	out := day{date: d, weekday: d.weekday()}
	if c.rules.isEmpty() {
		return out
	}
	known, ok := c.years[d.Year]
	if !ok {
		known = c.rules.year(d.Year)
		c.years[d.Year] = known
	}
	out.isHoliday = known[d]
	return out
}

// year is the holidays of a year, and some of its neighbours: New Year's Day on a Saturday may be given on
// Friday.
func (h *Holidays) year(year int) map[Date]bool {
	out := map[Date]bool{}
	for _, holiday := range countries[h.Country] {
		if slices.Contains(h.Except, holiday.Name) {
			continue
		}
		for y := year - 1; y <= year+1; y++ {
			actual, observed := holiday.Calc(y)
			out[dateOf(actual)], out[dateOf(observed)] = true, true
		}
	}
	for _, d := range h.Own {
		if d.Year == 0 {
			d.Year = year
		}
		out[d] = true
	}
	return out
}
