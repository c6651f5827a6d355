// Package edge says in the log when something begins to be so and when it is over, and nothing in between.
package edge

import "log/slog"

// Log turns conditions into one line when they begin and one when they end. It belongs to one goroutine.
type Log struct {
	log   *slog.Logger
	holds map[string]bool
}

// New is a log in which nothing holds yet.
func New(log *slog.Logger) *Log { return &Log{log: log, holds: map[string]bool{}} }

// Warn logs message when the condition named key begins, and its end at info level.
func (l *Log) Warn(key string, holds bool, message string, details ...any) {
	if l.holds[key] == holds {
		return
	}
	l.holds[key] = holds
	if holds {
		l.log.Warn(message, details...) //nolint:sloglint // constant at every caller
		return
	}
	l.log.Info("over: "+message, details...) //nolint:sloglint // constant at every caller
}
