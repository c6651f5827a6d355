package strict

import (
	"fmt"
	"strings"
	"unicode"
)

// Fault is one thing that is wrong, and where.
type Fault struct {
	Path   string // "devices[2].profile_w[3]"; empty: the whole text
	Reason string
}

// Faults is all that is wrong with a text.
type Faults []Fault

// most is how many faults are kept: nobody reads more, and a file may hold millions.
const most = 100

// Error has a line for each fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, v := range f {
		if lines[i] = v.Reason; v.Path != "" {
			lines[i] = v.Path + ": " + v.Reason
		}
	}
	return strings.Join(lines, "\n")
}

// Add notes a fault; the ones after the first hundred are only counted as "more".
func (f *Faults) Add(path, reason string, args ...any) {
	path = strings.Map(printable, path)
	switch {
	case len(*f) < most:
		*f = append(*f, Fault{path, fmt.Sprintf(reason, args...)})
	case len(*f) == most:
		*f = append(*f, Fault{"", "and more"})
	}
}

// Err is the faults as an error, nil when there are none.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// printable keeps a key that holds line breaks from looking like more faults.
func printable(r rune) rune {
	if unicode.IsControl(r) {
		return unicode.ReplacementChar
	}
	return r
}
