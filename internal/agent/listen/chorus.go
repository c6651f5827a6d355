// Package listen is who the home listens to, and what they say together.
//
// # Basics
//
// A [Chorus] follows OpenADR servers ([Chorus.Follow]) and asks sources through their keepers ([Chorus.Ask]), lays the
// rules of the contract on top, and puts the configured fallback behind them. [Chorus.Signals] is what they say
// together: for each kind of series the first that covers an instant wins, in this order. What each of them says and
// how it fares is there for the page, the metrics and the health line.
//
// # Caveats
//
// Signals, Pays and NotePays belong to the cycle. The loops of [Chorus.Loops] run beside it, and whatever only shows
// how somebody fares may be called from anywhere once everybody is known.
package listen

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/keep"
	"hearth/internal/agent/decide"
	"hearth/internal/agent/edge"
	"hearth/internal/config"
	"hearth/openadr/ven"
	"hearth/storage"
)

// Clock is the time the home goes by.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// Month is what the house connection has counted since the local month began; rules of a tariff go by it.
type Month interface {
	// Used is what was imported and exported (< 0) until now; not valid where too much of it is not known.
	Used(now time.Time) (imported, exported energy.Reading[energy.WattHours])
	// Before is what was imported until t.
	Before(t time.Time) energy.Series[energy.WattHours]
}

// Parts is what a chorus works with. All are required.
type Parts struct {
	Config *config.Config
	Store  *storage.Store
	Clock  Clock
	Month  Month
	Log    *slog.Logger
	Edges  *edge.Log // of the cycle
}

// Chorus is everybody we listen to.
type Chorus struct {
	cfg   *config.Config
	store *storage.Store
	clock Clock
	month Month
	log   *slog.Logger
	edges *edge.Log

	vens    []followed
	sources []asked
	name    string                       // of this installation; empty until somebody wants to know it
	turns   chan struct{}                // of those who ask
	tariff  atomic.Pointer[feeds.Tariff] // what the home pays by somebody's word
	holding []decide.Order               // that were told as holding
}

// followed is an OpenADR server we listen to.
type followed struct {
	name string
	*ven.VEN
}

// asking is how many sources are asked at the same time. One that does not answer holds its turn until its whole fetch
// is given up: up to five minutes, keep's fetchLimit.
const asking = 3

// New is a chorus without voices.
func New(p Parts) *Chorus {
	return &Chorus{cfg: p.Config, store: p.Store, clock: p.Clock, month: p.Month, log: p.Log, edges: p.Edges, turns: make(chan struct{}, asking)}
}

// Follow adds an OpenADR server, behind those that were there. Whoever runs it has restored it: prices are there without
// any network.
func (c *Chorus) Follow(name string, v *ven.VEN) {
	c.vens = append(c.vens, followed{name, v})
}

// Ask adds a source, behind those that were there. It brings back what was known before: values are there without any
// network.
func (c *Chorus) Ask(s config.Source, source feeds.Source) error {
	if _, err := c.Installation(); err != nil {
		return err
	}
	k := keep.New(s.Name, c.name, keep.Parts{Source: source, Store: c.store, Clock: c.clock, Log: c.log, Turns: c.turns, Settings: c.fingerprint(s)})
	if err := k.Restore(); err != nil {
		c.log.Warn("last values are not readable: beginning without them", "source", s.Name, "err", err)
	}
	c.sources = append(c.sources, asked{k, source, s.Type, slices.Clone(s.Use), s.Roof})
	return nil
}

// Loop is something that runs beside the cycle, until its context ends.
type Loop struct {
	Name string
	Run  func(context.Context) error
}

// Loops is one for each source, and one for the standing orders.
func (c *Chorus) Loops() []Loop {
	var all []Loop
	for _, k := range c.sources {
		all = append(all, Loop{"source " + k.Name(), k.Run})
	}
	if len(c.sources) > 0 {
		all = append(all, Loop{"orders", c.orders})
	}
	return all
}

// AskAll asks everybody once, now. Whoever does not answer is named in the log.
func (c *Chorus) AskAll(ctx context.Context) {
	for _, v := range c.vens {
		if err := v.Poll(ctx); err != nil {
			c.log.Warn("vtn does not answer", "vtn", v.name, "err", err)
		}
	}
	for _, k := range c.sources {
		if err := k.Fetch(ctx); err != nil {
			c.log.Warn("source does not answer", "source", k.Name(), "err", err)
		}
	}
}

// fingerprint changes with whatever a source was told, and tells nothing of it.
func (c *Chorus) fingerprint(s config.Source) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %v", s.Type.Name, c.cfg.Home.Currency, c.cfg.Home.Zone)
	for _, key := range slices.Sorted(maps.Keys(s.Settings)) {
		fmt.Fprintf(h, " %q=%q", key, s.Settings[key])
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Installation is a name of this home that nobody else has, so that not all homes ask, or act, at once.
func (c *Chorus) Installation() (string, error) {
	if c.name != "" {
		return c.name, nil
	}
	const key = "installation"
	name, ok, err := c.store.Get(key)
	if err != nil || !ok {
		name = []byte(hex.EncodeToString(fmt.Append(nil, rand.Uint64())))
		err = c.store.Put(key, name)
	}
	c.name = string(name)
	return c.name, err
}
