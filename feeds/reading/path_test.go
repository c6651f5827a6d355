package reading

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"hearth/feeds"
)

func path(t *testing.T, text string) Path {
	t.Helper()
	p, err := ParsePath("items", text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPath_LeadsToWhatItNames(t *testing.T) {
	document := json.RawMessage(` {"data": {"areas": [{"p": [{"v": 1}, {"v": 2}]}, {"p": [{"v": 3}]}, {"q": 4}], "unit": "EUR/MWh"}, "rows": [[10, 0.5], [20, 0.25], 7]}`)
	for text, want := range map[string]string{
		"data.areas[].p[].v": "1 2 3", "data.areas[].q": "4", "data.unit": `"EUR/MWh"`, "rows[].1": "0.5 0.25", "rows.0.0": "10",
		"data.nothing": "", "data[]": "", "rows[].9": "", "data.unit.x": "", "rows.x": "", "rows.-1": "",
	} {
		p := path(t, text)
		var got []string
		for _, raw := range p.All(document) {
			got = append(got, string(raw))
		}
		if strings.Join(got, " ") != want || p.String() != text {
			t.Errorf("%s (%s): %q, want %q", text, p, got, want)
		}
		if one := p.One(document); string(one) != strings.SplitN(want, " ", 2)[0] {
			t.Errorf("%s: the first is %s", text, one)
		}
	}
	if all := path(t, "[].0").All(json.RawMessage("[[1],[2]]")); len(all) != 2 {
		t.Errorf("a document that is a list: %s", all)
	}
	if !path(t, "a[].b").IsMany() || path(t, "a.0").IsMany() {
		t.Error("[] leads to many places, a number to one")
	}
}

func TestParsePath_RefusesWhatLeadsNowhere(t *testing.T) {
	for _, text := range []string{"", ".", "a.", ".a", "a[", "a]", "a[0]", "a.[]", "[]a", "a[][", "a..b", "a[]]["} {
		if p, err := ParsePath("items", text); feeds.KindOf(err) != feeds.Misconfigured || err == nil || !strings.HasPrefix(err.Error(), "items ") {
			t.Errorf("%q: %q, %v", text, p, err)
		}
	}
	if p := path(t, "a[][].b"); !slices.Equal(p, Path{"a", "[]", "[]", "b"}) {
		t.Errorf("%q", p)
	}
}

// Whatever a path and a document are, looking is harmless.
func FuzzPath(f *testing.F) {
	f.Add("data[].price", `{"data":[{"price":1}]}`)
	f.Add("[].0", `[[1]]`)
	f.Fuzz(func(t *testing.T, text, document string) {
		p, err := ParsePath("items", text)
		if err != nil {
			return
		}
		if again, err := ParsePath("items", p.String()); err != nil || !slices.Equal(again, p) {
			t.Errorf("%q is written %q: %v", text, p, err)
		}
		for _, raw := range p.All(json.RawMessage(document)) {
			if json.Valid([]byte(document)) && !json.Valid(raw) {
				t.Errorf("%q", raw)
			}
		}
	})
}
