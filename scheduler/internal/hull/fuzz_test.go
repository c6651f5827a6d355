package hull

import (
	"math"
	"math/rand/v2"
	"testing"
)

// FuzzSeparate reads a home from bytes and a point from a seed: whatever they are, a cut holds for all that
// is legal, and a mixture of that is not cut off.
func FuzzSeparate(f *testing.F) {
	f.Add([]byte{}, uint64(0))
	f.Add([]byte{4, 6, 20, 10, 0, 2, 5, 0, 0, 4, 0, 0, 0}, uint64(1))
	f.Add([]byte{0, 3, 4, 2, 5, 1, 3, 4, 6, 2, 2, 8, 1, 5, 3, 0, 3}, uint64(2))
	f.Add([]byte{9, 0, 0, 9, 3, 7, 2, 2, 6, 6, 1, 3, 3, 2, 2, 3, 1, 4}, uint64(3))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		next := func(n int) float64 {
			if len(data) == 0 {
				return 0
			}
			b := data[0]
			data = data[1:]
			return half * float64(int(b)%n)
		}
		slopes := [...][2]float64{{1, 0}, {1, 0.5}, {0.5, 1}, {-1, 0.5}, {-0.5, -1}, {1, -1}, {0, 0}}
		h := &home{slot: Slot{Need: 2 - next(16), Curtailable: next(10), ImportLimit: next(16), ExportLimit: next(10)}}
		ab := slopes[int(2*next(14))%len(slopes)]
		h.slot.A, h.slot.B = ab[0], ab[1]
		h.low = next(5) - 1
		h.high = h.low + next(4)
		for len(data) > 0 && len(h.parts) < 5 {
			p := Part{IsFree: int(2*next(8))%3 == 0, Back: max(next(8)-1, 0)}
			for range int(2 * next(3)) {
				low := next(8)
				p.Bands = append(p.Bands, [2]float64{low, low + next(5)})
			}
			if p.IsFree && len(p.Bands) > 0 {
				p.Bands = [][2]float64{{0, p.highest()}}
			}
			if p.IsFree && len(p.Bands) == 0 {
				p.Bands = [][2]float64{{0, 0}}
			}
			h.parts = append(h.parts, p)
		}
		all := h.all()
		if len(all) == 0 {
			return
		}
		m := drawMixture(rand.New(rand.NewPCG(seed, 0)), all, 5)
		h.set(&m)
		for _, s := range []*Separator{{}, {IsClassical: true}} {
			if cut, ok := h.separate(s, m.left); ok {
				t.Fatalf("%+v\n%+v cuts off a mixture", h, cut)
			}
			cut, ok := h.separate(s, m.left-1)
			if !ok {
				continue
			}
			h.mustHold(t, seed, cut, all)
			if got := Constant(h.slot, h.parts, cut, h.low, h.high); math.Abs(got-cut.Constant) > 1e-9 {
				t.Fatalf("%+v\n%+v: the constant is %v", h, cut, got)
			}
		}
	})
}
