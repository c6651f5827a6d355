// Package measured is what was measured at home, and what that has cost.
//
// # Basics
//
// A [Ledger] writes down what devices say in every cycle ([Ledger.Note]) and what a kWh costs meanwhile
// ([Ledger.NotePrices]). From that follow what is to be expected of the house ([Ledger.Expect]), what the house
// connection has counted today ([Ledger.Count]) and this month ([Ledger.CountMonth]), and what any time has cost
// ([Ledger.Energy]).
//
// # Caveats
//
// A ledger belongs to the cycle, but for [Ledger.Energy], which reads nothing but the store. Counters that go back, or
// on by more than the connection bears, are another meter: nothing is known of that time.
package measured

import (
	"slices"
	"time"

	"hearth/energy"
	"hearth/internal/agent/edge"
	"hearth/internal/config"
	"hearth/storage"
)

// Names of what is measured in the store.
const (
	baseChannel        = "base.power" // what is not a device's
	importPriceChannel = "price.import"
	exportPriceChannel = "price.export"
	carbonChannel      = "carbon"
)

func powerChannel(device string) string { return device + ".power" }

// Ledger keeps what was measured.
type Ledger struct {
	Day Day // that is counted; an earlier run may have left its own

	cfg         *config.Config
	store       *storage.Store
	edges       *edge.Log
	grid, solar config.Device // at the house connection, on the roof; without a name where there is none

	history     history
	month       month
	pricesNoted time.Time // the quarter hour in which prices were written down last
}

// New is a ledger of a home that has nothing in memory yet.
func New(cfg *config.Config, store *storage.Store, edges *edge.Log) *Ledger {
	return &Ledger{
		cfg: cfg, store: store, edges: edges, history: history{},
		grid: first(cfg.Devices, config.Grid), solar: first(cfg.Devices, config.Solar),
	}
}

// Load brings back what the store has of the last weeks.
func (l *Ledger) Load(now time.Time) error {
	channels := []string{baseChannel}
	for _, d := range l.cfg.Devices {
		channels = append(channels, powerChannel(d.Name))
	}
	for _, name := range channels {
		if err := l.history.load(l.store, name, now); err != nil {
			return err
		}
	}
	return nil
}

// Power is the mean power of a device in quarter hours, the one under way included as far as it has come.
func (l *Ledger) Power(device string) energy.Series[energy.Watts] {
	return l.history.series(powerChannel(device))
}

// Base is the mean power of what is not a device's.
func (l *Ledger) Base() energy.Series[energy.Watts] { return l.history.series(baseChannel) }

// Seed writes down the powers of devices at a time past as if they had been measured here.
func (l *Ledger) Seed(at time.Time, powers map[string]energy.Watts) {
	row, rest := map[string]float64{}, powers[l.grid.Name]
	for device, power := range powers {
		row[powerChannel(device)] = float64(power)
		if device != l.grid.Name {
			rest -= power
		}
	}
	if _, ok := powers[l.grid.Name]; ok {
		row[baseChannel] = float64(rest)
	}
	l.store.Record(at, row)
}

// first is the first device of a kind; one without a name where there is none.
func first(all []config.Device, kind config.Kind) config.Device {
	if i := slices.IndexFunc(all, func(d config.Device) bool { return d.Kind == kind }); i >= 0 {
		return all[i]
	}
	return config.Device{}
}
