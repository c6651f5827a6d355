// Package gridx is the vendor's side of dynamic prices in California: an HTTP handler that answers as GridX does, with
// made-up numbers. Tests and the demo ask it.
//
// # Basics
//
//   - [New] is a server of one utility: [Config] says what it knows, what the time is and what energy costs.
//   - /v1/getPricing needs no key. Where a [Customer] is configured there are /v1/auth/token, /v1/customer/info and
//     /v1/customer/usage as well.
//
// # Caveats
//
// It is as unhelpful as the vendor: whatever is wrong with a question for prices is answered with 204 and no body, and
// so is a day that is not out. It is stricter in one thing: more than two weeks at once, which the vendor advises
// against, are not answered either.
//
// The shape of usage is public in its words only (payload types, descriptors, periods, as in OpenADR 3); what stands
// around them is guessed.
package gridx

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"hearth/energy"
)

// The forms in which the vendor was seen to write times. The offset has a colon or none, and seconds may have parts.
const (
	PlainOffset = "2006-01-02T15:04:05-0700"
	ColonOffset = "2006-01-02T15:04:05-07:00"
	Millis      = "2006-01-02T15:04:05.000-07:00"
)

// Config says what a server knows.
type Config struct {
	Now     func() time.Time // nil: the wall's
	Utility string           // PGE or SCE
	// Rates, Circuits and CCAs are known by their exact names; anything else is answered with nothing.
	Rates, Circuits, CCAs []string
	// Price is that of the slot that begins at a time, to a millionth. It is asked by several goroutines.
	Price func(time.Time) energy.Price
	// Forecast is what a preliminary price says; nil: the price.
	Forecast func(time.Time) energy.Price
	Step     time.Duration // of a slot, 60 or 15 min; zero: 60
	Since    time.Time     // the first day that is known; zero: the utility's
	// Preliminary and Final are what the clock on the wall shows, after midnight, when the next day comes out: at first
	// as a forecast, then as it will be billed. Zero: the utility's hours, PGE's 16:30 and 18:30, and SCE's 18:00 at once.
	Preliminary, Final time.Duration
	// Ahead is how many days the forecast covers; zero: a week (PGE), a day (SCE).
	Ahead    int
	Layout   string    // of times; empty: PlainOffset
	Customer *Customer // nil: none, and no token for anybody
}

// server is a Config that is whole.
type server struct {
	Config
	zone *time.Location
	key  []byte // that signs tokens
}

// mostDays is what is answered at once.
const mostDays = 14

// New is a handler that answers below /v1. It refuses a configuration that cannot be served.
func New(c Config) (http.Handler, error) {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		return nil, fmt.Errorf("gridx: %w", err)
	}
	switch {
	case c.Utility != "PGE" && c.Utility != "SCE":
		return nil, fmt.Errorf("gridx: utility %q: must be PGE or SCE", c.Utility)
	case c.Price == nil:
		return nil, fmt.Errorf("gridx: there are no prices")
	case c.Step != 0 && c.Step != time.Hour && c.Step != 15*time.Minute:
		return nil, fmt.Errorf("gridx: step %v: must be 60 or 15 min", c.Step)
	}
	s := &server{Config: c.whole(zone), zone: zone}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/getPricing", s.pricing)
	if c.Customer != nil {
		if err := c.Customer.check(); err != nil {
			return nil, err
		}
		s.key = []byte("signed by " + c.Customer.Secret)
		mux.HandleFunc("GET /v1/auth/token", s.token)
		mux.HandleFunc("GET /v1/customer/info", s.private(s.info))
		mux.HandleFunc("GET /v1/customer/usage", s.private(s.usage))
	}
	return mux, nil
}

// whole fills in what is the utility's habit.
func (c Config) whole(zone *time.Location) Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Forecast == nil {
		c.Forecast = c.Price
	}
	c.Step, c.Layout = cmp.Or(c.Step, time.Hour), cmp.Or(c.Layout, PlainOffset)
	since := time.Date(2024, time.June, 1, 0, 0, 0, 0, zone)
	final, preliminary, ahead := 18*time.Hour+30*time.Minute, 16*time.Hour+30*time.Minute, 7
	if c.Utility == "SCE" {
		since = time.Date(2025, time.July, 1, 0, 0, 0, 0, zone)
		final, preliminary, ahead = 18*time.Hour, 18*time.Hour, 1
	}
	if c.Since.IsZero() {
		c.Since = since
	}
	c.Final, c.Ahead = cmp.Or(c.Final, final), cmp.Or(c.Ahead, ahead)
	c.Preliminary = min(cmp.Or(c.Preliminary, preliminary), c.Final)
	return c
}

// wall is the instant at which a clock shows a time of the day that is some days before a date. It is counted on the
// wall, so that it holds on days of 23 and 25 hours.
func (s *server) wall(date time.Time, daysBefore int, clock time.Duration) time.Time {
	y, m, d := date.In(s.zone).Date()
	return time.Date(y, m, d-daysBefore, 0, 0, int(clock/time.Second), 0, s.zone)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // whoever asked has gone, if anything
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
}
