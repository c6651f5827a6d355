package energidata

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

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
		about := feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice, feeds.Carbon}, Currency: "EUR"}
		for _, read := range []func([]byte, time.Time) (feeds.Values, error){Config{Area: "DK1", Currency: "EUR"}.read, Config{Area: "DK1", Kind: Carbon}.read} {
			v, err := read(body, time.Time{})
			var failure *feeds.Failure
			if err != nil && !errors.As(err, &failure) {
				t.Errorf("no kind: %v", err)
			}
			if err == nil && v.Check(about) != nil {
				t.Error(v.Check(about))
			}
		}
	})
}
