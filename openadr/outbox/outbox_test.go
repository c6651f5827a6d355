package outbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"hearth/openadr"
	"hearth/openadr/report"
	"hearth/openadr/vtn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const hourlyUsage = `{"payloadType":"USAGE","startInterval":0,"numIntervals":1,"frequency":1,"repeat":-1}`

func TestOutbox_SendsEachReportOnceInAllDialects(t *testing.T) {
	for _, dialect := range []openadr.Dialect{openadr.Dialect31, openadr.Dialect30, openadr.Dialect300} {
		t.Run(string(dialect), func(t *testing.T) {
			o := open(t, dialect)
			o.wants("e", 3, `{"payloadType":"USAGE"},`+hourlyUsage)
			o.pass(time.Hour + time.Minute)
			o.expect(0) // the last measurements of an hour are still on their way
			o.pass(time.Minute)
			o.expect(1)
			o.restart()
			o.pass(5 * time.Hour)
			o.restart()
			o.pass(time.Hour)
			o.expect(4)
			for _, r := range o.vtn.Reports() {
				if r.EventID != "e" || r.ClientName != "home" || len(r.Resources) != 1 || r.Resources[0].ResourceName != "grid" ||
					string(r.Resources[0].Intervals[0].Payloads[0].Values[0]) != "1" {
					t.Errorf("got %+v", r)
				}
			}
			if s := o.State(); s.Waiting != 0 || s.Lost != 0 || s.Err != "" {
				t.Errorf("state %+v", s)
			}
		})
	}
}

func TestOutbox_KeepsReportsWhileTheVTNIsAway(t *testing.T) {
	o := open(t, openadr.Dialect31)
	o.wants("e", 5, hourlyUsage)
	o.vtn.Break(vtn.Broken, nil)
	o.pass(3*time.Hour + 5*time.Minute)
	if s := o.State(); s.Waiting != 3 || s.Sent != 0 || s.Lost != 0 || !strings.Contains(s.Err, "500") {
		t.Errorf("state %+v", s)
	}
	o.restart()
	o.vtn.Heal()
	o.pass(time.Minute)
	o.expect(3)
	if s := o.State(); s.Waiting != 0 || s.Sent != 3 || s.Err != "" {
		t.Errorf("state %+v", s)
	}
}

// A VTN that takes a report and whose answer is lost has it once.
func TestOutbox_LooksBeforeItSendsAgain(t *testing.T) {
	for _, fault := range []vtn.Fault{vtn.Empty, vtn.HalfPage, vtn.HTML} {
		t.Run(string(fault), func(t *testing.T) {
			o := open(t, openadr.Dialect31)
			o.wants("e", 2, hourlyUsage)
			o.vtn.Break(fault, writes)
			o.pass(time.Hour + 10*time.Minute)
			o.expect(min(1, len(o.there())))
			o.vtn.Heal()
			o.pass(2 * time.Hour)
			o.expect(2)
		})
	}
}

// A crash between sending and writing down that it was sent does not send it twice, whether the store knew of the
// report already or not.
func TestOutbox_LooksAfterACrash(t *testing.T) {
	t.Run("queued", func(t *testing.T) { crash(t, true) })
	t.Run("unknown", func(t *testing.T) { crash(t, false) })
}

func crash(t *testing.T, isKept bool) {
	o := open(t, openadr.Dialect31)
	o.wants("e", 1, hourlyUsage)
	o.clock.turn(2 * time.Hour)
	atCrash := o.store.copyOf()
	if o.Look(o.clock.Now()); isKept {
		atCrash = o.store.copyOf()
	}
	if err := o.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.store = atCrash
	o.restart()
	o.pass(time.Minute)
	o.expect(1)
	if !slices.ContainsFunc(o.vtn.Requests(), func(r string) bool { return strings.HasPrefix(r, "PUT") }) {
		t.Errorf("it was not sent again at all: %v", o.vtn.Requests())
	}
}

// A forecast that could not be sent is of no use when there is a newer one; nothing comes in a flood.
func TestOutbox_SendsTheNewestForecastOnly(t *testing.T) {
	o := open(t, openadr.Dialect31)
	o.wants("e", 24, `{"payloadType":"USAGE_FORECAST","historical":false,"startInterval":0,"numIntervals":4,"frequency":1,"repeat":-1}`)
	o.vtn.Break(vtn.Busy, nil)
	o.pass(5*time.Hour + 30*time.Minute)
	if s := o.State(); s.Waiting != 1 {
		t.Errorf("state %+v", s)
	}
	o.vtn.Heal()
	o.pass(time.Minute)
	o.expect(1)
	if first := o.vtn.Reports()[0].Resources[0].IntervalPeriod.Start.String(); first != "2026-05-12T17:00:00Z" {
		t.Errorf("the forecast begins at %s", first)
	}
}

func TestOutbox_TellsNothingThatIsNotAllowed(t *testing.T) {
	o := open(t, openadr.Dialect31)
	o.cfg.Payloads = []string{"DEMAND"}
	o.restart()
	o.wants("e", 1, `{"payloadType":"USAGE"},{"payloadType":"DATA_QUALITY"},{"payloadType":"SETPOINT"}`)
	o.pass(3 * time.Hour)
	o.expect(0)
	if s := o.State(); !slices.Equal(s.Withheld, []string{"USAGE", "SETPOINT"}) || len(s.Declined) > 0 {
		t.Errorf("state %+v", s)
	}
	if n := strings.Count(o.log.String(), "not allowed"); n != 1 {
		t.Errorf("said %d times:\n%s", n, o.log)
	}
}

func TestOutbox_SaysWhatItCannotAnswer(t *testing.T) {
	o := open(t, openadr.Dialect31)
	o.wants("e", 1, `{"payloadType":"USAGE","units":"FURLONG"},{"payloadType":"DEMAND"}`)
	o.pass(2 * time.Hour)
	o.expect(1) // of the other
	if s := o.State(); len(s.Declined) != 1 || !strings.Contains(s.Declined[0], "FURLONG") || strings.Count(o.log.String(), "FURLONG") != 1 {
		t.Errorf("state %+v\n%s", s, o.log)
	}
}

// A report on an event that is gone is dropped, and those behind it are sent.
func TestOutbox_DropsWhatTheVTNWillNeverTake(t *testing.T) {
	o := open(t, openadr.Dialect31)
	o.wants("e", 1, hourlyUsage)
	o.wants("f", 1, hourlyUsage)
	o.clock.turn(2 * time.Hour)
	o.Look(o.clock.Now())
	o.vtn.Delete("e")
	o.pass(time.Minute)
	o.expect(1)
	if s := o.State(); s.Waiting != 0 || s.Lost != 1 || s.Sent != 1 || s.Err != "" {
		t.Errorf("state %+v", s)
	}
	if !strings.Contains(o.log.String(), `msg="report refused: it is dropped" event=e`) {
		t.Errorf("log:\n%s", o.log)
	}
}

// A report that the VTN cannot digest holds up no other, and is given up in the end.
func TestOutbox_OneThatFailsHoldsUpNoOther(t *testing.T) {
	o := open(t, openadr.Dialect31)
	o.wants("e", 24, `{"payloadType":"DEMAND","startInterval":0}`)
	o.vtn.Break(vtn.Broken, func(r *http.Request) bool {
		return writes(r) && o.isSending == "DEMAND" // the VTN looks into it
	})
	o.wants("f", 24, hourlyUsage)
	o.pass(5 * time.Hour)
	o.expect(4)
	if s := o.State(); s.Waiting != 1 || s.Lost != 0 || !strings.Contains(s.Err, "500") {
		t.Errorf("state %+v", s)
	}
	o.pass(10 * time.Hour)
	o.expect(14)
	if s := o.State(); s.Waiting != 0 || s.Lost != 1 || s.Err != "" || strings.Count(o.log.String(), "report refused: it is dropped") != 1 {
		t.Errorf("state %+v\n%s", s, o.log)
	}
}

// While the VTN fails with everything nothing is given up.
func TestOutbox_GivesUpNothingWhenAllFails(t *testing.T) {
	o := open(t, openadr.Dialect31)
	o.wants("e", 24, hourlyUsage)
	o.vtn.Break(vtn.Broken, writes)
	o.pass(12*time.Hour + 5*time.Minute)
	if s := o.State(); s.Waiting != 12 || s.Lost != 0 {
		t.Errorf("state %+v", s)
	}
	o.vtn.Heal()
	o.pass(time.Minute)
	o.expect(12)
}

// Reports are made while others may look how the outbox fares.
func TestOutbox_CanBeLookedAtWhileReportsAreMade(t *testing.T) {
	o := open(t, openadr.Dialect31)
	o.wants("e", 1, hourlyUsage)
	o.clock.turn(2 * time.Hour)
	meter, looked := o.parts.Meter, false
	o.parts.Meter = report.MeterFunc(func(q report.Question) report.Answer {
		_, looked = o.State(), true // would wait for ever
		return meter.Value(q)
	})
	if o.Look(o.clock.Now()); !looked || o.State().Waiting != 1 {
		t.Errorf("state %+v", o.State())
	}
}

func TestOutbox_WaitsWhenTheCredentialsAreRejected(t *testing.T) {
	o := open(t, openadr.Dialect31)
	o.wants("e", 1, hourlyUsage)
	o.vtn.Break(vtn.NoAccess, writes)
	o.pass(2 * time.Hour)
	if s := o.State(); s.Waiting != 1 || s.Lost != 0 || s.Err == "" {
		t.Errorf("state %+v", s)
	}
	o.vtn.Heal()
	o.pass(time.Minute)
	o.expect(1)
}

func TestOutbox_DropsTheOldestOfTooMany(t *testing.T) {
	o := open(t, openadr.Dialect31)
	for i := range maxWaiting + 3 {
		o.queue = append(o.queue, letter{Ask: fmt.Sprint(i), Report: openadr.Report{ReportName: fmt.Sprint(i)}})
	}
	o.Look(o.clock.Now())
	o.tell()
	if s := o.State(); s.Waiting != maxWaiting || s.Lost != 3 || o.queue[0].Ask != "3" || !strings.Contains(o.log.String(), "count=3") {
		t.Errorf("state %+v, first %q\n%s", s, o.queue[0].Ask, o.log)
	}
}

func TestOutbox_SendsThoughItCannotKeep(t *testing.T) {
	o := open(t, openadr.Dialect31)
	o.wants("e", 1, hourlyUsage)
	o.store.err = errFull
	o.pass(2 * time.Hour)
	o.expect(1)
	if s := o.State(); !strings.Contains(s.Err, "disk full") {
		t.Errorf("state %+v", s)
	}
	o.store.err = nil
	o.pass(time.Minute)
	o.restart()
	o.pass(time.Hour)
	o.expect(1)
	if s := o.State(); s.Err != "" || strings.Count(o.log.String(), "reports not kept") != 1 || strings.Count(o.log.String(), "reports kept again") != 1 {
		t.Errorf("state %+v\n%s", s, o.log)
	}
}

func TestOutbox_WritesNothingDownWhenNothingChanges(t *testing.T) {
	o := open(t, openadr.Dialect31)
	o.wants("e", 1, hourlyUsage)
	o.pass(2 * time.Hour)
	puts := o.store.puts
	o.pass(3 * time.Hour)
	if puts > 4 || o.store.puts != puts {
		t.Errorf("%d writes for one report, %d after it", puts, o.store.puts-puts)
	}
}

func TestOutbox_BeginsAnewWithWhatItCannotRead(t *testing.T) {
	for _, text := range []string{`{"version":7}`, `nonsense`} {
		o := New(Config{Name: "wire"}, Parts{Store: &memory{values: map[string][]byte{"outbox/wire": []byte(text)}}})
		if err := o.Restore(); err == nil || o.State().Waiting != 0 {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRun_SaysEdgesAndGoesByThePace(t *testing.T) {
	o := open(t, openadr.Dialect31)
	o.wants("e", 1, hourlyUsage)
	o.clock.turn(2 * time.Hour)
	posts := 0
	o.vtn.Break(vtn.Broken, func(r *http.Request) bool {
		if writes(r) {
			posts++
		}
		return writes(r) && posts <= 3
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	until(o, 30*time.Minute, func() { cancel(stop) })
	if err := o.Run(ctx); !errors.Is(err, stop) {
		t.Errorf("ended with %v", err)
	}
	o.expect(1)
	for _, line := range []string{"reports wait", "reports are sent again"} {
		if n := strings.Count(o.log.String(), line); n != 1 {
			t.Errorf("%q said %d times:\n%s", line, n, o.log)
		}
	}
}

// until calls f when the clock was turned by d.
func until(o *office, d time.Duration, f func()) {
	end := o.clock.Now().Add(d)
	o.parts.Asks = func() []report.Ask {
		if !o.clock.Now().Before(end) {
			f()
		}
		return o.engine.Asks()
	}
}

// Whatever fails in whatever order, and however often we crash, each report that was made is there once in the end.
func TestOutbox_NeverSendsTwiceAndLosesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		o := open(t, openadr.Dialect31)
		defer func() { _ = o.vtn.Close() }()
		o.wants("e", 4, hourlyUsage)
		made := map[string]bool{}
		look := func() {
			o.Look(o.clock.Now())
			for _, l := range o.queue {
				made[l.Report.ReportName] = true
			}
		}
		faults := []vtn.Fault{"", vtn.Empty, vtn.HalfPage, vtn.Broken, vtn.Busy, vtn.NoAccess, vtn.HTML}
		for range rapid.IntRange(3, 12).Draw(r, "steps") {
			if f := rapid.SampledFrom(faults).Draw(r, "fault"); f == "" {
				o.vtn.Heal()
			} else {
				o.vtn.Break(f, func(q *http.Request) bool { return strings.Contains(q.URL.Path, "/reports") })
			}
			look()
			_ = o.Flush(t.Context())
			o.clock.turn(time.Duration(rapid.IntRange(1, 60).Draw(r, "minutes")) * time.Minute)
			look()
			if rapid.Bool().Draw(r, "crashes") {
				kept := o.store.copyOf()
				_ = o.Flush(t.Context())
				o.store = kept
				o.restart()
			}
		}
		o.vtn.Heal()
		o.clock.turn(6 * time.Hour)
		look()
		if err := o.Flush(t.Context()); err != nil {
			r.Fatal(err)
		}
		there := o.there()
		if len(made) == 0 || len(there) != len(made) || o.State().Waiting != 0 {
			r.Fatalf("made %v, there are %v", made, there)
		}
		for name := range made {
			if there[name] != 1 {
				r.Fatalf("%q is there %d times", name, there[name])
			}
		}
	})
}
