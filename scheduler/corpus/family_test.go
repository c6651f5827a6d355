package corpus

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/scheduler"
)

// generate is the problem of a family and a seed.
func generate(t interface {
	Helper()
	Fatal(...any)
}, family string, seed uint64) *scheduler.Problem {
	t.Helper()
	p, err := Generate(family, seed)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// text is the problem's file.
func text(t interface {
	Helper()
	Fatal(...any)
}, p *scheduler.Problem) string {
	t.Helper()
	var b bytes.Buffer
	if err := scheduler.WriteProblem(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGenerate_MakesTheSameProblemOfASeedAndOtherOnesOfOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		family := rapid.SampledFrom(Families()).Draw(t, "family")
		if family == "L" || family == "XL" {
			t.Skip("large, and drawn as M is")
		}
		seed := rapid.Uint64().Draw(t, "seed")
		once, again := text(t, generate(t, family, seed)), text(t, generate(t, family, seed))
		if once != again {
			t.Fatal("two problems of one seed")
		}
		if once == text(t, generate(t, family, seed+1)) {
			t.Fatal("one problem of two seeds")
		}
	})
}

// Every problem is read back from its file as it was: so it is valid, and its numbers are no finer than the
// format's.
func TestGenerate_MakesValidProblems(t *testing.T) {
	for _, family := range Families() {
		seeds := uint64(20)
		if family == "L" || family == "XL" {
			seeds = 3
		}
		for seed := range seeds {
			written := text(t, generate(t, family, seed))
			p, err := scheduler.ReadProblem(strings.NewReader(written))
			if err != nil {
				t.Fatalf("%s: %v", Name(family, seed), err)
			}
			if text(t, p) != written {
				t.Errorf("%s: another problem when it is read", Name(family, seed))
			}
		}
	}
}

func TestGenerate_SizesAreThoseOfTheFamily(t *testing.T) {
	for family, want := range map[string]struct{ minutes, slots, least, most int }{
		"T": {60, 8, 1, 3}, "S": {60, 24, 4, 4}, "M": {15, 192, 8, 8}, "L": {5, 576, 20, 20}, "XL": {5, 2016, 20, 20},
		"F-flat-tariff": {60, 24, 4, 4}, "F-flat-tariff-M": {15, 192, 8, 8},
	} {
		devices := map[int]bool{}
		for seed := range uint64(12) {
			p := generate(t, family, seed)
			if p.Grid.Count() != want.slots || int(p.Grid.Step.Minutes()) != want.minutes {
				t.Errorf("%s: %d slots of %v", Name(family, seed), p.Grid.Count(), p.Grid.Step)
			}
			devices[len(p.Devices)] = true
		}
		for n := range devices {
			if n < want.least || n > want.most {
				t.Errorf("%s: %d devices", family, n)
			}
		}
		if want.least < want.most && len(devices) == 1 {
			t.Errorf("%s: always as many devices", family)
		}
	}
}

// Plain homes are what one meets: importing costs more than exporting brings, all day long; there is some
// sun, and a load that cannot be moved.
func TestGenerate_PlainHomesAreOrdinary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := generate(t, rapid.SampledFrom([]string{"T", "S", "M", "L"}).Draw(t, "family"), rapid.Uint64().Draw(t, "seed"))
		sun := 0.0
		for i, price := range p.ImportPrice {
			if price <= 0 || p.ExportPrice[i] >= price || p.BaseLoad[i] < 100 || p.BaseLoad[i] > 5000 || p.Carbon[i] <= 0 {
				t.Fatalf("slot %d: import %v, export %v, base load %v, carbon %v", i, price, p.ExportPrice[i], p.BaseLoad[i], p.Carbon[i])
			}
			sun += float64(p.Solar[i])
		}
		if p.Grid.Length() >= 24*time.Hour && slices.Max(p.ImportPrice)-slices.Min(p.ImportPrice) < toPrice(0.03) {
			t.Fatal("prices hardly differ")
		}
		if slices.Max(p.Solar) > 11000 || sun == 0 {
			t.Fatalf("%v of sun in all, %v at most", sun, slices.Max(p.Solar))
		}
		if p.Peak.Price != 0 || p.CarbonPrice != 0 || !p.SolarCurtailable {
			t.Fatal("a plain problem has a feature")
		}
	})
}

// Chance comes in streams, so that a feature changes what it is about and nothing else.
func TestGenerate_AFeatureLeavesTheRestOfTheHome(t *testing.T) {
	for seed := range uint64(10) {
		plain, carbon := generate(t, "S", seed), generate(t, "F-carbon", seed)
		carbon.CarbonPrice = 0
		if text(t, plain) != text(t, carbon) {
			t.Errorf("seed %d: more than the price of carbon is different", seed)
		}
		wild := generate(t, "F-wild", seed)
		if !slices.Equal(plain.Solar, wild.Solar) || !slices.Equal(plain.BaseLoad, wild.BaseLoad) {
			t.Errorf("seed %d: other weather, other habits", seed)
		}
	}
}

func TestGenerate_RefusesWhatItDoesNotKnow(t *testing.T) {
	for _, name := range []string{"", "Q", "t", "F-", "F-M", "F-flat", "F-flat-tariff-L", "F-M-M", "M7", "flat-tariff"} {
		if p, err := Generate(name, 1); err == nil || p != nil || !strings.Contains(err.Error(), "F-flat-tariff") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestName_BelongsToItsFamily(t *testing.T) {
	seen := map[string]string{}
	for _, family := range Families() {
		for _, seed := range []uint64{0, 7, 12, 1<<64 - 1} {
			name := Name(family, seed)
			if got := FamilyOf(name); got != family {
				t.Errorf("%s is said to be of %q", name, got)
			}
			if other, ok := seen[name]; ok {
				t.Errorf("%s is a name in %s and in %s", name, other, family)
			}
			seen[name] = family
		}
	}
	for family, want := range map[string]string{"M": "M7", "F-v2h": "F-v2h-7", "F-v2h-M": "F-v2h-M7"} {
		if got := Name(family, 7); got != want {
			t.Errorf("%s: %q, want %q", family, got, want)
		}
	}
	for name, want := range map[string]string{"mine": "mine", "T10": "T", "home-3": "home", "12": ""} {
		if got := FamilyOf(name); got != want {
			t.Errorf("%s is of %q, want %q", name, got, want)
		}
	}
}

func TestWithNeeds_KeepsOneOfEveryKind(t *testing.T) {
	for _, c := range []struct{ have, needs, want string }{
		{"battery shiftable vehicle", "vehicle", "battery shiftable vehicle"},
		{"battery shiftable shiftable", "vehicle", "battery vehicle shiftable"},
		{"battery shiftable heater", "vehicle", "battery shiftable heater vehicle"},
		{"battery battery shiftable shiftable", "shiftable vehicle", "vehicle battery shiftable shiftable"},
	} {
		got := withNeeds(strings.Fields(c.have), strings.Fields(c.needs))
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s needing %s: %v, want %s", c.have, c.needs, got, c.want)
		}
	}
}
