package fleet

import (
	"errors"
	"time"
)

// vtn answers so many requests a second. What comes beyond that waits in line; the server notices nothing of
// a client that has left the line, and does its work all the same.
type vtn struct {
	capacity float64 // requests a second
	troubles []trouble
	free     float64 // tick in which the line has been served
}

// trouble is a time in which nobody is served.
type trouble struct {
	from, to time.Duration
	asks     bool // for patience until the end of it; else there is no answer at all
}

const (
	answerTime     = 100 * time.Millisecond
	connectTimeout = 10 * time.Second // of the client
	headerTimeout  = 30 * time.Second // of the client
	longestLine    = 60 * time.Second // beyond it the answer is a 503 at once
)

var (
	errSilent = errors.New("no connection in time")
	errSlow   = errors.New("no answer in time")
	errBusy   = errors.New("unavailable (503)")
)

// patience is the error of a 429 with Retry-After.
type patience time.Duration

func (patience) Error() string               { return "unavailable (429)" }
func (p patience) RetryAfter() time.Duration { return time.Duration(p) }

// answer is what a request comes to, and after how many ticks. Nothing is quicker than the next tick.
func (v *vtn) answer(now int32) (after int32, err error) {
	for _, t := range v.troubles {
		switch {
		case now < ticks(t.from) || now >= ticks(t.to):
		case t.asks:
			return 1, patience(time.Duration(ticks(t.to)-now-1) * tick) // counted from when the answer is there
		default:
			return ticks(connectTimeout), errSilent
		}
	}
	line := max(v.free-float64(now), 0)
	if line > float64(ticks(longestLine)) {
		return 1, errBusy
	}
	v.free = float64(now) + line + float64(time.Second/tick)/v.capacity
	if line > float64(ticks(headerTimeout)) {
		return ticks(headerTimeout), errSlow
	}
	return int32(line) + ticks(answerTime), nil
}
