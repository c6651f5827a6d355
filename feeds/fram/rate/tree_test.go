package rate

import (
	"fmt"
	"testing"
)

func mustParse(t *testing.T, text string) Tree {
	t.Helper()
	n, err := parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

func TestParse_KeepsNumbersAsTheyWereWritten(t *testing.T) {
	n := mustParse(t, `{"b": 0.10, "a": " 1e-3 ", "c": "-2.50", "d": "1_000", "e": "NaN", "f": "0x1", "g": "01", "h": "", "i": true, "j": null}`)
	want := []string{"b number 0.10", "a number 1e-3", "c number -2.50", "d text 1_000", "e text NaN", "f text 0x1", "g text 01", "h text ", "i boolean ", "j null "}
	for i, key := range n.keys {
		if got := fmt.Sprintf("%s %s %s", key, n.items[i].kind, n.items[i].text); got != want[i] {
			t.Errorf("%q, want %q", got, want[i])
		}
	}
}

func TestParse_RefusesWhatIsNoSingleDocument(t *testing.T) {
	for _, text := range []string{``, `{`, `{"a"}`, `{"a":1,}`, `[1`, `[1,]`, `1 2`, `{} {}`, `{"a":1}x`, `{"Off-Peak":1,"off peak":2}`, `{"a":{"b":1,"B":2}}`} {
		if n, err := parse([]byte(text)); err == nil {
			t.Errorf("%s is %+v", text, n)
		}
	}
}

func TestFold_MakesOneOfAllSpellings(t *testing.T) {
	for _, spelling := range []string{"super_off_peak", "Super Off-Peak", "SUPEROFFPEAK", "superOffPeak", "super-off_peak"} {
		if fold(spelling) != "superoffpeak" {
			t.Errorf("%q is %q", spelling, fold(spelling))
		}
	}
}

func TestOutline_TellsPathsOnce(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                           "map",
		`[]`:                           "list",
		`7`:                            "number",
		`{"a":{"b":[1,2],"c":"x"}}`:    "a.b[2] number, a.c text",
		`[[1,2],[3,null]]`:             "[2][2] number, [2][2] null",
		`{"a":{},"b":[],"c":true}`:     "a map, b list, c boolean",
		"{\"a\\nb\": 1, \"\u202e\":2}": "a b number, � number",
	} {
		n := mustParse(t, text)
		if got := n.outline(); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
