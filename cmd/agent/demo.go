package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	"hearth/energy"
	"hearth/internal/agent"
	"hearth/internal/clock"
	"hearth/internal/config"
	"hearth/sim"
	"hearth/sim/market"
)

type demoCommand struct {
	Speed    float64       `help:"How many times faster than the wall the home lives." default:"60"`
	Listen   string        `help:"Address of the page; if taken, the next free port." default:"127.0.0.1:8099"`
	For      time.Duration `help:"Wall time after which to end with a summary; 0: until interrupted."`
	Seed     uint64        `help:"Of weather, people and prices." default:"1"`
	Scenario string        `help:"Where the home stands: germany (OpenADR prices), italy (a supplier's price, bands and greenness) or california (dynamic prices and bills)." default:"germany"`
	Log      string        `help:"What to log: debug, info, warn or error." default:"warn"`
}

// Run starts the simulated home and the agent that drives it, and ends with what both have cost.
func (c demoCommand) Run(ctx context.Context, io stdio) error {
	if err := c.check(); err != nil {
		return err
	}
	listener, err := listenNear(ctx, c.Listen)
	if err != nil {
		return failure{exitUnavailable, fmt.Errorf("hearth: %w", err)}
	}
	defer listener.Close()
	dir, err := os.MkdirTemp("", "hearth-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	home, fast, err := c.home()
	if err != nil {
		return err
	}
	defer home.Close()
	if c.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	if err := home.Start(); err != nil {
		return failure{exitUnavailable, fmt.Errorf("hearth: %w", err)}
	}
	cfg, err := c.config(home, dir, listener)
	if err != nil {
		return err
	}
	a, err := c.moveIn(ctx, home, agent.Options{
		Config: cfg, Clock: fast, Log: newLog(cfg, io.err), Version: version, Listener: listener,
		Hold: fast.Hold, Note: fmt.Sprintf("simulated, %gx as fast", c.Speed),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(io.out, "A simulated home at %gx speed. Its page: http://%s  (end with Ctrl-C)\n", c.Speed, listener.Addr())
	if err := c.live(ctx, home, a); err != nil {
		return err
	}
	_, err = fmt.Fprint(io.out, home.Summary())
	return err
}

// check says what of the flags cannot be done.
func (c demoCommand) check() error {
	if err := errors.Join(oneOf("scenario", c.Scenario, "germany", "italy", "california"), oneOf("log", c.Log, "debug", "info", "warn", "error")); err != nil {
		return err
	}
	if !(c.Speed >= 1 && c.Speed <= 3600) {
		return failure{exitUsage, errors.New("hearth: --speed: want 1 to 3600")}
	}
	if host, _, err := net.SplitHostPort(c.Listen); err == nil && host != "localhost" && !net.ParseIP(host).IsLoopback() {
		return failure{exitUsage, fmt.Errorf("hearth: --listen %s: the page has no password yet, so it is served to this machine only", c.Listen)}
	}
	return nil
}

// home is the home of the scenario, not started yet, and the clock that it lives by.
func (c demoCommand) home() (*sim.Home, *clock.Fast, error) {
	place := market.Places[slices.IndexFunc(market.Places, func(p market.Place) bool { return p.Name == c.Scenario })]
	zone, err := time.LoadLocation(place.Zone)
	if err != nil {
		return nil, nil, err
	}
	fast := clock.NewFast(sim.DefaultStart(zone), c.Speed)
	home, err := sim.New(sim.Options{Clock: fast, Seed: c.Seed, Speed: c.Speed, Zone: zone, Place: place})
	return home, fast, err
}

// config is what the agent of a started home is told; the home writes the files that it names into dir.
func (c demoCommand) config(home *sim.Home, dir string, page net.Listener) (*config.Config, error) {
	text, err := home.Config(dir, page.Addr().String())
	if err != nil {
		return nil, err
	}
	cfg, err := config.Read(text, config.Environment{Dir: dir, Sources: agent.SourceTypes()})
	if err != nil {
		return nil, err
	}
	cfg.LogLevel = c.Log
	return cfg, nil
}

// moveIn is an agent that knows what was measured in the week before it came.
func (c demoCommand) moveIn(ctx context.Context, home *sim.Home, o agent.Options) (*agent.Agent, error) {
	if err := agent.Seed(ctx, o, past(home.Prehistory(7))); err != nil {
		return nil, err
	}
	a, err := agent.New(ctx, o)
	if err != nil {
		return nil, startFailure(err)
	}
	return a, nil
}

// live lets the home and its agent run until ctx ends; the home outlives the agent, which must leave it safe.
func (c demoCommand) live(ctx context.Context, home *sim.Home, a *agent.Agent) error {
	physics, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- home.Run(physics) }()
	err := a.Run(ctx)
	stop()
	return errors.Join(err, <-ended)
}

// past is what was measured before the agent moved in, a row for each time.
func past(measured []sim.Past) iter.Seq2[time.Time, map[string]energy.Watts] {
	return func(yield func(time.Time, map[string]energy.Watts) bool) {
		for i := 0; i < len(measured); {
			at, row := measured[i].Start, map[string]energy.Watts{}
			for ; i < len(measured) && measured[i].Start.Equal(at); i++ {
				row[measured[i].Device] = measured[i].Power
			}
			if !yield(at, row) {
				return
			}
		}
	}
}

// listenNear takes the address, or the next free port.
func listenNear(ctx context.Context, address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	first, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("listen %s: not a port", address)
	}
	for p := first; ; p++ {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(p)))
		if err == nil || p >= first+100 || !errors.Is(err, syscall.EADDRINUSE) {
			return l, err
		}
	}
}
