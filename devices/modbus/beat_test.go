package modbus

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/devices/devicetest"
	"hearth/energy"
)

// charger is a device of a profile on its simulated slave.
func charger(t *testing.T, id string, params map[string]string) (d *driver, peer *simulated, clock *devicetest.Clock) {
	t.Helper()
	clock = devicetest.NewClock(start)
	peer = newSimulated(t, id, clock)
	_, d = newDevice(t, Config{Profile: profileOf(t, id), Params: params, Clock: clock,
		Bus: openBus(t, "tcp://"+peer.address+"?timeout=200ms", clock, newEager)})
	return d, peer, clock
}

// alive runs the device until the test ends, or until stop.
func alive(t *testing.T, d *driver) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = d.Run(ctx) })
	stop = func() { cancel(); running.Wait() }
	t.Cleanup(stop)
	return stop
}

// pass lets time go by in steps, with room for what is due in each.
func pass(clock *devicetest.Clock, d time.Duration) {
	for ; d > 0; d -= time.Second {
		clock.Advance(time.Second)
		time.Sleep(time.Millisecond) // the wire's share
	}
}

func isToldAbout(p *simulated, want energy.Watts) func() bool {
	return func() bool {
		told, isTold := p.Told()
		return isTold && told > want-50 && told < want+50
	}
}

// A watchdog of a minute and a lease of five: the driver bridges it, and stops when the lease is over.
func TestHeartbeat_KeepsTheCommandForItsLeaseAndNoLonger(t *testing.T) {
	for _, id := range []string{"alfen-eve", "webasto-next", "heidelberg-energy-control", "abb-terra-ac"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			d, peer, clock := charger(t, id, nil)
			alive(t, d)
			if err := d.SetPower(t.Context(), 6900, 5*time.Minute); err != nil {
				t.Fatal(err)
			}
			for range 9 {
				pass(clock, 30*time.Second)
				if told, isTold := peer.Told(); !isTold || told < 6899 || told > 6901 {
					t.Fatalf("after %v it does %v, %t", clock.Now().Sub(start), told, isTold)
				}
			}
			pass(clock, 100*time.Second)
			eventually(t, "the lease is over", func() bool { _, isTold := peer.Told(); return !isTold })
		})
	}
}

// The driver's death, unlike that of its caller, leaves the device's own watchdog alone with the command.
func TestHeartbeat_TheDeviceEndsTheCommandWhenTheDriverIsGone(t *testing.T) {
	for _, id := range []string{"alfen-eve", "webasto-next", "heidelberg-energy-control", "abb-terra-ac"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			d, peer, clock := charger(t, id, nil)
			stop := alive(t, d)
			if err := d.SetPower(t.Context(), 6900, 15*time.Minute); err != nil {
				t.Fatal(err)
			}
			pass(clock, 30*time.Second)
			stop()
			if !isToldAbout(peer, 6900)() {
				t.Fatal("it was given up too soon")
			}
			clock.Advance(61 * time.Second)
			if told, isTold := peer.Told(); isTold {
				t.Errorf("a minute after our end it still does %v", told)
			}
		})
	}
}

func TestHeartbeat_ALaterCommandIsTheOneRepeated(t *testing.T) {
	d, peer, clock := charger(t, "alfen-eve", nil)
	alive(t, d)
	for _, p := range []energy.Watts{6900, 0, 8280} {
		if err := d.SetPower(t.Context(), p, 5*time.Minute); err != nil {
			t.Fatal(err)
		}
		pass(clock, 90*time.Second)
		if !isToldAbout(peer, p)() {
			told, isTold := peer.Told()
			t.Fatalf("told %v it does %v, %t", p, told, isTold)
		}
	}
	before := peer.Commands()
	if err := d.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	pass(clock, 2*time.Minute)
	if n := peer.Commands() - before; n != 1 {
		t.Errorf("%d writes after it was handed back", n-1)
	}
}

// Phases are switched in a pause: were it not kept up, the station would charge with its failsafe current
// while its relays move.
func TestHeartbeat_KeepsThePauseUpWhilePhasesAreSwitched(t *testing.T) {
	d, peer, clock := charger(t, "alfen-eve", map[string]string{"one_phase": "1"})
	alive(t, d)
	eventually(t, "it says its phases", func() bool { return d.Phases().Valid })
	if err := d.SetPower(t.Context(), 0, 5*time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := d.SetPhases(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	pass(clock, 3*time.Minute)
	if told, isTold := peer.Told(); !isTold || told != 0 {
		t.Errorf("three minutes into its pause it does %v, %t", told, isTold)
	}
}

// What was told to a device that was lost since is nobody's wish any more.
func TestHeartbeat_IsNotResumedWithADeviceThatCameBack(t *testing.T) {
	d, peer, clock := charger(t, "alfen-eve", nil)
	alive(t, d)
	if err := d.SetPower(t.Context(), 6900, 15*time.Minute); err != nil {
		t.Fatal(err)
	}
	peer.Fail(devicetest.Gone)
	for d.Online().Value || !d.Online().Valid {
		pass(clock, time.Second)
	}
	before := peer.Commands()
	peer.Fail(devicetest.Healthy)
	pass(clock, 90*time.Second)
	if n := peer.Commands(); n != before || !d.Online().Value {
		t.Errorf("%d commands to a device that came back, online %v", n-before, d.Online())
	}
}

// A station whose validity time is shorter than our beat would drop the command between two of them.
func TestVerify_ACommandNothingWouldEndHasFailed(t *testing.T) {
	solar, peer, _ := charger(t, "solaredge-hybrid", nil)
	if err := solar.SetPower(t.Context(), 2000, 5*time.Minute); err != nil {
		t.Errorf("a timer that was set: %v", err)
	}
	peer.mu.Lock()
	peer.nature.settle = func(s *simulated) { s.words[0xE00B], s.words[0xE00C] = 10, 0 } // the timeout does not take
	peer.mu.Unlock()
	if err := solar.SetPower(t.Context(), 2000, 5*time.Minute); err == nil || !strings.Contains(err.Error(), "ends the command in 10 seconds, the lease is 5m") {
		t.Errorf("a timer that stays at 10 seconds: %v", err)
	}
	peer.mu.Lock()
	peer.nature.settle = func(s *simulated) { s.words[0xE00B], s.words[0xE00C] = 0xFFFF, 0xFFFF }
	peer.mu.Unlock()
	if err := solar.SetPower(t.Context(), 2000, 5*time.Minute); err == nil || !strings.Contains(err.Error(), "does not say how long") {
		t.Errorf("a timer that is not there: %v", err)
	}
	if err := solar.Release(t.Context()); err != nil {
		t.Errorf("handing back needs no timer: %v", err)
	}
}
