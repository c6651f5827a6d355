package tariff

import (
	"fmt"
	"math/big"

	"hearth/energy"
)

// Usage is what was metered, and what prices follow from.
type Usage struct {
	Spot           map[string]energy.Series[energy.Price]
	Import, Export energy.Series[energy.WattHours] // what is given is < 0

	// What was used in the local month the bill begins in, before it does, for tiers; 0 on the first.
	ImportedBefore, ExportedBefore energy.WattHours
}

// Account is what metered energy costs. It never estimates: what has no price, or was not metered, is
// told and in no line.
type Account struct {
	Currency       energy.Currency
	Lines          []Line // by version, import before export before peaks
	Total          energy.Money
	Import, Export Metered
}

// Metered is how much of the energy a bill covers.
type Metered struct {
	Energy    energy.WattHours
	Unpriced  energy.WattHours // of it, at times without a price
	Unmetered []energy.Interval
}

// Line is what one component of one version comes to. What is earned is < 0.
type Line struct {
	Version   int    // index in Tariff.Versions
	Side      string // "import", "export" or "peak"
	Component string
	Energy    energy.WattHours // 0 for standing charges and peaks
	Net, VAT  energy.Money     // each line is rounded once; Net + VAT is what is paid
}

// Gross is what is paid.
func (l Line) Gross() energy.Money { return l.Net + l.VAT }

// Bill says what metered energy costs over an interval. Standing charges count by local days, those not
// wholly inside by their part. A charge on peaks counts the peaks inside and the month's days inside, so
// that bill whole months where there is one.
func Bill(t Tariff, within energy.Interval, in Usage) (Account, error) {
	x, err := newExpander(&t, within, in.Spot)
	if err != nil {
		return Account{}, err
	}
	b := biller{expander: x, within: within, account: Account{Currency: t.Currency}}
	imports, err := newMeter(in.Import, 1)
	if err != nil {
		return Account{}, fmt.Errorf("import: %w", err)
	}
	exports, err := newMeter(in.Export, -1)
	if err != nil {
		return Account{}, fmt.Errorf("export: %w", err)
	}
	if !isMeterable(in.ImportedBefore) || !isMeterable(in.ExportedBefore) {
		return Account{}, fmt.Errorf("energy before: %v imported, %v exported", in.ImportedBefore, in.ExportedBefore)
	}
	month := dateOf(within.Start.In(t.Zone)).firstOfMonth()
	bought := &register{meter: imports, used: size(micro(in.ImportedBefore)), month: month}
	sold := &register{meter: exports, used: size(micro(in.ExportedBefore)), month: month}
	for _, v := range x.versions {
		b.side(v, "import", &v.Import, bought)
		if v.Export != nil {
			b.side(v, "export", v.Export, sold)
		}
		b.peaks(v, in.Import)
	}
	b.account.Import, b.account.Export = bought.metered(in.Import, within), sold.metered(in.Export, within)
	return b.account, b.err
}

type biller struct {
	*expander
	within  energy.Interval
	account Account
	err     error
}

// A register is a meter with what tiers need to know of the month, and what a bill could price.
type register struct {
	meter  *meter
	used   microWh // this month, a magnitude
	month  Date
	priced microWh
}

func (r *register) metered(s energy.Series[energy.WattHours], within energy.Interval) Metered {
	r.meter.seek(within.Start)
	all, _ := r.meter.in(within)
	return Metered{all.wattHours(), (all - r.priced).wattHours(), s.Gaps(within)}
}

// side adds the lines of one side of a version.
func (b *biller) side(v *Version, name string, s *Side, r *register) {
	valid := v.valid(b.within, b.zone)
	if valid.IsEmpty() {
		return
	}
	amounts, energies := make([]big.Int, len(s.Components)), make([]microWh, len(s.Components))
	var term big.Int
	r.meter.seek(valid.Start)
	b.pieces(s, valid, func(p *piece) bool {
		e, _ := r.meter.in(p.Interval)
		if p.month != r.month {
			r.month, r.used = p.month, 0
		}
		if p.isKnown {
			r.priced += e
			for i, c := range s.Components {
				if c.Tiers != nil {
					split(&amounts[i], c.Tiers, r.used, e)
				} else {
					amounts[i].Add(&amounts[i], term.Mul(&p.values[i], big.NewInt(int64(e))))
				}
				energies[i] += e
			}
		}
		r.used += size(e)
		return true
	})
	perMoney := new(big.Int).Mul(bigOne2, big.NewInt(1000)) // 1e-21 per kWh times 1e-9 kWh, in steps of money
	for i, c := range s.Components {
		line, amount := Line{Side: name, Component: c.Name}, new(big.Rat)
		if c.Standing != nil {
			amount = b.standing(c.Standing, valid)
		} else {
			line.Energy = energies[i].wattHours()
			amount.SetFrac(&amounts[i], perMoney)
		}
		b.add(v, line, amount, c.VAT, s.VAT)
	}
}

// split adds what an energy costs that may go over the limit of a tier, or several.
func split(amount *big.Int, tiers []Tier, used, e microWh) {
	var price big.Int
	left, sign := size(e), int64(1)
	if e < 0 {
		sign = -1
	}
	for i, tier := range tiers {
		part := left
		if i < len(tiers)-1 {
			part = min(left, max(micro(tier.UpTo)-used, 0))
		}
		exactly(&price, tier.Price)
		amount.Add(amount, price.Mul(&price, big.NewInt(int64(part)*sign)))
		used, left = used+part, left-part
	}
}

func size(e microWh) microWh { return max(e, -e) }

// standing is the charge for the days of an interval, in steps of money.
func (b *biller) standing(s *Standing, within energy.Interval) *big.Rat {
	amount := new(big.Rat).SetInt64(int64(s.Amount))
	return amount.Mul(amount, b.share(s.Per, within))
}

// share is how many days, months or years an interval is: each local day counts as the same part of its
// month or year, whatever its length.
func (w *walker) share(per Period, within energy.Interval) *big.Rat {
	sum := new(big.Rat)
	w.walk(within, []Clock{0}, func(at energy.Interval, _, today day, _ Clock) bool {
		days := int64(1)
		switch d := today.date; per {
		case PerMonth:
			days = int64(Date{d.Year, d.Month + 1, 0}.in(d.Year, at.Start.Location()).Day())
		case PerYear:
			days = int64(Date{d.Year, 12, 31}.in(d.Year, at.Start.Location()).YearDay())
		}
		length := int64(energy.Day(at.Start, w.zone).Length())
		var part, among big.Rat
		sum.Add(sum, part.Mul(part.SetFrac64(int64(at.Length()), length), among.SetFrac64(1, days)))
		return true
	})
	return sum
}

// add writes a line; the amount is in steps of money.
func (b *biller) add(v *Version, line Line, amount *big.Rat, rule VATRule, vat Decimal) {
	for i := range b.tariff.Versions {
		if v == &b.tariff.Versions[i] {
			line.Version = i
		}
	}
	factor := withVAT(vat)
	net, gross := amount, amount
	switch rule {
	case Added:
		gross = new(big.Rat).Mul(amount, factor)
	case Included:
		net = new(big.Rat).Quo(amount, factor)
	}
	exact, paid := money(net), money(gross)
	if !exact.IsInt64() || !paid.IsInt64() {
		b.err = fmt.Errorf("bill %s %s: %w", line.Side, line.Component, energy.ErrRange)
		return
	}
	line.Net = energy.Money(exact.Int64())
	line.VAT = energy.Money(paid.Int64()) - line.Net
	b.account.Total += line.Gross()
	b.account.Lines = append(b.account.Lines, line)
}

// withVAT is 1 + the share.
func withVAT(vat Decimal) *big.Rat { return big.NewRat(int64(One+vat), int64(One)) }

// money is the amount in whole steps, rounded half to even.
func money(amount *big.Rat) *big.Int {
	v := new(big.Int).Set(amount.Num())
	halfEven(v, amount.Denom())
	return v
}
