package wire

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"time"

	"hearth/feeds"
)

// Grant is a token and how long it may be used.
type Grant struct {
	Token    string        // without its type
	Type     string        // of the Authorization; empty: Bearer
	Lifetime time.Duration // from now on; zero: nobody said, so until it is refused
}

// header is how the grant is shown to a server.
func (g Grant) header() string { return cmp.Or(g.Type, "Bearer") + " " + g.Token }

// Tokens keeps the token of one credential: several sources of one vendor share it. It is safe for concurrent use,
// and has one request for a token under way at most.
type Tokens struct {
	fetch func(context.Context) (Grant, error)
	now   func() time.Time
	turn  chan struct{} // holds one while somebody fetches

	mu     sync.Mutex
	header string    // empty: none
	last   string    // header that there was: an error may repeat one that was dropped
	until  time.Time // zero: no end
	round  int       // of fetches that have ended
	err    error     // of the last of them
}

// NewTokens is a keeper of what fetch yields; now is the clock, nil for the wall's.
func NewTokens(fetch func(context.Context) (Grant, error), now func() time.Time) *Tokens {
	if now == nil {
		now = time.Now
	}
	return &Tokens{fetch: fetch, now: now, turn: make(chan struct{}, 1)}
}

// Current is the value of an Authorization header, fetched where there is none that will last. Whoever waited for a
// fetch that failed gets its error, and does not fetch again.
func (t *Tokens) Current(ctx context.Context) (string, error) {
	header, round, _ := t.have()
	if header != "" {
		return header, nil
	}
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	if header, after, err := t.have(); header != "" || after != round && err != nil {
		return header, err
	}
	grant, err := t.fetch(ctx)
	if err == nil && grant.Token == "" {
		err = feeds.Fail(feeds.Temporary, "token: the answer holds none")
	}
	t.keep(grant, err, ctx.Err() != nil)
	if err != nil {
		return "", err
	}
	return grant.header(), nil // even one that ends at once: the clock may be wrong, and the server decides
}

// have is what is there.
func (t *Tokens) have() (header string, round int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.header != "" && (t.until.IsZero() || t.now().Before(t.until)) {
		return t.header, t.round, nil
	}
	return "", t.round, t.err
}

// secrets are what was shown last, with and without its type.
func (t *Tokens) secrets() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, token, _ := strings.Cut(t.last, " ")
	return []string{t.last, token}
}

// keep takes what a fetch gave. That its caller gave up says nothing to others.
func (t *Tokens) keep(g Grant, err error, isGivenUp bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.header, t.until, t.err = "", time.Time{}, err
	if isGivenUp && err != nil {
		t.err = nil
		return
	}
	t.round++
	if err != nil {
		return
	}
	t.header, t.last = g.header(), g.header()
	if g.Lifetime != 0 {
		t.until = t.now().Add(g.Lifetime - margin(g.Lifetime))
	}
}

// margin is how long before its end a token is not used any more: a request takes a while, and clocks differ.
func margin(lifetime time.Duration) time.Duration { return min(time.Minute, lifetime/10) }

// Drop forgets a token that was refused, unless another one has taken its place meanwhile.
func (t *Tokens) Drop(header string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.header == header {
		t.header = ""
	}
}
