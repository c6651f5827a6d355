package nordpool

import (
	"testing"
	"time"

	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// Whatever comes is understood as sound values, or refused with a kind.
func FuzzRead(f *testing.F) {
	read := func(body []byte, now time.Time) (feeds.Values, error) { return norway.read(body, "2026-03-02", now) }
	feedtest.Fuzz(f, feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice}, Currency: norway.Currency}, read)
}
