package feedtest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hearth/feeds"
)

// Bounds of what a source may say of whatever comes.
const (
	mostText    = 1000 // bytes of an error or a remark
	mostRemarks = 20
)

// bounded says that an error, or remarks, are longer than anybody reads.
func bounded(v feeds.Values, err error) error {
	texts := slices.Clone(v.Remarks)
	if err != nil {
		texts = append(texts, err.Error())
	}
	for _, text := range texts {
		if len(text) > mostText {
			return fmt.Errorf("an error or remark of %d bytes: %s and so on", len(text), text[:mostText])
		}
	}
	if len(v.Remarks) > mostRemarks {
		return fmt.Errorf("%d remarks, the last of them %q", len(v.Remarks), v.Remarks[len(v.Remarks)-1])
	}
	return nil
}

// endless wants an error that can be read, or remarks that can, whatever field has no end.
func endless(s *stand) error {
	for i, e := range s.Good {
		if e.Token {
			continue
		}
		for _, field := range fields(e.Body) {
			for _, long := range field.endless() {
				s.replace(i, e.Body[:field.start]+long+e.Body[field.end:])
				source, err := s.source(0, patience)
				if err != nil {
					return err
				}
				if err := bounded(source.Fetch(s.ctx, s.Span)); err != nil {
					return fmt.Errorf("%s: %w", field.name, err)
				}
			}
		}
		s.replace(i, e.Body)
	}
	if _, err := s.fetch(); err != nil {
		return errors.Join(errors.New("the good recording does not come any more"), err)
	}
	return nil
}

// field is a value or a name in a document.
type field struct {
	name       string
	start, end int
}

var (
	isField = regexp.MustCompile(`"(?:[^"\\]|\\.)*"(\s*:)?|-?[0-9][0-9.eE+-]*|>[^<>]*[^<>\s][^<>]*<`)
	isDigit = regexp.MustCompile(`[0-9]`)
	element = regexp.MustCompile(`<([^<>\s]+)[^<>]*$`)
)

// fields are those of a JSON or XML document, one of each name and sort. Names that differ in digits only are of one sort.
func fields(body string) (all []field) {
	last, known := "", map[string]bool{}
	for _, at := range isField.FindAllStringSubmatchIndex(body, -1) {
		f := field{start: at[0], end: at[1]}
		switch text := body[at[0]:at[1]]; {
		case at[2] >= 0:
			f.end = at[2]
			last = isDigit.ReplaceAllString(body[f.start:f.end], "0")
			f.name = "the name " + last
		case text[0] == '>':
			f.start, f.end = f.start+1, f.end-1
			f.name = "the element " + element.FindString(body[:at[0]])
		case text[0] == '"':
			f.name = "the text of " + last
		default:
			f.name = "the number of " + last
		}
		if !known[f.name] {
			known[f.name], all = true, append(all, f)
		}
	}
	return all
}

// endless are texts and, where a name does not stand, numbers in the place of the field.
func (f field) endless() []string {
	const megabyte = 1 << 20
	word, number := strings.Repeat("no end ", megabyte/7), strings.Repeat("7", megabyte)
	switch {
	case strings.HasPrefix(f.name, "the element"):
		return []string{word, number}
	case strings.HasPrefix(f.name, "the name"):
		return []string{`"` + word + `"`}
	}
	return []string{`"` + word + `"`, number}
}
