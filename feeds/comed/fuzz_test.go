package comed

import (
	"encoding/json"
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
	f.Fuzz(func(t *testing.T, body []byte) {
		var both struct {
			Passed  []quote `json:"5minutefeed"`
			Running []quote `json:"currenthouraverage"`
		}
		if json.Unmarshal(body, &both) != nil {
			return
		}
		v, err := understand(both.Passed, both.Running, eight)
		judge(t, v, err, feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice}, Currency: "USD"})
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
