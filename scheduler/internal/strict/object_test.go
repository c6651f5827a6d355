package strict

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func parse(t *testing.T, text string) (*Object, *Faults) {
	t.Helper()
	faults := new(Faults)
	o, err := Parse([]byte(text), faults)
	if err != nil {
		t.Fatal(err)
	}
	return o, faults
}

func TestObject_GivesWhatIsThere(t *testing.T) {
	o, faults := parse(t, ` { "a" : -1.5e1 , "b":[ 1 , 2 ],"c":"x\"]}y","d":true,"e":[{"f":[]},{}],"g":[["p"]], "n":7 } `)
	if o.Number("a") != -15 || o.Int("n") != 7 || o.Text("c") != `x"]}y` || !o.Bool("d") {
		t.Error("a scalar differs")
	}
	if b := Numbers[float64](o, "b", 2); len(b) != 2 || b[1] != 2 {
		t.Errorf("numbers %v", b)
	}
	e := o.Objects("e", 5)
	if len(e) != 2 || e[0].Path != "e[0]" || len(e[0].Texts("f", 1)) != 0 {
		t.Errorf("objects %v", e)
	}
	if o.Has("missing") || !o.IsArray("g") || o.IsArray("a") {
		t.Error("has and is array")
	}
	for _, inner := range e {
		inner.Close()
	}
	o.Has("g")
	o.Close()
	if err := faults.Err(); err != nil {
		t.Error(err)
	}
}

func TestObject_NotesEachFaultOnce(t *testing.T) {
	o, faults := parse(t, `{"a":"1","b":[1,2,3],"c":1,"d":0,"e":{},"f":1.5,"g":[1,"2"],"h":[[1,2,3]],"a":2,"z":1}`)
	o.Number("a")
	Numbers[float64](o, "b", 2)
	o.Text("c")
	o.Bool("d")
	o.Objects("e", 1)
	o.Int("f")
	Numbers[float64](o, "g", -2)
	List(o, "h", -1, Pair)
	o.Number("y")
	o.Close()
	want := `a: is there twice
a: "1" is not a number
b: has 3 values, want 2
c: 1 is not a string
d: 0 is neither true nor false
e: {} is not an array
f: 1.5 is not a whole number in range
g[1]: "2" is not a number
h[0]: [1,2,3] is not a pair of numbers
y: is missing
z: unknown key`
	if got := faults.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestParse_NamesThePlaceOfWhatIsNotJSON(t *testing.T) {
	for text, want := range map[string]string{
		"":                 "line 1, column 1",
		"{\n \"a\": NaN":   "line 2, column 7",
		"{} x":             "line 1, column 4",
		"[]":               "is not an object",
		"{\"a\":\"\xff\"}": "is not UTF-8",
	} {
		if _, err := Parse([]byte(text), new(Faults)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestFaults_AreCountedNoFurtherThanAHundred(t *testing.T) {
	var f Faults
	for range 1000 {
		f.Add("a", "wrong")
	}
	if len(f) != most+1 || !strings.HasSuffix(f.Error(), "\nand more") {
		t.Errorf("%d faults", len(f))
	}
}

// FuzzObject checks the scanner against encoding/json: the same members with the same values.
func FuzzObject(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":[1,{"b":"\\\""}],"c":{"d":[[],{}]}}`, ` {"a" : null , "é":"\u00e9" } `, `{"a":1,"a":2}`, `{"":{"":""}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := Parse(text, new(Faults))
		if err != nil {
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		if len(want) != len(o.text) {
			t.Fatalf("%d members, want %d", len(o.text), len(want))
		}
		isUnique := len(*o.Faults) == 0
		for key, value := range o.text {
			if isUnique && !bytes.Equal(bytes.TrimSpace(want[key]), value) {
				t.Fatalf("%q is %q, want %q", key, value, want[key])
			}
			if value[0] == '[' {
				var elements []json.RawMessage
				if err := json.Unmarshal(value, &elements); err != nil {
					t.Fatal(err)
				}
				n := 0
				for i, item := range items(value) {
					if n++; !bytes.Equal(bytes.TrimSpace(elements[i]), item) {
						t.Fatalf("%q[%d] is %q, want %q", key, i, item, elements[i])
					}
				}
				if n != len(elements) {
					t.Fatalf("%q has %d elements, want %d", key, n, len(elements))
				}
			}
		}
	})
}
