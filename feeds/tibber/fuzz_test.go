package tibber

import (
	"testing"

	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// Whatever comes is understood as sound values, or refused with a kind.
func FuzzRead(f *testing.F) {
	feedtest.Fuzz(f, feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice}, Currency: oslo.Currency}, oslo.read)
}
