package protect

import (
	"testing"

	"hearth/energy"
)

func TestKW_IsAsPeopleRead(t *testing.T) {
	for w, want := range map[energy.Watts]string{0: "0 W", 449.6: "450 W", -12: "-12 W", 999.4: "999 W", 1000: "1 kW", 1449: "1.4 kW", 17000: "17 kW", -2500: "-2.5 kW"} {
		if got := kW(w); got != want {
			t.Errorf("%v: %q, want %q", float64(w), got, want)
		}
	}
	for a, want := range map[energy.Amps]string{25: "25 A", 30.26: "30.3 A", 0.04: "0 A"} {
		if got := amperes(a); got != want {
			t.Errorf("%v: %q, want %q", float64(a), got, want)
		}
	}
}

// Each sentence says what is done and why, by the names that people know.
func TestTold_SaysWhatAndWhy(t *testing.T) {
	why := bound{holds: true, rule: Fuse, why: "so it is"}
	for _, c := range []struct {
		name string
		one  one
		want string
	}{
		{"less", one{own: own{asked: watts(4140), cap: why}}, "Lowered to 4.1 kW: so it is."},
		{"nothing", one{own: own{asked: watts(0), cap: why}}, "Paused: so it is."},
		{"a battery", one{Device: Device{Kind: Battery}, own: own{asked: watts(0), cap: why}}, "Rests: so it is."},
		{"a load that was on", one{Device: Device{Kind: Load}, before: on, own: own{asked: off, cap: why}}, "Switched off: so it is."},
		{"one that was off", one{Device: Device{Kind: Load}, before: off, own: own{asked: off, cap: why}}, "Stays off: so it is."},
		{"more", one{own: own{asked: watts(5000), lift: bound{holds: true, power: 5000, rule: Surplus, why: "so it is"}}}, "Raised to 5 kW: so it is."},
		{"its own control", one{own: own{released: true}}, "Left to itself: the meter of the house connection is silent."},
	} {
		if got := c.one.told(); got.Text != c.want || got.Rule == "" {
			t.Errorf("%s: %q by %q, want %q", c.name, got.Text, got.Rule, c.want)
		}
	}
}

func TestTooMuch_NamesWhatCannotBeKept(t *testing.T) {
	x := &turn{in: Input{PhaseFuse: 25}, load: 19000, worst: 31, phase: 1}
	for rule, want := range map[Rule]string{
		Fuse:     "The house connection carries 19 kW of 17 kW, and nothing is left that could be lowered.",
		Operator: "The home takes 19 kW, the grid's operator allows 17 kW, and nothing is left that could be lowered.",
		Phase:    "Phase 2 carries 31 A of 25 A, and nothing is left that could be lowered.",
	} {
		if got := x.tooMuch(rule, 17000); got != want {
			t.Errorf("%s: %q", rule, got)
		}
	}
	x.load = -19000
	if got := x.tooMuch(Export, 17000); got != "The house connection gives 19 kW of 17 kW, and nothing is left that could charge." {
		t.Error(got)
	}
}
