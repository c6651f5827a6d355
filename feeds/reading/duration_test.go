package reading

import (
	"strings"
	"testing"
	"time"

	"hearth/feeds"
)

func TestParseDuration_IsBounded(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 7 * time.Minute, "1m": time.Minute, "1h30m": 90 * time.Minute, "336h": 336 * time.Hour} {
		if got, err := ParseDuration("step", text, 7*time.Minute); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"1", "59s", "-1h", "337h", "hour", "1d"} {
		if got, err := ParseDuration("step", text, 0); feeds.KindOf(err) != feeds.Misconfigured || err == nil || !strings.HasPrefix(err.Error(), `step "`+text+`": `) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestParseClock_IsATimeOfTheDay(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 0, "13:00": 13 * time.Hour, "00:01": time.Minute, "23:59": 24*time.Hour - time.Minute} {
		if got, err := ParseClock("published", text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"24:00", "noon", "13", "00:00", "1 pm"} {
		if got, err := ParseClock("published", text); err == nil || !strings.HasPrefix(err.Error(), `published "`+text+`": `) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}
