package storage

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/energy"
)

// TestMain is also the child that verifies, salvages or gets killed: the test binary runs itself.
func TestMain(m *testing.M) {
	if mode := os.Getenv("STORAGE_CHILD"); mode != "" {
		if err := runChild(mode, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func runChild(mode string, args []string) error {
	switch mode {
	case "tool": // the shape of the real commands: verify PATH, salvage FROM TO
		if args[0] == "verify" {
			return Verify(args[1])
		}
		return Salvage(args[1], args[2])
	case "breaks":
		return childBreaks(args[0])
	case "writer":
		return childWriter(args[0])
	case "hang":
		time.Sleep(time.Minute)
		return nil
	}
	return childMounted(mode, args)
}

// noon is where the tests begin: an ordinary day.
func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

type fakeClock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *fakeClock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

// home is a store with what surrounds it.
type home struct {
	*Store
	t     *testing.T
	path  string
	clock *fakeClock
	opt   Options
	log   *syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func openHome(t *testing.T, change func(*Options)) *home {
	t.Helper()
	h := &home{t: t, path: filepath.Join(t.TempDir(), "hearth.db"), clock: &fakeClock{t: noon()}, log: &syncBuffer{}}
	h.opt = Options{Clock: h.clock, Log: slog.New(slog.NewTextHandler(h.log, nil)), FlushEvery: time.Hour}
	if change != nil {
		change(&h.opt)
	}
	h.open()
	t.Cleanup(func() { _ = h.Close() })
	return h
}

func (h *home) open() {
	h.t.Helper()
	s, err := Open(h.t.Context(), h.path, h.opt)
	if err != nil {
		h.t.Fatal(err)
	}
	h.Store = s
}

func (h *home) close() {
	h.t.Helper()
	if err := h.Close(); err != nil {
		h.t.Fatal(err)
	}
}

func (h *home) reopen() {
	h.t.Helper()
	h.close()
	h.open()
}

func (h *home) flush() {
	h.t.Helper()
	if err := h.Flush(); err != nil {
		h.t.Fatal(err)
	}
}

func (h *home) put(key, value string) {
	h.t.Helper()
	if err := h.Put(key, []byte(value)); err != nil {
		h.t.Fatal(err)
	}
}

func (h *home) wantState(key, want string) {
	h.t.Helper()
	v, ok, err := h.Get(key)
	if err != nil || string(v) != want || ok != (want != "") {
		h.t.Fatalf("Get(%s) = %q, %v, %v; want %q", key, v, ok, err, want)
	}
}

func (h *home) append(name string, at time.Time, record string) {
	h.t.Helper()
	if err := h.Append(name, at, []byte(record)); err != nil {
		h.t.Fatal(err)
	}
}

// readings are as text, "12:00:10=5", whole days before or after today with their date.
func (h *home) readings(channel string, within energy.Interval) string {
	h.t.Helper()
	var out []string
	if err := h.Readings(channel, within, func(t time.Time, v float64) bool {
		out = append(out, fmt.Sprintf("%s=%g", t.Format("02T15:04:05"), v))
		return true
	}); err != nil {
		h.t.Fatal(err)
	}
	return strings.Join(out, " ")
}

func (h *home) rollups(channel string, within energy.Interval) []Rollup {
	h.t.Helper()
	var out []Rollup
	if err := h.Rollups(channel, within, func(r Rollup) bool {
		out = append(out, r)
		return true
	}); err != nil {
		h.t.Fatal(err)
	}
	return out
}

func (h *home) journal(name string, within energy.Interval) string {
	h.t.Helper()
	var out []string
	if err := h.Journal(name, within, func(_ time.Time, record []byte) bool {
		out = append(out, string(record))
		return true
	}); err != nil {
		h.t.Fatal(err)
	}
	return strings.Join(out, " ")
}

// ever is an interval that holds every instant of the tests.
func ever() energy.Interval {
	return energy.Interval{Start: noon().AddDate(-60, 0, 0), End: noon().AddDate(60, 0, 0)}
}

// self runs this test binary as the child of a mode.
func self(t *testing.T, mode string, args ...string) []string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// Under the race detector a process sleeps a second before it exits, unless told.
	return append([]string{"/usr/bin/env", "GORACE=atexit_sleep_ms=0", "STORAGE_CHILD=" + mode, exe}, args...)
}

func discard() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
