package agent

import (
	"errors"
	"testing"
	"time"
)

// What the waits are is tested where they are made; here only that every loop gets one of its own.
func TestPace_OfOneLoopKnowsNothingOfAnothers(t *testing.T) {
	troubled, calm := newPace(5*time.Minute), newPace(5*time.Minute)
	for range 5 {
		troubled.Next(errors.New("down"))
	}
	if wait := troubled.Next(errors.New("down")); wait < 5*time.Minute || wait > 10*time.Minute {
		t.Errorf("after six failures the wait is %v", wait)
	}
	if wait := calm.Next(errors.New("down")); wait > 30*time.Second {
		t.Errorf("the first failure of another loop waits %v", wait)
	}
}
