package homeassistant

import (
	"errors"
	"regexp"
	"strings"
)

var (
	simplest = regexp.MustCompile(`^\{\{-?\s*(value(?:_json)?)((?:\.[A-Za-z0-9_:-]+|\[\s*(?:'[^'\]]*'|"[^"\]]*"|[0-9]+)\s*\])*)\s*((?:\|\s*[a-z_]+(?:\s*\([^()]*\))?\s*)*)-?\}\}$`)
	step     = regexp.MustCompile(`\.[A-Za-z0-9_:-]+|\[\s*(?:'[^'\]]*'|"[^"\]]*"|[0-9]+)\s*\]`)
	filter   = regexp.MustCompile(`\|\s*([a-z_]+)`)
)

var errTemplate = errors.New("its template does more than take a value out of the message")

// pathOf is the path a template of the simplest form takes; empty: the whole message. Filters that only round,
// or say what to show when there is nothing, are left away: nothing stays nothing.
func pathOf(template string) (string, error) {
	template = strings.TrimSpace(template)
	if template == "" {
		return "", nil
	}
	parts := simplest.FindStringSubmatch(template)
	if parts == nil {
		return "", errTemplate
	}
	for _, f := range filter.FindAllStringSubmatch(parts[3], -1) {
		switch f[1] {
		case "int", "float", "round", "default", "is_defined":
		default:
			return "", errTemplate
		}
	}
	var keys []string
	for _, s := range step.FindAllString(parts[2], -1) {
		key := strings.Trim(s, ".[]'\" \t")
		if key == "" || strings.ContainsAny(key, ".{}") {
			return "", errTemplate // a key with a dot is no step of a path of ours
		}
		keys = append(keys, key)
	}
	if (parts[1] == "value_json") != (len(keys) > 0) {
		return "", errTemplate
	}
	return strings.Join(keys, "."), nil
}
