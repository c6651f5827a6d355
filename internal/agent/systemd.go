package agent

import (
	"log/slog"

	"github.com/coreos/go-systemd/v22/daemon"
)

// ServiceManager tells systemd how the agent is, where systemd listens.
func ServiceManager(log *slog.Logger) func(state string) {
	return func(state string) {
		if _, err := daemon.SdNotify(false, state); err != nil {
			log.Warn("service manager not told", "state", state, "err", err)
		}
	}
}
