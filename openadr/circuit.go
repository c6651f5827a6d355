package openadr

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
)

// ErrNotAsked is the cause of an error of a patient client: nothing was sent.
var ErrNotAsked = errors.New("not asked")

var errNoPoll = errors.New("nothing was asked yet")

// circuit knows whether the VTN answers. It begins open: after a blackout all homes start in the same minute, and
// what they want besides the poll has time until that was answered.
type circuit struct{ trouble atomic.Pointer[error] }

func newCircuit() *circuit {
	c := &circuit{}
	c.trouble.Store(&errNoPoll)
	return c
}

// note takes what a request came to. A 500 or 501 is of that request; a 429, 502, 503 or 504 is of the server.
func (c *circuit) note(err error) {
	var e *Error
	isTrouble := errors.As(err, &e) && (e.Kind == Unreachable || e.Kind == Unavailable) &&
		e.Status != http.StatusInternalServerError && e.Status != http.StatusNotImplemented
	switch {
	case isTrouble:
		c.trouble.Store(&err)
	case err == nil || e != nil: // else our own context ended, which says nothing about the VTN
		c.trouble.Store(nil)
	}
}

// Patient is the same client for all that can wait: registration, reports, subscriptions, notifiers. It shares
// connections and tokens. While the last request of either was not answered, or none was sent yet, it sends
// nothing and fails with [ErrNotAsked]: the poll alone tries, at its pace, so that a home asks a VTN in trouble
// once in a turn and not once for each thing that it wants.
func (c *Client) Patient() *Client {
	p := *c
	p.isPatient = true
	return &p
}

// hold is the error of a request that has to wait; nil: it may be sent.
func (c *Client) hold(op string) error {
	if !c.isPatient {
		return nil
	}
	why := c.circuit.trouble.Load()
	if why == nil {
		return nil
	}
	e := &Error{Op: op, Kind: Unavailable, Detail: OneLine("not asked while the poll is without an answer: " + (*why).Error())}
	e.cause = fmt.Errorf("%w: %w", ErrNotAsked, *why)
	return e
}
