package devicetest

import (
	"math"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// CurtailPeer is a generator that can be bounded; false while it may give all it can.
type CurtailPeer interface {
	Bound() (energy.Watts, bool)
}

// ThermalPeer is what heats in one of four states.
type ThermalPeer interface {
	ThermalMode() devices.ThermalMode
}

func isCurtailed(r Rig) bool {
	_, ok := r.Peer.(CurtailPeer)
	return ok && r.Device.Curtailer != nil
}

func isThermal(r Rig) bool {
	_, ok := r.Peer.(ThermalPeer)
	return ok && r.Device.Thermal != nil
}

func curtailmentShows(s *stand) {
	s.start()
	c, peer := s.Device.Curtailer, s.Peer.(CurtailPeer)
	for _, most := range []energy.Watts{400, 0, 600} {
		sent := s.Clock.Now()
		if err := c.Curtail(s.Context(), most, s.lease()); err != nil {
			s.Fatal(err)
		}
		s.soon("it is bounded to "+most.String(), func() bool { got, is := peer.Bound(); return is && near(got, most, s.tolerance()) })
		s.eventually("a reading shows "+most.String(), func() bool {
			r := c.Curtailment()
			return r.Valid && near(r.Value, most, s.tolerance()) && !r.At.Before(sent)
		})
	}
	for _, bad := range []energy.Watts{-1, energy.Watts(math.NaN()), energy.Watts(math.Inf(1))} {
		if c.Curtail(s.Context(), bad, s.lease()) == nil {
			s.Errorf("a bound of %v was not refused", float64(bad))
		}
	}
	if err := c.Lift(s.Context()); err != nil {
		s.Fatal(err)
	}
	s.soon("the bound is lifted", func() bool { _, is := peer.Bound(); return !is })
}

func thermalModeShows(s *stand) {
	s.start()
	heat, peer := s.Device.Thermal, s.Peer.(ThermalPeer)
	known := 0
	for _, mode := range []devices.ThermalMode{devices.ThermalRecommended, devices.ThermalBlocked, devices.ThermalForced, devices.ThermalNormal} {
		sent := s.Clock.Now()
		if heat.SetMode(s.Context(), mode, s.lease()) != nil {
			continue // not every device knows every mode
		}
		known++
		s.soon("it is "+string(mode), func() bool { return peer.ThermalMode() == mode })
		s.eventually("a reading shows "+string(mode), func() bool {
			r := heat.Mode()
			return r.Valid && r.Value == mode && !r.At.Before(sent)
		})
	}
	if known < 2 || peer.ThermalMode() != devices.ThermalNormal {
		s.Errorf("it takes %d modes and ends %s", known, peer.ThermalMode())
	}
	if heat.SetMode(s.Context(), "hot", time.Minute) == nil {
		s.Error("a mode nobody knows was not refused")
	}
}

func near(a, b, tolerance energy.Watts) bool { return math.Abs(float64(a-b)) <= float64(tolerance) }
