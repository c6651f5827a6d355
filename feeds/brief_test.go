package feeds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
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
	if err := Brief(errors.New("\a" + strings.Repeat("x y ", 90))); !strings.HasPrefix(err.Error(), "�x y x") || len(err.Error()) < 350 {
		t.Errorf("%d bytes", len(err.Error()))
	}
	if err := Brief(fmt.Errorf("%w: %s", context.Canceled, long)); !errors.Is(err, context.Canceled) || KindOf(err) != Temporary {
		t.Errorf("given up has become %v", err)
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
	if len(few) != 20 || few[19] != "and 48981 more remarks" || len(few[0]) > 900 {
		t.Errorf("%d: %.100q ... %q", len(few), few[0], few[len(few)-1])
	}
	if got := FewRemarks([]string{"odd"}); len(got) != 1 || got[0] != "odd" || FewRemarks(nil) != nil {
		t.Errorf("%q", got)
	}
}

// What a publisher said goes into an error as it is, wherever the error is made.
func TestFail_IsBrief(t *testing.T) {
	number := json.Number(strings.Repeat("9", 1<<20))
	_, cause := number.Int64()
	for _, err := range []error{Fail(NotYet, "time %q", number), Fail(NotYet, "time: %w", cause)} {
		if len(err.Error()) > 500 || KindOf(err) != NotYet || !strings.HasPrefix(err.Error(), "time") {
			t.Errorf("%d bytes of kind %s: %.300s", len(err.Error()), KindOf(err), err)
		}
	}
	if err := Fail(Temporary, "time: %w", cause); !errors.Is(err, strconv.ErrRange) {
		t.Errorf("the cause is gone: %v", err)
	}
}

func TestRemarks_SayAThingOnce(t *testing.T) {
	var r Remarks
	for i := range 60 {
		r.Say("slot %d", i%20)
	}
	if all := r.All(); len(all) != 20 || all[19] != "slot 19" {
		t.Errorf("%q", all)
	}
	r.Say("two\nlines")
	if all := r.All(); len(all) != 20 || all[19] != "and 2 more remarks" {
		t.Errorf("%q", all)
	}
}
