package outbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"hearth/openadr"
	"hearth/openadr/report"
)

// Config says what may be told, and as whom.
type Config struct {
	Name     string   // of the VTN: part of the key in the store
	Client   string   // name of this VEN
	Payloads []string // types of payload that the people of the home allow: "USAGE"; none: nothing is told
}

// Parts is what an outbox works with. All are required.
type Parts struct {
	VTN       VTN
	Store     Store
	Clock     Clock
	Pace      Pace
	Log       *slog.Logger
	Asks      func() []report.Ask       // what is wanted
	Resources func() []openadr.Resource // what can be told of, by the names that the VTN knows
	Meter     report.Meter
}

// VTN takes reports; [*openadr.Client] is one.
type VTN interface {
	Reports(ctx context.Context, eventID, clientName string) (openadr.List[openadr.Report], error)
	CreateReport(ctx context.Context, r openadr.Report) (openadr.Report, error)
	UpdateReport(ctx context.Context, r openadr.Report) (openadr.Report, error)
}

// Store keeps bytes over a restart.
type Store interface {
	Get(key string) (value []byte, isFound bool, err error)
	Put(key string, value []byte) error
}

// Clock tells the time and waits.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// Pace says how long to wait after a sending that ended with err, nil for a good one.
type Pace interface {
	Next(err error) time.Duration
}

// Outbox is the reports that wait. Its methods are safe for concurrent use, but for Run, Look and Flush, which are one
// goroutine's.
type Outbox struct {
	cfg   Config
	parts Parts

	// mu guards what follows.
	mu       sync.Mutex
	queue    []letter
	done     map[string]report.Sent // by ask
	begun    map[string]bool        // asks of which a report was made since the start
	state    State
	storeErr error
	isDirty  bool // the store does not know all of this

	told told // touched by Run only
}

// letter is a report that waits.
type letter struct {
	Ask        string         `json:"ask"`
	IsForecast bool           `json:"is_forecast,omitempty"`
	Report     openadr.Report `json:"report"`

	isTried bool // the VTN may have it
	failed  int  // how often it was answered with an error while others went through
	window  report.Window
}

// State is how the outbox fares.
type State struct {
	Waiting  int      // reports
	Sent     int      // since the start of the program
	Lost     int      // likewise: dropped because too many waited, or refused by the VTN
	Withheld []string // payload types that were asked for and are not allowed
	Declined []string // what was asked for and cannot be answered, and why
	Err      string   // why nothing can be sent now; empty: it can
}

// New is an outbox with nothing in it.
func New(cfg Config, parts Parts) *Outbox {
	return &Outbox{cfg: cfg, parts: parts, done: map[string]report.Sent{}, begun: map[string]bool{}}
}

// look is how often the outbox looks for what has become due. Reports are due at ends of intervals, and the shortest
// that make sense are minutes.
const look = time.Minute

// longest is how long a VTN may keep us waiting, so that a clock that was set back does not.
const longest = time.Hour

// Run looks and sends until ctx ends; then it returns the cause. It logs when sending begins and ceases to fail, and
// what is dropped.
func (o *Outbox) Run(ctx context.Context) error {
	var again time.Time // when to send next
	for {
		now := o.parts.Clock.Now()
		o.Look(now)
		if wait := again.Sub(now); wait <= 0 || wait > longest {
			err := o.Flush(ctx)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if wait := o.parts.Pace.Next(err); err != nil { // a good one begins the pace anew
				again = now.Add(wait)
			}
		}
		o.tell()
		if err := o.parts.Clock.Sleep(ctx, look); err != nil {
			return err
		}
	}
}

// State is how things stand.
func (o *Outbox) State() State {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.state
	s.Waiting = len(o.queue)
	if s.Err == "" && o.storeErr != nil {
		s.Err = "keep reports: " + o.storeErr.Error()
	}
	return s
}
