package keep

import (
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

var noon = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

// everything has something of each kind, with a gap.
func everything() feeds.Values {
	p := prices(noon, noon.Add(3*time.Hour), energy.Final, 7)
	p.Points = append(p.Points[:1:1], p.Points[2:]...)
	return feeds.Values{
		Import: p, Export: p,
		Carbon:    energy.Map(p, func(energy.Price) energy.GramsPerKWh { return 430 }),
		Renewable: energy.Map(p, func(energy.Price) energy.Share { return 1.3 }),
		Solar:     energy.Map(p, func(energy.Price) energy.Watts { return 4100 }),
		Taken:     energy.Map(p, func(energy.Price) energy.WattHours { return 250 }),
		Given:     energy.Map(p, func(energy.Price) energy.WattHours { return 0 }),
		Best:      []energy.Interval{energy.Span(noon, time.Hour)}, Remarks: []string{"odd"},
	}
}

func TestKept_BringsEverythingBack(t *testing.T) {
	v := everything()
	if len(v.Coverage()) != len(feeds.Kinds) {
		t.Fatal("a kind is missing here")
	}
	var k kept
	k.put(v)
	if got := k.values(); !got.IsSame(v) || got.Remarks[0] != "odd" {
		t.Errorf("%+v", got)
	}
}
