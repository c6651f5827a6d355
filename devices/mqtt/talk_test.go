package mqtt

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"hearth/devices"
	"hearth/devices/devicetest"
	"hearth/devices/profiles"
	"hearth/energy"
)

// stage is a device of an embedded profile with its simulator, running.
type stage struct {
	device *devices.Device
	driver *device
	sim    *simulator
	clock  *devicetest.Clock
	link   *Link
	broker string
}

func perform(t *testing.T, id string) *stage {
	t.Helper()
	p, err := profiles.Get(id)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{broker: quickBroker(t)}
	rig := simulated(p, func(*testing.T) string { return s.broker })(t)
	s.device, s.driver, s.clock = rig.Device, rig.Device.Driver.(*device), rig.Clock
	s.link = s.driver.link
	switch peer := rig.Peer.(type) {
	case *simulator:
		s.sim = peer
	case powered:
		s.sim = peer.simulator
	}
	var run sync.WaitGroup
	run.Go(func() { _ = s.device.Driver.Run(context.Background()) })
	t.Cleanup(func() {
		_ = s.device.Driver.Close()
		run.Wait()
	})
	return s
}

func (s *stage) eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	eventually(t, what, func() bool { s.clock.Advance(time.Second); return is() })
}

// An answer to somebody else, to an earlier run, or the second to one question is not taken.
func TestRequests_TakeEachAnswerOnce(t *testing.T) {
	s := perform(t, "shelly-gen2-plug")
	s.eventually(t, "it is heard", func() bool { return s.device.Switch.On().Valid })
	other := dial(t, s.broker, "other")
	asked := make(chan string, 64)
	other.Subscribe("my-topic/rpc", 0, func(_ paho.Client, m paho.Message) { asked <- string(m.Payload()) }).WaitTimeout(patience)
	s.sim.Fail(devicetest.Silent)
	s.clock.Advance(time.Hour) // what was said is old, and it asks again
	var question struct {
		ID  int64  `json:"id"`
		Src string `json:"src"`
	}
	for question.ID == 0 {
		select {
		case text := <-asked:
			if strings.Contains(text, "GetStatus") {
				if err := json.Unmarshal([]byte(text), &question); err != nil {
					t.Fatal(err)
				}
			}
		case <-time.After(patience):
			t.Fatal("it asks nothing")
		}
	}
	say := func(id int64, power int) {
		other.Publish(question.Src+"/rpc", 0, false, fmt.Sprintf(`{"id":%d,"result":{"output":true,"apower":%d}}`, id, power)).WaitTimeout(patience)
	}
	say(1, 11)
	say(question.ID+1000, 12)
	say(question.ID, 13)
	eventually(t, "the answer is read", func() bool { return s.device.Meter.Power().Value == 13 })
	say(question.ID, 14)
	other.Publish("my-topic/online", 1, true, "false").WaitTimeout(patience)
	eventually(t, "what came after it is read", func() bool { return !s.device.Availability.Online().Value })
	if got := s.device.Meter.Power(); got.Value != 13 {
		t.Errorf("a second or foreign answer was read: %v", got)
	}
}

func TestRequests_AreBounded(t *testing.T) {
	r := newRequests(start)
	first := r.next()
	for range 10 * maxOpen {
		r.next()
	}
	if len(r.open) != maxOpen || r.isOpen(first) {
		t.Errorf("%d open", len(r.open))
	}
	second := newRequests(start.Add(time.Second))
	if again := second.next(); again <= first {
		t.Errorf("a second run begins at %s, after %s", again, first)
	}
}

// What must hold before a device is begun with is seen, or nothing begins; ending is always allowed.
func TestSetup_BeginsNothingBeforeItHolds(t *testing.T) {
	s := perform(t, "shelly-gen2-plug")
	s.sim.mu.Lock()
	s.sim.profile.SetupCheck[0].Equals = []string{"on"} // the plug is set otherwise
	s.sim.mu.Unlock()
	s.eventually(t, "it is heard", func() bool { return s.device.Switch.On().Valid })
	err := s.device.Switch.Turn(t.Context(), true, time.Minute)
	if err == nil || !strings.Contains(err.Error(), `result.initial_state is "on", want off: set what it does`) {
		t.Errorf("begun all the same: %v", err)
	}
	if s.sim.Commands() != 0 {
		t.Error("a refused command reached the plug")
	}
	if err := s.device.Switch.Turn(t.Context(), false, 0); err != nil {
		t.Errorf("ending is refused: %v", err)
	}
	s.sim.mu.Lock()
	s.sim.profile.SetupCheck[0].Equals = []string{"off"}
	s.sim.mu.Unlock()
	s.eventually(t, "it begins when it was put right", func() bool { return s.device.Switch.Turn(t.Context(), true, time.Minute) == nil })
}

func TestSetup_BeginsNothingWhileItIsNotKnown(t *testing.T) {
	s := perform(t, "shelly-gen2-plug")
	s.sim.mu.Lock()
	s.sim.profile.SetupCheck = nil // it does not answer
	s.sim.mu.Unlock()
	s.eventually(t, "it is heard", func() bool { return s.device.Switch.On().Valid })
	if s.driver.mayBegin() == nil {
		t.Skip("it had answered before")
	}
	if err := s.device.Switch.Turn(t.Context(), true, time.Minute); err == nil || !strings.Contains(err.Error(), "is not known yet") {
		t.Errorf("begun: %v", err)
	}
}

// A plug that switches on and starts no timer would stay on when we die.
func TestVerify_TakesBackWhatHasNoTimer(t *testing.T) {
	s := perform(t, "shelly-gen2-plug")
	s.eventually(t, "it is heard", func() bool { return s.device.Switch.On().Valid })
	s.sim.mu.Lock()
	s.sim.isMute = true
	s.sim.mu.Unlock()
	if err := s.device.Switch.Turn(t.Context(), true, time.Minute); err != nil {
		t.Fatal(err)
	}
	s.eventually(t, "it was on and is off again", func() bool { return s.sim.Commands() >= 2 && !s.sim.IsOn() })
	if err := s.device.Switch.Turn(t.Context(), true, time.Minute); err == nil || !strings.Contains(err.Error(), "timer does not run") {
		t.Errorf("begun again: %v", err)
	}
	if err := s.device.Switch.Turn(t.Context(), false, 0); err != nil {
		t.Errorf("ending is refused: %v", err)
	}
}

// A battery that goes idle after a minute of silence holds its power for the lease, and not a minute longer.
func TestHold_BeatsForTheLeaseAndNoLonger(t *testing.T) {
	s := perform(t, "victron-ess")
	s.eventually(t, "it is heard", func() bool { return s.device.Meter.Power().Valid })
	if err := s.device.Setpoint.SetPower(t.Context(), 1500, 5*time.Minute); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it obeys", func() bool { return s.sim.holds(1500) })
	end := s.clock.Now().Add(5 * time.Minute)
	for s.clock.Now().Before(end.Add(-10 * time.Second)) {
		s.clock.Advance(time.Second)
		time.Sleep(2 * time.Millisecond) // the wire's share
		if !s.sim.holds(1500) {
			t.Fatalf("let go %v before the end", end.Sub(s.clock.Now()))
		}
	}
	for s.clock.Now().Before(end.Add(90 * time.Second)) {
		s.clock.Advance(time.Second)
		time.Sleep(2 * time.Millisecond)
	}
	eventually(t, "it is idle", func() bool { return !s.sim.holds(1500) })
	if err := s.device.Setpoint.SetPower(t.Context(), 1000, 5*time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := s.device.Setpoint.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is released", func() bool { return !s.sim.holds(1000) })
	for range 60 { // a beat after the release would take it back
		s.clock.Advance(time.Second)
		time.Sleep(time.Millisecond)
	}
	if s.sim.holds(1000) {
		t.Error("released, it was told again")
	}
}

func (s *simulator) holds(p float64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isTold && float64(s.told) == p
}

func TestCurtail_ShowsInAReading(t *testing.T) {
	for _, id := range []string{"opendtu", "ahoydtu"} {
		t.Run(id, func(t *testing.T) {
			s := perform(t, id)
			c := s.device.Curtailer
			s.eventually(t, "it is heard", func() bool { r := c.Curtailment(); return r.Valid && r.Value == simRated })
			for _, most := range []float64{400, 0, 600} {
				if err := c.Curtail(t.Context(), energy.Watts(most), 0); err != nil {
					t.Fatal(err)
				}
				s.eventually(t, "it shows", func() bool { r := c.Curtailment(); return r.Valid && float64(r.Value) == most })
				if got, is := s.sim.Bound(); !is || float64(got) != most {
					t.Errorf("bound to %v, want %v", got, most)
				}
			}
			before := s.sim.Commands()
			for _, bad := range []float64{-1, math.NaN(), math.Inf(1)} {
				if err := c.Curtail(t.Context(), energy.Watts(bad), 0); err == nil {
					t.Errorf("%v was sent", bad)
				}
			}
			if s.sim.Commands() != before {
				t.Error("a refused bound reached it")
			}
			if err := c.Lift(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.eventually(t, "it is lifted", func() bool { r := c.Curtailment(); return r.Valid && r.Value == simRated })
		})
	}
}

func TestSetPhases_TakesOneAndThreeOnly(t *testing.T) {
	s := perform(t, "goe-charger")
	s.eventually(t, "it is heard", func() bool { return s.device.PhaseSwitch.Phases().Valid })
	for _, n := range []int{0, 2, -1, 4} {
		if err := s.device.PhaseSwitch.SetPhases(t.Context(), n); err == nil {
			t.Errorf("%d phases were sent", n)
		}
	}
	for _, n := range []int{1, 3} {
		if err := s.device.PhaseSwitch.SetPhases(t.Context(), n); err != nil {
			t.Error(err)
		}
	}
	eventually(t, "both arrive", func() bool { return s.sim.Commands() == 2 })
}
