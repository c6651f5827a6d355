package agent

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
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
	a, err := build(ctx, o)
	if err != nil {
		return err
	}
	return a.Close()
}
