package config

import (
	"errors"
	"fmt"
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
	// IsTold says that it yields import prices and is told the home's, by a standing order.
	IsTold bool
}

func (r *reader) source(s *section) {
	src := Source{Settings: feeds.Settings{}}
	must(s, "name", parseName, &src.Name)
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
		src.IsTold = isAccount && slices.Contains(built.About().Kinds, feeds.ImportPrice) &&
			slices.ContainsFunc(account.Orders(), func(o feeds.Order) bool { return o.IsStanding })
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
	case key.IsRequired && !s.has(name):
		s.asked = append(s.asked, name)
		s.fault(name, max(s.lines[name], s.line), "", "is missing: "+key.Help)
	case key.IsSecret && s.has(key.Name):
		s.asked = append(s.asked, key.Name, name)
		s.fault(key.Name, s.lines[key.Name], "(not shown)", "is a secret: put it into a file, and name that by "+name)
	case key.IsSecret:
		if secret := r.secret(s, name); secret != "" {
			into[key.Name] = string(secret)
		}
	default:
		var text string
		if may(s, name, parseAmong(key.Among), &text) {
			into[name] = text
		}
	}
	return len(r.faults) == before
}

// blame notes what a source says of its settings at the key that it names.
func (r *reader) blame(s *section, keys []feeds.Key, err error) {
	first, rest, _ := strings.Cut(err.Error(), ":")
	name, _, _ := strings.Cut(first, " ")
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

func parseAmong(words []string) func(string) (string, error) {
	if len(words) == 0 {
		return parseText
	}
	return oneOf(words...)
}

// checkSources looks at what only all of them together can get wrong.
func (r *reader) checkSources() {
	names := map[string]bool{}
	for _, v := range r.config.OpenADR {
		names[v.Name] = true
	}
	for _, s := range r.config.Sources {
		if names[s.Name] {
			r.faults = append(r.faults, Fault{Path: "sources", Value: s.Name, Text: "two sources have this name, or a source and an OpenADR server"})
		}
		names[s.Name] = true
		if t := r.config.Tariff; t != nil && s.IsTold && slices.Contains(t.Sources(), s.Name) {
			r.faults = append(r.faults, Fault{Line: r.tariffLine, Path: "tariff", Value: s.Name, Text: "is told the home's prices, so they cannot come from it"})
		}
	}
	if t := r.config.Tariff; t != nil {
		for _, name := range t.Sources() {
			if !names[name] {
				r.faults = append(r.faults, Fault{Line: r.tariffLine, Path: "tariff", Value: name, Text: "is the source of a spot price, and no source or OpenADR server has this name"})
			}
		}
	}
}
