package midas

import (
	"testing"

	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/wire"
)

// Whatever comes is understood as sound values, or refused with a kind.
func FuzzRead(f *testing.F) {
	var readers []feedtest.Reader
	for _, cfg := range []Config{{RIN: rate}, {RIN: rate, Signal: "export"}, {RIN: region}} {
		s, err := New(cfg, &wire.Client{})
		if err != nil {
			f.Fatal(err)
		}
		readers = append(readers, s.read)
	}
	feedtest.Fuzz(f, feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice, feeds.ExportPrice, feeds.Carbon}, Currency: "USD"}, readers...)
}
