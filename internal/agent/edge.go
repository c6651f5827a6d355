package agent

import "log/slog"

// edges turns conditions into one log line when they begin and one when they end.
type edges map[string]bool

// warn logs message when the condition named key begins, and its end at info level.
func (e edges) warn(log *slog.Logger, key string, holds bool, message string, details ...any) {
	if e[key] == holds {
		return
	}
	e[key] = holds
	if holds {
		log.Warn(message, details...) //nolint:sloglint // constant at every caller
		return
	}
	log.Info("over: "+message, details...) //nolint:sloglint // constant at every caller
}
