package reading

import (
	"time"

	"hearth/feeds"
)

// ParseDuration reads how long something takes, a minute at least and a fortnight at most; what is usual where it is not
// said.
func ParseDuration(key, text string, usual time.Duration) (time.Duration, error) {
	if text == "" {
		return usual, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Minute || d > 14*24*time.Hour {
		return 0, feeds.Fail(feeds.Misconfigured, "%s %q: must be such as 15m or 1h", key, text)
	}
	return d, nil
}

// ParseClock reads what the clock on the wall shows, as the time after midnight; zero where it is not said, so that
// midnight itself cannot be.
func ParseClock(key, text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	clock, err := time.Parse("15:04", text)
	if after := time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute; err == nil && after > 0 {
		return after, nil
	}
	return 0, feeds.Fail(feeds.Misconfigured, "%s %q: must be a time of the day such as 13:00", key, text)
}
