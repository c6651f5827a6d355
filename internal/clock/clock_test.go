package clock

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

var start = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

func TestWall_SleepEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if err := (Wall{}).Sleep(t.Context(), time.Minute); err != nil || time.Since(began) != time.Minute {
			t.Errorf("slept %v, %v", time.Since(began), err)
		}
		cause := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		if err := (Wall{}).Sleep(ctx, time.Hour); !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
	})
}

func TestWall_HasNoMonotonicPart(t *testing.T) {
	if now := (Wall{}).Now(); now != now.Round(0) {
		t.Error("a clock set back must be seen")
	}
}

func TestFast_RunsAtItsSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, began := NewFast(start, 600), time.Now()
		if err := f.Sleep(t.Context(), 24*time.Hour); err != nil {
			t.Fatal(err)
		}
		if wall := time.Since(began); wall < 144*time.Second || wall > 144*time.Second+time.Millisecond {
			t.Errorf("a day took %v", wall)
		}
		if passed := f.Now().Sub(start); passed < 24*time.Hour || passed > 24*time.Hour+time.Second {
			t.Errorf("the clock moved by %v", passed)
		}
	})
}

func TestFast_StandsStillWhileHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := NewFast(start, 60)
		first, second := f.Hold(), f.Hold()
		woke := make(chan time.Time, 1)
		go func() {
			_ = f.Sleep(context.Background(), time.Hour)
			woke <- time.Now()
		}()
		began := time.Now()
		time.Sleep(10 * time.Minute)
		if !f.Now().Equal(start) {
			t.Errorf("the held clock shows %v", f.Now())
		}
		first()
		first() // twice does nothing
		time.Sleep(10 * time.Minute)
		if !f.Now().Equal(start) {
			t.Error("one hold is left")
		}
		second()
		if wall := (<-woke).Sub(began); wall < 21*time.Minute || wall > 21*time.Minute+time.Second {
			t.Errorf("an hour at 60x after 20 minutes of hold took %v", wall)
		}
	})
}

func TestFast_HoldDuringSleepDelaysIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, woke, began := NewFast(start, 60), make(chan time.Time, 1), time.Now()
		go func() {
			_ = f.Sleep(context.Background(), time.Hour) // a wall minute
			woke <- time.Now()
		}()
		time.Sleep(30 * time.Second)
		release := f.Hold()
		time.Sleep(5 * time.Minute)
		release()
		if wall := (<-woke).Sub(began); wall < 6*time.Minute || wall > 6*time.Minute+time.Second {
			t.Errorf("took %v", wall)
		}
	})
}

func TestFast_SleepEndsWithItsContextEvenWhenHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := NewFast(start, 1)
		defer f.Hold()()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := f.Sleep(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

// Whoever sleeps not at all is not held up, whether the clock goes or stands.
func TestFast_NoSleepIsNoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, began := NewFast(start, 60), time.Now()
		defer f.Hold()()
		for _, d := range []time.Duration{0, -time.Hour} {
			if err := f.Sleep(t.Context(), d); err != nil || time.Since(began) != 0 {
				t.Errorf("slept %v for %v, %v", time.Since(began), d, err)
			}
		}
	})
}
