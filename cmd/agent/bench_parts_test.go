package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/scheduler"
)

func TestNatural_OrdersNamesAsPeopleDo(t *testing.T) {
	want := []string{"", "1", "01", "2", "10", "F-v2h-2", "F-v2h-10", "F-v10h-1", "M", "M0", "M0a", "M00", "M1", "T2", "T02", "T10", "T18446744073709551616", "Ta"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, natural)
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	name := rapid.StringMatching(`[aT0-2-]{0,5}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := name.Draw(t, "a"), name.Draw(t, "b"), name.Draw(t, "c")
		if natural(a, b) != -natural(b, a) || (natural(a, b) == 0) != (a == b) {
			t.Fatal("not an order")
		}
		if natural(a, b) < 0 && natural(b, c) < 0 && natural(a, c) >= 0 {
			t.Fatal("runs in a circle")
		}
	})
}

func TestMiddle_IsTheMedianAndTheMost(t *testing.T) {
	for _, c := range []struct {
		values       []float64
		median, most float64
	}{{[]float64{3}, 3, 3}, {[]float64{5, 1}, 3, 5}, {[]float64{9, 1, 2}, 2, 9}, {[]float64{4, 1, 3, 2}, 2.5, 4}} {
		before := slices.Clone(c.values)
		if got := middle(c.values); got.Median != c.median || got.Most != c.most || !slices.Equal(c.values, before) {
			t.Errorf("%v: %+v", before, got)
		}
	}
	if middle(nil) != nil {
		t.Error("a median of nothing")
	}
}

func TestGapAt_IsThatOfTheLastStepByThen(t *testing.T) {
	row := benchRow{Trace: []progress{
		{5, money(9), nil}, {10, money(9), money(4)}, {20, money(8), money(4)}, {20, money(7), money(4)}, {30, money(7), money(6)},
	}}
	for at, want := range map[time.Duration]float64{10: 5, 19: 5, 20: 3, 29: 3, 30: 1, 9999: 1} {
		if got := row.gapAt(at * time.Millisecond); got == nil || got.Float() != want {
			t.Errorf("at %d ms: %v, want %v", at, got, want)
		}
	}
	for _, at := range []time.Duration{0, 4, 5, 9} {
		if got := row.gapAt(at * time.Millisecond); got != nil {
			t.Errorf("at %d ms: %v, and there was no bound yet", at, got)
		}
	}
}

func TestWarmRow_FindsTheFirstProofAndTheLastPlan(t *testing.T) {
	trace := []progress{{1, nil, money(2)}, {2, money(9), nil}, {3, money(9), money(1)}, {7, money(5), money(1)}, {8, money(5), money(4)}, {9, money(5), money(5)}}
	row := warmRow{}
	plan := &scheduler.Plan{Status: scheduler.Optimal, LowerBound: energy.MoneyOf(5)}
	plan.Objective = energy.MoneyOf(5)
	row.judge(plan, trace)
	if row.Certified == nil || *row.Certified != 3 || row.Found != 7 || *row.Gap != 0 {
		t.Errorf("%+v", row)
	}
	for than, want := range map[float64]*float64{5: new(7.0), 4.991: new(7.0), 4.98: nil, 8.995: new(2.0), 20: new(2.0)} {
		got := asGood(trace, energy.MoneyOf(than))
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("as good as %v: %v, want %v", than, got, want)
		}
	}
	relaxed := warmRow{}
	relaxed.judge(&scheduler.Plan{Status: scheduler.Relaxed}, []progress{{1, nil, nil}})
	if relaxed.Certified != nil || relaxed.Gap != nil {
		t.Errorf("%+v", relaxed)
	}
}

func TestReplanSlots_IsFiveMinutesOrASlotOrABlock(t *testing.T) {
	for _, c := range []struct {
		minutes, block, want int
		price                energy.Money
	}{{1, 0, 5, 0}, {2, 0, 3, 0}, {5, 0, 1, 0}, {15, 0, 1, 0}, {60, 0, 1, 0}, {5, 3, 3, 1}, {5, 3, 1, 0}, {1, 4, 8, 1}, {60, 1, 1, 1}} {
		p := &scheduler.Problem{Grid: energy.NewGrid(time.Time{}, time.Duration(c.minutes)*time.Minute, 99)}
		p.Peak = scheduler.Peak{Averaging: c.block, Price: c.price}
		if got := replanSlots(p); got != c.want {
			t.Errorf("slots of %d min, blocks of %d at %v: %d, want %d", c.minutes, c.block, c.price, got, c.want)
		}
	}
}

func TestChanges_CountsSlotsOfDevicesThatBothPlansHave(t *testing.T) {
	old := &scheduler.Plan{}
	old.Devices = []scheduler.DevicePlan{{ID: "a", Power: []energy.Watts{1000, 2000, 3000, 4000}}, {ID: "b", Power: make([]energy.Watts, 4)}}
	again := &scheduler.Plan{}
	again.Devices = []scheduler.DevicePlan{{ID: "a", Power: []energy.Watts{2000.5, 0, 4002, 7}}, {ID: "new", Power: []energy.Watts{1, 2, 3, 4}}}
	if changed, planned := changes(old, again, 1); changed != 2 || planned != 3 {
		t.Errorf("%d of %d", changed, planned)
	}
}

func TestLimitFor_GoesBySize(t *testing.T) {
	for _, c := range []struct {
		slots, devices int
		want           time.Duration
	}{{24, 4, 2 * time.Second}, {3000, 1, 2 * time.Second}, {3001, 1, 10 * time.Second}, {1000, 20, 10 * time.Second}, {2016, 20, 20 * time.Second}} {
		p := &scheduler.Problem{Grid: energy.NewGrid(time.Time{}, time.Minute, c.slots), Devices: make([]scheduler.Device, c.devices)}
		if got := (measurement{}).limitFor(p); got != c.want {
			t.Errorf("%d slots, %d devices: %v, want %v", c.slots, c.devices, got, c.want)
		}
		if got := (measurement{limit: 7}).limitFor(p); got != 7 {
			t.Errorf("%v, and 7 was asked for", got)
		}
	}
}

var held []byte // keeps the compiler from doing away with what is alive

func TestHeapMeter_SeesWhatIsAliveAndNotWhatIsDead(t *testing.T) {
	const mega = 1 << 20
	alive := startHeapMeter()
	held = make([]byte, 64*mega)
	runtime.GC()
	time.Sleep(25 * heapPause) // for the meter to look
	held = nil
	runtime.GC()
	if got := alive.stop(); got < 60*mega || got > 80*mega || got != alive.stop() {
		t.Errorf("%d bytes, 64 MiB were alive", got)
	}
	dead := startHeapMeter()
	for range 64 {
		held = make([]byte, 2*mega)
	}
	held = nil
	if got := dead.stop(); got > 40*mega {
		t.Errorf("%d bytes, 2 MiB were alive at a time", got)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // nothing is marked from here on
	small := startHeapMeter()
	held = make([]byte, mega)
	if got := small.stop(); got < mega || got > 8*mega {
		t.Errorf("%d bytes, 1 MiB is alive and was never marked", got)
	}
	held = nil
}

func TestLine_IsRewrittenAndTakenAway(t *testing.T) {
	var b bytes.Buffer
	l := &statusLine{w: &b}
	l.begin(3, 22, "M1")
	l.tell(scheduler.Progress{Elapsed: 10 * time.Millisecond})
	l.tell(scheduler.Progress{Elapsed: 200 * time.Millisecond, HasPlan: true, Objective: energy.MoneyOf(11.9)})
	l.tell(scheduler.Progress{Elapsed: 250 * time.Millisecond, HasPlan: true, HasBound: true})
	l.tell(scheduler.Progress{Elapsed: 1200 * time.Millisecond, HasPlan: true, HasBound: true, Objective: energy.MoneyOf(11.9), Bound: energy.MoneyOf(11.8)})
	l.begin(4, 22, "M2")
	l.tell(scheduler.Progress{Elapsed: 150 * time.Millisecond, HasBound: true})
	l.clear()
	want := []string{
		"", "3/22 M1", "3/22 M1  0.2 s  objective 11.9000", "3/22 M1  1.2 s  objective 11.9000  gap 0.1000", "4/22 M2", "4/22 M2  0.1 s", "",
	}
	if got := strings.Split(b.String(), eraseLine); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	var none *statusLine // of what is no terminal
	none.begin(1, 1, "M1")
	none.tell(scheduler.Progress{Elapsed: time.Hour})
	none.clear()
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if progressLine(f) != nil || progressLine(&b) != nil {
		t.Error("a file is taken for a terminal")
	}
}

func TestDecimals_NothingHasNoSign(t *testing.T) {
	for _, c := range []struct {
		v      float64
		places int
		want   string
	}{{-0.001, 2, "0.00"}, {-0.006, 2, "-0.01"}, {0, 0, "0"}, {-10, 0, "-10"}, {1.005e3, 1, "1005.0"}} {
		if got := decimals(c.v, c.places); got != c.want {
			t.Errorf("%v: %s, want %s", c.v, got, c.want)
		}
	}
}
