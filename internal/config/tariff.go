package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"hearth/energy"
	"hearth/tariff"
)

// tariff reads the rules of the contract. They are a list of versions, or one without dates.
func (r *reader) tariff(s *section) {
	if len(s.keys) == 0 {
		s.done()
		return
	}
	t := &tariff.Tariff{Zone: r.config.Home.Zone, Currency: r.currency()}
	r.lines[s.path] = s.line
	before := len(r.faults)
	h := s.child("holidays")
	may(h, "country", parseText, &t.Holidays.Country)
	list(h, "except", parseText, &t.Holidays.Except)
	list(h, "own", tariff.ParseDate, &t.Holidays.Own)
	h.done()
	s.each("versions", func(v *section) { t.Versions = append(t.Versions, r.version(v)) })
	isSingle := !s.has("versions")
	if isSingle {
		t.Versions = []tariff.Version{r.version(s)}
	}
	s.done()
	if len(r.faults) > before {
		return
	}
	if err := t.Validate(); err != nil {
		r.blameTariff(s, isSingle, err)
		return
	}
	r.checkTariff(s, t)
	r.config.Tariff = t
}

// checkTariff looks at what is sound as a rule, and gives no price in this home.
func (r *reader) checkTariff(s *section, t *tariff.Tariff) {
	byDate := slices.SortedStableFunc(slices.Values(t.Versions), func(a, b tariff.Version) int { return strings.Compare(a.From.String(), b.From.String()) })
	for i, v := range byDate {
		if i > 0 && byDate[i-1].Until != v.From {
			s.fault("versions", s.lines["versions"], "", fmt.Sprintf("nothing holds from %v to %v", byDate[i-1].Until, v.From))
		}
		isTiered := slices.ContainsFunc(v.Import.Components, func(c tariff.Component) bool { return c.Tiers != nil })
		if isTiered || len(v.Peaks) > 0 {
			r.isMetered = true
		}
	}
}

// blameTariff notes each fault of the rules where the file has them.
func (r *reader) blameTariff(s *section, isSingle bool, err error) {
	for _, line := range strings.Split(err.Error(), "\n") {
		path, text, _ := strings.Cut(line, ": ")
		if isSingle {
			path = strings.TrimPrefix(path, "versions[0].")
		}
		s.fault(path, r.lineOf("tariff."+path, s.line), "", text)
	}
}

// lineOf is the line of the longest part of a path that was read.
func (r *reader) lineOf(path string, otherwise int) int {
	for path != "" {
		if line, ok := r.lines[path]; ok {
			return line
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return otherwise
}

func (r *reader) version(s *section) tariff.Version {
	var v tariff.Version
	r.lines[s.path] = s.line
	may(s, "from", tariff.ParseDate, &v.From)
	may(s, "until", tariff.ParseDate, &v.Until)
	v.Import = r.side(s.child("import"))
	if s.has("export") {
		export := r.side(s.child("export"))
		v.Export = &export
	}
	s.asked = append(s.asked, "export")
	s.each("peaks", func(p *section) { v.Peaks = append(v.Peaks, r.peak(p)) })
	return v
}

func (r *reader) side(s *section) tariff.Side {
	var side tariff.Side
	r.lines[s.path] = s.line
	may(s, "vat", parseShare, &side.VAT)
	s.each("components", func(c *section) { side.Components = append(side.Components, r.component(c)) })
	s.done()
	return side
}

func (r *reader) component(s *section) tariff.Component {
	var c tariff.Component
	r.lines[s.path] = s.line
	may(s, "name", parseText, &c.Name)
	may(s, "vat", parseVATRule, &c.VAT)
	if s.has("spot") {
		c.Spot = r.spot(s.child("spot"))
	}
	if s.has("bands") {
		c.Bands = r.bands(s.child("bands"))
	}
	s.each("time_of_use", func(rule *section) {
		one := tariff.Rule{When: r.when(rule)}
		must(rule, "price", parsePriceIn(r.currency), &one.Price)
		c.TimeOfUse = append(c.TimeOfUse, one)
	})
	s.each("tiers", func(tier *section) {
		var one tariff.Tier
		r.lines[tier.path] = tier.line
		may(tier, "up_to", energy.ParseWattHours, &one.UpTo)
		must(tier, "price", parsePriceIn(r.currency), &one.Price)
		c.Tiers = append(c.Tiers, one)
	})
	var fixed energy.Price
	if may(s, "fixed", parsePriceIn(r.currency), &fixed) {
		c.Fixed = &fixed
	}
	var standing tariff.Standing
	if may(s, "standing", r.parseStanding, &standing) {
		c.Standing = &standing
	}
	s.asked = append(s.asked, "spot", "bands")
	return c
}

// spotAt is where the file asks for a published price.
type spotAt struct {
	section *section
	source  string // names, joined by "+"
}

func (r *reader) spot(s *section) *tariff.Spot {
	p := &tariff.Spot{Factor: tariff.One}
	if _, isList := s.values["source"].(*ast.SequenceNode); isList {
		var names []string
		list(s, "source", parseName, &names)
		p.Source = strings.Join(names, "+")
	} else {
		must(s, "source", parseName, &p.Source)
	}
	if p.Source != "" {
		r.spots = append(r.spots, spotAt{s, p.Source})
	}
	may(s, "factor", tariff.ParseDecimal, &p.Factor)
	may(s, "adder", parsePriceIn(r.currency), &p.Adder)
	var floor energy.Price
	if may(s, "floor", parsePriceIn(r.currency), &floor) {
		p.Floor = &floor
	}
	s.done()
	return p
}

// bands are a calendar, and a price for each of its bands under the band's own name.
func (r *reader) bands(s *section) *tariff.Bands {
	b := &tariff.Bands{Prices: map[string]energy.Price{}}
	must(s, "calendar", oneOf(tariff.BandCalendars()...), &b.Calendar)
	for _, key := range s.keys {
		if key == "calendar" {
			continue
		}
		var price energy.Price
		if may(s, key, parsePriceIn(r.currency), &price) {
			b.Prices[key] = price
		}
	}
	return b
}

func (r *reader) when(s *section) tariff.When {
	w := tariff.When{To: 24 * 60}
	r.lines[s.path] = s.line
	list(s, "months", parseMonth, &w.Months)
	var days []string
	list(s, "days", parseText, &days)
	if len(days) > 0 {
		set, err := tariff.ParseDays(days)
		if err != nil {
			s.reject("days", err.Error())
		}
		w.Days = set
	}
	may(s, "from", tariff.ParseClock, &w.From)
	may(s, "to", tariff.ParseClock, &w.To)
	return w
}

func (r *reader) peak(s *section) tariff.Peak {
	p := tariff.Peak{Highest: 1, Averaging: 15 * time.Minute}
	r.lines[s.path] = s.line
	may(s, "name", parseText, &p.Name)
	may(s, "vat", parseVATRule, &p.VAT)
	must(s, "price", parseMoneyPer("kW", r.currency), &p.Price)
	may(s, "highest", parseCount, &p.Highest)
	may(s, "one_per_day", parseBool, &p.OnePerDay)
	may(s, "averaging", parsePositiveDuration, &p.Averaging)
	may(s, "minimum", magnitude(energy.ParseWatts), &p.Minimum)
	s.each("windows", func(w *section) { p.Windows = append(p.Windows, r.when(w)) })
	return p
}

// parseStanding reads "8.50 EUR/month".
func (r *reader) parseStanding(text string) (tariff.Standing, error) {
	for _, per := range []tariff.Period{tariff.PerDay, tariff.PerMonth, tariff.PerYear} {
		if strings.HasSuffix(text, "/"+string(per)) {
			amount, err := parseMoneyPer(string(per), r.currency)(text)
			return tariff.Standing{Per: per, Amount: amount}, err
		}
	}
	return tariff.Standing{}, fmt.Errorf("want for example %q, or by day or year", "8.50 "+string(r.currency())+"/month")
}

// parseShare reads "19%" exactly.
func parseShare(text string) (tariff.Decimal, error) {
	digits, isPercent := strings.CutSuffix(text, "%")
	d, err := tariff.ParseDecimal(digits)
	if err != nil || !isPercent || d%100 != 0 {
		return 0, errors.New(`want for example "19%", with at most seven decimals`)
	}
	return d / 100, nil
}

func parseVATRule(text string) (tariff.VATRule, error) {
	if text != string(tariff.Included) && text != string(tariff.Exempt) {
		return "", fmt.Errorf("want %s or %s; where it is left out VAT comes on top", tariff.Included, tariff.Exempt)
	}
	return tariff.VATRule(text), nil
}

var months = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

func parseMonth(text string) (time.Month, error) {
	for i, name := range months {
		if text == name {
			return time.Month(i + 1), nil
		}
	}
	return 0, errors.New("want some of " + strings.Join(months, ", "))
}
