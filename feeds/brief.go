package feeds

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Brief is an error with at most some hundred characters: what publishers say may have no end. It is what it was for
// [KindOf], [NotBefore], [StatusOf] and errors.Is.
func Brief(err error) error {
	if err == nil {
		return nil
	}
	return Reworded(err, short(err.Error()))
}

// Reworded is an error with another text. It is what it was for [KindOf], [NotBefore], [StatusOf] and errors.Is, and
// cannot be unwrapped to the text that it had.
func Reworded(err error, text string) error {
	if text == err.Error() {
		return err
	}
	return &Failure{Kind: KindOf(err), After: NotBefore(err), Status: StatusOf(err), Err: reworded{text, err}}
}

type reworded struct {
	text string
	err  error
}

func (r reworded) Error() string { return r.text }

func (r reworded) Is(target error) bool { return errors.Is(r.err, target) }

// short is a text that is not too long and can be shown, as it is; of another one its beginning and its end. It may have
// the lines of several faults.
func short(text string) string {
	const most, head, tail = 400, 190, 100
	isPlain := !strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && unicode.IsControl(r) })
	switch n := utf8.RuneCountInString(text); {
	case n <= most && isPlain:
		return text
	case n <= head:
		return OneLine(text)
	}
	runes := []rune(text)
	end := runes[head:]
	if len(runes) <= most { // both parts of it fit into a line
		return OneLine(string(runes[:head])) + OneLine(string(end))
	}
	return OneLine(string(runes[:head])) + "… " + OneLine(string(end[len(end)-tail:]))
}

// mostRemarks is how many a source may have; more are counted.
const mostRemarks = 20

// Remarks gathers what is odd: each thing once, in a line, and of many the first. Its zero value has none.
type Remarks struct {
	said []string
	more int
}

// Say adds a remark.
func (r *Remarks) Say(format string, args ...any) {
	text := OneLine(fmt.Sprintf(format, args...))
	switch {
	case slices.Contains(r.said, text):
	case len(r.said) == mostRemarks:
		r.more++
	default:
		r.said = append(r.said, text)
	}
}

// All are the remarks, twenty at most.
func (r *Remarks) All() []string {
	if r.more == 0 {
		return r.said
	}
	const kept = mostRemarks - 1
	return append(slices.Clone(r.said[:kept]), fmt.Sprintf("and %d more remarks", r.more+len(r.said)-kept))
}

// FewRemarks is at most twenty remarks of a line each.
func FewRemarks(all []string) []string {
	var r Remarks
	for _, remark := range all {
		r.Say("%s", remark)
	}
	return r.All()
}
