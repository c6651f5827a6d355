package vtn

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/openadr"
)

// officeBody is a request of the business side in the VTN's dialect.
func officeBody(d openadr.Dialect, kind string) string {
	targets := map[openadr.Dialect]string{openadr.Dialect31: `["GROUP:vip"]`}[d]
	if targets == "" {
		targets = `[{"type":"GROUP","values":["vip"]}]`
	}
	return map[string]string{
		"program": `{"programName":"tou","programDescriptions":[{"URL":"https://vtn.example/tou"}]}`,
		"event": `{"programID":"PROGRAM","priority":0,"intervalPeriod":{"start":"2026-03-28T00:00:00Z","duration":"PT1H"},"targets":` + targets +
			`,"intervals":[{"id":0,"payloads":[{"type":"PRICE","values":[0.1700]}]}]}`,
		"ven":      `{"objectType":"BL_VEN_REQUEST","clientID":"home","venName":"house","targets":` + targets + `}`,
		"resource": `{"objectType":"BL_RESOURCE_REQUEST","clientID":"home","resourceName":"pump","venID":"VEN","targets":` + targets + `}`,
	}[kind]
}

// send is a request that must have the status; it gives the id of the answer.
func send(t *testing.T, v *VTN, who, method, path, body string, want int) (id string) {
	t.Helper()
	w := ask(v, method, path, tokenFor(t, v, who), body)
	var got struct {
		openadr.Metadata
		openadr.Problem
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != want || want >= 400 && got.Status != want {
		t.Errorf("%s by %s: %s %s %s: %d %s, want %d", v.cfg.Dialect, who, method, path, body, w.Code, w.Body, want)
	}
	return got.Metadata.ID
}

// A building's own software publishes over HTTP what VENs then read, changes it, grants it and takes it back.
func TestBusiness_PublishesOverHTTP(t *testing.T) {
	for _, d := range dialects {
		v := town(t, Config{Dialect: d, Business: map[string]openadr.Secret{"office": "s"}})
		home := dial(t, v, "home")
		program := send(t, v, "office", "POST", "/programs", officeBody(d, "program"), 201)
		event := strings.ReplaceAll(officeBody(d, "event"), "PROGRAM", program)
		id := send(t, v, "office", "POST", "/events", event, 201)
		seen := func() string {
			list, err := home.Events(t.Context(), openadr.Query{ProgramID: program})
			if err != nil || len(list.Malformed) > 0 {
				t.Fatal(err, list.Malformed)
			}
			if len(list.Items) == 0 {
				return "nothing"
			}
			e := list.Items[0]
			return fmt.Sprintf("%t %d %v %s", e.ID == id, *e.Priority, e.Targets, string(e.Intervals[0].Payloads[0].Values[0]))
		}
		if got := seen(); got != "nothing" {
			t.Errorf("%s: before the grant %s", d, got)
		}
		ven := send(t, v, "office", "POST", "/vens", officeBody(d, "ven"), 201)
		if got := seen(); got != "true 0 [GROUP:vip] 0.1700" {
			t.Errorf("%s: %s", d, got)
		}
		send(t, v, "office", "PUT", "/vens/"+ven, `{"objectType":"BL_VEN_REQUEST","clientID":"home","venName":"house"}`, 200)
		if got := seen(); got != "nothing" {
			t.Errorf("%s: without a grant %s", d, got)
		}
		send(t, v, "office", "PUT", "/vens/"+ven, officeBody(d, "ven"), 200)
		send(t, v, "office", "PUT", "/events/"+id, strings.Replace(event, "0.1700", "-0.05", 1), 200)
		if got := seen(); got != "true 0 [GROUP:vip] -0.05" {
			t.Errorf("%s: changed %s", d, got)
		}
		if got := ask(v, "GET", "/programs", tokenOf(t, v), "").Body.String(); !strings.Contains(got, `"programDescriptions":[{"URL":"https://vtn.example/tou"}]`) {
			t.Errorf("%s: descriptions are lost: %s", d, got)
		}
		send(t, v, "office", "DELETE", "/events/"+id, "", 200)
		send(t, v, "office", "DELETE", "/events/"+id, "", 404)
		send(t, v, "office", "PUT", "/events/"+id, event, 404)
		send(t, v, "office", "DELETE", "/programs/"+program, "", 200)
		if got := seen(); got != "nothing" {
			t.Errorf("%s: withdrawn, but %s", d, got)
		}
	}
}

// Everything is the business side's to read, and what VENs write is theirs to write.
func TestBusiness_SeesEverything(t *testing.T) {
	for _, d := range dialects {
		v, b := town(t, Config{Dialect: d, Business: map[string]openadr.Secret{"office": "s"}}), newBell(t)
		home := dial(t, v, "home")
		v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "p"}, ProgramName: "p", Targets: []string{"GROUP:secret", "GROUP:vip"}})
		v.Put(event("e", "p"))
		v.Put(event("hidden", "p", "GROUP:secret", "GROUP:vip"))
		ven := enrolled(t, home, "house")
		if _, err := home.CreateResource(t.Context(), openadr.Resource{Name: "pump", VENID: ven.ID}); err != nil {
			t.Fatal(err)
		}
		subscribe(t, home, b.subscription(everything()...))
		if _, err := home.CreateReport(t.Context(), openadr.Report{EventID: "e", ProgramID: "p", ClientName: "house"}); err != nil {
			t.Fatal(err)
		}
		resources := "/resources"
		if d != openadr.Dialect31 {
			resources = "/vens/" + ven.ID + "/resources"
		}
		query := map[bool]string{true: "?targets=GROUP:secret", false: "?targetType=GROUP&targetValues=secret"}[d == openadr.Dialect31]
		for path, want := range map[string]int{
			"/programs": 1, "/events": 2, "/vens": 1, resources: 1, "/subscriptions": 1, "/reports": 1, "/events" + query: 1, "/programs" + query: 1,
		} {
			w := ask(v, "GET", path, tokenFor(t, v, "office"), "")
			var list []openadr.Metadata
			if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list) != want || want == 1 && strings.HasPrefix(path, "/programs") && !strings.Contains(w.Body.String(), "vip") {
				t.Errorf("%s %s: %s", d, path, w.Body)
			}
			if strings.Contains(w.Body.String(), "hunter2") {
				t.Errorf("%s %s shows a bearer token", d, path)
			}
		}
		report, subscription := v.Reports()[0].ID, v.Subscriptions()[0].ID
		send(t, v, "office", "GET", "/reports/"+report, "", 200)
		send(t, v, "office", "DELETE", "/reports/"+report, "", 403)
		send(t, v, "office", "POST", "/reports", `{"eventID":"e","programID":"p","clientName":"x","resources":[]}`, 403)
		send(t, v, "office", "DELETE", "/subscriptions/"+subscription, "", 404)
		send(t, v, "office", "DELETE", "/vens/"+ven.ID, "", 200)
		if len(v.VENs())+len(v.Resources("")) != 0 {
			t.Errorf("%s: left %v and %v", d, v.VENs(), v.Resources(""))
		}
	}
}

// Nobody else publishes or grants, whatever the body, and with no business side nobody does.
func TestBusiness_IsNobodyElse(t *testing.T) {
	now := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)
	v := New(Config{ClientID: "home", ClientSecret: "s", Business: map[string]openadr.Secret{"office": "s", "anonymous": "s"}, Now: func() time.Time { return now }})
	v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "p"}, ProgramName: "p"})
	v.Put(event("e", "p"))
	for _, path := range []string{"/programs", "/events"} {
		for _, body := range []string{officeBody(openadr.Dialect31, path[1:len(path)-1]), "{", ""} {
			send(t, v, "home", "POST", path, body, 403)
			send(t, v, "home", "PUT", path+"/e", body, 403)
		}
		send(t, v, "home", "DELETE", path+"/p", "", 403)
	}
	send(t, v, "home", "POST", "/vens", officeBody(openadr.Dialect31, "ven"), 403)
	ven := send(t, v, "home", "POST", "/vens", `{"objectType":"VEN_VEN_REQUEST","venName":"house","targets":["vip"],"clientID":"other"}`, 201)
	if got := v.VENs()[0]; got.ClientID != "home" || len(got.Targets) != 0 {
		t.Errorf("a ven grants itself %v as %s", got.Targets, got.ClientID)
	}
	send(t, v, "office", "POST", "/vens", `{"objectType":"VEN_VEN_REQUEST","venName":"flat"}`, 400)
	send(t, v, "home", "PUT", "/vens/"+ven, `{"objectType":"VEN_VEN_REQUEST","venName":"house","targets":["vip"]}`, 200)
	if got := v.VENs()[0]; len(got.Targets) != 0 {
		t.Errorf("a ven grants itself %v", got.Targets)
	}
	open := New(Config{Business: map[string]openadr.Secret{"office": "s"}}) // VENs need no token here
	send(t, open, "office", "POST", "/programs", `{"programName":"p"}`, 201)
	for header, want := range map[string]int{"": 200, "Bearer x": 401} {
		if got := withHeader(open, header); got != want {
			t.Errorf("%q: %d, want %d", header, got, want)
		}
	}
	if w := ask(open, "POST", "/programs", "", `{"programName":"q"}`); w.Code != 403 {
		t.Errorf("anybody publishes: %d", w.Code)
	}
	if w := ask(open, "POST", "/auth/token", "", "grant_type=client_credentials"); w.Code != 401 {
		t.Errorf("empty credentials: %d", w.Code)
	}
	if w := ask(New(Config{}), "POST", "/events", "", officeBody(openadr.Dialect31, "event")); w.Code != 403 {
		t.Errorf("without a business side: %d", w.Code)
	}
}

func TestBusiness_TokensSayWhatTheyAreGoodFor(t *testing.T) {
	v := New(Config{ClientID: "home", ClientSecret: "s", Business: map[string]openadr.Secret{"office": "s"}})
	for who, want := range map[string]string{"home": "read_targets", "office": "write_events"} {
		w := ask(v, "POST", "/auth/token", "", "grant_type=client_credentials&client_secret=s&client_id="+who)
		if !strings.Contains(w.Body.String(), want) || strings.Contains(w.Body.String(), "write_programs") != (who == "office") {
			t.Errorf("%s: %s", who, w.Body)
		}
	}
}

// What a publisher gets wrong is refused whole with the reason, rather than published without it.
func TestBusiness_IsToldWhatItGotWrong(t *testing.T) {
	v := New(Config{Business: map[string]openadr.Secret{"home": "s"}})
	v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "p"}, ProgramName: "taken"})
	programs := map[string]int{
		``: 400, `[]`: 400, `null`: 400, `{}`: 400, `{"programName":""}`: 400, `{"programName":7}`: 400,
		`{"programName":"` + strings.Repeat("x", 129) + `"}`: 400, `{"programName":"taken"}`: 409,
		`{"programName":"a","intervalPeriod":{"start":"tomorrow"}}`: 400, `{"programName":"a","targets":"vip"}`: 400, `{"programName":"a","targets":[7]}`: 400,
		`{"programName":"a","targets":[""]}`: 400, `{"programName":"a","targets":[{"type":"GROUP","values":["vip"]}]}`: 400,
		`{"programName":"a","attributes":[7]}`: 400, `{"programName":"a","attributes":[{"type":"LOCAL","values":[null]}]}`: 400,
		`{"programName":"a","payloadDescriptors":[{"payloadType":"PRICE"}]}`: 400, `{"programName":"a","programDescriptions":[{}]}`: 400,
		`{"programName":"b","targets":null,"attributes":null,"payloadDescriptors":null,"intervalPeriod":null,"programDescriptions":null,"x":1}`: 201,
		`{"programName":"c","id":"p","objectType":"EVENT","createdDateTime":"x"}`:                                                               201, // metadata are ignored
	}
	for body, want := range programs {
		send(t, v, "home", "POST", "/programs", body, want)
	}
	if n := len(v.programs.items); n != 3 || v.programs.items[0].ProgramName != "taken" {
		t.Errorf("%d programs", n)
	}
	row := func(payload string) string {
		return `{"programID":"p","intervals":[{"id":0,"payloads":[` + payload + `]}]}`
	}
	for body, want := range map[string]int{
		`{}`: 400, `{"programID":"none"}`: 409, `{"programID":"a b"}`: 400, `{"programID":"p","priority":-1}`: 400, `{"programID":"p","duration":"1h"}`: 400,
		`{"programID":"p","intervals":[{"id":0}]}`: 400, `{"programID":"p","intervals":[{"id":"x","payloads":[]}]}`: 400,
		row(`{"type":"PRICE"}`): 400, row(`{"type":"","values":[]}`): 400, row(`{"type":"PRICE","values":[null]}`): 400, row(`{"type":"PRICE","values":[1e400]}`): 400,
		row(`{"type":"CURVE","values":[{"x":1}]}`): 400, row(`{"type":"CURVE","values":[[1,2]]}`): 400,
		`{"programID":"p","targets":[null]}`: 400, `{"programID":"p","payloadDescriptors":[{"objectType":"REPORT_PAYLOAD_DESCRIPTOR","payloadType":"USAGE"}]}`: 400,
		`{"programID":"p","reportDescriptors":[{}]}`: 400, `{"programID":"p"}`: 201, row(``): 201,
		row(`{"type":"CURVE","values":[{"x":1,"y":2},"a",true,-1.5e3]}`): 201,
	} {
		send(t, v, "home", "POST", "/events", body, want)
	}
	if n := len(v.events.items); n != 3 {
		t.Errorf("%d events", n)
	}
	ven := send(t, v, "home", "POST", "/vens", `{"objectType":"BL_VEN_REQUEST","clientID":"c","venName":"v"}`, 201)
	for body, want := range map[string]int{
		`{"objectType":"BL_VEN_REQUEST","venName":"w"}`: 400, `{"objectType":"BL_VEN_REQUEST","clientID":"c","venName":"v"}`: 409,
		`{"objectType":"BL_VEN_REQUEST","clientID":"c","venName":"w","targets":{}}`: 400, `{"clientID":"c","venName":"w"}`: 400,
	} {
		send(t, v, "home", "POST", "/vens", body, want)
	}
	pump := func(client string) string {
		return fmt.Sprintf(`{"objectType":"BL_RESOURCE_REQUEST","clientID":%q,"resourceName":"pump","venID":%q}`, client, ven)
	}
	send(t, v, "home", "POST", "/resources", pump("other"), 404)
	send(t, v, "home", "POST", "/resources", pump("c"), 201)
	send(t, v, "home", "PUT", "/vens/"+ven, `{"objectType":"BL_VEN_REQUEST","clientID":"d","venName":"v"}`, 200)
	if got := v.Resources(ven)[0].ClientID; got != "d" {
		t.Errorf("the resource stayed with %s", got)
	}
	v30 := New(Config{Dialect: openadr.Dialect30, Business: map[string]openadr.Secret{"home": "s"}})
	for body, want := range map[string]int{
		`{"programName":"a","targets":["vip"]}`: 400, `{"programName":"a","targets":[{"type":"GROUP"}]}`: 400, `{"programName":"a","targets":[{"type":"GROUP","values":["vip"]}]}`: 201,
	} {
		send(t, v30, "home", "POST", "/programs", body, want)
	}
	send(t, v30, "home", "POST", "/events", `{"programID":"id-1"}`, 400) // without intervals
}

// Who subscribes hears of what clients write too: of its own objects, and the business side of all.
func TestBusiness_HearsOfWhatVENsWrite(t *testing.T) {
	v, house, office := town(t, Config{Business: map[string]openadr.Secret{"office": "s"}}), newBell(t), newBell(t)
	home, other := dial(t, v, "home"), dial(t, v, "other")
	for who, b := range map[string]*bell{"home": house, "office": office} {
		s := b.subscription(everything()...)
		s.ProgramID = ""
		s.ObjectOperations[0].Objects = []string{openadr.ObjectVEN, openadr.ObjectResource, openadr.ObjectEvent}
		subscribe(t, dial(t, v, who), s)
	}
	enrolled(t, other, "flat")
	ven := enrolled(t, home, "house")
	if _, err := home.CreateResource(t.Context(), openadr.Resource{Name: "pump", VENID: ven.ID}); err != nil {
		t.Fatal(err)
	}
	v.Put(event("hidden", "p", "secret"))
	send(t, v, "home", "DELETE", "/vens/"+ven.ID, "", 200)
	for b, want := range map[*bell]string{
		house:  "VEN CREATE,RESOURCE CREATE,RESOURCE DELETE,VEN DELETE",
		office: "VEN CREATE,VEN CREATE,RESOURCE CREATE,EVENT CREATE,RESOURCE DELETE,VEN DELETE",
	} {
		var got []string
		for _, text := range b.heard(t, strings.Count(want, ",")+1) {
			var n openadr.Notification
			if err := json.Unmarshal([]byte(text[strings.Index(text, "{"):]), &n); err != nil {
				t.Fatal(err)
			}
			got = append(got, n.ObjectType+" "+n.Operation)
		}
		if strings.Join(got, ",") != want {
			t.Errorf("heard %q, want %s", got, want)
		}
	}
}
