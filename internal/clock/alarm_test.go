package clock

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestAlarm_EndsASleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, began := NewAlarm(), time.Now()
		time.AfterFunc(time.Minute, a.Ring)
		if err := a.Sleep(t.Context(), Wall{}, time.Hour); err != nil || time.Since(began) != time.Minute {
			t.Errorf("slept %v, %v", time.Since(began), err)
		}
		if err := a.Sleep(t.Context(), Wall{}, time.Hour); err != nil || time.Since(began) != 61*time.Minute {
			t.Errorf("one ring ended two sleeps: %v, %v", time.Since(began), err)
		}
	})
}

func TestAlarm_RungBeforeASleepEndsItAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, began := NewAlarm(), time.Now()
		a.Ring()
		a.Ring()
		if err := a.Sleep(t.Context(), Wall{}, time.Hour); err != nil || time.Since(began) != 0 {
			t.Errorf("slept %v, %v", time.Since(began), err)
		}
		a.Ring()
		a.Silence()
		a.Silence()
		if err := a.Sleep(t.Context(), Wall{}, time.Hour); err != nil || time.Since(began) != time.Hour {
			t.Errorf("a silenced alarm: slept %v, %v", time.Since(began), err)
		}
	})
}

func TestAlarm_SleepEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, cause := NewAlarm(), errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(cause) })
		if err := a.Sleep(ctx, Wall{}, time.Hour); !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
		a.Ring() // both at once: the end counts
		if err := a.Sleep(ctx, Wall{}, time.Hour); !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
	})
}
