package console

import (
	"strings"
	"testing"
)

// A label stands once, and what a stranger has said neither moves the cursor nor begins a line.
func TestFacts_StandUnderTheirLabel(t *testing.T) {
	var b strings.Builder
	f := NewFacts(&b)
	f.Say("server", "https://%s", "a.example")
	f.Say("server", "it says %s", "moved\n\x1b[2Jaway")
	f.Say("clock", "fine")
	f.Say("clock", "")
	table := NewTable("what", "count")
	table.Row("price", "24")
	f.Table(table)
	f.Say("clock", "again")
	want := "server        https://a.example\n" +
		"              it says moved \ufffd[2Jaway\n" +
		"clock         fine\n" +
		"\n" +
		"              what   count\n" +
		"              price     24\n" +
		"clock         again\n"
	if b.String() != want {
		t.Errorf("got\n%q, want\n%q", b.String(), want)
	}
}
