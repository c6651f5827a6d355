package profiles

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func files(texts map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range texts {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func TestLoadFolder_ReadsEveryProfile(t *testing.T) {
	got, err := LoadFolder(files(map[string]string{
		"plug.json": plug, "charger.json": charger, "schema.json": "{}", ".hidden.json": "x", "notes.txt": "x", "more/deep.json": "x",
	}))
	if err != nil || len(got) != 2 || got[0].ID != "charger" || got[1].ID != "plug" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestLoadFolder_NamesEveryFaultWithItsFileAndLine(t *testing.T) {
	got, err := LoadFolder(files(map[string]string{
		"plug.json":         strings.NewReplacer(`"unit": "W"`, `"unit": "kw"`, `"timer"`, `"clock"`, `"title": "A plug"`, `"titel": "A plug"`).Replace(plug),
		"plug2.json":        strings.NewReplacer(`"id": "plug"`, `"id": "plug2"`, `"unit": "W"`, `"unit": "kw"`, `"timer"`, `"clock"`).Replace(plug),
		"tasmota-plug.json": strings.Replace(plug, `"id": "plug"`, `"id": "tasmota-plug"`, 1),
		"broken.json":       "{\n\n  \"id\": }",
		"big.json":          strings.Repeat(" ", maxSize+1),
		"charger.json":      charger,
	}))
	if len(got) != 1 || got[0].ID != "charger" {
		t.Errorf("what is right: %v", got)
	}
	for _, want := range []string{
		`plug.json:2: titel: unknown key`,
		`plug2.json:6: points[1].unit: "kw", want W or kW for power`,
		`plug2.json:13: lease.kind: "clock"`,
		`tasmota-plug.json:1: id: "tasmota-plug" is the id of a profile that is built in`,
		`broken.json: line 3: `,
		`big.json: 65537 bytes, want a file of at most 65536`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %q", err, want)
		}
	}
}

func TestLoadFolder_OfNothing(t *testing.T) {
	if got, err := LoadFolder(fstest.MapFS{}); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	sub, _ := fstest.MapFS{}.Sub("missing")
	if _, err := LoadFolder(sub); err == nil {
		t.Error("a folder that is not there is no empty one")
	}
}

// A profile of the folder is as good as an embedded one: it is told by its messages too.
func TestMatches_RecognisesEachFamilyByItsTranscript(t *testing.T) {
	for topic, c := range map[string]struct {
		payload, id string
		params      map[string]string
	}{
		"openevse/announce/7856": {`{"state":"connected"}`, "openevse", map[string]string{"id": "7856"}},
		"go-eCharger/215623/frc": {`0`, "goe-charger", map[string]string{"serial": "215623"}},
		"plus/status/switch:0":   {`{"output":true}`, "shelly-gen2-plug", map[string]string{"topic": "plus"}},
		"plus/status/em:0":       {`{"total_act_power":1}`, "shelly-pro-3em", map[string]string{"topic": "plus"}},
		"evcc/loadpoints/1/mode": {`pv`, "evcc-loadpoint", map[string]string{"n": "1"}},
		"N/c06/system/0/Serial":  {`{"value":"c06"}`, "victron-grid", map[string]string{"portal": "c06"}},
	} {
		var found []string
		for _, id := range IDs() {
			p, err := Get(id)
			if err != nil {
				t.Fatal(err)
			}
			if params, ok := p.Matches(topic, []byte(c.payload)); ok {
				found = append(found, id)
				if id == c.id && !maps.Equal(params, c.params) {
					t.Errorf("%s: params %v, want %v", topic, params, c.params)
				}
			}
		}
		if !slices.Equal(found, []string{c.id}) {
			t.Errorf("%s is of %v, want %s", topic, found, c.id)
		}
	}
}

func TestMatches_TakesNothingElse(t *testing.T) {
	p, err := Get("shelly-gen2-plug")
	if err != nil {
		t.Fatal(err)
	}
	for topic, payload := range map[string]string{
		"a/status/switch:1": `{"output":true}`, "a/b/status/switch:0": `{"output":true}`, "status/switch:0": `{"output":true}`,
		"a b/status/switch:0": `{"output":true}`, "ä/status/switch:0": `{"output":true}`, "x/status/switch:0": `{"output":null}`,
		"y/status/switch:0": `{"output":"maybe"}`, "z/status/switch:0": "\xff\xfe",
	} {
		if params, ok := p.Matches(topic, []byte(payload)); ok {
			t.Errorf("%s %s was taken for one: %v", topic, payload, params)
		}
	}
}

func FuzzLookup(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":null}]}`, ` [ {"a": "x"} ] `, `{"a":`, "\xff", "", `"a"`, `[[[[]]]]`, `{"a":{"a":{"a":1}}}`} {
		f.Add([]byte(seed), "a.1.b")
		f.Add([]byte(seed), "0.a")
	}
	f.Fuzz(func(t *testing.T, payload []byte, path string) {
		text, found, err := Lookup(payload, path)
		if (err != nil || found != Scalar) && text != "" {
			t.Errorf("%q at %q: %q though %v, %v", payload, path, text, found, err)
		}
		if found == Null && len(payload) > 0 && !bytes.Contains(payload, []byte("null")) {
			t.Errorf("%q at %q is null", payload, path)
		}
	})
}
