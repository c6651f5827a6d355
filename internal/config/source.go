package config

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"hearth/feeds"
)

// Source is a publisher to ask, besides the OpenADR servers.
type Source struct {
	Name     string
	Type     feeds.Type
	Settings feeds.Settings // secrets included: it is never shown
	Use      []feeds.Kind   // what is taken of what it yields; none: all
	Roof     string         // that a solar forecast is of: forecasts of one roof stand in for each other, of several they add up
}

// yields says that a kind is used of what the source yields.
func (s Source) yields(kind feeds.Kind, about feeds.About) bool {
	return slices.Contains(about.Kinds, kind) && (len(s.Use) == 0 || slices.Contains(s.Use, kind))
}

func (r *reader) source(s *section) {
	src := Source{Settings: feeds.Settings{}}
	must(s, "name", parseName, &src.Name)
	r.providers = append(r.providers, provider{section: s, isPrice: true, isUsed: true})
	known := &r.providers[len(r.providers)-1]
	isKnown := must(s, "type", r.parseType, &src.Type)
	if !isKnown { // what any type asks for may be right
		for _, t := range r.env.Sources {
			for _, key := range t.Keys {
				s.asked = append(s.asked, key.Name, key.Name+"_file")
			}
		}
	}
	list(s, "use", parseKind, &src.Use)
	may(s, "roof", parseName, &src.Roof)
	isWhole := true
	for _, key := range src.Type.Keys {
		isWhole = r.setting(s, key, src.Settings) && isWhole
	}
	if !isKnown || !isWhole {
		return
	}
	built, err := src.Type.New(src.Settings, feeds.Net{Home: feeds.Home{Zone: r.config.Home.Zone, Currency: r.currency()}})
	if err != nil {
		r.blame(s, src.Type.Keys, err)
	} else {
		r.checkYield(s, src, built.About())
		account, isAccount := built.(feeds.Account)
		known.isPrice = src.yields(feeds.ImportPrice, built.About())
		known.isUsed = slices.Contains(src.Use, feeds.ImportPrice)
		known.isTold = known.isPrice && isAccount && slices.ContainsFunc(account.Orders(), func(o feeds.Order) bool { return o.IsStanding })
	}
	r.config.Sources = append(r.config.Sources, src)
}

// checkYield holds what is used of a source against what it yields, and against the home's currency.
func (r *reader) checkYield(s *section, src Source, about feeds.About) {
	use := src.Use
	if len(use) == 0 {
		use = about.Kinds
	}
	for _, kind := range use {
		isPrice := kind == feeds.ImportPrice || kind == feeds.ExportPrice
		switch {
		case !slices.Contains(about.Kinds, kind):
			s.reject("use", fmt.Sprintf("%s is not what %s yields", kind, src.Type.Name))
		case isPrice && about.Currency != r.currency():
			s.reject("type", fmt.Sprintf("its prices are in %q, the home counts in %s", about.Currency, r.currency()))
		}
	}
}

// setting reads what a key holds; false when that was a fault.
func (r *reader) setting(s *section, key feeds.Key, into feeds.Settings) bool {
	before := len(r.faults)
	name := key.Name
	if key.IsSecret {
		name += "_file"
	}
	switch {
	case s.lines[name] > 0 && !s.has(name) && !key.IsTable:
		s.asked = append(s.asked, name)
		s.reject(name, "has no value: leave the key out, or say "+key.Help)
	case key.IsTable:
		table := s.child(key.Name)
		for _, inner := range table.keys {
			var text string
			if may(table, inner, parseText, &text) {
				into[key.Name+"."+inner] = text
			}
		}
		if key.IsRequired && len(table.keys) == 0 {
			s.reject(key.Name, "is missing: "+key.Help)
		}
	case key.IsSecret && s.has(key.Name):
		s.asked = append(s.asked, key.Name, name)
		s.fault(key.Name, s.lines[key.Name], "(not shown)", "is a secret: put it into a file, and name that by "+name)
	case key.IsRequired && !s.has(name):
		s.asked = append(s.asked, name)
		s.fault(name, max(s.lines[name], s.line), "", "is missing: "+key.Help)
	case key.IsSecret:
		if secret := r.secret(s, name); secret != "" {
			into[key.Name] = string(secret)
		}
	default:
		var text string
		parse := parseAmong(key.Among)
		if name == "url" || strings.HasSuffix(name, "_url") {
			parse = parseOpenURL
		}
		if may(s, name, parse, &text) {
			into[name] = text
		}
	}
	return len(r.faults) == before
}

// blame notes what a source says of its settings at the key that it names.
func (r *reader) blame(s *section, keys []feeds.Key, err error) {
	name, rest := keyOf(err.Error())
	table, _, _ := strings.Cut(name, ".")
	i := slices.IndexFunc(keys, func(k feeds.Key) bool { return k.Name == table })
	switch {
	case i < 0:
		s.fault("", s.line, "", err.Error())
	case keys[i].IsSecret:
		s.fault(name+"_file", max(s.lines[name+"_file"], s.line), "(not shown)", strings.TrimSpace(rest))
	case keys[i].IsTable:
		s.fault(name, max(s.lines[table], s.line), "", strings.TrimSpace(rest))
	default:
		s.reject(name, strings.TrimSpace(rest))
	}
}

// keyOf cuts `key "value": fault`, or `key: fault`, into the key and the fault.
func keyOf(text string) (name, fault string) {
	m := keyText.FindStringSubmatch(text)
	if m == nil {
		return "", text
	}
	return m[1], m[2]
}

var keyText = regexp.MustCompile(`(?s)^([\w.-]+)(?: "(?:[^"\\]|\\.)*")?: (.*)$`)

// parseType finds the type by its name.
func (r *reader) parseType(text string) (feeds.Type, error) {
	var names []string
	for _, t := range r.env.Sources {
		if t.Name == text {
			return t, nil
		}
		names = append(names, t.Name)
	}
	if like := nearest(text, names); like != "" {
		return feeds.Type{}, fmt.Errorf("unknown type; did you mean %q?", like)
	}
	return feeds.Type{}, fmt.Errorf("unknown type; known are %s", strings.Join(names, ", "))
}

func parseKind(text string) (feeds.Kind, error) {
	kind := feeds.Kind(text)
	if slices.Contains(feeds.Kinds, kind) {
		return kind, nil
	}
	names := make([]string, len(feeds.Kinds))
	for i, k := range feeds.Kinds {
		names[i] = string(k)
	}
	return "", errors.New("want some of " + strings.Join(names, ", "))
}

// parseOpenURL refuses a URL that holds what nobody may see; what else is right about it, the source knows.
func parseOpenURL(text string) (string, error) {
	if u, err := url.Parse(text); err == nil && u.User != nil || err != nil && strings.Contains(text, "@") {
		return "", fmt.Errorf("%w: those belong into a file that another key names", errSecret)
	}
	return parseText(text)
}

func parseAmong(words []string) func(string) (string, error) {
	if len(words) == 0 {
		return parseText
	}
	return oneOf(words...)
}

// provider is whoever has a name and may have prices.
type provider struct {
	section *section
	isPrice bool // of energy taken, in use; whoever has faults gets the benefit of the doubt
	isSpot  bool // the tariff asks for it
	isUsed  bool // its prices are the home's by the owner's word
	isTold  bool
}

// checkSources looks at what only all of them together can get wrong.
func (r *reader) checkSources() {
	known := map[string]*provider{"tariff": {}, "fallback": {}}
	for _, v := range r.config.OpenADR {
		known[v.Name] = &provider{isPrice: true, isUsed: true}
	}
	for i := range r.providers {
		p := &r.providers[i]
		name := p.section.text("name")
		switch {
		case name == "":
		case known[name] != nil:
			p.section.reject("name", "another source or OpenADR server has this name, or Hearth itself")
		default:
			known[name] = p
		}
	}
	for _, spot := range r.spots {
		for _, name := range SpotNames(spot.source) {
			p := known[name]
			switch {
			case p == nil || name == "tariff" || name == "fallback":
				spot.section.reject("source", fmt.Sprintf("no source or OpenADR server is called %q", name))
			case !p.isPrice:
				spot.section.reject("source", fmt.Sprintf("%s yields no import price", name))
			case p.isTold:
				spot.section.reject("source", fmt.Sprintf("%s is told the home's prices, so they cannot come from it", name))
			default:
				p.isSpot = true
			}
		}
	}
	for _, p := range r.providers {
		if r.config.Tariff != nil && p.isPrice && !p.isSpot && !p.isUsed && !p.isTold {
			p.section.reject("use", `its prices are used for nothing: name it as a spot price of the tariff, or say what is used of it; use: [import price] makes them the home's where the tariff has none`)
		}
	}
}

// SpotNames are the sources of a spot price, in the order in which they stand in for each other.
func SpotNames(source string) []string { return strings.Split(source, "+") }
