package measured

import (
	"errors"
	"time"

	"hearth/api"
	"hearth/energy"
	"hearth/storage"
	"hearth/tariff"
)

// Energy is what the house connection has counted between two times, and what that has cost. Quarter hours that an end
// cuts count by their part.
func (l *Ledger) Energy(from, to time.Time) (api.Energy, error) {
	if l.grid.Name == "" {
		return api.Energy{}, errors.New("there is no meter at the house connection")
	}
	within := energy.Interval{Start: from, End: to}
	out := api.Energy{Span: api.Span{Start: from, End: to}}
	wide := energy.Interval{Start: from.Add(-quarter), End: to.Add(quarter)}
	sides := []struct {
		channel, price string
		most           energy.Watts
		into           **float64
		sign           energy.WattHours
	}{
		{".imported", importPriceChannel, l.cfg.Home.MaxImport, &out.Imported, 1},
		{".exported", exportPriceChannel, l.cfg.Home.MaxExport, &out.Exported, -1},
	}
	var cost float64
	var counted [2]energy.Series[energy.WattHours]
	isPriced := true
	for i, side := range sides {
		all, err := l.counted(l.grid.Name+side.channel, wide, side.most)
		if err != nil {
			return api.Energy{}, err
		}
		s := inside(all, within)
		if len(s.Points) == 0 {
			continue
		}
		part, sum := covered(s).Seconds()/within.Length().Seconds(), total(s)
		if *side.into = &sum; out.Coverage == 0 || part < out.Coverage {
			out.Coverage = part // of the side of which less is known
		}
		money, isWhole, err := l.worth(s, side.price)
		if err != nil {
			return api.Energy{}, err
		}
		cost += money * float64(side.sign)
		isPriced = isPriced && isWhole
		counted[i] = energy.Map(s, func(e energy.WattHours) energy.WattHours { return e * side.sign })
	}
	charges, err := l.charges(within, counted[0], counted[1])
	if err == nil && isPriced && out.Imported != nil {
		cost += charges.Float()
		out.Cost = &cost
	}
	return out, err
}

// inside is the part of counted energy that lies in an interval; what an end cuts counts by its part.
func inside(s energy.Series[energy.WattHours], within energy.Interval) energy.Series[energy.WattHours] {
	var out energy.Series[energy.WattHours]
	for _, p := range s.Points {
		part := p.Overlap(within)
		if part.IsEmpty() {
			continue
		}
		p.Value *= energy.WattHours(part.Length().Seconds() / p.Length().Seconds())
		p.Interval = part
		out.Points = append(out.Points, p)
	}
	return out
}

func covered(s energy.Series[energy.WattHours]) (sum time.Duration) {
	for _, p := range s.Points {
		sum += p.Length()
	}
	return sum
}

func total(s energy.Series[energy.WattHours]) (sum float64) {
	for _, p := range s.Points {
		sum += float64(p.Value)
	}
	return sum
}

// worth is energy at the prices that held in its quarter hours; false where one of them is not known and something has
// passed in it. What was counted over several is spread evenly.
func (l *Ledger) worth(s energy.Series[energy.WattHours], channel string) (money float64, isWhole bool, err error) {
	prices := map[int64]float64{}
	span := energy.Interval{Start: s.Extent().Start.Truncate(quarter), End: s.Extent().End}
	err = l.store.Rollups(channel, span, func(r storage.Rollup) bool {
		prices[r.Slot.Start.Unix()] = r.Mean()
		return true
	})
	isWhole = true
	for _, p := range s.Points {
		for at := p.Start.Truncate(quarter); at.Before(p.End); at = at.Add(quarter) {
			part := energy.Span(at, quarter).Overlap(p.Interval).Length().Seconds() / p.Length().Seconds()
			price, ok := prices[at.Unix()]
			isWhole = isWhole && (ok || p.Value == 0)
			money += price * float64(p.Value) / 1000 * part
		}
	}
	return money, isWhole, err
}

// charges is what the tariff wants besides the price of each kWh.
func (l *Ledger) charges(within energy.Interval, imported, exported energy.Series[energy.WattHours]) (sum energy.Money, err error) {
	if l.cfg.Tariff == nil {
		return 0, nil
	}
	account, err := tariff.Bill(*l.cfg.Tariff, within, tariff.Usage{Import: imported, Export: exported})
	for _, line := range account.Lines {
		if line.Energy == 0 {
			sum += line.Gross()
		}
	}
	return sum, err
}
