package scheduler

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawCurve has jumps, gaps and points, and all its ends at whole numbers, so that nothing is rounded there.
func drawCurve(t *rapid.T, label string) curve {
	var c curve
	x := float64(rapid.IntRange(-6, 6).Draw(t, label+" begins"))
	for range rapid.IntRange(0, 6).Draw(t, label+" segments") {
		x += float64(rapid.SampledFrom([]int{0, 0, 0, 1, 3}).Draw(t, label+" gap"))
		wide := float64(rapid.IntRange(0, 4).Draw(t, label+" width"))
		y := func() float64 { return float64(rapid.IntRange(-8, 8).Draw(t, label+" y")) }
		c = append(c, segmentOf(x, y(), x+wide, y()))
		x += wide
	}
	return c
}

// wantCurve fails unless the segments are in order and share no more than their ends.
func wantCurve(t *rapid.T, c curve) {
	for i, s := range c {
		if s.x0 > s.x1 || s.x0 == s.x1 && s.y0 != s.y1 || i > 0 && s.x0 < c[i-1].x1 {
			t.Fatalf("segment %d of %v", i, c)
		}
	}
}

// places are the ends of curves, what is between them and what is beyond.
func places(curves ...curve) []float64 {
	at := []float64{-100, 100}
	for _, c := range curves {
		for _, s := range c {
			at = append(at, s.x0, s.x1)
		}
	}
	slices.Sort(at)
	for i := range len(at) - 1 {
		at = append(at, (at[i]+at[i+1])/2, (at[i]+3*at[i+1])/4)
	}
	return at
}

// isNear says that two values are equal but for rounding, or both infinite.
func isNear(a, b float64) bool {
	return a == b || math.Abs(a-b) < 1e-9
}

func TestCurve_LowerIsTheLowerEverywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawCurve(t, "a"), drawCurve(t, "b")
		c := lower(a, b)
		wantCurve(t, c)
		for _, x := range places(a, b, c) {
			if want := min(a.at(x), b.at(x)); !isNear(c.at(x), want) {
				t.Fatalf("at %v: %v, want %v, of\n%v\n%v\nis %v", x, c.at(x), want, a, b, c)
			}
		}
		if len(c) > 3*(len(a)+len(b)) {
			t.Fatalf("%d segments of %d and %d", len(c), len(a), len(b))
		}
	})
}

func TestCurve_LowerCutsNoSegmentThatGoesOn(t *testing.T) {
	long, low := curve{{0, 0, 10, 10}}, curve{{2, 5, 3, 5}, {4, 20, 5, 20}, {7, 20, 7, 20}}
	if c := lower(long, low); !slices.Equal(c, long) {
		t.Errorf("%v", c)
	}
	cross := curve{{2, 3, 6, 3}}
	if c := lower(cross, long); !slices.Equal(c, curve{{0, 0, 3, 3}, {3, 3, 6, 3}, {6, 6, 10, 10}}) {
		t.Errorf("%v", c)
	}
	if c := lower(curve{{5, -1, 5, -1}}, long); !slices.Equal(c, curve{{0, 0, 5, 5}, {5, -1, 5, -1}, {5, 5, 10, 10}}) {
		t.Errorf("a point is lost or too much: %v", c)
	}
}

// bestMove is what moved means, for one place: what is least of straight lines is least at one of their ends.
func bestMove(c curve, moves []segment, x float64) float64 {
	least := math.Inf(1)
	for _, m := range moves {
		try := []float64{m.x0, m.x1}
		for _, s := range c {
			try = append(try, s.x0-x, s.x1-x)
		}
		for _, by := range try {
			if by >= m.x0 && by <= m.x1 {
				least = min(least, m.at(by)+c.at(x+by))
			}
		}
	}
	return least
}

func TestCurve_MovedIsTheBestMove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, moves := drawCurve(t, "curve"), []segment(drawCurve(t, "moves"))
		got := c.moved(moves)
		wantCurve(t, got)
		for x := -20.0; x <= 20; x += 0.125 { // so that nothing is rounded
			if want := bestMove(c, moves, x); !isNear(got.at(x), want) {
				t.Fatalf("at %v: %v, want %v, of %v by %v\nis %v", x, got.at(x), want, c, moves, got)
			}
		}
	})
}

func TestCurve_KeepsAGapThatNoMoveBridges(t *testing.T) {
	tank := curve{{0, 0, 1, 0}, {4, -1, 5, -1}}
	if c := tank.moved([]segment{{0, 0, 0, 0}, {2, 3, 2, 3}}); !math.IsInf(c.at(1.5), 1) || c.at(2.5) != 2 || !math.IsInf(c.at(3.5), 1) {
		t.Errorf("%v", c)
	}
	if c := tank.moved([]segment{{0, 0, 2, 2}}); c.at(2) != 1 || c.at(3.5) != -0.5 || !math.IsInf(c.at(1.5), 1) {
		t.Errorf("%v", c)
	}
}

func TestCurve_BeforeAndClipped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCurve(t, "curve")
		keep, draw := rapid.SampledFrom([]float64{1, 0.5, 0.25}).Draw(t, "keep"), float64(rapid.IntRange(-3, 3).Draw(t, "draw"))
		b := c.before(keep, draw)
		wantCurve(t, b)
		low := float64(rapid.IntRange(-5, 5).Draw(t, "low"))
		high := low + float64(rapid.IntRange(0, 8).Draw(t, "wide"))
		cut := c.clipped(low, high)
		wantCurve(t, cut)
		for x := -40.0; x <= 40; x += 0.5 {
			if got, want := b.at(x), c.at(keep*x-draw); got != want {
				t.Fatalf("before: at %v %v, want %v, of %v", x, got, want, c)
			}
			want := c.at(x)
			if x < low || x > high {
				want = math.Inf(1)
			}
			if !isNear(cut.at(x), want) {
				t.Fatalf("clipped to %v..%v: at %v %v, want %v, of %v", low, high, x, cut.at(x), want, c)
			}
		}
	})
}

func TestCurve_RaisedIsHigherByThat(t *testing.T) {
	c := curve{{0, 1, 2, 3}, {5, 0, 5, 0}}
	if r := c.raised(2); !slices.Equal(r, curve{{0, 3, 2, 5}, {5, 2, 5, 2}}) || c[0].y0 != 1 {
		t.Errorf("%v of %v", r, c)
	}
}

func TestCurve_UnderIsNeverAboveAndNeverFarBelow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, slack := drawCurve(t, "curve"), rapid.SampledFrom([]float64{0, 0.5, 2, 40}).Draw(t, "slack")
		u := c.under(slack)
		wantCurve(t, u)
		for _, x := range places(c, u) {
			got, want := u.at(x), c.at(x)
			if math.IsInf(got, 1) != math.IsInf(want, 1) || got > want+1e-9 || got < want-slack-1e-9 {
				t.Fatalf("at %v: %v for %v, slack %v, of %v\nis %v", x, got, want, slack, c, u)
			}
		}
		if len(u) > len(c) || slack == 40 && len(u) > 1+gaps(c) {
			t.Fatalf("%d segments for %d, %d gaps", len(u), len(c), gaps(c))
		}
	})
}

func gaps(c curve) (n int) {
	for i := range c {
		if i > 0 && c[i].x0 > c[i-1].x1 {
			n++
		}
	}
	return n
}

// stairs have n steps down of 1/n each.
func stairs(n int) (c curve) {
	for i := range n {
		y := 1 - float64(i)/float64(n)
		c = append(c, segment{float64(i), y, float64(i + 1), y})
	}
	return c
}

func TestCurve_ShortKeepsWhatItCan(t *testing.T) {
	few := stairs(exactPieces)
	if c, slack := few.short(1, 0); !slices.Equal(c, few) || slack != 0 {
		t.Errorf("of %d steps %d are left, with slack %v", len(few), len(c), slack)
	}
	many := stairs(exactPieces + 10)
	for _, hint := range []float64{0, 1e-4} {
		c, slack := many.short(1, hint)
		if len(c) > exactPieces || slack > 1e-4 {
			t.Errorf("%d segments with slack %v", len(c), slack)
		}
		for x := 0.5; x < float64(len(many)); x += 1000 {
			if low, high := c.at(x), many.at(x); low > high || low < high-slack-1e-15 {
				t.Fatalf("at %v: %v instead of %v, with slack %v", x, low, high, slack)
			}
		}
	}
	crumbs := stairs(manyPieces + 1)
	for i := range crumbs { // a rounding apart
		crumbs[i].y0, crumbs[i].y1 = 1+1e-15*float64(i%3), 1+1e-15*float64(i%2)
	}
	if c, _ := crumbs.short(1, 0); len(c) != 1 {
		t.Errorf("%d crumbs are left", len(c))
	}
}

func TestCurve_ARunEndsWhereEndsAreTooCloseForASlope(t *testing.T) {
	const tiny = 5e-324
	for _, c := range []curve{{{0, 0, tiny, 1}, {tiny, 1, 1, 1}}, {{0, 0, tiny, 1}, {tiny, 1, 2 * tiny, 1}}} {
		for _, slack := range []float64{0, 1e-9, 4} {
			for _, s := range c.under(slack) {
				if math.IsNaN(s.y0) || math.IsNaN(s.y1) || math.IsInf(s.y1, 0) {
					t.Errorf("slack %v: %v", slack, s)
				}
			}
		}
	}
}
