package feedtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/keep"
)

// published is what the good recording says.
func (s *stand) published() ([]fact, error) {
	good := open(s.ctx, s.Case, s.Good)
	defer good.Close()
	v, err := good.fetch()
	if err != nil {
		return nil, fmt.Errorf("the good recording: %w", err)
	}
	all, _ := facts(v)
	return all, nil
}

func happy(s *stand) error {
	source, err := s.source(0, patience)
	if err != nil {
		return err
	}
	first, err := s.ask(source, s.Span)
	if err != nil {
		return err
	}
	all, _ := facts(first)
	if !slices.ContainsFunc(all, func(f fact) bool {
		return f.start < s.Span.End.UnixMilli() && f.end > s.Span.Start.UnixMilli()
	}) {
		return fmt.Errorf("nothing of %v came", s.Span)
	}
	second, err := s.ask(source, s.Span)
	if err != nil {
		return fmt.Errorf("the second time: %w", err)
	}
	again, _ := facts(second)
	return errors.Join(outside(all, again), outside(again, all))
}

func givenUp(s *stand) error {
	source, err := s.source(0, patience)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	switch _, err = source.Fetch(ctx, s.Span); {
	case err == nil:
		return errors.New("the context has ended, and there is no error")
	case !errors.Is(err, context.Canceled):
		return fmt.Errorf("the context has ended, and the error is another one: %w", err)
	}
	return nil
}

func restart(s *stand) error {
	s.set(nil, true)
	var store Memory
	parts := keep.Parts{Store: &store, Clock: still(s.Now)}
	var err error
	if parts.Source, err = s.source(0, patience); err != nil {
		return err
	}
	before := keep.New("source", "home", parts)
	if err := before.Fetch(s.ctx); err != nil {
		return err
	}
	s.Close()
	if parts.Source, err = s.source(0, patience); err != nil {
		return fmt.Errorf("without network: %w", err)
	}
	after := keep.New("source", "home", parts)
	if err := after.Restore(); err != nil {
		return err
	}
	if err := want(after.Fetch(s.ctx), feeds.Temporary); err != nil {
		return fmt.Errorf("without network: %w", err)
	}
	kept, _ := facts(after.Values())
	had, _ := facts(before.Values())
	if len(kept) == 0 {
		return errors.New("nothing was kept")
	}
	return errors.Join(outside(kept, had), outside(had, kept))
}

// fails disturbs the server and wants one of the kinds of errors, without a second try: when to try again is the
// keeper's business.
func (s *stand) fails(d disturbance, kinds ...feeds.FailureKind) error {
	if _, err := s.fetch(); err != nil {
		return fmt.Errorf("the good recording: %w", err)
	}
	usual, _ := s.counts()
	s.set(d, false)
	_, err := s.fetch()
	if asked, _ := s.counts(); asked > usual {
		return fmt.Errorf("%d requests where %d do when all is well", asked, usual)
	}
	return want(err, kinds...)
}

func serverError(s *stand) error {
	return s.fails(always(http.StatusInternalServerError, "text/plain", "oh"), feeds.Temporary)
}

func limited(s *stand) error {
	s.set(always(http.StatusTooManyRequests, "text/plain", "", "Retry-After", "120"), false)
	_, err := s.fetch()
	if err := want(err, feeds.Temporary); err != nil {
		return err
	}
	if at := feeds.NotBefore(err); !at.Equal(s.Now.Add(2 * time.Minute)) {
		return fmt.Errorf("Retry-After of two minutes has become %v at %v", at, s.Now)
	}
	return nil
}

func html(s *stand) error {
	return s.fails(always(http.StatusOK, "text/html; charset=utf-8", "<!doctype html><title>Welcome to our hotel</title>"), feeds.Temporary)
}

// slowLimit is for a fetch of a few requests, each of which has a tenth of a second.
const slowLimit = 3 * time.Second

func slow(s *stand) error {
	s.set(halt, false)
	source, err := s.source(0, 100*time.Millisecond)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(s.ctx, slowLimit)
	defer cancel()
	_, err = source.Fetch(ctx, s.Span)
	if ctx.Err() != nil {
		return errors.New("the deadline of a request is not kept")
	}
	return want(err, feeds.Temporary)
}

func cut(s *stand) error {
	if err := s.fails(cutByConnection, feeds.Temporary); err != nil {
		return fmt.Errorf("by the connection: %w", err)
	}
	s.set(nil, false)
	if err := s.fails(cutByServer, feeds.Temporary); err != nil {
		return fmt.Errorf("by the server: %w", err)
	}
	return nil
}

func empty(s *stand) error {
	return s.fails(always(http.StatusOK, "application/json", ""), feeds.Temporary, feeds.NotYet)
}

func expiry(s *stand) error {
	if !slices.ContainsFunc(s.Good, func(e Exchange) bool { return e.Token }) {
		return nil
	}
	known, err := s.published()
	if err != nil {
		return err
	}
	s.set(only(1, refuse), false)
	v, err := s.fetch()
	if err != nil {
		return err
	}
	if _, tokens := s.counts(); tokens != 2 {
		return fmt.Errorf("%d tokens were fetched, want one and another one", tokens)
	}
	all, _ := facts(v)
	return errors.Join(outside(all, known), outside(known, all))
}

func refused(s *stand) error {
	s.set(refuse, false)
	_, err := s.fetch()
	if asked, _ := s.counts(); asked > 2 {
		return fmt.Errorf("%d requests, all refused: one, and one with another token would do", asked)
	}
	return want(err, feeds.Misconfigured)
}

// echoed wants an error, of whatever kind: what a status of 200 has inside is understood by some, and is no answer to
// the others. Where it is one question of several that is refused, there may be values all the same.
func echoed(s *stand) error {
	if _, err := s.fetch(); err != nil {
		return fmt.Errorf("the good recording: %w", err)
	}
	usual, _ := s.counts()
	s.set(echo, false)
	_, err := s.fetch()
	if asked, _ := s.counts(); asked > 2 {
		return fmt.Errorf("%d requests, all refused inside: one, and one with another token would do", asked)
	}
	if err := want(err, feeds.Misconfigured, feeds.Temporary, feeds.NotYet); err != nil {
		return err
	}
	for n := range usual {
		s.set(only(n+1, echo), false)
		if _, err := s.fetch(); isFault(err) {
			return err
		}
	}
	return nil
}

func clockAhead(s *stand) error { return s.clockOff(24 * time.Hour) }

func clockBehind(s *stand) error { return s.clockOff(-24 * time.Hour) }

// clockOff wants an error or what was published, each at its time.
func (s *stand) clockOff(off time.Duration) error {
	source, err := s.source(off, patience)
	if err != nil {
		return err
	}
	return s.nothingElse(source, s.Span)
}

func anotherDay(s *stand) error {
	s.set(nil, true)
	source, err := s.source(0, patience)
	if err != nil {
		return err
	}
	const week = 7 * 24 * time.Hour
	return s.nothingElse(source, energy.Interval{Start: s.Span.Start.Add(week), End: s.Span.End.Add(week)})
}

func (s *stand) nothingElse(source feeds.Source, span energy.Interval) error {
	known, err := s.published()
	if err != nil {
		return err
	}
	v, err := s.ask(source, span)
	if isFault(err) {
		return err
	}
	if err != nil {
		return nil
	}
	all, _ := facts(v)
	return outside(all, known)
}
