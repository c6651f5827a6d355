package pwl

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// areEqual wants two functions to have the same values wherever they are straight on.
func areEqual(t *rapid.T, f, g Func, what string) {
	t.Helper()
	for x := range grid {
		x += 1.0 / 32 // beside the corners, where a jump may count either way
		if !isClose(f.At(x), g.At(x)) {
			t.Fatalf("%s: at %v %v and %v\n%v\n%v", what, x, f.At(x), g.At(x), f, g)
		}
	}
}

func TestLower_DoesNotCareAboutOrderOrRepetition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawFunc(t, "a"), drawFunc(t, "b"), drawFunc(t, "c")
		areEqual(t, Lower(nil, a, b), Lower(nil, b, a), "turned round")
		areEqual(t, Lower(nil, Lower(nil, a, b), c), Lower(nil, a, Lower(nil, b, c)), "in another order")
		areEqual(t, Lower(nil, a, a), a, "with itself")
		areEqual(t, Lower(nil, a, nil), a, "with nothing")
		areEqual(t, Lower(nil, nil, a), a, "nothing with it")
	})
}

func TestLower_KeepsWhatIsAlreadyThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := Func{{-90, 7, -80, 3}}
		a, b := drawFunc(t, "a"), drawFunc(t, "b")
		both := Lower(slices.Clone(before), a, b)
		if both[0] != before[0] {
			t.Fatalf("%v begins with %v, not %v", both, both[0], before[0])
		}
		areEqual(t, both[1:], Lower(nil, a, b), "behind another function")
	})
}

func TestSlide_TwoMovesOfOnePriceAreOneLongMove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawFunc(t, "v")
		rate := float64(rapid.IntRange(-4, 4).Draw(t, "rate"))
		piece := func(label string) Piece {
			from := float64(rapid.IntRange(-4, 4).Draw(t, label)) / 2
			to := from + float64(rapid.IntRange(1, 4).Draw(t, label))/2
			return Piece{from, to, rate * from, rate * to}
		}
		p, q := piece("p"), piece("q")
		both := Piece{p.From + q.From, p.To + q.To, p.CostFrom + q.CostFrom, p.CostTo + q.CostTo}
		m := new(Machine) // used again and again, and only its answers are kept
		first := m.Slide(nil, v, p)
		second := m.Slide(nil, first, q)
		areEqual(t, second, m.Slide(nil, v, both), "one move after the other")
	})
}

func TestSlide_OfALowerFunctionIsLower(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, p := drawFunc(t, "a"), drawFunc(t, "b"), drawPiece(t)
		m := new(Machine)
		both := Lower(nil, m.Slide(nil, a, p), m.Slide(nil, b, p))
		areEqual(t, m.Slide(nil, Lower(nil, a, b), p), both, "the lower of two slid")
	})
}

func TestSlide_LeavesItsArgumentAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, p := drawFunc(t, "v"), drawPiece(t)
		before := slices.Clone(v)
		m := new(Machine)
		first := m.Slide(nil, v, p)
		kept := slices.Clone(first)
		m.Slide(nil, drawFunc(t, "other"), p)
		if !slices.Equal(v, before) || !slices.Equal(first, kept) {
			t.Fatalf("%v was %v, %v was %v", v, before, first, kept)
		}
	})
}

func TestCut_IsTheFunctionWithinAndNothingBeyond(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFunc(t, "f")
		low := float64(rapid.IntRange(-20, 20).Draw(t, "low")) / 2
		high := low + float64(rapid.IntRange(0, 20).Draw(t, "width"))/2
		c := f.Cut(nil, low, high)
		isValid(t, c)
		for x := range grid {
			x += 1.0 / 32
			want := f.At(x)
			if x < low || x > high {
				want = math.Inf(1)
			}
			if !isClose(c.At(x), want) {
				t.Fatalf("at %v: %v, want %v\n%v from %v to %v", x, c.At(x), want, f, low, high)
			}
		}
	})
}

func TestMoved_AndMovedBackIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFunc(t, "f")
		dx, dy := float64(rapid.IntRange(-8, 8).Draw(t, "dx"))/2, float64(rapid.IntRange(-8, 8).Draw(t, "dy"))
		g := f.Moved(nil, dx, dy)
		if back := g.Moved(nil, -dx, -dy); !slices.Equal(back, f) {
			t.Fatalf("%v came back as %v", f, back)
		}
		for x := range grid {
			if !isClose(g.At(x+dx), f.At(x)+dy) {
				t.Fatalf("at %v: %v, want %v", x+dx, g.At(x+dx), f.At(x)+dy)
			}
		}
	})
}

func TestAdd_DoesNotCareAboutOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, g := drawFunc(t, "f"), drawFunc(t, "g")
		areEqual(t, Add(nil, f, g), Add(nil, g, f), "turned round")
		if sum := Add(nil, f, nil); len(sum) != 0 {
			t.Fatalf("with nothing there is %v", sum)
		}
	})
}

func TestSimplify_OfALongFunctionStaysWithinItsBand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		eps := rapid.SampledFrom([]float64{1e-3, 0.1, 1}).Draw(t, "eps")
		var f Func
		x, y := 0.0, 0.0
		for range rapid.IntRange(1, 60).Draw(t, "segments") {
			s := Seg{x, y, x + rapid.Float64Range(1e-6, 0.5).Draw(t, "width"), y + rapid.Float64Range(-0.5, 0.5).Draw(t, "rise")}
			f = append(f, s)
			x, y = s.X1, s.Y1+rapid.SampledFrom([]float64{0, 0, 0, 0.05, -0.05}).Draw(t, "jump")
		}
		g := Simplify(nil, f, eps)
		isValid(t, g)
		if g[0].X0 != f[0].X0 || g[len(g)-1].X1 != f[len(f)-1].X1 {
			t.Fatalf("from %v to %v, was from %v to %v", g[0].X0, g[len(g)-1].X1, f[0].X0, f[len(f)-1].X1)
		}
		for _, s := range f {
			for _, part := range []float64{0.01, 0.5, 0.99} {
				at := s.X0 + part*(s.X1-s.X0)
				if y, z := f.At(at), g.At(at); z > y+1e-9 || z < y-eps-1e-9 {
					t.Fatalf("at %v: %v, want within %v below %v", at, z, eps, y)
				}
			}
		}
	})
}

func TestPush_JoinsWhatIsStraightAndDropsWhatIsNarrow(t *testing.T) {
	var f Func
	for i := range 50 { // one line in fifty parts, and points between them
		x := float64(i) / 10
		f = f.push(Seg{x, 3 * x, x + 0.1, 3 * (x + 0.1)})
		f = f.push(Seg{x + 0.1, 0, x + 0.1 + 1e-13, 9})
	}
	if len(f) != 1 || f[0].X0 != 0 || math.Abs(f[0].X1-5) > 1e-9 || !isClose(f.At(2.5), 7.5) {
		t.Errorf("a line in parts is %v", f)
	}
	if f = f.push(Seg{5, 15.1, 6, 18.1}); len(f) != 2 {
		t.Errorf("a jump was joined: %v", f)
	}
	if f = f.push(Seg{7, 21.1, 8, 24.1}); len(f) != 3 {
		t.Errorf("a gap was joined: %v", f)
	}
}
