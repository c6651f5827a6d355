package corpus

import (
	"math"
	"slices"
	"testing"

	"hearth/energy"
)

// by is the mean of a row over the slots that begin in some hours of the day, over many homes.
func by(t *testing.T, family string, from, to int, row func(i int, seed uint64) float64) float64 {
	t.Helper()
	sum, n := 0.0, 0
	for seed := range uint64(80) {
		p := generate(t, family, seed)
		for i := range p.Grid.Count() {
			if hour := p.Grid.Slot(i).Start.Hour(); hour >= from && hour < to {
				sum += row(i, seed)
				n++
			}
		}
	}
	return sum / float64(n)
}

func TestTariff_IsDearInTheEveningAndCheapAtNoon(t *testing.T) {
	price := func(i int, seed uint64) float64 { return generate(t, "S", seed).ImportPrice[i].Float() }
	evening, noon, night := by(t, "S", 18, 21, price), by(t, "S", 12, 15, price), by(t, "S", 1, 4, price)
	if evening < night+0.03 || noon > night-0.02 || night < 0.15 || night > 0.35 {
		t.Errorf("%v in the evening, %v at noon, %v at night", evening, noon, night)
	}
	carbon := func(i int, seed uint64) float64 { return float64(generate(t, "S", seed).Carbon[i]) }
	if evening, noon := by(t, "S", 18, 21, carbon), by(t, "S", 12, 15, carbon); evening < noon+100 {
		t.Errorf("%v g in the evening, %v at noon", evening, noon)
	}
}

func TestTariff_ExportEarnsNothingOrAFixedPriceOrWhatIsLeft(t *testing.T) {
	nothing, fixed, dynamic := 0, 0, 0
	for seed := range uint64(100) {
		p := generate(t, "M", seed)
		switch {
		case !isConstant(p.ExportPrice):
			dynamic++
		case p.ExportPrice[0] == 0:
			nothing++
		default:
			fixed++
		}
	}
	if nothing < 10 || fixed < 20 || dynamic < 20 {
		t.Errorf("%d nothing, %d fixed, %d dynamic", nothing, fixed, dynamic)
	}
}

// A market's price holds for a quarter of an hour, whatever the slots.
func TestTariff_ChangesEveryQuarterOfAnHour(t *testing.T) {
	for seed := range uint64(5) {
		p := generate(t, "L", seed)
		changes := 0
		for i, price := range p.ImportPrice {
			if i > 0 && price != p.ImportPrice[i-1] {
				changes++
				if i%3 != 0 {
					t.Fatalf("seed %d: a new price in slot %d", seed, i)
				}
			}
		}
		if changes < 150 { // of 191
			t.Errorf("seed %d: %d new prices", seed, changes)
		}
	}
}

func TestSupply_IsThatOfAHome(t *testing.T) {
	sunny, kWh := 0, 0.0
	const homes = 60
	for seed := range uint64(homes) {
		p := generate(t, "M", seed)
		if !isConstant(p.ImportLimit) || p.ImportLimit[0] != connection || !isConstant(p.ExportLimit) {
			t.Errorf("seed %d: limits %v, %v", seed, p.ImportLimit[0], p.ExportLimit[0])
		}
		if roof := p.ExportLimit[0] / 0.7; roof < 3499 || roof > 11001 || slices.Max(p.Solar) > roof+1 {
			t.Errorf("seed %d: a roof of %v gives %v", seed, roof, slices.Max(p.Solar))
		}
		if slices.Max(p.Solar) > p.ExportLimit[0] {
			sunny++
		}
		for _, w := range p.BaseLoad {
			kWh += float64(w) / 1000 / 4 / 2 / homes
		}
		for i, w := range p.Solar {
			if w != energy.Watts(math.Trunc(float64(w))) || p.BaseLoad[i] != energy.Watts(math.Trunc(float64(p.BaseLoad[i]))) {
				t.Fatalf("seed %d: a part of a watt in slot %d", seed, i)
			}
		}
	}
	if kWh < 8 || kWh > 16 {
		t.Errorf("%v kWh a day that cannot be moved", kWh)
	}
	if sunny == 0 || sunny == homes {
		t.Errorf("the export limit matters in %d of %d homes", sunny, homes)
	}
}

// Cooking is what makes the load uneven: without it, nothing would be above a kilowatt and a half.
func TestHabits_HaveSpikes(t *testing.T) {
	spiky := 0
	for seed := range uint64(30) {
		if slices.Max(generate(t, "M", seed).BaseLoad) > 1500 {
			spiky++
		}
	}
	if spiky < 25 {
		t.Errorf("%d of 30 homes cook", spiky)
	}
	load := func(i int, seed uint64) float64 { return float64(generate(t, "S", seed).BaseLoad[i]) }
	if evening, night := by(t, "S", 18, 21, load), by(t, "S", 1, 4, load); evening < 2*night || night < 150 || night > 400 {
		t.Errorf("%v W in the evening, %v at night", evening, night)
	}
}
