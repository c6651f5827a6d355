package feedtest

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"hearth/feeds"
)

// Reader is how a source understands the body of an answer that came at a time.
type Reader func(body []byte, now time.Time) (feeds.Values, error)

// Fuzz holds readers against whatever may come, the recordings first: it is refused in one line and with a kind, or
// understood as something that a source may yield which is about that.
func Fuzz(f *testing.F, about feeds.About, readers ...Reader) {
	f.Helper()
	for _, answer := range answers(f) {
		body, err := os.ReadFile(answer)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		for i, read := range readers {
			v, err := read(body, now)
			if err := understood(v, err, about); err != nil {
				t.Errorf("reader %d: %v", i, err)
			}
		}
	})
}

// understood says what is wrong with values, or with the error in their place.
func understood(v feeds.Values, err error, about feeds.About) error {
	var failure *feeds.Failure
	switch {
	case err == nil:
		return v.Check(about)
	case !errors.As(err, &failure):
		return fmt.Errorf("without a kind: %w", err)
	case strings.ContainsAny(err.Error(), "\r\n"):
		return fmt.Errorf("an error of several lines: %q", err.Error())
	}
	return nil
}
