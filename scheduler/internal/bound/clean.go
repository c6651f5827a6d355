package bound

// Clean moves lambda to where buying or selling without end does not pay, but for slots in which it is off by
// more than most (money per kWh): there a limit is felt, and the price is really beyond. What an interior
// solution leaves elsewhere is a rounding error that would cost its size times the limit.
func (b *Bounder) Clean(p *Point, most float64) {
	b.sumCuts(p)
	for t, lambda := range p.Lambda {
		low, high := b.trading(p, t)
		switch {
		case low > high: // selling pays more than buying costs: between them both would be done, if that were allowed
		case lambda > high && lambda < high+most:
			p.Lambda[t] = high
		case lambda < low && lambda > low-most:
			p.Lambda[t] = low
		}
	}
}

// Excess is by how much the prices of the slots lie beyond buying (above 0) or selling (below): where a limit is
// felt. Both move with the tariff, and so should what lies between; see [Bounder.Fit].
func (b *Bounder) Excess(p *Point) []float64 {
	out := make([]float64, len(p.Lambda))
	b.sumCuts(p)
	for t := range out {
		if low, high := b.trading(p, t); low <= high {
			out[t] = max(p.Lambda[t]-high, 0) + min(p.Lambda[t]-low, 0)
		}
	}
	return out
}

// Fit brings prices of another time between selling and buying, or as far beyond as they were.
func (b *Bounder) Fit(p *Point, excess []float64) {
	b.sumCuts(p)
	for t, e := range excess {
		low, high := b.trading(p, t)
		switch {
		case low > high:
		case e > 0:
			p.Lambda[t] = high + e
		case e < 0:
			p.Lambda[t] = low + e
		default:
			p.Lambda[t] = min(max(p.Lambda[t], low), high)
		}
	}
}

// trading is where exporting, and importing, cost nothing: money per kWh. The prices of cuts have been summed up.
func (b *Bounder) trading(p *Point, t int) (low, high float64) {
	imp, exp, _ := b.flowPrices(p, t)
	hours := b.h.Slots[t].Hours
	return p.Lambda[t] - exp/hours, p.Lambda[t] + imp/hours
}
