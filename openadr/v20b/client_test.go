package v20b

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/openadr"
	"hearth/openadr/ven"
)

// The engine works with it unchanged.
var _ ven.Client = (*Client)(nil)

func TestClient_RegistersOnceAndKeepsItsIdsOverRestarts(t *testing.T) {
	b := newBench(t)
	b.poll()
	if got, want := b.vtn.last("oadrCreatePartyRegistration"), "<oadr:oadrHttpPullModel>true</oadr:oadrHttpPullModel>"; !strings.Contains(got, want) || strings.Contains(got, "venID") {
		t.Errorf("the registration is\n%s", got)
	}
	if got, want := b.vtn.names(), "CreatePartyRegistration RegisterReport RequestEvent Poll"; got != want {
		t.Errorf("at first: %s, want %s", got, want)
	}
	b.poll()
	if got := b.vtn.names(); got != "Poll" {
		t.Errorf("then: %s", got)
	}
	puts := b.store.puts
	b.restart()
	b.poll()
	if got, want := b.vtn.last("oadrPoll"), "<ei:venID>ven-1</ei:venID>"; !strings.Contains(got, want) {
		t.Errorf("polls as\n%s", got)
	}
	if got, want := b.vtn.names(), "RegisterReport RequestEvent Poll"; got != want {
		t.Errorf("after a restart: %s, want %s", got, want)
	}
	if b.store.puts != puts {
		t.Errorf("%d writes without a change", b.store.puts-puts)
	}
	b.restart(func(c *Config) { c.VENName = "home-8"; c.Key = "openadr20b/home-7" })
	b.poll()
	if got := b.vtn.last("oadrCreatePartyRegistration"); !strings.Contains(got, "home-8") || strings.Contains(got, "reg-1") {
		t.Errorf("another name registers as\n%s", got)
	}
}

func TestClient_PollsNoMoreOftenThanTheVTNWants(t *testing.T) {
	for _, c := range []struct {
		every string
		want  time.Duration
	}{
		{"PT10S", 10 * time.Second}, {"PT1H", time.Hour}, {"PT0S", defaultEvery}, {"", defaultEvery}, {"often", defaultEvery},
		{"PT0.1S", shortestEvery}, {"P9999Y", longestEvery}, {"P1M", longestEvery},
	} {
		b := newBench(t)
		b.vtn.answers["oadrCreatePartyRegistration"] = registeredAs("ven-1", "reg-1", c.every)
		b.poll()
		if got := b.PollEvery(); got != c.want {
			t.Errorf("%q: every %v, want %v", c.every, got, c.want)
		}
		b.vtn.names()
		for range 5 {
			if _, err := b.Programs(t.Context(), openadr.Query{}); err != nil {
				t.Fatal(err)
			}
			b.turn(c.want / 10)
			if _, err := b.Events(t.Context(), openadr.Query{}); err != nil {
				t.Fatal(err)
			}
		}
		if got := b.vtn.names(); got != "" {
			t.Errorf("%q: asked early: %s", c.every, got)
		}
		b.restart()
		b.poll()
		b.turn(-time.Hour) // a clock that was set back must not silence us
		if _, err := b.Events(t.Context(), openadr.Query{}); err != nil || !strings.HasSuffix(b.vtn.names(), "Poll Poll") {
			t.Errorf("%q: %v after the clock was set back", c.every, err)
		}
	}
}

func TestClient_HearsAllThatTheVTNHasToSayAtOnceAndNoMore(t *testing.T) {
	b := newBench(t)
	b.vtn.tell(distribute(simple("a", 0).String()), fineWith("oadrRegisterReport"), distribute(simple("a", 1).String(), simple("b", 0).String()))
	if got := ids(b.poll()); got != "a b" {
		t.Errorf("listed %q", got)
	}
	if got, want := b.vtn.names(), "CreatePartyRegistration RegisterReport RequestEvent Poll CreatedEvent Poll RegisteredReport Poll CreatedEvent Poll"; got != want {
		t.Errorf("said %s, want %s", got, want)
	}
	for range 3 * maxDrain {
		b.vtn.tell(fineWith("oadrRegisterReport"))
	}
	b.poll()
	if got := strings.Count(b.vtn.names(), "Poll"); got != maxDrain {
		t.Errorf("%d polls at once", got)
	}
}

func TestClient_GivesMarketContextsAsPrograms(t *testing.T) {
	b := newBench(t)
	list, err := b.Programs(t.Context(), openadr.Query{})
	if err != nil || len(list.Items) != 1 || list.Items[0].ID != "vtn-1" || list.Items[0].Raw == nil {
		t.Errorf("before any event: %v, %v", list, err)
	}
	bare := strings.ReplaceAll(simple("b", 0).String(), "http://market.example", " ")
	b.vtn.tell(distribute(simple("a", 0).String(), bare))
	b.poll()
	list, _ = b.Programs(t.Context(), openadr.Query{})
	if len(list.Items) != 2 || list.Items[0].ProgramName != "http://market.example" || list.Items[1].ID != "vtn-1" {
		t.Errorf("then: %v", list.Items)
	}
	own, err := b.Events(t.Context(), openadr.Query{ProgramID: "http://market.example"})
	if err != nil || ids(own) != "a" {
		t.Errorf("of the one: %q, %v", ids(own), err)
	}
}

func TestClient_RegistersAnewWhenTheVTNForgotIt(t *testing.T) {
	for name, answer := range map[string]string{
		"asked to":      wrapped(`<a:oadrRequestReregistration e:schemaVersion="2.0b"><e:venID>ven-1</e:venID></a:oadrRequestReregistration>`),
		"463":           verdict("oadrResponse", "463", ""),
		"463, with WS ": verdict("oadrResponse", "\n463 ", ""),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.poll()
			b.vtn.names()
			b.vtn.tell(answer, distribute(simple("a", 0).String()))
			b.vtn.set(func() {
				b.vtn.answers["oadrCreatePartyRegistration"] = registeredAs("ven-2", "reg-2", "PT5S")
				b.vtn.events = distribute(simple("a", 0).String())
			})
			if got := ids(b.poll()); got != "a" {
				t.Errorf("listed %q", got)
			}
			if got := b.vtn.last("oadrCreatePartyRegistration"); !strings.Contains(got, "<ei:registrationID>reg-1</ei:registrationID><ei:venID>ven-1</ei:venID>") {
				t.Errorf("registered as\n%s", got)
			}
			if got := b.vtn.last("oadrPoll"); !strings.Contains(got, "ven-2") || b.PollEvery() != 5*time.Second {
				t.Errorf("polls as\n%s", got)
			}
			if got := b.vtn.names(); !strings.Contains(got, "CreatePartyRegistration RegisterReport RequestEvent") {
				t.Errorf("said %s", got)
			}
		})
	}
}

func TestClient_GivesUpOnAVTNThatNeverKnowsIt(t *testing.T) {
	b := newBench(t)
	b.vtn.answers["oadrPoll"] = verdict("oadrResponse", "463", "")
	_, err := b.Events(t.Context(), openadr.Query{})
	if openadr.KindOf(err) != openadr.Unauthorized {
		t.Errorf("got %v", err)
	}
	if got := strings.Count(b.vtn.names(), "CreatePartyRegistration"); got > 2 {
		t.Errorf("%d registrations", got)
	}
	b = newBench(t)
	b.vtn.answers["oadrCreatePartyRegistration"] = registeredAs("", "", "PT1S") // openleadr refuses like this
	if _, err := b.Events(t.Context(), openadr.Query{}); openadr.KindOf(err) != openadr.Unauthorized {
		t.Errorf("without ids: %v", err)
	}
	b = newBench(t)
	b.poll()
	b.vtn.answers["oadrCreatePartyRegistration"] = verdict("oadrCreatedPartyRegistration", "452", "")
	b.vtn.answers["oadrPoll"] = verdict("oadrResponse", "463", "")
	b.turn(time.Hour)
	if _, err := b.Events(t.Context(), openadr.Query{}); openadr.KindOf(err) != openadr.Refused || !strings.Contains(err.Error(), "452 so it is") {
		t.Errorf("refused: %v", err)
	}
	if got := b.vtn.last("oadrCreatePartyRegistration"); strings.Contains(got, "reg-1") {
		t.Errorf("the last try still is\n%s", got)
	}
}

func TestClient_ObeysACancellationOfItsRegistration(t *testing.T) {
	b := newBench(t)
	b.vtn.events = distribute(simple("a", 0).String())
	b.poll()
	b.vtn.names()
	b.vtn.tell(wrapped(`<a:oadrCancelPartyRegistration e:schemaVersion="2.0b"><p:requestID>q9</p:requestID><e:registrationID>reg-1</e:registrationID><e:venID>ven-1</e:venID></a:oadrCancelPartyRegistration>`))
	if got := b.poll(); ids(got) != "a" || values(got.Items[0]) != "" {
		t.Errorf("listed %q with %q, want it as over", ids(got), values(got.Items[0]))
	}
	if got := b.vtn.last("oadrCanceledPartyRegistration"); !strings.Contains(got, "<pyld:requestID>q9</pyld:requestID></ei:eiResponse><ei:registrationID>reg-1<") {
		t.Errorf("answered\n%s", got)
	}
	b.vtn.names()
	b.turn(time.Hour)
	_, err := b.Events(t.Context(), openadr.Query{})
	if openadr.KindOf(err) != openadr.Unauthorized || b.vtn.names() != "" {
		t.Errorf("then %v", err)
	}
	if err := b.Register(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := ids(b.poll()); got != "a" {
		t.Errorf("registered again: %q", got)
	}
	if err := b.Leave(t.Context()); err != nil || !strings.Contains(b.vtn.last("oadrCancelPartyRegistration"), "reg-1") {
		t.Errorf("leaving: %v", err)
	}
}

func TestClient_ToldFaultsApart(t *testing.T) {
	for _, c := range []struct {
		name, body string
		status     int
		want       openadr.Kind
		isLasting  bool
	}{
		{"401", "", 401, openadr.Unauthorized, true},
		{"403", "", 403, openadr.Forbidden, true},
		{"404", "", 404, openadr.Refused, true},
		{"429", "", 429, openadr.Unavailable, false},
		{"500", "", 500, openadr.Unavailable, false},
		{"302", "", 302, openadr.Redirected, true},
		{"web page", "<!DOCTYPE html><html><body>log in</body></html>", 0, openadr.HTML, false},
		{"json", `{"title":"no"}`, 0, openadr.Unreadable, false},
		{"another message", fineWith("oadrCreatedOpt"), 0, openadr.Unreadable, false},
		{"nothing", " ", 0, openadr.Unreadable, false},
		{"half", fineWith("oadrResponse")[:300], 0, openadr.Unreadable, false},
		{"5xx inside", verdict("oadrResponse", "500", ""), 0, openadr.Unavailable, false},
		{"459 inside", verdict("oadrResponse", "459", ""), 0, openadr.Refused, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.vtn.status, b.vtn.header = c.status, http.Header{"Retry-After": {"77"}, "Location": {"http://elsewhere.example/"}}
			b.vtn.answers["oadrCreatePartyRegistration"] = c.body
			_, err := b.Events(t.Context(), openadr.Query{})
			var temporary interface{ Temporary() bool }
			if openadr.KindOf(err) != c.want || !errors.As(err, &temporary) || temporary.Temporary() == c.isLasting {
				t.Errorf("got %v, want kind %q", err, c.want)
			}
			var patient interface{ RetryAfter() time.Duration }
			if wanted := c.status == 429 || c.status == 500; !errors.As(err, &patient) || (patient.RetryAfter() == 77*time.Second) != wanted {
				t.Errorf("patience of %v", err)
			}
			if err != nil && (len(err.Error()) > 400 || strings.ContainsAny(err.Error(), "\n<")) {
				t.Errorf("says %q", err)
			}
		})
	}
}

func TestClient_BelievesNoHalfAnswer(t *testing.T) {
	b := newBench(t)
	b.vtn.isCut = true
	if _, err := b.Events(t.Context(), openadr.Query{}); openadr.KindOf(err) != openadr.Truncated {
		t.Errorf("got %v", err)
	}
}

func TestClient_SaysWhatTheVTNOffers(t *testing.T) {
	b := newBench(t)
	offer, err := b.Query(t.Context())
	if err != nil || offer.VTNID != "vtn-1" || len(offer.Profiles) != 1 || offer.Profiles[0].Transports[0] != "simpleHttp" || offer.PollEvery != 10*time.Second {
		t.Errorf("got %+v, %v", offer, err)
	}
	if got := b.vtn.names(); got != "QueryRegistration" || b.store.puts != 0 {
		t.Errorf("it was more than a question: %s", got)
	}
}

func TestClient_WorksOnWithoutItsStore(t *testing.T) {
	b := newBench(t)
	b.store.values = map[string][]byte{"openadr20b/home-7": []byte("{half")}
	list, err := b.Events(t.Context(), openadr.Query{})
	if err != nil || len(list.Malformed) != 1 || !strings.Contains(list.Malformed[0].Err.Error(), "restore") {
		t.Errorf("a spoilt value: %v, %v", list.Malformed, err)
	}
	b = newBench(t)
	b.vtn.events = distribute(simple("a", 0).String())
	if b.poll(); b.store.puts != 1 {
		t.Errorf("%d writes", b.store.puts)
	}
	b.store.err = errors.New("disk full")
	b.vtn.tell(distribute(simple("b", 0).String()))
	if got := b.poll(); ids(got) != "b !" {
		t.Errorf("with a full disk: %q", ids(got))
	}
	b.store.err = nil
	if got := b.poll(); ids(got) != "b" {
		t.Errorf("then: %q", ids(got))
	}
	b.restart()
	b.vtn.set(func() { b.vtn.events = distribute(simple("b", 0).String()) })
	if got := b.poll(); ids(got) != "b" {
		t.Errorf("after a restart: %q", ids(got))
	}
	b.store.err = errors.New("no disk")
	b.restart()
	if _, err := b.Events(t.Context(), openadr.Query{}); err == nil {
		t.Error("a VEN that cannot know who it is asks all the same")
	}
}

func TestClient_IsSafeForConcurrentUse(t *testing.T) {
	b := newBench(t)
	b.vtn.events = distribute(simple("a", 0).String())
	b.poll()
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			for range 10 {
				b.turn(time.Duration(i) * time.Second)
				list, err := b.Events(t.Context(), openadr.Query{})
				if err != nil || ids(list) != "a" {
					t.Errorf("listed %q, %v", ids(list), err)
				}
				if _, err := b.Event(t.Context(), "a"); err != nil || b.PollEvery() == 0 {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestClient_EndsWithItsContext(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("shutting down")
	cancel(why)
	if _, err := b.Events(ctx, openadr.Query{}); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
}

func TestClient_ChangesNoEventWhoseStatusMovesOn(t *testing.T) {
	b := newBench(t)
	var before string
	for _, status := range []string{"none", "far", "near", "active", "ACTIVE", "what next"} {
		event := simple("a", 0)
		event.status = status
		b.vtn.tell(distribute(event.String()))
		list := b.poll()
		if now := string(list.Items[0].Raw); before != "" && now != before {
			t.Errorf("%s: %s", status, now)
		} else {
			before = now
		}
	}
}
