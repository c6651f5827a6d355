package feeds

import (
	"errors"
	"fmt"
	"time"
)

// Failure is an error with what is to be done about it.
type Failure struct {
	Kind   FailureKind
	After  time.Time // not to be asked before; zero: nobody said
	Status int       // of the answer that was no answer; zero: there was none
	Err    error
}

// FailureKind says what is to be done.
type FailureKind string

// The kinds of failures.
const (
	// Temporary may be gone the next time: no network, a server in trouble, an answer that is none.
	Temporary FailureKind = "temporary"
	// Misconfigured stays until somebody changes something: a wrong key, a zone that does not exist, another currency.
	Misconfigured FailureKind = "configuration"
	// NotYet is not out.
	NotYet FailureKind = "not yet published"
)

func (f *Failure) Error() string { return f.Err.Error() }

func (f *Failure) Unwrap() error { return f.Err }

// MaxPatience bounds what a server may ask for. A day is what a quota takes to fill; a header that says more is a slip.
const MaxPatience = 24 * time.Hour

// Fail is a failure of a kind, with a [Brief] text whatever goes into it.
func Fail(kind FailureKind, format string, args ...any) error {
	return Brief(&Failure{Kind: kind, Err: fmt.Errorf(format, args...)})
}

// KindOf is the kind of an error; of one that says nothing about it, Temporary.
func KindOf(err error) FailureKind {
	var f *Failure
	if errors.As(err, &f) {
		return f.Kind
	}
	return Temporary
}

// StatusOf is the status by which a server has refused; zero where it has not.
func StatusOf(err error) int {
	var f *Failure
	if errors.As(err, &f) {
		return f.Status
	}
	return 0
}

// NotBefore is when an error allows to ask again; the zero time where it does not say.
func NotBefore(err error) time.Time {
	var f *Failure
	if errors.As(err, &f) {
		return f.After
	}
	return time.Time{}
}
