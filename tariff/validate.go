package tariff

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"hearth/energy"
)

// Validate names every fault by its path: "versions[0].import.components[2].tiers[1].up_to: ...".
func (t *Tariff) Validate() error {
	var f faults
	checkZone(&f, t.Zone)
	if _, err := energy.ParseCurrency(string(t.Currency)); err != nil {
		f.add("currency", "%v", err)
	}
	t.Holidays.faults(&f)
	if len(t.Versions) == 0 {
		f.add("versions", "none")
	}
	for i := range t.Versions {
		v, in := &t.Versions[i], f.under("versions[%d]", i)
		in.checkDates(v, t.Versions[:i])
		in.under("import").checkSide(&v.Import, t)
		if v.Export != nil {
			in.under("export").checkSide(v.Export, t)
		}
		for k := range v.Peaks {
			in.under("peaks[%d]", k).checkPeak(&v.Peaks[k], t)
		}
	}
	return f.err()
}

// Faults collects what is wrong, each below a path.
type faults struct {
	path string
	list *[]error
}

func (f *faults) add(path, format string, args ...any) {
	if f.list == nil {
		f.list = new([]error)
	}
	*f.list = append(*f.list, fmt.Errorf("%s%s: %s", f.path, path, fmt.Sprintf(format, args...)))
}

// under collects into the same list, below a longer path.
func (f *faults) under(format string, args ...any) *faults {
	if f.list == nil {
		f.list = new([]error)
	}
	return &faults{f.path + fmt.Sprintf(format, args...) + ".", f.list}
}

func (f *faults) err() error {
	if f.list == nil {
		return nil
	}
	return errors.Join(*f.list...)
}

func checkZone(f *faults, zone *time.Location) {
	switch zone {
	case nil:
		f.add("zone", "missing: prices follow the wall clock of a place")
	case time.Local:
		f.add("zone", "the machine's zone is not a place")
	}
}

// checkSpan keeps a slip of a year from filling the memory.
func checkSpan(f *faults, span energy.Interval) {
	const longest = 20 * 366 * 24 * time.Hour
	if span.Length() > longest {
		f.add("interval", "longer than 20 years")
	}
	if y := span.Start.Year(); y < 1900 || y > 9000 {
		f.add("interval", "begins in the year %d", y)
	}
}

func (f *faults) checkDates(v *Version, others []Version) {
	isDay := func(path string, d Date) bool {
		if d.isZero() || d.Year != 0 && d.exists() {
			return true
		}
		f.add(path, "%v is not a day of a year", d)
		return false
	}
	if from, until := isDay("from", v.From), isDay("until", v.Until); !from || !until {
		return
	}
	if !v.From.isZero() && !v.Until.isZero() && v.From.compare(v.Until) >= 0 {
		f.add("until", "%v is not after %v", v.Until, v.From)
		return
	}
	for i, o := range others {
		endsBefore := func(a, b Version) bool {
			return !a.Until.isZero() && !b.From.isZero() && a.Until.compare(b.From) <= 0
		}
		if !endsBefore(*v, o) && !endsBefore(o, *v) {
			f.add("from", "overlaps versions[%d]", i)
		}
	}
}

func (f *faults) checkSide(s *Side, t *Tariff) {
	if s.VAT < 0 || s.VAT > One {
		f.add("vat", "%v is not between 0 and 1", s.VAT)
	}
	names := map[string]bool{}
	for i := range s.Components {
		c, in := &s.Components[i], f.under("components[%d]", i)
		if c.Name == "" {
			in.add("name", "missing")
		} else if names[c.Name] {
			in.add("name", "%q is there twice", c.Name)
		}
		names[c.Name] = true
		if !slices.Contains([]VATRule{Added, Included, Exempt}, c.VAT) {
			in.add("vat", "%q: want %q, %q or nothing", c.VAT, Included, Exempt)
		}
		in.checkKind(c, t)
	}
	if len(s.Components) == 0 {
		f.add("components", "none")
	}
}

func (f *faults) checkKind(c *Component, t *Tariff) {
	kinds := 0
	for _, isSet := range []bool{c.Spot != nil, c.Bands != nil, c.TimeOfUse != nil, c.Tiers != nil, c.Fixed != nil, c.Standing != nil} {
		if isSet {
			kinds++
		}
	}
	if kinds != 1 {
		f.add("kind", "has %d, want one of spot, bands, time_of_use, tiers, fixed, standing", kinds)
	}
	if c.Spot != nil && c.Spot.Source == "" {
		f.add("spot.source", "missing")
	}
	if c.Bands != nil {
		f.checkBands(c.Bands, t)
	}
	if c.TimeOfUse != nil {
		whens := make([]When, len(c.TimeOfUse))
		for i, r := range c.TimeOfUse {
			whens[i] = r.When
		}
		if f.checkWhens("time_of_use", whens) {
			checkCoverage(f, whens, !t.Holidays.isEmpty())
		}
	}
	if c.Tiers != nil {
		f.checkTiers(c.Tiers)
	}
	if c.Standing != nil && !slices.Contains([]Period{PerDay, PerMonth, PerYear}, c.Standing.Per) {
		f.add("standing.per", "%q: want %q, %q or %q", c.Standing.Per, PerDay, PerMonth, PerYear)
	}
}

func checkBandCalendar(f *faults, path, calendar string, holidays *Holidays) {
	if _, ok := bandCalendars[calendar]; !ok {
		f.add(path, "%q is not known; known are %s", calendar, strings.Join(BandCalendars(), ", "))
	} else if holidays.isEmpty() {
		f.add(path, "%s needs holidays", calendar)
	}
}

func (f *faults) checkBands(b *Bands, t *Tariff) {
	checkBandCalendar(f, "bands.calendar", b.Calendar, &t.Holidays)
	bands, ok := bandCalendars[b.Calendar]
	if !ok {
		return
	}
	for i, band := range bands {
		_, has := b.Prices[band.name]
		if !has && (i == 0 || bands[i-1].name != band.name) {
			f.add("bands.prices", "%s is missing", band.name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.Prices)) {
		if !slices.ContainsFunc(bands, func(b band) bool { return b.name == name }) {
			f.add("bands.prices", "%s has no %q", b.Calendar, name)
		}
	}
}

func (f *faults) checkTiers(tiers []Tier) {
	if len(tiers) < 2 {
		f.add("tiers", "one price at all times is fixed: want at least two")
		return
	}
	below := energy.WattHours(0)
	for i, tier := range tiers {
		path := fmt.Sprintf("tiers[%d].up_to", i)
		switch {
		case i == len(tiers)-1:
			if tier.UpTo != 0 {
				f.add(path, "the last tier has no limit")
			}
		case !(tier.UpTo > below) || !isMeterable(tier.UpTo):
			f.add(path, "%v is not more than the %v below it", tier.UpTo, below)
		default:
			below = tier.UpTo
		}
	}
}

func (f *faults) checkPeak(p *Peak, t *Tariff) {
	if p.Name == "" {
		f.add("name", "missing")
	}
	if p.Price < 0 {
		f.add("price", "%v is negative", p.Price)
	}
	if !(p.Minimum >= 0) || math.IsInf(float64(p.Minimum), 1) {
		f.add("minimum", "%v is not a power of 0 or more", p.Minimum)
	}
	if p.Averaging != 15*time.Minute && p.Averaging != time.Hour {
		f.add("averaging", "%v: want 15m or 60m", p.Averaging)
	}
	if p.Highest < 1 || p.Highest > 31 {
		f.add("highest", "%d is not between 1 and 31", p.Highest)
	}
	if p.VAT != Added && p.VAT != Included && p.VAT != Exempt {
		f.add("vat", "%q: want %q, %q or nothing", p.VAT, Included, Exempt)
	}
	if f.checkWhens("windows", p.Windows) {
		checkUse(f, "windows", p.Windows, !t.Holidays.isEmpty())
	}
}

// checkWhens says whether each rule by itself makes sense.
func (f *faults) checkWhens(path string, whens []When) bool {
	isFine := true
	for i, w := range whens {
		at := fmt.Sprintf("%s[%d]", path, i)
		if w.From < 0 || w.From >= endOfDay || w.To < 0 || w.To > endOfDay || w.From == w.To {
			f.add(at, "%v-%v holds no time; a whole day is 00:00-24:00", w.From, w.To)
			isFine = false
		}
		for _, m := range w.Months {
			if m < time.January || m > time.December {
				f.add(at+".months", "%d is not a month", int(m))
				isFine = false
			}
		}
	}
	return isFine
}
