package push

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/openadr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second

// realtime is a Clock, of the machine or of a synctest bubble, that remembers what it was asked for last.
type realtime struct {
	mu   sync.Mutex
	last time.Duration
}

func (c *realtime) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	c.last = d
	c.mu.Unlock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *realtime) asked() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// prompt looks again an hour after success, and soon after a failure.
type prompt struct{}

func (prompt) Next(err error) time.Duration {
	if err == nil {
		return time.Hour
	}
	return 5 * time.Millisecond
}

// patient gives no second try within a test.
type patient struct{}

func (patient) Next(error) time.Duration { return time.Hour }

// memory is a Store that counts what is written, and can be broken.
type memory struct {
	mu     sync.Mutex
	kept   map[string][]byte
	puts   int
	broken error
}

func (m *memory) Get(key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, isFound := m.kept[key]
	return bytes.Clone(value), isFound, m.broken
}

func (m *memory) Put(key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return m.broken
	}
	if m.kept == nil {
		m.kept = map[string][]byte{}
	}
	m.kept[key] = bytes.Clone(value)
	m.puts++
	return nil
}

func (m *memory) written() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.puts
}

var errSick = errors.New("the card is worn out")

// ear hears hints.
type ear struct {
	mu    sync.Mutex
	times []time.Time
}

func (e *ear) hint() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.times = append(e.times, time.Now())
}

func (e *ear) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.times)
}

func (e *ear) heard() []time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]time.Time{}, e.times...)
}

// awake ends the quiet of a bell, and hears what comes from here on.
func awake(b *Bell) *ear {
	fresh := &ear{}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timer.Stop()
	b.hint, b.isQuiet, b.isDue = fresh.hint, false, false
	return fresh
}

const tries = 5

// isQuick holds what is said to the tenth of a second that a notification may take to a changed plan. A machine
// that is busy otherwise gets some tries.
func isQuick(t testing.TB, r rig, say func()) {
	t.Helper()
	var took []time.Duration
	for range tries {
		fresh := awake(r.Bell)
		began := time.Now()
		say()
		eventually(t, "a hint has come", func() bool { return fresh.count() == 1 })
		if took = append(took, fresh.heard()[0].Sub(began)); took[len(took)-1] < 100*time.Millisecond {
			return
		}
	}
	t.Errorf("it took %v", took)
}

// rig is what a way under test works with.
type rig struct {
	Parts
	ear   *ear
	store *memory
	log   *journal
	clock *realtime
}

// journal is a log that can be searched.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (r *journal) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.Write(b)
}

func (r *journal) count(text string) int { return strings.Count(r.text(), text) }

func (r *journal) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.String()
}

func newRig(t testing.TB, client Client) rig {
	r := rig{ear: &ear{}, store: &memory{}, log: &journal{}, clock: &realtime{}}
	bell := NewBell(r.ear.hint)
	t.Cleanup(func() { _ = bell.Close() })
	r.Parts = Parts{Client: client, Store: r.store, Clock: r.clock, Pace: prompt{}, Bell: bell, Log: slog.New(slog.NewTextHandler(r.log, nil))}
	return r
}

// dialVTN is a client of the VTN at the URL.
func dialVTN(t testing.TB, cfg openadr.Config) *openadr.Client {
	t.Helper()
	c, err := openadr.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// runner is a way of being told.
type runner interface {
	Run(ctx context.Context) error
	Close() error
	Err() error
}

// start runs a way until the test ends; stop ends it earlier.
func start(t testing.TB, r runner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var run sync.WaitGroup
	run.Go(func() {
		if err := r.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	stop = func() {
		cancel()
		_ = r.Close()
		run.Wait()
	}
	t.Cleanup(stop)
	return stop
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not so: %s", patience, what)
		}
	}
}
