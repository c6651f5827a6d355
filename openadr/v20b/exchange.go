package v20b

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hearth/openadr"
)

// The services, as they stand at the end of the address (profile 2.0b, section 9.1).
const (
	serviceRegister = "EiRegisterParty"
	serviceEvent    = "EiEvent"
	serviceReport   = "EiReport"
	serviceOpt      = "EiOpt"
	servicePoll     = "OadrPoll"
)

// errStranger says that the VTN does not know us, or wants to get to know us anew.
var errStranger = errors.New("the VTN asks for a registration")

// failure is a fault of an exchange: an error of package openadr, and how long the VTN asked to be left alone.
type failure struct {
	fault openadr.Error
	after time.Duration
	cause error
}

func (f *failure) Error() string             { return f.fault.Error() }
func (f *failure) Temporary() bool           { return f.fault.Temporary() }
func (f *failure) RetryAfter() time.Duration { return f.after }
func (f *failure) Unwrap() []error {
	if f.cause == nil {
		return []error{&f.fault}
	}
	return []error{&f.fault, f.cause}
}

func fail(op string, kind openadr.Kind, detail string) *failure {
	return &failure{fault: openadr.Error{Op: op, Kind: kind, Detail: openadr.OneLine(detail)}}
}

// exchange sends a message and reads what the VTN says to it. An answer that refuses is an error, errStranger
// where it is one that a registration may heal. An empty answer is none, and all is well.
func (c *Client) exchange(ctx context.Context, service, name string, inner ...markup) (message, error) {
	op := "post " + name
	body, err := c.post(ctx, op, service, envelope(name, inner...))
	if err != nil {
		return message{}, err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return message{}, nil
	}
	m, err := decode(body)
	if err != nil {
		kind := openadr.Unreadable
		if start := strings.ToLower(string(bytes.TrimSpace(body[:min(len(body), 100)]))); strings.HasPrefix(start, "<html") || strings.HasPrefix(start, "<!doctype html") {
			kind = openadr.HTML
		}
		f := fail(op, kind, err.Error())
		f.cause = err
		return message{}, f
	}
	if m.Reregister != nil && service != servicePoll {
		return message{}, errStranger
	}
	return m, judge(op, m.said())
}

// said is the verdict in a message; nil when it has none.
func (m *message) said() *said {
	switch {
	case m.Registered != nil:
		return m.Registered.Said
	case m.Distribute != nil:
		return m.Distribute.Said
	case m.RegisteredReport != nil:
		return m.RegisteredReport.Said
	case m.UpdatedReport != nil:
		return m.UpdatedReport.Said
	}
	for _, p := range [...]*plain{m.Response, m.RegistrationGone, m.CreatedEvent, m.CreatedReport, m.CreatedOpt, m.CanceledOpt} {
		if p != nil {
			return p.Said
		}
	}
	return nil
}

// judge makes an error of a response code. Its first digit is that of HTTP (profile 2.0b, section 8.3).
func judge(op string, s *said) error {
	if s == nil {
		return nil
	}
	code, description := strings.TrimSpace(s.Code), openadr.OneLine(s.Description)
	switch {
	case strings.HasPrefix(code, "2"), code == "":
		return nil
	case code == codeNotRegistered:
		return errStranger
	case strings.HasPrefix(code, "4"):
		return fail(op, openadr.Refused, code+" "+description)
	case strings.HasPrefix(code, "5"):
		return fail(op, openadr.Unavailable, code+" "+description)
	}
	return fail(op, openadr.Unreadable, "response code "+code)
}

func (c *Client) post(ctx context.Context, op, service string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base.JoinPath(service).String(), bytes.NewReader(body))
	if err != nil {
		return nil, fail(op, openadr.Refused, err.Error())
	}
	r.Header.Set("Content-Type", "application/xml")
	r.Header.Set("Accept", "application/xml")
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, transportFault(ctx, op, err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxBody+1))
	switch {
	case answer.StatusCode < 200 || answer.StatusCode > 299:
		return nil, statusFault(op, answer, content, c.cfg.Now())
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fail(op, openadr.Truncated, "")
	case err != nil:
		return nil, transportFault(ctx, op, err)
	case len(content) > maxBody:
		return nil, fail(op, openadr.TooLarge, fmt.Sprintf("more than %d bytes", maxBody))
	}
	return content, nil
}

func transportFault(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", op, context.Cause(ctx))
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // the URL is in the configuration
	}
	kind := openadr.Unreachable
	if errors.Is(err, errRedirect) {
		kind = openadr.Redirected
	}
	f := fail(op, kind, err.Error())
	f.cause = err
	return f
}

// statusFault makes the error of an answer that is not 2xx.
func statusFault(op string, answer *http.Response, body []byte, now time.Time) error {
	detail := string(body)
	if strings.HasPrefix(strings.TrimSpace(detail), "<") {
		detail = "a web page"
	}
	f := fail(op, openadr.Unreadable, detail)
	f.fault.Status = answer.StatusCode
	switch code := answer.StatusCode; {
	case code == http.StatusUnauthorized:
		f.fault.Kind = openadr.Unauthorized
	case code == http.StatusForbidden:
		f.fault.Kind = openadr.Forbidden
	case code == http.StatusNotFound: // of an address, not of an event
		f.fault.Kind = openadr.Refused
	case code >= 500, code == http.StatusTooManyRequests:
		f.fault.Kind, f.after = openadr.Unavailable, openadr.RetryAfterOf(answer.Header.Get("Retry-After"), now)
	case code >= 400:
		f.fault.Kind = openadr.Refused
	}
	return f
}

// newID names a request, an opt or a report: unlike any before.
func newID() string { return rand.Text() }
