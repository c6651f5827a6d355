package feeds

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// Brief is an error with at most some hundred characters: what publishers say may have no end. It is what it was for
// [KindOf], [NotBefore] and [StatusOf].
func Brief(err error) error {
	const most = 400
	if err == nil || utf8.RuneCountInString(err.Error()) <= most && !hasControls(err.Error()) {
		return err
	}
	text := []rune(err.Error())
	head := OneLine(string(text[:min(len(text), 190)]))
	if len(text) > most {
		head += " … " + OneLine(string(text[len(text)-100:]))
	} else if len(text) > 190 {
		head += OneLine(string(text[190:]))
	}
	return &Failure{Kind: KindOf(err), After: NotBefore(err), Status: StatusOf(err), Err: errors.New(head)}
}

// hasControls says that a text has what does not belong into a line; lines of several faults do.
func hasControls(text string) bool {
	for _, r := range text {
		if r < ' ' && r != '\n' || r == 0x7f {
			return true
		}
	}
	return false
}

// FewRemarks is at most twenty remarks of a line each.
func FewRemarks(all []string) []string {
	const most = 20
	var few []string
	for i, remark := range all {
		if i == most {
			return append(few, fmt.Sprintf("and %d more remarks", len(all)-most))
		}
		few = append(few, OneLine(remark))
	}
	return few
}
