package corpus

import (
	"slices"

	"hearth/energy"
	"hearth/scheduler"
)

// How much newer forecasts differ from older ones.
const (
	forecastSpread = 0.03 // standard deviation of the factor on solar and base load
	forecastMost   = 0.1  // the factor is 1 within this
	priceMost      = 0.01 // likewise for prices: one factor for all, which leaves a flat tariff flat
)

// Perturb is the problem with newer forecasts: solar and base load a few percent off, by factors that change
// slowly over the slots, and all prices higher or lower by up to one percent. Equal seeds give equal ones.
func Perturb(p *scheduler.Problem, seed uint64) *scheduler.Problem {
	d := newDice(seed, "forecast")
	out := *p
	out.Solar = scaled(p.Solar, d)
	out.BaseLoad = scaled(p.BaseLoad, d)
	factor := 1 + d.between(-priceMost, priceMost)
	out.ImportPrice, out.ExportPrice = times(p.ImportPrice, factor), times(p.ExportPrice, factor)
	return &out
}

// scaled are powers times factors around 1.
func scaled(power []energy.Watts, d *dice) []energy.Watts {
	out := slices.Clone(power)
	for t, v := range d.drift(len(out), forecastSpread, 0.95) {
		out[t] = energy.Watts(rounded(float64(out[t])*(1+min(max(v, -forecastMost), forecastMost)), 0))
	}
	return out
}

// times are prices times a factor, rounded to six decimals.
func times(prices []energy.Price, factor float64) []energy.Price {
	out := make([]energy.Price, len(prices))
	for t, p := range prices {
		out[t] = energy.PriceOf(rounded(p.Float()*factor, 6))
	}
	return out
}
