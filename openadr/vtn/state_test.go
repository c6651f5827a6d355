package vtn

import (
	"fmt"
	"strings"
	"testing"

	"hearth/openadr"
)

// A VTN that goes on where another left off shows each client the same, tells the same callbacks, and makes no id twice.
func TestState_GoesOnWhereItLeftOff(t *testing.T) {
	for _, d := range dialects {
		cfg := Config{Dialect: d, Business: map[string]openadr.Secret{"office": "s"}}
		v, b := town(t, cfg), newBell(t)
		home := dial(t, v, "home")
		program := send(t, v, "office", "POST", "/programs", officeBody(d, "program"), 201)
		send(t, v, "office", "POST", "/events", strings.ReplaceAll(officeBody(d, "event"), "PROGRAM", program), 201)
		ven := enrolled(t, home, "house")
		if _, err := home.CreateResource(t.Context(), openadr.Resource{Name: "pump", VENID: ven.ID}); err != nil {
			t.Fatal(err)
		}
		if err := v.Grant(ven.ID, "GROUP:vip"); err != nil {
			t.Fatal(err)
		}
		s := b.subscription(everything()...)
		s.ProgramID = program
		subscribe(t, home, s)
		text, err := v.Save()
		if err != nil {
			t.Fatal(err)
		}
		next := town(t, cfg)
		next.PutProgram(openadr.Program{ProgramName: "gone by the load"})
		if err := next.Load(text); err != nil {
			t.Fatal(err)
		}
		for _, who := range []string{"home", "other", "office"} {
			for _, path := range []string{"/programs", "/events", "/vens", "/vens/" + ven.ID + "/resources", "/resources", "/subscriptions"} {
				before, after := ask(v, "GET", path, tokenFor(t, v, who), ""), ask(next, "GET", path, tokenFor(t, next, who), "")
				if before.Code != after.Code || before.Body.String() != after.Body.String() {
					t.Errorf("%s %s for %s: %s, was %s", d, path, who, after.Body, before.Body)
				}
			}
		}
		known := fmt.Sprint(program, ven.ID, next.Resources("")[0].ID, next.Subscriptions()[0].ID)
		made := send(t, next, "office", "POST", "/programs", `{"programName":"another"}`, 201)
		if strings.Contains(known, made) {
			t.Errorf("%s: id %s is made twice", d, made)
		}
		next.Put(event("e", program))
		if got := b.heard(t, 1); !strings.HasPrefix(got[0], "Bearer hunter2 ") {
			t.Errorf("%s: told %q", d, got)
		}
		again, err := next.Save()
		if err != nil || !strings.Contains(string(again), "another") {
			t.Errorf("%s: %v", d, err)
		}
	}
}

// What is no state changes nothing.
func TestState_RefusesWhatIsNone(t *testing.T) {
	v := New(Config{})
	v.Put(event("e", "p"))
	good, err := v.Save()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "[]", "7", string(good[:len(good)-2]), `{"events":[{"id":"x"}]}`, `{"programs":[{}]}`, `{"count":"many"}`} {
		if err := v.Load([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), "load vtn: ") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if got := ids(t, v, "/events"); got != "e" {
		t.Errorf("left %q", got)
	}
	if err := v.Load(good); err != nil || ids(t, v, "/events") != "e" {
		t.Error(err)
	}
}

// Who keeps the state is told of each change, from wherever it comes, and of nothing else.
func TestState_TellsOfEachChange(t *testing.T) {
	count := 0
	v := New(Config{Business: map[string]openadr.Secret{"home": "s"}, Changed: func() { count++ }})
	ven := ""
	for i, change := range []func(){
		func() { v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "p"}}) },
		func() { v.Put(event("e", "p")) },
		func() { v.Delete("e") },
		func() {
			ven = send(t, v, "home", "POST", "/vens", `{"objectType":"BL_VEN_REQUEST","clientID":"c","venName":"v"}`, 201)
		},
		func() { _ = v.Grant(ven, "vip") },
		func() { send(t, v, "home", "POST", "/events", `{"programID":"p"}`, 201) },
		func() { send(t, v, "home", "DELETE", "/vens/"+ven, "", 200) },
		func() { v.DeleteProgram("p") },
	} {
		if change(); count != i+1 {
			t.Errorf("change %d: told %d times", i, count)
		}
	}
	before := count
	v.Delete("e")
	v.DeleteProgram("p")
	_ = v.Grant("none")
	send(t, v, "home", "POST", "/events", `{"programID":"p"}`, 409)
	ask(v, "GET", "/events", "", "")
	if count != before {
		t.Errorf("told of %d changes that were none", count-before)
	}
}
