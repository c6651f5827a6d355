package nordpool

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

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
	about := feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice}, Currency: norway.Currency}
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := norway.read(body, "2026-03-02", time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC))
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
