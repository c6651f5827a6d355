package feeds

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"hearth/energy"
)

// Type is a kind of source that a configuration can name. Each source's package has one, of the name Type.
type Type struct {
	Name  string // in the configuration, "awattar"
	Title string // for people, "aWATTar: day-ahead prices of Germany and Austria"
	Step  string // of its values, "15 min"
	Unit  string // in which the publisher tells them, "EUR/MWh"
	Keys  []Key
	// Sample is a section of a configuration without its dash, a key a line, beginning with the name of the source.
	Sample string
	// New builds the source, and asks nobody. Every error is of kind [Misconfigured] and begins with the key, a colon
	// and a space.
	New func(Settings, Net) (Source, error)
}

// Key is one thing that a configuration says, or somebody who asks.
type Key struct {
	Name  string
	Help  string   // a line without full stop: what it is, its form, and what holds where it is left out
	Among []string // all values that it may have; none: any
	// IsRequired says that there is nothing without it.
	IsRequired bool
	// IsSecret says that the configuration names a file, and that Settings has what the file holds.
	IsSecret bool
	// IsTable says that it holds further keys, of any names: "appliances" is in Settings as "appliances.fridge".
	IsTable bool
}

// YesNo are the values of a key that says whether.
var YesNo = []string{"yes", "no"}

// OneOf refuses a key's value that is none of some words, as [Misconfigured]. An empty word allows to leave it out.
func OneOf(key, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	words = slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == "" })
	list := words[len(words)-1]
	if len(words) > 1 {
		list = strings.Join(words[:len(words)-1], ", ") + " or " + list
	}
	return Fail(Misconfigured, "%s %q: must be %s", key, OneLine(value), list)
}

// Settings are texts by their keys, as they were written.
type Settings map[string]string

// Table is what a key that holds further keys holds, by their names.
func (s Settings) Table(key string) Settings {
	inner := Settings{}
	for name, value := range s {
		if below, isBelow := strings.CutPrefix(name, key+"."); isBelow {
			inner[below] = value
		}
	}
	return inner
}

// Net is how the network and the time are reached.
type Net struct {
	HTTP    *http.Client     // nil: the client's own
	Now     func() time.Time // nil: the wall's
	Timeout time.Duration    // of one request; zero: the client's own
	// Home is what a configuration says of the whole home.
	Home Home
}

// Home is what sources may need to know of it.
type Home struct {
	Zone     *time.Location
	Currency energy.Currency
}

// AddressKey is the key of where the service is: everybody's is "url".
var AddressKey = Key{Name: "url", Help: "address of the service; the publisher's own where it is left out"}
