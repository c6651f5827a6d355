package hull

import (
	"slices"
	"testing"
)

func TestModel_HasAChoiceForEachThingAPartCanDo(t *testing.T) {
	tests := map[string]struct {
		part Part
		lows []float64 // net power at the low end of each choice
		back float64   // what giving back is worth in the count below
		want float64   // combinations that a search looks at, when consuming is worth 1 per kW
	}{
		"on or off":                    {Part{Bands: [][2]float64{{1, 3}}}, []float64{0, 1}, 0, 2},
		"a band within another":        {Part{Bands: [][2]float64{{2, 2}, {1, 3}}}, []float64{0, 1}, 0, 2},
		"the same power twice":         {Part{Bands: [][2]float64{{2, 2}, {3, 3}, {2, 2}}}, []float64{0, 2, 3}, 0, 3},
		"a power of nothing is off":    {Part{Bands: [][2]float64{{0, 0}, {2, 2}}}, []float64{0, 2}, 0, 2},
		"giving back nothing is off":   {Part{Bands: [][2]float64{{1, 3}}, Back: 2}, []float64{-2, 1}, 0, 2},
		"a battery, giving worth more": {Part{Bands: [][2]float64{{0, 3}}, Back: 2, IsFree: true}, []float64{-2, 0, -2}, 1, 1},
		"a battery, charging is":       {Part{Bands: [][2]float64{{0, 3}}, Back: 2, IsFree: true}, []float64{-2, 0, -2}, 0.5, 2},
		"a battery that only charges":  {Part{Bands: [][2]float64{{0, 3}}, IsFree: true}, []float64{0}, 0, 1},
		"a battery that only gives":    {Part{Back: 3, IsFree: true}, []float64{-3}, 0, 1},
		"a battery that does nothing":  {Part{IsFree: true}, []float64{0}, 0, 1},
		"a switch that does nothing":   {Part{}, []float64{0}, 0, 1},
		"a switch that only gives":     {Part{Back: 1}, []float64{-1}, 0, 1},
	}
	for name, test := range tests {
		var p pricer
		s := supplyOf(Slot{ImportLimit: 9, ExportLimit: 9, A: 1}, 0, 0)
		p.build(&s, []Part{test.part})
		var lows []float64
		for _, c := range p.model.choices {
			lows = append(lows, c.low)
		}
		if !slices.Equal(lows, test.lows) {
			t.Errorf("%s: the choices begin at %v, not %v", name, lows, test.lows)
		}
		terms := &terms{[]float64{1}, []float64{0}, []float64{test.back}}
		p.sortSegments(terms)
		if got := p.setMoves(terms); got != test.want {
			t.Errorf("%s: %v combinations, not %v", name, got, test.want)
		}
		if got := test.part.options(); float64(got) < test.want {
			t.Errorf("%s: it says at most %d choices", name, got)
		}
	}
}
