package pace

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	firstRetry  = 2 * time.Second
	lastRetry   = 5 * time.Minute // of what has a turn shorter than half of this, or none
	soon        = 10              // a first failure is tried again within this part of a turn,
	soonest     = time.Minute     // or this
	longestTurn = time.Hour       // what is done once a day is tried again as if it were done every hour
	stretch     = 2               // turns: the longest wait in trouble, and the spread of a crowd
	drift       = 0.1             // of the regular time: homes that started together drift apart
	longestWait = time.Hour       // a server may ask for more patience than this; it will not get it
)

// Pace says how long to wait before the next try. It is safe for concurrent use.
type Pace struct {
	regular time.Duration
	turn    time.Duration // by which trouble is measured: the regular time, or less
	random  func() float64

	mu        sync.Mutex
	limit     time.Duration // of the last wait in trouble; 0: no trouble
	isSettled bool          // there was a regular wait since the start and since the last trouble
}

// New is a pace with the regular time between tries that succeed; 0 for what is held and not polled. Random
// gives numbers in [0, 1); nil: the machine's.
func New(regular time.Duration, random func() float64) *Pace {
	if random == nil {
		random = rand.Float64
	}
	regular = max(regular, 0)
	return &Pace{regular: regular, turn: min(regular, longestTurn), random: random}
}

// First is the wait before the first try. After a blackout all homes start in the same minute: one that still
// knows what holds (prices, limits of before) may take twice its regular time, one that does not a tenth of it, or
// a minute. It is too the wait after the loss of a connection that all homes hold and lose together.
func (p *Pace) First(isKnowing bool) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !isKnowing {
		return p.between(0, min(p.turn/soon, soonest))
	}
	return p.between(0, stretch*p.turn)
}

// Next is the wait after a try that ended with err, nil for a good one. An error may ask for patience: see
// RetryAfter() time.Duration of what errors.As finds in it.
func (p *Pace) Next(err error) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		share := drift
		if !p.isSettled {
			share = 0.5
		}
		p.limit, p.isSettled = 0, true
		return p.between(part(p.regular, 1-share), part(p.regular, 1+share))
	}
	p.isSettled = false
	p.limit = p.next()
	wait := p.between(p.limit/2, p.limit)
	var asked interface{ RetryAfter() time.Duration }
	if errors.As(err, &asked) && asked.RetryAfter() > 0 {
		patience := min(asked.RetryAfter(), longestWait)
		wait = max(wait, p.between(patience, patience+max(p.limit, stretch*p.turn))) // it may be the same minute for all
	}
	return wait
}

// next is the limit of one failure more; half of it is the least.
//
//	regular    0:  2s   4s   8s  16s  32s  64s  128s  256s  300s ...
//	regular 5min: 30s 5min 10min 10min ...
//	regular   1h:  1min  1h   2h    2h ...
func (p *Pace) next() time.Duration {
	if p.limit == 0 {
		return max(firstRetry, min(p.turn/soon, soonest))
	}
	return min(max(2*p.limit, p.turn), max(lastRetry, stretch*p.turn))
}

func (p *Pace) between(from, to time.Duration) time.Duration {
	return from + part(to-from, p.random())
}

func part(d time.Duration, share float64) time.Duration { return time.Duration(share * float64(d)) }
