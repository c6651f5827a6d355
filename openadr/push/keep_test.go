package push

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/openadr"
	"hearth/openadr/vtn"
)

var dialects = []openadr.Dialect{openadr.Dialect31, openadr.Dialect30, openadr.Dialect300}

// town is a started VTN and a client of it.
func town(t testing.TB, d openadr.Dialect) (*vtn.VTN, *openadr.Client) {
	t.Helper()
	v := vtn.New(vtn.Config{Dialect: d, ClientID: "home", ClientSecret: "s3cret"})
	if err := v.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return v, dialVTN(t, openadr.Config{BaseURL: v.URL(), Dialect: d, ClientID: "home", ClientSecret: "s3cret"})
}

func programs(ids ...string) func(*WebhookConfig) {
	return func(c *WebhookConfig) { c.Programs = func() []string { return ids } }
}

// called runs a webhook at an address that its callback names, and waits for it to be well.
func called(t testing.TB, r rig, change ...func(*WebhookConfig)) (w *Webhook, stop func()) {
	t.Helper()
	at := freeAddress(t)
	w = newWebhook(t, r, append([]func(*WebhookConfig){func(c *WebhookConfig) {
		c.Listen, c.CallbackURL = at, "http://"+at+"/hook?x=1"
	}}, change...)...)
	stop = start(t, w)
	return w, stop
}

func well(t testing.TB, r runner) {
	t.Helper()
	eventually(t, "it is well", func() bool { return r.Err() == nil })
}

// A change at the VTN is a hint, in every dialect, well within the tenth of a second that a notification may take.
func TestWebhook_AChangeAtTheVTNIsAHintAtOnce(t *testing.T) {
	for _, d := range dialects {
		v, client := town(t, d)
		v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "p"}, ProgramName: "p"})
		r := newRig(t, client)
		w, stop := called(t, r, programs("p"))
		well(t, w)
		if r.ear.count() != 1 {
			t.Errorf("%s: %d hints for the new subscription", d, r.ear.count())
		}
		puts := uint64(0)
		isQuick(t, r, func() {
			v.Put(openadr.Event{Metadata: openadr.Metadata{ID: "e"}, ProgramID: "p"})
			puts++
		})
		v.Put(openadr.Event{Metadata: openadr.Metadata{ID: "e2"}, ProgramID: "q"}) // of another program
		v.Delete("e")
		eventually(t, "all were heard", func() bool { return w.Counts().Heard == puts+1 })
		stop()
		if c := w.Counts(); c != (Counts{Heard: puts + 1}) || v.Missed() != 0 {
			t.Errorf("%s: %+v, %d missed", d, c, v.Missed())
		}
	}
}

// shape is what stands at a VTN, in short.
func shape(v *vtn.VTN) (out []string) {
	for _, s := range v.Subscriptions() {
		for _, o := range s.ObjectOperations {
			out = append(out, fmt.Sprintf("%s %s %v %v", s.ClientName, s.ProgramID, o.Objects, o.Operations))
		}
	}
	slices.Sort(out)
	return out
}

func TestWebhook_OneSubscriptionStandsOverRestarts(t *testing.T) {
	v, client := town(t, openadr.Dialect31)
	r := newRig(t, client)
	at := freeAddress(t)
	here := func(c *WebhookConfig) { c.Listen, c.CallbackURL = at, "http://"+at }
	first := ""
	for restart := range 3 {
		w := newWebhook(t, r, here)
		stop := start(t, w)
		well(t, w)
		w.Recheck()
		v.Put(openadr.Event{Metadata: openadr.Metadata{ID: fmt.Sprint("e", restart)}, ProgramID: "p"})
		eventually(t, "our token is the one that the VTN shows", func() bool { return w.Counts().Heard == 1 })
		stop()
		all := v.Subscriptions()
		if len(all) != 1 {
			t.Fatalf("start %d: %d subscriptions", restart, len(all))
		}
		if first == "" {
			first = all[0].ID
		}
		if all[0].ID != first {
			t.Error("it was made anew")
		}
	}
	if want := []string{"hearth  [EVENT PROGRAM] [CREATE UPDATE DELETE]"}; !slices.Equal(shape(v), want) {
		t.Errorf("%q", shape(v))
	}
	if r.store.written() != 1 {
		t.Errorf("the store was written %d times", r.store.written())
	}
	for _, secret := range []string{r.log.text(), fmt.Sprintf("%+v", r.Parts)} {
		if strings.Contains(secret, string(mustToken(t, r))) {
			t.Error("the token is printed")
		}
	}
}

func mustToken(t *testing.T, r rig) openadr.Secret {
	t.Helper()
	w := newWebhook(t, r)
	if w.restore(); w.unread != nil {
		t.Fatal(w.unread)
	}
	return *w.token.Load()
}

// What stands under our name and is not as we want it goes; what stands under another stays.
func TestWebhook_OldSubscriptionsGo(t *testing.T) {
	for _, d := range dialects {
		v, client := town(t, d)
		r := newRig(t, client)
		_, echo := echoOnly(t)
		subscribe := func(name, program, callback string) {
			_, err := client.CreateSubscription(t.Context(), openadr.Subscription{ClientName: name, ProgramID: program, ObjectOperations: []openadr.ObjectOperation{{
				Objects: []string{openadr.ObjectEvent}, Operations: []string{openadr.OperationCreate}, CallbackURL: callback,
			}}})
			if err != nil {
				t.Fatal(err)
			}
		}
		subscribe("hearth", "p", echo)
		subscribe("hearth", "p", echo+"/elsewhere")
		subscribe("hearth", "old", echo)
		subscribe("neighbour", "p", echo)
		w, stop := called(t, r, programs("p", "q", "p", ""))
		well(t, w)
		stop()
		const all = " [EVENT PROGRAM] [CREATE UPDATE DELETE]"
		if got, want := shape(v), []string{"hearth p" + all, "hearth q" + all, "neighbour p [EVENT] [CREATE]"}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

func TestWebhook_AnotherWishIsAnotherSubscription(t *testing.T) {
	v, client := town(t, openadr.Dialect31)
	r := newRig(t, client)
	last := ""
	for name, change := range map[string]func(*WebhookConfig){
		"another callback": func(c *WebhookConfig) { c.CallbackURL += "&moved=1" },
		"other objects":    func(c *WebhookConfig) { c.Objects = []string{openadr.ObjectEvent} },
		"other operations": func(c *WebhookConfig) { c.Operations = []string{openadr.OperationCreate} },
		"per program":      programs("p"),
	} {
		w, stop := called(t, r, change)
		well(t, w)
		stop()
		all := v.Subscriptions()
		if len(all) != 1 || all[0].ID == last {
			t.Fatalf("%s: %d subscriptions, the last was %s", name, len(all), last)
		}
		last = all[0].ID
	}
}

// Of a token that is lost the VTN would go on to show what we no longer know.
func TestWebhook_ALostStoreIsANewSubscription(t *testing.T) {
	for name, spoil := range map[string]func(*memory){
		"empty":       func(m *memory) { m.kept = nil },
		"garbage":     func(m *memory) { m.kept["openadr-push/home"] = []byte("{") },
		"other times": func(m *memory) { m.kept["openadr-push/home"] = []byte(`{"version":9,"token":"x"}`) },
		"no token":    func(m *memory) { m.kept["openadr-push/home"] = []byte(`{"version":1}`) },
	} {
		v, client := town(t, openadr.Dialect31)
		r := newRig(t, client)
		at := freeAddress(t)
		here := func(c *WebhookConfig) { c.Listen, c.CallbackURL = at, "http://"+at }
		w, stop := called(t, r, here)
		well(t, w)
		stop()
		before := v.Subscriptions()[0].ID
		spoil(r.store)
		w, _ = called(t, r, here)
		eventually(t, "another stands", func() bool { all := v.Subscriptions(); return len(all) == 1 && all[0].ID != before })
		v.Put(openadr.Event{Metadata: openadr.Metadata{ID: "e"}, ProgramID: "p"})
		eventually(t, name+": it is heard", func() bool { return w.Counts().Heard == 1 })
	}
}

func TestWebhook_ASickStoreCostsNoHints(t *testing.T) {
	v, client := town(t, openadr.Dialect31)
	r := newRig(t, client)
	r.store.broken = errSick
	w, _ := called(t, r)
	eventually(t, "it says so", func() bool { return w.Err() != nil && strings.Contains(w.Err().Error(), errSick.Error()) })
	eventually(t, "it stands", func() bool { return len(v.Subscriptions()) == 1 })
	v.Put(openadr.Event{Metadata: openadr.Metadata{ID: "e"}, ProgramID: "p"})
	eventually(t, "it is heard", func() bool { return w.Counts().Heard == 1 })
	r.store.mu.Lock()
	r.store.broken = nil
	r.store.mu.Unlock()
	well(t, w)
	if r.store.written() != 1 || len(v.Subscriptions()) != 1 {
		t.Errorf("written %d times, %d subscriptions", r.store.written(), len(v.Subscriptions()))
	}
}

// A VTN that has forgotten us is told again, when we are told that it is back.
func TestWebhook_AForgetfulVTNIsToldAgain(t *testing.T) {
	v, client := town(t, openadr.Dialect31)
	r := newRig(t, client)
	w, _ := called(t, r)
	well(t, w)
	if err := client.DeleteSubscription(t.Context(), v.Subscriptions()[0].ID); err != nil {
		t.Fatal(err)
	}
	w.Recheck()
	eventually(t, "it stands again", func() bool { return len(v.Subscriptions()) == 1 })
}

func TestWebhook_TheLogSaysEachEdgeOnce(t *testing.T) {
	v, client := town(t, openadr.Dialect31)
	r := newRig(t, client)
	v.Break(vtn.Broken, nil)
	w, _ := called(t, r)
	eventually(t, "it was tried some times", func() bool { return len(v.Requests()) > 5 })
	if err := w.Err(); openadr.KindOf(err) != openadr.Unavailable {
		t.Errorf("%v", err)
	}
	v.Heal()
	well(t, w)
	if lost, back := r.log.count("push lost"), r.log.count("push back"); lost != 1 || back != 1 {
		t.Errorf("%d and %d lines:\n%s", lost, back, r.log.text())
	}
}

func TestWebhook_WithoutProgramsNothingIsTouched(t *testing.T) {
	v, client := town(t, openadr.Dialect30)
	r := newRig(t, client)
	w, stop := called(t, r, programs("p"))
	well(t, w)
	stop()
	asked := len(v.Requests())
	ids := make(chan []string, 1)
	w, _ = called(t, r, func(c *WebhookConfig) {
		c.CallbackURL = w.cfg.CallbackURL
		c.Listen = w.cfg.Listen
		c.Programs = func() []string {
			select {
			case known := <-ids:
				ids <- known
				return known
			default:
				return nil
			}
		}
	})
	eventually(t, "it waits for the first poll", func() bool { return w.Err() != nil && strings.Contains(w.Err().Error(), "no programs") })
	if len(v.Requests()) != asked || len(v.Subscriptions()) != 1 || strings.Contains(r.log.text(), "lost") {
		t.Errorf("%q\n%s", v.Requests()[asked:], r.log.text())
	}
	ids <- []string{"p"}
	w.Recheck()
	well(t, w)
}

// A refusal is not repeated every few seconds; an answer of Recheck comes at once all the same.
func TestWebhook_ARefusalIsTakenForAnAnswer(t *testing.T) {
	v, client := town(t, openadr.Dialect31)
	r := newRig(t, client)
	w, _ := called(t, r, func(c *WebhookConfig) { c.CallbackURL = "http://" + freeAddress(t) }) // where nobody echoes
	eventually(t, "it is refused", func() bool { return openadr.KindOf(w.Err()) == openadr.Refused })
	eventually(t, "it waits", func() bool { return r.clock.asked() == refusedFor })
	asked := len(v.Requests())
	w.Recheck()
	eventually(t, "it is tried again", func() bool { return len(v.Requests()) > asked })
}

func TestWebhook_LeavesIfItShould(t *testing.T) {
	for _, isTransient := range []bool{false, true} {
		v, client := town(t, openadr.Dialect30)
		r := newRig(t, client)
		w, stop := called(t, r, programs("p", "q"), func(c *WebhookConfig) { c.IsTransient = isTransient })
		well(t, w)
		stop()
		if got := len(v.Subscriptions()); (got == 0) != isTransient || !isTransient && got != 2 {
			t.Errorf("transient %v: %d stand", isTransient, got)
		}
	}
}

// The farewell is bounded, and a VTN that is silent does not hold up the house for longer.
func TestWebhook_ASilentVTNDoesNotHoldUpTheFarewell(t *testing.T) {
	v, client := town(t, openadr.Dialect31)
	r := newRig(t, client)
	w, stop := called(t, r, func(c *WebhookConfig) { c.IsTransient = true })
	well(t, w)
	v.Break(vtn.Silent, func(r *http.Request) bool { return r.Method == http.MethodDelete })
	began := time.Now()
	stop()
	if took := time.Since(began); took > farewellLimit+2*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestNewWebhook_NamesEveryFault(t *testing.T) {
	for want, change := range map[string]func(*WebhookConfig){
		"callback url: want":     func(c *WebhookConfig) { c.CallbackURL = "home.example" },
		"callback url: must not": func(c *WebhookConfig) { c.CallbackURL = "https://u:secret@home.example" },
		"this machine only":      func(c *WebhookConfig) { c.CallbackURL = "http://home.example" },
		"listen \"8080\"":        func(c *WebhookConfig) { c.Listen = "8080" },
		"come together":          func(c *WebhookConfig) { c.CertFile = "x" },
		"without an address":     func(c *WebhookConfig) { c.Listen, c.CertFile, c.KeyFile = "", "x", "y" },
		"client name":            func(c *WebhookConfig) { c.ClientName = strings.Repeat("é", 129) },
		`operation "POST"`:       func(c *WebhookConfig) { c.Operations = []string{"POST"} },
	} {
		cfg := WebhookConfig{Listen: ":0", CallbackURL: "https://home.example/x", ClientName: "hearth"}
		if _, err := NewWebhook(cfg, Parts{}); err != nil {
			t.Fatal(err)
		}
		change(&cfg)
		if _, err := NewWebhook(cfg, Parts{}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	_, err := NewWebhook(WebhookConfig{}, Parts{})
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("not all at once: %v", err)
	}
}

// A VTN may write a callback its own way and leave out what it likes; that is no reason to subscribe anew each time.
func TestWebhook_KnowsItsOwnHoweverTheVTNShowsIt(t *testing.T) {
	w := newWebhook(t, newRig(t, nil), func(c *WebhookConfig) { c.CallbackURL = "https://Home.example:443" })
	w.kept.Standing = map[string]standing{"p": {"s1", w.wish()}, "q": {"s2", "another wish"}}
	at := func(id, program string, callbacks ...string) (s openadr.Subscription) {
		s.ID, s.ProgramID = id, program
		for _, c := range callbacks {
			s.ObjectOperations = append(s.ObjectOperations, openadr.ObjectOperation{CallbackURL: c})
		}
		return s
	}
	for name, c := range map[string]struct {
		shown  openadr.Subscription
		isOurs bool
	}{
		"as it was":         {at("s1", "p", "https://Home.example:443"), true},
		"written otherwise": {at("s1", "p", "https://home.example/"), true},
		"without callback":  {at("s1", "p", ""), true},
		"without anything":  {at("s1", "p"), true},
		"calls elsewhere":   {at("s1", "p", "https://home.example/", "https://else.example/"), false},
		"another id":        {at("s3", "p", "https://home.example/"), false},
		"another program":   {at("s1", "r", "https://home.example/"), false},
		"an older wish":     {at("s2", "q", "https://home.example/"), false},
	} {
		if w.isOurs(&c.shown) != c.isOurs {
			t.Errorf("%s: want %v", name, c.isOurs)
		}
	}
}

// A VTN that is away is not asked for each of a hundred programs; one that refuses one may take the next.
func TestWebhook_AnOutageIsMetOnceAndARefusalForEach(t *testing.T) {
	for fault, want := range map[vtn.Fault]int{vtn.Broken: 1, vtn.NoAccess: 6} { // each refusal with a fresh token once more
		v, client := town(t, openadr.Dialect30)
		r := newRig(t, client)
		r.Pace = patient{}
		v.Break(fault, func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Path == "/subscriptions" })
		w, _ := called(t, r, programs("p", "q", "r"))
		eventually(t, "it has failed", func() bool { return w.Err() != nil && w.Err() != errNotYet })
		posts := 0
		for _, request := range v.Requests() {
			if request == "POST /subscriptions" {
				posts++
			}
		}
		if posts != want {
			t.Errorf("%s: %d times, want %d", fault, posts, want)
		}
	}
}

func TestWebhook_WhatHasEndedByItselfIsNoFault(t *testing.T) {
	_, client := town(t, openadr.Dialect31)
	if err := newWebhook(t, newRig(t, client)).end(t.Context(), "gone"); err != nil {
		t.Error(err)
	}
}

func TestDistinct_IsBounded(t *testing.T) {
	ids := []string{"", "a", "b", "a", ""}
	if got := distinct(ids); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("%q", got)
	}
	for i := range 1000 {
		ids = append(ids, fmt.Sprint("p", i))
	}
	if got := len(distinct(ids)); got != maxPrograms {
		t.Errorf("%d programs", got)
	}
}

func TestCanonical_IsTheSameForWhatMeansTheSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"https://home.example", "https://home.example/", true},
		{"https://Home.Example:443/x", "HTTPS://home.example/x", true},
		{"http://h:80/?a=1", "http://h/?a=1", true},
		{"https://h/x", "https://h/y", false},
		{"https://h/x?a=1", "https://h/x?a=2", false},
		{"https://h:8443/", "https://h/", false},
		{"https://h/", "http://h/", false},
		{"%zz", "%zz", true},
	} {
		if (canonical(c.a) == canonical(c.b)) != c.same {
			t.Errorf("%s and %s: %s, %s", c.a, c.b, canonical(c.a), canonical(c.b))
		}
	}
}
