package corpus

import (
	"context"
	"slices"
	"testing"
	"time"

	"hearth/energy"
	"hearth/scheduler"
)

// has says whether a problem has a device of a type for which something is so.
func has[T scheduler.Device](p *scheduler.Problem, is func(T) bool) bool {
	return slices.ContainsFunc(p.Devices, func(d scheduler.Device) bool {
		v, ok := d.(T)
		return ok && is(v)
	})
}

func hasCircuit(p *scheduler.Problem, id string) bool {
	return slices.ContainsFunc(p.Circuits, func(c scheduler.Circuit) bool { return c.ID == id && len(c.Devices) > 1 })
}

func isConstant[T comparable](values []T) bool {
	return !slices.ContainsFunc(values, func(v T) bool { return v != values[0] })
}

// seen says of each feature how it is seen in a problem.
var seen = map[string]func(p *scheduler.Problem) bool{
	"carbon":   func(p *scheduler.Problem) bool { return p.CarbonPrice >= energy.MoneyOf(80) && !isConstant(p.Carbon) },
	"circuits": func(p *scheduler.Problem) bool { return hasCircuit(p, "garage") },
	"export-above-import": func(p *scheduler.Problem) bool {
		above := 0
		for t := range p.ImportPrice {
			if p.ExportPrice[t] > p.ImportPrice[t] {
				above++
			}
		}
		return above > 0 && above < p.Grid.Count()
	},
	"flat-tariff": func(p *scheduler.Problem) bool { return isConstant(p.ImportPrice) && isConstant(p.ExportPrice) },
	"many-batteries": func(p *scheduler.Problem) bool {
		n := 0
		for _, d := range p.Devices {
			if _, ok := d.(scheduler.Battery); ok {
				n++
			}
		}
		return n >= 4
	},
	"negative-import": func(p *scheduler.Problem) bool {
		below := 0
		for _, price := range p.ImportPrice {
			if price < 0 {
				below++
			}
		}
		return 3*below >= p.Grid.Count()-3
	},
	"optional": func(p *scheduler.Problem) bool {
		return has(p, func(d scheduler.Shiftable) bool { return d.Optional && d.Value > 0 })
	},
	"peak":        func(p *scheduler.Problem) bool { return p.Peak.Price > 0 },
	"peak-blocks": func(p *scheduler.Problem) bool { return p.Peak.Averaging > 1 && p.Peak.SoFar > 0 },
	"per-slot-limits": func(p *scheduler.Problem) bool {
		return !isConstant(p.ImportLimit) && (!p.SolarCurtailable || !isConstant(p.ExportLimit))
	},
	"running": func(p *scheduler.Problem) bool {
		return has(p, func(d scheduler.Interruptible) bool { return d.OnFor > 0 && d.Earliest == 0 }) &&
			has(p, func(d scheduler.Vehicle) bool { return d.OnFor > 0 && d.Arrive == 0 }) &&
			has(p, func(d scheduler.Shiftable) bool { return d.Earliest == 0 && d.LatestEnd == len(d.Profile) })
	},
	"solar-not-curtailable": func(p *scheduler.Problem) bool { return !p.SolarCurtailable && slices.Min(p.ExportPrice) < 0 },
	"start-limits": func(p *scheduler.Problem) bool {
		return has(p, func(d scheduler.Thermal) bool { return d.MaxStarts != nil && *d.MaxStarts <= 8 })
	},
	"two-ranges": func(p *scheduler.Problem) bool {
		return has(p, func(scheduler.Vehicle) bool { return true }) && !has(p, func(d scheduler.Vehicle) bool { return len(d.Ranges) != 2 })
	},
	"v2h": func(p *scheduler.Problem) bool {
		return has(p, func(d scheduler.Vehicle) bool { return d.DischargeMax > 0 && d.EnergyInitial > d.EnergyMin })
	},
	"relaxed": nil, // seen by solving alone
	"wild":    nil, // seen by its parts, below
}

// whole are the features of which wild consists; the others exclude some of these.
var whole = []string{
	"carbon", "circuits", "export-above-import", "many-batteries", "negative-import", "optional", "peak",
	"peak-blocks", "per-slot-limits", "running", "start-limits", "two-ranges", "v2h",
}

func TestFeatures_AreThereAndPlainHomesLackThem(t *testing.T) {
	if len(seen) != len(features) {
		t.Fatalf("%d features, %d of them looked for", len(features), len(seen))
	}
	for _, size := range []string{"S", "M"} {
		for _, f := range features {
			is := seen[f.name]
			if is == nil {
				continue
			}
			family := featurePrefix + f.name
			if size == "M" {
				family += "-M"
			}
			lacking := 0
			for seed := range uint64(25) {
				if !is(generate(t, family, seed)) {
					t.Errorf("%s has no %s", Name(family, seed), f.name)
				}
				if !is(generate(t, size, seed)) {
					lacking++
				}
			}
			if lacking == 0 {
				t.Errorf("every plain %s has %s", size, f.name)
			}
		}
	}
}

func TestFeatures_WildHasThemAll(t *testing.T) {
	notCurtailable := 0
	for _, family := range []string{"F-wild", "F-wild-M"} {
		for seed := range uint64(15) {
			p := generate(t, family, seed)
			for _, name := range whole {
				if !seen[name](p) {
					t.Errorf("%s has no %s", Name(family, seed), name)
				}
			}
			if !p.SolarCurtailable {
				notCurtailable++
			}
		}
	}
	if notCurtailable == 0 || notCurtailable == 30 {
		t.Errorf("%d of 30 cannot curtail", notCurtailable)
	}
}

// Where a feature draws one of several ways, each is met.
func TestFeatures_AreMetInAllTheirWays(t *testing.T) {
	ways := map[string]int{}
	note := func(is bool, way string) {
		if is {
			ways[way]++
		}
	}
	for seed := range uint64(40) {
		for _, size := range []string{"", "-M"} {
			p := generate(t, "F-negative-import"+size, seed)
			isAbove := false
			for i, price := range p.ExportPrice {
				isAbove = isAbove || price > p.ImportPrice[i]
			}
			note(isAbove, "negative, export above")
			note(!isAbove, "negative, export below")
			p = generate(t, "F-v2h"+size, seed)
			note(has(p, func(d scheduler.Vehicle) bool { return d.Wear > 0 }), "wears")
			note(has(p, func(d scheduler.Vehicle) bool { return d.Wear == 0 }), "does not wear")
			p = generate(t, "F-peak-blocks"+size, seed)
			note(p.Peak.Slots == nil, "every block")
			note(p.Peak.Slots != nil, "blocks by day")
			for i, counts := range p.Peak.Slots {
				if hour := p.Grid.Slot(i).Start.Hour(); counts != (hour >= 7 && hour < 22) {
					t.Errorf("%s: slot %d, at %d o'clock, counts: %v", Name("F-peak-blocks"+size, seed), i, hour, counts)
				}
			}
			p = generate(t, "F-carbon"+size, seed)
			note(p.CarbonPrice < energy.MoneyOf(150), "carbon is cheap")
			note(p.CarbonPrice > energy.MoneyOf(250), "carbon is dear")
		}
	}
	if len(ways) != 8 {
		t.Errorf("%v", ways)
	}
	for way, n := range ways {
		if n < 8 {
			t.Errorf("%s: %d times", way, n)
		}
	}
}

func TestCircuits_CarryTheGarageAndTheKitchen(t *testing.T) {
	limits := map[energy.Watts]bool{}
	for seed := range uint64(40) {
		p := generate(t, "F-circuits-M", seed)
		vehicles, members := 0, map[string]int{}
		for _, d := range p.Devices {
			if _, ok := d.(scheduler.Vehicle); ok {
				vehicles++
			}
		}
		for _, c := range p.Circuits {
			if c.ID == "charging" {
				continue
			}
			for _, id := range c.Devices {
				members[id]++
			}
			if c.ID == "garage" {
				limits[c.Limit] = true
				if (c.Limit > sharedCharging) != (vehicles > 1) {
					t.Errorf("seed %d: %v for %d vehicles", seed, c.Limit, vehicles)
				}
			}
		}
		if len(members) != len(p.Devices) {
			t.Errorf("seed %d: %v of %d devices", seed, members, len(p.Devices))
		}
		for id, n := range members {
			if n != 1 {
				t.Errorf("seed %d: %s is on %d circuits", seed, id, n)
			}
		}
	}
	if len(limits) != 2 {
		t.Errorf("%v", limits)
	}
}

// Without curtailment, all that shines has to go somewhere.
func TestSolarNotCurtailable_FitsThroughTheConnection(t *testing.T) {
	for seed := range uint64(40) {
		p := generate(t, "F-solar-not-curtailable-M", seed)
		if least := slices.Min(p.ExportLimit); slices.Max(p.Solar) > least {
			t.Errorf("seed %d: %v of sun, %v may be exported", seed, slices.Max(p.Solar), least)
		}
		for i, price := range p.ExportPrice {
			if hour := p.Grid.Slot(i).Start.Hour(); price >= 0 && hour >= 10 && hour < 15 {
				t.Errorf("seed %d: %v for export at %d o'clock", seed, price, hour)
			}
		}
	}
}

func TestManyBatteries_AreNotAlike(t *testing.T) {
	p := generate(t, "F-many-batteries", 1)
	efficiencies := map[float64]bool{}
	for _, d := range p.Devices {
		if d, ok := d.(scheduler.Battery); ok {
			efficiencies[d.ChargeEfficiency*d.DischargeEfficiency] = true
		}
	}
	if len(efficiencies) != 4 {
		t.Errorf("%v", efficiencies)
	}
}

// Cars are only worth giving back where prices differ.
func TestVehicleToHome_StretchesThePrices(t *testing.T) {
	for seed := range uint64(20) {
		plain, p := generate(t, "S", seed).ImportPrice, generate(t, "F-v2h", seed).ImportPrice
		before, after := slices.Max(plain)-slices.Min(plain), slices.Max(p)-slices.Min(p)
		if ratio := after.Float() / before.Float(); ratio < 1.29 || ratio > 2.01 {
			t.Errorf("seed %d: by %v", seed, ratio)
		}
	}
}

// In a few homes of a thousand, chance alone would leave no hour above.
func TestExportAboveImport_IsThereForAnHourAtLeast(t *testing.T) {
	for seed := range uint64(1000) {
		if !seen["export-above-import"](generate(t, "F-export-above-import", seed)) {
			t.Errorf("seed %d has none", seed)
		}
	}
}

// isMet says whether a plan was found that violates nothing. Most first plans do; the others get the time
// of a second look.
func isMet(t testing.TB, p *scheduler.Problem) bool {
	t.Helper()
	for _, limit := range []time.Duration{time.Nanosecond, 500 * time.Millisecond} {
		plan, err := scheduler.Solve(context.Background(), p, scheduler.Options{TimeLimit: limit})
		if err != nil {
			t.Fatal(err)
		}
		if plan.Status != scheduler.Relaxed {
			return true
		}
	}
	return false
}

// L and XL are left out: they would take minutes, and their devices are drawn as those of M are.
func TestGenerate_EveryProblemCanBeMetButTheRelaxed(t *testing.T) {
	for _, family := range Families() {
		f, _ := find(family)
		seeds := map[string]uint64{"T": 12, "S": 12, "M": 1}[f.size.name]
		if testing.Short() {
			seeds = min(seeds, 3)
		}
		want := f.feature == nil || f.feature.name != "relaxed"
		for seed := range seeds {
			if isMet(t, generate(t, family, seed)) != want {
				t.Errorf("%s: met %v, want %v", Name(family, seed), !want, want)
			}
		}
	}
}
