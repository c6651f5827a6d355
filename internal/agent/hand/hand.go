// Package hand is what tests of the agent's rooms have at hand instead of the world: a clock, a log, an OpenADR server
// and a source that say what a test wants. No wires, and nobody sleeps.
package hand

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// Clock is moved by a test.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// At is a clock that stands at a time.
func At(t time.Time) *Clock { return &Clock{at: t} }

// Now is where the clock stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Sleep waits for the end of its context: by this clock no time passes by itself.
func (c *Clock) Sleep(ctx context.Context, _ time.Duration) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// Move moves the clock on, or back.
func (c *Clock) Move(d time.Duration) { c.Set(c.Now().Add(d)) }

// Set puts the clock at a time.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = t
}

// Lines is a log that can be read while it is written.
type Lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write adds to the log.
func (l *Lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// String is the log as it is.
func (l *Lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Says counts lines that hold all the words.
func (l *Lines) Says(words ...string) int {
	n := 0
	for line := range strings.Lines(l.String()) {
		holdsAll := true
		for _, w := range words {
			holdsAll = holdsAll && strings.Contains(line, w)
		}
		if holdsAll {
			n++
		}
	}
	return n
}

// Source is a source behind which an account stands.
type Source struct {
	Is    feeds.About
	Says  feeds.Values
	Err   error // of every fetch
	Takes []feeds.Order
}

// About is what it is.
func (s *Source) About() feeds.About { return s.Is }

// Fetch gives what it says, whatever is asked for.
func (s *Source) Fetch(context.Context, energy.Interval) (feeds.Values, error) { return s.Says, s.Err }

// Questions are none.
func (s *Source) Questions() []feeds.Question { return nil }

// Orders is what it takes.
func (s *Source) Orders() []feeds.Order { return s.Takes }

// Type is the type of which this is the only source.
func (s *Source) Type() feeds.Type {
	return feeds.Type{Name: "test", Title: "A test", New: func(feeds.Settings, feeds.Net) (feeds.Source, error) { return s, nil }}
}
