package energidata

import (
	"testing"

	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// Whatever comes is understood as sound values, or refused with a kind.
func FuzzRead(f *testing.F) {
	about := feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice, feeds.Carbon}, Currency: "EUR"}
	feedtest.Fuzz(f, about, Config{Area: "DK1", Currency: "EUR"}.read, Config{Area: "DK1", Kind: Carbon}.read)
}
