package feedtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// Case is a source on trial.
type Case struct {
	New func(Site) (feeds.Source, error)
	// Now is when the recording was made, and Span what it answers: its Good exchanges are all that a fetch of the
	// span at that time asks for.
	Now  time.Time
	Span energy.Interval
	Good []Exchange
	// Edits turn the good answers into the bad ones of Duplicate, Overlap, Missing, Huge and Currency.
	Edits map[Trial][]Edit
	// Cannot says why a trial has no meaning for this source.
	Cannot map[Trial]string
	// Secrets are what the source was given and must not tell.
	Secrets []string
}

// Site is where a source finds its publisher.
type Site struct {
	Base    string // "http://127.0.0.1:1234", for the token endpoint too
	Now     func() time.Time
	Timeout time.Duration // of one request
}

// Exchange is one answer of a recording.
type Exchange struct {
	Method string // empty: GET
	Path   string
	Query  map[string]string // what the query must hold, besides other things
	Token  bool              // this is the token endpoint, which no trial of the data touches
	Status int               // zero: 200
	Type   string            // empty: application/json
	Body   string
}

// Edit replaces the first Old of the answers by New.
type Edit struct{ Old, New string }

// Trial is what may happen.
type Trial string

// The trials.
const (
	Happy       Trial = "happy"             // the recording as it is, twice
	GivenUp     Trial = "given up"          // the context has ended
	Restart     Trial = "restart"           // without network: the keeper shows what was stored
	ServerError Trial = "server error"      // status 500
	Limited     Trial = "too many requests" // status 429, with Retry-After
	HTML        Trial = "html"              // with status 200
	Slow        Trial = "slow"              // beyond the deadline
	Cut         Trial = "cut"               // by the connection, and by the server
	Empty       Trial = "empty"             // status 200 and no body
	Duplicate   Trial = "duplicate"         // Edits: one slot comes twice, the same
	Overlap     Trial = "overlap"           // Edits: one slot comes twice, with another value
	Missing     Trial = "missing"           // Edits: one slot does not come
	Huge        Trial = "huge"              // Edits: a value is 1e308
	Currency    Trial = "currency"          // Edits: prices in another one
	Endless     Trial = "endless"           // each field in turn is a megabyte long
	Expiry      Trial = "expiry"            // the token is refused once
	Refused     Trial = "refused"           // every request is, with what was sent in the answer
	Echoed      Trial = "echoed"            // as Refused, with status 200
	ClockAhead  Trial = "clock ahead"       // by a day
	ClockBehind Trial = "clock behind"
	AnotherDay  Trial = "another day" // than was asked for is what comes
)

// Trials are all trials.
var Trials = []Trial{
	Happy, GivenUp, Restart, ServerError, Limited, HTML, Slow, Cut, Empty, Duplicate, Overlap, Missing, Huge, Currency, Endless,
	Expiry, Refused, Echoed, ClockAhead, ClockBehind, AnotherDay,
}

// judges say what is wrong.
var judges = map[Trial]func(*stand) error{
	Happy: happy, GivenUp: givenUp, Restart: restart,
	ServerError: serverError, Limited: limited, HTML: html, Slow: slow, Cut: cut, Empty: empty,
	Duplicate: duplicate, Overlap: overlap, Missing: missing, Huge: huge, Currency: currency, Endless: endless,
	Expiry: expiry, Refused: refused, Echoed: echoed,
	ClockAhead: clockAhead, ClockBehind: clockBehind, AnotherDay: anotherDay,
}

// Run tries a source, each trial a test of its own.
func Run(t *testing.T, c Case) {
	t.Helper()
	for _, trial := range Trials {
		t.Run(string(trial), func(t *testing.T) {
			if reason := c.Cannot[trial]; reason != "" {
				t.Skip(reason)
			}
			if err := c.Judge(t.Context(), trial); err != nil {
				t.Error(err)
			}
		})
	}
}

// Judge tries a source in one way, and returns what is wrong with it.
func (c Case) Judge(ctx context.Context, trial Trial) error {
	good := slices.Clone(c.Good)
	if slices.Contains(edited, trial) {
		if len(c.Edits[trial]) == 0 {
			return fmt.Errorf("there are no Edits for this trial, and Cannot gives no reason")
		}
		for _, e := range c.Edits[trial] {
			if !e.apply(good) {
				return fmt.Errorf("no answer holds %q", e.Old)
			}
		}
	}
	s := open(ctx, c, good)
	defer s.Close()
	return judges[trial](s)
}

// apply edits the first answer that holds the text.
func (e Edit) apply(answers []Exchange) bool {
	for i := range answers {
		if !answers[i].Token && e.Old != "" && strings.Contains(answers[i].Body, e.Old) {
			answers[i].Body = strings.Replace(answers[i].Body, e.Old, e.New, 1)
			return true
		}
	}
	return false
}
