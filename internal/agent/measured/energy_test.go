package measured

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/agent/hand"
	"hearth/storage"
	"hearth/tariff"
)

// cellar is a ledger with a store, and a meter that a test lets count.
type cellar struct {
	*Ledger
	t     *testing.T
	clock *hand.Clock
	says  decide.Signals
}

func inCellar(t *testing.T, begin time.Time) *cellar {
	t.Helper()
	c := &cellar{Ledger: at(t, "UTC"), t: t, clock: hand.At(begin)}
	store, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "cellar.db"), storage.Options{Clock: c.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	c.store = store
	return c
}

// meter moves the clock on and notes what the counters show then, and what a kWh costs.
func (c *cellar) meter(after time.Duration, in, out energy.WattHours) {
	c.clock.Move(after)
	now := c.clock.Now()
	c.Note(now, counts(in, out, now), map[string]bool{"grid": true})
	c.CountMonth(now)
	c.NotePrices(now, c.says)
}

// A day is reckoned at the prices that held, with what the contract wants besides.
func TestEnergy_CostsWhatThePricesWere(t *testing.T) {
	fixed := energy.PriceOf(0.2)
	midnight := time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC)
	c := inCellar(t, midnight.Add(-10*time.Minute))
	c.says = flatSignals(fixed, fixed, 0)
	c.cfg.Tariff = &tariff.Tariff{Zone: time.UTC, Currency: "EUR", Versions: []tariff.Version{{
		Import: tariff.Side{Components: []tariff.Component{
			{Name: "energy", Fixed: &fixed}, {Name: "meter", Standing: &tariff.Standing{Per: tariff.PerDay, Amount: energy.MoneyOf(0.5)}},
		}},
		Export: &tariff.Side{Components: []tariff.Component{{Name: "feed-in", Fixed: &fixed}}},
	}}}
	in, out := energy.WattHours(5000), energy.WattHours(100)
	for range 24*6 + 3 {
		c.meter(10*time.Minute, in, out)
		in, out = in+100, out+50
	}
	e, err := c.Energy(midnight, midnight.Add(24*time.Hour))
	if err != nil || e.Cost == nil || e.Coverage < 0.99 {
		t.Fatalf("%+v, %v", e, err)
	}
	if want := 14.4*0.2 - 7.2*0.2 + 0.5; *e.Cost < want-0.03 || *e.Cost > want+0.03 {
		t.Errorf("cost %v, want %v", *e.Cost, want)
	}
	if e, err := c.Energy(midnight.Add(-48*time.Hour), midnight.Add(24*time.Hour)); err != nil || e.Coverage > 0.4 {
		t.Errorf("two days were not metered: %+v, %v", e, err)
	}
}

// What passed at a time without a price has cost nobody knows what; what is assumed is no price.
func TestEnergy_WithoutAPriceHasNoCost(t *testing.T) {
	c := inCellar(t, noon)
	price := energy.Point[energy.Price]{Interval: energy.Span(noon, time.Hour), Value: energy.PriceOf(0.1), Origin: &energy.Origin{Source: "exchange", Status: energy.Final}}
	assumed := energy.Point[energy.Price]{Interval: energy.Span(price.End, 24*time.Hour), Value: energy.PriceOf(0.3), Origin: &energy.Origin{Source: "fallback", Status: energy.Assumed}}
	c.says.ImportPrice = energy.Series[energy.Price]{Currency: "EUR", Points: []energy.Point[energy.Price]{price, assumed}}
	in := energy.WattHours(5000)
	for range 18 {
		c.meter(10*time.Minute, in, 7)
		in += 100
	}
	if e, err := c.Energy(noon.Add(10*time.Minute), noon.Add(time.Hour)); err != nil || e.Cost == nil || *e.Cost < 0.04 || *e.Cost > 0.06 {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err := c.Energy(noon.Add(10*time.Minute), noon.Add(2*time.Hour)); err != nil || e.Cost != nil || e.Imported == nil {
		t.Errorf("%+v, %v", e, err)
	}
}

// Without a meter at the house connection nobody knows what has passed.
func TestEnergy_WithoutAMeterIsNotKnown(t *testing.T) {
	c := inCellar(t, noon)
	c.grid.Name = ""
	c.Count(noon, map[string]devices.Observation{}, c.says)
	if _, err := c.Energy(noon, noon.Add(time.Hour)); err == nil || c.Today().Imported != nil {
		t.Errorf("%v, %+v", err, c.Today())
	}
}

// What is used this month is known from its first hour on; what passed before it is no part of it.
func TestMonth_BeginsWithTheLocalMonth(t *testing.T) {
	begin := time.Date(2026, 4, 30, 23, 0, 0, 0, time.UTC)
	c := inCellar(t, begin)
	c.cfg.Tariff = &tariff.Tariff{Zone: time.UTC, Currency: "EUR"}
	in, out := energy.WattHours(5000), energy.WattHours(0)
	for range 6 * 3 {
		c.meter(10*time.Minute, in, out)
		in, out = in+100, out+10
	}
	imported, exported := c.Used(c.clock.Now())
	if !imported.Valid || imported.Value < 1000 || imported.Value > 1300 || !exported.Valid || exported.Value > -100 || exported.Value < -130 {
		t.Errorf("two hours at 600 W and 60 W: %+v, %+v", imported, exported)
	}
	for _, p := range c.Before(begin.Add(2 * time.Hour)).Points {
		if p.Start.Before(begin.Add(time.Hour)) || p.End.After(begin.Add(2*time.Hour)) {
			t.Errorf("%v is not of the month's first hour", p.Interval)
		}
	}
	if !c.month.Start.Equal(begin.Add(time.Hour)) {
		t.Errorf("the month begins %v", c.month.Start)
	}
}
