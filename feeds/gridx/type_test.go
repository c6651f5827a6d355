package gridx

import (
	"slices"
	"strings"
	"testing"

	"hearth/feeds"
)

// sampled are the settings of a sample, without the keys that are everybody's.
func sampled(t *testing.T) feeds.Settings {
	t.Helper()
	s := feeds.Settings{}
	for line := range strings.Lines(Type.Sample) {
		key, value, isPair := strings.Cut(strings.TrimSpace(line), ": ")
		if !isPair {
			t.Fatalf("%q is no key with its value", line)
		}
		if key != "name" && key != "type" {
			s[key] = strings.Trim(value, `"`)
		}
	}
	return s
}

func TestType_TakesItsSample(t *testing.T) {
	settings := sampled(t)
	if _, err := Type.New(settings, feeds.Net{}); err != nil {
		t.Error(err)
	}
	for key := range settings {
		if !slices.ContainsFunc(Type.Keys, func(k feeds.Key) bool { return k.Name == key }) {
			t.Errorf("%s is no key", key)
		}
	}
	for _, k := range Type.Keys {
		if k.IsRequired && settings[k.Name] == "" || k.Help == "" || strings.HasSuffix(k.Help, ".") {
			t.Errorf("%+v", k)
		}
	}
}

func TestType_NamesTheKeyThatIsMissingOrWrong(t *testing.T) {
	account := feeds.Settings{"utility": "PGE", "client_id": "somebody", "client_secret": clientSecret, "contract": contract, "customer": customerUUID}
	if _, err := Type.New(account, feeds.Net{}); err != nil {
		t.Fatalf("rate and circuit are in the account: %v", err)
	}
	for _, c := range []struct {
		base       feeds.Settings
		key, value string
	}{
		{sampled(t), "utility", ""}, {sampled(t), "utility", "pge"}, {sampled(t), "rate", ""}, {sampled(t), "circuit", ""}, {sampled(t), "circuit", "13532223"},
		{sampled(t), "url", "gridx"}, {account, "client_id", ""}, {account, "client_secret", ""}, {account, "contract", ""}, {account, "contract", "12345678"},
		{account, "customer", ""}, {account, "customer", "me"}, {account, "circuit", "Eagle Rock"},
	} {
		settings := feeds.Settings{}
		for key, value := range c.base {
			settings[key] = value
		}
		settings[c.key] = c.value
		_, err := Type.New(settings, feeds.Net{})
		if feeds.KindOf(err) != feeds.Misconfigured || err == nil || !strings.HasPrefix(err.Error(), c.key+":") && !strings.HasPrefix(err.Error(), c.key+" ") {
			t.Errorf("%s %q: %v", c.key, c.value, err)
		}
		if c.key != "contract" && err != nil && strings.Contains(err.Error(), contract) {
			t.Errorf("%s %q: what is personal is in %v", c.key, c.value, err)
		}
	}
}

// A part of the account's keys is a mistake, not prices without an account.
func TestType_WantsTheWholeAccountOrNone(t *testing.T) {
	for key, value := range map[string]string{"client_id": "somebody", "client_secret": clientSecret, "contract": contract, "customer": customerUUID} {
		settings := sampled(t)
		settings[key] = value
		if _, err := Type.New(settings, feeds.Net{}); feeds.KindOf(err) != feeds.Misconfigured {
			t.Errorf("%s alone: %v", key, err)
		}
	}
}
