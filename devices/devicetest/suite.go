package devicetest

import (
	"context"
	"testing"
	"time"

	"hearth/devices"
	"hearth/devices/guard"
	"hearth/energy"
)

// patience is how long the wire may take for anything, with room for a busy machine.
const patience = 10 * time.Second

// Run holds a driver to its contract. Laws a device has no roles for are skipped.
func Run(t *testing.T, factory Factory) {
	for _, l := range laws() {
		t.Run(l.name, func(t *testing.T) { l.hold(t, factory, patience) })
	}
}

// law is one part of the contract.
type law struct {
	name string
	fits func(Rig) bool
	test func(*stand)
}

func laws() []law {
	return []law{
		{"ReadsWattsWithOurSign", isMeter, readsWatts},
		{"OldReadingsAreNotValid", isMeter, oldReadings},
		{"GarbageIsNotAReading", isMeter, garbage},
		{"ComesBackAfterARestart", isMeter, comesBack},
		{"ComesBackAfterFlapping", isMeter, flapping},
		{"SaysWhenItIsOffline", isWatched, offline},
		{"CommandShowsInAReading", isActor, commandShows},
		{"LyingDeviceDoesNotShowTheCommand", isActor, lying},
		{"LapsedLeaseEndsTheCommand", isLeased, lapsedLease},
		{"RefusesWhatIsOutOfRange", isActor, outOfRange},
		{"SendsNothingWhenGivenUp", isActor, givenUp},
		{"SerialisesCommands", isActor, concurrent},
		{"RefusesBesideARetainedCommand", isRetaining, retained},
		{"CloseEndsRunAtAnyTime", isAny, closes},
		{"RunEndsWithItsContext", isAny, endsWithContext},
		{"GuardRenewsTheLease", isLeased, guardRenews},
		{"GuardNoticesALie", isActor, guardNoticesALie},
		{"GuardLetsTheResidentWin", isSwitch, guardLetsTheResidentWin},
		{"GuardLeavesTheSafeState", isActor, guardLeavesSafe},
		{"CurtailmentShowsInAReading", isCurtailed, curtailmentShows},
		{"ThermalModeShowsInAReading", isThermal, thermalModeShows},
	}
}

// hold builds a device and holds it to the law; what may take time on the wire may take so much.
func (l law) hold(t *testing.T, factory Factory, patience time.Duration) {
	rig := factory(t)
	if !l.fits(rig) {
		t.Skip("the device has no roles for it")
	}
	l.test(&stand{T: t, Rig: rig, patience: patience})
}

func isAny(Rig) bool       { return true }
func isMeter(r Rig) bool   { return r.Device.Meter != nil }
func isWatched(r Rig) bool { return r.Device.Availability != nil }
func isSwitch(r Rig) bool  { return r.Device.Switch != nil && r.Device.Setpoint == nil }
func isActor(r Rig) bool   { return r.Device.Switch != nil || r.Device.Setpoint != nil }
func isLeased(r Rig) bool  { return isActor(r) && r.Device.Capabilities.Lease != devices.Unguarded }
func isRetaining(r Rig) bool {
	_, ok := r.Peer.(RetainingPeer)
	return ok && isActor(r)
}

// stand is a rig under test.
type stand struct {
	*testing.T
	Rig
	patience time.Duration
}

// start runs the device until the test ends and waits until it is heard.
func (s *stand) start() (done chan error, quit context.CancelFunc) {
	s.Helper()
	done, quit = s.launch()
	s.eventually("the device is heard", func() bool {
		o := s.Device.Observe()
		return (o.Online.Valid && o.Online.Value || !isWatched(s.Rig)) && (!isMeter(s.Rig) || o.Power.Valid) && (!isSwitch(s.Rig) || o.On.Valid)
	})
	return done, quit
}

// launch runs the device; quit ends the context it runs in, done is what Run returned.
func (s *stand) launch() (done chan error, quit context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	done = make(chan error, 1)
	go func() { done <- s.Device.Driver.Run(ctx) }()
	s.Cleanup(func() {
		cancel()
		if err := s.Device.Driver.Close(); err != nil {
			s.Errorf("close: %v", err)
		}
	})
	return done, cancel
}

// soon waits, by the wall, for what needs no time of the clock.
func (s *stand) soon(what string, is func() bool) {
	s.Helper()
	s.poll(what, 0, is)
}

// eventually waits while the clock moves on: for polls, retries and backoff.
func (s *stand) eventually(what string, is func() bool) {
	s.Helper()
	s.poll(what, time.Second, is)
}

func (s *stand) poll(what string, step time.Duration, is func() bool) {
	s.Helper()
	deadline := time.Now().Add(s.patience)
	for !is() {
		if time.Now().After(deadline) {
			s.Fatalf("after %v still not so: %s; it says %+v", s.patience, what, s.Device.Observe())
		}
		s.Clock.Advance(step)
		time.Sleep(2 * time.Millisecond) // a real wire cannot be waited for otherwise
	}
}

// begin and rest are a command that makes the device take power, and one that ends it.
func (s *stand) begin() energy.Setpoint {
	if s.Device.Setpoint == nil {
		return energy.Setpoint{Mode: energy.On}
	}
	c := s.Device.Capabilities
	p := max(c.Max/2, c.Floor)
	if c.Step > 0 {
		p = energy.Watts(int(p/c.Step)) * c.Step
	}
	return energy.Setpoint{Mode: energy.AtPower, Power: p}
}

func (s *stand) rest() energy.Setpoint {
	if s.Device.Setpoint == nil {
		return energy.Setpoint{Mode: energy.Off}
	}
	return energy.Setpoint{Mode: energy.AtPower}
}

// send gives a command past the guard.
func (s *stand) send(ctx context.Context, want energy.Setpoint, lease time.Duration) error {
	if want.Mode == energy.AtPower {
		return s.Device.Setpoint.SetPower(ctx, want.Power, lease)
	}
	return s.Device.Switch.Turn(ctx, want.Mode == energy.On, lease)
}

func (s *stand) mustSend(want energy.Setpoint) {
	s.Helper()
	if err := s.send(s.Context(), want, s.lease()); err != nil {
		s.Fatal(err)
	}
}

// lease is long beside the wire and short beside the test.
func (s *stand) lease() time.Duration {
	c := s.Device.Capabilities
	if c.Lease == devices.Unguarded {
		return 0
	}
	lease := max(5*time.Minute, c.LeaseMin, c.MinOn)
	if c.LeaseMax > 0 {
		lease = min(lease, c.LeaseMax)
	}
	return lease
}

// obeys says whether the peer does physically what was wanted.
func (s *stand) obeys(want energy.Setpoint) bool {
	switch peer := s.Peer.(type) {
	case PowerPeer:
		told, ok := peer.Told()
		return ok && (told-want.Power) <= s.tolerance() && (want.Power-told) <= s.tolerance()
	case SwitchPeer:
		return peer.IsOn() == (want.Mode == energy.On)
	}
	s.Fatal("the peer of an actor is neither a SwitchPeer nor a PowerPeer")
	return false
}

// shows says whether a valid reading agrees with what was wanted.
func (s *stand) shows(want energy.Setpoint) bool {
	o := s.Device.Observe()
	if want.Mode == energy.AtPower {
		d := o.Setpoint.Value - want.Power
		return o.Setpoint.Valid && d <= s.tolerance() && -d <= s.tolerance()
	}
	return o.On.Valid && o.On.Value == (want.Mode == energy.On)
}

func (s *stand) tolerance() energy.Watts { return max(s.Device.Capabilities.Tolerance, 1) }

// guard puts one before the device, with the shortest rests the device allows.
func (s *stand) guard() *guard.Guard {
	s.Helper()
	r := guard.Rules{Safe: energy.Setpoint{Mode: energy.Off}, Lease: s.lease()}
	if s.Device.Setpoint != nil {
		r.Safe = energy.Setpoint{}
	}
	g, err := guard.New(s.Device, r, guard.State{})
	if err != nil {
		s.Fatal(err)
	}
	return g
}

// cycle is one of the agent's: time passes, the device is read, the guard asked.
func (s *stand) cycle(g *guard.Guard, want energy.Setpoint) guard.Decision {
	s.Helper()
	s.Clock.Advance(5 * time.Second)
	time.Sleep(2 * time.Millisecond) // the wire's share of the cycle
	return g.Request(s.Context(), s.Clock.Now(), want, s.Device.Observe())
}

// cycleUntil runs cycles until one decides so.
func (s *stand) cycleUntil(g *guard.Guard, want energy.Setpoint, what string, is func(guard.Decision) bool) guard.Decision {
	s.Helper()
	deadline := time.Now().Add(s.patience)
	for {
		d := s.cycle(g, want)
		if is(d) {
			return d
		}
		if time.Now().After(deadline) {
			s.Fatalf("after %v still not so: %s; last decision %+v", s.patience, what, d)
		}
	}
}
