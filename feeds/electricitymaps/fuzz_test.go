package electricitymaps

import (
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// Whatever comes is understood as sound values, or refused with a kind.
func FuzzRead(f *testing.F) {
	of := func(read func([]byte, time.Time) (energy.Series[energy.GramsPerKWh], error)) feedtest.Reader {
		return func(body []byte, now time.Time) (out feeds.Values, err error) {
			out.Carbon, err = read(body, now)
			return out, err
		}
	}
	feedtest.Fuzz(f, feeds.About{Kinds: []feeds.Kind{feeds.Carbon}}, of(Config{Zone: "DE"}.latest), of(Config{Zone: "DE"}.forecast))
}
