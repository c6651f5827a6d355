package agent

import (
	"testing"
	"time"
)

// The reason for all of it: over an evening, a night and a morning the home pays less than its twin, in
// which nobody acts, and the battery is not simply left empty for it.
func TestAgent_SavesMoneyAgainstAHomeLeftToItself(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	l := live(t, 16, 30, 1200)
	l.isReady()
	l.pass(20 * time.Hour)
	s := l.home.Summary()
	if s.With.Cost >= s.Without.Cost {
		t.Errorf("nothing is saved:\n%v", s)
	}
	if saved, _ := s.Saved(); saved <= 0 {
		t.Errorf("what is saved is missing from the stores:\n%v", s)
	}
	if s.With.Missed.Dishes > 0 {
		t.Errorf("dishes were not done:\n%v", s)
	}
	t.Logf("\n%v", s)
}
