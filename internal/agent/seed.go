package agent

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"hearth/energy"
	"hearth/internal/config"
)

// Seed puts measured powers by device into the store of an agent that is not open yet, as if it had
// measured them itself: an agent that moves in somewhere can begin with what another system has recorded.
// Rows come in order of time.
func Seed(ctx context.Context, o Options, rows iter.Seq2[time.Time, map[string]energy.Watts]) error {
	a := &Agent{options: o, cfg: o.Config, clock: o.Clock, log: o.Log, history: history{}}
	if err := a.openStore(ctx); err != nil {
		return errors.Join(err, a.Close())
	}
	grid := a.first(config.Grid)
	for at, powers := range rows {
		row, rest := map[string]float64{}, powers[grid]
		for device, power := range powers {
			row[powerChannel(device)] = float64(power)
			if device != grid {
				rest -= power
			}
		}
		if _, ok := powers[grid]; ok {
			row[baseChannel] = float64(rest)
		}
		a.store.Record(at, row)
	}
	if err := a.Close(); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}
