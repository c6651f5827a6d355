package agent

import (
	"errors"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/config"
)

// pricesAt reads the import price and its source at hours after noon.
func (d *desk) pricesAt(hours ...float64) (out []string) {
	d.Helper()
	s := d.agent.readSignals(d.clock.Now())
	for _, h := range hours {
		p, ok := pointAt(s.ImportPrice, noon.Add(time.Duration(h*float64(time.Hour))))
		if !ok {
			out = append(out, "none")
			continue
		}
		out = append(out, p.Origin.Source+" "+p.Value.String())
	}
	return out
}

func (d *desk) expectPrices(want map[float64]string) {
	d.Helper()
	for hour, w := range want {
		if got := d.pricesAt(hour); got[0] != w {
			d.Errorf("at +%vh: %s, want %s", hour, got[0], w)
		}
	}
}

// The first VTN wins where it speaks, the second fills its gaps, the fallback fills theirs.
//
//	first    [0.1)      [0.1)
//	second   [0.2 0.2 0.2)
//	           noon+0 1 2 3
func TestSignals_PreferTheFirstVTN(t *testing.T) {
	d := atDesk(t, gridSpec())
	first, second := d.follow("first", "EUR"), d.follow("second", "EUR")
	first.publish("PRICE", noon, 0.1)
	first.publish("PRICE", noon.Add(3*time.Hour), 0.1)
	second.publish("PRICE", noon, 0.2, 0.2, 0.2)
	d.open()
	d.expectPrices(map[float64]string{0.5: "first/prices 0.1", 1: "second/prices 0.2", 2.9: "second/prices 0.2", 3: "first/prices 0.1", 4: "fallback 0.3", -1: "fallback 0.3"})
	// Each kind of signal for itself: nobody publishes export prices or carbon here.
	s := d.agent.readSignals(noon)
	if p, ok := pointAt(s.ExportPrice, noon); !ok || p.Value != energy.PriceOf(0.08) || p.Origin.Status != energy.Assumed {
		t.Errorf("export %+v", p)
	}
	if p, ok := pointAt(s.Carbon, noon); !ok || p.Value != 380 || !isAssumed(p.Origin) {
		t.Errorf("carbon %+v", p)
	}
}

func TestSignals_FallbackIsMarkedAndMayBeMissing(t *testing.T) {
	d := atDesk(t, gridSpec()).open()
	p, ok := pointAt(d.agent.readSignals(noon).ImportPrice, noon)
	if !ok || p.Origin.Status != energy.Assumed || p.Origin.Source != assumed {
		t.Errorf("%+v", p)
	}
	// It covers all that is planned and shown.
	s := d.agent.readSignals(noon).ImportPrice
	if within := (energy.Interval{Start: noon.Add(-12 * time.Hour), End: noon.Add(48 * time.Hour)}); len(s.Gaps(within)) != 0 {
		t.Errorf("gaps %v", s.Gaps(within))
	}
	d.cfg.Fallback = config.Fallback{}
	if s := d.agent.readSignals(noon); len(s.ImportPrice.Points)+len(s.ExportPrice.Points)+len(s.Carbon.Points) != 0 {
		t.Errorf("%+v", s)
	}
	if got := flat[energy.Price](nil, energy.Span(noon, time.Hour), "EUR"); len(got.Points) != 0 || got.Currency != "" {
		t.Errorf("%+v", got)
	}
}

// A VTN in another currency than the home's is left out and named; said once, and once when it is over.
func TestSignals_AForeignCurrencyIsLeftOutAndSaidOnce(t *testing.T) {
	d := atDesk(t, gridSpec())
	abroad, ours := d.follow("abroad", "USD"), d.follow("ours", "EUR")
	abroad.publish("PRICE", noon, 0.05, 0.05)
	ours.publish("PRICE", noon, 0.2)
	d.open()
	for range 5 {
		d.cycle(10 * time.Second)
	}
	d.expectPrices(map[float64]string{0: "ours/prices 0.2", 1: "fallback 0.3"})
	const said = "prices in a foreign currency are not used"
	if n := d.says("level=WARN", said, "source=abroad", "currency=USD"); n != 1 || d.says(said) != 1 {
		t.Errorf("said %d times of abroad, %d in all", n, d.says(said))
	}
	abroad.events = nil
	abroad.publish("GHG", noon, 100, 100)
	d.poll("abroad")
	d.cycle(10 * time.Second)
	if d.says("level=INFO", "over: "+said) != 1 {
		t.Error("it is over, and not said")
	}
	// Grams have no currency: they are taken from wherever they come.
	if v, ok := d.agent.readSignals(noon).Carbon.At(noon); !ok || v != 100 {
		t.Errorf("carbon %v, %v", v, ok)
	}
}

func TestSignals_RevisionGrowsWithWhatIsSaid(t *testing.T) {
	d := atDesk(t, gridSpec())
	first, second := d.follow("first", "EUR"), d.follow("second", "EUR")
	d.open()
	last := d.agent.signalRevision(noon)
	for _, step := range []struct {
		name  string
		do    func()
		grows bool
	}{
		{"nothing", func() {}, false},
		{"the first speaks", func() { first.publish("PRICE", noon, 0.1) }, true},
		{"nothing new", func() {}, false},
		{"the second speaks", func() { second.publish("PRICE", noon, 0.1) }, true},
		{"the first is down", func() { first.err = errors.New("down") }, false},
		{"both withdraw", func() { first.err, first.events, second.events = nil, nil, nil }, true},
	} {
		step.do()
		d.clock.move(48 * time.Hour) // what was published is over, and may be withdrawn
		d.poll("first")
		d.poll("second")
		now := d.agent.signalRevision(d.clock.Now())
		if (now > last) != step.grows || now < last {
			t.Errorf("%s: %d after %d", step.name, now, last)
		}
		last = now
	}
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
