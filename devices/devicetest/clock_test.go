package devicetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestClock_WakesWhoHasSleptLongEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewClock(time.Unix(0, 0))
		woke := map[time.Duration]bool{}
		var mu sync.Mutex
		for _, d := range []time.Duration{time.Second, time.Minute, time.Hour} {
			go func() {
				err := c.Sleep(t.Context(), d)
				mu.Lock()
				woke[d] = err == nil
				mu.Unlock()
			}()
		}
		synctest.Wait()
		for count, step := range []time.Duration{999 * time.Millisecond, time.Millisecond, time.Minute, 2 * time.Hour} {
			c.Advance(step)
			synctest.Wait()
			if len(woke) != count {
				t.Errorf("at %v awake: %v", c.Now(), woke)
			}
		}
	})
}

func TestClock_SleepEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	cancel(why)
	if err := NewClock(time.Unix(0, 0)).Sleep(ctx, time.Second); !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
}
