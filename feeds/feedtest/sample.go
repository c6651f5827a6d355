package feedtest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"hearth/feeds"
)

// Sample holds a type against its sample in a home: the sample builds a source, and each key is what it says it is.
func Sample(t *testing.T, typ feeds.Type, home feeds.Home) {
	t.Helper()
	for _, fault := range faults(typ, feeds.Net{Home: home}) {
		t.Error(fault)
	}
}

// faults is all that is wrong with a type.
func faults(typ feeds.Type, net feeds.Net) (all []error) {
	settings := Settings(typ)
	if settings["type"] != typ.Name || settings["name"] == "" {
		all = append(all, fmt.Errorf("the sample has neither name nor type: %v", settings))
	}
	if _, err := typ.New(settings, net); err != nil {
		return append(all, fmt.Errorf("the sample is refused: %w", err))
	}
	all = append(all, strangers(typ)...)
	for _, key := range typ.Keys {
		if key.Help == "" || strings.HasSuffix(key.Help, ".") {
			all = append(all, fmt.Errorf("%s: help %q", key.Name, key.Help))
		}
		if looksSecret(key.Name) != key.IsSecret {
			all = append(all, fmt.Errorf("%s: its name says whether it is a secret: %v", key.Name, key.IsSecret))
		}
		if err := demanded(typ, net, key); err != nil {
			all = append(all, err)
		}
		if len(key.Among) > 0 {
			all = append(all, among(typ, net, key)...)
		}
	}
	return all
}

// demanded wants a source without a key, unless it is required, or another key of the sample needs it.
func demanded(typ feeds.Type, net feeds.Net, key feeds.Key) error {
	settings := Settings(typ)
	maps.DeleteFunc(settings, func(name, _ string) bool { return name == key.Name || strings.HasPrefix(name, key.Name+".") })
	_, err := typ.New(settings, net)
	isNamed := slices.ContainsFunc(typ.Keys, func(k feeds.Key) bool { return isRefused(err, k) })
	if key.IsRequired && !isRefused(err, key) || !key.IsRequired && err != nil && !isNamed {
		return fmt.Errorf("without %s: %w; it is required: %v", key.Name, errOr(err), key.IsRequired)
	}
	return nil
}

// among wants each value that a key may have taken, or refused for the sake of another key, and any other one refused.
func among(typ feeds.Type, net feeds.Net, key feeds.Key) (all []error) {
	settings := Settings(typ)
	for _, value := range key.Among {
		settings[key.Name] = value
		if _, err := typ.New(settings, net); err != nil && isRefused(err, key) {
			all = append(all, fmt.Errorf("%s may be %s: %w", key.Name, value, err))
		}
	}
	settings[key.Name] = "whatever"
	if _, err := typ.New(settings, net); !isRefused(err, key) {
		all = append(all, fmt.Errorf("%s: whatever: %w; it is one of %q", key.Name, errOr(err), key.Among))
	}
	return all
}

func isRefused(err error, key feeds.Key) bool {
	return err != nil && feeds.KindOf(err) == feeds.Misconfigured && strings.HasPrefix(err.Error(), key.Name)
}

// errOr is an error, or that there is none.
func errOr(err error) error {
	if err == nil {
		return errors.New("no error")
	}
	return err
}

// looksSecret says that a name is one of something that nobody else may read.
func looksSecret(name string) bool {
	words := strings.Split(name, "_")
	return slices.Contains([]string{"key", "password", "secret", "token"}, words[len(words)-1])
}

// strangers are lines of the sample that are no keys of the type, or secrets that are written down.
func strangers(typ feeds.Type) (all []error) {
	for line := range strings.Lines(typ.Sample) {
		name, _, isPair := strings.Cut(strings.TrimSpace(line), ":")
		base, isFile := strings.CutSuffix(name, "_file")
		isKnown := slices.ContainsFunc(typ.Keys, func(k feeds.Key) bool { return k.Name == base && k.IsSecret == isFile })
		if !isPair || !strings.HasPrefix(line, " ") && name != "name" && name != "type" && !isKnown {
			all = append(all, fmt.Errorf("the sample has the line %q", line))
		}
	}
	return all
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
