package strict

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawGap draws the white space that may stand between two tokens.
func drawGap(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "", " ", "\n", "\t", " \r\n "}).Draw(t, "gap")
}

// awkward are strings that a scanner may trip over.
var awkward = []string{"", "a", `"`, `\`, `\"`, `]`, `{"a":1}`, `,`, `:`, "é", "\u2028", "line\nbreak", "\\\\", "null", "1"}

func drawString(t *rapid.T) string {
	b, err := json.Marshal(rapid.SampledFrom(awkward).Draw(t, "string"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// drawJSON draws a value of any kind, with white space wherever it is allowed.
func drawJSON(t *rapid.T, depth int) string {
	kinds := []string{"number", "string", "word", "array", "object"}
	if depth == 0 {
		kinds = kinds[:3]
	}
	between := func(begin, end string, draw func() string) string {
		var parts []string
		for range rapid.IntRange(0, 3).Draw(t, "entries") {
			parts = append(parts, drawGap(t)+draw()+drawGap(t))
		}
		return begin + drawGap(t) + strings.Join(parts, ",") + end
	}
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "number":
		return rapid.SampledFrom([]string{"0", "-1", "1.5", "1e5", "-0.25E-3", "123456789012345678901234567890"}).Draw(t, "number")
	case "string":
		return drawString(t)
	case "word":
		return rapid.SampledFrom([]string{"true", "false", "null"}).Draw(t, "word")
	case "array":
		return between("[", "]", func() string { return drawJSON(t, depth-1) })
	}
	return between("{", "}", func() string { return drawString(t) + drawGap(t) + ":" + drawGap(t) + drawJSON(t, depth-1) })
}

// decoded is the value of a text, as encoding/json sees it.
func decoded(t *rapid.T, text []byte) string {
	var v any
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return fmt.Sprintf("%#v", v)
}

func TestScan_CutsAValueIntoThePartsThatItHas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(drawJSON(t, 3))
		if end := skip(text, 0); end != len(text) {
			t.Fatalf("%q ends at %d", text, end)
		}
		var parts []string
		switch text[0] {
		case '[':
			next := 0
			for i, item := range items(text) {
				if i != next || len(item) != len(strings.TrimSpace(string(item))) {
					t.Fatalf("%q: entry %d is %q", text, i, item)
				}
				next++
				parts = append(parts, decoded(t, item))
			}
			var want []json.RawMessage
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			if !slices.EqualFunc(want, parts, func(w json.RawMessage, p string) bool { return decoded(t, w) == p }) {
				t.Fatalf("%q is cut into %q", text, parts)
			}
		case '{':
			got := map[string]string{}
			for key, value := range members(text) { // of equal keys the last, as encoding/json does
				var name string
				if err := json.Unmarshal(key, &name); err != nil {
					t.Fatalf("%q: key %q", text, key)
				}
				got[name] = decoded(t, value)
			}
			var want map[string]json.RawMessage
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			for name, value := range want {
				if got[name] != decoded(t, value) {
					t.Fatalf("%q: %q is %s", text, name, got[name])
				}
			}
			if len(want) != len(got) {
				t.Fatalf("%q: members %v", text, got)
			}
		}
	})
}

func TestScan_StopsWhenItsReaderHasEnough(t *testing.T) {
	n := 0
	for range items([]byte(`[1,2,3]`)) {
		if n++; n == 2 {
			break
		}
	}
	for range members([]byte(`{"a":1,"b":2}`)) {
		n++
		break
	}
	if n != 3 {
		t.Errorf("%d parts read, want 3", n)
	}
}

func TestParse_NamesTheByteThatIsWrong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := "{" + drawGap(t) + `"a"` + drawGap(t) + ":" + drawGap(t) + drawJSON(t, 2) + drawGap(t) + "}"
		at := rapid.IntRange(0, len(text)).Draw(t, "at")
		broken := text[:at] + "\x01" + text[at:] // right nowhere, neither within a string nor without
		if strings.ToValidUTF8(broken, "") != broken {
			return // a letter was torn apart
		}
		line := 1 + strings.Count(text[:at], "\n")
		column := at - strings.LastIndex(text[:at], "\n")
		_, err := Parse([]byte(broken), new(Faults))
		if want := fmt.Sprintf("is not JSON: line %d, column %d: ", line, column); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Fatalf("%q: %v, want %q", broken, err, want)
		}
	})
}

func TestParse_AnyCutOffTextIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := `{"a":` + drawJSON(t, 3) + `,"b":[]}`
		cut := text[:rapid.IntRange(0, len(text)-1).Draw(t, "cut")]
		if _, err := Parse([]byte(cut), new(Faults)); err == nil {
			t.Fatalf("%q was taken", cut)
		}
		if _, err := Parse([]byte(" "+text+"\n"), new(Faults)); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

// book is an object of every kind of member.
type book struct {
	Number  float64     `json:"number"`
	Int     int         `json:"int"`
	Text    string      `json:"text"`
	Bool    bool        `json:"bool"`
	Numbers []float64   `json:"numbers"`
	Texts   []string    `json:"texts"`
	Exact   string      `json:"-"`
	Raw     json.Number `json:"exact"`
	Inner   []inner     `json:"inner"`
}

type inner struct {
	Pair []([2]float64) `json:"pair"`
}

func drawBook(t *rapid.T) book {
	number := rapid.Float64Range(-1e12, 1e12)
	b := book{
		Number: number.Draw(t, "number"), Int: rapid.IntRange(-1<<31+1, 1<<31-1).Draw(t, "int"),
		Text: rapid.String().Draw(t, "text"), Bool: rapid.Bool().Draw(t, "bool"),
		Numbers: append([]float64{}, rapid.SliceOfN(number, 0, 4).Draw(t, "numbers")...),
		Texts:   append([]string{}, rapid.SliceOfN(rapid.SampledFrom(awkward), 0, 4).Draw(t, "texts")...),
		Exact:   strconv.FormatInt(rapid.Int64().Draw(t, "exact"), 10), // more digits than a float has
	}
	b.Raw = json.Number(b.Exact)
	for range rapid.IntRange(1, 3).Draw(t, "inner") {
		pair := [2]float64{number.Draw(t, "first"), number.Draw(t, "second")}
		b.Inner = append(b.Inner, inner{[][2]float64{pair}})
	}
	return b
}

// readBook reads every member of a book.
func readBook(o *Object) book {
	asIs := func(s string) (string, error) { return s, nil }
	b := book{
		Number: o.Number("number"), Int: o.Int("int"), Text: o.Text("text"), Bool: o.Bool("bool"),
		Numbers: Numbers[float64](o, "numbers", -4), Texts: o.Texts("texts", 4), Exact: Decimal(o, "exact", asIs),
	}
	b.Raw = json.Number(b.Exact)
	for _, in := range o.Objects("inner", 3) {
		if in != nil {
			b.Inner = append(b.Inner, inner{List(in, "pair", 1, Pair)})
			in.Close()
		}
	}
	o.Close()
	return b
}

func TestObject_ReadsBackWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawBook(t)
		text, err := json.MarshalIndent(want, "", drawGap(t))
		if err != nil {
			t.Fatal(err)
		}
		var faults Faults
		o, err := Parse(text, &faults)
		if err != nil {
			t.Fatal(err)
		}
		got := readBook(o)
		if faults.Err() != nil || fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", want) {
			t.Fatalf("%s\nread as %+v, faults %v", text, got, faults)
		}
	})
}

func TestObject_EveryMemberIsMissedAndNoneIsUnknown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, err := json.Marshal(drawBook(t))
		if err != nil {
			t.Fatal(err)
		}
		var all map[string]json.RawMessage
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatal(err)
		}
		keys := []string{"number", "int", "text", "bool", "numbers", "texts", "exact", "inner"}
		lost := rapid.SampledFrom(keys).Draw(t, "lost")
		all["extra"] = all[lost]
		delete(all, lost)
		if text, err = json.Marshal(all); err != nil {
			t.Fatal(err)
		}
		var faults Faults
		o, err := Parse(text, &faults)
		if err != nil {
			t.Fatal(err)
		}
		readBook(o)
		if got := faults.Error(); got != lost+": is missing\nextra: unknown key" {
			t.Fatalf("without %s: %q", lost, got)
		}
	})
}

func TestObject_AMistypedMemberIsOneFaultAtItsPath(t *testing.T) {
	values := map[string]string{
		"number": "1", "int": "2", "text": `"t"`, "bool": "true", "numbers": "[1]", "texts": `["t"]`, "exact": "5", "inner": `[{"pair":[[1,2]]}]`,
	}
	wrong := map[string]map[string]string{ // of each member, by the value it has instead
		"number":  {`"1"`: `number: "1" is not a number`, "null": "number: null is not a number", "1e999": "number: 1e999 is out of range"},
		"int":     {"2.5": "int: 2.5 is not a whole number in range", "1e12": "int: 1e12 is not a whole number in range", "[]": "int: [] is not a number"},
		"text":    {"5": "text: 5 is not a string", "{}": "text: {} is not a string"},
		"bool":    {`"true"`: `bool: "true" is neither true nor false`},
		"numbers": {"5": "numbers: 5 is not an array", "[1,[2]]": "numbers[1]: [2] is not a number", "[1,2,3,4,5]": "numbers: has 5 values, at most 4 are possible"},
		"texts":   {`["a",1]`: "texts[1]: 1 is not a string", `{"a":1}`: `texts: {"a":1} is not an array`},
		"exact":   {`"5"`: `exact: "5" is not a number`, "true": "exact: true is not a number"},
		"inner": {
			"[1]": "inner[0]: 1 is not an object", `[{"pair":[[1,2]],"x":1}]`: "inner[0].x: unknown key", `[{}]`: "inner[0].pair: is missing",
			`[{"pair":[[1]]}]`: "inner[0].pair[0]: [1] is not a pair of numbers", `[{"pair":[[1,"2"]]}]`: `inner[0].pair[0]: [1,"2"] is not a pair of numbers`,
			`[{"pair":[7]}]`: "inner[0].pair[0]: 7 is not a pair of numbers", `[{},{},{},{}]`: "inner: has 4 entries, at most 3 are possible",
			`[{"pair":[[1,2]]},{"pair":[[1,2]],"pair":[]}]`: "inner[1].pair: is there twice",
		},
	}
	for key, cases := range wrong {
		for value, want := range cases {
			var parts []string
			for k, v := range values {
				if k == key {
					v = value
				}
				parts = append(parts, fmt.Sprintf("%q:%s", k, v))
			}
			o, faults := parse(t, "{"+strings.Join(parts, ",")+"}")
			if readBook(o); faults.Error() != want {
				t.Errorf("%s %s: %q, want %q", key, value, faults.Error(), want)
			}
		}
	}
}

func TestDecimal_PassesOnWhatItsReaderRefuses(t *testing.T) {
	o, faults := parse(t, `{"a":12,"b":[1,99],"long":"`+strings.Repeat("é", 60)+`"}`)
	small := func(s string) (string, error) {
		if len(s) > 1 {
			return "", errors.New("too many digits")
		}
		return s, nil
	}
	Decimal(o, "a", small)
	if b := Decimals(o, "b", 2, small); len(b) != 2 || b[0] != "1" {
		t.Errorf("decimals %v", b)
	}
	o.Number("long")
	want := "a: 12 is out of range\nb[1]: 99 is out of range\nlong: \"" + strings.Repeat("é", 20) + "... is not a number"
	if got := faults.Error(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFaults_HaveALineEachWhateverTheirKeys(t *testing.T) {
	o, faults := parse(t, "{\"a\\nb: is fine\":1,\"tab\\t\":{},\"\\u0000\":[]}")
	o.Close()
	if got := strings.Count(faults.Error(), "\n"); got != 2 || strings.ContainsAny(faults.Error(), "\t\x00") {
		t.Errorf("%d lines of %d faults: %q", got+1, len(*faults), faults.Error())
	}
	if err := new(Faults).Err(); err != nil {
		t.Errorf("no fault is the error %v", err)
	}
	var all Faults
	all.Add("", "is not JSON")
	if all.Err().Error() != "is not JSON" {
		t.Errorf("a fault of the whole text: %q", all.Err())
	}
}

func TestObject_LookingForAnArrayAsksForNothing(t *testing.T) {
	o, faults := parse(t, `{"a":[1],"b":2}`)
	if !o.IsArray("a") || o.IsArray("b") || o.IsArray("c") || !o.Has("b") || o.Has("c") {
		t.Error("what is there is told wrongly")
	}
	if o.Close(); faults.Error() != "a: unknown key" {
		t.Errorf("%q: only b was asked for", faults.Error())
	}
}
