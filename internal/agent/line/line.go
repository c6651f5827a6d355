package line

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"hearth/energy"
	"hearth/internal/agent/answer"
	"hearth/internal/agent/listen"
	"hearth/internal/config"
	"hearth/internal/pace"
	"hearth/openadr"
	"hearth/openadr/enrol"
	"hearth/openadr/outbox"
	"hearth/openadr/push"
	"hearth/openadr/ven"
)

// Store keeps bytes over a restart.
type Store interface {
	Get(key string) (value []byte, isFound bool, err error)
	Put(key string, value []byte) error
}

// Clock is the time the home goes by.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// Parts is what a line works with. All are required.
type Parts struct {
	Store   Store
	Clock   Clock
	Log     *slog.Logger
	Home    *config.Config                                         // all of it: devices are resources
	Seed    string                                                 // of this home, see [ven.Conventions]
	IsSane  func() bool                                            // the clock is believed
	Changed func()                                                 // the operator has said something new
	Meter   *answer.Meter                                          // of the home
	Order   func(name string, within energy.Interval) answer.Order // of the operator of that name, and what became of it
}

// Line is the line to one operator.
type Line struct {
	VEN *ven.VEN

	cfg    config.VTN
	parts  Parts
	client client

	place   *enrol.Keeper // nil, as those that follow: there is no such thing
	outbox  *outbox.Outbox
	bell    *push.Bell
	broker  *push.Broker
	webhook *push.Webhook

	answered chan struct{} // closed when the server has answered a poll
	once     sync.Once

	// What follows is touched by polls only.
	followed []string // programs, when they were looked at last
	isLost   bool     // the last poll was not answered
}

// client is a [ven.Client] in any version.
type client interface {
	ven.Client
	Close() error
}

// Open builds a line; nothing is connected yet. The error is of the configuration.
func Open(cfg config.VTN, parts Parts) (*Line, error) {
	l := &Line{cfg: cfg, parts: parts, answered: make(chan struct{})}
	if err := Check(cfg); err != nil {
		return nil, err
	}
	if err := l.open(); err != nil {
		return nil, err
	}
	return l, nil
}

// Check holds what a section says against what there is to be said.
func Check(v config.VTN) error {
	for private, meaning := range v.Payloads {
		if !slices.Contains(ven.Meanings(), meaning) {
			return fmt.Errorf("payloads.%s: %q is none of %s", private, meaning, strings.Join(ven.Meanings(), ", "))
		}
	}
	for i, payload := range v.Reports {
		if !slices.Contains(answer.Payloads(), payload) {
			return fmt.Errorf("reports[%d]: %q is none of %s", i, payload, strings.Join(answer.Payloads(), ", "))
		}
	}
	return nil
}

func (l *Line) open() (err error) {
	var pace ven.Pace = l.pace()
	var modern *openadr.Client // speaks 3
	if l.cfg.Version == version20b {
		old, err := l.open20b()
		if err != nil {
			return err
		}
		l.client, pace = old, brisk{pace, old}
	} else {
		if modern, err = openadr.New(Connection(l.cfg, l.parts.Clock.Now)); err != nil {
			return err
		}
		l.client = modern
	}
	l.VEN = ven.New(ven.Config{
		Name: l.cfg.Name, Programs: l.cfg.Programs, Targets: l.cfg.Targets, Currency: l.parts.Home.Home.Currency, IsClockSane: l.parts.IsSane,
		Conventions: Conventions(l.cfg, l.parts.Seed),
	}, ven.Parts{Client: l.client, Store: l.parts.Store, Clock: l.parts.Clock, Pace: witness{pace, l}, Log: l.parts.Log, Changed: l.changed})
	if modern == nil {
		return nil
	}
	if l.cfg.VEN != "" {
		l.enrol(modern)
	}
	return l.openPush(modern)
}

// isOld says that limits without an end hold until further notice, as in 3.0.
func isOld(version string) bool { return version == "3.0" || version == "3.0.0" }

// Conventions are how the events of a server are read. Without a seed no start is randomized.
func Conventions(v config.VTN, seed string) ven.Conventions {
	return ven.Conventions{IsOld: isOld(v.Version), Private: v.Payloads, Hundreds: v.Hundreds, Resources: v.Resources, Seed: seed}
}

// Connection is how a server of OpenADR 3 is reached.
func Connection(v config.VTN, now func() time.Time) openadr.Config {
	return openadr.Config{
		BaseURL: v.URL, Dialect: openadr.Dialect(v.Version), AuthStyle: openadr.AuthStyle(v.Auth),
		ClientID: v.ClientID, ClientSecret: openadr.Secret(v.Secret), TokenURL: v.TokenURL,
		CAFile: v.CAFile, CertFile: v.CertFile, KeyFile: v.KeyFile, Pins: v.Pins, AllowHTTP: v.IsInsecure, Now: now,
	}
}

// pace is a new one for each part: what one of them meets says nothing of another.
func (l *Line) pace() *pace.Pace { return pace.New(l.cfg.Poll, nil) }

// Close lets go of what Open took, after the loops have ended.
func (l *Line) Close() error {
	if l.bell != nil {
		return errors.Join(l.bell.Close(), l.client.Close())
	}
	return l.client.Close()
}

// Loops run beside the cycle until their context ends.
func (l *Line) Loops() []listen.Loop {
	loops := []listen.Loop{{Name: "vtn " + l.cfg.Name, Run: l.follow}}
	add := func(what string, run func(context.Context) error) {
		loops = append(loops, listen.Loop{Name: what + " " + l.cfg.Name, Run: run})
	}
	if l.place != nil {
		add("enrolment", l.afterPoll(l.place.Run))
	}
	if l.outbox != nil {
		add("reports", l.outbox.Run)
	}
	if l.broker != nil {
		add("broker", l.afterPoll(l.broker.Run))
	}
	if l.webhook != nil {
		add("webhook", l.afterPoll(l.webhook.Run))
	}
	return loops
}

// afterPoll runs a part once the server has answered a poll: until then it would not be asked for anything else.
func (l *Line) afterPoll(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-l.answered:
			return run(ctx)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// witness is the pace of the polls, which is told how each of them ended.
type witness struct {
	ven.Pace
	line *Line
}

// Next is the time to wait after a poll that ended with err.
func (w witness) Next(err error) time.Duration {
	w.line.polled(err)
	return w.Pace.Next(err)
}

// polled notes how a poll ended. What had to wait for the server goes on at once when it is back.
func (l *Line) polled(err error) {
	switch {
	case err != nil:
		l.isLost = true
	case l.isLost:
		l.isLost = false
		l.recheck()
		fallthrough
	default:
		l.once.Do(func() { close(l.answered) })
	}
}

// follow polls. After a blackout all homes of a country start at once: those whose machine has just started wait their
// turn, the longer the more they still know.
func (l *Line) follow(ctx context.Context) error {
	if isMachineNew() {
		if err := l.parts.Clock.Sleep(ctx, l.pace().First(!l.VEN.Signals(l.parts.Clock.Now()).LastSuccess.IsZero())); err != nil {
			return err
		}
	}
	return l.VEN.Run(ctx)
}
