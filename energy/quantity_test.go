package energy

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParse_ReadsWhatStringWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Three decimals of the printed unit survive; that is all the text promises.
		milli := rapid.Int64Range(-999_999, 999_999).Draw(t, "milli")
		factor := rapid.SampledFrom([]float64{1, 1e3, 1e6}).Draw(t, "factor")
		v := float64(milli) / 1000 * factor
		near := func(got float64) bool { return math.Abs(got-v) <= 0.0006*factor*math.Max(1, math.Abs(v)/factor/1000) }
		if w, err := ParseWatts(Watts(v).String()); err != nil || !near(float64(w)) {
			t.Fatalf("%v: %v, %v", Watts(v), w, err)
		}
		if e, err := ParseWattHours(WattHours(v).String()); err != nil || !near(float64(e)) {
			t.Fatalf("%v: %v, %v", WattHours(v), e, err)
		}
	})
}

func TestParse_AcceptsUnits(t *testing.T) {
	for text, want := range map[string]float64{
		"11kW": 11000, " 11 kW ": 11000, "350W": 350, "-1.2MW": -1.2e6, "0W": 0, "1e3W": 1000, "4.14kW": 4140,
	} {
		if got, err := ParseWatts(text); err != nil || math.Abs(float64(got)-want) > 1e-9 {
			t.Errorf("ParseWatts(%q) = %v, %v, want %v", text, float64(got), err, want)
		}
	}
	for text, want := range map[string]SoC{"40%": 0.4, "0%": 0, "100%": 1, "7%": 0.07, "12.5 %": 0.125} {
		if got, err := ParseSoC(text); err != nil || got != want {
			t.Errorf("ParseSoC(%q) = %v, %v, want %v", text, float64(got), err, want)
		}
	}
	if got, err := ParseGramsPerKWh("380 g/kWh"); err != nil || got != 380 {
		t.Errorf("ParseGramsPerKWh = %v, %v", got, err)
	}
}

// A region that exports what the wind gives holds more than all.
func TestParseShare_HasNoCap(t *testing.T) {
	for text, want := range map[string]Share{"0%": 0, "7%": 0.07, "100%": 1, "130%": 1.3, "12.5 %": 0.125} {
		got, err := ParseShare(text)
		if err != nil || got != want {
			t.Errorf("ParseShare(%q) = %v, %v, want %v", text, float64(got), err, want)
		}
		if again, err := ParseShare(got.String()); err != nil || again != got {
			t.Errorf("%q comes back as %v, %v", got, float64(again), err)
		}
	}
	if got := Share(1.3).String(); got != "130%" {
		t.Errorf("got %q", got)
	}
}

func TestParse_NamesTheFault(t *testing.T) {
	watts := func(s string) error { _, err := ParseWatts(s); return err }
	hours := func(s string) error { _, err := ParseWattHours(s); return err }
	soc := func(s string) error { _, err := ParseSoC(s); return err }
	share := func(s string) error { _, err := ParseShare(s); return err }
	for _, c := range []struct {
		parse      func(string) error
		text, says string
	}{
		{watts, "11", "has no unit"},
		{watts, "", "has no unit"},
		{watts, "11KW", `has the unit "KW"`},
		{watts, "kW", "is not a number"},
		{watts, "1,5kW", "is not a number"},
		{watts, "0x10W", "is not a number"},
		{watts, "1e999W", "is not a number"},
		{watts, "NaN W", `has the unit "NaN W"`},
		{hours, "5kW", `has the unit "kW"`},
		{soc, "101%", "is not between"},
		{soc, "-1%", "is not between"},
		{soc, "0.4", "has no unit"},
		{share, "-1%", "is less than nothing"},
		{share, "1.3", "has no unit"},
		{share, "1e999%", "is not a number"},
	} {
		if err := c.parse(c.text); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want %q", c.text, err, c.says)
		}
	}
}

func TestString_HasNoNegativeZero(t *testing.T) {
	for _, s := range []string{Watts(math.Copysign(0, -1)).String(), Watts(-0.0001).String()} {
		if s != "0W" {
			t.Errorf("got %q", s)
		}
	}
	if got := SoC(0.07).String(); got != "7%" {
		t.Errorf("got %q", got)
	}
}

func TestWatts_OverAndMeanAreInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := Watts(rapid.Float64Range(-1e6, 1e6).Draw(t, "w"))
		d := time.Duration(rapid.Int64Range(1, int64(48*time.Hour)).Draw(t, "d"))
		if got := w.Over(d).Mean(d); math.Abs(float64(got-w)) > 1e-6 {
			t.Fatalf("%v over %v and back is %v", float64(w), d, float64(got))
		}
	})
	if got := Watts(1000).Over(15 * time.Minute); got != 250 {
		t.Errorf("1 kW over a quarter hour is %v", got)
	}
	if got := WattHours(1000).Mean(0); got != 0 {
		t.Errorf("mean over nothing is %v", got)
	}
	if got := GramsPerKWh(400).Of(2500); got != 1000 {
		t.Errorf("2.5 kWh at 400 g/kWh is %v g", got)
	}
}

func TestCurrentAndTemperature_AreReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]Amps{"16A": 16, "6000mA": 6, "-0.5 A": -0.5, "0A": 0} {
		got, err := ParseAmps(text)
		if err != nil || math.Abs(float64(got-want)) > 1e-9 {
			t.Errorf("ParseAmps(%q) = %v, %v, want %v", text, float64(got), err, want)
		}
		if again, err := ParseAmps(got.String()); err != nil || again != got {
			t.Errorf("%q comes back as %v, %v", got, float64(again), err)
		}
	}
	for text, want := range map[string]Celsius{"48.5°C": 48.5, "-12C": -12, "0 °C": 0} {
		got, err := ParseCelsius(text)
		if err != nil || got != want {
			t.Errorf("ParseCelsius(%q) = %v, %v, want %v", text, float64(got), err, want)
		}
		if again, err := ParseCelsius(got.String()); err != nil || again != got {
			t.Errorf("%q comes back as %v, %v", got, float64(again), err)
		}
	}
	for _, bad := range []string{"16", "16W", "1,5A", "A"} {
		if v, err := ParseAmps(bad); err == nil {
			t.Errorf("%q was read as %v", bad, v)
		}
	}
	for _, bad := range []string{"20", "-274°C", "70F", "warm"} {
		if v, err := ParseCelsius(bad); err == nil {
			t.Errorf("%q was read as %v", bad, v)
		}
	}
}
