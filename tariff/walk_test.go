package tariff

import (
	"math/big"
	"sync"
	"testing"
	"time"

	"hearth/energy"

	"pgregory.net/rapid"
)

// A day of the market has 92, 96 or 100 quarter hours; each keeps its price, in order, at its instant.
func TestExpand_KeepsEveryQuarterOfALongOrShortDay(t *testing.T) {
	for _, s := range strange {
		z, d := zone(t, s.zone), date(s.day)
		day := energy.Interval{Start: d.start(z), End: d.plus(1).start(z)}
		spot := quarters(day)
		for i := range spot.Points {
			spot.Points[i].Value = energy.Price(i) * 1e9
		}
		tariff := simple(z, Component{Name: "spot", Spot: &Spot{Source: "x", Factor: 2 * One}})
		got := expand(t, tariff, day, Inputs{Spot: map[string]energy.Series[energy.Price]{"x": spot}}).Import
		if len(got.Points) != int(day.Length()/(15*time.Minute)) {
			t.Errorf("%s %s: %d points in %v", s.zone, s.day, len(got.Points), day.Length())
			continue
		}
		for i, p := range got.Points {
			if p.Value != energy.Price(i)*2e9 || !p.Start.Equal(spot.Points[i].Start) {
				t.Errorf("%s %s: point %d is %v", s.zone, s.day, i, p)
			}
		}
	}
}

// Kathmandu is 5:45 from Greenwich: whole hours there are not whole hours elsewhere.
func TestPeak_BlocksBeginAtLocalMidnight(t *testing.T) {
	z := zone(t, "Asia/Kathmandu")
	tariff := withPeak(z, Peak{Price: amount("31"), Highest: 1, Averaging: time.Hour})
	day := between(t, z, "2026-05-12", "2026-05-13")
	used := metered(day.Start, 15*time.Minute, 0, 0, 0, 1000, 1000, 0, 0, 0) // 1 kW each hour, 2 kW over its end
	if a := bill(t, tariff, day, Usage{Import: used}); a.Lines[1].Net != amount("1") {
		t.Errorf("%v for a day of the month", a.Lines[1].Net)
	}
}

// Lines of an interval are those of its parts, for all that is not a peak. Each is rounded once.
func TestBill_OfASpanIsThatOfItsParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tariff, d := drawTariff(t)
		in := drawInputs(t, tariff.Zone, d)
		start, end := d.plus(-1).start(tariff.Zone), d.plus(2).start(tariff.Zone)
		usage := Usage{Spot: in.Spot}
		used := make(map[time.Time]energy.WattHours)
		sum, month := energy.WattHours(0), dateOf(start.In(tariff.Zone)).firstOfMonth()
		for at := start; at.Before(end); at = at.Add(30 * time.Minute) {
			if m := dateOf(at.In(tariff.Zone)).firstOfMonth(); m != month {
				sum, month = 0, m
			}
			used[at] = sum
			e := energy.WattHours(rapid.IntRange(0, 9000).Draw(t, "e"))
			sum += e
			usage.Import.Points = append(usage.Import.Points, energy.Point[energy.WattHours]{Interval: energy.Span(at, 30*time.Minute), Value: e})
		}
		cut := start.Add(time.Duration(rapid.IntRange(1, 120).Draw(t, "cut")) * 30 * time.Minute)
		total := func(from, to time.Time) energy.Money {
			usage.ImportedBefore = used[from]
			a, err := Bill(tariff, energy.Interval{Start: from, End: to}, usage)
			if err != nil {
				t.Fatal(err)
			}
			return a.Total
		}
		for _, v := range tariff.Versions {
			if v.From.compare(d) > 0 {
				return // what is used between two versions counts for no tier
			}
		}
		if off := total(start, end) - total(start, cut) - total(cut, end); off > 100 || off < -100 {
			t.Fatalf("cut at %v: off by %v", cut, off)
		}
	})
}

// Tiers by hand: each watt-hour for itself.
func TestBill_TiersAreThoseOfEachWattHour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tiers := []Tier{{20, drawPrice(t)}, {50, drawPrice(t)}, {0, drawPrice(t)}}
		used, e := rapid.IntRange(0, 80).Draw(t, "used"), rapid.IntRange(0, 80).Draw(t, "e")
		want := new(big.Int)
		for i := used; i < used+e; i++ {
			tier := tiers[2]
			if i < 20 {
				tier = tiers[0]
			} else if i < 50 {
				tier = tiers[1]
			}
			var p big.Int
			exactly(&p, tier.Price)
			want.Add(want, p.Mul(&p, big.NewInt(microPerWh)))
		}
		var got, earned big.Int
		split(&got, tiers, micro(energy.WattHours(used)), micro(energy.WattHours(e)))
		split(&earned, tiers, micro(energy.WattHours(used)), -micro(energy.WattHours(e)))
		if got.Cmp(want) != 0 || earned.Neg(&earned).Cmp(want) != 0 {
			t.Fatalf("%v, given %v, by hand %v", &got, &earned, want)
		}
	})
}

func TestHalfEven_IsTheNearest(t *testing.T) {
	for _, c := range []struct{ v, d, want int64 }{
		{5, 2, 2}, {7, 2, 4}, {-5, 2, -2}, {-7, 2, -4}, {-1, 2, 0}, {1, 2, 0}, {3, 2, 2}, {4, 3, 1}, {5, 3, 2}, {-4, 3, -1}, {-5, 3, -2}, {0, 7, 0},
	} {
		v := big.NewInt(c.v)
		if halfEven(v, big.NewInt(c.d)); v.Int64() != c.want {
			t.Errorf("%d/%d is %v, want %d", c.v, c.d, v, c.want)
		}
	}
}

// A tariff is shared: nothing that is computed from it may be kept in it.
func TestExpand_MayRunManyTimesAtOnce(t *testing.T) {
	z := zone(t, "Europe/Rome")
	tariff, week := everything(z), between(t, z, "2026-03-26", "2026-04-09")
	in := Inputs{Spot: map[string]energy.Series[energy.Price]{"day_ahead": quarters(week)}}
	want := draw(expand(t, tariff, week, in).Import, z)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			p, err := Expand(tariff, week, in)
			if err != nil || draw(p.Import, z) != want {
				t.Error("another answer beside others", err)
			}
		})
	}
	all.Wait()
}

// Mo 1 June, tu 2 June (a holiday), and the nights over them, for each kind of day a rule may name.
func TestWhen_HoldsOnTheDaysItNames(t *testing.T) {
	z := zone(t, "Europe/Rome")
	for _, c := range []struct {
		days Days
		want string
	}{
		{0, "00:00 1"},
		{Monday, "00:00 0|00:00 1|00:00 0"},
		{Tuesday, "00:00 0|00:00 1|00:00 0"},
		{Tuesday | Holiday, "00:00 0|00:00 1|00:00 0"},
		{Monday | Holiday, "00:00 0|00:00 1|00:00 0"},
		{Wednesday, "00:00 0|00:00 1"},
	} {
		rules := []Rule{rule(c.days, "00:00", "24:00", "1")}
		if c.days != 0 {
			rules = append(rules, rule(0, "00:00", "24:00", "0"))
		}
		tariff := simple(z, Component{Name: "n", TimeOfUse: rules})
		tariff.Holidays = italy
		if got := draw(expand(t, tariff, between(t, z, "2026-05-31", "2026-06-04"), Inputs{}).Import, z); got != c.want {
			t.Errorf("%b: %s, want %s", c.days, got, c.want)
		}
	}
}
