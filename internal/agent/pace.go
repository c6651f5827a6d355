package agent

import (
	"time"

	"hearth/internal/pace"
)

// newPace is the retry policy of everything that talks to the outside, and the only one.
func newPace(regular time.Duration) *pace.Pace { return pace.New(regular, nil) }
