package tariff

import (
	"slices"
	"testing"
	"time"

	"hearth/energy"

	"pgregory.net/rapid"
)

func withPeak(z *time.Location, p Peak) Tariff {
	t := simple(z, fixed("a", "0"))
	p.Name = "peak"
	t.Versions[0].Peaks = []Peak{p}
	return t
}

func inputs(t testing.TB, tariff Tariff, grid energy.Grid, imported energy.Series[energy.WattHours]) []PeakInput {
	t.Helper()
	in, err := PeakInputs(tariff, grid, imported)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// hours is a month's hours with some energies, by hour of the month.
func hoursOf(z *time.Location, month Date, count int, some map[int]energy.WattHours) energy.Series[energy.WattHours] {
	values := make([]energy.WattHours, count)
	for i, e := range some {
		values[i] = e
	}
	return metered(month.start(z), time.Hour, values...)
}

func TestPeak_OfOneIsTheHighestSoFar(t *testing.T) {
	z := zone(t, "Europe/Brussels")
	tariff := withPeak(z, Peak{Price: amount("4"), Highest: 1, Averaging: 15 * time.Minute, Minimum: 2500})
	tariff.Versions[0].Import.VAT = decimal("0.21")
	grid := energy.NewGrid(local(t, z, "2026-05-12 00:00"), 15*time.Minute, 96)
	for so, want := range map[energy.WattHours]energy.Watts{100: 2500, 625: 2500, 1000: 4000} {
		in := inputs(t, tariff, grid, metered(local(t, z, "2026-05-05 00:00"), 15*time.Minute, 10, so, 20))
		if len(in) != 1 || in[0].SoFar != want || in[0].Price != amount("4.84") || in[0].Averaging != 15*time.Minute || slices.Contains(in[0].Slots, false) {
			t.Errorf("%v: %+v", so, in)
		}
	}
}

func TestPeak_OfThreeDaysCountsOneADay(t *testing.T) {
	z := zone(t, "Europe/Stockholm")
	month := date("2026-11-01")
	tariff := withPeak(z, Peak{Price: amount("60"), Highest: 3, OnePerDay: true, Averaging: time.Hour, Windows: []When{{Days: Weekdays, From: 7 * 60, To: 20 * 60}}})
	// Monday 2nd: 5 and 4 kW; Tuesday 3 kW, and 9 kW before seven; Wednesday 2 kW; Sunday 8 kW.
	used := hoursOf(z, month, 24*9, map[int]energy.WattHours{24 + 8: 5000, 24 + 9: 4000, 48 + 19: 3000, 48 + 6: 9000, 72 + 7: 2000, 12: 8000})
	a := bill(t, tariff, month.month(z), Usage{Import: used})
	checkLine(t, a.Lines[1], "peak", "peak", 0, "200", "0") // (5 + 3 + 2) / 3 kW
	grid := energy.NewGrid(local(t, z, "2026-11-10 00:00"), time.Hour, 24)
	in := inputs(t, tariff, grid, used)[0]
	if in.SoFar != 2000 || in.Price != amount("20") || in.Month != month {
		t.Errorf("%+v", in)
	}
	for i, counts := range in.Slots {
		if counts != (i >= 7 && i < 20) {
			t.Errorf("slot %d: %v", i, counts)
		}
	}
	if in = inputs(t, tariff, energy.NewGrid(grid.Start, time.Hour, 48), used)[0]; in.Price != amount("40") {
		t.Errorf("two days can replace two: %v", in.Price)
	}
	if in := inputs(t, tariff, energy.NewGrid(local(t, z, "2026-11-07 00:00"), time.Hour, 48), used); len(in) != 0 {
		t.Errorf("a weekend meets no window: %v", in)
	}
}

func TestPeak_BeginsAnewEachMonthAndEndsWithItsVersion(t *testing.T) {
	z := zone(t, "Europe/Rome")
	tariff := withPeak(z, Peak{Price: amount("31"), Highest: 1, Averaging: time.Hour})
	tariff.Versions[0].Until = date("2026-06-16")
	grid := energy.NewGrid(local(t, z, "2026-05-31 12:00"), time.Hour, 24)
	in := inputs(t, tariff, grid, hoursOf(z, date("2026-05-01"), 48, map[int]energy.WattHours{5: 3000}))
	if len(in) != 2 || in[0].SoFar != 3000 || in[1].SoFar != 0 || in[0].Price != amount("31") || in[1].Price != amount("15.5") {
		t.Fatalf("%+v", in)
	}
	for i := range 24 {
		if in[0].Slots[i] != (i < 12) || in[1].Slots[i] == in[0].Slots[i] {
			t.Errorf("slot %d: %v, %v", i, in[0].Slots[i], in[1].Slots[i])
		}
	}
}

func TestPeak_WhatWasNotMeteredWholeIsNoBlock(t *testing.T) {
	z := zone(t, "Europe/Rome")
	tariff := withPeak(z, Peak{Price: amount("1"), Highest: 1, Averaging: time.Hour})
	grid := energy.NewGrid(local(t, z, "2026-05-12 00:00"), time.Hour, 24)
	used := metered(local(t, z, "2026-05-05 00:00"), 15*time.Minute, 900, 900, 900, 900, 5000, 5000, 5000)
	if in := inputs(t, tariff, grid, used); in[0].SoFar != 3600 {
		t.Errorf("%+v", in)
	}
	used.Points[0].Value = -1
	if _, err := PeakInputs(tariff, grid, used); err == nil {
		t.Error("an import < 0 was taken")
	}
}

// ADR 12: whatever a plan does, the bill of the month grows by no more than the plan was told; where one
// peak is charged, by just that.
func TestPeak_NoPlanCostsMoreThanItWasTold(t *testing.T) {
	z := zone(t, "Europe/Rome")
	month := date("2026-10-01")
	rapid.Check(t, func(t *rapid.T) {
		p := Peak{
			Price: energy.Money(rapid.Int64Range(0, 1e11).Draw(t, "price")), Highest: rapid.IntRange(1, 5).Draw(t, "highest"),
			OnePerDay: rapid.Bool().Draw(t, "onePerDay"), Averaging: time.Hour, Minimum: energy.Watts(rapid.IntRange(0, 4000).Draw(t, "minimum")),
		}
		if rapid.Bool().Draw(t, "windows") {
			p.Windows = []When{{Days: Weekdays, From: 8 * 60, To: 19 * 60}, {From: 22 * 60, To: 2 * 60}}
		}
		tariff := withPeak(z, p)
		tariff.Versions[0].Import.VAT = Decimal(rapid.Int64Range(0, 3e8).Draw(t, "vat"))
		draws := func(label string, n int) []energy.WattHours {
			out := make([]energy.WattHours, n)
			for i := range out {
				out[i] = energy.WattHours(rapid.IntRange(0, 6000).Draw(t, label))
			}
			return out
		}
		past := draws("past", rapid.IntRange(0, 40).Draw(t, "hours"))
		gap := rapid.IntRange(0, 600).Draw(t, "gap")
		start := month.start(z).Add(time.Duration(len(past)+gap) * time.Hour)
		plan := draws("plan", rapid.IntRange(1, 30).Draw(t, "slots"))
		before := metered(month.start(z), time.Hour, past...)
		after := energy.Series[energy.WattHours]{Points: append(slices.Clone(before.Points), metered(start, time.Hour, plan...).Points...)}
		whole := month.month(z)
		without, err := Bill(tariff, whole, Usage{Import: before})
		if err != nil {
			t.Fatal(err)
		}
		with, err := Bill(tariff, whole, Usage{Import: after})
		if err != nil {
			t.Fatal(err)
		}
		in, err := PeakInputs(tariff, energy.NewGrid(start, time.Hour, len(plan)), before)
		if err != nil {
			t.Fatal(err)
		}
		told := 0.0
		for _, k := range in {
			highest := energy.Watts(0)
			for i, e := range plan {
				if k.Slots[i] {
					highest = max(highest, energy.Watts(e))
				}
			}
			told += k.Price.Float() * float64(max(highest-k.SoFar, 0)) / 1000
		}
		grown := (with.Total - without.Total).Float()
		if grown > told+1e-6 {
			t.Fatalf("told %v, the bill grows by %v: %+v", told, grown, in)
		}
		if p.Highest == 1 && grown < told-1e-6 {
			t.Fatalf("told %v, the bill grows by %v only: %+v", told, grown, in)
		}
	})
}
