package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	bolt "go.etcd.io/bbolt"

	"hearth/energy"
)

func TestStore_ReadsWhatWasJustHandedOver(t *testing.T) {
	h := openHome(t, nil)
	check := func(when string) {
		t.Helper()
		h.wantState("signals", "good")
		if got := h.readings("grid", ever()); got != "21T12:00:00=5 21T12:00:10=-7" {
			t.Errorf("%s: readings %q", when, got)
		}
		if got := h.journal("decisions", ever()); got != "first second" {
			t.Errorf("%s: journal %q", when, got)
		}
	}
	h.put("signals", "good")
	h.Record(noon().Add(10*time.Second), map[string]float64{"grid": -7, "solar": -1})
	h.Record(noon(), map[string]float64{"grid": 5})
	h.append("decisions", noon(), "first")
	h.append("decisions", noon(), "second")
	check("before any flush")
	h.flush()
	check("after a flush")
	h.reopen()
	check("after reopening")
}

func TestStore_MergesMemoryOverFile(t *testing.T) {
	h := openHome(t, nil)
	h.Record(noon(), map[string]float64{"grid": 1, "solar": 2})
	h.Record(noon().Add(2*time.Second), map[string]float64{"grid": 3})
	h.flush()
	h.Record(noon(), map[string]float64{"grid": 9})
	h.Record(noon().Add(time.Second), map[string]float64{"grid": 10})
	want := "21T12:00:00=9 21T12:00:01=10 21T12:00:02=3"
	for _, when := range []string{"pending", "flushed"} {
		if got := h.readings("grid", ever()); got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
		if got := h.readings("solar", ever()); got != "21T12:00:00=2" {
			t.Errorf("%s: the other channel of the row reads %q", when, got)
		}
		h.flush()
	}
}

func TestReadings_AreHalfOpen(t *testing.T) {
	h := openHome(t, nil)
	midnight := noon().Add(12 * time.Hour)
	for i := range 4 {
		h.Record(midnight.Add(time.Duration(i-2)*time.Second), map[string]float64{"grid": float64(i)})
	}
	for _, when := range []string{"pending", "flushed"} {
		got := h.readings("grid", energy.Interval{Start: midnight.Add(-time.Second), End: midnight.Add(time.Second)})
		if got != "21T23:59:59=1 22T00:00:00=2" {
			t.Errorf("%s: %q", when, got)
		}
		if got := h.readings("grid", energy.Interval{Start: midnight, End: midnight}); got != "" {
			t.Errorf("%s: empty interval: %q", when, got)
		}
		h.flush()
	}
}

func TestReadings_EndsBetweenMillisecondsKeepTheirMeaning(t *testing.T) {
	h := openHome(t, nil)
	h.Record(noon(), map[string]float64{"grid": 1})
	h.append("plans", noon(), "plan")
	half := 500 * time.Microsecond
	before, after := energy.Interval{Start: noon(), End: noon().Add(half)}, energy.Interval{Start: noon().Add(half), End: noon().Add(time.Hour)}
	for _, when := range []string{"pending", "flushed"} {
		if a, b := h.readings("grid", before), h.readings("grid", after); a == "" || b != "" {
			t.Errorf("%s: readings %q and %q", when, a, b)
		}
		if a, b := h.journal("plans", before), h.journal("plans", after); a == "" || b != "" {
			t.Errorf("%s: records %q and %q", when, a, b)
		}
		h.flush()
	}
}

func TestRollups_BeginWithinTheInterval(t *testing.T) {
	h := openHome(t, nil)
	h.recordDays(firstDay(), 2)
	start := firstDay().Add(6 * time.Hour)
	for name, c := range map[string]struct {
		within energy.Interval
		slots  int
	}{
		"whole slots":               {energy.Span(start, time.Hour), 4},
		"starts inside a slot":      {energy.Interval{Start: start.Add(time.Minute), End: start.Add(time.Hour)}, 3},
		"ends inside a slot":        {energy.Span(start, 50*time.Minute), 4},
		"inside one slot":           {energy.Span(start.Add(time.Minute), 5*time.Minute), 0},
		"empty":                     {energy.Span(start, 0), 0},
		"over midnight into today":  {energy.Span(firstDay().Add(23*time.Hour), 2*time.Hour), 8},
		"before anything was there": {energy.Span(firstDay().AddDate(0, 0, -2), day), 0},
	} {
		got := h.rollups("grid", c.within)
		if len(got) != c.slots {
			t.Errorf("%s: %d slots, want %d", name, len(got), c.slots)
		}
		for _, r := range got {
			if !c.within.Contains(r.Slot.Start) || r.Slot.Length() != quarter || r.Count == 0 || r.Mean() < r.Min || r.Mean() > r.Max {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
}

func TestReadings_UnknownIsNotKept(t *testing.T) {
	h := openHome(t, nil)
	h.Record(noon(), map[string]float64{"nan": math.NaN(), "inf": math.Inf(1), "zero": 0, "": 1})
	h.flush()
	for _, channel := range []string{"nan", "inf", ""} {
		if got := h.readings(channel, ever()); got != "" {
			t.Errorf("%s: %q", channel, got)
		}
	}
	if got := h.readings("zero", ever()); got != "21T12:00:00=0" {
		t.Errorf("zero: %q", got)
	}
}

func TestReadings_StopWhenToldAndMayUseTheStore(t *testing.T) {
	h := openHome(t, nil)
	for i := range 5 {
		h.Record(noon().Add(time.Duration(i)*time.Second), map[string]float64{"grid": 1})
		h.append("plans", noon(), "plan")
	}
	h.flush()
	seen := 0
	if err := h.Readings("grid", ever(), func(time.Time, float64) bool {
		seen++
		h.put("seen", strings.Repeat("x", seen))
		h.flush() // would wait for ever inside a read transaction that pins the map
		return seen < 2
	}); err != nil || seen != 2 {
		t.Errorf("readings: %d seen, %v", seen, err)
	}
	if err := h.Journal("plans", ever(), func(time.Time, []byte) bool { seen++; return false }); err != nil || seen != 3 {
		t.Errorf("journal: %d seen, %v", seen, err)
	}
}

func TestState_DeletesAndOverwrites(t *testing.T) {
	h := openHome(t, nil)
	h.put("a", "1")
	h.put("b", "2")
	h.reopen()
	h.put("a", "3")
	if err := h.Delete("b"); err != nil {
		t.Fatal(err)
	}
	if err := h.Put("empty", nil); err != nil {
		t.Fatal(err)
	}
	h.reopen()
	h.wantState("a", "3")
	h.wantState("b", "")
	if v, ok, err := h.Get("empty"); len(v) != 0 || !ok || err != nil {
		t.Errorf("an empty value reads %q, %v, %v", v, ok, err)
	}
}

func TestState_ChangeDuringACommitIsNotForgotten(t *testing.T) {
	h := openHome(t, nil)
	last := ""
	for round := range 30 {
		done := make(chan error, 1)
		h.put("k", fmt.Sprint("round", round))
		go func() { done <- h.Flush() }()
		for i := range round * 100 { // the last of them falls before, into or after the commit
			last = fmt.Sprint(round, ".", i)
			h.put("k", last)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		h.flush()
		if got := string(stateOf(t, h).values["k"]); round > 0 && got != last {
			t.Fatalf("round %d: the file has %q, the last put was %q", round, got, last)
		}
	}
}

func TestState_IsACopyBothWays(t *testing.T) {
	h := openHome(t, nil)
	given := []byte("good")
	if err := h.Put("k", given); err != nil {
		t.Fatal(err)
	}
	given[0] = 'X'
	got, _, _ := h.Get("k")
	got[1] = 'X'
	h.wantState("k", "good")
}

func TestState_UnchangedIsNotWrittenAgain(t *testing.T) {
	h := openHome(t, nil)
	h.put("k", "v")
	h.flush()
	before := h.Stats().Flushes
	h.put("k", "v")
	h.flush()
	if after := h.Stats().Flushes; after != before {
		t.Errorf("%d commits for an unchanged value", after-before)
	}
}

func TestStore_RefusesWhatItCannotKeep(t *testing.T) {
	h := openHome(t, func(o *Options) { o.Journals = map[string]Limit{"small": {Bytes: 100}} })
	long := strings.Repeat("k", bolt.MaxKeySize+1)
	for name, err := range map[string]error{
		"empty key": h.Put("", nil), "long key": h.Put(long, nil),
		"value of 4 MiB and a byte": h.Put("k", make([]byte, maxValue+1)),
		"empty name":                h.Append("", noon(), nil), "long name": h.Append(long, noon(), nil),
		"record beyond its journal": h.Append("small", noon(), make([]byte, 100)),
	} {
		if err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	h.Record(noon(), map[string]float64{long: 1})
	h.flush() // none of it stands in the way of the rest
}

func TestStore_ClosedTakesNothingAndSaysSo(t *testing.T) {
	h := openHome(t, nil)
	h.put("k", "v")
	h.close()
	h.close()
	h.Record(noon(), map[string]float64{"grid": 1})
	for name, err := range map[string]error{
		"put": h.Put("k", nil), "delete": h.Delete("k"), "append": h.Append("j", noon(), nil), "flush": h.Flush(),
		"snapshot": h.Snapshot(&bytes.Buffer{}),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
	if got := h.Stats().Dropped; got != 1 {
		t.Errorf("%d rows counted as dropped", got)
	}
}

func TestStore_StateIsOnDiskASecondLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "hearth.db")
		s, err := Open(t.Context(), path, Options{Clock: &fakeClock{t: noon()}, Log: discard()})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.Put("k", []byte("v")); err != nil {
			t.Fatal(err)
		}
		s.Record(noon(), map[string]float64{"grid": 1})
		time.Sleep(stateDelay + time.Millisecond)
		synctest.Wait()
		if st := s.Stats(); st.Flushes != 1 || st.Pending != 1 {
			t.Errorf("after a second: %d commits, %d rows pending; want the state alone", st.Flushes, st.Pending)
		}
		time.Sleep(defaultFlushEvery)
		synctest.Wait()
		if st := s.Stats(); st.Flushes != 2 || st.Pending != 0 {
			t.Errorf("after five minutes: %d commits, %d rows pending", st.Flushes, st.Pending)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if st := s.Stats(); st.Flushes != 2 {
			t.Errorf("%d commits with nothing to write", st.Flushes-2)
		}
	})
}

func TestStore_AsksADiskThatRefusedOnlyNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "hearth.db")
		s, err := Open(t.Context(), path, Options{Clock: &fakeClock{t: noon()}, Log: discard(), MaxSize: minMaxSize})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		want := func(failures int64) {
			t.Helper()
			synctest.Wait()
			if got := s.Stats().Errors; got != failures {
				t.Errorf("%d attempts have failed, want %d", got, failures)
			}
		}
		if err := s.Put("k", make([]byte, 2*minMaxSize)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(stateDelay)
		want(1)
		for i := range 20 {
			if err := s.Put("other", []byte{byte(i)}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		want(1)
		time.Sleep(retryEvery - 19*time.Second)
		want(2)
		if err := s.Flush(); err == nil {
			t.Error("it fitted")
		}
		want(3)
		if err := s.Delete("k"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(retryEvery)
		want(3)
		if !s.Stats().Writable {
			t.Error("does not write again")
		}
	})
}

func TestStore_ManyRowsDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "hearth.db")
		s, err := Open(t.Context(), path, Options{Clock: &fakeClock{t: noon()}, Log: discard()})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for i := range fullRows {
			s.Record(noon().Add(time.Duration(i)*time.Second), map[string]float64{"grid": 1})
		}
		synctest.Wait()
		if got := s.Stats().Pending; got != 0 {
			t.Errorf("%d rows pending", got)
		}
		// The last record is the one that fills it: more of them, while it is written, would be written again.
		record := make([]byte, 1000)
		for pending := int64(0); pending < fullJournal; pending += (&entry{record: record}).size() {
			if err := s.Append("plans", noon(), record); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if got := s.Stats().Flushes; got != 2 {
			t.Errorf("%d commits, want one for the rows and one for the records", got)
		}
	})
}

func TestSnapshot_IsAStore(t *testing.T) {
	h := openHome(t, nil)
	h.put("k", "v")
	h.Record(noon(), map[string]float64{"grid": 1})
	copied := filepath.Join(t.TempDir(), "copy.db")
	f, err := os.Create(copied)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(h.Snapshot(f), f.Close()); err != nil {
		t.Fatal(err)
	}
	h.put("k", "later")
	h.close()
	h.path = copied
	h.open()
	h.wantState("k", "v")
	if got := h.readings("grid", ever()); got != "21T12:00:00=1" {
		t.Errorf("readings of the copy: %q", got)
	}
}

func TestOpen_SecondIsLockedOut(t *testing.T) {
	t.Parallel()
	h := openHome(t, nil)
	_, err := Open(t.Context(), h.path, h.opt)
	if !errors.Is(err, ErrLocked) {
		t.Fatalf("second Open: %v", err)
	}
	h.put("k", "v")
	h.reopen() // the attempt has done no harm
	h.wantState("k", "v")
	if got := h.Stats().Quarantined; got != 0 {
		t.Errorf("%d files set aside", got)
	}
}

func TestOpen_FileHeldByAnotherToolIsLockedNotDamaged(t *testing.T) {
	t.Parallel()
	h := openHome(t, children(t))
	h.close()
	if err := os.Remove(h.path + ".lock"); err != nil { // so that it has to be verified
		t.Fatal(err)
	}
	db, err := bolt.Open(h.path, fileMode, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := Open(t.Context(), h.path, h.opt); !errors.Is(err, ErrLocked) {
		t.Fatalf("Open: %v", err)
	}
}

func TestOpen_NeedsItsFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nowhere", "hearth.db")
	if s, err := Open(t.Context(), path, Options{Clock: &fakeClock{t: noon()}, Log: discard()}); err == nil {
		s.Close()
		t.Fatal("opened in a folder that is not there")
	}
}

func TestOpen_EndsWithItsContext(t *testing.T) {
	h := openHome(t, nil)
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("no patience")
	cancel(gone)
	if _, err := Open(ctx, h.path, h.opt); !errors.Is(err, gone) {
		t.Fatalf("Open: %v", err)
	}
}

func TestStore_IsSafeForConcurrentUse(t *testing.T) {
	h := openHome(t, nil)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 50 {
				at := noon().Add(time.Duration(g*1000+i) * time.Second)
				h.Record(at, map[string]float64{"grid": float64(i)})
				_ = h.Put("k", []byte{byte(i)})
				_ = h.Append("plans", at, []byte("plan"))
				_, _, _ = h.Get("k")
				if i%10 == 0 {
					_ = h.Flush()
					_ = h.Readings("grid", ever(), func(time.Time, float64) bool { return true })
					_ = h.Rollups("grid", ever(), func(Rollup) bool { return true })
					_ = h.Journal("plans", ever(), func(time.Time, []byte) bool { return true })
				}
				h.Stats()
			}
		})
	}
	wg.Wait()
	if got := len(strings.Fields(h.readings("grid", ever()))); got != 8*50 {
		t.Errorf("%d readings of %d", got, 8*50)
	}
	if got := len(strings.Fields(h.journal("plans", ever()))); got != 8*50 {
		t.Errorf("%d records of %d", got, 8*50)
	}
}
