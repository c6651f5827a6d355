package listen

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/internal/config"
)

// VTNs come first, then the sources in their order, then the fallback.
func TestSources_FillWhatTheVTNsLeaveOpen(t *testing.T) {
	d := atTable(t)
	d.follow("utility", "EUR").Publish("PRICE", noon, 0.1)
	d.publishes("first").Says = feeds.Values{Import: euro(0.5, 0.2)}
	d.publishes("second").Says = feeds.Values{Import: euro(0.6, 0.6, 0.4), Carbon: hourly[energy.GramsPerKWh]("", 120)}
	d.open()
	d.chorus.AskAll(d.Context())
	d.expectPrices(map[float64]string{0: "utility/prices 0.1", 1: "first 0.2", 2: "second 0.4", 3: "fallback 0.3"})
	if got, _ := d.signals(noon).Carbon.At(noon); got != 120 {
		t.Errorf("carbon %v", got)
	}
}

func TestSources_GiveOnlyWhatIsUsedOfThem(t *testing.T) {
	d := atTable(t)
	d.publishes("green", feeds.Renewable).Says = feeds.Values{
		Import: euro(0.5), Renewable: hourly[energy.Share]("", 0.75), Best: []energy.Interval{energy.Span(noon, time.Hour)},
	}
	d.open()
	d.chorus.AskAll(d.Context())
	d.expectPrices(map[float64]string{0: "fallback 0.3"})
	s := d.signals(noon)
	if share, ok := s.Renewable.At(noon); !ok || share != 0.75 || len(s.Recommended) != 1 {
		t.Errorf("%+v", s)
	}
	if carbon, _ := s.Carbon.At(noon); carbon != 380 {
		t.Errorf("a share is no carbon unless the owner says what the rest emits: %v", carbon)
	}
	fossil := energy.GramsPerKWh(600)
	d.cfg.Fossil = &fossil
	if carbon, _ := d.signals(noon).Carbon.At(noon); carbon != 150 {
		t.Errorf("a quarter of 600 g is %v", carbon)
	}
}

// Two sources of one roof stand in for each other, those of two roofs add up where both are known.
func TestSources_RoofsAddUp(t *testing.T) {
	d := atTable(t)
	for name, c := range map[string]struct {
		roof   string
		values []energy.Watts
	}{"east": {"east", []energy.Watts{3000, 2000}}, "east-too": {"east", []energy.Watts{9000, 9000, 1000}}, "west": {"west", []energy.Watts{500, 600, 700, 800}}} {
		d.publishes(name, feeds.Solar).Says = feeds.Values{Solar: hourly("", c.values...)}
		d.cfg.Sources[len(d.cfg.Sources)-1].Roof = c.roof
	}
	slices.SortFunc(d.cfg.Sources, func(a, b config.Source) int { return strings.Compare(a.Name, b.Name) })
	d.open()
	d.chorus.AskAll(d.Context())
	s := d.signals(noon).Solar
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
	d.chorus.AskAll(d.Context())
	if s := d.signals(noon).Solar; len(s.Points) != 0 || silent.Err != nil {
		t.Errorf("two roofs of three are not the house: %v", s)
	}
}
