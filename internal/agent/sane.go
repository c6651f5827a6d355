package agent

import (
	"fmt"
	"os"
	"time"
)

// BuiltAfter is a time that no running agent can see again: a gateway without a clock of its own starts in
// the past, and must not switch by the time it shows.
var BuiltAfter = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// synchronised is the file that systemd-timesyncd makes when it has set the clock.
const synchronised = "/run/systemd/timesync/synchronized"

const lastSeenKey = "clock/last"

// sanity decides whether the clock can be believed.
type sanity struct {
	floor    time.Time // the clock cannot be earlier
	lastSeen time.Time // the latest time the store has seen; before it only a synchronised clock is believed
}

// judge says why the clock cannot be believed; nil when it can.
func (s sanity) judge(now time.Time) error {
	if now.Before(s.floor) {
		return fmt.Errorf("clock shows %s, before this program was built", now.Format(time.RFC3339))
	}
	if now.Before(s.lastSeen) {
		if _, err := os.Stat(synchronised); err != nil {
			return fmt.Errorf("clock shows %s, but it was %s before and nothing has set it since; if it is right, make the file "+synchronised,
				now.Format(time.RFC3339), s.lastSeen.Format(time.RFC3339))
		}
	}
	return nil
}
