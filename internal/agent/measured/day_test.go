package measured

import (
	"log/slog"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/agent/edge"
	"hearth/internal/config"
)

func counts(in, out energy.WattHours, at time.Time) map[string]devices.Observation {
	return map[string]devices.Observation{"grid": {Imported: energy.Read(in, at), Exported: energy.Read(out, at)}}
}

// at is the ledger of a home with nothing but a grid meter, and without a store.
func at(t *testing.T, zone string) *Ledger {
	t.Helper()
	z, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	cfg := &config.Config{
		Home:    config.Home{Zone: z, Currency: "EUR", MaxImport: 17000, MaxExport: 10000},
		Devices: []config.Device{{Name: "grid", Kind: config.Grid, MaxAge: 5 * time.Minute}},
	}
	return New(cfg, nil, edge.New(slog.New(slog.DiscardHandler)))
}

// flat is one value over some days.
func flat[T any](currency energy.Currency, v T) energy.Series[T] {
	span := energy.Span(noon.AddDate(0, 0, -3), 10*24*time.Hour)
	return energy.Series[T]{Currency: currency, Points: []energy.Point[T]{{Interval: span, Value: v}}}
}

func flatSignals(buy, sell energy.Price, carbon energy.GramsPerKWh) decide.Signals {
	return decide.Signals{ImportPrice: flat("EUR", buy), ExportPrice: flat("EUR", sell), Carbon: flat("", carbon)}
}

func TestDay_CountsEnergyMoneyAndCarbon(t *testing.T) {
	l, s := at(t, "Europe/Berlin"), flatSignals(energy.PriceOf(0.3), energy.PriceOf(0.1), 400)
	l.Count(noon, counts(1000, 500, noon), s)
	l.Count(noon.Add(time.Minute), counts(2000, 500, noon.Add(time.Minute)), s)
	l.Count(noon.Add(2*time.Minute), counts(2000, 2500, noon.Add(2*time.Minute)), s)
	if d := l.Day; d.Imported != 1000 || d.Exported != 2000 || d.Cost != energy.MoneyOf(0.3-0.2) || d.Carbon != 400 || d.Unpriced != 0 {
		t.Errorf("%+v", d)
	}
	// A new meter begins at zero: what it has not seen is not invented, and nothing is counted back.
	l.Count(noon.Add(3*time.Minute), counts(0, 0, noon.Add(3*time.Minute)), s)
	l.Count(noon.Add(4*time.Minute), counts(10, 0, noon.Add(4*time.Minute)), s)
	if l.Day.Imported != 1010 {
		t.Errorf("imported %v", l.Day.Imported)
	}
}

func TestDay_BeginsAtLocalMidnight(t *testing.T) {
	l, s := at(t, "America/New_York"), flatSignals(1, 1, 1)
	late := time.Date(2026, 5, 13, 3, 59, 0, 0, time.UTC) // 23:59 in New York
	l.Count(late, counts(0, 0, late), s)
	l.Count(late.Add(30*time.Second), counts(100, 0, late.Add(30*time.Second)), s)
	if l.Day.Imported != 100 {
		t.Errorf("%+v", l.Day)
	}
	l.Count(late.Add(2*time.Minute), counts(150, 0, late.Add(2*time.Minute)), s)
	if l.Day.Imported != 50 || l.Day.Start.In(l.cfg.Home.Zone).Hour() != 0 {
		t.Errorf("%+v", l.Day)
	}
}

func TestDay_WithoutPriceCountsNoMoney(t *testing.T) {
	l := at(t, "UTC")
	l.Count(noon, counts(0, 0, noon), decide.Signals{})
	l.Count(noon.Add(time.Minute), counts(500, 0, noon.Add(time.Minute)), decide.Signals{})
	if d := l.Day; d.Cost != 0 || d.Unpriced != 500 || d.Imported != 500 {
		t.Errorf("%+v", d)
	}
}

func TestDay_IntegratesPowerOfAMeterWithoutCounters(t *testing.T) {
	l, s := at(t, "UTC"), flatSignals(energy.PriceOf(0.3), 0, 0)
	power := func(w energy.Watts, at time.Time) map[string]devices.Observation {
		return map[string]devices.Observation{"grid": {Power: energy.Read(w, at)}}
	}
	l.Count(noon, power(1000, noon), s)
	l.Count(noon.Add(time.Minute), power(-6000, noon.Add(time.Minute)), s)
	l.Count(noon.Add(2*time.Minute), power(6000, noon.Add(2*time.Minute)), s)
	l.Count(noon.Add(time.Hour), power(6000, noon.Add(time.Hour)), s) // an hour of silence is not filled in
	if d := l.Day; d.Imported != 100 || d.Exported != 100 {
		t.Errorf("%+v", d)
	}
}
