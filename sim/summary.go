package sim

import (
	"fmt"
	"math"
	"strings"
	"time"

	"hearth/energy"
	"hearth/sim/house"
	"hearth/sim/market"
)

// Totals is what a home took, gave, paid and emitted over the span.
type Totals struct {
	Imported energy.WattHours
	Exported energy.WattHours // a magnitude
	Cost     energy.Money     // imports paid minus exports earned
	Grams    energy.Grams     // carbon of what was imported
	Stored   energy.WattHours // what more is stored than at the start, as electricity; see house.House.Stored
	Value    energy.Money     // of Stored, at the lowest import price of the span: what filling it costs somebody who plans
	Missed   Missed
}

// Net is the cost with what is stored set against it, so that nobody wins by an empty battery.
func (t Totals) Net() energy.Money { return t.Cost - t.Value }

// Missed counts the promises broken.
type Missed struct {
	Car       int // departures with less than promised
	Dishes    int // mornings without clean dishes
	ColdWater int // draws of hot water that ran cold
}

// String is "none" or what was missed: "car 1, dishes 2".
func (m Missed) String() string {
	var parts []string
	for _, p := range []struct {
		name  string
		count int
	}{{"car", m.Car}, {"dishes", m.Dishes}, {"cold water", m.ColdWater}} {
		if p.count > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", p.name, p.count))
		}
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}

func (m Missed) count() int { return m.Car + m.Dishes + m.ColdWater }

// Summary compares the home with its twin over the span since the start.
type Summary struct {
	Span          energy.Interval
	Currency      energy.Currency
	With, Without Totals
}

// Saved is what the home paid less than its twin, stored energy set against it, and the share of the
// twin's costs; the share is 0 where those are not positive.
func (s Summary) Saved() (energy.Money, float64) {
	saved, cost := s.Without.Net()-s.With.Net(), s.Without.Net()
	if cost <= 0 {
		return saved, 0
	}
	return saved, saved.Float() / cost.Float()
}

// String is a table of a few lines for a terminal.
func (s Summary) String() string {
	var b strings.Builder
	row := func(name, with, without string) { fmt.Fprintf(&b, "%-18s%14s%14s\n", name, with, without) }
	cents := func(v float64) float64 { return math.Round(100*v)/100 + 0 } // + 0 takes the sign off -0
	kWh := func(e energy.WattHours) string { return fmt.Sprintf("%.2f kWh", cents(float64(e)/1000)) }
	money := func(m energy.Money) string { return fmt.Sprintf("%.2f %s", cents(m.Float()), s.Currency) }
	kilos := func(g energy.Grams) string { return fmt.Sprintf("%.2f kg", cents(float64(g)/1000)) }
	w, o := s.With, s.Without

	span := strings.TrimSuffix(s.Span.Length().Round(time.Minute).String(), "0s")
	fmt.Fprintf(&b, "%s at home, from %s\n", span, s.Span.Start.Format("Mon 2006-01-02 15:04"))
	row("", "with Hearth", "without")
	row("import", kWh(w.Imported), kWh(o.Imported))
	row("export", kWh(w.Exported), kWh(o.Exported))
	row("CO2 of imports", kilos(w.Grams), kilos(o.Grams))
	row("cost", money(w.Cost), money(o.Cost))
	row("stored more", kWh(w.Stored), kWh(o.Stored))
	row("cost less stored", money(w.Net()), money(o.Net()))
	row("promises missed", fmt.Sprint(w.Missed.count()), fmt.Sprint(o.Missed.count()))
	if w.Missed.count() > 0 {
		fmt.Fprintf(&b, "missed with Hearth: %v\n", w.Missed)
	}
	saved, share := s.Saved()
	fmt.Fprintf(&b, "saved %s (%.0f %%) and %s of CO2\n", money(saved), 100*share, kilos(o.Grams-w.Grams))
	return b.String()
}

// ledger keeps the bills of the home and of its twin.
type ledger struct {
	market        market.Market
	day           market.Day // of the last step
	span          energy.Interval
	lowest        energy.Price // to import at, in the span
	with, without bill
}

// bill is one home's costs since it began.
type bill struct {
	begin house.House
	cost  energy.Money
	grams energy.Grams
}

func newLedger(m market.Market, begin house.House) ledger {
	b := bill{begin: begin}
	return ledger{market: m, lowest: math.MaxInt64, day: m.Day(begin.At), span: energy.Interval{Start: begin.At, End: begin.At}, with: b, without: b}
}

// book adds the step that both homes have just made.
func (l *ledger) book(step energy.Interval, with, without *house.House) {
	if !l.day.Contains(step.Start) {
		l.day = l.market.Day(step.Start)
	}
	d := step.Length()
	paid, _ := l.day.Import.At(step.Start) // a day covers all of itself
	earned, _ := l.day.Export.At(step.Start)
	carbon, _ := l.day.Carbon.At(step.Start)
	l.span.End = step.End
	l.lowest = min(l.lowest, paid)
	l.with.book(with.Power.Grid, d, paid, earned, carbon)
	l.without.book(without.Power.Grid, d, paid, earned, carbon)
}

func (b *bill) book(grid energy.Watts, d time.Duration, paid, earned energy.Price, carbon energy.GramsPerKWh) {
	e := grid.Over(d)
	if e < 0 {
		b.cost += earned.Of(e)
		return
	}
	b.cost += paid.Of(e)
	b.grams += carbon.Of(e)
}

func (l *ledger) summary(with, without *house.House) Summary {
	worth := l.lowest
	if l.span.IsEmpty() {
		worth = 0
	}
	return Summary{
		Span: l.span, Currency: l.market.Place().Currency,
		With: l.with.totals(with, worth), Without: l.without.totals(without, worth),
	}
}

func (b *bill) totals(now *house.House, worth energy.Price) Totals {
	stored := now.Stored() - b.begin.Stored()
	return Totals{
		Imported: now.Grid.Imported - b.begin.Grid.Imported,
		Exported: now.Grid.Exported - b.begin.Grid.Exported,
		Cost:     b.cost,
		Grams:    b.grams,
		Stored:   stored,
		Value:    worth.Of(stored),
		Missed: Missed{
			Car:       now.Car.Missed - b.begin.Car.Missed,
			Dishes:    now.Dishwasher.Missed - b.begin.Dishwasher.Missed,
			ColdWater: now.Heater.Missed - b.begin.Heater.Missed,
		},
	}
}
