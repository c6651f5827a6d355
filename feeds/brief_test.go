package feeds

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestBrief_BoundsWhatHasNoEnd(t *testing.T) {
	at := time.Unix(1000, 0)
	long := &Failure{Kind: NotYet, After: at, Status: 404, Err: errors.New("price \"" + strings.Repeat("9", 5_000_000) + "\": is none")}
	err := Brief(fmt.Errorf("source x: %w", long))
	if n := len(err.Error()); n > 500 || !strings.HasPrefix(err.Error(), "source x: price") || !strings.HasSuffix(err.Error(), "is none") {
		t.Errorf("%d bytes: %.300s", n, err)
	}
	if KindOf(err) != NotYet || !NotBefore(err).Equal(at) || StatusOf(err) != 404 {
		t.Errorf("%+v", err)
	}
	if err := Brief(errors.New("beep \a\x1b[31m red")); strings.ContainsAny(err.Error(), "\a\x1b") {
		t.Errorf("%q", err)
	}
	plain := errors.New("one\ntwo")
	if Brief(plain) != plain || Brief(nil) != nil {
		t.Error("what is short stays as it is")
	}
}

func TestFewRemarks_AreFew(t *testing.T) {
	var many []string
	for i := range 49_000 {
		many = append(many, fmt.Sprint("slot ", i, strings.Repeat("x", 1000)))
	}
	few := FewRemarks(many)
	if len(few) != 21 || few[20] != "and 48980 more remarks" || len(few[0]) > 900 {
		t.Errorf("%d: %.100q ... %q", len(few), few[0], few[len(few)-1])
	}
	if got := FewRemarks([]string{"odd"}); len(got) != 1 || got[0] != "odd" || FewRemarks(nil) != nil {
		t.Errorf("%q", got)
	}
}
