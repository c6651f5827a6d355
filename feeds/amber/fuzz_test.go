package amber

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"hearth/feeds"
)

// Whatever comes is understood as sound values, or refused with a kind.
func FuzzRead(f *testing.F) {
	answers, err := filepath.Glob("testdata/*/*.json")
	if err != nil || len(answers) == 0 {
		f.Fatal("no recordings", err)
	}
	for _, answer := range answers {
		body, err := os.ReadFile(answer)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	about := feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice, feeds.ExportPrice}, Currency: "AUD"}
	f.Fuzz(func(t *testing.T, body []byte) {
		all, err := read(body)
		if err != nil {
			judge(t, feeds.Values{}, err, about)
			return
		}
		v, err := Config{Import: general, Export: feedIn}.understand(all, two)
		judge(t, v, err, about)
	})
}

func judge(t *testing.T, v feeds.Values, err error, about feeds.About) {
	t.Helper()
	var failure *feeds.Failure
	if err != nil && !errors.As(err, &failure) {
		t.Errorf("without a kind: %v", err)
	}
	if err == nil && v.Check(about) != nil {
		t.Error(v.Check(about))
	}
}
