// Package fleet lets a hundred thousand homes meet a VTN in virtual time, each with the pace that the agent has,
// and counts the requests. It holds tests only.
//
// A home is what it looks like from the VTN: every five minutes a poll of two requests (a page of events and the
// empty one after it), with two more for the programs once an hour, and one for a token every 48 minutes, or two
// when it does not know yet where to get one. A request that fails ends the poll, and the pace says when the next
// one begins.
package fleet

import (
	"math/rand/v2"
	"slices"
	"time"
)

// tick is the grain of time. What happens within one has no order.
const tick = 100 * time.Millisecond

// ticks rounds up: nobody comes before a wait is over.
func ticks(d time.Duration) int32 { return int32((d + tick - 1) / tick) }

// The habits of a home.
const (
	regular     = 5 * time.Minute
	tokenFor    = 48 * time.Minute // four fifths of its life
	programsFor = time.Hour
)

// policy is when a home asks; [hearth/internal/pace.Pace] is one.
type policy interface {
	First(isKnowing bool) time.Duration
	Next(err error) time.Duration
}

type home struct {
	policy     policy
	next       int32 // home that acts in the same tick; none
	started    int32 // tick of the poll under way
	step       int32 // requests of it that were answered
	tokenAt    int32
	programsAt int32
	notBefore  int32 // tick that it was asked to wait for
	isNew      bool  // it does not know where tokens are got
	isFresh    bool  // it has heard all since the VTN is back
}

const none = -1

// plan is how many requests the poll takes for a token, and in all.
func (h *home) plan() (token, all int32) {
	if h.started-h.tokenAt >= ticks(tokenFor) {
		token = 1
		if h.isNew {
			token = 2
		}
	}
	all = token + 2
	if h.started-h.programsAt >= ticks(programsFor) {
		all += 2
	}
	return token, all
}

// world is the homes, their VTN and the time. Every home waits for one thing, so what is to come is a list of
// homes for each tick.
type world struct {
	vtn   vtn
	back  int32 // tick from which all is well
	homes []home
	queue []int32 // first home that acts in a tick; none

	counts []int32 // requests of each tick
	fresh  []int32 // ticks in which a home became fresh
	early  int     // requests before the time that the VTN had asked for
}

// newWorld is a fleet in its regular state, each home somewhere in its turn.
func newWorld(c scene, homes int, kind func(random func() float64) policy) *world {
	w := &world{
		vtn: c.vtn, back: ticks(c.back), homes: make([]home, homes),
		queue: slices.Repeat([]int32{none}, int(ticks(c.length))), counts: make([]int32, ticks(c.length)),
	}
	random := rand.New(rand.NewPCG(7, uint64(homes)))
	ago := func(d time.Duration) int32 { return -random.Int32N(ticks(d)) }
	for i := range w.homes {
		w.homes[i] = home{policy: kind(random.Float64), tokenAt: ago(tokenFor), programsAt: ago(programsFor)}
		if h := &w.homes[i]; c.isBlackout {
			h.tokenAt, h.programsAt, h.isNew = -ticks(tokenFor), -ticks(programsFor), true
			w.wait(0, int32(i), h.policy.First(random.Float64() < knowing))
		} else {
			h.policy.Next(nil) // it has settled
			w.wait(0, int32(i), -time.Duration(ago(regular))*tick)
		}
	}
	return w
}

// knowing is the share of homes that still have signals after a blackout: all but new and unlucky ones.
const knowing = 0.98

// run is the whole of the time.
func (w *world) run() {
	for now := range int32(len(w.queue)) {
		for i := w.queue[now]; i != none; {
			next := w.homes[i].next
			w.ask(now, i)
			i = next
		}
	}
}

// ask is one request of a home, and what follows of the answer.
func (w *world) ask(now, i int32) {
	h := &w.homes[i]
	if h.step == 0 {
		h.started = now
	}
	if now < h.notBefore {
		w.early++
	}
	w.counts[now]++
	after, err := w.vtn.answer(now)
	then := now + after
	if err != nil {
		h.step = 0
		if asked, isAsked := err.(patience); isAsked {
			h.notBefore = then + ticks(asked.RetryAfter())
		}
		w.wait(then, i, h.policy.Next(err))
		return
	}
	h.step++
	token, all := h.plan()
	if h.step < all {
		w.enqueue(then, i)
	} else {
		w.succeed(then, h, all > token+2)
		w.wait(then, i, h.policy.Next(nil))
	}
	if token > 0 && h.step == token {
		h.tokenAt, h.step = then, 0 // the rest is a poll with a token
		h.isNew = false
	}
}

func (w *world) succeed(now int32, h *home, hasPrograms bool) {
	if hasPrograms {
		h.programsAt = h.started
	}
	if h.started >= w.back && !h.isFresh {
		h.isFresh = true
		w.fresh = append(w.fresh, now)
	}
	h.step = 0
}

func (w *world) wait(now, i int32, d time.Duration) { w.enqueue(now+ticks(d), i) }

// enqueue has the home act in a tick; after the end of time it does not.
func (w *world) enqueue(at, i int32) {
	if int(at) < len(w.queue) {
		w.homes[i].next, w.queue[at] = w.queue[at], i
	}
}
