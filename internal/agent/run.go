package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hearth/api"
)

// safeTimeout bounds the way to the safe states at the end: systemd grants 20 s for all of the stop, and a
// device that does not answer is covered by its lease.
const safeTimeout = 5 * time.Second

// settleTime is how long the first cycle waits for devices: a broker answers in milliseconds, a serial line
// with a dozen meters in a second or two.
const settleTime = 3 * time.Second

// Run works until ctx ends: links, drivers and VENs first, then the page, then cycle after cycle. Then it
// stops in the opposite order: no more cycles, every device in its safe state, the rest closed. It returns
// what went wrong in stopping, nil when nothing did.
func (a *Agent) Run(ctx context.Context) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var running sync.WaitGroup
	for _, l := range a.links {
		a.start(work, &running, "link "+l.name, l.run)
	}
	for _, d := range a.devices {
		a.start(work, &running, "device "+d.Name, d.Driver.Run)
	}
	for _, line := range a.lines {
		for _, l := range line.Loops() {
			a.start(work, &running, l.Name, l.Run)
		}
	}
	for _, l := range a.chorus.Loops() {
		a.start(work, &running, l.Name, l.Run)
	}
	a.start(work, &running, "page", a.serve)
	a.log.Info("started", "home", a.cfg.Home.Name, "page", "http://"+a.listener.Addr().String(), "devices", len(a.devices))
	a.settle(ctx)
	a.cycles(ctx)
	a.notify("STOPPING=1")
	err := a.makeSafe(context.WithoutCancel(ctx))
	stop()
	running.Wait()
	a.remember(a.clock.Now())
	err = errors.Join(err, a.Close())
	a.log.Info("stopped")
	return err
}

// start runs a part until it ends. Parts end only with their context; one that ends earlier is said aloud,
// and the home goes on without it.
func (a *Agent) start(ctx context.Context, running *sync.WaitGroup, name string, run func(context.Context) error) {
	running.Go(func() {
		if err := run(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("part stopped working", "part", name, "err", err)
		}
	})
}

// settle waits until every device has said something, so that the first plan is made for the home as it is.
// What has not been heard in settleTime, real time, is treated as silent.
func (a *Agent) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		isHeard := true
		for _, d := range a.devices {
			isHeard = isHeard && seen(d.Observe()) != nil
		}
		if isHeard {
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

// cycles is the loop. What an operator says anew does not wait for the next turn. The watchdog is fed by it, not by a
// timer: a cycle that hangs must be seen.
func (a *Agent) cycles(ctx context.Context) {
	for {
		a.news.Silence() // until here it is seen by this cycle
		a.cycle(ctx)
		if ctx.Err() != nil {
			return
		}
		if a.home.Load() != nil && a.isReady.CompareAndSwap(false, true) {
			a.notify("READY=1")
		}
		a.notify("WATCHDOG=1")
		if a.rest(ctx) != nil {
			return
		}
	}
}

// makeSafe leaves every device in its safe state, all at once.
func (a *Agent) makeSafe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, safeTimeout)
	defer cancel()
	var (
		mu   sync.Mutex
		errs []error
		all  sync.WaitGroup
	)
	for name, g := range a.guards {
		all.Go(func() {
			if err := g.Close(ctx, a.clock.Now()); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, fmt.Errorf("leave %s safe: %w", name, err))
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func (a *Agent) serve(ctx context.Context) error {
	handler := api.New(api.Options{
		Home: a, Metrics: a.metrics.Handler(), Ready: a.ready, Hosts: a.cfg.Hosts, Version: a.options.Version, Log: a.log,
	})
	return api.Serve(ctx, a.listener, handler, a.log)
}

func (a *Agent) notify(state string) {
	if a.options.Notify != nil {
		a.options.Notify(state)
	}
}
