package octopus

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"hearth/feeds"
)

// Whatever is sent is refused with a kind, or understood as something that a source may yield.
func FuzzRead(f *testing.F) {
	recordings, err := filepath.Glob("testdata/*/*.json")
	if err != nil || len(recordings) == 0 {
		f.Fatal("no recordings", err)
	}
	for _, path := range recordings {
		body, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		rates, _, err := read(body)
		v := feeds.Values{}
		if err == nil {
			v.Import, err = series(rates, night, night.Start)
		}
		var failure *feeds.Failure
		if err != nil && !errors.As(err, &failure) {
			t.Errorf("no kind: %v", err)
		}
		if about := (feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice}, Currency: "GBP"}); err == nil && v.Check(about) != nil {
			t.Error(v.Check(about))
		}
		if len(v.Import.Gaps(night)) == 0 && err == nil && v.Import.Extent().Length() != night.Length() {
			t.Errorf("%v is more than was asked for", v.Import.Extent())
		}
	})
}
