package devicetest

import (
	"context"
	"math"
	"sync"
	"time"

	"hearth/devices"
	"hearth/devices/guard"
	"hearth/energy"
)

func commandShows(s *stand) {
	s.start()
	wants := []energy.Setpoint{s.begin(), s.rest(), s.begin()}
	if c := s.Device.Capabilities; s.Device.Setpoint != nil && c.Min < 0 {
		wants = append(wants, energy.Setpoint{Mode: energy.AtPower, Power: c.Min / 2}, s.begin())
	}
	for _, want := range wants {
		sent := s.Clock.Now()
		s.mustSend(want)
		s.soon("the device obeys "+want.String(), func() bool { return s.obeys(want) })
		if s.Device.Capabilities.ReadBack {
			s.eventually("a reading shows "+want.String(), func() bool { return s.shows(want) })
			if o := s.Device.Observe(); max(o.On.At.Sub(sent), o.Setpoint.At.Sub(sent)) < 0 {
				s.Errorf("%v was shown by a reading from before it", want)
			}
		}
	}
}

func lying(s *stand) {
	s.start()
	s.mustSend(s.rest())
	s.soon("it rests", func() bool { return s.obeys(s.rest()) })
	s.Peer.Fail(Lying)
	s.mustSend(s.begin())
	for range 50 {
		s.Clock.Advance(time.Second)
		if s.shows(s.begin()) {
			s.Fatal("a reading shows what the device does not do")
		}
	}
}

func lapsedLease(s *stand) {
	s.start()
	s.mustSend(s.begin())
	s.soon("it begins", func() bool { return s.obeys(s.begin()) })
	for end := s.Clock.Now().Add(s.lease() + time.Minute); s.Clock.Now().Before(end); { // in steps: a driver must not renew by itself
		s.Clock.Advance(5 * time.Second)
		time.Sleep(2 * time.Millisecond) // the wire's share
	}
	s.soon("the lapsed lease ends it", func() bool { return !s.obeys(s.begin()) })
}

func outOfRange(s *stand) {
	s.start()
	// Both ways, so that what is seen is the command's work: a device that rests anyway would be counted
	// before its own command has come.
	for _, want := range []energy.Setpoint{s.begin(), s.rest()} {
		s.mustSend(want)
		s.soon("the device obeys "+want.String(), func() bool { return s.obeys(want) })
	}
	before, c := s.Peer.Commands(), s.Device.Capabilities
	try := func(what string, err error) {
		s.Helper()
		if err == nil {
			s.Errorf("%s was not refused", what)
		}
	}
	if s.Device.Setpoint != nil {
		for _, p := range []energy.Watts{c.Max + 1000, c.Min - 1000, energy.Watts(math.NaN()), energy.Watts(math.Inf(1))} {
			try("a power out of range", s.Device.Setpoint.SetPower(s.Context(), p, s.lease()))
		}
	}
	try("a negative lease", s.send(s.Context(), s.begin(), -time.Second))
	if c.LeaseMax > 0 && c.Lease != devices.Unguarded {
		try("a lease beyond the longest", s.send(s.Context(), s.begin(), c.LeaseMax+time.Hour))
	}
	if n := s.Peer.Commands(); n != before {
		s.Errorf("%d refused commands reached the wire", n-before)
	}
}

func givenUp(s *stand) {
	s.start()
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	began := time.Now()
	if s.send(ctx, s.begin(), s.lease()) == nil {
		s.Error("a command whose context has ended was sent")
	}
	if took := time.Since(began); took > time.Second {
		s.Errorf("giving up took %v", took)
	}
}

func concurrent(s *stand) {
	s.start()
	var all sync.WaitGroup
	for i := range 8 {
		want := s.begin()
		if i%2 == 0 {
			want = s.rest()
		}
		all.Go(func() {
			if err := s.send(s.Context(), want, s.lease()); err != nil {
				s.Error(err)
			}
		})
	}
	all.Wait()
	s.mustSend(s.begin())
	s.soon("the last command holds", func() bool { return s.obeys(s.begin()) })
}

func retained(s *stand) {
	s.Peer.(RetainingPeer).RetainOn()
	s.start()
	before := s.Peer.Commands()
	if err := s.send(s.Context(), s.begin(), s.lease()); err == nil {
		s.Error("a command was sent beside a retained one")
	}
	if n := s.Peer.Commands(); n != before {
		s.Errorf("%d commands reached the device", n-before)
	}
}

func closes(s *stand) {
	if err := s.Device.Driver.Close(); err != nil {
		s.Errorf("close before run: %v", err)
	}
	done, _ := s.launch()
	if err := s.Device.Driver.Close(); err != nil {
		s.Errorf("second close: %v", err)
	}
	s.ends(done, "run of a closed device")
}

func endsWithContext(s *stand) {
	done, quit := s.start()
	quit()
	s.ends(done, "run without its context")
}

func (s *stand) ends(done <-chan error, what string) {
	s.Helper()
	select {
	case err := <-done:
		if err != nil {
			s.Errorf("%s: %v", what, err)
		}
	case <-time.After(s.patience):
		s.Fatalf("%s does not end", what)
	}
}

func guardRenews(s *stand) {
	s.start()
	g := s.guard()
	s.cycleUntil(g, s.begin(), "the command is confirmed", isConfirmed)
	end := s.Clock.Now().Add(3 * s.lease())
	for s.Clock.Now().Before(end) {
		if d := s.cycle(g, s.begin()); d.Err != nil {
			s.Fatal(d.Err)
		}
		if !s.obeys(s.begin()) {
			s.Fatalf("the device stopped %v before three leases were over", end.Sub(s.Clock.Now()))
		}
	}
}

func guardNoticesALie(s *stand) {
	if !s.Device.Capabilities.ReadBack {
		s.Skip("the device cannot show what it does")
	}
	s.start()
	g := s.guard()
	s.cycleUntil(g, s.rest(), "it rests", isConfirmed)
	s.Peer.Fail(Lying)
	s.cycleUntil(g, s.begin(), "the lie is noticed", func(d guard.Decision) bool { return d.Outcome == guard.Fault })
	before := s.Peer.Commands()
	for range 20 {
		// Refused is what it is when the wire was slower than the cycles: the readings are old then.
		if d := s.cycle(g, s.begin()); d.Outcome != guard.Fault && d.Outcome != guard.Refused || d.Sent != nil {
			s.Fatalf("a faulty device was commanded: %+v", d)
		}
	}
	// The safe command itself may still have been on the wire.
	if n := s.Peer.Commands() - before; n > 4 {
		s.Errorf("%d commands reached a faulty device", n)
	}
}

func guardLetsTheResidentWin(s *stand) {
	s.start()
	g := s.guard()
	s.cycleUntil(g, s.begin(), "the command is confirmed", isConfirmed)
	d := s.press(g)
	if d.Rule != guard.Override || !d.Until.After(s.Clock.Now()) {
		s.Errorf("held by %q until %v", d.Rule, d.Until)
	}
	for range 20 {
		s.cycle(g, s.begin())
	}
	if s.Peer.(SwitchPeer).IsOn() {
		s.Error("the resident's hand was overruled")
	}
}

// press switches off by hand until that is seen. The clock runs ahead of the wire here, so a command may have been sent
// a second time and be under way still: it overtakes the first press, and the resident presses again.
func (s *stand) press(g *guard.Guard) guard.Decision {
	isHeld := func(d guard.Decision) bool { return d.Outcome == guard.Held }
	for range 2 {
		s.Peer.(SwitchPeer).Press(false)
		for range 100 {
			if d := s.cycle(g, s.begin()); isHeld(d) {
				return d
			}
		}
	}
	s.Peer.(SwitchPeer).Press(false)
	return s.cycleUntil(g, s.begin(), "the hand is seen", isHeld)
}

func guardLeavesSafe(s *stand) {
	s.start()
	g := s.guard()
	s.cycleUntil(g, s.begin(), "the command is confirmed", isConfirmed)
	if err := g.Close(s.Context(), s.Clock.Now()); err != nil {
		s.Fatal(err)
	}
	s.soon("the device is safe", func() bool {
		if peer, ok := s.Peer.(PowerPeer); ok {
			_, isTold := peer.Told()
			return !isTold
		}
		return !s.obeys(s.begin())
	})
}

func isConfirmed(d guard.Decision) bool {
	return d.Outcome == guard.Kept && d.Rule != guard.Unconfirmed
}
