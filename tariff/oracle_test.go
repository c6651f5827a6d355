package tariff

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"hearth/energy"

	"pgregory.net/rapid"
)

// The oracle asks each minute by itself what its wall clock shows and which rule that means. It shares no
// code with the expansion but the types.
type oracle struct {
	t  Tariff
	in Inputs
}

func (o oracle) isHoliday(y int, m time.Month, d int) bool {
	return slices.ContainsFunc(o.t.Holidays.Own, func(h Date) bool {
		return (h.Year == 0 || h.Year == y) && h.Month == m && h.Day == d
	})
}

// price is exact; nil where it is not known.
func (o oracle) price(at time.Time, isExport bool) *big.Rat {
	wall := at.In(o.t.Zone)
	today := time.Date(wall.Year(), wall.Month(), wall.Day(), 12, 0, 0, 0, time.UTC)
	for _, v := range o.t.Versions {
		noon := func(d Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }
		if v.From != (Date{}) && today.Before(noon(v.From)) || v.Until != (Date{}) && !today.Before(noon(v.Until)) {
			continue
		}
		side := &v.Import
		if isExport {
			side = v.Export
		}
		if side == nil {
			return nil
		}
		return o.sum(side, at, wall, today, isExport)
	}
	return nil
}

func (o oracle) sum(side *Side, at, wall, today time.Time, isExport bool) *big.Rat {
	taxed, rest := new(big.Rat), new(big.Rat)
	for _, c := range side.Components {
		value := o.value(c, at, wall, today, isExport)
		if value == nil {
			return nil
		}
		if c.VAT == Added {
			taxed.Add(taxed, value)
		} else {
			rest.Add(rest, value)
		}
	}
	vat := big.NewRat(int64(side.VAT), 1e9)
	return rest.Add(rest, taxed.Add(taxed, vat.Mul(vat, taxed)))
}

func exact(p energy.Price) *big.Rat { return big.NewRat(int64(p), 1e12) }

func (o oracle) value(c Component, at, wall, today time.Time, isExport bool) *big.Rat {
	minute := Clock(wall.Hour()*60 + wall.Minute())
	isWorkday := today.Weekday() != time.Saturday && today.Weekday() != time.Sunday
	isHoliday := o.isHoliday(today.Date())
	switch {
	case c.Fixed != nil:
		return exact(*c.Fixed)
	case c.Standing != nil:
		return new(big.Rat)
	case c.Bands != nil:
		band := "F3"
		switch h := wall.Hour(); {
		case isHoliday || today.Weekday() == time.Sunday:
		case isWorkday && h >= 8 && h < 19:
			band = "F1"
		case h >= 7 && h < 23:
			band = "F2"
		}
		return exact(c.Bands.Prices[band])
	case c.Spot != nil:
		published, ok := o.in.Spot["spot"].At(at)
		if !ok {
			return nil
		}
		v := new(big.Rat).Mul(exact(published), big.NewRat(int64(c.Spot.Factor), 1e9))
		v.Add(v, exact(c.Spot.Adder))
		if c.Spot.Floor != nil && v.Cmp(exact(*c.Spot.Floor)) < 0 {
			v = exact(*c.Spot.Floor)
		}
		return v
	case c.Tiers != nil:
		used := o.in.Imported
		if isExport {
			used = o.in.Exported
			used.Value = -used.Value
		}
		then := used.At.In(o.t.Zone)
		first := time.Date(then.Year(), then.Month(), 1, 0, 0, 0, 0, time.UTC)
		month := time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC)
		switch {
		case !used.Valid || month.Before(first):
			return nil
		case month.After(first) || used.Value < c.Tiers[0].UpTo:
			return exact(c.Tiers[0].Price)
		case used.Value < c.Tiers[1].UpTo:
			return exact(c.Tiers[1].Price)
		}
		return exact(c.Tiers[2].Price)
	}
	for _, r := range c.TimeOfUse {
		if o.matches(c.TimeOfUse, r.When, minute, today) {
			return exact(r.Price)
		}
	}
	return nil
}

func (o oracle) matches(all []Rule, w When, minute Clock, today time.Time) bool {
	starts := today
	if w.From > w.To { // over midnight
		if minute >= w.To && minute < w.From {
			return false
		}
		if minute < w.To {
			starts = today.AddDate(0, 0, -1)
		}
	} else if minute < w.From || minute >= w.To {
		return false
	}
	if len(w.Months) > 0 && !slices.Contains(w.Months, starts.Month()) {
		return false
	}
	if w.Days == 0 {
		return true
	}
	speaksOfHolidays := slices.ContainsFunc(all, func(r Rule) bool { return r.Days&Holiday != 0 })
	if speaksOfHolidays && o.isHoliday(starts.Date()) {
		return w.Days&Holiday != 0
	}
	names := map[time.Weekday]Days{time.Monday: Monday, time.Tuesday: Tuesday, time.Wednesday: Wednesday, time.Thursday: Thursday,
		time.Friday: Friday, time.Saturday: Saturday, time.Sunday: Sunday}
	return w.Days&names[starts.Weekday()] != 0
}

func rounded(r *big.Rat) energy.Price {
	scaled := new(big.Rat).Mul(r, big.NewRat(1e12, 1))
	down := new(big.Int).Div(scaled.Num(), scaled.Denom())
	rest := new(big.Rat).Sub(scaled, new(big.Rat).SetInt(down))
	if c := rest.Cmp(big.NewRat(1, 2)); c > 0 || c == 0 && down.Bit(0) == 1 {
		down.Add(down, big.NewInt(1))
	}
	return energy.Price(down.Int64())
}

func TestExpand_SaysWhatEveryMinuteSaysByItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tariff, d := drawTariff(t)
		in := drawInputs(t, tariff.Zone, d)
		start := d.plus(-1).start(tariff.Zone).Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "start")) * time.Minute)
		within := energy.Span(start, time.Duration(rapid.IntRange(1, 60).Draw(t, "hours"))*time.Hour)
		got, err := Expand(tariff, within, in)
		if err != nil {
			t.Fatal(err)
		}
		o := oracle{tariff, in}
		for at := start; at.Before(within.End); at = at.Add(time.Minute) {
			for isExport, s := range map[bool]energy.Series[energy.Price]{false: got.Import, true: got.Export} {
				p, ok := s.At(at)
				want := o.price(at, isExport)
				if ok != (want != nil) {
					t.Fatalf("%v, export %v: known %v, by itself %v", at.In(tariff.Zone), isExport, ok, want)
				}
				if ok && p != rounded(want) {
					t.Fatalf("%v, export %v: %v, by itself %v", at.In(tariff.Zone), isExport, p, rounded(want))
				}
			}
		}
	})
}

// joined drops seams between equal neighbours.
func joined(s energy.Series[energy.Price]) []energy.Point[energy.Price] {
	var out []energy.Point[energy.Price]
	for _, p := range s.Points {
		if n := len(out); n > 0 && out[n-1].End.Equal(p.Start) && out[n-1].Value == p.Value && out[n-1].Origin == p.Origin {
			out[n-1].End = p.End
		} else {
			out = append(out, p)
		}
	}
	return out
}

func TestExpand_OfASpanIsThatOfItsParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tariff, d := drawTariff(t)
		in := drawInputs(t, tariff.Zone, d)
		start := d.plus(-1).start(tariff.Zone)
		within := energy.Span(start, 72*time.Hour)
		whole, err := Expand(tariff, within, in)
		if err != nil {
			t.Fatal(err)
		}
		cut := start.Add(time.Duration(rapid.Int64Range(1, int64(72*time.Hour)-1).Draw(t, "cut")))
		var parts Prices
		for _, part := range []energy.Interval{{Start: start, End: cut}, {Start: cut, End: within.End}} {
			p, err := Expand(tariff, part, in)
			if err != nil {
				t.Fatal(err)
			}
			parts.Import.Points = append(parts.Import.Points, p.Import.Points...)
			parts.Export.Points = append(parts.Export.Points, p.Export.Points...)
		}
		if !slices.Equal(joined(whole.Import), joined(parts.Import)) || !slices.Equal(joined(whole.Export), joined(parts.Export)) {
			t.Fatalf("cut at %v: whole %v, parts %v", cut, joined(whole.Import), joined(parts.Import))
		}
	})
}

func TestExpand_NeverOverlapsAndCoversWhatItsInputsDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tariff, d := drawTariff(t)
		tariff.Versions = tariff.Versions[:1]
		tariff.Versions[0].Until = Date{}
		in := drawInputs(t, tariff.Zone, d)
		within := energy.Interval{Start: d.plus(-1).start(tariff.Zone), End: d.plus(2).start(tariff.Zone)}
		got, err := Expand(tariff, within, in)
		if err != nil {
			t.Fatal(err)
		}
		if err := got.Import.Validate(); err != nil {
			t.Fatal(err)
		}
		has := func(kind func(Component) bool) bool {
			return slices.ContainsFunc(tariff.Versions[0].Import.Components, kind)
		}
		if has(func(c Component) bool { return c.Tiers != nil }) {
			return // the minute oracle knows those
		}
		want := []energy.Interval(nil)
		if has(func(c Component) bool { return c.Spot != nil }) {
			want = in.Spot["spot"].Gaps(within)
		}
		same := func(a, b energy.Interval) bool { return a.Start.Equal(b.Start) && a.End.Equal(b.End) }
		if gaps := got.Import.Gaps(within); !slices.EqualFunc(gaps, want, same) {
			t.Fatalf("gaps %v, of the inputs %v", gaps, want)
		}
		if n := len(got.Import.Points); n > 0 && (got.Import.Points[0].Start.Before(within.Start) || got.Import.Points[n-1].End.After(within.End)) {
			t.Fatalf("%v reaches over %v", got.Import.Extent(), within)
		}
	})
}

func FuzzExpand(f *testing.F) {
	f.Add([]byte("a tariff"))
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		tariff, d := drawTariff(t)
		// Break it somewhere: what Validate lets through must expand, the rest must be refused.
		side := &tariff.Versions[0].Import
		c := &side.Components[0]
		switch rapid.IntRange(0, 6).Draw(t, "break") {
		case 0:
			side.VAT = Decimal(rapid.Int64().Draw(t, "anyVAT"))
		case 1:
			c.TimeOfUse = append([]Rule{{When{Days: Days(rapid.Uint8().Draw(t, "anyDays")), From: Clock(rapid.Int().Draw(t, "anyFrom")), To: Clock(rapid.Int().Draw(t, "anyTo")),
				Months: []time.Month{time.Month(rapid.IntRange(-1, 14).Draw(t, "anyMonth"))}}, 1}}, c.TimeOfUse...)
		case 2:
			tariff.Versions[0].From = Date{rapid.Int().Draw(t, "anyYear"), time.Month(rapid.Int().Draw(t, "anyMonth")), rapid.Int().Draw(t, "anyDay")}
		case 3:
			c.Tiers = append(c.Tiers, Tier{energy.WattHours(rapid.Float64().Draw(t, "anyLimit")), 1})
		case 4:
			tariff.Holidays.Country = rapid.SampledFrom([]string{"IT", "GB", "XX"}).Draw(t, "country")
		case 5:
			p := energy.Price(rapid.Int64().Draw(t, "anyPrice"))
			c.Fixed = &p
		}
		within := energy.Interval{
			Start: d.start(tariff.Zone).Add(time.Duration(rapid.Int64().Draw(t, "anyStart")) / 1000),
			End:   d.start(tariff.Zone).Add(time.Duration(rapid.Int64().Draw(t, "anyEnd")) / 1000),
		}
		got, err := Expand(tariff, within, drawInputs(t, tariff.Zone, d))
		if err != nil && got.Import.Points != nil {
			t.Fatal("prices and an error")
		}
		if tariff.Validate() != nil && err == nil {
			t.Fatal("expanded what Validate refuses")
		}
		if err := got.Import.Validate(); err != nil {
			t.Fatal(err)
		}
	}))
}
