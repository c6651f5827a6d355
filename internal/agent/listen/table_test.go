package listen

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/internal/agent/decide"
	"hearth/internal/agent/edge"
	"hearth/internal/agent/hand"
	"hearth/internal/config"
	"hearth/openadr/ven"
	"hearth/storage"
)

var noon = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

// unmetered is a month of which nothing is known.
type unmetered struct{}

func (unmetered) Used(time.Time) (in, out energy.Reading[energy.WattHours]) { return in, out }

func (unmetered) Before(time.Time) energy.Series[energy.WattHours] {
	return energy.Series[energy.WattHours]{}
}

// regular is a pace that never hurries.
type regular struct{}

func (regular) Next(error) time.Duration { return time.Minute }

// table is a chorus whose VTNs and sources sit at one table, with a store of its own.
type table struct {
	*testing.T
	cfg    *config.Config
	clock  *hand.Clock
	log    *hand.Lines
	vtns   []ven.Config
	said   map[string]*hand.VTN
	vens   map[string]*ven.VEN
	isShy  bool // nobody is asked at the beginning
	store  *storage.Store
	chorus *Chorus
}

// atTable begins at noon with nobody but the fallback.
func atTable(t *testing.T) *table {
	t.Helper()
	buy, sell, carbon := energy.PriceOf(0.3), energy.PriceOf(0.08), energy.GramsPerKWh(380)
	d := &table{
		T: t, clock: hand.At(noon), log: &hand.Lines{}, said: map[string]*hand.VTN{}, vens: map[string]*ven.VEN{},
		cfg: &config.Config{
			Home:     config.Home{Zone: time.UTC, Currency: "EUR"},
			Cycle:    10 * time.Second,
			Planning: config.Planning{Slot: 15 * time.Minute, Horizon: 12 * time.Hour},
			Fallback: config.Fallback{Import: &buy, Export: &sell, Carbon: &carbon},
			Storage:  filepath.Join(t.TempDir(), "table.db"),
		},
	}
	t.Cleanup(func() {
		if d.store != nil {
			_ = d.store.Close()
		}
		if t.Failed() {
			t.Logf("log:\n%s", d.log)
		}
	})
	return d
}

// open begins, or begins again on the store that is there.
func (d *table) open() *table {
	d.Helper()
	if d.store != nil {
		if err := d.store.Close(); err != nil {
			d.Fatal(err)
		}
	}
	log := slog.New(slog.NewTextHandler(d.log, nil))
	store, err := storage.Open(d.Context(), d.cfg.Storage, storage.Options{Clock: d.clock, Log: log})
	if err != nil {
		d.Fatal(err)
	}
	d.store = store
	d.chorus = New(Parts{Config: d.cfg, Store: store, Clock: d.clock, Month: unmetered{}, Log: log, Edges: edge.New(log)})
	for _, c := range d.vtns {
		v := ven.New(c, ven.Parts{Client: d.said[c.Name], Store: store, Clock: d.clock, Pace: regular{}, Log: log})
		if err := v.Restore(); err != nil {
			d.Fatal(err)
		}
		d.chorus.Follow(c.Name, v)
		d.vens[c.Name] = v
		if !d.isShy {
			d.poll(c.Name)
		}
	}
	for _, c := range d.cfg.Sources {
		source, err := c.Type.New(nil, feeds.Net{})
		if err != nil {
			d.Fatal(err)
		}
		if err := d.chorus.Ask(c, source); err != nil {
			d.Fatal(err)
		}
	}
	return d
}

// follow adds a VTN, before open.
func (d *table) follow(name string, currency energy.Currency) *hand.VTN {
	d.vtns = append(d.vtns, ven.Config{Name: name, Currency: currency})
	d.said[name] = &hand.VTN{}
	return d.said[name]
}

// poll lets the VEN of that name ask.
func (d *table) poll(name string) { _ = d.vens[name].Poll(d.Context()) }

// publishes adds a source to the configuration, before open.
func (d *table) publishes(name string, use ...feeds.Kind) *hand.Source {
	s := &hand.Source{Is: feeds.About{Kinds: feeds.Kinds, Zone: time.UTC, Currency: d.cfg.Home.Currency}}
	d.cfg.Sources = append(d.cfg.Sources, config.Source{Name: name, Use: use, Type: s.Type()})
	return s
}

// signals is what everybody says at a time, for a plan made then.
func (d *table) signals(now time.Time) decide.Signals {
	p := d.cfg.Planning
	return d.chorus.Signals(now, energy.NewGrid(now.Truncate(p.Slot), p.Slot, int(p.Horizon/p.Slot)))
}

// at is the point of a series that holds t.
func at[T any](s energy.Series[T], t time.Time) (energy.Point[T], bool) {
	within := s.Slice(energy.Span(t, 1)).Points
	if len(within) == 0 {
		return energy.Point[T]{}, false
	}
	return within[0], true
}

// pricesAt reads the import price and its source at hours after noon.
func (d *table) pricesAt(hours ...float64) []string {
	d.Helper()
	return hand.PricesAt(d.signals(d.clock.Now()).ImportPrice, noon, hours...)
}

func (d *table) expectPrices(want map[float64]string) {
	d.Helper()
	for hour, w := range want {
		if got := d.pricesAt(hour); got[0] != w {
			d.Errorf("at +%vh: %s, want %s", hour, got[0], w)
		}
	}
}

// hourly is a series of hours from noon.
func hourly[T any](currency energy.Currency, values ...T) energy.Series[T] {
	return hand.Hourly(noon, currency, values...)
}

func euro(amounts ...float64) energy.Series[energy.Price] { return hand.Euro(noon, amounts...) }
