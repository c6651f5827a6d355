package tariff

import (
	"fmt"
	"math"
	"math/bits"
	"sort"
	"time"

	"hearth/energy"
)

// microWh is energy in whole 1e-6 Wh, far below what any meter resolves, so that what is split adds up.
type microWh int64

const (
	microPerWh    = 1e6
	mostWattHours = 9e12 // what fits
)

func isMeterable(e energy.WattHours) bool { return math.Abs(float64(e)) < mostWattHours } // NaN is not

func micro(e energy.WattHours) microWh { return microWh(math.RoundToEven(float64(e) * microPerWh)) }

func (m microWh) wattHours() energy.WattHours { return energy.WattHours(float64(m) / microPerWh) }

// A meter is metered energy, read forwards.
type meter struct {
	points []energy.Point[energy.WattHours]
	next   int
}

// newMeter refuses energies of the other direction: sign is 1 for import and -1 for export.
func newMeter(s energy.Series[energy.WattHours], sign float64) (*meter, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	for _, p := range s.Points {
		if !isMeterable(p.Value) || float64(p.Value)*sign < 0 {
			return nil, fmt.Errorf("energy at %v: %v", p.Start, p.Value)
		}
	}
	return &meter{points: s.Points}, nil
}

func (m *meter) seek(t time.Time) {
	m.next = sort.Search(len(m.points), func(i int) bool { return m.points[i].End.After(t) })
}

// in is the energy inside the interval, which must not begin before the last one did; false where part of
// it was not metered. What was metered over longer times counts as evenly spread.
func (m *meter) in(within energy.Interval) (sum microWh, isWhole bool) {
	for m.next < len(m.points) && !m.points[m.next].End.After(within.Start) {
		m.next++
	}
	reached := within.Start
	for _, p := range m.points[m.next:] {
		if !p.Start.Before(within.End) {
			break
		}
		part := p.Overlap(within)
		if part.Start.Equal(reached) {
			reached = part.End
		}
		sum += portion(p, part.End) - portion(p, part.Start)
	}
	return sum, reached.Equal(within.End)
}

// portion is the energy of a point until t, which is inside it. Differences of portions add up to the whole.
func portion(p energy.Point[energy.WattHours], t time.Time) microWh {
	e := micro(p.Value)
	size := uint64(max(e, -e))
	hi, lo := bits.Mul64(size, uint64(t.Sub(p.Start)))
	part, _ := bits.Div64(hi, lo, uint64(p.Length()))
	if e < 0 {
		return -microWh(part)
	}
	return microWh(part)
}
