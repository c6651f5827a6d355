package pwl

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestPack_KeepsTheFunctionInHalfTheMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var f Func
		x, y := 0.0, 0.0
		breaks := 1
		for i := range rapid.IntRange(0, 12).Draw(t, "segments") {
			switch rapid.IntRange(0, 3).Draw(t, "seam") {
			case 0:
				x += 0.5 // a gap
				breaks++
			case 1:
				y += float64(rapid.IntRange(1, 3).Draw(t, "jump"))
				breaks++
			}
			s := Seg{X0: x, Y0: y, X1: x + 1, Y1: y + float64(rapid.IntRange(-3, 3).Draw(t, "rise"))}
			f, x, y = append(f, s), s.X1, s.Y1
			_ = i
		}
		packed := Pack([]Point{{1, 2}, {3, 4}}, f)
		got := Unpack(nil, packed[2:])
		if len(got) != len(f) {
			t.Fatalf("%d segments became %d", len(f), len(got))
		}
		for i := range f {
			if f[i] != got[i] {
				t.Fatalf("segment %d was %v, is %v", i, f[i], got[i])
			}
		}
		if most := len(f) + 2*breaks; len(packed)-2 > most {
			t.Fatalf("%d segments in %d points, at most %d", len(f), len(packed)-2, most)
		}
	})
	if math.IsNaN(Pack(nil, Line(0, 1, 2, 3))[1].X) {
		t.Error("a line lost its beginning")
	}
}
