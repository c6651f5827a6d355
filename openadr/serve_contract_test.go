package openadr_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hearth/openadr"
	"hearth/openadr/vtn"
)

// witness asks our own VTN, and judges its answers by the specification.
type witness struct {
	spec *spec
	vtn  *vtn.VTN
}

func witnessed(t *testing.T, version string) witness {
	t.Helper()
	speaks := map[string]openadr.Dialect{"3.1.1": openadr.Dialect31, "3.0.1": openadr.Dialect30}[version]
	v := vtn.New(vtn.Config{
		ClientID: "home", ClientSecret: "s", Business: map[string]openadr.Secret{"office": "s"}, Dialect: speaks,
		Broker: &vtn.Broker{URL: "mqtt://127.0.0.1:1"}, // nobody is there
	})
	t.Cleanup(func() { v.Close() })
	return witness{readSpec(t, version), v}
}

func (w witness) token(t rapid.TB, who string) string {
	form := "grant_type=client_credentials&client_secret=s&client_id=" + who
	r := httptest.NewRequest(http.MethodPost, "/auth/token", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	w.vtn.ServeHTTP(rec, r)
	var got struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		t.Fatal(err, rec.Body)
	}
	return got.Token
}

// ask wants the status, and an answer that fits what the specification says of it, and gives its id.
func (w witness) ask(t rapid.TB, who, method, path string, body any, want int) (id string) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	r := httptest.NewRequest(method, path, content)
	r.Header.Set("Authorization", "Bearer "+w.token(t, who))
	rec := httptest.NewRecorder()
	w.vtn.ServeHTTP(rec, r)
	if rec.Code != want {
		t.Fatalf("%s %s by %s: %d %s, want %d; %v", method, path, who, rec.Code, rec.Body, want, body)
	}
	bare, _, _ := strings.Cut(path, "?")
	op, _ := w.spec.find(method, bare)
	if op == nil {
		t.Fatalf("%s %s is not in the specification", method, path)
		return ""
	}
	said, isListed := op.Responses[fmt.Sprint(want)]
	if !isListed {
		t.Fatalf("%s %s does not answer with %d by the specification", method, path, want)
	}
	var v any
	// "Now" in 3.0 is no date-time, though the schema says it is one and in the same breath that it is written so.
	text := strings.ReplaceAll(rec.Body.String(), `"0000-00-00"`, `"0001-01-01T00:00:00Z"`)
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	if err := w.spec.check(v, w.spec.body(said)); err != nil {
		t.Fatalf("%s %s: %v: %v", method, path, err, v)
	}
	m, _ := v.(map[string]any)
	id, _ = m["id"].(string)
	return id
}

// invented is a body that the specification allows for a request, with fields set.
func (w witness) invented(t *rapid.T, path string, set map[string]any) map[string]any {
	op, _ := w.spec.find(http.MethodPost, path)
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	body, _ := w.spec.invent(random, w.spec.body(*op.RequestBody)).(map[string]any)
	for _, metadata := range []string{"id", "createdDateTime", "modificationDateTime", "objectType"} {
		delete(body, metadata)
	}
	for name, value := range set {
		body[name] = value
	}
	if priority, ok := body["priority"].(int); ok && priority < 0 {
		body["priority"] = 0
	}
	return body
}

// Whatever the specification allows to be published our VTN takes, and shows as the specification wants it.
func TestContract_TheVTNPublishesWhatTheSchemaAllows(t *testing.T) {
	for _, version := range []string{"3.1.1", "3.0.1"} {
		t.Run(version, func(t *testing.T) {
			w, count := witnessed(t, version), 0
			rapid.Check(t, func(t *rapid.T) {
				count++
				named := map[string]any{"programName": fmt.Sprint("program ", count)}
				program := w.ask(t, "office", "POST", "/programs", w.invented(t, "/programs", named), 201)
				of := map[string]any{"programID": program}
				event := w.ask(t, "office", "POST", "/events", w.invented(t, "/events", of), 201)
				w.ask(t, "office", "PUT", "/programs/"+program, w.invented(t, "/programs", named), 200)
				w.ask(t, "office", "PUT", "/events/"+event, w.invented(t, "/events", of), 200)
				for _, who := range []string{"home", "office"} {
					for _, path := range []string{"/programs", "/events", "/events?programID=" + program} {
						w.ask(t, who, "GET", path, nil, 200)
					}
				}
				w.ask(t, "office", "GET", "/events/"+event, nil, 200)
				w.ask(t, "office", "GET", "/programs/"+program, nil, 200)
				w.ask(t, "home", "DELETE", "/events/"+event, nil, 403)
				w.ask(t, "home", "POST", "/programs", named, 403)
				w.ask(t, "office", "DELETE", "/events/"+event, nil, 200)
				w.ask(t, "office", "DELETE", "/programs/"+program, nil, 200)
				w.ask(t, "office", "GET", "/events/"+event, nil, 404)
			})
		})
	}
}

// Every topic's path of the specification is served, with an answer that fits.
func TestContract_TheVTNNamesEveryTopic(t *testing.T) {
	w := witnessed(t, "3.1.1")
	program := w.ask(t, "office", "POST", "/programs", map[string]any{"programName": "p"}, 201)
	if err := w.vtn.Load([]byte(`{"programs":[{"id":"` + program + `","programName":"p"}],"vens":[{"id":"v","venName":"v","clientID":"home"}]}`)); err != nil {
		t.Fatal(err)
	}
	w.ask(t, "home", "GET", "/notifiers", nil, 200)
	served := 0
	for path, item := range w.spec.Paths {
		if !strings.HasPrefix(path, "/notifiers/") {
			continue
		}
		served++
		path = strings.NewReplacer("{venID}", "v", "{programID}", program).Replace(path)
		w.ask(t, "office", "GET", path, nil, 200)
		if _, isForSome := item.Get.Responses["403"]; isForSome && !strings.Contains(path, "/vens/") {
			w.ask(t, "home", "GET", path, nil, 403)
		} else {
			w.ask(t, "home", "GET", path, nil, 200)
		}
	}
	if served < 10 {
		t.Fatalf("only %d paths", served)
	}
	w.ask(t, "home", "GET", "/notifiers/mqtt/topics/vens/none", nil, 404)
}
