package profiles

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A parameter ends up in topics and register values: nothing that is a wildcard, a level of its own or a
// control character there.
var paramValue = regexp.MustCompile(`^[A-Za-z0-9_./:-]+$`)

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

// Values completes what the configuration gives with the defaults. The error names every parameter that
// is unknown, missing or has characters it must not have.
func (p *Profile) Values(given map[string]string) (map[string]string, error) {
	values := map[string]string{}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.ContainsFunc(p.Params, func(d Param) bool { return d.Name == name }) {
			errs = append(errs, fmt.Errorf("%s: the profile %s has no such parameter", name, p.ID))
		}
	}
	for _, d := range p.Params {
		v, isGiven := given[d.Name]
		switch {
		case isGiven && !paramValue.MatchString(v):
			errs = append(errs, fmt.Errorf("%s: %q has other characters than A-Z a-z 0-9 _ . / : -", d.Name, v))
		case isGiven && len(d.OneOf) > 0 && !slices.Contains(d.OneOf, v):
			errs = append(errs, fmt.Errorf("%s: %q is none of %s", d.Name, v, strings.Join(d.OneOf, ", ")))
		case isGiven:
			values[d.Name] = v
		case d.Required:
			errs = append(errs, fmt.Errorf("%s: missing (%s)", d.Name, d.About))
		default:
			values[d.Name] = replace(d.Default, values) // may name parameters declared before
		}
	}
	return values, errors.Join(errs...)
}

// Fill is a copy of the profile with every {parameter} replaced in topics, payloads and register values;
// what the driver knows ({value}, {lease_s}...) stays for it. The error is that of [Profile.Values].
func (p *Profile) Fill(given map[string]string) (*Profile, error) {
	values, err := p.Values(given)
	if err != nil {
		return nil, err
	}
	filled := *p
	filled.Points = slices.Clone(p.Points)
	for i := range filled.Points {
		point := &filled.Points[i]
		point.fillTopic(values)
		point.UnitID = replace(point.UnitID, values)
	}
	filled.Actions = slices.Clone(p.Actions)
	for i := range filled.Actions {
		a := &filled.Actions[i]
		a.Publish, a.Write = slices.Clone(a.Publish), slices.Clone(a.Write)
		for j, m := range a.Publish {
			a.Publish[j] = m.filled(values)
		}
		for j := range a.Write {
			a.Write[j].Value = replace(a.Write[j].Value, values)
			a.Write[j].UnitID = replace(a.Write[j].UnitID, values)
		}
	}
	filled.fillTalk(values)
	return &filled, filled.checkFilled()
}

// replace puts the values in for their names; what has none stays.
func replace(text string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		if v, ok := values[strings.Trim(name, "{}")]; ok {
			return v
		}
		return name
	})
}

// Action is the named action; false when the profile has none.
func (p *Profile) Action(name string) (Action, bool) {
	i := slices.IndexFunc(p.Actions, func(a Action) bool { return a.Name == name })
	if i < 0 {
		return Action{}, false
	}
	return p.Actions[i], true
}

// Has says that the profile can read this point.
func (p *Profile) Has(point string) bool {
	return slices.ContainsFunc(p.Points, func(q Point) bool { return q.Name == point })
}
