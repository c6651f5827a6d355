package agent

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

type askedToWait struct{ d time.Duration }

func (askedToWait) Error() string               { return "too many requests" }
func (a askedToWait) RetryAfter() time.Duration { return a.d }

func TestPace_IsRegularAfterSuccessAndSlowerAfterEachFailure(t *testing.T) {
	broken := errors.New("broken")
	rapid.Check(t, func(t *rapid.T) {
		p := newPace(5 * time.Minute)
		if d := p.Next(nil); d < 270*time.Second || d > 330*time.Second {
			t.Fatalf("regular wait is %v", d)
		}
		most := 3 * time.Second // 2 s and half of it random
		for range rapid.IntRange(1, 20).Draw(t, "failures") {
			d := p.Next(broken)
			if d < time.Second || d > most || d > 450*time.Second {
				t.Fatalf("wait is %v, want at most %v", d, most)
			}
			most *= 2
		}
		if d := p.Next(nil); d < 270*time.Second || d > 330*time.Second {
			t.Fatalf("after success the wait is %v", d)
		}
		if d := p.Next(broken); d > 3*time.Second {
			t.Fatalf("a new trouble begins with %v", d)
		}
	})
}

func TestPace_HonoursRetryAfterWithinReason(t *testing.T) {
	if d := newPace(time.Minute).Next(askedToWait{20 * time.Minute}); d < 20*time.Minute {
		t.Errorf("waits %v", d)
	}
	if d := newPace(time.Minute).Next(askedToWait{1000 * time.Hour}); d > longestWait {
		t.Errorf("waits %v", d)
	}
	if d := newPace(time.Minute).Next(askedToWait{}); d < time.Second {
		t.Errorf("waits %v: a server that asks for nothing gets no storm", d)
	}
}

func TestPace_SpreadsHomesThatStartedTogether(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 50 {
		seen[newPace(time.Minute).Next(errors.New("outage"))] = true
	}
	if len(seen) < 40 {
		t.Errorf("50 homes wait for %d different times", len(seen))
	}
}

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
