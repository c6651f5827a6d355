package scheduler

import (
	"fmt"
	"math"
	"slices"
)

// leafBound is the bound of a leaf while it is added up.
type leafBound struct {
	*verifier
	*Duals
	buy, sell          []float64 // money for a kW of import and of export, all prices counted
	noImport, noExport []bool
	peakLow, peakHigh  float64   // kW, between which the leaf has the peak
	freedom            []freedom // of each device
	due                []tolls   // of each device
	sum, gross         float64   // gross counts all parts as positive: what rounding is in proportion to
}

// leaf is the bound of a leaf; infinite when nothing is left in it.
func (v *verifier) leaf(path []statement, d *Duals) (float64, error) {
	n := v.slots
	l := &leafBound{
		verifier: v, Duals: d, buy: make([]float64, n), sell: make([]float64, n),
		noImport: make([]bool, n), noExport: make([]bool, n), peakHigh: v.mostPeak(),
	}
	for range v.problem.Devices {
		l.freedom, l.due = append(l.freedom, freedom{to: v.problem.Grid.Count()}), append(l.due, newTolls(n))
	}
	for _, s := range path {
		l.restrict(s)
	}
	l.prices()
	l.chargeCircuits()
	l.chargeCounts(path)
	if err := l.chargeCuts(); err != nil {
		return 0, err
	}
	if l.peakLow > l.peakHigh*(1+1e-12) { // but for the rounding of a mean
		return math.Inf(1), nil
	}
	l.chargePeak()
	for t := range n {
		l.slot(t)
	}
	for i := range v.problem.Devices {
		x := v.least(i, l.freedom[i], l.due[i])
		if math.IsInf(x, 1) {
			return x, nil
		}
		l.add(x)
		l.gross += v.grossOf(i, l.due[i])
	}
	return l.sum - l.gross*float64(n)*1e-15, nil // no slot rounds by more than a few times 1e-16
}

func newTolls(n int) tolls {
	return tolls{make([]float64, n), make([]float64, n), make([]float64, n)}
}

// add adds a part of the bound.
func (l *leafBound) add(x float64) {
	l.sum, l.gross = l.sum+x, l.gross+math.Abs(x)
}

// restrict notes what a statement says. Those on counts have prices instead; see chargeCounts.
func (l *leafBound) restrict(s statement) {
	switch s.Kind {
	case BranchOn, BranchStart, BranchRun, BranchLevel:
		l.freedom[s.Device].restrict(s, l.slots)
	case BranchFlow:
		l.noImport[s.Slot] = l.noImport[s.Slot] || !s.isSecond
		l.noExport[s.Slot] = l.noExport[s.Slot] || s.isSecond
	case BranchPeak:
		if s.isSecond {
			l.peakLow = max(l.peakLow, kilos(s.Power))
		} else {
			l.peakHigh = min(l.peakHigh, kilos(s.Power))
		}
	}
}

// restrict notes what a statement on the device says, of n slots.
func (f *freedom) restrict(s statement, n int) {
	switch s.Kind {
	case BranchOn:
		slots := &f.isOff
		if s.isSecond {
			slots = &f.isOn
		}
		if *slots == nil {
			*slots = make([]bool, n)
		}
		(*slots)[s.Slot] = true
	case BranchStart:
		if s.isSecond {
			f.from, f.mustRun = max(f.from, s.Slot), true
		} else {
			f.to = min(f.to, s.Slot)
		}
	case BranchLevel:
		f.level(s.Slot, kilos(s.Power), s.isSecond, n)
	case BranchRun:
		f.mustRun, f.mustRest = f.mustRun || s.isSecond, f.mustRest || !s.isSecond
	}
}

// level notes that the power in slot t, of n, is at most so many kW, or at least.
func (f *freedom) level(t int, kW float64, isLeast bool, n int) {
	if isLeast {
		if f.atLeast == nil {
			f.atLeast = slices.Repeat([]float64{math.Inf(-1)}, n)
		}
		f.atLeast[t] = max(f.atLeast[t], kW)
		return
	}
	if f.atMost == nil {
		f.atMost = slices.Repeat([]float64{math.Inf(1)}, n)
	}
	f.atMost[t] = min(f.atMost[t], kW)
}

// prices sets what a kW costs on either side of the balance: what devices and base load take pays the
// balance price, import earns it.
func (l *leafBound) prices() {
	p := l.problem
	for t, lambda := range l.Balance {
		h := l.slotHours(t)
		price := p.ImportPrice[t].Float()
		if p.Carbon != nil {
			price += p.CarbonPrice.Float() * float64(p.Carbon[t]) / 1e6 // grams per tonne
		}
		l.buy[t] = h * (price - lambda)
		l.sell[t] = h * (lambda - p.ExportPrice[t].Float())
		l.add(h * lambda * kilos(p.BaseLoad[t]))
		l.add(-h * lambda * kilos(p.Solar[t]))
		for i := range l.due {
			l.due[i].consumed[t], l.due[i].back[t] = h*lambda, -h*lambda
		}
	}
}

// chargeCircuits charges consumption that is not above the circuit's limit.
func (l *leafBound) chargeCircuits() {
	for k, row := range l.Circuits {
		for t, nu := range row {
			h := l.slotHours(t)
			l.add(-nu * h * kilos(l.problem.Circuits[k].Limit))
			for i := range l.due {
				if slices.Contains(l.circuits[i], k) {
					l.due[i].consumed[t] += nu * h
				}
			}
		}
	}
}

// chargeCounts charges the slots on that are not more than N, or pays for those that are not fewer than N+1.
func (l *leafBound) chargeCounts(path []statement) {
	k := 0
	for _, s := range path {
		if s.Kind != BranchCount {
			continue
		}
		rho, limit := l.Counts[k], float64(s.Count)
		if k++; s.isSecond {
			rho, limit = -rho, limit+1
		}
		l.add(-rho * limit)
		for t := range s.Slot {
			l.due[s.Device].on[t] += rho
		}
	}
}

// chargeCuts charges the right sides of the cuts and pays for their left ones, which are not below them.
func (l *leafBound) chargeCuts() error {
	for _, q := range l.Cuts {
		c := l.constant(q)
		if math.IsInf(c, 1) {
			return fmt.Errorf("nothing satisfies the limits of slot %d", q.Slot)
		}
		l.add(q.Price * c)
		l.buy[q.Slot] -= q.Price * q.Import
		l.sell[q.Slot] += q.Price * q.Export
		for _, term := range q.Terms {
			due := l.due[term.Device]
			due.consumed[q.Slot] += q.Price * term.Power
			due.on[q.Slot] += q.Price * term.On
			due.back[q.Slot] -= q.Price * term.Back
		}
	}
	return nil
}

// chargePeak charges the blocks' mean imports, which are not above the peak, and pays for the peak. That lies
// between what the leaf says and the limits allow, and costs what it is above the one paid for already: up to
// there a higher one only earns, and beyond it the least is at one of the ends.
func (l *leafBound) chargePeak() {
	all := 0.0
	for k, kappa := range l.Peak {
		from, to := l.blocks[k][0], l.blocks[k][1]
		for t := from; t < to; t++ {
			l.buy[t] += kappa * l.weight(t)
		}
		all += kappa
	}
	price, paid := l.problem.Peak.Price.Float(), kilos(l.problem.Peak.SoFar)
	least := math.Inf(1)
	for _, peak := range [2]float64{min(max(paid, l.peakLow), l.peakHigh), l.peakHigh} {
		least = min(least, price*max(peak-paid, 0)-all*peak)
	}
	l.add(least)
}

// mostPeak is the highest mean import in kW that a block that counts can have; 0 when none does.
func (v *verifier) mostPeak() (most float64) {
	for _, b := range v.blocks {
		sum := 0.0
		for t := b[0]; t < b[1]; t++ {
			sum += v.imports[t] * v.weight(t)
		}
		most = max(most, sum)
	}
	return most
}

// slot adds the least for the exchange with the grid, which goes one way only, and for curtailment.
func (l *leafBound) slot(t int) {
	p := l.problem
	imports, exports := l.imports[t], l.exports[t]
	if k := l.blockOf[t]; k >= 0 { // no slot of a block is above the block's sum
		imports = min(imports, l.peakHigh/l.weight(t))
	}
	if l.noImport[t] {
		imports = 0
	}
	if l.noExport[t] {
		exports = 0
	}
	l.add(min(0, l.buy[t]*imports, l.sell[t]*exports))
	if p.SolarCurtailable {
		l.add(min(0, l.slotHours(t)*l.Balance[t]*kilos(p.Solar[t])))
	}
}
