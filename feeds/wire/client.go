package wire

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"hearth/feeds"
)

// Limits of a request where the client sets none.
const (
	DefaultTimeout = 30 * time.Second
	DefaultMaxBody = 8 << 20 // a year of quarter hours, told at length, is 4 MB
)

// maxRedirects on the same host; more is a loop.
const maxRedirects = 5

// Client asks one publisher. Its zero value asks without a token. It is safe for concurrent use, and is not
// changed after its first request.
type Client struct {
	HTTP    *http.Client     // nil: one of its own. Where it says nothing of redirects, none to another host is followed.
	Now     func() time.Time // nil: the wall's; needed to understand a Retry-After
	Tokens  *Tokens          // nil: no Authorization is sent but one in Headers
	Timeout time.Duration    // of one request with its answer; zero: DefaultTimeout
	MaxBody int64            // bytes of an answer, unpacked; zero: DefaultMaxBody
	// Headers go with every request; they may hold a key, and are never in an error.
	Headers http.Header
	// Secrets are never in an error, wherever they stand: a key that is part of a path, a password in a body. What
	// stands in a query, a header or a form is hidden anyway.
	Secrets []string
}

// New is a client of the network that is given; the secrets are never in an error.
func New(net feeds.Net, secrets ...string) *Client {
	return &Client{HTTP: net.HTTP, Now: net.Now, Timeout: net.Timeout, Secrets: secrets}
}

// WithTokens is the client with a keeper of tokens. fetch asks for one with the client as it was.
func (c *Client) WithTokens(fetch func(context.Context) (Grant, error)) *Client {
	with := *c
	with.Tokens = NewTokens(fetch, c.Now)
	return &with
}

// JSON asks for a document and decodes it into v, in which numbers should be json.Number or text: prices are exact.
func (c *Client) JSON(ctx context.Context, r Request, v any) error {
	a, err := c.Do(ctx, r)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(a.Body, v); err != nil {
		return c.Hide(r, feeds.Fail(feeds.Temporary, "%s: the answer is not what it should be: %w", r.place(), err))
	}
	return nil
}

// Do asks. A token that is refused is dropped, and the question asked once more with another one. Every error is a
// [feeds.Failure], or wraps that of a context that has ended.
func (c *Client) Do(ctx context.Context, r Request) (Answer, error) {
	if r.URL == nil || r.URL.Host == "" {
		return Answer{}, feeds.Fail(feeds.Misconfigured, "the request has no host")
	}
	a, err := c.ask(ctx, r)
	return a, c.Hide(r, err)
}

func (c *Client) ask(ctx context.Context, r Request) (Answer, error) {
	for isSecond := false; ; isSecond = true {
		header, token := http.Header{}, ""
		if c.Tokens != nil {
			var err error
			if token, err = c.Tokens.Current(ctx); err != nil {
				return Answer{}, err
			}
			header.Set("Authorization", token)
		}
		a, err := c.once(ctx, r, header)
		switch {
		case err != nil:
			return Answer{}, err
		case slices.Contains(r.good(), a.Status):
			return a, r.checkType(a)
		case a.Status == http.StatusUnauthorized && c.Tokens != nil:
			c.Tokens.Drop(token)
			if isSecond {
				return Answer{}, c.refusal(r, a, token)
			}
		default:
			return Answer{}, c.refusal(r, a, token)
		}
	}
}

func (c *Client) once(ctx context.Context, r Request, header http.Header) (Answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, cmp.Or(c.Timeout, DefaultTimeout), errSlow)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL.String(), bytes.NewReader(r.Body))
	if err != nil {
		return Answer{}, feeds.Fail(feeds.Misconfigured, "%s: the request cannot be made", r.place()) // the cause may hold the URL
	}
	if err := c.dress(req, r, header); err != nil {
		return Answer{}, err
	}
	resp, err := c.client().Do(req)
	if err != nil {
		return Answer{}, r.unreachable(ctx, err)
	}
	defer resp.Body.Close()
	most := cmp.Or(c.MaxBody, DefaultMaxBody)
	body, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	switch {
	case err != nil:
		return Answer{}, r.unreachable(ctx, err)
	case int64(len(body)) > most:
		return Answer{}, feeds.Fail(feeds.Temporary, "%s: the answer has more than %d bytes", r.place(), most)
	}
	return Answer{resp.StatusCode, resp.Header, body}, nil
}

// dress sets the headers; what is set later wins.
func (c *Client) dress(req *http.Request, r Request, token http.Header) error {
	req.Header.Set("Accept", strings.Join(r.accepts(), ", "))
	req.Header.Set("User-Agent", "hearth")
	for _, set := range []http.Header{c.Headers, r.Headers, token} {
		for name, values := range set {
			for _, v := range values {
				if strings.ContainsAny(v, "\r\n\x00") { // a key file that ends with an empty line
					return feeds.Fail(feeds.Misconfigured, "%s: header %s holds a line break", r.place(), name)
				}
			}
			req.Header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
		}
	}
	return nil
}

var (
	errSlow     = errors.New("no answer in time")
	errRedirect = errors.New("sends on to another host, which is not followed")
	errLoop     = errors.New("sends on in a circle")
)

// client follows redirects on the same host only: what is asked may hold a key.
func (c *Client) client() *http.Client {
	var own http.Client
	if c.HTTP != nil {
		own = *c.HTTP
	}
	if own.CheckRedirect == nil {
		own.CheckRedirect = func(req *http.Request, via []*http.Request) error {
			switch {
			case req.URL.Host != via[0].URL.Host || req.URL.Scheme != via[0].URL.Scheme:
				return errRedirect
			case len(via) > maxRedirects:
				return errLoop
			}
			return nil
		}
	}
	return &own
}

// unreachable is an error without the URL, which may hold a key.
func (r Request) unreachable(ctx context.Context, err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return &feeds.Failure{Kind: feeds.Temporary, Err: fmt.Errorf("%s: %w", r.place(), err)}
}

// Time is the time by the client's clock.
func (c *Client) Time() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}
