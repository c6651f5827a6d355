package agent

import (
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
	"hearth/internal/agent/metrics"
	"hearth/internal/config"
)

func sampled(d *desk) metrics.Sample {
	c := &cycleView{signals: d.agent.signals(d.clock.Now()), sanity: d.agent.sanity.judge(d.clock.Now())}
	c.in = d.agent.planner.Input(d.clock.Now(), c.signals, d.agent.read(d.clock.Now()), d.agent.memory)
	return d.agent.sample(c)
}

// What is measured, planned and published is in the metrics; what is not known has no value.
func TestSample_SaysWhatTheCycleSaw(t *testing.T) {
	d := atDesk(t, gridSpec(), batterySpec(), boilerSpec())
	v := d.follow("utility", "EUR")
	v.Publish("PRICE", noon, 0.5, 0.1)
	d.open().cycle(0)
	d.clock.Move(90 * time.Second)
	s := sampled(d)
	if s.Currency != "EUR" || !s.IsSane || s.Carbon == nil || *s.Carbon != 380 || !s.Store.IsWritable || s.Store.Size == 0 {
		t.Errorf("%+v", s)
	}
	want := []metrics.Price{
		{Direction: "import", Source: "utility/prices", Price: energy.PriceOf(0.5), Age: 90 * time.Second},
		{Direction: "export", Source: "fallback", Price: energy.PriceOf(0.08)}, // what is assumed does not age
	}
	if len(s.Prices) != 2 || s.Prices[0] != want[0] || s.Prices[1] != want[1] {
		t.Errorf("%+v", s.Prices)
	}
	if len(s.VTNs) != 1 || !s.VTNs[0].IsUp || !s.VTNs[0].LastSuccess.Equal(noon) || s.VTNs[0].Rejected != 0 {
		t.Errorf("%+v", s.VTNs)
	}
	if s.Plan == nil || s.Plan.Age != 90*time.Second || s.Plan.Gap == nil {
		t.Errorf("%+v", s.Plan)
	}
	grid, battery := s.Devices[0], s.Devices[1]
	if *grid.Power != 500 || *grid.Imported != 1000 || *grid.Exported != 200 || grid.SoC != nil || grid.Planned != nil || grid.IsUp == nil || !*grid.IsUp {
		t.Errorf("%+v", grid)
	}
	if *battery.SoC != 0.5 || battery.Imported != nil || battery.Planned == nil {
		t.Errorf("%+v", battery)
	}
}

func TestSample_UnknownIsNil(t *testing.T) {
	d := atDesk(t, gridSpec(), batterySpec())
	d.cfg.Fallback = config.Fallback{}
	d.floor = noon.Add(time.Hour)
	for _, f := range d.fakes {
		f.says = devices.Observation{}
	}
	d.open()
	s := sampled(d)
	if s.IsSane || s.Carbon != nil || len(s.Prices) != 0 || s.Plan != nil {
		t.Errorf("%+v", s)
	}
	for _, one := range s.Devices {
		if one.IsUp != nil || one.Power != nil || one.Planned != nil || one.SoC != nil || one.Imported != nil || one.Exported != nil {
			t.Errorf("%+v", one)
		}
	}
}
