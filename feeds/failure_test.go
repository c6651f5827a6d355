package feeds

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestOneLine_IsShortAndPlain(t *testing.T) {
	if got := OneLine(" a\r\n\tb \x1b[31m"); got != "a b �[31m" {
		t.Errorf("%q", got)
	}
	if got := []rune(OneLine(strings.Repeat("ü", 300))); len(got) != 200 {
		t.Errorf("%d characters", len(got))
	}
}

func TestFailure_KeepsItsKindWhenWrapped(t *testing.T) {
	cause := errors.New("cause")
	err := fmt.Errorf("source x: %w", Fail(NotYet, "prices: %w", cause))
	if KindOf(err) != NotYet || !errors.Is(err, cause) || err.Error() != "source x: prices: cause" {
		t.Errorf("%q of kind %q", err, KindOf(err))
	}
	if KindOf(cause) != Temporary || !NotBefore(cause).IsZero() {
		t.Error("an error that says nothing is temporary, and may be tried at once")
	}
}
