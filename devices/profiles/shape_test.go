package profiles

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// write puts a tree back into JSON, keys in their order.
func write(v any) string {
	switch v := v.(type) {
	case []member:
		var parts []string
		for _, m := range v {
			parts = append(parts, fmt.Sprintf("%q:%s", m.key, write(m.value)))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		var parts []string
		for _, item := range v {
			parts = append(parts, write(item))
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// spot is a key of an object somewhere in a tree, outside of maps, whose keys are the device's own.
type spot struct {
	path   string
	object []member
	index  int
}

func spots(v any, path string) (out []spot) {
	switch v := v.(type) {
	case []member:
		for i, m := range v {
			at := below(path, m.key)
			out = append(out, spot{at, v, i})
			if _, isOfTopic := m.value.([]member); m.key != "map" && (m.key != "params" || !isOfTopic) {
				out = append(out, spots(m.value, at)...)
			}
		}
	case []any:
		for i, item := range v {
			out = append(out, spots(item, fmt.Sprintf("%s[%d]", path, i))...)
		}
	}
	return out
}

// drawnSpot reads an embedded profile and picks any key in it.
func drawnSpot(t *rapid.T) (id string, tree any, at spot) {
	id = rapid.SampledFrom(IDs()).Draw(t, "profile")
	data, err := embedded.ReadFile(id + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if tree, err = readTree(data, &faults{}); err != nil {
		t.Fatal(err)
	}
	all := spots(tree, "")
	return id, tree, all[rapid.IntRange(0, len(all)-1).Draw(t, "spot")]
}

func mustName(t *rapid.T, id, text, want string) {
	t.Helper()
	_, err := Load(id+".json", []byte(text))
	if err == nil || !strings.Contains(err.Error(), id+".json: "+want) {
		t.Errorf("%v, want %q", err, want)
	}
}

func TestReadTree_KeepsEverything(t *testing.T) {
	for _, id := range IDs() {
		data, _ := embedded.ReadFile(id + ".json")
		tree, err := readTree(data, &faults{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Load(id+".json", []byte(write(tree))); err != nil {
			t.Errorf("read and written again: %v", err)
		}
	}
}

func TestLoad_NamesAnyMisspeltKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id, tree, at := drawnSpot(t)
		was := at.object[at.index].key
		at.object[at.index].key = was + "_x"
		mustName(t, id, write(tree), at.path+`_x: unknown key`)
	})
}

func TestLoad_NamesAnyKeyThatStandsTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id, tree, at := drawnSpot(t)
		twin := write(at.object[at.index].value)
		at.object[at.index].value = json.RawMessage(twin + fmt.Sprintf(",%q:%s", at.object[at.index].key, twin))
		mustName(t, id, rawWrite(tree), at.path+": stands twice")
	})
}

// rawWrite is write where a value may be a piece of JSON that is none by itself.
func rawWrite(v any) string {
	var pieces []string
	for _, s := range spots(v, "") {
		if raw, ok := s.object[s.index].value.(json.RawMessage); ok {
			s.object[s.index].value = "\x00piece"
			pieces = append(pieces, string(raw))
		}
	}
	text := write(v)
	for _, p := range pieces {
		text = strings.Replace(text, `"\u0000piece"`, p, 1)
	}
	return text
}

func TestLoad_NamesAnyValueOfTheWrongKind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id, tree, at := drawnSpot(t)
		wrong := map[string]any{"a text": "x", "a number": json.Number("1"), "null": nil, "a list": []any{}, "an object": []member{}}
		switch at.object[at.index].value.(type) {
		case string:
			delete(wrong, "a text")
		case json.Number:
			delete(wrong, "a number")
		case []any:
			delete(wrong, "a list")
		case []member:
			delete(wrong, "an object")
		}
		kinds := []string{}
		for k := range wrong {
			kinds = append(kinds, k)
		}
		slices.Sort(kinds)
		at.object[at.index].value = wrong[rapid.SampledFrom(kinds).Draw(t, "kind")]
		mustName(t, id, write(tree), at.path+": is not ")
	})
}

// A syntax error is found in the line it is in.
func TestLoad_NamesTheLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := strings.Split(plug, "\n")
		n := rapid.IntRange(1, len(lines)-2).Draw(t, "line")
		lines[n] = "  ?" + lines[n]
		_, err := Load("plug.json", []byte(strings.Join(lines, "\n")))
		if want := fmt.Sprintf("plug.json: line %d: ", n+1); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	})
}

func TestEditDistance_IsADistance(t *testing.T) {
	word := rapid.StringMatching(`[abc]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := word.Draw(t, "a"), word.Draw(t, "b"), word.Draw(t, "c")
		d := editDistance(a, b)
		switch {
		case (d == 0) != (a == b):
			t.Errorf("%q and %q are %d apart", a, b, d)
		case d != editDistance(b, a):
			t.Errorf("%q to %q is %d, back %d", a, b, d, editDistance(b, a))
		case d > editDistance(a, c)+editDistance(c, b):
			t.Errorf("%q to %q is shorter by %q", a, b, c)
		case d < max(len(a), len(b))-min(len(a), len(b)) || d > max(len(a), len(b)):
			t.Errorf("%q and %q are %d apart", a, b, d)
		}
	})
}

func TestNearest_SuggestsOnlyWhatIsClose(t *testing.T) {
	known := []string{"title", "tested", "id"}
	for word, want := range map[string]string{
		"titel": `, did you mean "title"?`, "Title": `, did you mean "title"?`, "teste": `, did you mean "tested"?`,
		"transport": "", "xy": "", "": "", "i": `, did you mean "id"?`,
	} {
		if got := nearest(word, known); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
