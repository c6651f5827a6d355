package tariff

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"time"

	"hearth/energy"
)

// Peak is a monthly charge on the mean of the highest mean imports of a local month. Blocks begin at local
// midnight; those that were not metered whole do not count.
type Peak struct {
	Name      string
	VAT       VATRule
	Price     energy.Money // per kW and month
	Highest   int          // how many are averaged; those that are missing count as 0
	OnePerDay bool         // only the highest block of a local day takes part
	Averaging time.Duration
	Minimum   energy.Watts // is charged at least
	Windows   []When       // a block counts when one holds throughout; none: always
}

// PeakInput is a peak charge as a planner can weigh it: a price on the highest block above a threshold.
// No plan costs more by the tariff than by this; docs/adr/0012 says how.
type PeakInput struct {
	Name      string
	Month     Date         // its first day
	Price     energy.Money // per kW above SoFar, with VAT
	SoFar     energy.Watts
	Averaging time.Duration
	Slots     []bool // those of the grid that count; a block counts when all its slots do
}

// PeakInputs is the peak charges that a plan on the grid can meet, one for each month and version it
// touches. Imported is what was metered before the grid since the month began.
func PeakInputs(t Tariff, grid energy.Grid, imported energy.Series[energy.WattHours]) ([]PeakInput, error) {
	x, err := newExpander(&t, grid.Interval, nil)
	if err != nil {
		return nil, err
	}
	m, err := newMeter(imported, 1)
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	var out []PeakInput
	for _, v := range x.versions {
		for _, month := range x.months(v.valid(grid.Interval, x.zone)) {
			for i := range v.Peaks {
				if in, ok, err := x.peakInput(v, &v.Peaks[i], month, grid, m); err != nil {
					return nil, err
				} else if ok {
					out = append(out, in)
				}
			}
		}
	}
	return out, nil
}

// peakInput maps the n highest to one threshold. Say m is how many of the n a plan can replace (the days or
// blocks of the grid), and h the lowest of the n. Then a plan whose highest block is p adds at most
// m * (p - h) to the sum of the n, of which the part below n * Minimum is free.
func (x *expander) peakInput(v *Version, k *Peak, month Date, grid energy.Grid, m *meter) (PeakInput, bool, error) {
	valid := v.valid(month.month(x.zone), x.zone)
	in := PeakInput{Name: k.Name, Month: month, Averaging: k.Averaging, Slots: make([]bool, grid.Count())}
	table, days, steps := newTimetable(k.Windows), map[Date]bool{}, time.Duration(0)
	for i := range in.Slots {
		slot := grid.Slot(i)
		if slot.Start.Before(valid.Start) || valid.End.Before(slot.End) || !x.holds(table, slot) {
			continue
		}
		in.Slots[i] = true
		days[dateOf(slot.Start.In(x.zone))] = true
		steps += slot.Length()
	}
	replaceable := len(days)
	if !k.OnePerDay {
		replaceable = int((steps + k.Averaging - 1) / k.Averaging)
	}
	if replaceable = min(replaceable, k.Highest); replaceable == 0 {
		return PeakInput{}, false, nil
	}
	before := valid
	if grid.Start.Before(before.End) {
		before.End = grid.Start
	}
	highest := x.highest(k, before, m)
	free := float64(k.Minimum) * float64(k.Highest)
	for _, w := range highest {
		free -= float64(w)
	}
	in.SoFar = highest[k.Highest-1] + energy.Watts(max(free, 0)/float64(replaceable))

	price := new(big.Rat).SetInt64(int64(k.Price))
	price.Mul(price, big.NewRat(int64(replaceable), int64(k.Highest)))
	price.Mul(price, x.share(PerMonth, valid))
	if k.VAT == Added {
		price.Mul(price, withVAT(v.Import.VAT))
	}
	p := money(price)
	if !p.IsInt64() {
		return PeakInput{}, false, fmt.Errorf("peak %s: %w", k.Name, energy.ErrRange)
	}
	in.Price = energy.Money(p.Int64())
	return in, true, nil
}

// months lists the local months an interval touches.
func (x *expander) months(within energy.Interval) []Date {
	var out []Date
	for at := within.Start; at.Before(within.End); at = out[len(out)-1].month(x.zone).End {
		out = append(out, dateOf(at.In(x.zone)).firstOfMonth())
	}
	return out
}

// holds says that some rule holds throughout the interval, or that there is none.
func (w *walker) holds(table timetable, within energy.Interval) bool {
	holds := true
	if len(table.whens) > 0 {
		w.walk(within, cuts(table), func(_ energy.Interval, before, today day, at Clock) bool {
			holds = table.pick(before, today, at) >= 0
			return holds
		})
	}
	return holds
}

// highest is the n highest mean imports of the blocks in an interval, in order, 0 where there are fewer.
func (w *walker) highest(k *Peak, within energy.Interval, m *meter) []energy.Watts {
	var all []energy.Watts
	var clocks []Clock
	for c := Clock(0); c < endOfDay; c += Clock(k.Averaging / time.Minute) {
		clocks = append(clocks, c)
	}
	table, last := newTimetable(k.Windows), Date{}
	m.seek(within.Start)
	w.walk(within, clocks, func(at energy.Interval, _, today day, _ Clock) bool {
		e, isWhole := m.in(at)
		if !isWhole || !w.holds(table, at) {
			return true
		}
		mean := e.wattHours().Mean(at.Length())
		if k.OnePerDay && today.date == last {
			all[len(all)-1] = max(all[len(all)-1], mean)
		} else {
			all = append(all, mean)
		}
		last = today.date
		return true
	})
	slices.SortStableFunc(all, func(a, b energy.Watts) int { return cmp.Compare(b, a) })
	return append(all, make([]energy.Watts, k.Highest)...)[:k.Highest]
}

// peaks adds a line for each peak of a version.
func (b *biller) peaks(v *Version, imported energy.Series[energy.WattHours]) {
	m := &meter{points: imported.Points}
	valid := v.valid(b.within, b.zone)
	for i := range v.Peaks {
		k, amount := &v.Peaks[i], new(big.Rat)
		for _, month := range b.months(valid) {
			inside := month.month(b.zone).Overlap(valid)
			sum := new(big.Rat)
			for _, w := range b.highest(k, inside, m) {
				sum.Add(sum, new(big.Rat).SetFloat64(float64(w)))
			}
			mean := sum.Mul(sum, big.NewRat(1, int64(k.Highest)*1000))
			if least := new(big.Rat).SetFloat64(float64(k.Minimum) / 1000); mean.Cmp(least) < 0 {
				mean = least
			}
			charge := mean.Mul(mean, new(big.Rat).SetInt64(int64(k.Price)))
			amount.Add(amount, charge.Mul(charge, b.share(PerMonth, inside)))
		}
		if !valid.IsEmpty() {
			b.add(v, Line{Side: "peak", Component: k.Name}, amount, k.VAT, v.Import.VAT)
		}
	}
}
