package console

import (
	"fmt"
	"io"
	"strings"

	"hearth/feeds"
)

// Facts prints lines of a label and what there is to say of it. The label is printed where it changes, and the lines
// below it stand under their first.
type Facts struct {
	w     io.Writer
	label string
}

// labelWidth fits the longest label there is.
const labelWidth = 14

// NewFacts prints to w. Faults of it are nobody's to tell.
func NewFacts(w io.Writer) *Facts { return &Facts{w: w} }

// Say prints one line. What it says may be anybody's: it stays one line, of printable characters.
func (f *Facts) Say(label, format string, a ...any) {
	shown := label
	if label == f.label {
		shown = ""
	}
	f.label = label
	text := feeds.OneLine(fmt.Sprintf(format, a...))
	fmt.Fprintln(f.w, strings.TrimRight(fmt.Sprintf("%-*s%s", labelWidth, shown, text), " "))
}

// Table prints a table under the last label, which ends with it.
func (f *Facts) Table(t *Table) {
	f.label = ""
	var b strings.Builder
	_, _ = t.WriteTo(&b) // a builder takes everything
	for line := range strings.Lines(b.String()) {
		fmt.Fprint(f.w, strings.Repeat(" ", labelWidth), line)
	}
}
