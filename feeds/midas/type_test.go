package midas

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hearth/feeds"
)

// sample is the settings of the type's sample; a secret is the name of its file.
func sample(t *testing.T) feeds.Settings {
	t.Helper()
	settings := feeds.Settings{}
	for line := range strings.Lines(Type.Sample) {
		key, value, isPair := strings.Cut(strings.TrimSpace(line), ": ")
		if !isPair {
			t.Fatalf("%q is no key with a value", line)
		}
		key, isFile := strings.CutSuffix(key, "_file")
		known := slices.IndexFunc(Type.Keys, func(k feeds.Key) bool { return k.Name == key && k.IsSecret == isFile })
		if key != "name" && key != "type" && known < 0 {
			t.Errorf("%s is no key of the type", key)
		}
		settings[key] = value
	}
	return settings
}

func TestType_AcceptsItsSample(t *testing.T) {
	settings := sample(t)
	if settings["type"] != Type.Name {
		t.Errorf("the sample is of type %q", settings["type"])
	}
	if _, err := Type.New(settings, feeds.Net{}); err != nil {
		t.Error(err)
	}
}

func TestType_DemandsEachKeyThatIsRequired(t *testing.T) {
	for _, key := range Type.Keys {
		settings := sample(t)
		delete(settings, key.Name)
		_, err := Type.New(settings, feeds.Net{})
		if isNamed := strings.HasPrefix(fmt.Sprint(err), key.Name); key.IsRequired && (!isNamed || feeds.KindOf(err) != feeds.Misconfigured) {
			t.Errorf("without %s: %v", key.Name, err)
		}
	}
}

func TestType_RefusesWhatIsNotAmongTheValuesOfAKey(t *testing.T) {
	for _, key := range Type.Keys {
		settings := sample(t)
		settings[key.Name] = "whatever"
		_, err := Type.New(settings, feeds.Net{})
		if isNamed := strings.HasPrefix(fmt.Sprint(err), key.Name); len(key.Among) > 0 && (!isNamed || feeds.KindOf(err) != feeds.Misconfigured) {
			t.Errorf("%s: %v", key.Name, err)
		}
	}
}
