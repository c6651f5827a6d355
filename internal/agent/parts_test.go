package agent

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

func TestSanity_BelievesNoClockFromThePast(t *testing.T) {
	s := sanity{floor: BuiltAfter, lastSeen: BuiltAfter.AddDate(0, 3, 0)}
	for now, isSane := range map[time.Time]bool{
		time.Unix(0, 0):              false, // no clock of its own
		BuiltAfter.Add(-time.Second): false,
		BuiltAfter.AddDate(0, 2, 0):  false, // before what the store has seen
		BuiltAfter.AddDate(0, 3, 0):  true,
		BuiltAfter.AddDate(5, 0, 0):  true,
	} {
		if err := s.judge(now); (err == nil) != isSane {
			t.Errorf("%v: %v", now, err)
		}
	}
}
