package keep

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/internal/clock"
)

// memory is a Store that counts its writes.
type memory struct {
	mu     sync.Mutex
	values map[string][]byte
	puts   int
	err    error
}

func (m *memory) Get(key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.values[key]
	return v, ok, m.err
}

func (m *memory) Put(key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.puts++; m.err != nil {
		return m.err
	}
	m.values = maps.Clone(m.values)
	if m.values == nil {
		m.values = map[string][]byte{}
	}
	m.values[key] = value
	return nil
}

// exchange is a Source that publishes hourly prices of the next day at its hour.
type exchange struct {
	about feeds.About

	mu    sync.Mutex
	late  time.Duration
	err   error
	asked []time.Time
	spans []energy.Interval
	give  func(now time.Time, span energy.Interval) feeds.Values // nil: what is out
}

func (e *exchange) About() feeds.About { return e.about }

func (e *exchange) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	e.asked, e.spans = append(e.asked, now), append(e.spans, span)
	if e.err != nil {
		return feeds.Values{}, e.err
	}
	if e.give != nil {
		return e.give(now, span), context.Cause(ctx)
	}
	today := energy.Day(now, e.about.Zone)
	end := today.End
	if now.Sub(today.Start) >= e.about.Publishes.At+e.late {
		end = energy.Day(today.End, e.about.Zone).End
	}
	return feeds.Values{Import: prices(today.Start, end, energy.Final, 1)}, nil
}

func (e *exchange) set(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f()
}

// asks is when it was asked since the last call.
func (e *exchange) asks() []time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.asked
	e.asked = nil
	return all
}

// prices are hourly ones from start to end.
func prices(start, end time.Time, status energy.Status, price energy.Price) energy.Series[energy.Price] {
	s := energy.Series[energy.Price]{Currency: "EUR"}
	origin := &energy.Origin{Source: "exchange", Fetched: time.Now(), Status: status}
	for at := start; at.Before(end); at = at.Add(time.Hour) {
		s.Points = append(s.Points, energy.Point[energy.Price]{Interval: energy.Span(at, time.Hour), Value: price, Origin: origin})
	}
	return s
}

// bench is a keeper at a workbench.
type bench struct {
	*Keeper
	t      *testing.T
	source *exchange
	store  *memory
	log    *strings.Builder

	settings string
}

func newBench(t *testing.T, about feeds.About) *bench {
	t.Helper()
	about.Kinds, about.Currency = []feeds.Kind{feeds.ImportPrice}, "EUR"
	if about.Zone == nil {
		about.Zone = time.UTC
	}
	b := &bench{t: t, source: &exchange{about: about}, store: &memory{}, log: &strings.Builder{}}
	b.restart(nil)
	return b
}

// restart replaces the keeper by a new one on the same store.
func (b *bench) restart(want error) {
	b.t.Helper()
	b.Keeper = New("exchange", "home", Parts{
		Source: b.source, Store: b.store, Clock: clock.Wall{}, Settings: b.settings, Log: slog.New(slog.NewTextHandler(b.log, nil)),
	})
	if err := b.Restore(); !errors.Is(err, want) {
		b.t.Fatalf("restore: %v", err)
	}
}

// run runs the keeper for a while; at its end nothing is left running.
func (b *bench) run(d time.Duration) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), d)
	defer cancel()
	if err := b.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		b.t.Errorf("run ended with %v", err)
	}
}

// hand is a clock that stands at noon.
type hand struct{}

func (hand) Now() time.Time { return noon }

func (hand) Sleep(ctx context.Context, _ time.Duration) error {
	<-ctx.Done()
	return context.Cause(ctx)
}
