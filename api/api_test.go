package api

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func noon() time.Time { return time.Date(2026, 11, 19, 12, 34, 0, 0, berlin()) }

func sampleNoon() fixed { return sample(noon(), noon().Add(48*time.Hour)) }

// get asks a handler as a browser on this machine would.
func get(h http.Handler, path string) *httptest.ResponseRecorder { return ask(h, http.MethodGet, path) }

func ask(h http.Handler, method, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Host = "localhost:8099"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAPI_ReturnsTheHomeAndTheTimelineUnchanged(t *testing.T) {
	for name, source := range map[string]fixed{
		"day": sampleNoon(), "unknown": unknown(noon()), "hostile": hostile(noon()),
		"day of 25 hours": sample(time.Date(2026, 10, 25, 1, 10, 0, 0, berlin()), noon()),
	} {
		h := New(Options{Home: source})
		var home Home
		decode(t, get(h, "/api/v1/home"), &home)
		if want := again(t, source.home); !reflect.DeepEqual(home, want) {
			t.Errorf("%s: home\n got %+v\nwant %+v", name, home, want)
		}
		var timeline Timeline
		decode(t, get(h, "/api/v1/timeline"), &timeline)
		if want := again(t, source.timeline); !reflect.DeepEqual(timeline, want) {
			t.Errorf("%s: the timeline changed on its way", name)
		}
	}
}

// again is v written and read, which drops what JSON does not hold: names of zones, signs of zeros.
func again[T any](t *testing.T, v T) (out T) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func decode(t *testing.T, w *httptest.ResponseRecorder, v any) {
	t.Helper()
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("got %d %s: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Error("a cache may keep the answer")
	}
	d := json.NewDecoder(w.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		t.Fatal(err)
	}
}

func TestAPI_AnswersAsItsDocumentSays(t *testing.T) {
	h := New(Options{Home: sampleNoon(), Version: "1.2.3"})
	document := get(h, "/api/v1/openapi.json")
	var doc struct {
		OpenAPI string `json:"openapi"`
		Info    struct{ Version string }
		Paths   map[string]struct {
			Get struct {
				Responses map[string]struct {
					Content map[string]struct {
						Schema struct {
							Ref string `json:"$ref"`
						}
					}
				}
			}
		}
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(document.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || doc.Info.Version != "1.2.3" {
		t.Errorf("document %s of version %s", doc.OpenAPI, doc.Info.Version)
	}
	// The same types registered anew: what huma checks requests with, here checks our answers.
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	for path, of := range map[string]reflect.Type{
		"/api/v1/home": reflect.TypeFor[Home](), "/api/v1/timeline": reflect.TypeFor[Timeline](), "/api/v1/stream": reflect.TypeFor[Home](),
	} {
		schema := registry.Schema(of, true, "")
		for _, content := range doc.Paths[path].Get.Responses["200"].Content {
			if content.Schema.Ref != schema.Ref {
				t.Errorf("%s is documented as %q, want %q", path, content.Schema.Ref, schema.Ref)
			}
		}
		if len(doc.Paths[path].Get.Responses["200"].Content) != 1 {
			t.Errorf("%s is not documented", path)
		}
		name := strings.TrimPrefix(schema.Ref, "#/components/schemas/")
		b, err := json.Marshal(registry.Map()[name])
		if err != nil {
			t.Fatal(err)
		}
		var want any
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(doc.Components.Schemas[name], want) {
			t.Errorf("the document's schema of %s is not that of the type", name)
		}
	}
	for name, source := range map[string]fixed{"day": sampleNoon(), "unknown": unknown(noon()), "nothing": {home: Home{Plan: PlanInfo{Status: "none"}}}} {
		h := New(Options{Home: source})
		check(t, name, registry, reflect.TypeFor[Home](), get(h, "/api/v1/home").Body.Bytes())
		check(t, name, registry, reflect.TypeFor[Timeline](), get(h, "/api/v1/timeline").Body.Bytes())
	}
}

func check(t *testing.T, name string, registry huma.Registry, of reflect.Type, body []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	result := &huma.ValidateResult{}
	huma.Validate(registry, registry.Schema(of, true, ""), huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, v, result)
	for _, err := range result.Errors {
		t.Errorf("%s: %s: %v", name, of, err)
	}
}

func TestAPI_HealthIsTrueWhileReadyIsFalse(t *testing.T) {
	isReady := false
	h := New(Options{Home: sampleNoon(), Ready: func() (bool, string) { return isReady, "no good cycle yet, clock not sane" }})
	if w := get(h, "/healthz"); w.Code != http.StatusOK {
		t.Errorf("healthz: %d", w.Code)
	}
	if w := get(h, "/readyz"); w.Code != http.StatusServiceUnavailable || w.Body.String() != "not ready: no good cycle yet, clock not sane\n" {
		t.Errorf("readyz: %d %q", w.Code, w.Body)
	}
	isReady = true
	if w := get(h, "/readyz"); w.Code != http.StatusOK || w.Body.String() != "ready\n" {
		t.Errorf("readyz: %d %q", w.Code, w.Body)
	}
}

func TestAPI_ServesMetricsOnlyWhereThereAreSome(t *testing.T) {
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hearth_build_info 1\n") })
	if w := get(New(Options{Home: sampleNoon(), Metrics: metrics}), "/metrics"); w.Body.String() != "hearth_build_info 1\n" {
		t.Errorf("metrics: %d %q", w.Code, w.Body)
	}
	if w := get(New(Options{Home: sampleNoon()}), "/metrics"); w.Code != http.StatusNotFound {
		t.Errorf("metrics without a handler: %d", w.Code)
	}
}

func TestAPI_ErrorsAreProblemDocuments(t *testing.T) {
	h := New(Options{Home: sampleNoon()})
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/nothing", 404}, {"GET", "/api/v1/", 404}, {"GET", "/api/v1/home/x", 404}, {"GET", "/assets/../api.go", 404},
		{"GET", "/assets/none.js", 404}, {"GET", "/.gitkeep", 404}, {"GET", "/docs", 404}, {"GET", "/schemas/Home.json", 404},
		{"POST", "/api/v1/home", 405}, {"DELETE", "/", 405}, {"OPTIONS", "/api/v1/home", 405}, {"PUT", "/nothing", 405},
	} {
		w := ask(h, c.method, c.path)
		if w.Code == http.StatusTemporaryRedirect || w.Code == http.StatusMovedPermanently {
			w = ask(h, c.method, w.Header().Get("Location")) // the mux cleans paths first
		}
		var problem huma.ErrorModel
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil {
			t.Errorf("%s %s: %d %q", c.method, c.path, w.Code, w.Body)
			continue
		}
		if w.Code != c.status || problem.Status != c.status || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: got %d %s, want %d", c.method, c.path, w.Code, w.Header().Get("Content-Type"), c.status)
		}
		if c.status == 405 && w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s %s does not say what is allowed", c.method, c.path)
		}
	}
}
