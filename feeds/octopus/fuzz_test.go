package octopus

import (
	"testing"
	"time"

	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// Whatever comes is understood as sound values, or refused with a kind.
func FuzzRead(f *testing.F) {
	read := func(body []byte, now time.Time) (out feeds.Values, err error) {
		rates, _, err := read(body)
		if err == nil {
			out.Import, err = series(rates, night, now)
		}
		return out, err
	}
	feedtest.Fuzz(f, feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice}, Currency: "GBP"}, read)
}
