package corpus

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestDice_StreamsAreOfTheirPurpose(t *testing.T) {
	same := newDice(7, "M", "weather")
	if newDice(7, "M", "weather").Uint64() != same.Uint64() {
		t.Error("one purpose, two streams")
	}
	first := map[uint64][]string{}
	for _, purpose := range [][]string{{"M"}, {"M", ""}, {"M", "weather"}, {"Mweather"}, {"Mw", "eather"}, {"S", "weather"}} {
		v := newDice(7, purpose...).Uint64()
		if other, ok := first[v]; ok {
			t.Errorf("%q and %q are one stream", other, purpose)
		}
		first[v] = purpose
	}
	if newDice(8, "M", "weather").Uint64() == newDice(7, "M", "weather").Uint64() {
		t.Error("two seeds, one stream")
	}
}

func TestDice_StaysInItsBounds(t *testing.T) {
	d := newDice(1, "bounds")
	seen := map[int]int{}
	for range 3000 {
		if v := d.between(-2, 3); v < -2 || v >= 3 {
			t.Fatalf("%v is not between -2 and 3", v)
		}
		seen[d.whole(-1, 2)]++
	}
	for v := -1; v <= 2; v++ {
		if seen[v] < 600 || seen[v] > 900 {
			t.Errorf("%d comes %d times of 3000", v, seen[v])
		}
	}
	if len(seen) != 4 {
		t.Errorf("numbers %v of [-1, 2]", seen)
	}
	yes := 0
	words := map[string]bool{}
	for range 1000 {
		if d.chance(0.3) {
			yes++
		}
		words[d.oneOf([]string{"a", "b", "c"})] = true
	}
	if yes < 240 || yes > 360 || len(words) != 3 {
		t.Errorf("yes %d times of 1000, words %v", yes, words)
	}
	if v := choose(d, 4, 4, 4); v != 4 {
		t.Errorf("%d of fours", v)
	}
}

func TestDrift_WandersAroundNothing(t *testing.T) {
	for _, c := range []struct{ spread, memory float64 }{{1, 0}, {3, 0.5}, {0.03, 0.95}} {
		v := newDice(3, "drift").drift(20000, c.spread, c.memory)
		mean, square, next := 0.0, 0.0, 0.0
		for i := range v {
			mean += v[i] / float64(len(v))
			square += v[i] * v[i] / float64(len(v))
			if i > 0 {
				next += v[i] * v[i-1] / float64(len(v))
			}
		}
		if math.Abs(mean) > 0.15*c.spread {
			t.Errorf("%v: around %v", c, mean)
		}
		if got := math.Sqrt(square); math.Abs(got-c.spread) > 0.1*c.spread {
			t.Errorf("%v: spread by %v", c, got)
		}
		if got := next / square; math.Abs(got-c.memory) > 0.03 {
			t.Errorf("%v: a memory of %v", c, got)
		}
	}
	if len(newDice(3, "drift").drift(0, 1, 0)) != 0 {
		t.Error("values of none")
	}
}

func TestBump_IsABellThatGoesOnOverMidnight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		middle, width := rapid.Float64Range(0, 24).Draw(t, "middle"), rapid.Float64Range(0.5, 3).Draw(t, "width")
		away := rapid.Float64Range(0, 12).Draw(t, "away")
		before, after := bump(math.Mod(middle-away+24, 24), middle, width), bump(math.Mod(middle+away, 24), middle, width)
		if math.Abs(before-after) > 1e-9 {
			t.Fatalf("%v h before %v, after %v", away, before, after)
		}
		if bump(middle, middle, width) != 1 || after > 1 || after < 0 {
			t.Fatalf("not a bell: %v", after)
		}
		if further := bump(math.Mod(middle+min(away+0.1, 12), 24), middle, width); further > after {
			t.Fatalf("%v at %v h, %v further on", after, away, further)
		}
	})
	if got, want := bump(20, 19, 1), math.Exp(-0.5); got != want {
		t.Errorf("one width away %v, want %v", got, want)
	}
}

func TestRounded_KeepsDecimals(t *testing.T) {
	for _, c := range []struct {
		v        float64
		decimals int
		want     float64
	}{{1.23456, 4, 1.2346}, {-1.5, 0, -2}, {0.00004, 4, 0}, {123.4, 0, 123}} {
		if got := rounded(c.v, c.decimals); got != c.want {
			t.Errorf("%v to %d decimals is %v, want %v", c.v, c.decimals, got, c.want)
		}
	}
}
