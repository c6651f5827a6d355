package push

import (
	"context"
	"errors"
	"sync"
	"time"

	"hearth/openadr"
)

// life is what the ways of being told have in common: how they run, wait, say what is wrong, and end.
type life struct {
	way   string // "webhook" or "mqtt", for the log
	parts Parts

	done    chan struct{} // closed by Close
	close   sync.Once
	running sync.Mutex    // held by Run
	woken   chan struct{} // a Recheck that nobody has seen yet

	mu     sync.Mutex
	why    error // what is wrong; nil: nothing
	isSaid bool  // the loss is in the log
}

func newLife(way string, parts Parts) life {
	return life{way: way, parts: parts, done: make(chan struct{}), woken: make(chan struct{}, 1), why: errNotYet}
}

// errNotYet is what is wrong before the first try, which is nothing to write into a log.
var errNotYet = errors.New("not connected yet")

// Close ends Run and waits for it. It may be called at any time, and twice.
func (l *life) Close() error {
	l.close.Do(func() { close(l.done) })
	l.running.Lock() // Run holds it until all is down
	defer l.running.Unlock()
	return nil
}

// Err is nil while hints can arrive, or where the VTN has none to give; otherwise why they cannot. Prices do
// not depend on it: polling goes on.
func (l *life) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.why
}

// Recheck looks at the VTN anew: call it when the VTN is back after a loss, or when other programs are followed.
// It does not wait.
func (l *life) Recheck() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

// run repeats a step, with the pauses it wants, until ctx ends or Close. The farewell comes last, and gets a context
// that has ended.
func (l *life) run(ctx context.Context, step func(context.Context) (pause time.Duration), farewell func(context.Context)) {
	l.running.Lock()
	defer l.running.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-l.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	select {
	case <-l.done: // the goroutine above may not have looked yet
		return
	default:
	}
	for ctx.Err() == nil {
		if pause := step(ctx); ctx.Err() == nil {
			l.wait(ctx, pause)
		}
	}
	farewell(ctx)
}

// wait ends after d, with a Recheck, or with ctx.
func (l *life) wait(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = l.parts.Clock.Sleep(ctx, d) // whether it was cut short, ctx says
	}()
	select {
	case <-over:
	case <-l.woken:
		cancel()
		<-over
	}
}

// note keeps what is wrong, nil for nothing, and says each change once.
func (l *life) note(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.why = err
	log := l.parts.Log.With("push", l.way)
	switch isLost := err != nil; {
	case errors.Is(err, errNotYet), errors.Is(err, openadr.ErrNotAsked), isLost == l.isSaid:
	case isLost:
		l.isSaid = true
		log.Warn("push lost", "err", err)
	default:
		l.isSaid = false
		log.Info("push back")
	}
}
