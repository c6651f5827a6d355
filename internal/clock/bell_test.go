package clock

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestBell_EndsASleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, began := NewBell(), time.Now()
		time.AfterFunc(time.Minute, b.Ring)
		if err := b.Sleep(t.Context(), Wall{}, time.Hour); err != nil || time.Since(began) != time.Minute {
			t.Errorf("slept %v, %v", time.Since(began), err)
		}
		if err := b.Sleep(t.Context(), Wall{}, time.Hour); err != nil || time.Since(began) != 61*time.Minute {
			t.Errorf("one ring ended two sleeps: %v, %v", time.Since(began), err)
		}
	})
}

func TestBell_RungBeforeASleepEndsItAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, began := NewBell(), time.Now()
		b.Ring()
		b.Ring()
		if err := b.Sleep(t.Context(), Wall{}, time.Hour); err != nil || time.Since(began) != 0 {
			t.Errorf("slept %v, %v", time.Since(began), err)
		}
		b.Ring()
		b.Silence()
		b.Silence()
		if err := b.Sleep(t.Context(), Wall{}, time.Hour); err != nil || time.Since(began) != time.Hour {
			t.Errorf("a silenced bell: slept %v, %v", time.Since(began), err)
		}
	})
}

func TestBell_SleepEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, cause := NewBell(), errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(cause) })
		if err := b.Sleep(ctx, Wall{}, time.Hour); !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
		b.Ring() // both at once: the end counts
		if err := b.Sleep(ctx, Wall{}, time.Hour); !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
	})
}
