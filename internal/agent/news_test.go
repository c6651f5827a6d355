package agent

import (
	"testing"
	"time"
)

// What an operator says anew is acted upon at once, not with the next turn of the cycle.
func TestRun_NewsDoNotWaitForTheCycle(t *testing.T) {
	l := live(t, 12, 0, 1)
	if err := l.stop(); err != nil {
		t.Fatal(err)
	}
	l.cfg.Cycle = 10 * time.Minute
	l.start()
	seen := func() time.Time { return l.agent.Home().Now }
	l.eventually(time.Minute, "a first cycle", func() bool { return l.agent.home.Load() != nil })
	for range 3 {
		first := seen()
		time.Sleep(50 * time.Millisecond)
		if l.agent.news.Ring(); l.agent.home.Load() == nil {
			t.Fatal("no cycle")
		}
		l.eventually(time.Minute, "a cycle for the news", func() bool { return seen().After(first) })
	}
}
