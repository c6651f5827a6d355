package amber

import (
	"testing"
	"time"

	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// Whatever comes is understood as sound values, or refused with a kind.
func FuzzRead(f *testing.F) {
	read := func(body []byte, now time.Time) (feeds.Values, error) {
		all, err := read(body)
		if err != nil {
			return feeds.Values{}, err
		}
		return Config{Import: general, Export: feedIn}.understand(all, now)
	}
	feedtest.Fuzz(f, feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice, feeds.ExportPrice}, Currency: "AUD"}, read)
}
