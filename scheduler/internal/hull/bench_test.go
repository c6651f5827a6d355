package hull

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// street is the parts of a home with a sunny roof, in the order in which homes get them.
func street(n int) []Part {
	all := []Part{
		{Bands: [][2]float64{{0.6, 2.5}}},                       // heat pump
		{Bands: [][2]float64{{2, 2}}},                           // water heater
		{Bands: [][2]float64{{1.4, 3.7}, {4.2, 11}}},            // vehicle
		{Bands: [][2]float64{{0.15, 0.15}, {2, 2}, {0.6, 0.6}}}, // dishwasher
		{Bands: [][2]float64{{0, 5}}, Back: 5, IsFree: true},    // battery
		{Bands: [][2]float64{{1.1, 1.1}}},                       // pool pump
		{Bands: [][2]float64{{1.4, 7.4}}, Back: 7.4},            // vehicle that gives back
		{Bands: [][2]float64{{0.4, 1.8}}},                       // second heat pump
		{Bands: [][2]float64{{3, 3}}},
		{Bands: [][2]float64{{0.3, 0.3}, {2.2, 2.2}}},
		{Bands: [][2]float64{{0.5, 2}}},
		{Bands: [][2]float64{{1.4, 3.7}}},
	}
	return all[:n]
}

// scatter puts the parts at a random fractional point: a mixture of what each can do alone.
func scatter(r *rand.Rand, parts []Part, idle float64) {
	for i := range parts {
		p := &parts[i]
		p.Power, p.On, p.Given = 0, 0, 0
		if r.Float64() < idle {
			continue
		}
		on := r.Float64() * r.Float64()
		b := r.IntN(len(p.Bands))
		low, high := p.band(b)
		power := high
		if r.IntN(2) == 0 {
			power = low + (high-low)*r.Float64()
		}
		p.Power = on * power
		if !p.IsFree {
			p.On = on
		}
		if p.Back > 0 && r.IntN(3) == 0 {
			p.Given = (1 - on) * p.Back * r.Float64()
		}
	}
}

// relaxed is left at the parts' point in a relaxation without cuts: h of the mean net need.
func relaxed(slot Slot, parts []Part) float64 {
	s := supplyOf(slot, 0, 0)
	x := s.need
	for _, p := range parts {
		x += p.Power - p.Given
	}
	return s.at(x)
}

// drawStreet draws a slot in which the first n parts of the street take about what the sun gives.
func drawStreet(r *rand.Rand, n int) (Slot, []Part) {
	parts := street(n)
	scatter(r, parts, 0)
	need := 0.0
	for _, p := range parts {
		need -= p.Power - p.Given
	}
	return Slot{Need: need * (0.7 + 0.6*r.Float64()), Curtailable: 9, ImportLimit: 30, ExportLimit: 10, A: 1}, parts
}

func BenchmarkSeparate(b *testing.B) {
	for _, n := range []int{2, 4, 7, 8, 10, 12} {
		for _, s := range []*Separator{{}, {IsClassical: true}} {
			b.Run(fmt.Sprintf("parts=%d/classical=%v", n, s.IsClassical), func(b *testing.B) {
				benchmark(b, s, n, 0)
			})
		}
	}
	for _, n := range []int{8, 12} {
		b.Run(fmt.Sprintf("parts=%d/idle", n), func(b *testing.B) {
			benchmark(b, new(Separator), n, 0.6)
		})
	}
}

// benchmark separates at 64 random points, in turn, and says how many are cut and by how much.
func benchmark(b *testing.B, s *Separator, n int, idle float64) {
	const many = 64
	r := rand.New(rand.NewPCG(1, 1))
	var slots [many]Slot
	var points [many][]Part
	var lefts [many]float64
	for k := range many {
		slots[k], points[k] = drawStreet(r, n)
		if idle > 0 {
			scatter(r, points[k], idle)
		}
		lefts[k] = relaxed(slots[k], points[k])
	}
	b.ReportAllocs()
	found, violation, k := 0, 0.0, 0
	for b.Loop() {
		if cut, ok := s.Separate(slots[k%many], points[k%many], lefts[k%many], 0, 0); ok {
			found++
			violation += cut.Violation
		}
		k++
	}
	b.ReportMetric(float64(found)/float64(k), "cuts/op")
	b.ReportMetric(violation/float64(k), "kW/op")
}
