package sim

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/energy"
	"hearth/sim/house"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// still is a clock that moves only when it is told to.
type still struct {
	mu    sync.Mutex
	now   time.Time
	moved chan struct{} // closed and made anew at each move
}

func newStill(now time.Time) *still { return &still{now: now, moved: make(chan struct{})} }

func (c *still) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *still) Sleep(ctx context.Context, d time.Duration) error {
	end := c.Now().Add(d)
	for {
		c.mu.Lock()
		now, moved := c.now, c.moved
		c.mu.Unlock()
		if !now.Before(end) {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (c *still) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	close(c.moved)
	c.moved = make(chan struct{})
}

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func newHome(t testing.TB, seed uint64, start time.Time) (*Home, *still) {
	t.Helper()
	c := newStill(start)
	h, err := New(Options{Clock: c, Seed: seed, Zone: start.Location()})
	if err != nil {
		t.Fatal(err)
	}
	return h, c
}

func TestNew_RefusesWhatItCannotLiveWith(t *testing.T) {
	c := newStill(time.Unix(0, 0))
	for name, o := range map[string]Options{
		"no clock":       {Zone: time.UTC},
		"no zone":        {Clock: c},
		"speed backward": {Clock: c, Zone: time.UTC, Speed: -1},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestHome_IsTheSameForASeedHoweverTimePasses(t *testing.T) {
	start := noonOf(berlin(t))
	leap, leapClock := newHome(t, 3, start)
	leapClock.pass(27 * time.Hour)
	want, bill := leap.State(), leap.Summary()

	r := rand.New(rand.NewPCG(1, 2))
	walk, walkClock := newHome(t, 3, start)
	for left := 27 * time.Hour; left > 0; {
		d := min(left, time.Duration(r.Int64N(int64(20*time.Minute))))
		walkClock.pass(d)
		walk.State()
		left -= d
	}
	if got := walk.State(); got != want {
		t.Errorf("in small steps\n%+v, in one\n%+v", got, want)
	}
	if got := walk.Summary(); got != bill {
		t.Errorf("in small steps\n%v, in one\n%v", got, bill)
	}
	other, otherClock := newHome(t, 4, start)
	otherClock.pass(27 * time.Hour)
	if other.State() == want {
		t.Error("another seed gives the same home")
	}
}

func TestHome_EqualsItsTwinWhenNobodyActs(t *testing.T) {
	for seed := range uint64(2) {
		h, c := newHome(t, seed, noonOf(berlin(t)))
		c.pass(25 * time.Hour)
		s := h.Summary()
		if h.State() != h.Twin() || s.With != s.Without {
			t.Errorf("seed %d: home and twin differ:\n%v", seed, s)
		}
		if saved, share := s.Saved(); saved != 0 || share != 0 {
			t.Errorf("seed %d: saved %v (%v)", seed, saved, share)
		}
		if s.With.Missed != (Missed{}) {
			t.Errorf("seed %d: missed %v", seed, s.With.Missed)
		}
	}
}

func TestHome_StandsStillWhenItsClockGoesBack(t *testing.T) {
	h, c := newHome(t, 1, noonOf(berlin(t)))
	c.pass(time.Hour)
	want := h.State()
	c.pass(-30 * time.Minute)
	if got := h.State(); got != want {
		t.Errorf("moved to %v from %v", got.At, want.At)
	}
}

func TestHome_LivesThroughDaysOf23And25Hours(t *testing.T) {
	zone := berlin(t)
	for name, c := range map[string]struct {
		start time.Time
		span  time.Duration
	}{
		"spring": {time.Date(2026, 3, 28, 0, 0, 0, 0, zone), 71 * time.Hour},
		"autumn": {time.Date(2026, 10, 24, 0, 0, 0, 0, zone), 73 * time.Hour},
	} {
		h, clock := newHome(t, 2, c.start)
		begin := h.State()
		clock.pass(c.span)
		now := h.State()
		if !now.At.Equal(c.start.AddDate(0, 0, 3)) {
			t.Errorf("%s: three days end at %v", name, now.At)
		}
		if runs := now.Dishwasher.Runs - begin.Dishwasher.Runs; runs != 3 {
			t.Errorf("%s: dishes done %d times in three days", name, runs)
		}
		if s := h.Summary(); s.With.Missed != (Missed{}) || s.Span.Length() != c.span {
			t.Errorf("%s: %v", name, s)
		}
	}
}

// thrifty does by hand what any planner would: it looks at the day's prices and moves what can be moved.
func thrifty(h *Home, now *house.House) {
	day := h.ledger.day
	price, _ := day.Import.At(now.At)
	local := now.At.In(h.zone)
	isNight := local.Hour() < 6
	now.Charger.IsEnabled = isNight
	if local.Hour() >= 19 || local.Hour() < 12 {
		now.DishPlug.Turn(isNight && local.Hour() >= 2 || local.Hour() >= 6 && local.Hour() < 12)
	}
	now.BoilerPlug.Turn(local.Hour() >= 11 && local.Hour() < 15 || isNight && local.Hour() >= 3)
	switch evening, _ := day.Import.At(day.Start.Add(19 * time.Hour)); {
	case isNight && now.Charger.Power > 0:
		now.Battery.Force(0, 10*time.Minute) // not for the car: the morning and the evening are dearer
	case price < evening:
		now.Battery.Release()
	}
}

func TestHome_ThriftWinsOverTheTwinByMoreThanATenth(t *testing.T) {
	const seeds = 8
	lost := 0
	for seed := range uint64(seeds) {
		h, c := newHome(t, seed, noonOf(berlin(t)))
		for range 24 * 12 {
			c.pass(5 * time.Minute)
			h.look(func(now *house.House) { thrifty(h, now) })
		}
		s := h.Summary()
		if s.With.Missed != (Missed{}) {
			t.Errorf("seed %d: thrift missed %v", seed, s.With.Missed)
		}
		if _, share := s.Saved(); share < 0.1 {
			lost++
			t.Logf("seed %d:\n%v", seed, s)
		}
	}
	if lost > 1 {
		t.Errorf("with %d of %d seeds thrift saves less than a tenth", lost, seeds)
	}
}

func TestPrehistory_IsTheDaysBeforeNobodyActing(t *testing.T) {
	start := noonOf(berlin(t))
	h, _ := newHome(t, 1, start)
	past := h.Prehistory(3)
	if len(past) != 3*96*6 {
		t.Fatalf("%d values, want %d", len(past), 3*96*6)
	}
	energies := map[string]energy.WattHours{}
	for i, p := range past {
		if p.Length() != 15*time.Minute || (i > 0 && p.Start.Before(past[i-1].Start)) {
			t.Fatalf("value %d is out of order: %v after %v", i, p, past[i-1])
		}
		energies[p.Device] += p.Power.Over(p.Length())
	}
	if first, last := past[0], past[len(past)-1]; !first.Start.Equal(start.AddDate(0, 0, -3)) || !last.End.Equal(start) {
		t.Errorf("from %v to %v", first.Start, last.End)
	}
	for channel, bounds := range map[string][2]energy.WattHours{
		"grid": {-60000, 60000}, "solar": {-130000, -15000}, "battery": {0, 20000},
		"car": {40000, 48000}, "dishwasher": {2800, 3000}, "boiler": {9000, 16000},
	} {
		if e := energies[channel]; e < bounds[0] || e > bounds[1] {
			t.Errorf("%s: %v in three days, want %v to %v", channel, e, bounds[0], bounds[1])
		}
	}
	if len(energies) != 6 {
		t.Errorf("channels %v", energies)
	}
}

// A day at 600 times speed must cost a small part of the 144 s of the wall it has, on a Pi too.
func BenchmarkHome_Day(b *testing.B) {
	h, c := newHome(b, 1, noonOf(berlin(b)))
	for b.Loop() {
		c.pass(24 * time.Hour)
		h.State()
	}
}

func BenchmarkHome_PrehistoryOfTwoWeeks(b *testing.B) {
	h, _ := newHome(b, 1, noonOf(berlin(b)))
	for b.Loop() {
		h.Prehistory(14)
	}
}

// noonOf is the noon of the day on which the home begins by default.
func noonOf(zone *time.Location) time.Time {
	y, m, d := DefaultStart(zone).Date()
	return time.Date(y, m, d, 12, 0, 0, 0, zone)
}
