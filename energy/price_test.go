package energy

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPrice_ReadsEveryDecimalExactly(t *testing.T) {
	for text, want := range map[string]Price{
		"0.21": 210_000_000_000, "-0.05": -50_000_000_000, "0": 0, "-0": 0, "1e-5": 10_000_000, "0.026220": 26_220_000_000,
		"1E2": 100e12, "2.5e-1": 250_000_000_000, "0.000000000001": 1, "0.0000000000004": 0, "12e-13": 1,
		"0.0000000000005": 0, "0.0000000000015": 2, "0.00000000000150001": 2, "0.0000000000025": 2, "9000000": 9_000_000e12,
	} {
		if got, err := ParseDecimalPrice(text); err != nil || got != want {
			t.Errorf("%q = %d, %v, want %d", text, got, err, want)
		}
	}
}

// The tenth of a cent that floats lose: 0.1 + 0.2 is 0.3.
func TestPrice_AddsLikeDecimals(t *testing.T) {
	var a, b, sum Price
	for text, into := range map[string]*Price{"0.1": &a, "0.2": &b, "0.3": &sum} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	if a+b != sum {
		t.Errorf("%v + %v = %v", a, b, a+b)
	}
}

func TestPrice_AgreesWithRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := fmt.Sprintf("%s%d.%0*d", rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign"),
			rapid.Uint32Range(0, 8_000_000).Draw(t, "whole"), rapid.IntRange(1, 25).Draw(t, "width"), rapid.Uint64().Draw(t, "fraction"))
		text += rapid.SampledFrom([]string{"", "e0", "E-3", "e-12"}).Draw(t, "exponent")
		got, err := ParseDecimalPrice(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		exact, _ := new(big.Rat).SetString(text)
		exact.Mul(exact, big.NewRat(1e12, 1))
		diff := new(big.Rat).Sub(exact, new(big.Rat).SetInt64(int64(got)))
		if diff.Abs(diff).Cmp(big.NewRat(1, 2)) > 0 {
			t.Fatalf("%q read as %d, off by %v", text, got, diff)
		}
	})
}

func TestPrice_PrintsWhatItReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Price(rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "p"))
		if got, err := ParseDecimalPrice(p.String()); err != nil || got != p {
			t.Fatalf("%d prints %q and reads back %d, %v", p, p.String(), got, err)
		}
		m := Money(rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "m"))
		if got, err := ParseDecimalMoney(m.String()); err != nil || got != m {
			t.Fatalf("%d prints %q and reads back %d, %v", m, m.String(), got, err)
		}
	})
}

func TestPrice_RefusesWhatIsNoNumber(t *testing.T) {
	for _, text := range []string{"", "abc", "0.1.2", "1e", "--1", "NaN", "null", `"0.17"`, "0x1", "1_0", " 1", "01", "true", "[1]", "+1", ".5"} {
		if p, err := ParseDecimalPrice(text); err == nil {
			t.Errorf("%q read as %v", text, p)
		}
	}
	for _, text := range []string{"1e400", "1e99999", "99999999999", "-1e8"} {
		if _, err := ParseDecimalPrice(text); !errors.Is(err, ErrRange) {
			t.Errorf("%q: %v, want out of range", text, err)
		}
	}
	if p, err := ParseDecimalPrice("1e-999"); err != nil || p != 0 {
		t.Errorf("1e-999 = %v, %v", p, err)
	}
}

func TestParsePrice_WantsCurrencyAndUnit(t *testing.T) {
	p, c, err := ParsePrice("0.21 EUR/kWh")
	if err != nil || p.Text(c) != "0.21 EUR/kWh" {
		t.Errorf("got %q, %v", p.Text(c), err)
	}
	for text, says := range map[string]string{
		"0.21": "want for example", "0.21 EUR": "want for example", "0.21 eur/kWh": "three capital letters",
		"x EUR/kWh": "not a decimal", "0.21 EUR/MWh": "want for example", "0.21EUR/kWh": "want for example",
	} {
		if _, _, err := ParsePrice(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
}

func TestPrice_Of(t *testing.T) {
	if got := PriceOf(0.25).Of(2000); got.String() != "0.5" {
		t.Errorf("2 kWh at 0.25 cost %v", got)
	}
	if got := PriceOf(-0.1).Of(-500); got.String() != "0.05" {
		t.Errorf("half a kWh given at -0.1 costs %v", got)
	}
	if got := MoneyOf(1.5).Float(); got != 1.5 {
		t.Errorf("got %v", got)
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"0.21", "-1e-5", "1e400", "", "0.0000000000005", "9223372.036854775808"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseDecimalPrice(s)
		if err != nil {
			return
		}
		if back, err := ParseDecimalPrice(p.String()); err != nil || back != p {
			t.Fatalf("%q = %v, back %v, %v", s, p, back, err)
		}
	})
}
