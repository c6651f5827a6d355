package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"hearth/api"
	"hearth/energy"
	"hearth/feeds"
)

// StoredSources is how the sources fared when the agent ended.
func StoredSources(ctx context.Context, o Options) (all []api.Feed, err error) {
	err = withStore(ctx, o, func(a *Agent) error {
		all = a.chorus.Feeds()
		return nil
	})
	return all, err
}

// StoredEnergy is what the house connection had counted in some intervals until the agent ended.
func StoredEnergy(ctx context.Context, o Options, spans []energy.Interval) (all []api.Energy, err error) {
	err = withStore(ctx, o, func(a *Agent) error {
		for _, s := range spans {
			e, err := a.ledger.Energy(s.Start, s.End)
			if err != nil {
				return err
			}
			all = append(all, e)
		}
		return nil
	})
	return all, err
}

// withStore opens the store that an agent has left; where there is none, an empty one that is thrown away.
func withStore(ctx context.Context, o Options, do func(*Agent) error) (err error) {
	if _, missing := os.Stat(o.Config.Storage); errors.Is(missing, fs.ErrNotExist) {
		return withoutStore(ctx, o, do)
	}
	return withParts(ctx, o, do)
}

// withoutStore does something on an empty store that is thrown away.
func withoutStore(ctx context.Context, o Options, do func(*Agent) error) error {
	return elsewhere(o, func(o Options) error { return withParts(ctx, o, do) })
}

// elsewhere does something with an empty store, in a folder that is thrown away.
func elsewhere(o Options, do func(Options) error) (err error) {
	dir, err := os.MkdirTemp("", "hearth-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cfg := *o.Config
	cfg.Storage = filepath.Join(dir, "hearth.db")
	o.Config = &cfg
	return do(o)
}

// withParts builds what knows signals, connects no device, and lets go of it in the end.
func withParts(ctx context.Context, o Options, do func(*Agent) error) (err error) {
	a := blank(o)
	defer func() { err = errors.Join(err, a.Close()) }()
	for _, step := range []func(context.Context) error{a.openStore, a.openVENs, a.openSources} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return do(a)
}

// Tariff asks everybody once and is what the home pays and gets then, as far as somebody else than the named source has
// said so. Whoever does not answer is named in the log and left out.
func Tariff(ctx context.Context, o Options, name string) (pays feeds.Tariff, err error) {
	err = withoutStore(ctx, o, func(a *Agent) error {
		a.chorus.AskAll(ctx)
		pays = a.chorus.Pays(a.clock.Now(), name)
		return nil
	})
	if err != nil {
		return pays, fmt.Errorf("prices of the home: %w", err)
	}
	return pays, nil
}
