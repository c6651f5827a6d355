package hull

import (
	"math"
	"math/rand/v2"
	"slices"
)

// The oracle of these tests looks at all legal powers on a grid of half a kW. With limits, bands and needs on
// that grid, left bends on it too, so every corner of the hull, and the least of any linear function over it,
// is on the grid: between its points all is straight, or bends downwards, where no least is.

const half = 0.5

// home is a slot with its parts and the others' range.
type home struct {
	slot      Slot
	parts     []Part
	low, high float64 // what the others may add
}

// legal is one legal combination of powers with the least left it allows.
type legal struct {
	power, on, given []float64
	left             float64
}

// pick is one of several.
func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// halves is a number of half kW from least to most.
func halves(r *rand.Rand, least, most int) float64 {
	return half * float64(least+r.IntN(most-least+1))
}

// drawHome draws a home of up to parts parts on the grid.
func drawHome(r *rand.Rand, parts int) *home {
	slopes := pick(r, [][2]float64{
		{1, 0}, {1, 0}, {1, 0}, {1, 0.25}, {0.3, 0.1}, // the usual
		{0.5, 1}, {0, 1}, // selling pays better than buying costs
		{1, -0.5}, {-1, -0.5}, {-0.5, -1}, {-1, 0.5}, {0, -1}, {-0.5, 0}, // somebody pays for taking
		{1, 1},
	})
	h := &home{slot: Slot{
		Need: halves(r, -10, 6), Curtailable: halves(r, 0, 6),
		ImportLimit: halves(r, 0, 14), ExportLimit: halves(r, 0, 10),
		A: slopes[0], B: slopes[1],
	}}
	if r.IntN(2) == 0 {
		h.low = halves(r, -3, 3)
		h.high = h.low + halves(r, 0, 4)
	}
	for range 1 + r.IntN(parts) {
		h.parts = append(h.parts, drawPart(r))
	}
	return h
}

func drawPart(r *rand.Rand) Part {
	band := func() [2]float64 {
		low := halves(r, 1, 5)
		return [2]float64{low, low + halves(r, 0, 3)}
	}
	fixed := func() [2]float64 {
		p := halves(r, 0, 6)
		return [2]float64{p, p}
	}
	switch pick(r, []string{"thermal", "fixed", "shiftable", "vehicle", "v2h", "battery", "giver"}) {
	case "thermal":
		return Part{Bands: [][2]float64{band()}}
	case "fixed":
		return Part{Bands: [][2]float64{fixed()}}
	case "shiftable":
		return Part{Bands: [][2]float64{fixed(), fixed(), fixed()}}
	case "vehicle":
		return Part{Bands: [][2]float64{band(), band()}}
	case "v2h":
		return Part{Bands: [][2]float64{band()}, Back: halves(r, 0, 4)}
	case "battery":
		return Part{Bands: [][2]float64{{0, halves(r, 0, 5)}}, Back: halves(r, 0, 5), IsFree: true}
	default:
		return Part{Back: halves(r, 0, 4)}
	}
}

// leastLeft looks at every curtailment and every contribution of the others on the grid.
func (h *home) leastLeft(sum float64) float64 {
	least := math.Inf(1)
	for r := h.low; r <= h.high; r += half {
		for k := 0.0; k <= h.slot.Curtailable; k += half {
			y := h.slot.Need + sum + r + k
			imports, exports := max(y, 0), max(-y, 0)
			if imports <= h.slot.ImportLimit && exports <= h.slot.ExportLimit {
				least = min(least, h.slot.A*imports-h.slot.B*exports)
			}
		}
	}
	return least
}

// all is every legal combination on the grid.
func (h *home) all() []legal {
	var out []legal
	n := len(h.parts)
	at := legal{make([]float64, n), make([]float64, n), make([]float64, n), 0}
	var visit func(i int, sum float64)
	visit = func(i int, sum float64) {
		if i == n {
			if left := h.leastLeft(sum); !math.IsInf(left, 1) {
				all := slices.Concat(at.power, at.on, at.given)
				out = append(out, legal{all[:n:n], all[n : 2*n : 2*n], all[2*n:], left})
			}
			return
		}
		try := func(power, on, given float64) {
			at.power[i], at.on[i], at.given[i] = power, on, given
			visit(i+1, sum+power-given)
		}
		p := &h.parts[i]
		try(0, 0, 0)
		for g := half; g <= p.Back; g += half {
			try(0, 0, g)
		}
		if p.IsFree {
			for c := half; c <= p.Bands[0][1]; c += half {
				try(c, 0, 0)
			}
			return
		}
		for c := half; c <= 10; c += half {
			for _, b := range p.Bands {
				if b[0] <= c && c <= b[1] {
					try(c, 1, 0)
					break
				}
			}
		}
	}
	visit(0, 0)
	return out
}

func clone(s []float64) []float64 { return append([]float64(nil), s...) }

// worth is what the cut's terms give for a combination.
func (c *Cut) worth(l *legal) float64 {
	v := 0.0
	for i := range c.Power {
		v += c.Power[i]*l.power[i] + c.On[i]*l.on[i] - c.Back[i]*l.given[i]
	}
	return v
}

// mix is a mixture of legal combinations, with weights that add up to 1.
func mix(all []legal, of []int, weights []float64) legal {
	n := len(all[0].power)
	m := legal{make([]float64, n), make([]float64, n), make([]float64, n), 0}
	for k, j := range of {
		w := weights[k]
		m.left += w * all[j].left
		for i := range n {
			m.power[i] += w * all[j].power[i]
			m.on[i] += w * all[j].on[i]
			m.given[i] += w * all[j].given[i]
		}
	}
	return m
}

// set makes the parts' point the mixture.
func (h *home) set(l *legal) {
	for i := range h.parts {
		h.parts[i].Power, h.parts[i].On, h.parts[i].Given = l.power[i], l.on[i], l.given[i]
	}
}

// point is the parts' point.
func (h *home) point(left float64) legal {
	var l legal
	for _, p := range h.parts {
		l.power, l.on, l.given = append(l.power, p.Power), append(l.on, p.On), append(l.given, p.Given)
	}
	l.left = left
	return l
}

// drawMixture draws a point of the hull: a mixture of up to n legal combinations.
func drawMixture(r *rand.Rand, all []legal, n int) legal {
	var of []int
	var weights []float64
	total := 0.0
	for range 1 + r.IntN(n) {
		of = append(of, r.IntN(len(all)))
		weights = append(weights, float64(1+r.IntN(20)))
		total += weights[len(weights)-1]
	}
	for k := range weights {
		weights[k] /= total
	}
	return mix(all, of, weights)
}
