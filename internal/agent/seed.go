package agent

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"hearth/energy"
)

// Seed puts measured powers by device into the store of an agent that is not open yet, as if it had
// measured them itself: an agent that moves in somewhere can begin with what another system has recorded.
// Rows come in order of time.
func Seed(ctx context.Context, o Options, rows iter.Seq2[time.Time, map[string]energy.Watts]) error {
	a := blank(o)
	if err := a.openStore(ctx); err != nil {
		return errors.Join(err, a.Close())
	}
	for at, powers := range rows {
		a.ledger.Seed(at, powers)
	}
	if err := a.Close(); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}
