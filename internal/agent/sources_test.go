package agent

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
	"hearth/feeds"
	"hearth/internal/config"
	"hearth/tariff"
)

// publisher is a source at hand, with an account.
type publisher struct {
	about  feeds.About
	values feeds.Values
	err    error
	orders []feeds.Order
}

func (p *publisher) About() feeds.About { return p.about }

func (p *publisher) Fetch(context.Context, energy.Interval) (feeds.Values, error) {
	return p.values, p.err
}

func (p *publisher) Questions() []feeds.Question { return nil }

func (p *publisher) Orders() []feeds.Order { return p.orders }

// publishes adds a source to the configuration, before open.
func (d *desk) publishes(name string, use ...feeds.Kind) *publisher {
	p := &publisher{about: feeds.About{Kinds: feeds.Kinds, Zone: time.UTC, Currency: d.cfg.Home.Currency}}
	d.cfg.Sources = append(d.cfg.Sources, config.Source{
		Name: name, Use: use,
		Type: feeds.Type{Name: "test", Title: "A test", New: func(feeds.Settings, feeds.Net) (feeds.Source, error) { return p, nil }},
	})
	return p
}

// hourly is a series of hours from noon.
func hourly[T any](currency energy.Currency, values ...T) energy.Series[T] {
	s := energy.Series[T]{Currency: currency}
	for i, v := range values {
		s.Points = append(s.Points, energy.Point[T]{
			Interval: energy.Span(noon.Add(time.Duration(i)*time.Hour), time.Hour), Value: v,
			Origin: &energy.Origin{Source: "wire", Status: energy.Final, Fetched: noon},
		})
	}
	return s
}

func euro(amounts ...float64) energy.Series[energy.Price] {
	prices := make([]energy.Price, len(amounts))
	for i, a := range amounts {
		prices[i] = energy.PriceOf(a)
	}
	return hourly("EUR", prices...)
}

// fetch lets every source be asked once.
func (d *desk) fetch() {
	d.Helper()
	for _, k := range d.agent.sources {
		if err := k.Fetch(d.Context()); err != nil && feeds.KindOf(err) != feeds.NotYet {
			d.Log(err)
		}
	}
}

// VTNs come first, then the sources in their order, then the fallback.
func TestSources_FillWhatTheVTNsLeaveOpen(t *testing.T) {
	d := atDesk(t, gridSpec())
	d.follow("utility", "EUR").publish("PRICE", noon, 0.1)
	d.publishes("first").values = feeds.Values{Import: euro(0.5, 0.2)}
	d.publishes("second").values = feeds.Values{Import: euro(0.6, 0.6, 0.4), Carbon: hourly[energy.GramsPerKWh]("", 120)}
	d.open()
	d.fetch()
	d.expectPrices(map[float64]string{0: "utility/prices 0.1", 1: "first 0.2", 2: "second 0.4", 3: "fallback 0.3"})
	if got, _ := d.agent.readSignals(noon).Carbon.At(noon); got != 120 {
		t.Errorf("carbon %v", got)
	}
}

func TestSources_GiveOnlyWhatIsUsedOfThem(t *testing.T) {
	d := atDesk(t, gridSpec())
	d.publishes("green", feeds.Renewable).values = feeds.Values{
		Import: euro(0.5), Renewable: hourly[energy.Share]("", 0.75), Best: []energy.Interval{energy.Span(noon, time.Hour)},
	}
	d.open()
	d.fetch()
	d.expectPrices(map[float64]string{0: "fallback 0.3"})
	s := d.agent.readSignals(noon)
	if share, ok := s.Renewable.At(noon); !ok || share != 0.75 || len(s.Recommended) != 1 {
		t.Errorf("%+v", s)
	}
	if carbon, _ := s.Carbon.At(noon); carbon != 380 {
		t.Errorf("a share is no carbon unless the owner says what the rest emits: %v", carbon)
	}
	fossil := energy.GramsPerKWh(600)
	d.cfg.Fossil = &fossil
	if carbon, _ := d.agent.readSignals(noon).Carbon.At(noon); carbon != 150 {
		t.Errorf("a quarter of 600 g is %v", carbon)
	}
}

func TestSources_AreThereAfterARestartWithoutNetwork(t *testing.T) {
	d := atDesk(t, gridSpec())
	p := d.publishes("exchange")
	p.values = feeds.Values{Import: euro(0.5, 0.2)}
	d.open()
	d.fetch()
	p.err = errors.New("no network")
	d.open()
	d.expectPrices(map[float64]string{0: "exchange 0.5", 1: "exchange 0.2"})
	d.fetch()
	if h := d.cycle(10 * time.Second).health("source exchange"); h.OK || !strings.Contains(h.Text, "no network") || h.Since == nil {
		t.Errorf("%+v", h)
	}
	p.err = feeds.Fail(feeds.NotYet, "tomorrow is not out")
	d.fetch()
	if h := d.cycle(10 * time.Second).health("source exchange"); !h.OK {
		t.Errorf("what is not out yet is no trouble: %+v", h)
	}
	if all := d.agent.Sources(); len(all) != 1 || all[0].Covers[0].Count != 2 || all[0].Fault != string(feeds.NotYet) {
		t.Errorf("%+v", all)
	}
}

// Two sources of one roof stand in for each other, those of two roofs add up where both are known.
func TestSources_RoofsAddUp(t *testing.T) {
	d := atDesk(t, gridSpec())
	for name, c := range map[string]struct {
		roof   string
		values []energy.Watts
	}{"east": {"east", []energy.Watts{3000, 2000}}, "east-too": {"east", []energy.Watts{9000, 9000, 1000}}, "west": {"west", []energy.Watts{500, 600, 700, 800}}} {
		d.publishes(name, feeds.Solar).values = feeds.Values{Solar: hourly("", c.values...)}
		d.cfg.Sources[len(d.cfg.Sources)-1].Roof = c.roof
	}
	slices.SortFunc(d.cfg.Sources, func(a, b config.Source) int { return strings.Compare(a.Name, b.Name) })
	d.open()
	d.fetch()
	s := d.agent.readSignals(noon).Solar
	for hour, want := range []energy.Watts{3500, 2600, 1700} {
		if got, _ := s.At(noon.Add(time.Duration(hour) * time.Hour)); got != want {
			t.Errorf("in hour %d %v, want %v", hour, got, want)
		}
	}
	if _, ok := s.At(noon.Add(3 * time.Hour)); ok || len(s.Points) != 3 {
		t.Errorf("half a house is not the house: %v", s)
	}
	silent := d.publishes("north", feeds.Solar)
	d.cfg.Sources[len(d.cfg.Sources)-1].Roof = "north"
	d.open()
	d.fetch()
	if s := d.agent.readSignals(noon).Solar; len(s.Points) != 0 || silent.err != nil {
		t.Errorf("two roofs of three are not the house: %v", s)
	}
}

// flatTariff is a tariff on an exchange: twice its price and 10 ct, with 20 % VAT; peaks cost 2 EUR a kW.
func flatTariff() *tariff.Tariff {
	fixed, feedIn := energy.PriceOf(0.1), energy.PriceOf(0.07)
	return &tariff.Tariff{Zone: time.UTC, Currency: "EUR", Versions: []tariff.Version{{
		Import: tariff.Side{VAT: tariff.One / 5, Components: []tariff.Component{
			{Name: "energy", Spot: &tariff.Spot{Source: "exchange", Factor: 2 * tariff.One}}, {Name: "grid", Fixed: &fixed},
		}},
		Export: &tariff.Side{Components: []tariff.Component{{Name: "feed-in", Fixed: &feedIn}}},
		Peaks:  []tariff.Peak{{Name: "power", Price: energy.MoneyOf(2), Highest: 1, Averaging: time.Hour}},
	}}}
}

// What the rules ask for is no price by itself; where it is missing the price is missing.
func TestTariff_MakesThePriceOfTheHome(t *testing.T) {
	d := atDesk(t, gridSpec())
	d.cfg.Tariff = flatTariff()
	d.publishes("exchange").values = feeds.Values{Import: euro(0.1, -0.05)}
	d.publishes("other").values = feeds.Values{Import: euro(0.5, 0.5, 0.5, 0.5)} // nobody asks for it
	d.publishes("rate", feeds.ImportPrice).values = feeds.Values{Import: euro(0.9, 0.9, 0.9)}
	d.open()
	d.fetch()
	d.expectPrices(map[float64]string{0: "exchange 0.36", 1: "exchange 0", 2: "rate 0.9", 3: "fallback 0.3"})
	sell, ok := pointAt(d.agent.readSignals(noon).ExportPrice, noon)
	if !ok || sell.Value != energy.PriceOf(0.07) || sell.Origin.Source != "tariff" || sell.Origin.Status != energy.Final {
		t.Errorf("%+v", sell)
	}
	pays := d.agent.pays(noon)
	if len(pays.Import.Points) != 3 || pays.Import.Points[0].Value != energy.PriceOf(0.36) {
		t.Errorf("the fallback is nobody's word: %+v", pays.Import)
	}
}

func TestTariff_PeaksAndTiersGoByTheMeter(t *testing.T) {
	d := atDesk(t, gridSpec())
	d.cfg.Tariff = flatTariff()
	d.cfg.Tariff.Versions[0].Import.Components[0] = tariff.Component{Name: "energy", Tiers: []tariff.Tier{
		{UpTo: 10_000, Price: energy.PriceOf(0.1)}, {Price: energy.PriceOf(0.3)},
	}}
	d.clock.at = time.Date(2026, 5, 1, 0, 0, 5, 0, time.UTC)
	d.open()
	counter := energy.WattHours(1000)
	step := func(hours int, power energy.Watts) {
		for range hours * 6 {
			counter += power.Over(10 * time.Minute)
			d.fakes["grid"].say(func(o *devices.Observation) { o.Imported = known(counter) })
			d.cycle(10 * time.Minute)
		}
	}
	step(4, 2000)
	price := func() string { return d.pricesAt(d.clock.Now().Sub(noon).Hours())[0] }
	if got := price(); got != "tariff 0.24" {
		t.Errorf("after 8 kWh: %s", got)
	}
	step(2, 4000)
	if got := price(); got != "tariff 0.48" {
		t.Errorf("after 16 kWh: %s", got)
	}
	peak := d.agent.readSignals(d.clock.Now()).Peak
	if peak == nil || peak.Price != energy.MoneyOf(2.4) || peak.SoFar < 3900 || peak.SoFar > 4100 || peak.Averaging != time.Hour {
		t.Errorf("%+v", peak)
	}
	if p := d.agent.plan; p == nil || p.Problem.Peak.Price != energy.MoneyOf(2.4) {
		t.Errorf("the plan does not know it")
	}
	whole := d.agent.month.Start
	e, err := d.agent.Energy(whole, whole.Add(6*time.Hour))
	if err != nil || *e.Imported < 15_500 || *e.Imported > 16_100 || e.Coverage < 0.97 {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err := d.agent.Energy(whole.Add(-48*time.Hour), whole); err != nil || e.Imported != nil || e.Coverage != 0 {
		t.Errorf("what nobody has metered is not zero: %+v, %v", e, err)
	}
}

// A month of which the beginning was not metered has no tier.
func TestTariff_WithoutTheBeginningOfTheMonthTiersAreUnknown(t *testing.T) {
	d := atDesk(t, gridSpec())
	d.cfg.Tariff = flatTariff()
	d.cfg.Tariff.Versions[0].Import.Components[0] = tariff.Component{Name: "energy", Tiers: []tariff.Tier{
		{UpTo: 10_000, Price: energy.PriceOf(0.1)}, {Price: energy.PriceOf(0.3)},
	}}
	d.open()
	for range 12 {
		d.cycle(10 * time.Minute)
	}
	d.expectPrices(map[float64]string{2: "fallback 0.3"})
}

func TestOrders_AreCarriedOutWhenThereIsSomethingToDo(t *testing.T) {
	d := atDesk(t, gridSpec())
	p := d.publishes("account")
	p.values = feeds.Values{Import: euro(0.5)}
	d.publishes("exchange").values = feeds.Values{Import: euro(0.4, 0.3)}
	var sent []string
	var fails error
	text := "a"
	order := func(name string, isStanding bool) feeds.Order {
		return feeds.Order{Name: name, IsStanding: isStanding, Prepare: func(_ context.Context, _ feeds.Settings, pays feeds.Tariff) (feeds.Draft, error) {
			if p := pays.Import.Points; len(p) != 1 || p[0].Value != energy.PriceOf(0.3) {
				t.Errorf("what the account has said itself is no news to it: %+v", p)
			}
			return feeds.Draft{Text: "write " + text, Send: func(context.Context) (feeds.Table, error) {
				sent = append(sent, name)
				return feeds.Table{}, nil
			}}, fails
		}}
	}
	p.orders = []feeds.Order{order("contract", true), order("budget", false)}
	d.open()
	d.fetch()
	d.cycle(0)
	for range 3 {
		d.agent.order(t.Context(), d.agent.sources[0], *d.agent.tariff.Load())
	}
	if !slices.Equal(sent, []string{"contract"}) || d.says("order carried out", "source=account", "order=contract") != 1 {
		t.Errorf("sent %v", sent)
	}
	d.open() // what was sent is known after a restart
	d.fetch()
	d.cycle(0)
	d.agent.order(t.Context(), d.agent.sources[0], *d.agent.tariff.Load())
	text = "b"
	d.agent.order(t.Context(), d.agent.sources[0], *d.agent.tariff.Load())
	if !slices.Equal(sent, []string{"contract", "contract"}) {
		t.Errorf("after a restart and a change, sent %v", sent)
	}
	fails = errors.New("the publisher is asleep")
	d.agent.order(t.Context(), d.agent.sources[0], *d.agent.tariff.Load())
	if d.says("level=WARN", "order is not carried out", "asleep") != 1 {
		t.Error("nothing is said of an order that fails")
	}
}

// Sources of a spot price stand in for each other.
func TestTariff_TakesTheSpotPriceOfWhoeverHasIt(t *testing.T) {
	d := atDesk(t, gridSpec())
	d.cfg.Tariff = flatTariff()
	d.cfg.Tariff.Versions[0].Import.Components[0].Spot.Source = "exchange+backup"
	d.publishes("backup").values = feeds.Values{Import: euro(0.9, 0.2)}
	d.publishes("exchange").values = feeds.Values{Import: euro(0.1)}
	d.open()
	d.fetch()
	d.expectPrices(map[float64]string{0: "exchange 0.36", 1: "backup 0.6", 2: "fallback 0.3"})
}

// The charge that holds now is planned with, be another dearer later in the month.
func TestTariff_PeakIsOfTheVersionThatHoldsNow(t *testing.T) {
	d := atDesk(t, gridSpec())
	d.cfg.Tariff = flatTariff()
	change := tariff.Date{Year: 2026, Month: 5, Day: 13}
	later := d.cfg.Tariff.Versions[0]
	later.From, later.Peaks = change, []tariff.Peak{{Name: "power", Price: energy.MoneyOf(9), Highest: 1, Averaging: time.Hour}}
	d.cfg.Tariff.Versions[0].Until = change
	d.cfg.Tariff.Versions = append(d.cfg.Tariff.Versions, later)
	d.open()
	peak := d.agent.readSignals(noon).Peak
	if peak == nil || !peak.Slots[0] || peak.Price >= energy.MoneyOf(2.4) {
		t.Errorf("%+v", peak)
	}
}

// What passed while the agent was away at the beginning of the month is divided; a meter that is exchanged costs a
// quarter of an hour, and no power station stood in the cellar.
func TestTariff_TheMonthOutlivesAnAbsenceAndANewMeter(t *testing.T) {
	d := atDesk(t, gridSpec())
	d.cfg.Tariff = flatTariff()
	d.clock.at = time.Date(2026, 4, 30, 20, 0, 5, 0, time.UTC)
	d.open()
	counter, power := energy.WattHours(1000), energy.Watts(1000)
	step := func(n int, d2 time.Duration) {
		for range n {
			counter += power.Over(d2)
			d.fakes["grid"].say(func(o *devices.Observation) { o.Imported = known(counter) })
			d.cycle(d2)
		}
	}
	month := func() (energy.WattHours, bool) {
		in, _ := d.agent.month.used(d.clock.Now())
		return in.Value, in.Valid
	}
	step(21, 10*time.Minute) // to 23:30
	step(1, time.Hour)       // away over midnight
	step(9, 10*time.Minute)  // to 02:00
	if e, ok := month(); !ok || e < 1700 || e > 2100 {
		t.Errorf("two hours at 1 kW are %v, known: %v", e, ok)
	}
	for _, now := range []energy.WattHours{12_345_000, 5} { // new meters, with other numbers
		counter = now
		step(12, 10*time.Minute)
	}
	if e, ok := month(); !ok || e < 4500 || e > 6200 {
		t.Errorf("six hours at 1 kW are %v, known: %v", e, ok)
	}
	if peak := d.agent.readSignals(d.clock.Now()).Peak; peak.SoFar > 1500 {
		t.Errorf("a new meter is a peak of %v", peak.SoFar)
	}
}

// A day is reckoned at the prices that held, with what the contract wants besides.
func TestEnergy_CostsWhatThePricesWere(t *testing.T) {
	d := atDesk(t, gridSpec())
	fixed := energy.PriceOf(0.2)
	d.cfg.Tariff = &tariff.Tariff{Zone: time.UTC, Currency: "EUR", Versions: []tariff.Version{{
		Import: tariff.Side{Components: []tariff.Component{
			{Name: "energy", Fixed: &fixed}, {Name: "meter", Standing: &tariff.Standing{Per: tariff.PerDay, Amount: energy.MoneyOf(0.5)}},
		}},
		Export: &tariff.Side{Components: []tariff.Component{{Name: "feed-in", Fixed: &fixed}}},
	}}}
	midnight := time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC)
	d.clock.at = midnight.Add(-10 * time.Minute)
	d.open()
	in, out := energy.WattHours(5000), energy.WattHours(100)
	for range 24*6 + 3 {
		d.fakes["grid"].say(func(o *devices.Observation) { o.Imported, o.Exported = known(in), known(out) })
		d.cycle(10 * time.Minute)
		in, out = in+100, out+50
	}
	e, err := d.agent.Energy(midnight, midnight.Add(24*time.Hour))
	if err != nil || e.Cost == nil || e.Coverage < 0.99 {
		t.Fatalf("%+v, %v", e, err)
	}
	if want := 14.4*0.2 - 7.2*0.2 + 0.5; *e.Cost < want-0.03 || *e.Cost > want+0.03 {
		t.Errorf("cost %v, want %v", *e.Cost, want)
	}
	if e, err := d.agent.Energy(midnight.Add(-48*time.Hour), midnight.Add(24*time.Hour)); err != nil || e.Coverage > 0.4 {
		t.Errorf("two days were not metered: %+v, %v", e, err)
	}
}

// What passed at a time without a price has cost nobody knows what.
func TestEnergy_WithoutAPriceHasNoCost(t *testing.T) {
	d := atDesk(t, gridSpec())
	d.publishes("exchange").values = feeds.Values{Import: euro(0.1)}
	d.open()
	d.fetch()
	in := energy.WattHours(5000)
	for range 18 {
		d.fakes["grid"].say(func(o *devices.Observation) { o.Imported, o.Exported = known(in), known(energy.WattHours(7)) })
		d.cycle(10 * time.Minute)
		in += 100
	}
	if e, err := d.agent.Energy(noon.Add(10*time.Minute), noon.Add(time.Hour)); err != nil || e.Cost == nil || *e.Cost < 0.04 || *e.Cost > 0.06 {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err := d.agent.Energy(noon.Add(10*time.Minute), noon.Add(2*time.Hour)); err != nil || e.Cost != nil || e.Imported == nil {
		t.Errorf("%+v, %v", e, err)
	}
}
