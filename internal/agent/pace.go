package agent

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// The retry policy of everything that talks to the outside, and the only one.
const (
	firstRetry  = 2 * time.Second
	lastRetry   = 5 * time.Minute
	longestWait = time.Hour // a server may ask for more patience than this; it will not get it
	jitter      = 0.1       // of the regular time: homes that started together drift apart
)

// pace says how long to wait before the next try: after success the regular time give or take a tenth, after
// failures longer each time (doubling, half of it random), and never less than a server has asked for.
type pace struct {
	regular time.Duration
	mu      sync.Mutex
	backoff *backoff.ExponentialBackOff
}

func newPace(regular time.Duration) *pace {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.Multiplier, b.MaxInterval, b.RandomizationFactor = firstRetry, 2, lastRetry, 0.5
	return &pace{regular: regular, backoff: b}
}

// Next is the time to wait after a try that ended with err.
func (p *pace) Next(err error) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.backoff.Reset()
		return time.Duration(float64(p.regular) * (1 + jitter*(2*rand.Float64()-1)))
	}
	wait := p.backoff.NextBackOff()
	var asked interface{ RetryAfter() time.Duration }
	if errors.As(err, &asked) {
		wait = max(wait, min(asked.RetryAfter(), longestWait))
	}
	return wait
}
