package push

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// ringing rings a bell at the times given, after the beginning, and returns when there were hints.
func ringing(t *testing.T, at ...time.Duration) (hints []time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		e, began := &ear{}, time.Now()
		b := NewBell(e.hint)
		for _, d := range at {
			time.Sleep(time.Until(began.Add(d)))
			b.Ring()
		}
		time.Sleep(10 * quiet)
		_ = b.Close()
		for _, h := range e.heard() {
			hints = append(hints, h.Sub(began))
		}
	})
	return hints
}

func TestBell_PassesTheFirstOnAtOnceAndTheRestAsOne(t *testing.T) {
	const s = time.Second
	for name, c := range map[string]struct{ rings, hints []time.Duration }{
		"x":                {[]time.Duration{s}, []time.Duration{s}},
		"x........x":       {[]time.Duration{0, 9 * s}, []time.Duration{0, 9 * s}},
		"xx":               {[]time.Duration{0, s}, []time.Duration{0, quiet}},
		"xxxx":             {[]time.Duration{0, 1, s, 2 * s}, []time.Duration{0, quiet}},
		"xx..x":            {[]time.Duration{0, s, 4 * s}, []time.Duration{0, quiet, 2 * quiet}},
		"xx.......x":       {[]time.Duration{0, s, 9 * s}, []time.Duration{0, quiet, 9 * s}},
		"nobody, no hints": {},
	} {
		got := ringing(t, c.rings...)
		if len(got) != len(c.hints) {
			t.Errorf("%s: hints at %v, want %v", name, got, c.hints)
			continue
		}
		for i, at := range got {
			if at != c.hints[i] {
				t.Errorf("%s: hints at %v, want %v", name, got, c.hints)
			}
		}
	}
}

// Whenever it is rung, two hints are never closer than the quiet, each ring is followed by a hint within it, and there
// is no hint that nobody rang for.
func TestBell_LastHintIsNeverOlderThanTheLastRing(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		var rings []time.Duration
		at := time.Duration(0)
		for range 1 + r.IntN(60) {
			at += time.Duration(r.Int64N(int64(2 * quiet)))
			if r.IntN(2) == 0 {
				at += time.Duration(r.Int64N(int64(time.Millisecond)))
			}
			rings = append(rings, at)
		}
		hints := ringing(t, rings...)
		for i, h := range hints {
			if i > 0 && h-hints[i-1] < quiet {
				t.Fatalf("seed %d: hints at %v and %v", seed, hints[i-1], h)
			}
		}
		for _, ring := range rings {
			isFollowed := false
			for _, h := range hints {
				isFollowed = isFollowed || h >= ring && h-ring <= quiet
			}
			if !isFollowed {
				t.Fatalf("seed %d: nothing follows the ring at %v: %v", seed, ring, hints)
			}
		}
		if len(hints) > len(rings) {
			t.Fatalf("seed %d: %d hints of %d rings", seed, len(hints), len(rings))
		}
	}
}

func TestBell_IsSilentAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &ear{}
		b := NewBell(e.hint)
		b.Ring()
		b.Ring()
		_, _ = b.Close(), b.Close()
		b.Ring()
		time.Sleep(10 * quiet)
		if e.count() != 1 {
			t.Errorf("%d hints", e.count())
		}
		never := NewBell(e.hint)
		_ = never.Close()
		never.Ring()
		if e.count() != 1 {
			t.Error("a bell that was closed before its first ring rang")
		}
	})
}

func TestBell_AStormFromManySidesIsOneHintAndOneMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &ear{}
		b := NewBell(e.hint)
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				for range 100 {
					b.Ring()
				}
			})
		}
		all.Wait()
		time.Sleep(10 * quiet)
		_ = b.Close()
		if e.count() != 2 {
			t.Errorf("%d hints", e.count())
		}
	})
}
