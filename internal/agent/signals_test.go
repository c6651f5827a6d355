package agent

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
	"hearth/feeds"
	"hearth/internal/agent/decide"
	"hearth/internal/agent/hand"
	"hearth/internal/config"
	"hearth/openadr"
	"hearth/tariff"
)

// pricesAt reads the import price and its source at hours after noon.
func (d *desk) pricesAt(hours ...float64) []string {
	d.Helper()
	return hand.PricesAt(d.agent.signals(d.clock.Now()).ImportPrice, noon, hours...)
}

func (d *desk) expectPrices(want map[float64]string) {
	d.Helper()
	for hour, w := range want {
		if got := d.pricesAt(hour); got[0] != w {
			d.Errorf("at +%vh: %s, want %s", hour, got[0], w)
		}
	}
}

// publishes adds a source to the configuration, before open.
func (d *desk) publishes(name string) *hand.Source {
	s := &hand.Source{Is: feeds.About{Kinds: feeds.Kinds, Zone: time.UTC, Currency: d.cfg.Home.Currency}}
	d.cfg.Sources = append(d.cfg.Sources, config.Source{Name: name, Type: s.Type()})
	return s
}

// euro is prices of hours from noon.
func euro(amounts ...float64) energy.Series[energy.Price] { return hand.Euro(noon, amounts...) }

// tiered is a tariff of 10 ct for the first 10 kWh of a month and 30 ct beyond, with 10 ct for the grid and 20 % VAT;
// peaks cost 2 EUR a kW.
func tiered() *tariff.Tariff {
	fixed, feedIn := energy.PriceOf(0.1), energy.PriceOf(0.07)
	return &tariff.Tariff{Zone: time.UTC, Currency: "EUR", Versions: []tariff.Version{{
		Import: tariff.Side{VAT: tariff.One / 5, Components: []tariff.Component{
			{Name: "energy", Tiers: []tariff.Tier{{UpTo: 10_000, Price: energy.PriceOf(0.1)}, {Price: energy.PriceOf(0.3)}}},
			{Name: "grid", Fixed: &fixed},
		}},
		Export: &tariff.Side{Components: []tariff.Component{{Name: "feed-in", Fixed: &feedIn}}},
		Peaks:  []tariff.Peak{{Name: "power", Price: energy.MoneyOf(2), Highest: 1, Averaging: time.Hour}},
	}}}
}

// What the house takes and the roof gives is expected from what was measured; the roof's with the sign of a forecast.
func TestSignals_ExpectWhatWasMeasured(t *testing.T) {
	d := atDesk(t, gridSpec(), config.Device{Name: "roof", Kind: config.Solar, MaxAge: time.Minute})
	d.open()
	if s := d.agent.expect(decide.Signals{}, noon); len(s.Solar.Points)+len(s.BaseLoad.Points) != 0 {
		t.Error("before anything was measured nothing is expected")
	}
	d.fakes["roof"].say(func(o *devices.Observation) { o.Power.Value = -3000 })
	d.fakes["grid"].say(func(o *devices.Observation) { o.Power.Value = -2600 })
	for range 20 {
		d.cycle(time.Minute)
	}
	d.cycle(24*time.Hour - 20*time.Minute) // the same time of the next day
	s := d.agent.expect(decide.Signals{}, d.clock.Now())
	if len(s.Solar.Points) == 0 || s.Solar.Points[0].Value != 3000 {
		t.Errorf("solar %+v", s.Solar.Points)
	}
	if len(s.BaseLoad.Points) == 0 || s.BaseLoad.Points[0].Value != 400 {
		t.Errorf("base load %+v", s.BaseLoad.Points)
	}
	if got := d.agent.plan.Problem.Solar[0]; got != 3000 {
		t.Errorf("planned with %v of sun", got)
	}
}

func TestFirst_IsTheFirstOfItsKind(t *testing.T) {
	d := atDesk(t, gridSpec(), boilerSpec(), config.Device{Name: "second", Kind: config.Load, Load: boilerSpec().Load, MaxAge: time.Minute})
	d.open()
	for kind, want := range map[config.Kind]string{config.Grid: "grid", config.Load: "boiler", config.Solar: ""} {
		if got := d.agent.first(kind); got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	if d.agent.maxAge("grid") != time.Minute || d.agent.maxAge("nobody") != 0 {
		t.Errorf("%v %v", d.agent.maxAge("grid"), d.agent.maxAge("nobody"))
	}
}

func TestSources_AreThereAfterARestartWithoutNetwork(t *testing.T) {
	d := atDesk(t, gridSpec())
	p := d.publishes("exchange")
	p.Says = feeds.Values{Import: euro(0.5, 0.2)}
	d.open()
	d.agent.chorus.AskAll(d.Context())
	p.Err = errors.New("no network")
	d.open()
	d.expectPrices(map[float64]string{0: "exchange 0.5", 1: "exchange 0.2"})
	d.agent.chorus.AskAll(d.Context())
	if h := d.cycle(10 * time.Second).health("source exchange"); h.OK || !strings.Contains(h.Text, "no network") || h.Since == nil {
		t.Errorf("%+v", h)
	}
	p.Err = feeds.Fail(feeds.NotYet, "tomorrow is not out")
	d.agent.chorus.AskAll(d.Context())
	if h := d.cycle(10 * time.Second).health("source exchange"); !h.OK {
		t.Errorf("what is not out yet is no trouble: %+v", h)
	}
	if all := d.agent.Sources(); len(all) != 1 || all[0].Covers[0].Count != 2 || all[0].Fault != string(feeds.NotYet) {
		t.Errorf("%+v", all)
	}
}

func TestTariff_PeaksAndTiersGoByTheMeter(t *testing.T) {
	d := atDesk(t, gridSpec())
	d.cfg.Tariff = tiered()
	d.clock.Set(time.Date(2026, 5, 1, 0, 0, 5, 0, time.UTC))
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
	peak := d.agent.signals(d.clock.Now()).Peak
	if peak == nil || peak.Price != energy.MoneyOf(2.4) || peak.SoFar < 3900 || peak.SoFar > 4100 || peak.Averaging != time.Hour {
		t.Errorf("%+v", peak)
	}
	if p := d.agent.plan; p == nil || p.Problem.Peak.Price != energy.MoneyOf(2.4) {
		t.Errorf("the plan does not know it")
	}
	whole := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
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
	d.cfg.Tariff = tiered()
	d.open()
	for range 12 {
		d.cycle(10 * time.Minute)
	}
	d.expectPrices(map[float64]string{2: "fallback 0.3"})
}

// What passed while the agent was away at the beginning of the month is divided; a meter that is exchanged costs a
// quarter of an hour, and no power station stood in the cellar.
func TestTariff_TheMonthOutlivesAnAbsenceAndANewMeter(t *testing.T) {
	d := atDesk(t, gridSpec())
	d.cfg.Tariff = tiered()
	d.clock.Set(time.Date(2026, 4, 30, 20, 0, 5, 0, time.UTC))
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
		in, _ := d.agent.ledger.Used(d.clock.Now())
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
	if peak := d.agent.signals(d.clock.Now()).Peak; peak.SoFar > 1500 {
		t.Errorf("a new meter is a peak of %v", peak.SoFar)
	}
}

// What sources say is written down as it holds: what passed at a time without a price has cost nobody knows what.
func TestCycle_NotesWhatEnergyCosts(t *testing.T) {
	d := atDesk(t, gridSpec())
	d.publishes("exchange").Says = feeds.Values{Import: euro(0.1)}
	d.open()
	d.agent.chorus.AskAll(d.Context())
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

// Standing orders go by what the home pays by the newest signals.
func TestCycle_TellsStandingOrdersWhatTheHomePays(t *testing.T) {
	d := atDesk(t, gridSpec())
	d.publishes("exchange").Says = feeds.Values{Import: euro(0.4, 0.3)}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var told []energy.Point[energy.Price]
	d.publishes("account").Takes = []feeds.Order{{Name: "contract", IsStanding: true, Prepare: func(_ context.Context, _ feeds.Settings, pays feeds.Tariff) (feeds.Draft, error) {
		told = pays.Import.Points
		cancel()
		return feeds.Draft{}, nil
	}}}
	d.open()
	d.agent.chorus.AskAll(t.Context())
	d.cycle(0)
	loops := d.agent.chorus.Loops()
	if orders := loops[len(loops)-1]; orders.Name != "orders" || len(loops) != 3 || orders.Run(ctx) == nil {
		t.Errorf("%+v", loops)
	}
	if len(told) != 2 || told[0].Value != energy.PriceOf(0.4) {
		t.Errorf("told %+v", told)
	}
}

// The operator's word narrows the plan within one cycle; the page says why, and what was announced.
func TestSignals_ALimitNarrowsThePlanInTheNextCycle(t *testing.T) {
	d := atDesk(t, gridSpec(), boilerSpec())
	utility := d.follow("utility", "EUR")
	utility.Publish("PRICE", noon, 0.1, 0.4, 0.4, 0.4, 0.4, 0.4)
	d.open()
	d.cycle(0)
	if first := d.agent.plan.Import[0]; first < 1900 {
		t.Fatalf("the cheap hour is not used: %v", d.agent.plan.Import)
	}
	utility.Publish("IMPORT_CAPACITY_LIMIT", noon, 1.5)
	utility.Said = append(utility.Said, warning(t, noon.Add(time.Hour)))
	d.poll("utility")
	d.cycle(10 * time.Second)
	for slot, w := range d.agent.plan.Import[:4] {
		if w > 1500.001 {
			t.Errorf("slot %d imports %v", slot, w)
		}
	}
	var said []string
	for _, o := range d.agent.Home().Operator {
		said = append(said, o.Title+" from "+o.From.Format("15:04")+" to "+o.To.Format("15:04")+": "+o.Text)
	}
	want := []string{"At most 1.5kW may be taken from 12:00 to 13:00: ", "Flex alert from 13:00 to 15:00: Please use less"}
	if !slices.Equal(said, want) {
		t.Errorf("%q, want %q", said, want)
	}
	if why := d.device("boiler").Why; !strings.Contains(why, "the grid's operator allows the home 1.5kW now") {
		t.Errorf("the boiler says %q", why)
	}
}

// warning is an alert of two hours.
func warning(t *testing.T, from time.Time) (e openadr.Event) {
	t.Helper()
	text := `{"id":"w","programID":"p","intervalPeriod":{"start":"` + from.UTC().Format(time.RFC3339) + `","duration":"PT2H"},
		"intervals":[{"id":0,"payloads":[{"type":"ALERT_FLEX_ALERT","values":["Please use less"]}]}]}`
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	return e
}
