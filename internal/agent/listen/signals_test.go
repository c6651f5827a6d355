package listen

import (
	"errors"
	"testing"
	"time"

	"hearth/energy"
	"hearth/internal/config"
)

// The first VTN wins where it speaks, the second fills its gaps, the fallback fills theirs.
//
//	first    [0.1)      [0.1)
//	second   [0.2 0.2 0.2)
//	           noon+0 1 2 3
func TestSignals_PreferTheFirstVTN(t *testing.T) {
	d := atTable(t)
	first, second := d.follow("first", "EUR"), d.follow("second", "EUR")
	first.Publish("PRICE", noon, 0.1)
	first.Publish("PRICE", noon.Add(3*time.Hour), 0.1)
	second.Publish("PRICE", noon, 0.2, 0.2, 0.2)
	d.open()
	d.expectPrices(map[float64]string{0.5: "first/prices 0.1", 1: "second/prices 0.2", 2.9: "second/prices 0.2", 3: "first/prices 0.1", 4: "fallback 0.3", -1: "fallback 0.3"})
	// Each kind of signal for itself: nobody publishes export prices or carbon here.
	s := d.signals(noon)
	if p, ok := at(s.ExportPrice, noon); !ok || p.Value != energy.PriceOf(0.08) || p.Origin.Status != energy.Assumed {
		t.Errorf("export %+v", p)
	}
	if p, ok := at(s.Carbon, noon); !ok || p.Value != 380 || !IsAssumed(p.Origin) {
		t.Errorf("carbon %+v", p)
	}
}

func TestSignals_FallbackIsMarkedAndMayBeMissing(t *testing.T) {
	d := atTable(t).open()
	p, ok := at(d.signals(noon).ImportPrice, noon)
	if !ok || p.Origin.Status != energy.Assumed || p.Origin.Source != Fallback {
		t.Errorf("%+v", p)
	}
	// It covers all that is planned and shown.
	s := d.signals(noon).ImportPrice
	if within := (energy.Interval{Start: noon.Add(-12 * time.Hour), End: noon.Add(48 * time.Hour)}); len(s.Gaps(within)) != 0 {
		t.Errorf("gaps %v", s.Gaps(within))
	}
	d.cfg.Fallback = config.Fallback{}
	if s := d.signals(noon); len(s.ImportPrice.Points)+len(s.ExportPrice.Points)+len(s.Carbon.Points) != 0 {
		t.Errorf("%+v", s)
	}
	if got := flat[energy.Price](nil, energy.Span(noon, time.Hour), "EUR"); len(got.Points) != 0 || got.Currency != "" {
		t.Errorf("%+v", got)
	}
}

// A VTN in another currency than the home's is left out and named; said once, and once when it is over.
func TestSignals_AForeignCurrencyIsLeftOutAndSaidOnce(t *testing.T) {
	d := atTable(t)
	abroad, ours := d.follow("abroad", "USD"), d.follow("ours", "EUR")
	abroad.Publish("PRICE", noon, 0.05, 0.05)
	ours.Publish("PRICE", noon, 0.2)
	d.open()
	for range 5 {
		d.clock.Move(10 * time.Second)
		d.signals(d.clock.Now())
	}
	d.expectPrices(map[float64]string{0: "ours/prices 0.2", 1: "fallback 0.3"})
	const said = "prices in a foreign currency are not used"
	if n := d.log.Says("level=WARN", said, "source=abroad", "currency=USD"); n != 1 || d.log.Says(said) != 1 {
		t.Errorf("said %d times of abroad, %d in all", n, d.log.Says(said))
	}
	abroad.Said = nil
	abroad.Publish("GHG", noon, 100, 100)
	d.poll("abroad")
	d.clock.Move(10 * time.Second)
	d.signals(d.clock.Now())
	if d.log.Says("level=INFO", "over: "+said) != 1 {
		t.Error("it is over, and not said")
	}
	// Grams have no currency: they are taken from wherever they come.
	if v, ok := d.signals(noon).Carbon.At(noon); !ok || v != 100 {
		t.Errorf("carbon %v, %v", v, ok)
	}
}

func TestSignals_RevisionGrowsWithWhatIsSaid(t *testing.T) {
	d := atTable(t)
	first, second := d.follow("first", "EUR"), d.follow("second", "EUR")
	d.open()
	last := d.chorus.Revision(noon)
	for _, step := range []struct {
		name  string
		do    func()
		grows bool
	}{
		{"nothing", func() {}, false},
		{"the first speaks", func() { first.Publish("PRICE", noon, 0.1) }, true},
		{"nothing new", func() {}, false},
		{"the second speaks", func() { second.Publish("PRICE", noon, 0.1) }, true},
		{"the first is down", func() { first.Err = errors.New("down") }, false},
		{"both withdraw", func() { first.Err, first.Said, second.Said = nil, nil, nil }, true},
	} {
		step.do()
		d.clock.Move(48 * time.Hour) // what was published is over, and may be withdrawn
		d.poll("first")
		d.poll("second")
		now := d.chorus.Revision(d.clock.Now())
		if (now > last) != step.grows || now < last {
			t.Errorf("%s: %d after %d", step.name, now, last)
		}
		last = now
	}
}
