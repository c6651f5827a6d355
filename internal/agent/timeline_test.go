package agent

import (
	"testing"
	"time"

	"hearth/api"
	"hearth/devices"
	"hearth/energy"
	"hearth/internal/config"
)

// The chart is today and tomorrow in local time, whole, whatever the clock does on these days.
func TestTimeline_DaysOf23And25Hours(t *testing.T) {
	for _, c := range []struct {
		zone, now string
		hours     int
	}{
		{"Europe/Berlin", "2026-03-28T20:00:00+01:00", 24 + 23}, {"Europe/Berlin", "2026-03-29T01:58:00+01:00", 23 + 24}, {"Europe/Berlin", "2026-03-29T20:00:00+02:00", 23 + 24},
		{"Europe/Berlin", "2026-10-24T20:00:00+02:00", 24 + 25}, {"Europe/Berlin", "2026-10-25T02:30:00+01:00", 25 + 24},
		{"America/New_York", "2026-03-07T20:00:00-05:00", 24 + 23}, {"America/New_York", "2026-11-01T23:58:00-05:00", 25 + 24},
		{"UTC", "2026-05-12T12:00:00Z", 48},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		d := atDesk(t, gridSpec())
		d.cfg.Home.Zone = zone
		d.clock.Set(now)
		v := d.follow("utility", "EUR")
		midnight := energy.Day(now, zone).Start
		prices := make([]float64, 60)
		for i := range prices {
			prices[i] = float64(i) / 100
		}
		v.Publish("PRICE", midnight, prices...)
		d.open().cycle(time.Second)
		now = d.clock.Now()
		tl := d.agent.Timeline()
		if got := tl.Span.End.Sub(tl.Span.Start); !tl.Span.Start.Equal(midnight) || got != time.Duration(c.hours)*time.Hour || tl.Span.End.In(zone).Format("15:04") != "00:00" {
			t.Errorf("%s: %+v, %v", c.now, tl.Span, got)
		}
		if len(tl.Prices) != 4*c.hours {
			t.Errorf("%s: %d quarter hours", c.now, len(tl.Prices))
		}
		at := tl.Span.Start
		for i, p := range tl.Prices {
			if !p.Start.Equal(at) || p.End.Sub(p.Start) != quarter || p.Import == nil || *p.Import != float64(i/4)/100 {
				t.Fatalf("%s: quarter %d is %+v at %v", c.now, i, p, at)
			}
			at = p.End
		}
		if len(tl.Actual) != 1 || len(tl.Actual[0].Power) != int((now.Sub(midnight)+quarter-1)/quarter) {
			t.Errorf("%s: %+v", c.now, tl.Actual)
		}
	}
}

func curve(t *testing.T, curves []api.Curve, name string) api.Curve {
	t.Helper()
	var found []api.Curve
	for _, c := range curves {
		if c.Name == name {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d curves named %s", len(found), name)
	}
	return found[0]
}

// What nobody has published is no price: the fallback tariff is for the plan, not for the page.
func TestTimeline_ShowsOnlyPublishedPrices(t *testing.T) {
	d := atDesk(t, gridSpec())
	v := d.follow("utility", "EUR")
	v.Publish("PRICE", noon, 0.25)
	v.Publish("GHG", noon.Add(time.Hour), 120)
	d.open().cycle(0)
	for _, p := range d.agent.Timeline().Prices {
		hour := p.Start.Sub(noon).Hours()
		if hasImport, hasCarbon := hour >= 0 && hour < 1, hour >= 1 && hour < 2; (p.Import != nil) != hasImport || (p.Carbon != nil) != hasCarbon || p.Export != nil {
			t.Errorf("at %v: %+v", p.Start, p)
		}
	}
}

// The planned powers add up as the house does: the grid is the sum of what is behind it.
func TestTimeline_PlannedCurvesAddUp(t *testing.T) {
	roof := config.Device{Name: "roof", Kind: config.Solar, MaxAge: time.Minute}
	d := cheapLater(t, gridSpec(), roof, boilerSpec(), batterySpec())
	d.cycle(0)
	plan := d.agent.Timeline().Plan
	if len(plan) != 4 {
		t.Fatalf("%d curves", len(plan))
	}
	grid, sun := curve(t, plan, "grid"), curve(t, plan, "solar")
	if !grid.Start.Equal(noon) || grid.Step != 900 || len(grid.Power) != 48 {
		t.Errorf("%v %v %d", grid.Start, grid.Step, len(grid.Power))
	}
	boiler, battery := curve(t, plan, "boiler"), curve(t, plan, "battery")
	for i := range grid.Power {
		if sum := 300 + *sun.Power[i] + *boiler.Power[i] + *battery.Power[i]; *grid.Power[i] < sum-1 || *grid.Power[i] > sum+1 {
			t.Errorf("slot %d: grid %v, the rest %v", i, *grid.Power[i], sum)
		}
	}
}

// Measured curves begin at midnight and end now, with nothing where nothing was measured; the house connection
// and the roof go by the names of the plan.
func TestTimeline_ActualIsWhatWasMeasuredToday(t *testing.T) {
	d := atDesk(t, config.Device{Name: "meter0", Kind: config.Grid, MaxAge: time.Minute}, config.Device{Name: "east", Kind: config.Solar, MaxAge: time.Minute}, boilerSpec())
	d.clock.Set(noon.Add(-15 * time.Hour)) // 21:00 the day before
	d.open().cycle(0)
	d.clock.Set(noon)
	d.fakes["east"].say(func(o *devices.Observation) { o.Power.Value = -1200 })
	d.cycle(time.Second)
	actual := d.agent.Timeline().Actual
	if len(actual) != 3 {
		t.Fatalf("%+v", actual)
	}
	sun := curve(t, actual, "solar")
	if !sun.Start.Equal(noon.Add(-12*time.Hour)) || len(sun.Power) != 49 || sun.Power[48] == nil || *sun.Power[48] != -1200 {
		t.Errorf("%v, %d quarters", sun.Start, len(sun.Power))
	}
	for i, p := range sun.Power[:48] {
		if p != nil {
			t.Errorf("quarter %d was not measured and is %v", i, *p)
		}
	}
	curve(t, actual, "grid")
	curve(t, actual, "boiler")
}

// The chart is drawn anew when there is something new to see, and its revision says so.
func TestTimeline_RevisionGrowsWhenSomethingIsNew(t *testing.T) {
	d := cheapLater(t, gridSpec(), boilerSpec())
	d.cycle(0)
	last := d.agent.Timeline().Revision
	for _, step := range []struct {
		name  string
		do    func()
		after time.Duration
		grows bool
	}{
		{"nothing", func() {}, 10 * time.Second, false},
		{"new prices", func() { d.prior["utility"].Publish("GHG", noon, 100); d.poll("utility") }, 10 * time.Second, true},
		{"nothing again", func() {}, 10 * time.Second, false},
		{"a new plan", func() {}, 5 * time.Minute, true},
		{"a new quarter hour", func() { d.cfg.Planning.Every = time.Hour }, 10 * time.Minute, true},
		{"within it", func() {}, time.Minute, false},
	} {
		step.do()
		d.cycle(step.after)
		now := d.agent.Timeline().Revision
		if (now == last+1) != step.grows || d.agent.Home().Revision != now {
			t.Errorf("%s: %d after %d, the page says %d", step.name, now, last, d.agent.Home().Revision)
		}
		last = now
	}
}
