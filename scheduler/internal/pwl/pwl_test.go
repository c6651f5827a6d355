package pwl

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// drawFunc draws a function over [-10, 10] with jumps and gaps, its corners on a coarse grid.
func drawFunc(t *rapid.T, label string) Func {
	var f Func
	x := float64(rapid.IntRange(-20, 0).Draw(t, label)) / 2
	y := float64(rapid.IntRange(-8, 8).Draw(t, label))
	for range rapid.IntRange(1, 6).Draw(t, label) {
		s := Seg{X0: x, Y0: y}
		s.X1 = x + float64(rapid.IntRange(1, 6).Draw(t, label))/2
		s.Y1 = y + float64(rapid.IntRange(-6, 6).Draw(t, label))
		f = append(f, s)
		x, y = s.X1, s.Y1
		switch rapid.IntRange(0, 4).Draw(t, label) {
		case 0:
			y += float64(rapid.IntRange(-4, 4).Draw(t, label)) // a jump
		case 1:
			x += float64(rapid.IntRange(1, 3).Draw(t, label)) / 2 // a gap
		}
	}
	return f
}

func drawPiece(t *rapid.T) Piece {
	from := float64(rapid.IntRange(-6, 6).Draw(t, "from")) / 2
	return Piece{
		From: from, To: from + float64(rapid.IntRange(0, 6).Draw(t, "width"))/2,
		CostFrom: float64(rapid.IntRange(-4, 4).Draw(t, "cost from")), CostTo: float64(rapid.IntRange(-4, 4).Draw(t, "cost to")),
	}
}

// grid is places that hold all corners of drawn functions, and places between them.
func grid(yield func(float64) bool) {
	for i := -160; i <= 240; i++ {
		if !yield(float64(i) / 8) {
			return
		}
	}
}

func isClose(a, b float64) bool { return a == b || math.Abs(a-b) < 1e-9 }

func isValid(t *rapid.T, f Func) {
	for i, s := range f {
		if !(s.X0 < s.X1) || i > 0 && s.X0 < f[i-1].X1-narrow {
			t.Fatalf("segment %d of %v is empty or overlaps the one before", i, f)
		}
	}
}

func TestLower_IsTheLesserOfTheTwoEverywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawFunc(t, "a"), drawFunc(t, "b")
		low := Lower(nil, a, b)
		isValid(t, low)
		for x := range grid {
			if want := min(a.At(x), b.At(x)); !isClose(low.At(x), want) {
				t.Fatalf("at %v: %v, want %v\na %v\nb %v\nlow %v", x, low.At(x), want, a, b, low)
			}
		}
	})
}

func TestSlide_IsTheBestMoveEverywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, p := drawFunc(t, "v"), drawPiece(t)
		u := new(Machine).Slide(nil, v, p)
		isValid(t, u)
		for x := range grid {
			want := math.Inf(1)
			if p.From == p.To {
				want = min(p.CostFrom, p.CostTo) + v.At(x+p.From)
			}
			for s := p.From; s <= p.To && p.From < p.To; s += 1.0 / 16 { // all corners are on this grid
				want = min(want, p.CostFrom+(p.CostTo-p.CostFrom)*(s-p.From)/(p.To-p.From)+v.At(x+s))
			}
			if !isClose(u.At(x), want) {
				t.Fatalf("at %v: %v, want %v\nv %v\npiece %v\nu %v", x, u.At(x), want, v, p, u)
			}
			if move, y := Best(v, x, p); !isClose(y, want) || move < p.From || move > p.To {
				t.Fatalf("best at %v: move %v at %v, want %v\nv %v\npiece %v", x, move, y, want, v, p)
			}
		}
	})
}

func TestSimplify_StaysBelowByAtMostEps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFunc(t, "f")
		eps := rapid.SampledFrom([]float64{0.01, 0.5, 2, 20}).Draw(t, "eps")
		g := Simplify(nil, f, eps)
		isValid(t, g)
		if len(g) > len(f) {
			t.Fatalf("%d segments of %d", len(g), len(f))
		}
		for x := range grid {
			y, z := f.At(x), g.At(x)
			if math.IsInf(y, 1) != math.IsInf(z, 1) {
				t.Fatalf("the domain differs at %v: %v, %v", x, y, z)
			}
			if z > y+1e-9 || z < y-eps-1e-9 {
				t.Fatalf("at %v: %v, want within %v below %v", x, z, eps, y)
			}
		}
	})
}

func TestSimplify_MakesAStaircaseShort(t *testing.T) {
	var f Func
	for i := range 100 {
		f = append(f, Seg{float64(i), float64(i), float64(i + 1), float64(i)})
	}
	if g := Simplify(nil, f, 3); len(g) > 2 {
		t.Errorf("a staircase under a line within 1 keeps %d segments", len(g))
	}
}

func TestStretched_HasTheValueOfTheChangedVariable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFunc(t, "f")
		g := f.Stretched(nil, 0.5, 1, -3, 4)
		for x := range grid {
			want := f.At(0.5*x - 1)
			if x < -3 || x > 4 {
				want = math.Inf(1)
			}
			if isBorder := x == -3 || x == 4; !isBorder && !isClose(g.At(x), want) {
				t.Fatalf("at %v: %v, want %v\nf %v\ng %v", x, g.At(x), want, f, g)
			}
		}
	})
}

func TestAdd_IsTheSumWhereBothAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, g := drawFunc(t, "f"), Func{{-10, 5, 1, 0}, {1, 0, 30, 29}}
		sum := Add(nil, f, g)
		isValid(t, sum)
		for x := range grid {
			want := f.At(x) + g.At(x)
			if x == -10 { // a function may touch the other's border in a point, which is dropped
				continue
			}
			if !isClose(sum.At(x), want) {
				t.Fatalf("at %v: %v, want %v", x, sum.At(x), want)
			}
		}
	})
}

func TestAt_ForgivesRoundingAtTheBorderOnly(t *testing.T) {
	f := Line(1, 5, 2, 7)
	for x, want := range map[float64]float64{1 - 1e-10: 5, 1: 5, 1.5: 6, 2: 7, 2 + 1e-10: 7, 0.99: math.Inf(1), 2.01: math.Inf(1)} {
		if got := f.At(x); !isClose(got, want) {
			t.Errorf("at %v: %v, want %v", x, got, want)
		}
	}
}

func BenchmarkSlide(b *testing.B) {
	var v Func
	for i := range 100 {
		x := float64(i) / 10
		v = append(v, Seg{x, math.Cos(x), x + 0.1, math.Cos(x + 0.1)})
	}
	var m Machine
	var dst Func
	b.ReportAllocs()
	for b.Loop() {
		dst = m.Slide(dst[:0], v, Piece{0.3, 1.1, 0, 0.2})
	}
}

// A function with a hole in its numbers is a defect elsewhere; it must not take the machine's memory with it.
func TestLower_EndsWhateverTheNumbersAre(t *testing.T) {
	nan := math.NaN()
	sound := Func{{X0: 0, X1: 2, Y1: 1}, {X0: 2, Y0: 1, X1: 4}}
	for name, f := range map[string]Func{
		"nowhere":  {{X0: nan, X1: nan}},
		"no end":   {{X0: 0, X1: nan, Y1: 1}},
		"no begin": {{X0: nan, X1: 3, Y1: 1}},
		"no value": {{X0: 1, X1: 3, Y0: nan, Y1: nan}},
	} {
		if got := append(Lower(nil, f, sound), Lower(nil, sound, f)...); len(got) > 20 {
			t.Errorf("%s: %d segments", name, len(got))
		}
	}
}
