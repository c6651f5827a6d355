package vtn

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/openadr"
)

// bell is a client's callback.
type bell struct {
	*httptest.Server
	mute bool // does not echo

	mu   sync.Mutex
	rung []string // "Bearer hunter2 {...}"
	hold chan struct{}
}

func newBell(t *testing.T) *bell {
	b := &bell{}
	b.Server = httptest.NewServer(b.handler())
	t.Cleanup(b.Close)
	return b
}

func (b *bell) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			if !b.mute {
				_, _ = io.WriteString(w, r.URL.Query().Get("echo"))
			}
			return
		}
		body, _ := io.ReadAll(r.Body)
		b.mu.Lock()
		b.rung = append(b.rung, r.Header.Get("Authorization")+" "+string(body))
		hold := b.hold
		b.mu.Unlock()
		if hold != nil {
			select {
			case <-hold:
			case <-r.Context().Done():
			}
		}
	})
}

// heard waits for the number of notifications and returns all there are.
func (b *bell) heard(t *testing.T, n int) []string {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		b.mu.Lock()
		out := append([]string{}, b.rung...)
		b.mu.Unlock()
		if len(out) >= n {
			return out
		}
		if time.Now().After(end) {
			t.Fatalf("heard %d of %d: %q", len(out), n, out)
		}
	}
}

func (b *bell) subscription(operations ...string) openadr.Subscription {
	return openadr.Subscription{ClientName: "house", ProgramID: "p", ObjectOperations: []openadr.ObjectOperation{{
		Objects: []string{openadr.ObjectEvent, openadr.ObjectProgram}, Operations: operations, CallbackURL: b.URL + "/hook?x=1", BearerToken: "hunter2",
	}}}
}

func everything() []string {
	return []string{openadr.OperationCreate, openadr.OperationUpdate, openadr.OperationDelete}
}

func subscribe(t *testing.T, c *openadr.Client, s openadr.Subscription) openadr.Subscription {
	t.Helper()
	got, err := c.CreateSubscription(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Each change of what was subscribed to is told once, in order, with the token and in the dialect's words, and
// what the client may not see, or did not ask for, is not.
func TestVTN_TellsSubscribersOfEachChange(t *testing.T) {
	for _, d := range dialects {
		v, b := town(t, Config{Dialect: d, Granted: []string{"GROUP:a"}}), newBell(t)
		subscribe(t, dial(t, v, "home"), b.subscription(everything()...))
		v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "p"}})
		v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "q"}}) // of another program, as the next
		v.Put(event("elsewhere", "q"))
		v.Put(event("hidden", "p", "GROUP:vip"))
		v.Put(event("e", "p", "GROUP:vip", "GROUP:a"))
		v.Put(event("e", "p"))
		v.Delete("e")
		v.Delete("e") // nothing is there any more
		v.DeleteProgram("p")
		var got []string
		for _, text := range b.heard(t, 5) {
			token, body, _ := strings.Cut(text, " {")
			var n openadr.Notification
			if err := json.Unmarshal([]byte("{"+body), &n); err != nil || token != "Bearer hunter2" {
				t.Fatalf("%s: %q: %v", d, text, err)
			}
			var fields map[string]json.RawMessage
			if err := json.Unmarshal([]byte("{"+body), &fields); err != nil || len(fields) != 3+min(1, len(n.Targets)) {
				t.Errorf("%s: a notification with other fields: %s", d, body)
			}
			if strings.Contains(body, "vip") {
				t.Errorf("%s: tells of a hidden target: %s", d, body)
			}
			if isVerb := strings.Contains(body, `"operation":"POST"`) || strings.Contains(body, `"operation":"PUT"`); isVerb == (d == openadr.Dialect31) && n.Operation != openadr.OperationDelete {
				t.Errorf("%s says %s", d, body)
			}
			got = append(got, fmt.Sprint(n.ObjectType, " ", n.Operation, " ", n.ID(), n.Targets))
		}
		want := "PROGRAM CREATE p[],EVENT CREATE e[GROUP:a],EVENT UPDATE e[],EVENT DELETE e[],PROGRAM DELETE p[]"
		if strings.Join(got, ",") != want || v.Missed() != 0 {
			t.Errorf("%s: %q, %d missed; want %s", d, got, v.Missed(), want)
		}
	}
}

func TestVTN_TellsOnlyOfTheOperationsAskedFor(t *testing.T) {
	v, b := town(t, Config{}), newBell(t)
	c := dial(t, v, "home")
	first := subscribe(t, c, b.subscription(openadr.OperationDelete))
	v.Put(event("e", "p"))
	v.Put(event("f", "p"))
	v.Delete("e")
	if got := b.heard(t, 1); len(got) != 1 || !strings.Contains(got[0], `"operation":"DELETE"`) {
		t.Errorf("%q", got)
	}
	if err := c.DeleteSubscription(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "ended twice", c.DeleteSubscription(t.Context(), first.ID), openadr.NotFound)
	v.Delete("f")
	subscribe(t, c, b.subscription(openadr.OperationCreate))
	v.Put(event("g", "p")) // comes after what should not come
	if got := b.heard(t, 2); len(got) != 2 || !strings.Contains(got[1], `"id":"g"`) {
		t.Errorf("%q", got)
	}
}

// The targets of a subscription narrow what is told as those of a search narrow what is found.
func TestVTN_TellsOnlyOfTheTargetsAskedFor(t *testing.T) {
	for _, d := range dialects {
		v, b := town(t, Config{Dialect: d, Granted: []string{"GROUP:a", "GROUP:b"}}), newBell(t)
		s := b.subscription(everything()...)
		s.Targets = openadr.Targets{"GROUP:a", "GROUP:vip"}
		subscribe(t, dial(t, v, "home"), s)
		for id, targets := range map[string][]string{"open": nil, "b": {"GROUP:b"}, "vip": {"GROUP:vip"}} {
			v.Put(event(id, "p", targets...))
		}
		v.Put(event("both", "p", "GROUP:a", "GROUP:b"))
		if got := b.heard(t, 1); len(got) != 1 || !strings.Contains(got[0], `"id":"both"`) {
			t.Errorf("%s: %q", d, got)
		}
	}
}

func TestVTN_SubscribesOnlyWhoEchoes(t *testing.T) {
	v, b := town(t, Config{}), newBell(t)
	c := dial(t, v, "home")
	b.mute = true
	_, err := c.CreateSubscription(t.Context(), b.subscription(everything()...))
	wantKind(t, "a callback that does not echo", err, openadr.Refused)
	dead := b.subscription(everything()...)
	dead.ObjectOperations[0].CallbackURL = "http://127.0.0.1:1/"
	_, err = c.CreateSubscription(t.Context(), dead)
	wantKind(t, "a callback that is not there", err, openadr.Refused)
	if n := len(v.Subscriptions()); n != 0 {
		t.Errorf("%d subscriptions", n)
	}
}

// A replaced subscription tells the new callback only, which was asked; of another's nobody is asked.
func TestVTN_ReplacesASubscription(t *testing.T) {
	v, before, after := town(t, Config{}), newBell(t), newBell(t)
	made := subscribe(t, dial(t, v, "home"), before.subscription(everything()...))
	token := tokenOf(t, v)
	body := fmt.Sprintf(`{"clientName":"house","objectOperations":[{"objects":["EVENT"],"operations":["CREATE"],"callbackUrl":%q}]}`, after.URL)
	after.mute = true
	if w := ask(v, "PUT", "/subscriptions/"+made.ID, token, body); w.Code != 400 {
		t.Errorf("a callback that does not echo: %d", w.Code)
	}
	if w := ask(v, "PUT", "/subscriptions/none", token, body); w.Code != 404 {
		t.Errorf("of none: %d", w.Code)
	}
	after.mute = false
	if w := ask(v, "PUT", "/subscriptions/"+made.ID, token, body); w.Code != 200 {
		t.Errorf("replaced: %d %s", w.Code, w.Body)
	}
	v.Put(event("e", "q"))
	if got := after.heard(t, 1); !strings.HasPrefix(got[0], " {") { // it has no bearer token
		t.Errorf("%q", got)
	}
	if got := before.heard(t, 0); len(got) != 0 || len(v.Subscriptions()) != 1 {
		t.Errorf("the old callback heard %q", got)
	}
}

// Subscriptions are found by their client only, and nobody is shown a bearer token.
func TestVTN_ShowsNoBearerTokens(t *testing.T) {
	for _, d := range dialects {
		v, b := town(t, Config{Dialect: d}), newBell(t)
		home, other := dial(t, v, "home"), dial(t, v, "other")
		made := subscribe(t, home, b.subscription(everything()...))
		if made.ClientID != "home" || made.ObjectType != openadr.ObjectSubscription || made.ProgramID != "p" {
			t.Errorf("%s: %+v", d, made)
		}
		for c, want := range map[*openadr.Client]int{home: 1, other: 0} {
			list, err := c.Subscriptions(t.Context(), "house")
			if err != nil || len(list.Items) != want || len(list.Malformed) > 0 {
				t.Errorf("%s: %+v, %v", d, list, err)
			}
		}
		token := tokenOf(t, v)
		for query, want := range map[string]bool{"": true, "?objects=EVENT": true, "?objects=VEN": false, "?programID=q": false, "?clientName=x": false} {
			w := ask(v, "GET", "/subscriptions"+query, token, "")
			if strings.Contains(w.Body.String(), made.ID) != want || strings.Contains(w.Body.String(), "earer") {
				t.Errorf("%s %s: %s", d, query, w.Body)
			}
		}
		if isVerb := strings.Contains(ask(v, "GET", "/subscriptions", token, "").Body.String(), `"PUT"`); isVerb != (d == openadr.Dialect300) {
			t.Errorf("%s: verbs %t", d, isVerb)
		}
	}
}

// A callback that hangs holds up neither who publishes nor Close, and what waits for it is bounded.
func TestVTN_AHangingCallbackHoldsUpNobody(t *testing.T) {
	v, b := town(t, Config{}), newBell(t)
	b.hold = make(chan struct{})
	defer close(b.hold)
	subscribe(t, dial(t, v, "home"), b.subscription(everything()...))
	start := time.Now()
	v.Put(event("first", "p"))
	b.heard(t, 1)
	for i := range maxCalls + 7 {
		v.Put(event(fmt.Sprint("e", i), "p"))
	}
	if got := v.Missed(); got != 7 {
		t.Errorf("%d missed, want 7", got)
	}
	if err := v.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("held up for %v", took)
	}
	missed := v.Missed()
	v.Put(event("late", "p")) // and nobody is told after Close
	if got := b.heard(t, 1); len(got) != 1 || v.Missed() != missed+1 {
		t.Errorf("%d were told, %d missed", len(got), v.Missed())
	}
}

func TestVTN_CountsWhatACallbackRefuses(t *testing.T) {
	v, b := town(t, Config{}), newBell(t)
	subscribe(t, dial(t, v, "home"), b.subscription(everything()...))
	b.Close()
	v.Put(event("e", "p"))
	for end := time.Now().Add(10 * time.Second); v.Missed() != 1; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d missed", v.Missed())
		}
	}
}

func TestVTN_RefusesSubscriptionsThatLackSomething(t *testing.T) {
	v := New(Config{ClientID: "home", ClientSecret: "s"})
	refused(t, v, "/subscriptions", map[string]int{
		`{"objectOperations":[]}`: 400,
		`{"clientName":"c"}`:      400,
		`{"clientName":"c","programID":"a b","objectOperations":[]}`:                                                      400,
		`{"clientName":"c","objectOperations":[{"objects":[],"operations":[]}]}`:                                          400,
		`{"clientName":"c","objectOperations":[{"objects":[],"callbackUrl":"http://127.0.0.1:1"}]}`:                       400,
		`{"clientName":"c","objectOperations":[{"operations":[],"callbackUrl":"http://127.0.0.1:1"}]}`:                    400,
		`{"clientName":"c","objectOperations":[{"objects":[],"operations":[],"callbackUrl":"file:///etc/passwd"}]}`:       400,
		`{"clientName":"c","objectOperations":[{"objects":[],"operations":["BAKE"],"callbackUrl":"http://127.0.0.1:1"}]}`: 400,
	})
	v = New(Config{ClientID: "home", ClientSecret: "s", Dialect: openadr.Dialect30})
	refused(t, v, "/subscriptions", map[string]int{`{"clientName":"c","objectOperations":[]}`: 400})
}
