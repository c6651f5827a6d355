package feeds

import (
	"net/http"
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

// Settings are texts by their keys, as they were written.
type Settings map[string]string

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
