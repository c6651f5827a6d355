package agent

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"

	"hearth/internal/agent/metrics"
)

// Check builds all that a configuration asks for, connects nothing and keeps nothing: what only a driver can
// judge (a register's range, a certificate) is found here. The error is [ErrConfig] with every fault of the
// first part that has any.
func Check(ctx context.Context, o Options) (err error) {
	dir, err := os.MkdirTemp("", "hearth-check-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cfg := *o.Config
	cfg.Storage = filepath.Join(dir, "check.db")
	o.Config, o.Log = &cfg, slog.New(slog.DiscardHandler)
	a := newAgent(o, metrics.New(o.Version))
	for _, step := range []func(context.Context) error{a.openStore, a.openVENs, a.openDevices, a.openGuards} {
		if err := step(ctx); err != nil {
			return errors.Join(err, a.Close())
		}
	}
	return a.Close()
}
