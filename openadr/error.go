package openadr

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Kind says what went wrong with a request.
type Kind string

// The kinds of fault.
const (
	Unreachable  Kind = "unreachable"          // no connection, no answer in time, TLS refused
	Redirected   Kind = "redirect refused"     // to another host, or away from https
	Unauthorized Kind = "credentials rejected" // 401, after a fresh token, or no token to be had
	Forbidden    Kind = "forbidden"            // 403: the credentials lack a scope
	NotFound     Kind = "not found"            // 404
	Conflict     Kind = "conflict"             // 409: there is such an object already, or what it hangs on is gone
	Refused      Kind = "request refused"      // any other 4xx, or what the client itself does not send
	Unavailable  Kind = "unavailable"          // 5xx and 429
	Empty        Kind = "empty answer"
	HTML         Kind = "web page instead of json" // a captive portal, a proxy, a wrong base URL
	Truncated    Kind = "truncated answer"
	TooLarge     Kind = "answer too large"
	Unreadable   Kind = "unreadable answer" // JSON of another shape, or none at all
	NoMQTT       Kind = "no mqtt"           // the VTN has no notifiers, or none for us: polling is all there is
)

// Error is a failed request.
type Error struct {
	Op     string // "get events"
	Kind   Kind
	Status int    // of the answer; 0 when there was none
	Detail string // what the VTN or the network said: short, one line

	after time.Duration
	cause error
}

// Error reads "get events: unavailable (503): try later".
func (e *Error) Error() string {
	text := e.Op + ": " + string(e.Kind)
	if e.Status >= 300 {
		text += " (" + strconv.Itoa(e.Status) + ")"
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Unwrap is the cause below HTTP, if there is one.
func (e *Error) Unwrap() error { return e.cause }

// Temporary says that the same request may well work later. Credentials, scopes, redirects and oversized
// answers need a person.
func (e *Error) Temporary() bool {
	switch e.Kind {
	case Redirected, Unauthorized, Forbidden, NotFound, Conflict, Refused, TooLarge, NoMQTT:
		return false
	}
	return true
}

// RetryAfter is how long the VTN asked to be left alone, at most an hour; zero when it did not ask.
func (e *Error) RetryAfter() time.Duration { return e.after }

// KindOf is the kind of an error of this package; empty for any other.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// Problem is the body of an error answer (RFC 9457); every field may be missing.
type Problem struct {
	Type     string `json:"type,omitempty"`
	Title    string `json:"title,omitempty"`
	Status   int    `json:"status,omitempty"`
	Detail   string `json:"detail,omitempty"`
	Instance string `json:"instance,omitempty"`
}

// maxRetryAfter keeps a VTN from sending us away for days.
const maxRetryAfter = time.Hour

// statusError makes the error of an answer that is not 2xx.
func statusError(op string, resp *http.Response, body []byte, now time.Time) *Error {
	e := &Error{Op: op, Status: resp.StatusCode, Detail: errorText(body)}
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized:
		e.Kind = Unauthorized
	case code == http.StatusForbidden:
		e.Kind = Forbidden
	case code == http.StatusNotFound:
		e.Kind = NotFound
	case code == http.StatusConflict:
		e.Kind = Conflict
	case code >= 500, code == http.StatusTooManyRequests:
		e.Kind, e.after = Unavailable, RetryAfterOf(resp.Header.Get("Retry-After"), now)
	case code >= 400:
		e.Kind = Refused
	default:
		e.Kind = Unreadable // a 1xx or 3xx that is no answer to a GET
	}
	return e
}

// errorText is what an error body says, for people: a problem, an OAuth error, or plain text.
func errorText(body []byte) string {
	var said struct {
		Title       string `json:"title"`
		Detail      string `json:"detail"`
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	if isMarkup(body) {
		return "a web page"
	}
	if json.Unmarshal(body, &said) == nil {
		var parts []string
		for _, s := range []string{said.Title, said.Code, said.Detail, said.Description} {
			if s != "" {
				parts = append(parts, s)
			}
		}
		return OneLine(strings.Join(parts, ": "))
	}
	return OneLine(string(body))
}

// OneLine makes foreign text fit for a log: printable, at most 200 characters.
func OneLine(s string) string {
	const most = 200
	s = strings.ToValidUTF8(s[:min(len(s), 8*most)], "")
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)), " ")
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return s
}

// RetryAfterOf reads the header of an answer: seconds or a date; at most an hour, 0 where it says nothing.
func RetryAfterOf(header string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if seconds, err := strconv.ParseInt(strings.TrimSpace(header), 10, 64); err == nil {
		wait = time.Duration(min(max(seconds, 0), int64(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}

// bodyError says what is wrong with a 2xx body that should be JSON; nil when it is.
func bodyError(op string, status int, body []byte) error {
	e := &Error{Op: op, Status: status}
	var whole json.RawMessage
	switch err := json.Unmarshal(body, &whole); {
	case err == nil:
		return nil
	case isBlank(body):
		e.Kind = Empty
	case isMarkup(body):
		e.Kind = HTML
	case err.Error() == "unexpected end of JSON input":
		e.Kind, e.cause = Truncated, err
	default:
		e.Kind, e.Detail, e.cause = Unreadable, OneLine(err.Error()), err
	}
	return e
}

func isBlank(body []byte) bool { return strings.TrimSpace(string(body)) == "" }

func isMarkup(body []byte) bool {
	return strings.HasPrefix(strings.TrimLeft(string(body), "\ufeff \t\r\n"), "<")
}

// shapeError is for JSON that is not what was asked for.
func shapeError(op string, err error) error {
	return &Error{Op: op, Kind: Unreadable, Detail: OneLine(err.Error()), cause: fmt.Errorf("decode: %w", err)}
}

// refusal is for what the client does not send, because the schema or the dialect has no room for it.
func refusal(op string, err error) error {
	return &Error{Op: op, Kind: Refused, Detail: OneLine(err.Error()), cause: err}
}

// hide keeps a secret that was sent out of what the other side says about it. Gateways do repeat a header that
// they refuse, and the end of a long text, cut short, may hold the beginning of one.
func hide(err error, secret Secret) error {
	const telling = 6 // characters
	var e *Error
	if secret == "" || !errors.As(err, &e) {
		return err
	}
	e.Detail = strings.ReplaceAll(e.Detail, string(secret), redacted)
	if len(secret) > telling {
		if before, _, isCut := strings.Cut(e.Detail, string(secret[:telling])); isCut {
			e.Detail = before + redacted
		}
	}
	return err
}
