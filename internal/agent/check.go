package agent

import (
	"context"
	"log/slog"
)

// Check builds all that a configuration asks for, connects nothing and keeps nothing: what only a driver can
// judge (a register's range, a certificate) is found here. The error is [ErrConfig] with every fault of the
// first part that has any.
func Check(ctx context.Context, o Options) error {
	o.Log = slog.New(slog.DiscardHandler)
	return elsewhere(o, func(o Options) error {
		a, err := build(ctx, o)
		if err != nil {
			return err
		}
		return a.Close()
	})
}
