package v20b

import (
	"bytes"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hearth/openadr"
)

// nest wraps a text in elements.
func nest(depth int, inner string) string {
	return strings.Repeat("<n>", depth) + inner + strings.Repeat("</n>", depth)
}

func TestDecode_RefusesBombsBeforeTheyGoOff(t *testing.T) {
	good := fineWith("oadrResponse")
	header, rest, _ := strings.Cut(good, "?>")
	header += "?>"
	lol := `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>`
	in := func(inner string) string { return strings.Replace(good, "so it is", inner, 1) }
	for name, c := range map[string]struct{ body, want string }{
		"billion laughs":      {header + lol + strings.Replace(rest, "so it is", "&lol2;", 1), "document type"},
		"external entity":     {header + `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + strings.Replace(rest, "so it is", "&x;", 1), "document type"},
		"bare doctype":        {header + "<!DOCTYPE r>" + rest, "document type"},
		"unknown entity":      {in("&lol;"), "invalid character entity"},
		"deep nest":           {in(nest(maxDepth, "x")), "elements deep"},
		"very deep nest":      {in(nest(100_000, "")), "elements deep"},
		"many elements":       {in(strings.Repeat("<a/>", maxElements)), "elements"},
		"many attributes":     {in("<a" + strings.Repeat(` b="c"`, maxAttrs+1) + "/>"), "attributes"},
		"another charset":     {strings.Replace(good, "utf-8", "ISO-8859-1", 1), "ISO-8859-1"},
		"UTF-16":              {"\xff\xfe<\x00", "XML syntax error"},
		"not UTF-8":           {in("\xc3\x28"), "invalid UTF-8"},
		"NUL":                 {in("\x00"), "illegal character"},
		"unclosed":            {strings.TrimSuffix(good, "</a:oadrPayload>"), "unexpected EOF"},
		"crossed":             {in("<a><b></a></b>"), "closed by"},
		"second document":     {good + good[len(header):], "second document"},
		"text behind":         {good + "and so on", "text after"},
		"unquoted attribute":  {in("<a b=c/>"), "unquoted"},
		"another root":        {`<oadrPoll/>`, "oadrPayload"},
		"no signed object":    {`<oadrPayload/>`, "no oadrSignedObject"},
		"nothing":             {"", "EOF"},
		"a program's own XML": {"<?php echo 1?><html/>", "oadrPayload"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := decode([]byte(c.body))
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
			t.Errorf("%s: took %d MB", name, used>>20)
		}
	}
	if _, err := decode([]byte(good + "\n<!-- bye -->\n")); err != nil {
		t.Errorf("a good one: %v", err)
	}
	if m, err := decode([]byte(in("&lt;&amp;&#228;"))); err != nil || m.Response.Said.Description != "<&ä" {
		t.Errorf("plain entities: %v", err)
	}
}

func TestClient_ReadsNoMoreThanItMust(t *testing.T) {
	b := newBench(t)
	b.vtn.answers["oadrCreatePartyRegistration"] = strings.Repeat(" ", maxBody+1)
	if _, err := b.Events(t.Context(), openadr.Query{}); openadr.KindOf(err) != openadr.TooLarge {
		t.Errorf("got %v", err)
	}
}

func TestMarkup_EscapesWhatOthersSay(t *testing.T) {
	b := newBench(t, func(c *Config) { c.VENName = `<b>"Ä&` })
	bad := strings.ReplaceAll(simple("</e:eventID>&lt;x&gt;", 0).String(), "</e:eventID>&lt;", "&lt;&amp;\"")
	b.vtn.tell(distribute(bad))
	if got := ids(b.poll()); got != `<&"x>` {
		t.Fatalf("listed %q", got)
	}
	for _, name := range []string{"oadrCreatePartyRegistration", "oadrCreatedEvent"} {
		body := b.vtn.last(name)
		if _, err := decode([]byte(body)); err != nil {
			t.Errorf("%s: %v in\n%s", name, err, body)
		}
	}
	if got := b.vtn.last("oadrCreatePartyRegistration"); !strings.Contains(got, "&lt;b&gt;&#34;Ä&amp;") {
		t.Errorf("registered as\n%s", got)
	}
}

func TestDecimal_IsExact(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1", "1.0": "1", "+1.50": "1.5", "-0": "0", "-0.0": "0", "007": "7", ".5": "0.5", "5.": "5", " 0.026220 ": "0.02622",
		"1E3": "1000", "1e-5": "0.00001", "-12.5e-1": "-1.25", "0.1e1": "1",
		"": "", "-": "", ".": "", "e5": "", "INF": "", "-INF": "", "NaN": "", "1,5": "", "0x10": "", "1e400": "", "1e-400": "", "1e": "",
		"--1": "", "+-1": "", "1.2.3": "", "1 2": "", strings.Repeat("1", 41): "",
	} {
		got, err := decimal(text, 0)
		if string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[+-]?[0-9]{1,9}(\.[0-9]{0,9})?([eE][+-]?[0-9])?`).Draw(t, "text")
		exponent := rapid.IntRange(-12, 12).Draw(t, "exponent")
		got, err := decimal(text, exponent)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := new(big.Rat).SetString(fmt.Sprintf("%se%d", strings.ToLower(strings.SplitN(strings.ToLower(text), "e", 2)[0]), exponent+exponentOf(text)))
		if have, ok := new(big.Rat).SetString(string(got)); !ok || have.Cmp(want) != 0 {
			t.Fatalf("%q times 10^%d is %s, want %s", text, exponent, got, want)
		}
	})
}

func exponentOf(text string) (n int) {
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		_, _ = fmt.Sscan(text[i+1:], &n)
	}
	return n
}

// FuzzClient reads foreign bytes as the whole way goes: what is decoded is taken, listed, kept and read again.
func FuzzClient(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/vtn-*.xml")
	for _, path := range files {
		body, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := decode(body)
		if err != nil || m.Distribute == nil {
			return
		}
		store := &memory{}
		cfg := Config{BaseURL: "http://127.0.0.1:1", VENName: "home"}
		c, err := New(cfg, store)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.restore(); err != nil {
			t.Fatal(err)
		}
		c.take(m.Distribute)
		list := c.list(openadr.Query{})
		for _, e := range list.Items {
			if e.ID == "" || e.Raw == nil || len(e.Intervals) == 0 {
				t.Errorf("event %+v", e)
			}
			for _, i := range e.Intervals {
				if start, isSet := i.IntervalPeriod.Start.Time(); !isSet || start.Year() < firstYear || i.IntervalPeriod.Duration.IsZero() {
					t.Errorf("interval %s", e.Raw)
				}
			}
		}
		c.save()
		again, _ := New(cfg, store)
		if err := again.restore(); err != nil {
			t.Fatal(err)
		}
		other := again.list(openadr.Query{})
		if len(other.Items) != len(list.Items) || len(again.notes) != 0 {
			t.Fatalf("%d events, and %d after a restart: %v", len(list.Items), len(other.Items), again.notes)
		}
		for i := range other.Items {
			if !bytes.Equal(other.Items[i].Raw, list.Items[i].Raw) {
				t.Errorf("kept %s as %s", list.Items[i].Raw, other.Items[i].Raw)
			}
		}
	})
}
