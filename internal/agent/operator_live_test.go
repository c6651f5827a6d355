package agent

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
	"hearth/internal/agent/decide"
)

// What the demo's operator asks changes the plan of the home: the night alert empties its hours, the limit is kept, and
// on a day without sun and with one price the evening alert empties the evening. The page and the devices say so.
func TestOperator_TheDemosWordsChangeItsPlan(t *testing.T) {
	l := live(t, 17, 10, 600) // a quarter of an hour before the car comes home
	l.isReady()
	l.eventually(3*time.Hour, "the car waits because of the alert", func() bool {
		return strings.Contains(l.device("car").Why, "the grid's operator asks to shift use out of 18:00 to 20:00 (Flex alert)")
	})
	var titles []string
	for _, o := range l.agent.Home().Operator {
		titles = append(titles, o.Title)
		if o.Source == "" || o.Effect == "" || o.To == nil {
			t.Errorf("%+v", o)
		}
	}
	slices.Sort(titles)
	if got := strings.Join(slices.Compact(titles), ", "); got != "At most 5kW may be taken, Flex alert" {
		t.Errorf("the page shows %q", got)
	}
	if err := l.stop(); err != nil {
		t.Fatal(err)
	}
	first, in := l.firstAndLast()
	zone := l.cfg.Home.Zone
	without := in
	without.Orders = nil
	free, asked := l.planOf(without), l.planOf(in)
	night := energy.Span(time.Date(2026, 5, 13, 2, 0, 0, 0, zone), 2*time.Hour)
	if a, b := takenIn(asked, night), takenIn(free, night); b < 5000 || a > b-4000 {
		t.Errorf("from 02:00 to 04:00 %v are taken with the alert, %v without", a, b)
	}
	most := func(p *decide.Plan) energy.Watts { return slices.Max(p.Import[:24]) } // six hours
	if asked.Status == "relaxed" || most(asked) > 5000.5 {
		t.Errorf("%s, with up to %v", asked.Status, most(asked))
	}
	// Without sun, with an empty battery and one price all day, the evening is bought, and with the alert it is bought
	// before.
	grey := first
	grey.Orders, grey.Solar = nil, make([]energy.Watts, len(in.Solar))
	grey.ImportPrice = slices.Repeat([]energy.Price{energy.PriceOf(0.32)}, len(first.ImportPrice))
	grey.Observed = map[string]devices.Observation{"battery": {SoC: energy.Read(energy.SoC(0.12), grey.Now)}}
	free = l.planOf(grey)
	grey.Orders = in.Orders
	asked = l.planOf(grey)
	evening := energy.Span(time.Date(2026, 5, 12, 18, 0, 0, 0, zone), 2*time.Hour)
	if a, b := takenIn(asked, evening), takenIn(free, evening); a > b-300 {
		t.Errorf("from 18:00 to 20:00 %v are taken with the alert, %v without", a, b)
	}
}

// firstAndLast are what the first plan that knew an order, and the last one, were made from.
func (l *lived) firstAndLast() (first, last decide.Input) {
	l.Helper()
	always := energy.Interval{End: l.clock.Now().Add(time.Hour)}
	if err := l.openStore().Journal(inputJournal, always, func(_ time.Time, record []byte) bool {
		last = decide.Input{}
		l.unpack(record, &last)
		if last.Before = nil; len(first.Orders) == 0 {
			first = last
		}
		return true
	}); err != nil || len(first.Orders) == 0 {
		l.Fatalf("nobody asked for anything: %v", err)
	}
	return first, last
}

func (l *lived) planOf(in decide.Input) *decide.Plan {
	l.Helper()
	plan, err := l.agent.planner.Solve(l.Context(), in, l.agent.solverOptions())
	if err != nil {
		l.Fatal(err)
	}
	return plan
}

// takenIn is what a plan takes from the grid in an interval.
func takenIn(p *decide.Plan, i energy.Interval) (sum energy.WattHours) {
	for slot, w := range p.Import {
		if i.Contains(p.Problem.Grid.Slot(slot).Start) {
			sum += w.Over(p.Problem.Grid.Step)
		}
	}
	return sum
}
