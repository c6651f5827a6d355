package ven

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"hearth/openadr"
)

// maxImport is the limit now, with the payload it comes from; "-" if there is none.
func (b *bench) maxImport() string {
	if told, ok := b.now().MaxImport.At(b.clock.Now()); ok {
		return told.String()
	}
	return "-"
}

func endless(e openadr.Event) openadr.Event {
	e.IntervalPeriod.Duration = &openadr.Duration{Infinite: true}
	return wired(e)
}

func TestVEN_LimitsThatRunOutInALongOutageBecomeTheSubscription(t *testing.T) {
	b := newBench(t)
	contract := as(hourly("contract", "2025-01-01T00:00:00Z", 0), PayloadImportSubscription, "17")
	b.vtn.events = []openadr.Event{endless(contract), limits("today", midnight, 3)}
	b.poll(nil)
	b.vtn.err = errAway
	for hours, want := range []string{
		"1kW (IMPORT_CAPACITY_LIMIT of today)", "2kW (IMPORT_CAPACITY_LIMIT of today)", "3kW (IMPORT_CAPACITY_LIMIT of today)",
		"17kW (IMPORT_CAPACITY_SUBSCRIPTION of contract)",
	} {
		if got := b.maxImport(); got != want {
			t.Errorf("after %d hours: %s, want %s", hours, got, want)
		}
		b.clock.turn(time.Hour)
		b.poll(errAway)
		b.restart()
	}
	b.clock.turn(400 * 24 * time.Hour)
	if got := b.maxImport(); got != "17kW (IMPORT_CAPACITY_SUBSCRIPTION of contract)" {
		t.Errorf("a year later: %s", got)
	}
}

func TestVEN_LimitWithoutSubscriptionEnds(t *testing.T) {
	b := newBench(t)
	b.vtn.events = []openadr.Event{limits("today", midnight, 1)}
	b.poll(nil)
	if b.clock.turn(time.Hour); b.maxImport() != "-" {
		t.Errorf("got %s", b.maxImport())
	}
}

func TestVEN_NonsenseOfLimitsKeepsTheLastReadableOnes(t *testing.T) {
	b := newBench(t)
	b.vtn.events = []openadr.Event{limits("a", midnight, 2)}
	b.poll(nil)
	b.vtn.events = []openadr.Event{words(limits("a", midnight, 2))}
	if got := b.poll(nil); b.maxImport() != "1kW (IMPORT_CAPACITY_LIMIT of a)" || len(got.Rejected) != 1 {
		t.Errorf("limit %s, rejected %v", b.maxImport(), got.Rejected)
	}
}

func TestVEN_NonsenseOfAPrivateTypeIsNonsense(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Private = map[string]string{"CAP": PayloadImportLimit} })
	b.vtn.events = []openadr.Event{wired(as(hourly("a", midnight, 0), "CAP", "4"))}
	b.poll(nil)
	b.vtn.events = []openadr.Event{wired(as(hourly("a", midnight, 0), "CAP", `"four"`))}
	if b.poll(nil); b.maxImport() != "4kW (IMPORT_CAPACITY_LIMIT of a)" {
		t.Errorf("limit %s", b.maxImport())
	}
}

func TestVEN_RestartAndPollKeepARandomizedStart(t *testing.T) {
	seed := func(name string) func(*Config) { return func(c *Config) { c.Seed = name } }
	b := newBench(t, seed("home-1"))
	b.vtn.events = []openadr.Event{wired(randomized(limits("a", midnight, 2), 30*time.Minute))}
	want := b.poll(nil).MaxImport
	if len(want.Points) != 2 || want.Points[0].Start.Equal(origin0) {
		t.Fatalf("not randomized: %v", want)
	}
	b.clock.turn(10 * time.Minute)
	b.vtn.events[0] = wired(randomized(limits("a", midnight, 3), 30*time.Minute)) // extended while it runs
	if got := b.poll(nil).MaxImport; !reflect.DeepEqual(got.Points[0].Interval, want.Points[0].Interval) || len(got.Points) != 3 {
		t.Errorf("after an extension %v, before %v", got, want)
	}
	b.restart(seed("home-1"))
	if got := b.now().MaxImport; !got.Points[0].Start.Equal(want.Points[0].Start) {
		t.Errorf("after a restart %v, before %v", got, want)
	}
	b.restart(seed("home-2"))
	if got := b.now().MaxImport; got.Points[0].Start.Equal(want.Points[0].Start) {
		t.Errorf("another home begins at %v as well", got.Points[0].Start)
	}
}

func TestVEN_OldEventUntilFurtherNoticeIsNotOver(t *testing.T) {
	for _, isOld := range []bool{true, false} {
		b := newBench(t, func(c *Config) { c.IsOld = isOld })
		notice, hour := limits("notice", midnight, 2), openadr.DurationOf(time.Hour)
		notice.Intervals[0].IntervalPeriod = &openadr.IntervalPeriod{Duration: &hour}
		notice.IntervalPeriod.Duration = &openadr.Duration{} // of the second, 2 kW
		notice = wired(notice)
		later := limits("later", "2026-04-01T00:00:00Z", 1)
		b.vtn.events = []openadr.Event{notice, later}
		b.poll(nil)
		b.vtn.asks()
		b.clock.turn(5 * time.Hour)
		b.vtn.events = []openadr.Event{later} // the notice is lost from the list
		b.vtn.hidden = map[string]openadr.Event{"notice": notice}
		b.poll(nil)
		if got, want := strings.Contains(b.vtn.asks(), "event notice"), isOld; got != want {
			t.Errorf("old %v: asked for it %v, want %v", isOld, got, want)
		}
		want := map[bool]string{true: "2kW (IMPORT_CAPACITY_LIMIT of notice)", false: "-"}[isOld]
		if got := b.maxImport(); got != want {
			t.Errorf("old %v: %s, want %s", isOld, got, want)
		}
		b.vtn.hidden = nil
		b.poll(nil)
		if got := b.maxImport(); got != "-" {
			t.Errorf("old %v: %s after its withdrawal", isOld, got)
		}
	}
}
