package ven

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/energy"
	"hearth/openadr"
)

// fakeVTN is a Client that answers from memory.
type fakeVTN struct {
	mu       sync.Mutex
	programs []openadr.Program
	events   []openadr.Event          // listed
	hidden   map[string]openadr.Event // not listed, but there when asked for by id
	garbled  []openadr.Malformed      // among the events
	err      error                    // of every list
	errOne   error                    // of every event asked for by id
	asked    []string

	garbledPrograms []openadr.Malformed
}

func (f *fakeVTN) note(format string, a ...any) func() {
	f.mu.Lock()
	f.asked = append(f.asked, fmt.Sprintf(format, a...))
	return f.mu.Unlock
}

func (f *fakeVTN) Programs(context.Context, openadr.Query) (openadr.List[openadr.Program], error) {
	defer f.note("programs")()
	return openadr.List[openadr.Program]{Items: f.programs, Malformed: f.garbledPrograms}, f.err
}

func (f *fakeVTN) Events(_ context.Context, q openadr.Query) (openadr.List[openadr.Event], error) {
	defer f.note("events %s", q.ProgramID)()
	list := openadr.List[openadr.Event]{Malformed: f.garbled}
	for _, e := range f.events {
		if q.ProgramID == "" || q.ProgramID == e.ProgramID {
			list.Items = append(list.Items, e)
		}
	}
	return list, f.err
}

func (f *fakeVTN) Event(_ context.Context, id string) (openadr.Event, error) {
	defer f.note("event %s", id)()
	if f.errOne != nil {
		return openadr.Event{}, f.errOne
	}
	for _, e := range f.events {
		if e.ID == id {
			return e, nil
		}
	}
	if e, ok := f.hidden[id]; ok {
		return e, nil
	}
	return openadr.Event{}, &openadr.Error{Op: "get event", Kind: openadr.NotFound, Status: 404}
}

// asks is what was asked since the last call.
func (f *fakeVTN) asks() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := strings.Join(f.asked, ", ")
	f.asked = nil
	return all
}

// memory is a Store that counts its writes.
type memory struct {
	values map[string][]byte
	puts   int
	err    error
}

func (m *memory) Get(key string) ([]byte, bool, error) {
	v, ok := m.values[key]
	return v, ok, m.err
}

func (m *memory) Put(key string, value []byte) error {
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

// hand is a Clock that a test turns; it never waits.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hand) Sleep(context.Context, time.Duration) error { return errors.New("nobody sleeps here") }

func (h *hand) turn(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// bench is a VEN at a workbench: all its parts within reach.
type bench struct {
	*VEN
	t     *testing.T
	vtn   *fakeVTN
	store *memory
	clock *hand
	log   *strings.Builder
}

func newBench(t *testing.T, change ...func(*Config)) *bench {
	b := &bench{
		t: t, vtn: &fakeVTN{programs: []openadr.Program{program("p", "tou")}}, store: &memory{},
		clock: &hand{at: origin0}, log: &strings.Builder{},
	}
	b.restart(change...)
	return b
}

// restart replaces the VEN by a new one on the same store.
func (b *bench) restart(change ...func(*Config)) {
	b.t.Helper()
	cfg := Config{Name: "ven", Currency: "EUR"}
	for _, f := range change {
		f(&cfg)
	}
	b.VEN = New(cfg, Parts{Client: b.vtn, Store: b.store, Clock: b.clock, Log: slog.New(slog.NewTextHandler(b.log, nil))})
	if err := b.Restore(); err != nil {
		b.t.Fatal(err)
	}
}

// poll polls, wants the kind of error, and returns the signals.
func (b *bench) poll(want error) Signals {
	b.t.Helper()
	if err := b.Poll(b.t.Context()); !errors.Is(err, want) {
		b.t.Fatalf("poll: got %v, want %v", err, want)
	}
	return b.now()
}

func (b *bench) now() Signals { return b.Signals(b.clock.Now()) }

// price is the import price now, "-" if there is none.
func (b *bench) price() string {
	if p, ok := b.now().ImportPrice.At(b.clock.Now()); ok {
		return p.String()
	}
	return "-"
}

func program(id, name string) openadr.Program {
	var p openadr.Program
	if err := json.Unmarshal(fmt.Appendf(nil, `{"id":%q,"programName":%q}`, id, name), &p); err != nil {
		panic(err)
	}
	return p
}

// hourly is an event of one price an hour, from a start on.
func hourly(id, start string, prices ...float64) openadr.Event {
	e := openadr.Event{Metadata: openadr.Metadata{ID: id}, ProgramID: "p", IntervalPeriod: &openadr.IntervalPeriod{}}
	at, err := openadr.ParseStart(start)
	if err != nil {
		panic(err)
	}
	hour := openadr.DurationOf(time.Hour)
	e.IntervalPeriod = &openadr.IntervalPeriod{Start: at, Duration: &hour}
	for i, p := range prices {
		m, err := openadr.NewValuesMap(openadr.PayloadPrice, energy.PriceOf(p))
		if err != nil {
			panic(err)
		}
		e.Intervals = append(e.Intervals, openadr.Interval{ID: int32(i), Payloads: []openadr.ValuesMap{m}})
	}
	return wired(e)
}

// wired is the event as it comes over the wire.
func wired(e openadr.Event) openadr.Event {
	b, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	var out openadr.Event
	if err := json.Unmarshal(b, &out); err != nil {
		panic(err)
	}
	return out
}

func words(e openadr.Event) openadr.Event {
	var out openadr.Event
	text := strings.ReplaceAll(string(e.Raw), `"values":[`, `"values":["cheap",`)
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		panic(err)
	}
	return out
}
