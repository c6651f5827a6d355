package modbus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/devices/profiles"
	"hearth/energy"
)

func TestTurn_WritesSetupOnceAndTheLeaseWithTheCommand(t *testing.T) {
	d, slave, _, _ := toyDevice(t, toy())
	for _, on := range []bool{true, true, false} {
		if err := d.Turn(t.Context(), on, 1500*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	want := "[{39 [7]} {40 [2 3]} {40 [2 3]} {41 [1]}]" // neighbours are one request, half a second rounds up
	if got := fmt.Sprint(slave.log()); got != want {
		t.Fatalf("wrote %s, want %s", got, want)
	}
	d.mu.Lock()
	d.noteLost(errTimeout)
	d.mu.Unlock()
	if err := d.Turn(t.Context(), false, 0); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(slave.log()[4:]); got != "[{39 [7]} {41 [1]}]" {
		t.Fatalf("after a loss wrote %s", got)
	}
}

func TestTurn_ReadsBackAtOnceAndBelievesOnlyThat(t *testing.T) {
	d, slave, clock, _ := toyDevice(t, toy())
	clock.Advance(time.Second)
	slave.set(20, 3) // what the lamp really does
	if err := d.Turn(t.Context(), true, time.Minute); err != nil {
		t.Fatal(err)
	}
	if on := d.On(); on != energy.Read(true, clock.Now()) {
		t.Errorf("on %+v", on)
	}
	slave.stuck = true // a device that accepts and does nothing
	if err := d.Turn(t.Context(), false, 0); err != nil {
		t.Fatal(err)
	}
	if on := d.On(); !on.Value {
		t.Error("a command was taken for its effect")
	}
}

func TestTurn_AFailedWriteEndsTheActionAndIsSaid(t *testing.T) {
	d, slave, _, _ := toyDevice(t, toy())
	slave.missing[39] = errors.New("busy")
	err := d.Turn(t.Context(), true, time.Minute)
	if code, isException := exceptionOf(err); !isException || code != 4 {
		t.Fatalf("got %v", err)
	}
	if n := len(slave.log()); n != 0 {
		t.Fatalf("%d writes after the failed one", n)
	}
	if lack := containsAll(err.Error(), "on it: write 39:"); lack != nil {
		t.Error(lack, err)
	}
}

func TestSetPower_RefusesBeforeTheWireWhatTheDeviceDoesNotTake(t *testing.T) {
	slave := newBank(nil)
	address, _ := serveBank(t, slave, "")
	_, d := newDevice(t, Config{Profile: profileOf(t, "keba-p30"), Bus: openBus(t, "tcp://"+address, newHandClock(), newEager), Clock: newHandClock()})
	for _, p := range []energy.Watts{1, 4139, 11041, -1, -4140, energy.Watts(math.NaN()), energy.Watts(math.Inf(1)), energy.Watts(math.Inf(-1))} {
		if err := d.SetPower(t.Context(), p, time.Minute); err == nil {
			t.Errorf("%v: accepted", p)
		}
	}
	for _, lease := range []time.Duration{-time.Second, time.Second, 11 * time.Minute} {
		if err := d.SetPower(t.Context(), 4140, lease); err == nil {
			t.Errorf("lease %v: accepted", lease)
		}
	}
	if w := slave.log(); len(w) != 0 {
		t.Fatalf("wrote %v", w)
	}
}

// Every power a charger takes becomes a current from 6 A to its most, which reads back as that power.
func TestSetPower_AmperesReadBackAsTheWattsAskedFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		params := map[string]string{
			"phases":  rapid.SampledFrom([]string{"1", "3"}).Draw(t, "phases"),
			"voltage": rapid.SampledFrom([]string{"230", "240", "231.7"}).Draw(t, "voltage"),
		}
		p, err := profiles.Get("keba-p30")
		if err != nil {
			t.Fatal(err)
		}
		d, err := newDriver(Config{Name: "it", Profile: p, Params: params, Log: quiet(), Clock: newHandClock()})
		if err != nil {
			t.Fatal(err)
		}
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		power := d.caps.Floor + energy.Watts(share)*(d.caps.Max-d.caps.Floor)
		requests, err := d.encode(d.actions["set_power"], power, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if got := []uint16{requests[0].addr, requests[1].addr, requests[2].addr, requests[3].addr}; !slices.Equal(got, []uint16{5016, 5018, 5004, 5014}) {
			t.Fatalf("order %v: the watchdog comes first, enabling last", got)
		}
		milliamps := float64(words(requests[2].data)[0])
		if milliamps < 6000 || milliamps > 16000 || math.Abs(milliamps/1000*d.perAmpere-float64(power)) > float64(p.Confirm.Tolerance) {
			t.Fatalf("%v became %v mA", power, milliamps)
		}
	})
}

func TestSetPower_ConcurrentCommandsDoNotMix(t *testing.T) {
	slave := newBank(map[uint16]uint16{47100: 0, 47247: 0, 47248: 0, 47249: 0, 47250: 0})
	address, _ := serveBank(t, slave, "")
	_, d := newDevice(t, Config{Profile: profileOf(t, "huawei-luna"), Bus: openBus(t, "tcp://"+address, newHandClock(), newEager), Clock: newHandClock()})
	var senders sync.WaitGroup
	for i := range 10 {
		senders.Go(func() {
			power := energy.Watts(100 * (i + 1))
			if i%2 == 0 {
				power = -power
			}
			if err := d.SetPower(t.Context(), power, time.Minute); err != nil {
				t.Errorf("set %v: %v", power, err)
			}
		})
	}
	senders.Wait()
	writes := slave.log()[1:] // after setup
	for ; len(writes) >= 3; writes = writes[3:] {
		charges := writes[1].addr == 47247 && writes[2].words[0] == 1
		discharges := writes[1].addr == 47249 && writes[2].words[0] == 2
		if writes[0].addr != 47083 || writes[2].addr != 47100 || !charges && !discharges {
			t.Fatalf("two commands mixed: %v", writes[:3])
		}
	}
	if len(writes) != 0 {
		t.Fatalf("left over: %v", writes)
	}
}

func TestAct_EndsWithinATenthOfASecondWhenTheCallerDoes(t *testing.T) {
	address := serveFaults(t, func(c net.Conn) {
		for askTCP(c) != nil {
		}
	})
	_, d := newDevice(t, Config{Profile: profileOf(t, "huawei-luna"), Bus: openBus(t, "tcp://"+address, newHandClock(), newEager), Clock: newHandClock()})
	promptly(t, "two commands, one of which waits for the other", func() time.Duration {
		begun := time.Now()
		var senders sync.WaitGroup
		for range 2 {
			senders.Go(func() {
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
				defer cancel()
				if err := d.Release(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
			})
		}
		senders.Wait()
		return time.Since(begun)
	})
}

// A mode that changes takes effect on the readings it governs at once.
func TestReadings_AModeWithoutASetpointMakesItUnknown(t *testing.T) {
	slave := newBank(map[uint16]uint16{37760: 500, 37761: 0, 37762: 0, 37763: 0, 37764: 0, 37765: 0, 37766: 0,
		47100: 1, 47247: 0, 47248: 900, 47249: 0, 47250: 700})
	address, _ := serveBank(t, slave, "")
	clock := newHandClock()
	_, d := newDevice(t, Config{Profile: profileOf(t, "huawei-luna"), Bus: openBus(t, "tcp://"+address, clock, newEager), Clock: clock})
	for _, c := range []struct {
		mode uint16
		want energy.Reading[energy.Watts]
	}{{1, energy.Read(energy.Watts(900), start)}, {2, energy.Read(energy.Watts(-700), start)}, {0, energy.Reading[energy.Watts]{At: start}}} {
		slave.set(47100, c.mode)
		pollAll(t, d)
		if got := d.Setpoint(); got != c.want {
			t.Errorf("mode %d: %+v, want %+v", c.mode, got, c.want)
		}
	}
}
