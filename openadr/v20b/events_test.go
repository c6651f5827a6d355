package v20b

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/openadr"
	"hearth/openadr/ven"
)

// sleepless is the clock of an engine that is polled by hand.
type sleepless struct{ b *bench }

func (s sleepless) Now() time.Time { return s.b.now() }

func (sleepless) Sleep(context.Context, time.Duration) error { return errors.New("nobody sleeps here") }

// engine is the VEN of package ven, with this client.
func (b *bench) engine() *ven.VEN {
	v := ven.New(ven.Config{Name: "utility", Currency: "EUR"}, ven.Parts{
		Client: b.Client, Store: b.store, Clock: sleepless{b}, Log: slog.New(slog.DiscardHandler),
	})
	if err := v.Restore(); err != nil {
		b.t.Fatal(err)
	}
	return v
}

// levelAt polls and tells the SIMPLE level then; "-" for none.
func (b *bench) levelAt(v *ven.VEN, at time.Time) string {
	b.t.Helper()
	b.turn(b.PollEvery())
	if err := v.Poll(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	if level, isThere := v.Signals(b.now()).Level.At(at); isThere {
		return fmt.Sprint(level.Value)
	}
	return "-"
}

func TestEngine_ObeysAndReleasesTheOnlyEvent(t *testing.T) {
	at := time.Date(2026, 3, 28, 8, 30, 0, 0, time.UTC)
	for name, gone := range map[string]string{
		"no longer listed": distribute(),
		"cancelled":        distribute(told{id: "a", modification: 1, status: "cancelled", test: "false", response: "always"}.String()),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			v := b.engine()
			if got := b.levelAt(v, at); got != "-" {
				t.Errorf("at first level %s", got)
			}
			endless := simple("a", 0)
			endless.length = "PT0S"
			b.vtn.tell(distribute(endless.String()))
			if got := b.levelAt(v, at); got != "2" {
				t.Errorf("level %s, want 2", got)
			}
			b.restart()
			v = b.engine()
			b.vtn.set(func() { b.vtn.events = distribute(endless.String()) })
			if got := b.levelAt(v, at); got != "2" {
				t.Errorf("after a restart level %s, want 2", got)
			}
			b.vtn.tell(gone)
			if got := b.levelAt(v, at); got != "-" {
				t.Errorf("then level %s, want none", got)
			}
			b.turn(2 * withdrawnFor)
			if got := b.levelAt(v, at); got != "-" || v.Signals(b.now()).Err != "" {
				t.Errorf("days later level %s, %s", got, v.Signals(b.now()).Err)
			}
			if len(b.know.Events) != 0 {
				t.Errorf("still known: %v", b.know.Events)
			}
		})
	}
}

func TestEngine_ReleasesWhatWasWithdrawnWhileItWasOff(t *testing.T) {
	b := newBench(t)
	v := b.engine()
	at := time.Date(2026, 3, 28, 8, 30, 0, 0, time.UTC)
	b.vtn.events = distribute(simple("a", 0).String())
	if got := b.levelAt(v, at); got != "2" {
		t.Fatalf("level %s, want 2", got)
	}
	b.restart()
	v = b.engine()
	b.vtn.set(func() { b.vtn.events = fineWith("oadrResponse") }) // as openleadr says that there is none
	if got := b.levelAt(v, at); got != "-" {
		t.Errorf("level %s, want none", got)
	}
	if _, err := b.Event(t.Context(), "a"); openadr.KindOf(err) != openadr.NotFound {
		t.Errorf("asked for it: %v", err)
	}
}

func TestEngine_ReadsPricesExactly(t *testing.T) {
	b := newBench(t)
	v := b.engine()
	price := simple("a", 0)
	price.signals = signalOf("ELECTRICITY_PRICE", "price", `<a:currencyPerKWh><a:itemDescription>currencyPerKWh</a:itemDescription>`+
		`<a:itemUnits>EUR</a:itemUnits><scale:siScaleCode>c</scale:siScaleCode></a:currencyPerKWh>`, "PT30M", "26.0225", "-0.1")
	b.vtn.events = distribute(price.String())
	b.turn(time.Minute)
	if err := v.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := v.Signals(b.now())
	if len(s.ImportPrice.Points) != 2 || s.ImportPrice.Currency != "EUR" || len(s.Rejected) != 0 {
		t.Fatalf("prices %v, rejected %v", s.ImportPrice, s.Rejected)
	}
	if got := fmt.Sprintln(s.ImportPrice.Points[0].Value, s.ImportPrice.Points[1].Value, s.Programs[0].Name); got != "0.260225 -0.001 http://market.example\n" {
		t.Errorf("got %s", got)
	}
}

func TestEngine_StartsLateByNoMoreThanTold(t *testing.T) {
	late := 0
	for home := range 50 {
		b := newBench(t)
		event := simple("a", 0)
		event.after = `<x:tolerance><x:tolerate><x:startafter>PT15M</x:startafter></x:tolerate></x:tolerance>`
		b.vtn.events = distribute(event.String())
		list := b.poll()
		in := ven.Input{Source: "u", Events: []ven.Received{{Event: list.Items[0]}}, Conventions: ven.Conventions{Seed: fmt.Sprint(home)}}
		told := time.Date(2026, 3, 28, 8, 0, 0, 0, time.UTC)
		c := ven.Timeline(in, energy.Interval{Start: told.Add(-time.Hour), End: told.Add(3 * time.Hour)})
		p := c.Level.Points[0]
		if by := p.Start.Sub(told); by < 0 || by > 15*time.Minute || p.Length() != time.Hour {
			t.Errorf("home %d starts %v late, for %v", home, by, p.Length())
		} else if by > 10*time.Minute {
			late++
		}
	}
	if late == 0 || late == 50 {
		t.Errorf("%d of 50 homes start in the last third", late)
	}
}

func TestClient_KeepsEventsThatItCannotAskFor(t *testing.T) {
	b := newBench(t)
	b.vtn.tell(distribute(simple("a", 4).String()))
	before := b.poll()
	b.vtn.status = 503
	b.turn(time.Minute)
	if _, err := b.Events(t.Context(), openadr.Query{}); openadr.KindOf(err) != openadr.Unavailable {
		t.Errorf("got %v", err)
	}
	b.vtn.set(func() { b.vtn.status = 0; b.vtn.events = distribute(simple("a", 3).String()) })
	if after := b.poll(); string(after.Items[0].Raw) != string(before.Items[0].Raw) {
		t.Error("the event has changed")
	}
	b.restart() // and an older version does not pass for a new one
	b.poll()
	if got := b.vtn.last("oadrCreatedEvent"); !strings.Contains(got, "<ei:responseCode>450<") {
		t.Errorf("replied\n%s", got)
	}
	if e, err := b.Event(t.Context(), "a"); err != nil || string(e.Raw) != string(before.Items[0].Raw) {
		t.Errorf("got %s, %v", e.Raw, err)
	}
}

func TestClient_OwesItsReplyUntilItGotThrough(t *testing.T) {
	b := newBench(t)
	b.vtn.answers["oadrCreatedEvent"] = verdict("oadrResponse", "500", "")
	b.vtn.tell(distribute(simple("a", 0).String()))
	if got := ids(b.poll()); !strings.HasPrefix(got, "a !") {
		t.Errorf("an event whose reply does not get through: %q", got)
	}
	b.vtn.set(func() { delete(b.vtn.answers, "oadrCreatedEvent") })
	b.vtn.names()
	if got := ids(b.poll()); got != "a" || b.vtn.names() != "CreatedEvent Poll" {
		t.Errorf("then: %q", got)
	}
	if b.poll(); b.vtn.names() != "Poll" {
		t.Error("replied once more")
	}
	b.vtn.answers["oadrCreatedEvent"] = verdict("oadrCreatedEvent", "452", "")
	b.vtn.tell(distribute(simple("a", 1).String()))
	if got := ids(b.poll()); got != "a !" {
		t.Errorf("a reply that is refused: %q", got)
	}
	if got := ids(b.poll()); got != "a" {
		t.Errorf("and forgotten: %q", got)
	}
}

func TestClient_OwesNothingToWhatIsGone(t *testing.T) {
	b := newBench(t)
	b.vtn.answers["oadrCreatedEvent"] = verdict("oadrResponse", "500", "")
	b.vtn.tell(distribute(simple("a", 0).String(), simple("b", 0).String()))
	b.poll()
	quiet := simple("b", 0)
	quiet.response = "never"
	b.vtn.tell(distribute(quiet.String()))
	b.poll()
	b.vtn.set(func() { delete(b.vtn.answers, "oadrCreatedEvent") })
	b.vtn.names()
	if got := fmt.Sprint(b.step().Replies); got != "[b 0: 200 optIn]" {
		t.Errorf("replied %s: a VTN refuses all for one that it does not know", got)
	}
}

func TestClient_TellsWhatTheResidentWants(t *testing.T) {
	isOut := map[string]bool{"a": true}
	b := newBench(t, func(c *Config) { c.OptOut = func(id string) bool { return isOut[id] } })
	quiet := simple("c", 0)
	quiet.response = "never"
	b.vtn.tell(distribute(simple("a", 2).String(), simple("b", 0).String(), quiet.String()))
	step := b.step()
	if got := fmt.Sprint(step.Replies); got != "[a 2: 200 optOut b 0: 200 optIn]" || len(step.Events) != 3 {
		t.Errorf("%d events, replies %s", len(step.Events), got)
	}
	isOut = map[string]bool{"b": true, "c": true}
	b.vtn.names()
	if got := fmt.Sprint(b.step().Replies); got != "[a 2: 200 optIn b 0: 200 optOut]" {
		t.Errorf("after a change of mind: %s", got)
	}
	if got := b.vtn.last("oadrCreatedEvent"); strings.Count(got, "<pyld:requestID>req-7</pyld:requestID>") != 2 {
		t.Errorf("replied\n%s", got)
	}
	b.vtn.names()
	if got := b.step().Replies; got != nil {
		t.Errorf("and again: %s", got)
	}
}

func TestClient_TellsTimesTheResidentIsOut(t *testing.T) {
	b := newBench(t)
	hour := energy.Interval{Start: morning, End: morning.Add(time.Hour)}
	if _, err := b.Opt(t.Context(), Opt{Spans: []energy.Interval{hour}}); openadr.KindOf(err) != openadr.Unauthorized {
		t.Errorf("before a registration: %v", err)
	}
	b.poll()
	id, err := b.Opt(t.Context(), Opt{Context: "http://market.example", Spans: []energy.Interval{hour}})
	if err != nil || id == "" {
		t.Fatal(err)
	}
	got := b.vtn.last("oadrCreateOpt")
	for _, want := range []string{id, "<ei:optType>optOut<", "<ei:optReason>notParticipating<", "<xcal:date-time>2026-03-28T06:00:00Z<", "<xcal:duration>PT1H<"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if err := b.CancelOpt(t.Context(), id); err != nil || !strings.Contains(b.vtn.last("oadrCancelOpt"), id) {
		t.Errorf("taken back: %v", err)
	}
	for _, spans := range [][]energy.Interval{nil, {{Start: morning, End: morning}}} {
		if _, err := b.Opt(t.Context(), Opt{Spans: spans}); openadr.KindOf(err) != openadr.Refused {
			t.Errorf("%v: %v", spans, err)
		}
	}
}

func TestClient_RemembersNoMoreThanItMust(t *testing.T) {
	b := newBench(t)
	for round := range 4 {
		var events []string
		for i := range maxEvents {
			events = append(events, simple(fmt.Sprintf("e%d-%d", round, i), 0).String())
		}
		b.vtn.tell(distribute(events...))
		if got := b.poll(); len(got.Items) != maxEvents {
			t.Fatalf("%d events", len(got.Items))
		}
	}
	if got := len(b.know.Events); got != maxEvents+maxWithdrawn {
		t.Errorf("%d events are remembered", got)
	}
	var many []string
	for i := range maxEvents + 1 {
		many = append(many, simple(fmt.Sprintf("x%d", i), 0).String())
	}
	b.vtn.tell(distribute(many...))
	if got := b.poll(); len(got.Items) != maxEvents || got.Items[0].ID != "e3-0" || len(got.Malformed) != 1 {
		t.Errorf("%d events, malformed %v", len(got.Items), got.Malformed)
	}
}

func TestClient_KeepsWhatItKeepsInAFormThatItReads(t *testing.T) {
	b := newBench(t)
	b.vtn.tell(distribute(simple("a", 4).String()))
	b.poll()
	var k kept
	if err := json.Unmarshal(b.store.values["openadr20b/home-7"], &k); err != nil || k.Events["a"].Modification != 4 || k.RegistrationID != "reg-1" {
		t.Errorf("kept %+v, %v", k, err)
	}
}
