package respond

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/pwl"
)

func TestPages_KeepEveryFunction(t *testing.T) {
	var p pages
	rapid.Check(t, func(t *rapid.T) {
		p.reset()
		var funcs []pwl.Func
		var packed [][]pwl.Point
		for range rapid.IntRange(1, 40).Draw(t, "functions") {
			var f pwl.Func
			for x := range rapid.IntRange(0, 2*pageSize/atMost).Draw(t, "segments") {
				f = append(f, pwl.Seg{X0: float64(2 * x), X1: float64(2*x + rapid.IntRange(1, 2).Draw(t, "width")), Y1: 1})
			}
			funcs, packed = append(funcs, f), append(packed, p.add(f))
		}
		for i, f := range funcs {
			if got := pwl.Unpack(nil, packed[i]); !slices.Equal(got, f) {
				t.Fatalf("function %d of %d segments comes back with %d", i, len(f), len(got))
			}
		}
	})
}

// Growing memory by copying it would need it twice for a moment.
func TestPages_AreUsedAgainAndNeverMoved(t *testing.T) {
	var p pages
	f := pwl.Func{{X0: 0, X1: 1}, {X0: 3, X1: 4, Y0: 1, Y1: 2}}
	first := p.add(f)
	for range 3 * pageSize {
		p.add(f)
	}
	if again := pwl.Unpack(nil, first); !slices.Equal(again, f) {
		t.Fatalf("%v has become %v", f, again)
	}
	before := len(p.all)
	if n := testing.AllocsPerRun(10, func() {
		p.reset()
		for range 3 * pageSize {
			p.add(f)
		}
	}); n != 0 || len(p.all) != before {
		t.Errorf("%v allocations, from %d to %d pages", n, before, len(p.all))
	}
}
