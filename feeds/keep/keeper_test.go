package keep

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/internal/clock"
)

// In the bubble of synctest it is midnight of 2000-01-01 UTC.

func TestKeeper_AsksAtTheHourAndUntilTheDayIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, feeds.About{Publishes: feeds.Publication{At: 13 * time.Hour, Every: 5 * time.Minute}, Ahead: 36 * time.Hour})
		b.source.late = 42 * time.Minute
		start := time.Now()
		b.run(24*time.Hour - time.Second)
		asked := b.source.asks()
		if len(asked) < 7 || !asked[0].Equal(start) {
			t.Fatalf("asked at %v", asked)
		}
		first := asked[1].Sub(start) - 13*time.Hour
		if first < 0 || first > spread {
			t.Errorf("asked %v after the hour", first)
		}
		for i := 2; i < len(asked); i++ {
			if pause := asked[i].Sub(asked[i-1]); pause != 5*time.Minute {
				t.Errorf("a pause of %v", pause)
			}
		}
		if last := asked[len(asked)-1].Sub(start); last < 13*time.Hour+42*time.Minute || last > 13*time.Hour+47*time.Minute {
			t.Errorf("the last time asked %v after midnight, when the day was there", last)
		}
		b.run(24 * time.Hour) // the next day
		if got := b.source.asks(); got[0].Sub(start) < 37*time.Hour {
			t.Errorf("asked at %v, before there was anything new", got[0])
		}
	})
}

func TestKeeper_AsksNowAndThenForWhatIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, feeds.About{Publishes: feeds.Publication{At: 13 * time.Hour, Every: 5 * time.Minute}})
		b.source.late = 100 * time.Hour
		b.run(24 * time.Hour)
		if n := len(b.source.asks()); n < 1+36 || n > 1+37+9 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestKeeper_TakesNotYetForNoTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, feeds.About{Publishes: feeds.Publication{At: time.Hour, Every: 10 * time.Minute}})
		b.source.err = feeds.Fail(feeds.NotYet, "tomorrow is not out")
		b.run(2 * time.Hour)
		if n := len(b.source.asks()); n < 6 || n > 8 || b.log.Len() > 0 {
			t.Errorf("asked %d times, log %s", n, b.log)
		}
		if s := b.State(); s.ErrKind != feeds.NotYet || s.Failures != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestKeeper_BacksOffAndSaysSoOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, feeds.About{Publishes: feeds.Publication{Every: time.Minute}})
		b.source.err = feeds.Fail(feeds.Temporary, "no route")
		b.run(12 * time.Hour)
		asked := b.source.asks()
		if len(asked) < 12 || len(asked) > 24 {
			t.Errorf("asked %d times in half a day", len(asked))
		}
		for i := 1; i < len(asked); i++ {
			if pause := asked[i].Sub(asked[i-1]); pause > mostBackoff || pause < firstBackoff*3/4 {
				t.Errorf("a pause of %v", pause)
			}
		}
		if s := b.State(); s.ErrKind != feeds.Temporary || s.Failures != len(asked) || !s.Good.IsZero() || !s.Next.After(time.Now()) || s.Err == nil {
			t.Errorf("%+v", s)
		}
		b.source.set(func() { b.source.err = nil })
		b.run(2 * time.Hour)
		if n := len(b.source.asks()); n < 55 {
			t.Errorf("back, and asked %d times", n)
		}
		if log := b.log.String(); strings.Count(log, "source lost") != 1 || strings.Count(log, "source back") != 1 {
			t.Error(log)
		}
		if s := b.State(); s.Err != nil || s.Failures != 0 || s.Good.IsZero() || s.Coverage[0].Kind != feeds.ImportPrice {
			t.Errorf("%+v", s)
		}
	})
}

func TestKeeper_HardlyAsksWhatIsMisconfigured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, feeds.About{Publishes: feeds.Publication{Every: time.Minute}})
		b.source.give = func(now time.Time, _ energy.Interval) feeds.Values {
			s := prices(now, now.Add(time.Hour), energy.Final, 1)
			s.Currency = "JPY"
			return feeds.Values{Import: s}
		}
		b.run(5*time.Hour - time.Second)
		if n := len(b.source.asks()); n != 5 {
			t.Errorf("asked %d times in five hours", n)
		}
		if len(b.Values().Import.Points) > 0 || !strings.Contains(b.log.String(), `in \"JPY\", not in \"EUR\"`) {
			t.Errorf("%v, log %s", b.Values(), b.log)
		}
	})
}

func TestKeeper_HonoursRestAndPatienceOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, feeds.About{Publishes: feeds.Publication{Every: time.Second}, Rest: 10 * time.Minute})
		for range 5 {
			b.run(2*time.Minute - time.Second)
			b.restart(nil)
		}
		if n := len(b.source.asks()); n != 1 {
			t.Errorf("asked %d times within its rest", n)
		}
		b.run(10 * time.Second) // the same values once more
		b.restart(nil)
		b.run(9 * time.Minute)
		if n := len(b.source.asks()); n != 1 {
			t.Errorf("asked %d times within its second rest", n)
		}
		start := time.Now()
		b.source.err = &feeds.Failure{Kind: feeds.Temporary, After: start.Add(3 * time.Hour), Err: errors.New("slow down")}
		b.run(time.Hour)
		b.restart(nil)
		b.run(90 * time.Minute)
		if n := len(b.source.asks()); n != 1 {
			t.Errorf("asked %d times against its word", n)
		}
		b.run(time.Hour)
		if n := len(b.source.asks()); n == 0 {
			t.Error("never asked again")
		}
	})
}

func TestKeeper_HasItsValuesAtOnceAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, feeds.About{Publishes: feeds.Publication{At: 13 * time.Hour}})
		if err := b.Fetch(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := b.Values()
		b.source.err = errors.New("no network")
		b.restart(nil)
		got := b.Values()
		if !got.IsSame(before) || len(got.Import.Points) != 24 {
			t.Fatalf("got %v", got)
		}
		had, has := before.Import.Points[0].Origin, got.Import.Points[0].Origin
		if has.Source != had.Source || !has.Fetched.Equal(had.Fetched) || has != got.Import.Points[23].Origin {
			t.Errorf("origin %v, was %v", has, had)
		}
		if s := b.State(); s.Good.IsZero() || s.Coverage[0].Count != 24 || s.Name != "exchange" {
			t.Errorf("%+v", s)
		}
		if err := b.Fetch(t.Context()); err == nil || !b.Values().IsSame(before) {
			t.Errorf("%v, and the values are %v", err, b.Values())
		}
		time.Sleep(71 * time.Hour) // two days after the last hour but one
		if n := len(b.Values().Import.Points); n != 1 {
			t.Errorf("%d values are left", n)
		}
		time.Sleep(time.Hour)
		if n := len(b.Values().Import.Points); n != 0 {
			t.Errorf("%d values are never forgotten", n)
		}
	})
}

func TestKeeper_WritesOnlyWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, feeds.About{Publishes: feeds.Publication{Every: 5 * time.Minute}})
		b.run(12 * time.Hour) // the same day, over and over
		if b.store.puts != 1 {
			t.Errorf("%d writes", b.store.puts)
		}
	})
}

func TestKeeper_LivesWithABadStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, feeds.About{Publishes: feeds.Publication{Every: time.Hour}})
		b.store.err = errors.New("card gone")
		b.restart(b.store.err)
		b.run(90 * time.Minute)
		if s := b.State(); s.StoreErr == nil || len(s.Coverage) != 1 || s.Err != nil {
			t.Errorf("%+v", s)
		}
		b.store.err = nil
		b.run(2 * time.Hour)
		if s := b.State(); s.StoreErr != nil || len(b.store.values) != 1 {
			t.Errorf("%+v", s)
		}
		if log := b.log.String(); strings.Count(log, "values not kept") != 1 || strings.Count(log, "source back") != 1 {
			t.Error(log)
		}
		for _, blob := range []string{"{", `{"version":99}`, `{"version":1,"import":{"currency":"USD","points":[{"s":1,"e":2,"v":1,"o":7}]}}`, `{"version":1,"solar":{"points":[{"s":2,"e":1,"v":1}]}}`} {
			b.store.values["feeds/exchange"] = []byte(blob)
			k := New("exchange", "home", b.parts)
			if err := k.Restore(); err == nil || len(k.Values().Coverage()) > 0 {
				t.Errorf("%s: %v, %v", blob, err, k.Values())
			}
		}
	})
}

func TestKeeper_StopsWithinAFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, feeds.About{})
		stop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		b.source.give = func(time.Time, energy.Interval) feeds.Values { cancel(stop); return feeds.Values{} }
		if err := b.Run(ctx); !errors.Is(err, stop) {
			t.Error(err)
		}
		if s := b.State(); s.Err != nil || !s.Asked.IsZero() || b.store.puts != 0 {
			t.Errorf("that we stopped says something about the source: %+v", s)
		}
	})
}

// shifted is a clock that somebody sets.
type shifted struct {
	clock.Wall
	by *atomic.Int64
}

func (s shifted) Now() time.Time { return s.Wall.Now().Add(time.Duration(s.by.Load())) }

// After a boot without network time the clock jumps, and what was planned by the wrong one is not waited for.
func TestKeeper_SeesThatTheClockWasSet(t *testing.T) {
	for _, by := range []time.Duration{30 * time.Hour, -30 * time.Hour, -20 * 365 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, feeds.About{Publishes: feeds.Publication{At: 13 * time.Hour}})
			set := shifted{by: &atomic.Int64{}}
			b.parts.Clock = set
			b.Keeper = New("exchange", "home", b.parts)
			time.AfterFunc(15*time.Hour, func() {
				b.source.asks()
				set.by.Store(int64(by))
			})
			b.run(15*time.Hour + look + time.Minute) // it sleeps to the next day when the clock is set
			if n := len(b.source.asks()); n == 0 {
				t.Errorf("the clock was set by %v, and nobody asked", by)
			}
		})
	}
}

// A fetch takes its time, and nobody waits for it.
func TestKeeper_AnswersDuringAFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, feeds.About{Publishes: feeds.Publication{At: 13 * time.Hour}})
		if err := b.Fetch(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.source.give = func(time.Time, energy.Interval) feeds.Values { time.Sleep(time.Minute); return feeds.Values{} }
		done := make(chan error)
		go func() { done <- b.Fetch(t.Context()) }()
		synctest.Wait()
		began := time.Now()
		if v, s := b.Values(), b.State(); len(v.Import.Points) != 24 || s.Good.IsZero() || !time.Now().Equal(began) {
			t.Errorf("during a fetch: %v, %v", v, s)
		}
		if err := <-done; err != nil || len(b.Values().Import.Points) != 24 {
			t.Errorf("nothing new has become nothing: %v", err)
		}
	})
}

// What was kept of a source that was told something else is another source's.
func TestKeeper_ForgetsWhatOtherSettingsHaveGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, feeds.About{Publishes: feeds.Publication{At: 13 * time.Hour}})
		if err := b.Fetch(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.restart(nil)
		if len(b.Values().Import.Points) == 0 {
			t.Fatal("what was kept is gone")
		}
		b.settings = "in cents"
		b.restart(nil)
		if len(b.Values().Import.Points) != 0 || b.State().Next.After(time.Now()) {
			t.Errorf("kept: %v, next %v", b.Values().Import, b.State().Next)
		}
	})
}

// A fetch that fails after minutes is not repeated at once: patience is counted from its end.
func TestKeeper_IsPatientAfterAFetchThatFailedSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, feeds.About{Publishes: feeds.Publication{At: 13 * time.Hour}})
		b.source.give = func(time.Time, energy.Interval) feeds.Values {
			time.Sleep(4 * time.Minute)
			return feeds.Values{Import: energy.Series[energy.Price]{Currency: "XXX", Points: make([]energy.Point[energy.Price], 1)}}
		}
		b.run(20 * time.Minute)
		if n := len(b.source.asks()); n > 4 {
			t.Errorf("asked %d times in 20 minutes, of which each attempt takes four", n)
		}
	})
}
