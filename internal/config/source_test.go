package config

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/awattar"
	"hearth/feeds/energycharts"
)

// exchange is a type of source with a key of each kind.
var exchange = feeds.Type{
	Name: "exchange", Title: "An exchange",
	Keys: []feeds.Key{
		{Name: "country", Help: "whose prices", Among: []string{"DE", "AT", "XX"}, IsRequired: true},
		{Name: "token", Help: "of the customer", IsSecret: true},
		{Name: "shares", Help: "of each owner", IsTable: true},
		feeds.AddressKey,
	},
	New: func(s feeds.Settings, _ feeds.Net) (feeds.Source, error) {
		switch {
		case s["country"] == "XX":
			return nil, feeds.Fail(feeds.Misconfigured, "country %q: is at sea", s["country"])
		case s["token"] == "wrong":
			return nil, feeds.Fail(feeds.Misconfigured, "token: is too short")
		case s["shares.cat"] != "":
			return nil, feeds.Fail(feeds.Misconfigured, "shares.cat: cats own nothing")
		case s["url"] == "nowhere":
			return nil, feeds.Fail(feeds.Misconfigured, "the moon is not right")
		}
		if s["shares.told"] != "" {
			return told{}, nil
		}
		return quiet{}, nil
	},
}

type quiet struct{}

func (quiet) About() feeds.About {
	return feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice, feeds.Carbon}, Currency: "EUR"}
}

func (quiet) Fetch(context.Context, energy.Interval) (feeds.Values, error) {
	return feeds.Values{}, nil
}

// guarded is a type that does nothing without its secret.
var guarded = feeds.Type{
	Name: "guarded", Keys: []feeds.Key{{Name: "token", Help: "of the customer", IsSecret: true, IsRequired: true}, {Name: "published", Help: "when"}},
	New: func(s feeds.Settings, _ feeds.Net) (feeds.Source, error) {
		if s["published"] != "" {
			return nil, feeds.Fail(feeds.Misconfigured, "published %q: must be a time: of day", s["published"])
		}
		return quiet{}, nil
	},
}

// told is told the home's prices.
type told struct{ quiet }

func (told) Questions() []feeds.Question { return nil }

func (told) Orders() []feeds.Order { return []feeds.Order{{Name: "contract", IsStanding: true}} }

var testSources = []feeds.Type{exchange, guarded}

// sampleSources are those that the samples name.
var sampleSources = []feeds.Type{awattar.Type, energycharts.Type}

const smallHome = "home: {name: H, zone: Europe/Rome, currency: EUR, max_import: 9kW}\nstorage: {path: h.db}\n"

// readWith reads a small home with more below it, and with a file named token beside it.
func readWith(t *testing.T, more, token string) (*Config, string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := Read([]byte(smallHome+more), Environment{Dir: dir, Sources: testSources})
	if err != nil {
		return nil, err.Error()
	}
	return cfg, ""
}

func TestSource_HasWhatItsTypeAsksFor(t *testing.T) {
	cfg, faults := readWith(t, `sources:
  - {name: first, type: exchange, country: DE, token_file: token, shares: {dog: "0.40", "1": x}, use: [carbon]}
  - {name: second, type: exchange, country: AT}
`, "s3cr3t")
	if faults != "" {
		t.Fatal(faults)
	}
	one := cfg.Sources[0]
	want := feeds.Settings{"country": "DE", "token": "s3cr3t", "shares.dog": "0.40", "shares.1": "x"}
	if len(one.Settings) != len(want) || one.Name != "first" || !slices.Equal(one.Use, []feeds.Kind{feeds.Carbon}) || len(cfg.Sources) != 2 {
		t.Errorf("%+v", one)
	}
	for key, value := range want {
		if one.Settings[key] != value {
			t.Errorf("%s is %q, want %q", key, one.Settings[key], value)
		}
	}
}

func TestSource_FaultsNameKeyAndLine(t *testing.T) {
	for more, want := range map[string]string{
		`{name: a, type: exchange}`:                                                                              `line 4: sources[0].country: is missing: whose prices`,
		`{name: a, type: exchange, country: CH}`:                                                                 `line 4: sources[0].country: "CH": want one of DE, AT, XX`,
		"{name: a, type: exchange, country: }":                                                                   `line 4: sources[0].country: has no value`,
		`{name: a, type: exchange, country: XX}`:                                                                 `line 4: sources[0].country: "XX": is at sea`,
		`{name: a, type: exchange, country: DE, token_file: token}`:                                              `line 4: sources[0].token_file: "(not shown)": is too short`,
		`{name: a, type: exchange, country: DE, token_file: none}`:                                               `line 4: sources[0].token_file: "none": cannot be read: no such file or directory`,
		`{name: a, type: exchange, country: DE, token: s3cr3t}`:                                                  `line 4: sources[0].token: "(not shown)": is a secret: put it into a file, and name that by token_file`,
		`{name: a, type: exchange, country: DE, shares: {cat: 1}}`:                                               `line 4: sources[0].shares.cat: cats own nothing`,
		`{name: a, type: exchange, country: DE, url: "https://me:hunter2@host"}`:                                 `line 4: sources[0].url: "(not shown)": holds a user or password`,
		`{name: a, type: exchange, country: DE, token_file: /}`:                                                  `line 4: sources[0].token_file: "/": cannot be read: is a directory`,
		`{name: a, type: exchange, country: "X:X"}`:                                                              `line 4: sources[0].country: "X:X": want one of`,
		`{name: tariff, type: exchange, country: DE}`:                                                            `line 4: sources[0].name: "tariff": another source`,
		`{name: a, type: exchange, country: DE, url: nowhere}`:                                                   `line 4: sources[0]: the moon is not right`,
		`{name: a, type: exchange, country: DE, colour: red}`:                                                    `line 4: sources[0].colour: unknown key; known here are name`,
		`{name: a, type: exchang, country: DE}`:                                                                  `line 4: sources[0].type: "exchang": unknown type; did you mean "exchange"?`,
		`{name: a, country: DE}`:                                                                                 `line 4: sources[0].type: is missing`,
		`{name: a, type: exchange, country: DE, use: [solar]}`:                                                   `line 4: sources[0].use: "[solar]": solar is not what exchange yields`,
		`{name: a, type: exchange, country: DE, use: [wind]}`:                                                    `line 4: sources[0].use[0]: "wind": want some of import price, export price`,
		`{name: a, type: exchange, country: DE, use: [carbon]}` + "\n  - {name: a, type: exchange, country: DE}": `line 5: sources[1].name: "a": another source or OpenADR server has this name`,
	} {
		_, faults := readWith(t, "sources:\n  - "+more+"\n", "wrong")
		if !strings.HasPrefix(faults, want) || strings.Contains(faults, "\n") || strings.Contains(faults, "wrong") {
			t.Errorf("%s:\n%s\nwant\n%s", more, faults, want)
		}
	}
}

func TestSource_OfAnotherCurrencyIsRefusedUnlessItsPricesAreNotUsed(t *testing.T) {
	krona := strings.Replace(smallHome, "EUR", "SEK", 1)
	for more, want := range map[string]string{
		"sources: [{name: a, type: exchange, country: DE}]":                `line 3: sources[0].type: "exchange": its prices are in "EUR", the home counts in SEK`,
		"sources: [{name: a, type: exchange, country: DE, use: [carbon]}]": "",
	} {
		_, err := Read([]byte(krona+more), Environment{Sources: testSources})
		if got := errorText(err); got != want {
			t.Errorf("%s: %s", more, got)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestSource_ThatIsToldTheHomesPricesIsNotWhereTheyComeFrom(t *testing.T) {
	for shares, want := range map[string]string{
		"{told: 1}": `line 6: tariff.import.components[0].spot.source: "exchange": exchange is told the home's prices, so they cannot come from it`, "{dog: 1}": "",
	} {
		_, faults := readWith(t, "sources: [{name: exchange, type: exchange, country: DE, shares: "+shares+"}]\n"+
			"tariff:\n  holidays: {}\n  import: {components: [{name: energy, spot: {source: exchange}}]}\n", "")
		if faults != want {
			t.Errorf("%s: %s", shares, faults)
		}
	}
}

func TestSource_ThatIsGuardedWantsItsSecretInAFile(t *testing.T) {
	for more, want := range map[string]string{
		"{name: a, type: guarded}":                                          "line 3: sources[0].token_file: is missing: of the customer",
		"{name: a, type: guarded, token: s3cr3t}":                           `line 3: sources[0].token: "(not shown)": is a secret: put it into a file, and name that by token_file`,
		`{name: a, type: guarded, token_file: token, published: "25:00"}`:   `line 3: sources[0].published: "25:00": must be a time: of day`,
		`{name: a, type: guarded, token_file: token, published: "a\"b: c"}`: `line 3: sources[0].published: "a\"b: c": must be a time: of day`,
	} {
		if _, faults := readWith(t, "sources: ["+more+"]\n", "s3cr3t"); faults != want {
			t.Errorf("%s:\n%s\nwant\n%s", more, faults, want)
		}
	}
}
