package openadr_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hearth/openadr"
)

func TestTargets_PairsAreTexts(t *testing.T) {
	for text, want := range map[string]string{
		`null`:             "",
		`"all"`:            "",
		`{"type":"GROUP"}`: "",
		`["a","b"]`:        "a b",
		`[{"type":"GROUP","values":["a","b"]},"c"]`:                               "GROUP:a GROUP:b c",
		`[{"type":"A","values":["x:y",""]}]`:                                      "A:x:y A:",
		`[{"type":"CIRCUIT_IDS","values":[ 12, null, true, {"x":1} ]}]`:           `CIRCUIT_IDS:12 CIRCUIT_IDS:true CIRCUIT_IDS:{"x":1}`,
		`[7,null,[],{"values":["a"]},{"type":"A"},{"type":7,"values":["a"]},"b"]`: "b",
	} {
		var got openadr.Targets
		if err := json.Unmarshal([]byte(text), &got); err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, %v; want %q", text, got, err, want)
		}
	}
}

// Targets written in a dialect are read as they were, but for the order: values of one type stand together.
func TestTargets_SurviveTheWayThere(t *testing.T) {
	var body []byte
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		_, _ = io.WriteString(w, `{"id":"s"}`)
	})
	for _, version := range []openadr.Dialect{openadr.Dialect31, openadr.Dialect30} {
		client := connect(t, url, dialect(version))
		rapid.Check(t, func(t *rapid.T) {
			text := rapid.Custom(func(t *rapid.T) string {
				return rapid.SampledFrom([]string{"GROUP", "VEN_NAME", "é"}).Draw(t, "type") + ":" + rapid.StringN(0, 20, -1).Draw(t, "value")
			})
			s := hook()
			s.Targets = rapid.SliceOf(text).Draw(t, "targets")
			if _, err := client.CreateSubscription(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			var got openadr.Subscription
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatal(err)
			}
			slices.Sort(got.Targets)
			if want := slices.Sorted(slices.Values(s.Targets)); !slices.Equal(got.Targets, want) {
				t.Fatalf("%q became %q in %s", want, got.Targets, body)
			}
			if version == openadr.Dialect30 && strings.Count(string(body), `"GROUP"`) > 1 {
				t.Fatalf("two pairs of one type: %s", body)
			}
		})
	}
}

func TestClient_AsksForTargetsAsTheDialectDoes(t *testing.T) {
	asked := ""
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.RawQuery
		_, _ = io.WriteString(w, "[]")
	})
	for _, c := range []struct {
		version openadr.Dialect
		targets []string
		want    string // empty: refused
	}{
		{openadr.Dialect31, []string{"a", "GROUP:b"}, "limit=50&programID=p&skip=0&targets=a&targets=GROUP%3Ab"},
		{openadr.Dialect30, []string{"GROUP:a", "GROUP:b:c"}, "limit=50&programID=p&skip=0&targetType=GROUP&targetValues=a&targetValues=b%3Ac"},
		{openadr.Dialect300, []string{"CIRCUIT_IDS:0135"}, "limit=50&programID=p&skip=0&targetType=CIRCUIT_IDS&targetValues=0135"},
		{openadr.Dialect30, nil, "limit=50&programID=p&skip=0"},
		{openadr.Dialect30, []string{"a"}, ""},
		{openadr.Dialect30, []string{":a"}, ""},
		{openadr.Dialect30, []string{"GROUP:a", "VEN_NAME:a"}, ""},
	} {
		asked = ""
		_, err := connect(t, url, dialect(c.version)).Events(t.Context(), openadr.Query{ProgramID: "p", Targets: c.targets})
		if asked != c.want || (openadr.KindOf(err) == openadr.Refused) != (c.want == "") {
			t.Errorf("%s %q: asked %q, %v", c.version, c.targets, asked, err)
		}
	}
}

func TestClient_ReadsWhat300Confuses(t *testing.T) {
	client := connect(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/events/e": // typed as a list
			_, _ = io.WriteString(w, `[{"id":"e","programID":"p","intervals":[{"id":0,"intervalPeriod":{"start":"0000-00-00"},"payloads":[]}]}]`)
		case "/vens/v/resources": // typed as one object
			_, _ = io.WriteString(w, `{"id":"u","resourceName":"pump"}`)
		case "/subscriptions":
			_, _ = io.WriteString(w, `[{"id":"s","clientName":"home","programID":"p","objectOperations":[{"objects":["EVENT"],
				"operations":["GET","POST","PUT","DELETE","PATCH","READ"],"callbackUrl":"https://h.example","bearerToken":"hunter2"}]}]`)
		}
	}), dialect(openadr.Dialect300))
	e, err := client.Event(t.Context(), "e")
	if err != nil || !e.Intervals[0].IntervalPeriod.Start.IsNow() {
		t.Errorf("event: %+v, %v", e, err)
	}
	resources, err := client.Resources(t.Context(), "v", "pump")
	if err != nil || len(resources.Items) != 1 || resources.Items[0].ID != "u" {
		t.Errorf("resources: %+v, %v", resources, err)
	}
	list, err := client.Subscriptions(t.Context(), "home")
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("subscriptions: %+v, %v", list, err)
	}
	o := list.Items[0].ObjectOperations[0]
	if got := strings.Join(o.Operations, " "); got != "READ CREATE UPDATE DELETE PATCH READ" || o.BearerToken != "hunter2" {
		t.Errorf("operations: %s, token %q", got, string(o.BearerToken))
	}
	if text, err := json.Marshal(list.Items); err != nil || strings.Contains(string(text)+fmt.Sprintf("%+v", list), "hunter2") {
		t.Errorf("the token shows: %s %+v, %v", text, list, err)
	}
}

func TestNotification_IsReadInEitherDialect(t *testing.T) {
	for text, want := range map[string]string{
		`{"objectType":"EVENT","operation":"UPDATE","object":{"id":"e"},"targets":["a"]}`:                          "EVENT UPDATE e [a]",
		`{"objectType":"EVENT","operation":"PUT","object":{"id":"e"},"targets":[{"type":"GROUP","values":["a"]}]}`: "EVENT UPDATE e [GROUP:a]",
		`{"objectType":"PROGRAM","operation":"POST","object":{"id":7}}`:                                            "PROGRAM CREATE  []",
		`{"objectType":"NEW","operation":"MOVE","object":[]}`:                                                      "NEW MOVE  []",
		`{}`: "   []",
	} {
		var n openadr.Notification
		err := json.Unmarshal([]byte(text), &n)
		if got := fmt.Sprintf("%s %s %s %v", n.ObjectType, n.Operation, n.ID(), n.Targets); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestProgram_FieldsOf30AreAttributes(t *testing.T) {
	read := func(text string) openadr.Program {
		t.Helper()
		var p openadr.Program
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := read(`{"id":"p","programName":"n","programLongName":"Long","retailerName":"r","retailerLongName":"R","programType":"PRICING_TARIFF",
		"country":"US","principalSubdivision":"CO","timeZoneOffset":"PT1H","bindingEvents":true,"localPrice":false}`)
	const want = `[{"type":"PROGRAM_LONG_NAME","values":["Long"]},{"type":"RETAILER_NAME","values":["r"]},{"type":"RETAILER_LONG_NAME","values":["R"]},` +
		`{"type":"PROGRAM_TYPE","values":["PRICING_TARIFF"]},{"type":"COUNTRY","values":["US"]},{"type":"PRINCIPAL_SUBDIVISION","values":["CO"]},` +
		`{"type":"BINDING_EVENTS","values":[true]},{"type":"LOCAL","values":[false]}]`
	if got, err := json.Marshal(p.Attributes); err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	if !strings.Contains(string(p.Raw), `"timeZoneOffset":"PT1H"`) {
		t.Errorf("lost in %s", p.Raw)
	}
	if again := read(string(p.Raw)); len(again.Attributes) != 8 { // as a store does
		t.Errorf("from the raw text: %+v", again.Attributes)
	}
	p = read(`{"id":"p","country":"US","attributes":[{"type":"COUNTRY","values":["NL"]},7,{"type":"X"}]}`)
	if got := p.Attributes.Of("COUNTRY"); len(p.Attributes) != 2 || string(got[0]) != `"NL"` || p.Attributes.Of("NONE") != nil {
		t.Errorf("got %s", p.Attributes)
	}
	p = read(`{"id":"p","country":7,"programType":"","retailerName":null,"bindingEvents":"yes","localPrice":null,"attributes":"none"}`)
	if len(p.Attributes) != 0 {
		t.Errorf("guessed %s", p.Attributes)
	}
}

func TestProgram_IsNotLostForItsPeriod(t *testing.T) {
	for text, want := range map[string]bool{
		`{"start":"2026-01-01T00:00:00Z","duration":"P1Y"}`: true,
		`{"start":"in spring"}`:                             false, `{"duration":-1}`: false, `"2026"`: false, `null`: false,
	} {
		var p openadr.Program
		err := json.Unmarshal([]byte(`{"id":"p","programName":"n","intervalPeriod":`+text+`}`), &p)
		if err != nil || (p.IntervalPeriod != nil) != want || p.ProgramName != "n" || !strings.Contains(string(p.Raw), `"intervalPeriod"`) {
			t.Errorf("%s: %+v, %v", text, p, err)
		}
	}
}

// FuzzObjects: whatever a VTN sends, reading it ends, and what was read of targets, attributes and operations
// is read the same when it is written again.
func FuzzObjects(f *testing.F) {
	for _, seed := range []string{
		`{"id":"a","targets":[{"type":"GROUP","values":["x",1]},"y"],"attributes":[{"type":"A","values":[1]}],"country":"US"}`,
		`{"id":"s","clientName":"c","objectOperations":[{"objects":["EVENT"],"operations":["PUT"],"callbackUrl":"u"}]}`,
		`{"WEBHOOK":true,"MQTT":{"URIS":["mqtt://b"],"authentication":{"method":"oauth2bearertoken","username":"{clientID}"}}}`,
		`{"id":"r","resources":[{"resourceName":"x","intervals":[{"id":1,"payloads":[]}]}],"attributes":{},"targets":7}`, `[]`, `null`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, into := range []func() any{
			func() any { return new(openadr.Program) }, func() any { return new(openadr.VENObject) },
			func() any { return new(openadr.Resource) }, func() any { return new(openadr.Report) },
			func() any { return new(openadr.Subscription) }, func() any { return new(openadr.Notification) },
			func() any { return new(openadr.Notifiers) }, func() any { return new(openadr.Topics) },
		} {
			first, second := into(), into()
			if json.Unmarshal(text, first) != nil {
				continue
			}
			once, err := json.Marshal(first)
			if err != nil {
				t.Fatalf("%T of %s cannot be written: %v", first, text, err)
			}
			if err := json.Unmarshal(once, second); err != nil {
				t.Fatalf("%T of %s was written as %s: %v", first, text, once, err)
			}
			if twice, err := json.Marshal(second); err != nil || string(twice) != string(once) {
				t.Fatalf("%T of %s:\nfirst  %s\nsecond %s, %v", first, text, once, twice, err)
			}
		}
	})
}
