package feedtest

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"hearth/feeds"
)

// Sample holds a type against its sample in a home: the sample builds a source, and of its keys those that are required
// are demanded by name.
func Sample(t *testing.T, typ feeds.Type, home feeds.Home) {
	t.Helper()
	settings := Settings(typ)
	if settings["type"] != typ.Name || settings["name"] == "" {
		t.Errorf("the sample has neither name nor type: %v", settings)
	}
	net := feeds.Net{Home: home}
	if _, err := typ.New(settings, net); err != nil {
		t.Fatalf("the sample is refused: %v", err)
	}
	for _, key := range typ.Keys {
		fewer := maps.Clone(settings)
		maps.DeleteFunc(fewer, func(name, _ string) bool { return name == key.Name || strings.HasPrefix(name, key.Name+".") })
		_, err := typ.New(fewer, net)
		isDemanded := feeds.KindOf(err) == feeds.Misconfigured && strings.HasPrefix(fmt.Sprint(err), key.Name)
		_, isThere := settings[key.Name]
		if key.IsRequired && !isDemanded || !key.IsRequired && !isThere && err != nil {
			t.Errorf("without %s: %v; it is required: %v", key.Name, err, key.IsRequired)
		}
		if key.Help == "" || strings.HasSuffix(key.Help, ".") {
			t.Errorf("%s: help %q", key.Name, key.Help)
		}
	}
}

// Settings is what a configuration would make of a type's sample. Secrets hold the name of their file.
func Settings(typ feeds.Type) feeds.Settings {
	s, table := feeds.Settings{}, ""
	for line := range strings.Lines(typ.Sample) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		value = strings.Trim(strings.TrimSpace(value), `"`)
		isInner := strings.HasPrefix(line, " ")
		switch {
		case isInner:
			s[table+"."+strings.Trim(name, `"`)] = value
		case value == "":
			table = name
		case strings.HasPrefix(value, "{"):
			for _, pair := range strings.Split(strings.Trim(value, "{}"), ",") {
				inner, text, _ := strings.Cut(pair, ":")
				s[name+"."+strings.Trim(strings.TrimSpace(inner), `"`)] = strings.Trim(strings.TrimSpace(text), `"`)
			}
		default:
			s[strings.TrimSuffix(name, "_file")] = value
		}
	}
	return s
}
