package comed

import (
	"encoding/json"
	"testing"
	"time"

	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// Whatever comes is understood as sound values, or refused with a kind.
func FuzzRead(f *testing.F) {
	read := func(body []byte, now time.Time) (feeds.Values, error) {
		var both struct {
			Passed  []quote `json:"5minutefeed"`
			Running []quote `json:"currenthouraverage"`
		}
		if json.Unmarshal(body, &both) != nil {
			return feeds.Values{}, nil // not what this is about
		}
		return understand(both.Passed, both.Running, now)
	}
	feedtest.Fuzz(f, feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice}, Currency: "USD"}, read)
}
