package midas

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"hearth/feeds"
	"hearth/feeds/wire"
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
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, cfg := range []Config{{RIN: rate}, {RIN: rate, Signal: "export"}, {RIN: region}} {
			s, err := New(cfg, &wire.Client{})
			if err != nil {
				t.Fatal(err)
			}
			v, _, err := s.read(body, midnight)
			judge(t, v, err, s.About())
		}
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
