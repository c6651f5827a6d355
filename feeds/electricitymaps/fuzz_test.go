package electricitymaps

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hearth/energy"
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
		for _, read := range []func([]byte, time.Time) (energy.Series[energy.GramsPerKWh], error){Config{Zone: "DE"}.latest, Config{Zone: "DE"}.forecast} {
			carbon, err := read(body, ten)
			judge(t, feeds.Values{Carbon: carbon}, err, feeds.About{Kinds: []feeds.Kind{feeds.Carbon}})
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
