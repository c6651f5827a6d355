package feedtest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hearth/feeds"
)

// edited are the trials that need Edits.
var edited = []Trial{Duplicate, Overlap, Missing, Huge, Currency}

func duplicate(s *stand) error {
	known, err := s.published()
	if err != nil {
		return err
	}
	v, err := s.fetch()
	if err != nil {
		return err
	}
	all, _ := facts(v)
	return errors.Join(outside(all, known), outside(known, all))
}

func overlap(s *stand) error {
	v, err := s.fetch()
	switch {
	case isFault(err):
		return err
	case err == nil && len(v.Remarks) == 0:
		return errors.New("two values for one slot are taken without a word")
	}
	return nil
}

// fewer wants less than was published, and nothing else.
func (s *stand) fewer(v feeds.Values) error {
	known, err := s.published()
	if err != nil {
		return err
	}
	all, _ := facts(v)
	if len(all) >= len(known) {
		return fmt.Errorf("%d values came, as many as without the fault", len(all))
	}
	return outside(all, known)
}

func missing(s *stand) error {
	v, err := s.fetch()
	if err != nil {
		return err
	}
	return s.fewer(v)
}

func huge(s *stand) error {
	v, err := s.fetch()
	if isFault(err) {
		return err
	}
	if err != nil {
		return nil // refused as a whole
	}
	return s.fewer(v)
}

var isoCode = regexp.MustCompile(`[A-Z]{3}`)

func currency(s *stand) error {
	_, err := s.fetch()
	if err := want(err, feeds.Misconfigured); err != nil {
		return err
	}
	var codes []string
	for _, e := range s.Edits[Currency] {
		codes = append(codes, isoCode.FindAllString(e.New, -1)...)
	}
	if !slices.ContainsFunc(codes, func(code string) bool { return strings.Contains(err.Error(), code) }) {
		return fmt.Errorf("the error names none of %q: %w", codes, err)
	}
	return nil
}
