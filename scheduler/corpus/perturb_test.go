package corpus

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestPerturb_IsALittleOff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := generate(t, rapid.SampledFrom([]string{"S", "M", "F-negative-import", "F-flat-tariff"}).Draw(t, "family"), rapid.Uint64().Draw(t, "seed"))
		before, seed := text(t, p), rapid.Uint64().Draw(t, "forecast")
		q := Perturb(p, seed)
		if text(t, p) != before {
			t.Fatal("the problem was changed")
		}
		once, again := text(t, q), text(t, Perturb(p, seed))
		if once != again || once == before || once == text(t, Perturb(p, seed+1)) {
			t.Fatal("not one forecast for each seed")
		}
		for i := range p.Solar {
			for _, off := range []float64{float64(q.Solar[i] - p.Solar[i]), float64(q.BaseLoad[i] - p.BaseLoad[i])} {
				if math.Abs(off) > forecastMost*float64(max(p.Solar[i], p.BaseLoad[i]))+1 {
					t.Fatalf("slot %d is %v W off", i, off)
				}
			}
			if p.Solar[i] == 0 && q.Solar[i] != 0 {
				t.Fatalf("slot %d: sun at night", i)
			}
			if math.Abs(q.ImportPrice[i].Float()-p.ImportPrice[i].Float()) > priceMost*math.Abs(p.ImportPrice[i].Float())+1e-6 {
				t.Fatalf("slot %d: %v was %v", i, q.ImportPrice[i], p.ImportPrice[i])
			}
		}
		if isConstant(p.ImportPrice) != isConstant(q.ImportPrice) {
			t.Fatal("a flat tariff has bends")
		}
	})
}

// The factors are worth their name: a few percent, not nothing, and neighbours are alike.
func TestPerturb_ForecastsAreAFewPercentOff(t *testing.T) {
	p := generate(t, "XL", 1)
	for i := range p.BaseLoad {
		p.BaseLoad[i] = 10000
	}
	q := Perturb(p, 3)
	sum, step := 0.0, 0.0
	for i, w := range q.BaseLoad {
		off := float64(w)/10000 - 1
		sum += off * off
		if i > 0 {
			step = max(step, math.Abs(off-(float64(q.BaseLoad[i-1])/10000-1)))
		}
	}
	if spread := math.Sqrt(sum / float64(len(q.BaseLoad))); spread < forecastSpread/2 || spread > 2*forecastSpread {
		t.Errorf("spread by %v", spread)
	}
	if step > forecastSpread*1.5 {
		t.Errorf("a jump by %v", step)
	}
}

func TestPerturb_PricesGoUpAndDown(t *testing.T) {
	p := generate(t, "S", 1)
	up, down := 0, 0
	for seed := range uint64(40) {
		switch q := Perturb(p, seed); {
		case q.ImportPrice[0] > p.ImportPrice[0]:
			up++
		case q.ImportPrice[0] < p.ImportPrice[0]:
			down++
		}
	}
	if up < 10 || down < 10 {
		t.Errorf("up %d times, down %d", up, down)
	}
}
