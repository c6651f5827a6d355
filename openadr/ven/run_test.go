package ven

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hearth/openadr"
)

// realtime is a Clock for synctest bubbles.
type realtime struct{}

func (realtime) Now() time.Time { return time.Now() }

func (realtime) Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// steady waits a minute after a good poll, two after a bad one.
type steady struct{}

func (steady) Next(err error) time.Duration {
	if err != nil {
		return 2 * time.Minute
	}
	return time.Minute
}

// script is a Client whose answer a test changes from poll to poll; at notes when polls begin.
type script struct {
	fakeVTN
	steps []func(*fakeVTN)
	begun time.Time
	at    []time.Duration
}

func (s *script) Programs(ctx context.Context, q openadr.Query) (openadr.List[openadr.Program], error) {
	return s.fakeVTN.Programs(ctx, q)
}

func (s *script) Events(ctx context.Context, q openadr.Query) (openadr.List[openadr.Event], error) {
	s.at = append(s.at, time.Since(s.begun))
	if len(s.steps) > 0 {
		s.steps[0](&s.fakeVTN)
		s.steps = s.steps[1:]
	}
	return s.fakeVTN.Events(ctx, q)
}

// run lets a VEN run for d and returns its log, without times, and when it asked for events.
func run(t *testing.T, s *script, store *memory, d time.Duration) (log []string, at []time.Duration) {
	return runVEN(t, s, store, d, func(*VEN) {})
}

// runVEN is run that hands the VEN out before it runs.
func runVEN(t *testing.T, s *script, store *memory, d time.Duration, meet func(*VEN)) (log []string, at []time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		s.begun = time.Now()
		s.programs = []openadr.Program{program("p", "tou")}
		handler := slog.NewTextHandler(&text, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "ven" {
				return slog.Attr{}
			}
			return a
		}})
		v := New(Config{Name: "ven", Currency: "EUR"}, Parts{Client: s, Store: store, Clock: realtime{}, Pace: steady{}, Log: slog.New(handler)})
		meet(v)
		stop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan error)
		go func() { done <- v.Run(ctx) }()
		time.Sleep(d)
		synctest.Wait()
		cancel(stop)
		if err := <-done; !errors.Is(err, stop) {
			t.Errorf("run ended with %v", err)
		}
		log = strings.Split(strings.TrimSpace(text.String()), "\n")
	})
	return log, s.at
}

// today is an event of the bubble's first day.
func today(prices ...float64) openadr.Event { return hourly("a", "2000-01-01T00:00:00Z", prices...) }

func TestRun_PollsAtThePaceAndWaitsLongerWhenAsked(t *testing.T) {
	busy := &openadr.Error{Op: "get events", Kind: openadr.Unavailable}
	fail := func(f *fakeVTN) { f.err = busy }
	good := func(f *fakeVTN) { f.err = nil }
	_, at := run(t, &script{steps: []func(*fakeVTN){good, good, fail, fail, good}}, &memory{}, 8*time.Minute)
	want := []time.Duration{0, time.Minute, 2 * time.Minute, 4 * time.Minute, 6 * time.Minute, 7 * time.Minute, 8 * time.Minute}
	if !slices.Equal(at, want) {
		t.Errorf("polls at %v, want %v", at, want)
	}
}

func TestRun_LogsEdgesOnly(t *testing.T) {
	store := &memory{}
	publish := func(e ...openadr.Event) func(*fakeVTN) {
		return func(f *fakeVTN) { f.err, f.events, store.err = nil, e, nil }
	}
	fail := func(f *fakeVTN) { f.err = errAway }
	full := func(f *fakeVTN) { f.events, store.err = []openadr.Event{today(0.5)}, errors.New("disk full") }
	same := func(*fakeVTN) {}
	half := today(0.1, 0.2)
	half.Intervals[0] = words(half).Intervals[0]
	s := &script{steps: []func(*fakeVTN){
		publish(today(0.1)), same, fail, fail, publish(today(0.1)), publish(), same, fail, publish(today(0.2)), same,
		publish(wired(half)), same, full, same, publish(today(0.5)), same,
	}}
	log, _ := run(t, s, store, 40*time.Minute)
	want := []string{
		`level=WARN msg="vtn lost" err="poll ven: get events: unreachable"`,
		`level=INFO msg="vtn back"`,
		`level=WARN msg="vtn returned nothing" err="poll ven: the VTN returned nothing, and the last events are kept"`,
		`level=WARN msg="vtn lost" err="poll ven: get events: unreachable"`,
		`level=INFO msg="vtn back"`,
		"level=WARN msg=\"event rejected\" event=a interval=0 payload=PRICE reason=\"`\\\"cheap\\\"` is not a usable number\"",
		`level=ERROR msg="signals not kept" err="disk full"`,
		`level=INFO msg="signals kept again"`,
	}
	if !slices.Equal(log, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(log, "\n"), strings.Join(want, "\n"))
	}
}

func TestRun_LogsManyRejectionsBriefly(t *testing.T) {
	var bad []openadr.Event
	for i := range maxTold + 30 {
		bad = append(bad, words(hourly(fmt.Sprint("e", i), "2000-01-01T00:00:00Z", 0.1)))
	}
	s := &script{steps: []func(*fakeVTN){func(f *fakeVTN) { f.events = bad }}}
	log, _ := run(t, s, &memory{}, 5*time.Minute)
	if last := log[len(log)-1]; len(log) != maxTold+1 || last != `level=WARN msg="more events rejected" count=30` {
		t.Errorf("%d lines, the last: %s", len(log), last)
	}
}

func TestRun_StopSaysNothingAboutTheVTN(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	cancel(stop)
	if err := b.Poll(ctx); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
	if got := b.now(); got.Err != "" || !got.LastAttempt.IsZero() {
		t.Errorf("got %+v", got)
	}
}
