package agent

import (
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Watchdog is how long systemd waits for a sign of life; zero where it does not.
func Watchdog() time.Duration {
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return 0
	}
	return limit
}

// ServiceManager tells systemd how the agent is, where systemd listens.
func ServiceManager(log *slog.Logger) func(state string) {
	return func(state string) {
		if _, err := daemon.SdNotify(false, state); err != nil {
			log.Warn("service manager not told", "state", state, "err", err)
		}
	}
}
