package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"hearth/api"
	"hearth/devices"
	"hearth/devices/guard"
	"hearth/internal/agent/answer"
	"hearth/internal/agent/decide"
	"hearth/internal/agent/edge"
	"hearth/internal/agent/line"
	"hearth/internal/agent/listen"
	"hearth/internal/agent/measured"
	"hearth/internal/agent/metrics"
	"hearth/internal/clock"
	"hearth/internal/config"
	"hearth/scheduler"
	"hearth/storage"
)

// ErrConfig says that what was configured cannot be built; trying again will not help.
var ErrConfig = errors.New("configuration cannot be used")

// Clock is the time the home goes by.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// Options is what an agent needs. Config, Clock and Log are required.
type Options struct {
	Config  *config.Config
	Clock   Clock
	Log     *slog.Logger
	Version string

	Listener   net.Listener            // of the page; nil: one at the configured address. The agent closes it
	ClockFloor time.Time               // the clock is not believed before it; usually [BuiltAfter]
	Hold       func() (release func()) // stops the home's clock while a plan is made; nil: time goes on
	Note       string                  // shown on the page beside the home's name
	StoreTool  []string                // this program's command that checks and salvages a store in a child; nil: in this process
	Notify     func(state string)      // tells the service manager; nil: nobody listens
}

// Agent is one home's daemon.
type Agent struct {
	options Options
	cfg     *config.Config
	clock   Clock
	log     *slog.Logger
	metrics *metrics.Metrics

	closing   []closer // in the order of opening
	closeOnce sync.Once
	closeErr  error

	store    *storage.Store
	chorus   *listen.Chorus
	lines    []*line.Line
	meter    *answer.Meter // of what operators want to know
	news     clock.Alarm   // rung when an operator has said something new
	ledger   *measured.Ledger
	links    []link
	measures map[string]bool // devices that measure power
	devices  []*devices.Device
	guards   map[string]*guard.Guard
	planner  *decide.Planner
	listener net.Listener
	grid     string // name of the meter at the house connection; empty: there is none

	// What follows belongs to the cycle.
	memory  decide.Memory
	plan    *decide.Plan
	planErr error     // why the newest attempt gave none
	tried   time.Time // when a plan was last tried
	madeFor string    // the situation it was tried for
	told    map[string]result
	edges   *edge.Log
	sanity  sanity
	shield  shield

	kept     time.Time // the quarter hour in which state was kept last
	drawn    drawn
	revision int // of the page's timeline

	isReady  atomic.Bool
	home     atomic.Pointer[api.Home]
	timeline atomic.Pointer[api.Timeline]
}

type closer struct {
	name  string
	close func() error
}

// New builds everything that can fail: the store is opened, links and devices are made from their profiles,
// the page's address is taken. Nothing is connected yet. When it fails, it lets go of what it took.
func New(ctx context.Context, o Options) (*Agent, error) {
	a, err := build(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := a.openPage(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// build is an agent without its page.
func build(ctx context.Context, o Options) (*Agent, error) {
	a := blank(o)
	for _, step := range []func(context.Context) error{a.openStore, a.openVENs, a.openSources, a.openDevices, a.openGuards, a.openShield} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, a.Close())
		}
	}
	return a, nil
}

// blank is an agent that has opened nothing.
func blank(o Options) *Agent {
	return &Agent{
		options: o, cfg: o.Config, clock: o.Clock, log: o.Log, metrics: metrics.New(o.Version),
		guards: map[string]*guard.Guard{}, memory: decide.Memory{}, told: map[string]result{},
		measures: map[string]bool{}, edges: edge.New(o.Log), news: clock.NewAlarm(),
	}
}

func (a *Agent) openStore(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Dir(a.cfg.Storage), 0o700); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	o := storage.Options{Clock: a.clock, Log: a.log, Journals: map[string]storage.Limit{
		inputJournal: {Days: 30, Bytes: 24 << 20}, // about 3 kB a plan, 288 plans a day
		homeJournal:  {Days: 400},
	}}
	if tool := a.options.StoreTool; tool != nil {
		o.VerifyCommand, o.SalvageCommand = append(tool[:len(tool):len(tool)], "verify"), append(tool[:len(tool):len(tool)], "salvage")
	}
	store, err := storage.Open(ctx, a.cfg.Storage, o)
	if err != nil {
		return fmt.Errorf("store %s: %w", a.cfg.Storage, err)
	}
	a.store = store
	a.opened("store", store.Close)
	a.ledger = measured.New(a.cfg, store, a.edges)
	a.meter = answer.New(a.cfg, store, a.ledger.Energy)
	a.chorus = listen.New(listen.Parts{Config: a.cfg, Store: store, Clock: a.clock, Month: a.ledger, Log: a.log, Edges: a.edges})
	return a.recall()
}

func (a *Agent) openPage(ctx context.Context) error {
	a.listener = a.options.Listener
	if a.listener == nil {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", a.cfg.Listen)
		if err != nil {
			return fmt.Errorf("page: %w", err)
		}
		a.listener = l
	}
	a.opened("page", func() error {
		if err := a.listener.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return nil
}

// opened notes how to let go of something, in reverse order of opening.
func (a *Agent) opened(name string, close func() error) {
	a.closing = append(a.closing, closer{name, close})
}

// Addr is where the page is served.
func (a *Agent) Addr() net.Addr { return a.listener.Addr() }

// Close lets go of everything that New took, in reverse order. Run does it by itself when it ends; Close is
// for an agent that was never run, and does nothing after Run.
func (a *Agent) Close() error {
	a.closeOnce.Do(func() {
		var errs []error
		for i := len(a.closing) - 1; i >= 0; i-- {
			if err := a.closing[i].close(); err != nil {
				errs = append(errs, fmt.Errorf("close %s: %w", a.closing[i].name, err))
			}
		}
		a.closeErr = errors.Join(errs...)
	})
	return a.closeErr
}

func (a *Agent) solverOptions() scheduler.Options {
	return scheduler.Options{TimeLimit: a.cfg.Planning.TimeLimit, Seed: 1}
}
