package feeds

import (
	"context"
	"time"

	"hearth/energy"
)

// Kind is what a series holds.
type Kind string

// The kinds.
const (
	ImportPrice Kind = "import price"    // money per kWh taken from the grid
	ExportPrice Kind = "export price"    // money per kWh given to it
	Carbon      Kind = "carbon"          // grams of CO2 equivalent per kWh taken
	Renewable   Kind = "renewable share" // of what the grid holds; above 1 where it exports
	Solar       Kind = "solar"           // power that the roof is expected to give, a magnitude
	Taken       Kind = "energy taken"    // by the home from the grid, in each interval
	Given       Kind = "energy given"    // by the home to the grid
)

// Kinds are all kinds, in the order in which they are shown.
var Kinds = []Kind{ImportPrice, ExportPrice, Carbon, Renewable, Solar, Taken, Given}

// IsPast says that a kind is of what was, not of what will be.
func (k Kind) IsPast() bool { return k == Taken || k == Given }

// Source is one publisher. Its methods may be called from any goroutine, and Fetch by one at a time.
type Source interface {
	About() About
	// Fetch asks for a span and yields what was understood of the answer: at least all that is published of the span.
	// What lies outside is welcome. Every error is one of [Temporary], [Misconfigured] and [NotYet], or that of a
	// context that has ended. Part of a span may be missing without an error where the rest is not out yet.
	Fetch(ctx context.Context, span energy.Interval) (Values, error)
}

// About is what is known of a source before it is asked.
type About struct {
	Kinds     []Kind
	Zone      *time.Location // of its days
	Currency  energy.Currency
	Publishes Publication
	// Ahead is how far into the future it publishes; zero: it tells the present only.
	Ahead time.Duration
	// Rest is the least time between two requests that it wants.
	Rest time.Duration
}

// Publication is when something new comes out.
type Publication struct {
	// At is what the clock on the wall shows, after midnight, when the next day comes out (and what the meter has
	// counted of the day before); zero: something comes out all the time.
	At time.Duration
	// Every is how often something new comes out, where At is zero, and how often to ask after At until it is there.
	// Zero: every hour, and every ten minutes.
	Every time.Duration
}
