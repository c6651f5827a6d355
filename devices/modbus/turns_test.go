package modbus

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

func TestTurns_TheMostUrgentGoesNextAndEqualsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var u turns
		take(t, &u, control)
		var mu sync.Mutex
		var order []priority
		for _, p := range []priority{rest, meter, rest, confirm, control, meter, control} {
			go func() {
				take(t, &u, p)
				mu.Lock()
				order = append(order, p)
				mu.Unlock()
				u.give()
			}()
			synctest.Wait()
		}
		u.give()
		synctest.Wait()
		if want := []priority{control, control, confirm, meter, meter, rest, rest}; !slices.Equal(order, want) {
			t.Fatalf("order %v, want %v", order, want)
		}
	})
}

func take(t *testing.T, u *turns, p priority) {
	if err := u.take(t.Context(), p); err != nil {
		t.Errorf("take: %v", err)
	}
}

func TestTurns_WhoGivesUpLosesNoTurnForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var u turns
		take(t, &u, rest)
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("enough")
		failed := make(chan error, 1)
		go func() { failed <- u.take(ctx, control) }()
		synctest.Wait()
		cancel(why)
		if err := <-failed; !errors.Is(err, why) {
			t.Fatalf("gave up with %v", err)
		}
		got := make(chan error, 1)
		go func() { got <- u.take(t.Context(), rest) }()
		synctest.Wait()
		u.give()
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		if u.tryTake() {
			t.Fatal("two have the turn")
		}
	})
}

func TestTurns_RefusesWhenTooManyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var u turns
		take(t, &u, rest)
		ctx, cancel := context.WithCancel(t.Context())
		for range maxWaiting {
			go func() { _ = u.take(ctx, rest) }()
		}
		synctest.Wait()
		if err := u.take(ctx, rest); !errors.Is(err, errBusy) {
			t.Fatalf("got %v", err)
		}
		cancel()
		synctest.Wait()
		u.give()
		if !u.tryTake() {
			t.Fatal("the turn is lost")
		}
	})
}

// Whatever mix of takers, cancels and gives, at most one has the turn and in the end it is free.
func TestTurns_ExactlyOneAtATime(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		patience := rapid.SliceOfN(rapid.IntRange(1, 50), 1, 20).Draw(rt, "patience")
		hold := rapid.IntRange(1, 20).Draw(rt, "hold")
		synctest.Test(t, func(t *testing.T) {
			var u turns
			var mu sync.Mutex
			inside := 0
			for i, ms := range patience {
				go func() {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(ms)*time.Millisecond)
					defer cancel()
					if u.take(ctx, priority(i%int(priorities))) != nil {
						return
					}
					mu.Lock()
					if inside++; inside > 1 {
						t.Error("two have the turn")
					}
					mu.Unlock()
					time.Sleep(time.Duration(hold) * time.Millisecond)
					mu.Lock()
					inside--
					mu.Unlock()
					u.give()
				}()
			}
			time.Sleep(time.Minute)
			if !u.tryTake() {
				t.Error("the turn is lost")
			}
		})
	})
}
