package ven

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"hearth/openadr"
)

const midnight = "2026-03-28T00:00:00Z" // origin0

var errAway = &openadr.Error{Op: "get events", Kind: openadr.Unreachable}

func TestVEN_ChangesAndWritesOnlyWhatChanged(t *testing.T) {
	b := newBench(t)
	b.vtn.events = []openadr.Event{hourly("a", midnight, 0.1, 0.2)}
	first := b.poll(nil)
	b.clock.turn(time.Minute)
	second := b.poll(nil)
	if first.Revision == 0 || second.Revision != first.Revision || b.store.puts != 1 {
		t.Errorf("revisions %d, %d and %d writes", first.Revision, second.Revision, b.store.puts)
	}
	if second.LastSuccess.Sub(first.LastSuccess) != time.Minute {
		t.Errorf("last success %v, then %v", first.LastSuccess, second.LastSuccess)
	}
	if got := second.ImportPrice.Points[0].Origin; got.Source != "ven/tou" || !got.Fetched.Equal(origin0) {
		t.Errorf("origin %+v: an unchanged event was fetched when it first came", got)
	}
	b.vtn.events = []openadr.Event{hourly("a", midnight, 0.1, 0.3)}
	b.clock.turn(time.Hour)
	if third := b.poll(nil); third.Revision <= second.Revision || b.store.puts != 2 || b.price() != "0.3" {
		t.Errorf("revision %d, %d writes, price %s", third.Revision, b.store.puts, b.price())
	}
}

func TestVEN_SignalsMoveOnWithTheClock(t *testing.T) {
	b := newBench(t)
	loop := hourly("a", midnight, 0.1, 0.2)
	loop.Duration = &openadr.Duration{Infinite: true}
	b.vtn.events = []openadr.Event{wired(loop)}
	b.poll(nil)
	for _, step := range []time.Duration{0, 10 * time.Minute, time.Hour, 400 * 24 * time.Hour} {
		b.clock.turn(step)
		got := b.now().ImportPrice.Extent()
		if now := b.clock.Now(); got.Start.After(now.Add(-windowBack)) && got.Start.After(origin0) || got.End.Before(now.Add(windowAhead)) {
			t.Errorf("at %v the prices are those of %v", now, got)
		}
	}
}

func TestVEN_FailedPollChangesNothing(t *testing.T) {
	b := newBench(t)
	b.vtn.events = []openadr.Event{hourly("a", midnight, 0.1, 0.2)}
	want := b.poll(nil)
	b.clock.turn(time.Minute)
	b.vtn.err = errAway
	got := b.poll(errAway)
	if !reflect.DeepEqual(got.Curves, want.Curves) || got.Revision != want.Revision || !got.LastSuccess.Equal(want.LastSuccess) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got.Err == "" || !got.LastAttempt.Equal(b.clock.Now()) {
		t.Errorf("the failure does not show: %+v", got)
	}
	b.vtn.err = nil
	if got := b.poll(nil); got.Err != "" {
		t.Errorf("after recovery: %s", got.Err)
	}
}

func TestVEN_EmptyListIsNotBelieved(t *testing.T) {
	b := newBench(t)
	if got := b.poll(nil); got.Err != "" {
		t.Errorf("a VTN that has nothing yet: %s", got.Err)
	}
	b.vtn.events = []openadr.Event{hourly("a", midnight, 0.1, 0.2)}
	b.poll(nil)
	b.vtn.events = nil
	if b.poll(ErrNothing); b.price() != "0.1" {
		t.Errorf("price %s", b.price())
	}
	programs := b.vtn.programs
	b.vtn.programs = nil
	b.clock.turn(time.Hour)
	if b.poll(ErrNothing); b.price() != "0.2" {
		t.Errorf("without programs: price %s", b.price())
	}
	b.vtn.programs = programs
	b.clock.turn(time.Hour)
	if got := b.poll(nil); got.Err != "" || len(got.ImportPrice.Points) != 2 {
		t.Errorf("when all is over an empty list is in order, and the past stays: %+v", got)
	}
	b.clock.turn(26 * time.Hour)
	if b.poll(nil); len(b.events) != 0 {
		t.Errorf("what left the window is still held: %v", b.events)
	}
}

func TestVEN_VanishedEventIsWithdrawnOnlyByItsOwn404(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*fakeVTN, openadr.Event)
		price  string
	}{
		{"not there", func(*fakeVTN, openadr.Event) {}, "-"},
		{"there after all", func(f *fakeVTN, e openadr.Event) { f.hidden = map[string]openadr.Event{"a": e} }, "0.1"},
		{"there and changed", func(f *fakeVTN, _ openadr.Event) {
			f.hidden = map[string]openadr.Event{"a": hourly("a", midnight, 0.4)}
		}, "0.4"},
		{"no answer", func(f *fakeVTN, _ openadr.Event) { f.errOne = errAway }, "0.1"},
		{"forbidden", func(f *fakeVTN, _ openadr.Event) { f.errOne = &openadr.Error{Kind: openadr.Forbidden} }, "0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			a, later := hourly("a", midnight, 0.1, 0.2), hourly("later", "2026-03-29T00:00:00Z", 0.9)
			b.vtn.events = []openadr.Event{a, later}
			b.poll(nil)
			b.vtn.events = []openadr.Event{later}
			c.change(b.vtn, a)
			b.vtn.asks()
			if got := b.poll(nil); b.price() != c.price || got.Err != "" {
				t.Errorf("price %s, want %s (%s)", b.price(), c.price, got.Err)
			}
			if got := b.vtn.asks(); got != "events , event a" {
				t.Errorf("asked %s", got)
			}
		})
	}
}

func TestVEN_BoundsTheRequestsForVanishedEvents(t *testing.T) {
	b := newBench(t)
	for i := range maxConfirm + 20 {
		b.vtn.events = append(b.vtn.events, hourly(fmt.Sprintf("e%03d", i), midnight, 0.1))
	}
	b.vtn.events = append(b.vtn.events, hourly("stays", midnight, 0.5))
	b.poll(nil)
	b.vtn.events = b.vtn.events[maxConfirm+20:]
	for _, want := range []int{21, 1} {
		b.vtn.asks()
		b.poll(nil)
		if got := strings.Count(b.vtn.asks(), "event e"); len(b.events) != want || got > maxConfirm {
			t.Errorf("%d events are left after %d requests, want %d", len(b.events), got, want)
		}
	}
}

func TestVEN_NonsenseKeepsTheLastReadableVersion(t *testing.T) {
	b := newBench(t)
	a := hourly("a", midnight, 0.1, 0.2)
	b.vtn.events = []openadr.Event{a}
	b.poll(nil)
	for name, spoil := range map[string]func(){
		"words":   func() { b.vtn.events = []openadr.Event{words(a), words(hourly("new", midnight, 0.7))} },
		"garbled": func() { b.vtn.events, b.vtn.garbled = nil, []openadr.Malformed{{ID: "a", Err: errors.New("no")}} },
	} {
		spoil()
		if got := b.poll(nil); b.price() != "0.1" || len(got.Rejected) == 0 || got.Rejected[0].EventID != "a" {
			t.Errorf("%s: price %s, rejected %v", name, b.price(), got.Rejected)
		}
		b.vtn.garbled = nil
	}
	b.vtn.events = []openadr.Event{hourly("a", midnight, 0.3)}
	if got := b.poll(nil); b.price() != "0.3" || len(got.Rejected) != 0 {
		t.Errorf("price %s, rejected %v", b.price(), got.Rejected)
	}
}

func TestVEN_RestartWithoutNetworkKeepsPricesAndAnchors(t *testing.T) {
	b := newBench(t)
	loop := hourly("loop", "2026-03-20T00:00:00Z", 0.5, 0.6)
	loop.Duration, loop.Priority = &openadr.Duration{Infinite: true}, new(int)
	*loop.Priority = 9
	b.vtn.events = []openadr.Event{hourly("now", "0001-01-01T00:00:00Z", 0.1, 0.2, 0.3), wired(loop)}
	b.vtn.events[0].Priority = new(int)
	b.vtn.events[0] = wired(b.vtn.events[0])
	want := b.poll(nil)
	b.vtn.err = errAway
	b.clock.turn(90 * time.Minute)
	b.restart()
	if got := b.now(); b.price() != "0.2" || !got.LastSuccess.Equal(origin0) || got.Revision == 0 || len(got.Programs) != 1 {
		t.Errorf("price %s, %+v", b.price(), got)
	}
	if b.poll(errAway); b.price() != "0.2" || b.store.puts != 1 {
		t.Errorf("price %s after %d writes", b.price(), b.store.puts)
	}
	if got := b.now().ImportPrice.Points[0].Origin; !reflect.DeepEqual(got, want.ImportPrice.Points[0].Origin) {
		t.Errorf("origin %+v, before %+v", got, want.ImportPrice.Points[0].Origin)
	}
	b.clock.turn(48 * time.Hour)
	b.restart()
	if b.price() != "0.6" {
		t.Errorf("two days later the loop gives %s", b.price())
	}
}

func TestVEN_AnchorHoldsUntilTheStartsChange(t *testing.T) {
	b := newBench(t)
	b.vtn.events = []openadr.Event{hourly("now", "0001-01-01T00:00:00Z", 0.1, 0.2)}
	b.poll(nil)
	b.clock.turn(90 * time.Minute)
	b.vtn.events = []openadr.Event{hourly("now", "0001-01-01T00:00:00Z", 0.1, 0.2, 0.3)} // extended while it runs
	if b.poll(nil); b.price() != "0.2" {
		t.Errorf("after an extension: %s", b.price())
	}
	b.clock.turn(time.Hour)
	if b.price() != "0.3" {
		t.Errorf("in the extension: %s", b.price())
	}
	moved := hourly("now", "0001-01-01T00:00:00Z", 0.1, 0.2, 0.3)
	moved.Intervals[2].IntervalPeriod = openadr.Period(origin0.AddDate(0, 0, 1), time.Hour)
	b.vtn.events = []openadr.Event{wired(moved)}
	if b.poll(nil); b.price() != "0.1" || len(b.anchors) != 1 {
		t.Errorf("after a change of starts: %s, anchors %v", b.price(), b.anchors)
	}
	b.vtn.events = []openadr.Event{hourly("other", midnight, 0.1)}
	if b.poll(nil); len(b.anchors) != 0 {
		t.Errorf("anchors of events that are gone: %v", b.anchors)
	}
}

func TestVEN_AnchorsNothingWhileTheClockIsInsane(t *testing.T) {
	isSane := false
	b := newBench(t, func(c *Config) { c.IsClockSane = func() bool { return isSane } })
	b.vtn.events = []openadr.Event{hourly("now", "0001-01-01T00:00:00Z", 0.1, 0.2)}
	b.clock.at = time.Date(1970, 1, 1, 0, 0, 9, 0, time.UTC)
	if b.poll(nil); b.price() != "-" || len(b.anchors) != 0 {
		t.Errorf("price %s, anchors %v", b.price(), b.anchors)
	}
	b.clock.at, isSane = origin0, true
	if b.poll(nil); b.price() != "0.1" {
		t.Errorf("price %s once the clock is set", b.price())
	}
}

func TestVEN_FollowsTheProgramsItIsToldTo(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Programs = []string{"second", "p1"} })
	b.vtn.programs = []openadr.Program{program("p3", "third"), program("p2", "second"), program("p1", "first")}
	other := hourly("c", midnight, 0.9)
	other.ProgramID = "p3"
	second := hourly("b", midnight, 0.2, 0.2)
	second.ProgramID = "p2"
	b.vtn.events = []openadr.Event{wired(other), wired(second)}
	if got := b.poll(nil); b.price() != "0.2" || len(got.Programs) != 2 || got.Programs[0] != (Program{"p2", "second"}) {
		t.Errorf("price %s, programs %v", b.price(), got.Programs)
	}
	if got, want := b.vtn.asks(), "programs, events p2, events p1"; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
	b.clock.turn(programsFor - time.Second)
	b.poll(nil)
	if got := b.vtn.asks(); strings.Contains(got, "programs") {
		t.Errorf("within the hour: asked %s", got)
	}
	b.clock.turn(time.Second)
	b.vtn.programs = b.vtn.programs[2:]
	if got := b.poll(nil); got.Err != `program "second" is not offered` || len(b.events) != 1 {
		t.Errorf("a program that is gone: %q, %d events", got.Err, len(b.events))
	}
	b.restart(func(c *Config) { c.Programs = []string{"second"} })
	if b.price() != "0.2" {
		t.Errorf("after a restart: price %s", b.price())
	}
	b.restart(func(c *Config) { c.Programs = []string{"p1"} })
	if b.price() != "-" || len(b.now().Programs) != 1 {
		t.Errorf("of a program no longer wanted: price %s", b.price())
	}
}

func TestVEN_SaysWhichProgramCannotBeRead(t *testing.T) {
	b := newBench(t)
	b.vtn.events = []openadr.Event{hourly("a", midnight, 0.1)}
	b.vtn.garbledPrograms = []openadr.Malformed{{ID: "q", Err: errors.New("no name")}}
	if got := b.poll(nil); got.Err != `program "q" cannot be read: no name` || b.price() != "0.1" {
		t.Errorf("%q, price %s", got.Err, b.price())
	}
}

func TestVEN_LooksForTheProgramOfANewEventAtOnce(t *testing.T) {
	b := newBench(t)
	b.vtn.events = []openadr.Event{hourly("a", midnight, 0.1)}
	b.poll(nil)
	fresh := hourly("b", midnight, 0.2)
	fresh.ProgramID = "q"
	b.vtn.programs = append(b.vtn.programs, program("q", "new"))
	b.vtn.events = append(b.vtn.events, wired(fresh))
	b.vtn.asks()
	b.clock.turn(time.Minute)
	if got := b.poll(nil); len(got.Programs) != 2 {
		t.Errorf("programs %v", got.Programs)
	}
	if got := b.vtn.asks(); got != "events , programs" {
		t.Errorf("asked %s", got)
	}
}

func TestVEN_FullStoreIsSaidAndTriedAgain(t *testing.T) {
	b := newBench(t)
	b.vtn.events = []openadr.Event{hourly("a", midnight, 0.1)}
	b.store.err = errors.New("disk full")
	if got := b.poll(nil); got.Err != "keep signals: disk full" || b.price() != "0.1" {
		t.Errorf("%q, price %s", got.Err, b.price())
	}
	b.store.err = nil
	if got := b.poll(nil); got.Err != "" || b.store.puts != 2 || len(b.store.values) != 1 {
		t.Errorf("%q after %d writes", got.Err, b.store.puts)
	}
}

func TestVEN_RestoreUsesWhatCanBeRead(t *testing.T) {
	b := newBench(t)
	b.vtn.events = []openadr.Event{hourly("a", midnight, 0.1), hourly("b", midnight, 0.2)}
	b.poll(nil)
	key := b.key()
	good := string(b.store.values[key])
	for name, c := range map[string]struct {
		blob  string
		price string
	}{
		"garbage":       {"\x00\xff", "-"},
		"half":          {good[:len(good)/2], "-"},
		"other version": {strings.Replace(good, `"version":1`, `"version":2`, 1), "-"},
		"one bad event": {strings.Replace(good, `"id":"b"`, `"id":7`, 1), "0.1"},
	} {
		b.store.values = map[string][]byte{key: []byte(c.blob)}
		b.VEN = New(Config{Name: "ven", Currency: "EUR"}, b.parts)
		if err := b.Restore(); err == nil || b.price() != c.price {
			t.Errorf("%s: price %s, %v", name, b.price(), err)
		}
		if b.poll(nil); b.price() != "0.2" {
			t.Errorf("%s: price %s after a poll", name, b.price())
		}
	}
	b.store.err = errors.New("bad sector")
	if err := New(Config{Name: "ven"}, b.parts).Restore(); !errors.Is(err, b.store.err) {
		t.Errorf("got %v", err)
	}
}

// What a VTN has shown nothing of for an hour is withdrawn, if the VTN still knows us and says so of each event.
func TestPoll_BelievesAnEmptyListAfterAnHour(t *testing.T) {
	endless := hourly("a", "2026-01-01T00:00:00Z", 0.1)
	endless.IntervalPeriod.Duration = &openadr.Duration{Infinite: true}
	for name, c := range map[string]struct {
		hide  func(*fakeVTN)
		isOut bool
	}{
		"gone":              {func(*fakeVTN) {}, true},
		"there after all":   {func(f *fakeVTN) { f.hidden = map[string]openadr.Event{"a": wired(endless)} }, false},
		"cannot be asked":   {func(f *fakeVTN) { f.errOne = errAway }, false},
		"no programs, too":  {func(f *fakeVTN) { f.programs = nil }, false},
		"the list is away":  {func(f *fakeVTN) { f.err = errAway }, false},
		"something is said": {func(f *fakeVTN) { f.events = []openadr.Event{wired(endless)} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.vtn.events = []openadr.Event{wired(endless)}
			b.poll(nil)
			b.vtn.events = nil
			for range 3 {
				b.poll(ErrNothing)
				b.clock.turn(25 * time.Minute)
			}
			c.hide(b.vtn)
			_ = b.Poll(t.Context())
			if isOut := len(b.received()) == 0; isOut != c.isOut {
				t.Errorf("withdrawn %v, want %v: %v", isOut, c.isOut, b.Signals(b.clock.Now()).Err)
			}
		})
	}
}
