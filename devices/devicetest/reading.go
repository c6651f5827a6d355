package devicetest

import (
	"math"
	"time"

	"hearth/energy"
)

func readsWatts(s *stand) {
	s.start()
	wants := []energy.Watts{1234, 0, 87}
	if s.Device.Capabilities.Min < 0 || !isActor(s.Rig) { // it can give back
		wants = append(wants, -432)
	}
	for _, want := range wants {
		s.Peer.Measure(want)
		s.eventually("power reads "+want.String(), func() bool {
			r := s.Device.Meter.Power()
			return r.Valid && math.Abs(float64(r.Value-want)) < 1
		})
		if age := s.Clock.Now().Sub(s.Device.Meter.Power().At); age < 0 || age > s.MaxAge {
			s.Errorf("a reading just taken is %v old", age)
		}
	}
}

func oldReadings(s *stand) {
	s.Peer.Measure(500)
	s.start()
	s.Peer.Fail(Silent)
	still := 0
	s.eventually("a silent device has no valid reading any more", func() bool {
		if still++; s.Device.Meter.Power().Valid {
			s.Clock.Advance(s.MaxAge) // what was under way has come
			still = 0
		}
		return still > 30 // time enough for a driver that stamps old values anew
	})
	s.Peer.Fail(Healthy)
	s.eventually("it is valid again", func() bool { return s.Device.Meter.Power().Valid })
}

func garbage(s *stand) {
	s.Peer.Measure(321)
	s.start()
	s.eventually("power reads", func() bool { return math.Abs(float64(s.Device.Meter.Power().Value-321)) < 1 })
	s.Peer.Fail(Garbage)
	for range 50 {
		s.Clock.Advance(s.MaxAge / 25)
		if r := s.Device.Meter.Power(); r.Valid && math.Abs(float64(r.Value-321)) >= 1 {
			s.Fatalf("garbage was read as %v", r.Value)
		}
	}
	s.Peer.Fail(Healthy)
	s.Peer.Measure(654)
	s.eventually("it reads again", func() bool {
		r := s.Device.Meter.Power()
		return r.Valid && math.Abs(float64(r.Value-654)) < 1
	})
}

func comesBack(s *stand) {
	s.start()
	s.Peer.Restart()
	s.Peer.Measure(777)
	s.eventually("the same device reads on", func() bool {
		r := s.Device.Meter.Power()
		return r.Valid && math.Abs(float64(r.Value-777)) < 1
	})
}

func flapping(s *stand) {
	s.start()
	for range 5 {
		s.Peer.Fail(Gone)
		s.Clock.Advance(time.Second)
		s.Peer.Fail(Healthy)
		s.Clock.Advance(time.Second)
	}
	s.Peer.Measure(888)
	s.eventually("it reads on", func() bool {
		r := s.Device.Meter.Power()
		return r.Valid && math.Abs(float64(r.Value-888)) < 1
	})
}

func offline(s *stand) {
	s.start()
	s.Peer.Fail(Gone)
	s.eventually("it is offline", func() bool { r := s.Device.Availability.Online(); return !(r.Valid && r.Value) })
	s.Peer.Fail(Healthy)
	s.eventually("it is online", func() bool { r := s.Device.Availability.Online(); return r.Valid && r.Value })
}
