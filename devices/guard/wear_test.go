package guard

import (
	"encoding/json"
	"testing"
	"time"
)

// cycle runs the plug once: on, confirmed, off, confirmed, and rests.
func (b *bench) cycle() {
	b.Helper()
	b.turnedOn()
	b.after(2 * time.Minute).says(true)
	b.want(off)
	b.after(time.Second).says(false)
	b.want(off)
	b.after(2 * time.Minute).says(false)
}

func TestGuard_KeepsTheStartsOfACompressor(t *testing.T) {
	r := plugRules()
	r.MaxStarts = 2
	b := newBench(t, r)
	first := b.now
	b.cycle()
	b.cycle()
	d := b.expect(b.want(on), Held, MaxStarts)
	if want := first.Add(24 * time.Hour); !d.Until.Equal(want) {
		t.Errorf("held until %v, want %v", d.Until, want)
	}
	for b.now.Before(d.Until) {
		b.after(5 * time.Minute).says(false)
		b.want(off)
	}
	b.expect(b.want(on), Applied, "")
}

// The compressor does not ask who started it.
func TestGuard_CountsTheStartsOfOthers(t *testing.T) {
	r := plugRules()
	r.MaxStarts, r.OverrideHold = 2, time.Minute
	b := newBench(t, r)
	b.after(time.Minute).says(true)
	b.expect(b.want(off), Held, Override)
	b.after(2 * time.Minute).says(true)
	b.expect(b.want(off), Applied, "")
	b.after(time.Second).says(false)
	b.want(off)
	b.after(2 * time.Minute).says(false)
	b.cycle()
	b.expect(b.want(on), Held, MaxStarts)
}

func TestGuard_WarnsBeforeARelayIsWornAndThenSparesIt(t *testing.T) {
	r := plugRules()
	r.MaxWear, r.MaxSwitches = 20, 0
	b := newBench(t, r)
	var warned []int
	for range 40 {
		d := b.want(on)
		if d.Notice == Wear {
			warned = append(warned, b.state.Operations)
		}
		if d.Outcome == Refused {
			break
		}
		b.after(time.Second).says(true)
		b.want(on)
		b.after(2 * time.Minute).says(true)
		if d = b.want(off); d.Notice == Wear {
			warned = append(warned, b.state.Operations)
		}
		b.after(time.Second).says(false)
		b.want(off)
		b.after(2 * time.Minute).says(false)
	}
	if len(warned) != 2 || warned[0] != 18 || warned[1] != 20 {
		t.Errorf("warned at %v operations, want 18 and 20", warned)
	}
	b.expectSent(b.expect(b.want(on), Refused, Wear), nil)

	var d Decision
	b.state, d = r.Decide(b.state, Input{Now: b.now, Want: on, Obs: b.obs, IsResident: true})
	b.expectSent(b.expect(d, Applied, ""), &on) // the resident's own wish is not refused
	b.after(time.Second).says(true)
	b.want(on)
	b.after(2 * time.Minute).says(true)
	b.expectSent(b.expect(b.want(off), Applied, ""), &off) // nor is the safe state
}

func TestGuard_LeavesADeviceToAnotherController(t *testing.T) {
	b := newBench(t, plugRules()).turnedOn()
	var d Decision
	for i := range 3 {
		b.after(2 * time.Minute).says(i%2 == 1)
		d = b.want(on)
		if i < 2 {
			b.expect(d, Held, Override)
		}
	}
	b.expect(d, Refused, Contested)
	if d.Notice != Contested || !d.Until.Equal(b.now.Add(24*time.Hour)) {
		t.Errorf("said %q until %v", d.Notice, d.Until)
	}
	for range 200 {
		b.after(5 * time.Minute).says(false)
		d := b.want(on)
		b.expectSent(b.expect(d, Refused, Contested), nil)
		if d.Notice != "" {
			t.Fatal("said twice")
		}
	}
}

func TestGuard_BelievesTwoFlipsToBeAResident(t *testing.T) {
	r := plugRules()
	r.Lease, r.MaxGap = 0, time.Hour
	b := newBench(t, r).turnedOn()
	for i := range 6 {
		b.after(40 * time.Minute) // never three in an hour
		b.says(i%2 == 1)
		b.expect(b.want(on), Held, Override)
	}
}

func TestGuard_EndsAnOverrideByTheResidentsOwnWish(t *testing.T) {
	b := newBench(t, plugRules()).turnedOn()
	b.after(90 * time.Second).says(false)
	b.expect(b.want(on), Held, Override)
	b.after(2 * time.Minute).says(false)
	var d Decision
	b.state, d = b.rules.Decide(b.state, Input{Now: b.now, Want: on, Obs: b.obs, IsResident: true})
	b.expectSent(b.expect(d, Applied, ""), &on)
}

func TestGuard_SpendsAPauseTooManyAtTheLeastPower(t *testing.T) {
	r := chargerRules()
	r.MaxPauses = 2
	b := newBench(t, r)
	for range 2 {
		b.after(2 * time.Minute).shows(0)
		b.want(watts(3680))
		b.after(time.Second).shows(3680)
		b.want(watts(3680))
		b.after(2 * time.Minute).shows(3680)
		b.expect(b.want(watts(0)), Applied, "")
		b.after(time.Second).shows(0)
		b.want(watts(0))
	}
	b.after(2 * time.Minute).shows(0)
	b.want(watts(3680))
	b.after(time.Second).shows(3680)
	b.want(watts(3680))
	b.after(2 * time.Minute).shows(3680)
	least := watts(1380)
	b.expectSent(b.expect(b.want(watts(0)), Applied, MaxPauses), &least)
	b.after(time.Second).shows(1380)
	b.expect(b.want(watts(0)), Kept, MaxPauses)

	forced, d := b.rules.Decide(b.state, Input{Now: b.now, Want: watts(0), Obs: b.obs, IsForced: true})
	if d.Outcome != Applied || forced.Told.Setpoint != watts(0) {
		t.Errorf("a fuse has to wait: %+v", d)
	}
	for range 12 {
		b.after(5 * time.Minute).shows(1380)
		if d = b.want(watts(0)); d.Outcome == Applied {
			break
		}
	}
	zero := watts(0)
	b.expectSent(d, &zero)
}

func TestGuard_LowersAtOnceWhatAFuseNeeds(t *testing.T) {
	b := newBench(t, plugRules()).turnedOn()
	b.after(time.Second).says(true)
	b.expect(b.want(off), Held, MinOn)
	_, d := b.rules.Decide(b.state, Input{Now: b.now, Want: off, Obs: b.obs, IsForced: true})
	b.expectSent(b.expect(d, Applied, ""), &off)

	b = newBench(t, plugRules()).turnedOn()
	b.after(2 * time.Minute).says(true)
	b.want(off)
	b.after(time.Second).says(false)
	b.want(off)
	_, d = b.rules.Decide(b.state, Input{Now: b.now, Want: on, Obs: b.obs, IsForced: true})
	b.expect(d, Held, MinOff) // more is never urgent
}

func TestGuard_RemembersNoMoreOfADeviceThatFlapsAllDay(t *testing.T) {
	b := newBench(t, plugRules())
	for i := range 8640 {
		b.after(10 * time.Second).says(i%2 == 0)
		b.want(off)
	}
	if text, err := json.Marshal(b.state); err != nil || len(text) > 16<<10 {
		t.Errorf("%d bytes to store (%v)", len(text), err)
	}
}
