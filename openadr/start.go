package openadr

import (
	"fmt"
	"strings"
	"time"
)

// Start is when something begins. The zero value is absent, which is not "now": the specification writes
// "now" as the year 1, which Go's zero time cannot be told from.
type Start struct {
	kind startKind
	at   time.Time
}

type startKind uint8

const (
	startAbsent startKind = iota
	startNow
	startAt
)

// Now is the start the specification writes as 0001-01-01: begin when the event is received (UG 7.3).
func Now() Start { return Start{kind: startNow} }

// At is a start at an instant.
func At(t time.Time) Start { return Start{startAt, t.UTC()} }

// IsZero says that no start was given.
func (s Start) IsZero() bool { return s.kind == startAbsent }

// IsNow says that the start is the sentinel.
func (s Start) IsNow() bool { return s.kind == startNow }

// Time is the instant, in UTC; false when the start is absent or "now".
func (s Start) Time() (time.Time, bool) { return s.at, s.kind == startAt }

// startLayouts are tried in order. RFC 3339 is what the schema asks for; the rest is what real VTNs send:
// offsets without a colon, a blank for the T, no zone (read as UTC), or a bare date.
var startLayouts = [...]string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04:05",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02",
}

// ParseStart reads a time. Three spellings of "now" are known: 0001-01-01 (3.1), 0000-00-00 (3.0.1) and
// 0000-01-01 (its change log), each with or without time and zone. An empty text is absent.
func ParseStart(s string) (Start, error) {
	text := strings.TrimSpace(s)
	if text == "" {
		return Start{}, nil
	}
	if strings.HasPrefix(text, "0000-") || strings.HasPrefix(text, "0001-01-01") {
		return Now(), nil
	}
	if len(text) > 10 && text[10] == ' ' {
		text = text[:10] + "T" + text[11:]
	}
	for _, layout := range startLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return At(t), nil
		}
	}
	return Start{}, fmt.Errorf("start %.40q: want for example %q", s, "2026-01-31T15:00:00Z")
}

// String writes RFC 3339 in UTC, the sentinel for "now", nothing when absent.
func (s Start) String() string {
	switch s.kind {
	case startNow:
		return "0001-01-01T00:00:00Z"
	case startAt:
		return s.at.Format(time.RFC3339Nano)
	}
	return ""
}

// MarshalText writes what [Start.String] does.
func (s Start) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what [ParseStart] does.
func (s *Start) UnmarshalText(b []byte) (err error) {
	*s, err = ParseStart(string(b))
	return err
}
