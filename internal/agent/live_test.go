package agent

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"hearth/internal/agent/hand"
	"hearth/internal/clock"
	"hearth/internal/config"
	"hearth/sim"
	"hearth/storage"
)

// lived is an agent that drives a simulated home over real sockets while a test looks on.
type lived struct {
	*testing.T
	home  *sim.Home
	clock *clock.Fast
	cfg   *config.Config
	log   *hand.Lines
	agent *Agent
	dir   string
	floor time.Time    // of the clock
	stop  func() error // ends the agent; its error
}

// live starts a home at a time of a spring day and an agent in it. Both end with the test.
func live(t *testing.T, hour, minute int, speed float64) *lived {
	t.Helper()
	t.Parallel() // homes do not share anything, and mostly wait
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	l := &lived{T: t, log: &hand.Lines{}, dir: t.TempDir()}
	l.clock = clock.NewFast(time.Date(2026, 5, 12, hour, minute, 0, 0, zone), speed)
	l.home, err = sim.New(sim.Options{Clock: l.clock, Seed: 1, Speed: speed, Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.home.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.home.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("home: %v", err)
		}
		_ = l.home.Close()
		if t.Failed() {
			t.Logf("log:\n%s", l.log)
		}
	})
	text, err := l.home.Config(l.dir, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if l.cfg, err = config.Read(text, config.Environment{Dir: l.dir}); err != nil {
		t.Fatal(err)
	}
	l.start()
	return l
}

// start starts an agent; after stop it may be called again.
func (l *lived) start() {
	l.Helper()
	a, err := New(context.Background(), l.options())
	if err != nil {
		l.Fatal(err)
	}
	l.agent = a
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	l.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	l.Cleanup(func() {
		if err := l.stop(); err != nil {
			l.Errorf("agent: %v", err)
		}
	})
}

func (l *lived) options() Options {
	return Options{Config: l.cfg, Clock: l.clock, Log: slog.New(slog.NewTextHandler(l.log, nil)), Version: "test", Hold: l.clock.Hold, ClockFloor: l.floor}
}

// openStore opens the store that a stopped agent has left.
func (l *lived) openStore() *storage.Store {
	l.Helper()
	store, err := storage.Open(context.Background(), l.cfg.Storage, storage.Options{Clock: l.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() {
		if err := store.Close(); err != nil {
			l.Error(err)
		}
	})
	return store
}

// eventually waits until the condition holds, at most for a span of the home's time.
func (l *lived) eventually(within time.Duration, what string, holds func() bool) {
	l.Helper()
	end, wall := l.clock.Now().Add(within), time.Now().Add(2*time.Minute)
	for !holds() {
		if l.clock.Now().After(end) || time.Now().After(wall) {
			l.Fatalf("not within %v: %s", within, what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// pass lets time pass at home.
func (l *lived) pass(d time.Duration) {
	l.Helper()
	if err := l.clock.Sleep(l.Context(), d); err != nil {
		l.Fatal(err)
	}
}

// isReady waits for the first good cycle.
func (l *lived) isReady() {
	l.Helper()
	l.eventually(6*time.Hour, "ready", func() bool { return l.get("/readyz") == "ready\n" })
}

func (l *lived) get(path string) string {
	l.Helper()
	address := l.agent.Addr().(*net.TCPAddr)
	answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", address.Port, path))
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		l.Error(err)
	}
	return string(body)
}

// says counts log lines that hold all the words.
func (l *lived) says(words ...string) int { return l.log.Says(words...) }
