package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/internal/agent/line"
	"hearth/internal/config"
	"hearth/internal/pace"
	"hearth/openadr/ven"
)

type openadrWatchCommand struct {
	atVTN
	JSON  bool          `help:"One object a line; powers in W, energy in Wh, shares from 0 to 1."`
	For   time.Duration `help:"After which to end; 0: when interrupted."`
	Ahead time.Duration `help:"How far ahead to look, a week at most." default:"24h"`
}

// Run follows the servers with the engine of the agent, and with nothing else of it: no device and no store.
func (c openadrWatchCommand) Run(ctx context.Context, std stdio) error {
	if c.Ahead <= 0 || c.For < 0 {
		return failure{exitUsage, fmt.Errorf("hearth: --ahead must be longer than nothing, and --for not negative")}
	}
	cfg, servers, err := c.pick()
	if err != nil {
		return err
	}
	if c.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	out := &timelines{w: std.out, isJSON: c.JSON, zone: cfg.Home.Zone, isMany: len(servers) > 1}
	var all []*ven.VEN
	var running sync.WaitGroup
	defer running.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for _, s := range servers {
		if s.Version == version20b && len(servers) > 1 {
			fmt.Fprintln(std.err, errOld(s.Name))
			continue
		}
		v, follow, err := c.follow(cfg, s, std.err, out)
		if err != nil {
			return err
		}
		all = append(all, v)
		running.Go(func() { follow(ctx) })
	}
	<-ctx.Done()
	running.Wait()
	for _, v := range all {
		if s := v.Signals(wall.Now()); s.LastSuccess.IsZero() && !s.LastAttempt.IsZero() {
			return failure{exitUnavailable, fmt.Errorf("hearth: nothing came: %s", s.Err)}
		}
	}
	return nil
}

// follow builds the engine for a server, and what runs it until its context ends.
func (c openadrWatchCommand) follow(cfg *config.Config, s config.VTN, log io.Writer, out *timelines) (*ven.VEN, func(context.Context), error) {
	if err := checkVTN(s); err != nil {
		return nil, nil, err
	}
	client, err := clientOf(s)
	if err != nil {
		return nil, nil, err
	}
	polled := paced{pace.New(s.Poll, nil), make(chan struct{}, 1)}
	v := ven.New(
		ven.Config{Name: s.Name, Programs: s.Programs, Targets: s.Targets, Currency: cfg.Home.Currency, Conventions: line.Conventions(s, "")},
		ven.Parts{Client: client, Store: forgetful{}, Clock: wall, Pace: polled, Log: newLog(cfg, log)},
	)
	return v, func(ctx context.Context) {
		defer client.Close()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = v.Run(ctx) // ends with the context
		}()
		for isOpen := true; isOpen; {
			select {
			case <-polled.bell:
				out.show(s.Name, v.Signals(wall.Now()), energy.Span(wall.Now(), c.Ahead))
			case <-ended:
				isOpen = false
			}
		}
	}, nil
}

// paced rings after each poll.
type paced struct {
	*pace.Pace
	bell chan struct{}
}

// Next is asked when a poll has ended.
func (p paced) Next(err error) time.Duration {
	select {
	case p.bell <- struct{}{}:
	default: // it is looked at already
	}
	return p.Pace.Next(err)
}

// forgetful is a store of a program that ends.
type forgetful struct{}

func (forgetful) Get(string) ([]byte, bool, error) { return nil, false, nil }
func (forgetful) Put(string, []byte) error         { return nil }

// timelines prints what is new and what is gone. It is safe for concurrent use.
type timelines struct {
	w      io.Writer
	isJSON bool
	isMany bool
	zone   *time.Location

	mu    sync.Mutex
	shown map[string]seen // by server, of the last time
}

type seen struct {
	revision uint64
	lines    []holding
}

// show prints the difference to what was shown of the server before: "+" for what is new, "-" for what no longer
// holds. What is over is not gone, and what comes into sight because time passes is not news.
func (t *timelines) show(name string, s ven.Signals, within energy.Interval) {
	t.mu.Lock()
	defer t.mu.Unlock()
	last, isKnown := t.shown[name]
	if s.LastSuccess.IsZero() || isKnown && last.revision == s.Revision {
		return
	}
	now := holdingsOf(s.Curves, s.Programs, within)
	before, after := map[string]bool{}, map[string]bool{}
	for _, l := range last.lines {
		before[t.text(l)] = true
	}
	for _, l := range now {
		after[t.text(l)] = true
	}
	for _, l := range last.lines {
		if !after[t.text(l)] && l.To.After(within.Start) {
			t.print(name, "-", l)
		}
	}
	for _, l := range now {
		if !before[t.text(l)] {
			t.print(name, "+", l)
		}
	}
	if t.shown == nil {
		t.shown = map[string]seen{}
	}
	t.shown[name] = seen{s.Revision, now}
	if len(now) == 0 && !t.isJSON {
		fmt.Fprintf(t.w, "  %s: nothing holds from now on: %d programs, %d values not used\n", name, len(s.Programs), len(s.Rejected))
	}
}

// text is a line for people, and the same for the same.
func (t *timelines) text(l holding) string {
	return feeds.OneLine(fmt.Sprintf("%s %s %s %s", span(l.From, l.To, t.zone), l.What, l.value(), l.why()))
}

func (t *timelines) print(name, sign string, l holding) {
	if t.isJSON {
		l.VEN = name
		_ = json.NewEncoder(t.w).Encode(struct { // nobody to tell when the pipe is closed
			Is string `json:"is"`
			holding
		}{map[string]string{"+": "new", "-": "gone"}[sign], l})
		return
	}
	if t.isMany {
		sign += " " + name
	}
	// Blanks set columns apart, and OneLine would close them.
	fmt.Fprintln(t.w, strings.TrimRight(fmt.Sprintf("%s %-36s  %-16s  %s  (%s)", sign, span(l.From, l.To, t.zone),
		l.What, feeds.OneLine(l.value()), feeds.OneLine(l.why())), " "))
}
