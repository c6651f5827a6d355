package pace_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/internal/pace"
)

const regular = 5 * time.Minute

var errDown = errors.New("down")

type patience struct{ d time.Duration }

func (patience) Error() string               { return "too many requests" }
func (a patience) RetryAfter() time.Duration { return a.d }

// most and least stand for the ends of what chance can give.
func least() float64 { return 0 }
func most() float64  { return 1 - 1e-9 }

func within(d, from, to time.Duration) bool { return d >= from && d <= to }

// The two columns are the least and the greatest wait of each try.
func TestPace_WaitsAsItsDrawingSays(t *testing.T) {
	for _, c := range []struct {
		regular time.Duration
		want    []time.Duration // greatest wait after each failure; the least is half of it
	}{
		{0, []time.Duration{2e9, 4e9, 8e9, 16e9, 32e9, 64e9, 128e9, 256e9, 300e9, 300e9}},
		{30 * time.Second, []time.Duration{3e9, 30e9, 60e9, 120e9, 240e9, 300e9, 300e9}},
		{5 * time.Minute, []time.Duration{30e9, 300e9, 600e9, 600e9}},
		{time.Hour, []time.Duration{60e9, 3600e9, 7200e9, 7200e9}},
		{24 * time.Hour, []time.Duration{60e9, 3600e9, 7200e9, 7200e9}},
	} {
		shortest, longest := pace.New(c.regular, least), pace.New(c.regular, most)
		for i, want := range c.want {
			from, to := shortest.Next(errDown), longest.Next(errDown)
			if from != want/2 || !within(to, want-time.Millisecond, want) {
				t.Errorf("%v, failure %d: waits %v to %v, want %v to %v", c.regular, i+1, from, to, want/2, want)
			}
		}
	}
}

// chance is what a run of the property calls chance.
func chance(t *rapid.T) func() float64 {
	return rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)).Float64
}

func TestPace_IsRegularAgainAfterEveryTrouble(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pace.New(regular, chance(t))
		for range rapid.IntRange(1, 5).Draw(t, "troubles") {
			for range rapid.IntRange(0, 20).Draw(t, "failures") {
				if d := p.Next(errDown); !within(d, 15*time.Second, 2*regular) {
					t.Fatalf("in trouble the wait is %v", d)
				}
			}
			if d := p.Next(nil); !within(d, regular/2, regular*3/2) {
				t.Fatalf("the first regular wait is %v", d)
			}
			for range rapid.IntRange(1, 5).Draw(t, "good tries") {
				if d := p.Next(nil); !within(d, regular*9/10, regular*11/10) {
					t.Fatalf("the regular wait is %v", d)
				}
			}
			if d := p.Next(errDown); d > regular/10 {
				t.Fatalf("a new trouble begins with %v", d)
			}
		}
	})
}

func TestPace_ComesNeverBeforeItWasAskedToAndSpreadsAfter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		every := time.Duration(rapid.Int64Range(0, int64(2*time.Hour)).Draw(t, "regular"))
		p := pace.New(every, chance(t))
		for range rapid.IntRange(0, 6).Draw(t, "failures") {
			p.Next(errDown)
		}
		asked := time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "asked"))
		if d := p.Next(fmt.Errorf("poll: %w", patience{asked})); d < asked || d > asked+max(2*every, 5*time.Minute) {
			t.Fatalf("asked to wait %v, waits %v", asked, d)
		}
	})
	// The same minute for everybody, and the first trouble of each.
	from, to := pace.New(regular, least).Next(patience{time.Minute}), pace.New(regular, most).Next(patience{time.Minute})
	if from != time.Minute || !within(to, 11*time.Minute-time.Millisecond, 11*time.Minute) {
		t.Errorf("asked to wait a minute, waits %v to %v", from, to)
	}
}

func TestPace_GrantsNoMoreThanAnHourAndAsksNoStorm(t *testing.T) {
	if d := pace.New(time.Minute, least).Next(patience{1000 * time.Hour}); d != time.Hour {
		t.Errorf("asked to wait for weeks, waits %v", d)
	}
	for _, nothing := range []time.Duration{0, -time.Hour} {
		if d := pace.New(time.Minute, least).Next(patience{nothing}); d < time.Second {
			t.Errorf("asked to wait %v, waits %v", nothing, d)
		}
	}
}

func TestPace_StartsLateOnlyWithSomethingToGoBy(t *testing.T) {
	for _, c := range []struct {
		regular   time.Duration
		isKnowing bool
		want      time.Duration
	}{
		{regular, true, 10 * time.Minute}, {time.Hour, true, 2 * time.Hour},
		{24 * time.Hour, true, 2 * time.Hour},
		{regular, false, 30 * time.Second}, {time.Minute, false, 6 * time.Second}, {time.Hour, false, time.Minute}, {0, false, 0}, {0, true, 0},
	} {
		from, to := pace.New(c.regular, least).First(c.isKnowing), pace.New(c.regular, most).First(c.isKnowing)
		if from != 0 || !within(to, c.want-time.Millisecond, c.want) {
			t.Errorf("%v, knowing %v: starts after %v to %v, want up to %v", c.regular, c.isKnowing, from, to, c.want)
		}
	}
}

// Homes that have once come back together are spread evenly over a regular time from then on.
func TestPace_NextTurnOfACrowdIsEven(t *testing.T) {
	const homes = 20_000
	random := rand.New(rand.NewPCG(1, 2)).Float64
	tenths := map[int]int{}
	for range homes {
		p := pace.New(regular, random)
		p.Next(errDown)
		tenths[int((p.Next(nil)-regular/2)/(regular/10))]++
	}
	for i := range 10 {
		if n := tenths[i]; n < homes/10*9/10 || n > homes/10*11/10 {
			t.Errorf("%d of %d homes come in tenth %d", n, homes, i)
		}
	}
}

func TestPace_OfTheMachineDiffersFromHomeToHome(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 50 {
		seen[pace.New(time.Minute, nil).Next(errDown)] = true
	}
	if len(seen) < 40 {
		t.Errorf("50 homes wait for %d different times", len(seen))
	}
}

func TestPace_MayBeAskedFromAnywhere(t *testing.T) {
	p := pace.New(time.Minute, nil)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 1000 {
				if p.Next([]error{nil, errDown}[i%2]) <= 0 || p.First(true) < 0 {
					t.Error("no wait at all")
				}
			}
		})
	}
	all.Wait()
}
