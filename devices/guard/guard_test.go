package guard

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// fake is a plug or a charger that notes what it is told.
type fake struct {
	mu     sync.Mutex
	told   []string
	leases []time.Duration
	err    error
	block  chan struct{} // when set, a command waits for it or for ctx
	busy   atomic.Int32
}

func (f *fake) send(ctx context.Context, what string, lease time.Duration) error {
	if f.busy.Add(1) > 1 {
		panic("two commands at once")
	}
	defer f.busy.Add(-1)
	if f.block != nil {
		select {
		case <-f.block:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told, f.leases = append(f.told, what), append(f.leases, lease)
	return f.err
}

func (f *fake) On() energy.Reading[bool]               { return energy.Reading[bool]{} }
func (f *fake) Setpoint() energy.Reading[energy.Watts] { return energy.Reading[energy.Watts]{} }
func (f *fake) Release(ctx context.Context) error      { return f.send(ctx, "release", 0) }
func (f *fake) Turn(ctx context.Context, on bool, lease time.Duration) error {
	return f.send(ctx, map[bool]string{true: "on", false: "off"}[on], lease)
}

func (f *fake) SetPower(ctx context.Context, p energy.Watts, lease time.Duration) error {
	return f.send(ctx, p.String(), lease)
}

func (f *fake) expect(t *testing.T, want ...string) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Equal(f.told, want) {
		t.Errorf("device was told %v, want %v", f.told, want)
	}
}

func newPlug(t *testing.T, r Rules, s State) (*Guard, *fake) {
	t.Helper()
	f := &fake{}
	g, err := New(&devices.Device{Name: "boiler", Switch: f, Capabilities: devices.Capabilities{ReadBack: true, Lease: devices.Timer}}, r, s)
	if err != nil {
		t.Fatal(err)
	}
	return g, f
}

func heard(isOn bool, at time.Time) devices.Observation {
	return devices.Observation{On: energy.Read(isOn, at)}
}

func TestNew_TakesTheStricterOfRulesAndDevice(t *testing.T) {
	f := &fake{}
	d := &devices.Device{Name: "car", Setpoint: f, Capabilities: devices.Capabilities{
		ReadBack: true, Lease: devices.Silence, LeaseMax: 5 * time.Minute, Max: 11000, Floor: 4140, Step: 690,
		ConfirmWithin: 30 * time.Second, Tolerance: 70, MinOn: 5 * time.Minute, MinOff: time.Minute, MaxSwitches: 24,
	}}
	g, err := New(d, Rules{MinOff: 10 * time.Minute, MaxSwitches: 40, Max: 7000, Lease: time.Hour}, State{})
	if err != nil {
		t.Fatal(err)
	}
	want := Rules{
		Role: ByPower, FreezeAfter: 30 * time.Second, SafeAfter: 2 * time.Minute, MinOn: 5 * time.Minute, MinOff: 10 * time.Minute, MaxSwitches: 24, Max: 7000, Floor: 4140, Step: 690, Tolerance: 70,
		Lease: 5 * time.Minute, ConfirmWithin: 30 * time.Second, OverrideHold: 2 * time.Hour, FaultHold: time.Hour,
		MaxAge: 5 * time.Minute, MaxGap: 10 * time.Minute, LeaseKind: devices.Silence, IsReadBack: true,
	}
	if got := g.Rules(); !reflect.DeepEqual(got, want) {
		t.Errorf("rules\n%+v, want\n%+v", got, want)
	}
}

func TestNew_NamesWhatDoesNotFit(t *testing.T) {
	f := &fake{}
	plug := &devices.Device{Name: "x", Switch: f, Capabilities: devices.Capabilities{Lease: devices.Timer, LeaseMax: time.Minute}}
	for _, c := range []struct {
		name   string
		device *devices.Device
		rules  Rules
		want   []string
	}{
		{"a meter", &devices.Device{Name: "x"}, Rules{}, []string{"takes no commands"}},
		{"no safe state", plug, Rules{}, []string{"its safe state is on or off"}},
		{"lease too short", plug, Rules{MinOn: time.Hour}, []string{"cannot keep it on", "its safe state is on or off"}},
		{"a safe power of a plug", plug, Rules{Safe: watts(5)}, []string{"safe state", "cannot do this"}},
		{"more than it counts", plug, Rules{Safe: off, MaxSwitches: 200}, []string{"too many to count"}},
		{"a charger without powers", &devices.Device{Name: "x", Setpoint: f}, Rules{}, []string{"no power lies between"}},
	} {
		_, err := New(c.device, c.rules, State{})
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q in it", c.name, err, want)
			}
		}
	}
}

func TestGuard_SendsWithTheLease(t *testing.T) {
	g, f := newPlug(t, Rules{Safe: off, Lease: 20 * time.Minute}, State{})
	d := g.Request(t.Context(), start, on, heard(false, start))
	if d.Outcome != Applied || d.Lease != 20*time.Minute || f.leases[0] != 20*time.Minute {
		t.Errorf("%+v, device got %v", d, f.leases)
	}
	f.expect(t, "on")
}

func TestGuard_CountsAFailedCommandAsPerhapsObeyed(t *testing.T) {
	g, f := newPlug(t, Rules{Safe: off}, State{})
	f.err = errors.New("no answer")
	d := g.Request(t.Context(), start, on, heard(false, start))
	if d.Outcome != Refused || d.Rule != Send || !errors.Is(d.Err, f.err) || !strings.Contains(d.Err.Error(), "send boiler on") {
		t.Errorf("%+v", d)
	}
	f.err = nil
	now := start.Add(time.Second)
	if d := g.Request(t.Context(), now, on, heard(true, now)); d.Outcome != Kept || d.Sent != nil {
		t.Errorf("it had arrived: %+v", d)
	}
}

func TestGuard_TriesAFailedRenewalAtTheNextRequest(t *testing.T) {
	g, f := newPlug(t, Rules{Safe: off, Lease: 10 * time.Minute}, State{})
	g.Request(t.Context(), start, on, heard(false, start))
	at := func(d time.Duration, err error) Decision {
		f.err = err
		now := start.Add(d)
		return g.Request(t.Context(), now, on, heard(true, now))
	}
	at(time.Second, nil)
	at(4*time.Minute, errors.New("no answer"))
	at(5*time.Minute, nil)
	if d := at(6*time.Minute, nil); d.Sent != nil {
		t.Errorf("renewed too early: %+v", d)
	}
	f.expect(t, "on", "on", "on")
}

func TestGuard_NeverReplaysAfterARestart(t *testing.T) {
	g, _ := newPlug(t, Rules{Safe: off}, State{})
	g.Request(t.Context(), start, on, heard(false, start))
	stored, err := json.Marshal(g.State())
	if err != nil {
		t.Fatal(err)
	}
	var s State
	if err := json.Unmarshal(stored, &s); err != nil {
		t.Fatal(err)
	}
	again, f := newPlug(t, Rules{Safe: off}, s)
	now := start.Add(time.Hour)
	for i := range 5 {
		at := now.Add(time.Duration(i) * 20 * time.Second)
		again.Request(t.Context(), at, off, heard(false, at))
	}
	f.expect(t, "off")
}

// How far the command got nobody knows: its edge counts from the first reading after the restart.
func TestGuard_RestsAfterARestartInTheMiddleOfAnEdge(t *testing.T) {
	r := Rules{Safe: off, MinOff: 10 * time.Minute}
	g, f := newPlug(t, r, State{Since: start.Add(-time.Hour)})
	if d := g.Request(t.Context(), start, on, heard(false, start)); d.Outcome != Applied {
		t.Fatalf("%+v", d)
	}
	f.expect(t, "on")
	again, f := newPlug(t, r, g.State())
	at := start.Add(time.Minute)
	if d := again.Request(t.Context(), at, on, heard(false, at)); d.Outcome != Held || d.Rule != MinOff || !d.Until.Equal(at.Add(10*time.Minute)) {
		t.Errorf("%+v", d)
	}
	f.expect(t)
}

func TestGuard_RemembersTheResidentOverARestart(t *testing.T) {
	g, _ := newPlug(t, Rules{Safe: off}, State{})
	g.Request(t.Context(), start, off, heard(false, start))
	at := start.Add(time.Minute)
	held := g.Request(t.Context(), at, off, heard(true, at))
	again, f := newPlug(t, Rules{Safe: off}, g.State())
	at = at.Add(time.Minute)
	if d := again.Request(t.Context(), at, off, heard(true, at)); d.Outcome != Held || d.Rule != Override || !d.Until.Equal(held.Until) {
		t.Errorf("%+v, before %+v", d, held)
	}
	f.expect(t)
}

func TestNew_LeasesForAtLeastTheShortestRun(t *testing.T) {
	if g, _ := newPlug(t, Rules{Safe: off, MinOn: 20 * time.Minute}, State{}); g.Rules().Lease != 20*time.Minute {
		t.Errorf("lease %v", g.Rules().Lease)
	}
}

func TestClose_LeavesTheSafeStateOfTheDevice(t *testing.T) {
	for _, c := range []struct {
		name string
		safe energy.Setpoint
		want energy.Setpoint
		told []string
	}{
		{"a load that runs", off, on, []string{"on", "off"}},
		{"a load at rest", off, off, []string{"off"}},
		{"an appliance held back", on, off, []string{"off", "on"}},
		{"an appliance that runs", on, on, []string{"on"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, f := newPlug(t, Rules{Safe: c.safe}, State{})
			g.Request(t.Context(), start, c.want, heard(c.want == on, start.Add(-time.Second)))
			at := start.Add(time.Second)
			g.Request(t.Context(), at, c.want, heard(c.want == on, at))
			for range 2 {
				if err := g.Close(t.Context(), at); err != nil {
					t.Error(err)
				}
			}
			f.expect(t, c.told...)
			if d := g.Request(t.Context(), at, on, heard(false, at)); d.Rule != Closed || d.Err == nil {
				t.Errorf("after close: %+v", d)
			}
		})
	}
}

func TestClose_ReleasesACharger(t *testing.T) {
	f := &fake{}
	g, err := New(&devices.Device{Name: "car", Setpoint: f, Capabilities: devices.Capabilities{Max: 11000, ReadBack: true}}, Rules{}, State{})
	if err != nil {
		t.Fatal(err)
	}
	g.Request(t.Context(), start, watts(4000), devices.Observation{Power: energy.Read[energy.Watts](0, start)})
	if err := g.Close(t.Context(), start); err != nil {
		t.Error(err)
	}
	f.expect(t, "4kW", "release")
}

func TestClose_LeavesAloneWhatIsNotItsOwn(t *testing.T) {
	g, f := newPlug(t, Rules{Safe: off}, State{})
	if err := g.Close(t.Context(), start); err != nil {
		t.Error(err)
	}
	f.expect(t)

	g, f = newPlug(t, Rules{Safe: off}, State{})
	g.Request(t.Context(), start, off, heard(false, start.Add(-time.Second)))
	for i, isOn := range []bool{false, true} {
		at := start.Add(time.Duration(i+1) * time.Minute)
		g.Request(t.Context(), at, off, heard(isOn, at))
	}
	if err := g.Close(t.Context(), start.Add(3*time.Minute)); err != nil {
		t.Error(err)
	}
	f.expect(t, "off") // and the resident's "on" stands
}

func TestClose_IsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, f := newPlug(t, Rules{Safe: off}, State{})
		g.Request(t.Context(), start, on, heard(false, start))
		f.block = make(chan struct{})
		began := time.Now()
		if err := g.Close(t.Context(), start); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want a deadline", err)
		}
		if took := time.Since(began); took != closeTimeout {
			t.Errorf("took %v", took)
		}
	})
}

func TestGuard_ServesOneRequestAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, f := newPlug(t, Rules{Safe: off}, State{})
		f.block = make(chan struct{})
		var done sync.WaitGroup
		for range 8 {
			done.Go(func() { g.Request(t.Context(), start, on, heard(false, start)) })
		}
		synctest.Wait()
		waiting, cancel := context.WithCancel(t.Context())
		done.Go(func() {
			if d := g.Request(waiting, start, on, heard(false, start)); d.Rule != Closed || !errors.Is(d.Err, context.Canceled) {
				t.Errorf("given up: %+v", d)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(f.block)
		done.Wait()
		f.expect(t, "on")
	})
}
