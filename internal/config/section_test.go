package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// sectionOf is the top of a text, to be asked for its keys.
func sectionOf(t *testing.T, text string) (*section, *Faults) {
	t.Helper()
	body, fault := parse([]byte(text))
	if fault != nil {
		t.Fatal(fault)
	}
	faults := &Faults{}
	return newSection(faults, "", body), faults
}

func TestSection_CallsUnknownWhatNobodyAskedFor(t *testing.T) {
	s, faults := sectionOf(t, "a: 1\nlevel: info\nlevle: warn\nzzz: 3\n")
	var text string
	may(s, "level", parseText, &text)
	may(s, "format", parseText, &text)
	s.done()
	want := Faults{
		{1, "a", "", "unknown key; known here are level, format"},
		{3, "levle", "", `unknown key; did you mean "level"?`},
		{4, "zzz", "", "unknown key; known here are level, format"},
	}
	if !slices.Equal(*faults, want) {
		t.Errorf("got\n%v\nwant\n%v", faults.Error(), want.Error())
	}
}

func TestSection_MayKeepsWhatItHeld(t *testing.T) {
	s, faults := sectionOf(t, "good: 5m\nbad: soon\nempty:\n")
	held := time.Hour
	for key, want := range map[string]bool{"bad": false, "empty": false, "missing": false} {
		if got := may(s, key, parseDuration, &held); got != want || held != time.Hour {
			t.Errorf("%s: %v, holds %v", key, got, held)
		}
	}
	if !may(s, "good", parseDuration, &held) || held != 5*time.Minute {
		t.Errorf("holds %v", held)
	}
	if len(*faults) != 1 || (*faults)[0].Path != "bad" {
		t.Errorf("%v", faults.Error())
	}
}

func TestSection_MustNamesWhatIsMissingWhereItBelongs(t *testing.T) {
	s, faults := sectionOf(t, "x: 1\nempty:\nnest:\n  other: 1\n")
	var d time.Duration
	must(s, "empty", parseDuration, &d)
	must(s, "missing", parseDuration, &d)
	nest := s.child("nest")
	must(nest, "inner", parseDuration, &d)
	must(s.child("gone").child("deeper"), "innermost", parseDuration, &d)
	want := Faults{{2, "empty", "", "is missing"}, {1, "missing", "", "is missing"}, {4, "nest.inner", "", "is missing"}, {1, "gone.deeper.innermost", "", "is missing"}}
	if !slices.Equal(*faults, want) {
		t.Errorf("got\n%v\nwant\n%v", faults.Error(), want.Error())
	}
}

// Entries of lists in lists go by their number at each level, and by their own line.
func TestSection_PathsOfNestedLists(t *testing.T) {
	s, faults := sectionOf(t, `rooms:
  - name: kitchen
    plugs:
      - powers: [1m, never, 3m]
      - powers:
          - 1m
          - [2m]
          -
  - plugs:
      - {powers: [x], colour: red}
  - plugs: none
  - only text
`)
	var all []time.Duration
	var name string
	s.each("rooms", func(room *section) {
		may(room, "name", parseText, &name)
		room.each("plugs", func(plug *section) { list(plug, "powers", parseDuration, &all) })
	})
	s.done()
	const duration = `not a duration, want for example "15m" or "1h30m"`
	want := Faults{
		{4, "rooms[0].plugs[0].powers[1]", "never", duration},
		{7, "rooms[0].plugs[1].powers[1]", "[2m]", "want a single value here"},
		{8, "rooms[0].plugs[1].powers[2]", "", "has no value"},
		{10, "rooms[1].plugs[0].powers[0]", "x", duration},
		{10, "rooms[1].plugs[0].colour", "", "unknown key; known here are powers"},
		{11, "rooms[2].plugs", "none", "want a list here"},
		{12, "rooms[3]", "only text", "want keys and values here"},
	}
	if !slices.Equal(*faults, want) {
		t.Errorf("got\n%v\nwant\n%v", faults.Error(), want.Error())
	}
	if !slices.Equal(all, []time.Duration{time.Minute, 3 * time.Minute, time.Minute}) {
		t.Errorf("read %v", all)
	}
}

func TestSection_ListsAreListsAndMapsAreMaps(t *testing.T) {
	s, faults := sectionOf(t, "list: {a: 1}\nchild: [1]\nword: x\nnone:\n")
	if got := s.items("list"); got != nil {
		t.Errorf("items %v", got)
	}
	if got := s.items("none"); got != nil {
		t.Errorf("items %v", got)
	}
	s.child("child")
	s.child("word")
	s.child("none")
	want := Faults{{1, "list", "{a: 1}", "want a list here"}, {2, "child", "[1]", "want keys and values here"}, {3, "word", "x", "want keys and values here"}}
	if !slices.Equal(*faults, want) {
		t.Errorf("got\n%v\nwant\n%v", faults.Error(), want.Error())
	}
}

func TestSection_RejectNamesTheKeyOrTheSection(t *testing.T) {
	s, faults := sectionOf(t, "a:\n  b:\n    c: 1\n")
	b := s.child("a").child("b")
	b.reject("c", "is wrong")
	b.reject("d", "is wrong")
	want := Faults{{3, "a.b.c", "1", "is wrong"}, {3, "a.b.d", "", "is wrong"}}
	if !slices.Equal(*faults, want) {
		t.Errorf("got\n%v\nwant\n%v", faults.Error(), want.Error())
	}
}

func TestFault_SaysWhatItKnows(t *testing.T) {
	for want, f := range map[string]Fault{
		`line 3: a.b: "x": is wrong`: {3, "a.b", "x", "is wrong"},
		`a.b: is missing`:            {Path: "a.b", Text: "is missing"},
		`line 9: is wrong`:           {Line: 9, Text: "is wrong"},
		`the file is empty`:          {Text: "the file is empty"},
		`line 1: "a\nb": is wrong`:   {Line: 1, Value: "a\nb", Text: "is wrong"}, // one fault, one line
	} {
		if got := f.String(); got != want {
			t.Errorf("%+v says %q, want %q", f, got, want)
		}
	}
}

// Faults of a line stay in the order in which they were found.
func TestFaults_StandInTheOrderOfTheirLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var f Faults
		for i := range rapid.IntRange(0, 40).Draw(t, "n") {
			f = append(f, Fault{Line: rapid.IntRange(0, 5).Draw(t, "line"), Value: string(rune('A' + i))})
		}
		n := len(f)
		got := slices.Clone(f).sorted()
		for i := 1; i < len(got); i++ {
			if a, b := got[i-1], got[i]; a.Line > b.Line || a.Line == b.Line && a.Value > b.Value {
				t.Fatalf("%v before %v", a, b)
			}
		}
		if len(got) != n || n > 0 && strings.Count(got.Error(), "\n") != n-1 {
			t.Fatalf("%d faults of %d", len(got), n)
		}
	})
}

func TestNearest_SuggestsOnlyWhatMayBeMeant(t *testing.T) {
	known := []string{"name", "zone", "max_import", "max_export", "on"}
	for word, want := range map[string]string{
		"nme": "name", "naem": "name", "zones": "zone", "maximport": "max_import", "max_inport": "max_import",
		"": "", "x": "", "qqqq": "", "no": "", "colour": "", "n": "", "om": "on",
	} {
		if got := nearest(word, known); got != want {
			t.Errorf("%q is like %q, want %q", word, got, want)
		}
	}
	if got := nearest("name", nil); got != "" {
		t.Errorf("of nothing known: %q", got)
	}
	// Of two that are as near, the first: a suggestion does not depend on chance.
	if got := nearest("max_port", []string{"max_import", "max_export"}); got != "max_import" {
		t.Errorf("got %q", got)
	}
}

// write makes files in a folder of their own.
func write(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const withSecret = least + "openadr:\n  - {name: u, url: \"https://vtn.example\", client_id: me, client_secret_file: SECRET}\n"

func secretOf(t *testing.T, env Environment, name string) (Secret, Faults) {
	t.Helper()
	c, err := Read([]byte(strings.ReplaceAll(withSecret, "SECRET", name)), env)
	var faults Faults
	if err != nil && !errors.As(err, &faults) {
		t.Fatal(err)
	}
	if c == nil {
		return "", faults
	}
	return c.OpenADR[0].Secret, nil
}

func TestSecret_IsTheFileWithoutItsNewlines(t *testing.T) {
	dir := write(t, map[string]string{"unix": "s3cret\n", "windows": "s3cret\r\n", "bare": "s3cret", "spaces": " s3 cret \n\n", "empty": "", "newline": "\n"})
	for name, want := range map[string]Secret{"unix": "s3cret", "windows": "s3cret", "bare": "s3cret", "spaces": " s3 cret "} {
		if got, faults := secretOf(t, Environment{Dir: dir}, name); got != want || faults != nil {
			t.Errorf("%s: %q, %v", name, string(got), faults)
		}
	}
	for _, name := range []string{"empty", "newline"} {
		if _, faults := secretOf(t, Environment{Dir: dir}, name); len(faults) != 1 || faults[0].Text != "the file is empty" || faults[0].Path != "openadr[0].client_secret_file" {
			t.Errorf("%s: %v", name, faults)
		}
	}
}

// A name is looked up among the credentials, then beside the file; an absolute one is nothing but itself.
func TestSecret_IsLookedUpInOrder(t *testing.T) {
	beside := write(t, map[string]string{"both": "beside", "beside-only": "beside"})
	credentials := write(t, map[string]string{"both": "credential", "credential-only": "credential"})
	env := Environment{Dir: beside, Credentials: credentials}
	for name, want := range map[string]Secret{
		"both": "credential", "beside-only": "beside", "credential-only": "credential", filepath.Join(beside, "both"): "beside",
	} {
		if got, faults := secretOf(t, env, name); got != want || faults != nil {
			t.Errorf("%s: %q, %v", name, string(got), faults)
		}
	}
	for _, name := range []string{"none", filepath.Join(credentials, "beside-only")} {
		if _, faults := secretOf(t, env, name); len(faults) != 1 || faults[0].Line != 4 || !strings.Contains(faults[0].Text, "cannot be read: no such file") {
			t.Errorf("%s: %v", name, faults)
		}
	}
	if _, faults := secretOf(t, Environment{Dir: beside}, "credential-only"); len(faults) != 1 {
		t.Errorf("without credentials: %v", faults)
	}
}

// The environment of the service manager is what ReadFile goes by, and the file's own folder.
func TestReadFile_FindsCredentialsAndNeighbours(t *testing.T) {
	credentials := write(t, map[string]string{"vtn": "credential\n"})
	dir := write(t, map[string]string{"hearth.yaml": strings.ReplaceAll(withSecret, "SECRET", "vtn"), "vtn": "beside\n"})
	for folder, want := range map[string]Secret{"": "beside", credentials: "credential", filepath.Join(credentials, "none"): "beside"} {
		t.Setenv("CREDENTIALS_DIRECTORY", folder)
		c, err := ReadFile(filepath.Join(dir, "hearth.yaml"), nil)
		if err != nil || c.OpenADR[0].Secret != want || c.Storage != filepath.Join(dir, "h.db") {
			t.Errorf("%q: %+v, %v", folder, c, err)
		}
	}
	_, err := ReadFile(filepath.Join(dir, "none.yaml"), nil)
	var faults Faults
	if !errors.Is(err, os.ErrNotExist) || errors.As(err, &faults) {
		t.Errorf("a file that is not there is no fault of the file: %v", err)
	}
}

func TestRead_PairsBelongTogether(t *testing.T) {
	dir := write(t, map[string]string{"f": "x"})
	for lines, want := range map[string]string{
		"openadr:\n  - {name: u, url: \"https://a\", client_id: me}\n":                       "client_id and client_secret_file belong together",
		"openadr:\n  - {name: u, url: \"https://a\", client_secret_file: f}\n":               "client_id and client_secret_file belong together",
		"mqtt:\n  - {name: b, url: \"ssl://a\", cert_file: f}\n":                             "cert_file and key_file belong together",
		"mqtt:\n  - {name: b, url: \"ssl://a\", key_file: f}\n":                              "cert_file and key_file belong together",
		"modbus:\n  - {name: b, url: \"tcp://a\", user: me}\n":                               "unknown key",
		"mqtt:\n  - {name: b, url: \"tcp://a\"}\nmodbus:\n  - {name: b, url: \"tcp://a\"}\n": "another one has this name",
	} {
		_, err := Read([]byte(least+lines), Environment{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", lines, err)
		}
	}
}
