package openadr

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
)

func readEvent(t *testing.T, text string) Event {
	t.Helper()
	var e Event
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return e
}

func TestEvent_KeepsValuesAndUnknownFieldsAsTheyCame(t *testing.T) {
	const text = `{ "id":"e1", "programID":"p1", "priority":0, "vendorThing":{"a":[1,2]}, "reportDescriptors":[{"payloadType":"USAGE"}],
		"intervals":[{"id":0,"payloads":[{"type":"PRICE","values":[0.026220, 1e-5, "x", true, {"x":1,"y":2}]}]}] }`
	e := readEvent(t, text)
	if got := fmt.Sprintf("%s", e.Intervals[0].Payloads[0].Values); got != `[0.026220 1e-5 "x" true {"x":1,"y":2}]` {
		t.Errorf("values became %s", got)
	}
	if e.Priority == nil || *e.Priority != 0 {
		t.Errorf("priority 0 became %v", e.Priority)
	}
	for _, part := range []string{`"vendorThing":{"a":[1,2]}`, `"reportDescriptors":[{"payloadType":"USAGE"}]`, "0.026220"} {
		if !strings.Contains(string(e.Raw), part) {
			t.Errorf("raw text lost %s: %s", part, e.Raw)
		}
	}
	if strings.ContainsAny(string(e.Raw), "\n\t") {
		t.Errorf("raw text is not compact: %s", e.Raw)
	}
}

func TestEvent_MetadataIsNeverFatal(t *testing.T) {
	e := readEvent(t, `{"id":"e1","programID":"p1","createdDateTime":"17:15:16","modificationDateTime":12,
		"objectType":"EVENT","targets":[{"type":"GROUP","values":["g"]},"mine"]}`)
	if !e.Created.IsZero() || !e.Modified.IsZero() || !slices.Equal(e.Targets, Targets{"GROUP:g", "mine"}) {
		t.Errorf("got %+v", e)
	}
	e = readEvent(t, `{"id":"e1","programID":"p1","modificationDateTime":"2026-03-29T01:30:00+0200","targets":"all"}`)
	if want := time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC); !e.Modified.Equal(want) || e.Targets != nil {
		t.Errorf("got %v, %v", e.Modified, e.Targets)
	}
}

func TestEvent_IsRefusedWholeWhenItsTimingCannotBeRead(t *testing.T) {
	for _, text := range []string{
		`{"programID":"p"}`,
		`{"id":"e"}`,
		`{"id":"` + strings.Repeat("x", 129) + `","programID":"p"}`,
		`{"id":"e","programID":"p","priority":-1}`,
		`{"id":"e","programID":"p","duration":"forever"}`,
		`{"id":"e","programID":"p","intervalPeriod":{"start":"noon"}}`,
		`{"id":"e","programID":"p","intervals":[{"id":0,"intervalPeriod":{"duration":-1},"payloads":[]}]}`,
		`{"id":"e","programID":"p","intervals":["x"]}`,
		`[]`, `"e"`, `7`,
	} {
		var e Event
		if err := json.Unmarshal([]byte(text), &e); err == nil {
			t.Errorf("%s was read as %+v", text, e)
		}
	}
}

func TestEvent_WritesWhatTheSchemaRequires(t *testing.T) {
	price, err := NewValuesMap(PayloadPrice, energy.PriceOf(0.1), energy.PriceOf(-0.05))
	if err != nil {
		t.Fatal(err)
	}
	e := Event{
		Metadata: Metadata{ID: "e"}, ProgramID: "p", IntervalPeriod: Period(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Hour),
		Intervals: []Interval{{Payloads: []ValuesMap{price}}},
	}
	got, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"id":"e","programID":"p","priority":null,"intervalPeriod":{"start":"2026-01-01T00:00:00Z","duration":"PT1H"},` +
		`"intervals":[{"id":0,"payloads":[{"type":"PRICE","values":[0.1,-0.05]}]}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSecret_IsNeverPrinted(t *testing.T) {
	cfg := Config{ClientSecret: "hunter2"}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", cfg.ClientSecret, "cfg", cfg)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", cfg.ClientSecret)
	marshalled, err := json.Marshal(map[string]any{"s": cfg.ClientSecret})
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%v %+v %#v %s %q %x %d %s %s", cfg, cfg, cfg, cfg.ClientSecret, cfg.ClientSecret, cfg.ClientSecret,
		cfg.ClientSecret, marshalled, log.String())
	for _, form := range []string{"hunter2", "68756e74657232", "104 117"} {
		if strings.Contains(all, form) {
			t.Errorf("the secret shows as %s: %s", form, all)
		}
	}
	if string(cfg.ClientSecret) != "hunter2" {
		t.Error("the secret cannot be had on purpose")
	}
}
