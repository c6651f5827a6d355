package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/configs"
)

// least is a configuration with nothing in it but what must be; tests write their own keys below its two lines.
const least = "home: {name: H, zone: UTC, currency: EUR, max_import: 11kW}\nstorage: {path: h.db}\n"

// faultsOf reads the least configuration with more lines; nil when it loads.
func faultsOf(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string) Faults {
	t.Helper()
	_, err := Read([]byte(text), Environment{Dir: "/nowhere", Sources: sampleSources})
	var faults Faults
	if err != nil && !errors.As(err, &faults) {
		t.Fatalf("want faults, got %v", err)
	}
	return faults
}

// expect wants exactly these faults, or none.
func expect(t *testing.T, text string, want ...string) {
	t.Helper()
	got := faultsOf(t, text)
	if len(got) != len(want) {
		t.Errorf("%q:\n%v\nwant %d faults", text, got.Error(), len(want))
		return
	}
	for i, w := range want {
		if !strings.HasPrefix(got[i].String(), w) {
			t.Errorf("%q:\n%v\nwant %v", text, got[i], w)
		}
	}
}

// What YAML takes for numbers, booleans, dates and nothing, we take as the text that stands there.
func TestYAML_TypesAreOursToRead(t *testing.T) {
	for value, says := range map[string]string{
		"0x1F": `"0x1F": not a duration`, "1_000": `"1_000": not a duration`, "0o17": `"0o17": not a duration`, "1e3": `"1e3": not a duration`,
		".inf": `".inf": not a duration`, ".nan": `".nan": not a duration`, "2026-01-01": `"2026-01-01": not a duration`,
		"yes": `"yes": not a duration`, "true": `"true": not a duration`, "''": "not a duration", `""`: "not a duration",
		"[10s]": `"[10s]": want a single value`, "{a: 10s}": `"{a: 10s}": want a single value`,
		"!!str 10s": `"!!str 10s": anchors, aliases and tags`, "&c 10s": `"&c 10s": anchors, aliases and tags`, "*c": `"*c": anchors, aliases and tags`,
	} {
		expect(t, least+"cycle: "+value+"\n", "line 3: cycle: "+says)
	}
	for _, value := range []string{"on", "yes", "True", "TRUE", "1", "y"} {
		expect(t, least+"openadr:\n  - {name: u, url: \"https://a\", allow_http: "+value+"}\n",
			fmt.Sprintf("line 4: openadr[0].allow_http: %q: want true or false", value))
	}
	expect(t, least+"log: {level: no}\n", `line 3: log.level: "no": want one of`)
}

// A key without a value is as good as not there: it is what is left when somebody has commented out the rest.
func TestYAML_NothingMeansTheDefault(t *testing.T) {
	for _, lines := range []string{"cycle:\n", "cycle: ~\n", "cycle: null\n", "mqtt:\n", "mqtt: []\n", "log:\n", "log: {}\n", "log:\n  # level: debug\n", "http: {hosts: }\n"} {
		c, err := Read([]byte(least+lines), Environment{})
		if err != nil || c.Cycle != 10*time.Second || c.LogLevel != "info" || len(c.MQTT) != 0 || len(c.Hosts) != 0 {
			t.Errorf("%q: %+v, %v", lines, c, err)
		}
	}
	expect(t, "home: {name: , zone: UTC, currency: EUR, max_import: 11kW}\nstorage: {path: ~}\n", "line 1: home.name: is missing", "line 2: storage.path: is missing")
}

func TestYAML_QuotesAndBlocksAreTheSameText(t *testing.T) {
	for _, value := range []string{"15s", `"15s"`, "'15s'", "|-\n  15s", ">-\n  15s", "\t15s", "15s   # a comment", `"\x31\u0035s"`} {
		c, err := Read([]byte(least+"cycle: "+value+"\n"), Environment{})
		if err != nil || c.Cycle != 15*time.Second {
			t.Errorf("%q: %v", value, err)
		}
	}
	expect(t, least+"cycle: |\n  15s\n", `line 3: cycle: "15s\n": not a duration`)
	expect(t, least+"'log': {\"level\": 'loud'}\n", `line 3: log.level: "loud"`)
	c, err := Read([]byte("home: {name: \"a\\tb\", zone: UTC, currency: EUR, max_import: 11kW}\nstorage: {path: h.db}\n"), Environment{})
	if err != nil || c.Home.Name != "a\tb" {
		t.Errorf("%+v, %v", c, err)
	}
}

// Lines are counted as an editor counts them, whatever stands before.
func TestYAML_LinesAreTheEditors(t *testing.T) {
	expect(t, least+"log:\n  level: |-\n    info\n\n  colour: red\n", "line 7: log.colour: unknown key")
	expect(t, "# comment\n\n---\n"+least+"\n\n  # another\ncolour: red\n", "line 9: colour: unknown key")
	expect(t, strings.ReplaceAll(least, "\n", "\r\n")+"cycle: 10s\r\nlog:\r\n  colour: red\r\n", "line 5: log.colour: unknown key")
	expect(t, "\ufeff"+least+"colour: red\n", "line 3: colour: unknown key")
	expect(t, least+"log: {level: 'in\n\n  fo'}\ncolour: red\n", `line 3: log.level: "in\nfo": want one of`, "line 6: colour: unknown key")
}

func TestYAML_MarkOfTheEditorIsNoKey(t *testing.T) {
	expect(t, "\ufeff"+least)
	if len(faultsOf(t, "\ufeff\ufeff"+least)) == 0 {
		t.Error("one mark is a habit of editors, two are a mistake")
	}
}

func TestYAML_AnchorsMergesAndTagsAreRefusedWhereTheyStand(t *testing.T) {
	expect(t, least+"log: &l {level: info}\n", `line 3: log: "&l {level: info}": want keys and values here`)
	expect(t, least+"log: !!map {level: info}\n", `line 3: log: "!!map {level: info}": want keys and values here`)
	expect(t, least+"log:\n  <<: {level: info}\n", `line 4: log: "<<": merge keys are not read`)
	expect(t, least+"http:\n  hosts: &h\n    - a.example\n", `line 4: http.hosts: `)
	expect(t, least+"mqtt: *m\n", `line 3: mqtt: "*m": want a list here`)
	expect(t, least+"http: {hosts: [a.example, &b c.example]}\n", `line 3: http.hosts[1]: "&b c.example": anchors, aliases and tags`)
}

func TestYAML_WhatIsNoYAMLIsOneFaultWithItsLine(t *testing.T) {
	for lines, line := range map[string]int{
		"log:\n\tlevel: info\n": 4, "log: {level: info\n": 3, "http: {hosts: [a}\n": 3, "cycle: 'x\n": 3, "cycle: a: b\n": 3, "cycle: @x\n": 3, "cycle: `x\n": 3,
		"log:\n  level: info\n   format: text\n": 4, "  cycle: 10s\n": 3, "cycle:10s\n": 3, "cycle: 10s\ncycle: 10s\n": 4, "log: {level: info, level: warn}\n": 3,
	} {
		got := faultsOf(t, least+lines)
		if len(got) != 1 || got[0].Line != line || !strings.HasPrefix(got[0].Text, "not YAML: ") {
			t.Errorf("%q: %v, want line %d", lines, got.Error(), line)
		}
	}
	expect(t, "home: \xff\n", "the file is not UTF-8")
	expect(t, strings.Repeat("# 789\n", maxSize/6+1), "the file has 1048578 bytes, at most 1048576 are read")
}

// The end of a document is not the begin of another; three dashes at the end are.
func TestYAML_OneDocument(t *testing.T) {
	expect(t, "---\n"+least)
	expect(t, least+"...\n")
	for _, second := range []string{"---\n", "---", "---\n# nothing\n", "---\ncycle: 10s\n"} {
		got := faultsOf(t, least+second)
		if len(got) != 1 || got[0].Line < 3 || !strings.Contains(got[0].Text, "a second document begins here") {
			t.Errorf("%q: %v", second, got.Error())
		}
	}
	for _, empty := range []string{"", "\n", "# only words\n", "---\n", "null\n", "{}\n"} {
		if got := faultsOf(t, empty); len(got) != 5 || got[0].String() != "line 1: home.name: is missing" {
			t.Errorf("%q: %v", empty, got.Error())
		}
	}
}

func TestYAML_LongValuesAreShownShort(t *testing.T) {
	for _, long := range []string{strings.Repeat("7", 500_000), strings.Repeat("é", 200_000), "[" + strings.Repeat("a, ", 5000) + "a]"} {
		got := faultsOf(t, least+"cycle: "+long+"\n")
		if len(got) != 1 || len([]rune(got[0].Value)) != 60 || !strings.HasSuffix(got[0].Value, "...") {
			t.Errorf("%d faults: %.200v", len(got), got.Error())
		}
	}
	if got := faultsOf(t, least+strings.Repeat("k", 100_000)+": 1\n"); len(got) != 1 || got[0].Line != 3 {
		t.Errorf("%d faults", len(got))
	}
}

// Deep nests are refused by the keys they stand under, not walked into.
func TestYAML_DeepNestsAreOneFault(t *testing.T) {
	const deep = 1000
	got := faultsOf(t, least+"cycle: "+strings.Repeat("[", deep)+strings.Repeat("]", deep)+"\n")
	if len(got) != 1 || got[0].Line != 3 {
		t.Errorf("%d faults", len(got))
	}
}

// isOpen are the values that may stand on a line without any fault, or with one elsewhere: what others refer to.
func isOpen(line string) bool {
	for _, key := range []string{"- name:", "currency:", "- {name"} {
		if strings.HasPrefix(strings.TrimSpace(line), key) {
			return true
		}
	}
	return false
}

// Whatever happens to one line of the sample, the answer is about that line, or it is a good configuration.
func TestRead_OneBadLineIsNamed(t *testing.T) {
	text, err := configs.Files.ReadFile("hearth.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	var keyed []int
	for i, line := range lines {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.HasPrefix(key, "#") && !strings.HasPrefix(strings.TrimSpace(value), "#") && !isOpen(line) {
			keyed = append(keyed, i)
		}
	}
	if len(keyed) < 40 {
		t.Fatalf("%d lines with a value", len(keyed))
	}
	named, good := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.SampledFrom(keyed).Draw(t, "line")
		key, own, _ := strings.Cut(lines[i], ": ")
		if rapid.Bool().Draw(t, "misspell") {
			at := len(key) - 1
			key = key[:at] + "q" + key[at:]
			if strings.Contains(key, "- ") {
				return // the first key of an item is its name
			}
		}
		value := rapid.SampledFrom([]string{
			"§", "[1, 2]", "{a: b}", "-5", "1e999", "0x1F", "&a x", "*a", "!!int 3", "|-\n", "''", "on", "\t", "15", "-15m", "11kW", "2 EUR/kWh", "[", "'", "`", "a: b", "~x", "😀", strings.Repeat("9", 5000),
			strings.TrimRight(own, "\n"), // nothing happens
		}).Draw(t, "value")
		mutated := append(append(append([]string{}, lines[:i]...), key+": "+value+"\n"), lines[i+1:]...)
		faults := faultsOf(t, strings.Join(mutated, ""))
		if faults == nil {
			good++
			return
		}
		for _, f := range faults {
			isMissed := strings.Contains(f.Text, "needs "+strings.TrimSpace(key)) // elsewhere, for want of what stood here
			if f.Line == i+1 || isMissed || strings.HasPrefix(f.Text, "not YAML") {
				named++
				return
			}
		}
		t.Fatalf("line %d is now %q:\n%v", i+1, key+": "+value, faults.Error())
	})
	if named == 0 || good == 0 && named > 80 { // a short run draws too few to meet both
		t.Errorf("%d named, %d good: the mutations say nothing", named, good)
	}
}
