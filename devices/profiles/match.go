package profiles

import (
	"slices"
	"strings"
)

// Matches says whether a message comes from a device of this family, and which parameters its topic gives. It
// is a guess for the owner to look at: other parameters may be needed.
func (p *Profile) Matches(topic string, payload []byte) (params map[string]string, ok bool) {
	for _, m := range p.Match {
		if params, ok = m.take(topic, payload); ok {
			return params, true
		}
	}
	return nil, false
}

func (m Match) take(topic string, payload []byte) (map[string]string, bool) {
	filter, levels := strings.Split(m.Filter, "/"), strings.Split(topic, "/")
	if len(filter) != len(levels) {
		return nil, false
	}
	for i, level := range filter {
		if level != "+" && level != levels[i] {
			return nil, false
		}
	}
	params := map[string]string{}
	for name, i := range m.Params {
		if !paramValue.MatchString(levels[i]) {
			return nil, false
		}
		params[name] = levels[i]
	}
	text := string(payload)
	if m.Path != "" && m.Path != "." {
		var found Found
		if text, found, _ = Lookup(payload, m.Path); found != Scalar {
			return nil, false
		}
	}
	if text = strings.TrimSpace(text); len(m.Equals) == 0 {
		return params, text != ""
	}
	return params, slices.Contains(m.Equals, text)
}
