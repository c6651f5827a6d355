package openadr

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Client speaks with a VTN, in the dialect of its configuration and always in the objects of 3.1. It is safe
// for concurrent use. Every error of its methods is an [*Error], except the cause of a context that ended.
type Client struct {
	cfg    Config
	base   *url.URL
	http   *http.Client
	tokens *tokens // nil: anonymous

	circuit   *circuit
	isPatient bool
}

// New checks the configuration; it does not connect.
func New(cfg Config) (*Client, error) {
	cfg.fill()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	base, err := cfg.endpoint("vtn url", cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	if base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("vtn url %q: must end with a path", cfg.BaseURL)
	}
	c := &Client{cfg: cfg, base: base, circuit: newCircuit()}
	if c.http, err = newHTTP(&c.cfg); err != nil {
		return nil, err
	}
	if cfg.ClientID == "" {
		if cfg.ClientSecret != "" || cfg.TokenURL != "" {
			return nil, errors.New("vtn: a client secret or token url without a client id")
		}
		return c, nil
	}
	c.tokens = &tokens{client: c}
	if cfg.TokenURL != "" {
		if c.tokens.fixed, err = cfg.endpoint("token url", cfg.TokenURL); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Close drops idle connections. The client stays usable.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// Query narrows a list. The zero value asks for everything the credentials may see.
type Query struct {
	ProgramID string   // of events only
	Targets   []string // in 3.0 of one type: see [Targets]

	// IsWanted says which programs to keep of those that the VTN lists; nil: all. VTNs with thousands have no filter
	// by name. It is asked page by page, perhaps twice for one program, and what it does not want is not held.
	IsWanted func(Program) bool
}

// Programs lists every program that fits, or fails: half a list is no list.
func (c *Client) Programs(ctx context.Context, q Query) (List[Program], error) {
	return search(ctx, c, "programs", newCollector(q.IsWanted), q)
}

// Events lists every event that fits, or fails: half a list is no list.
func (c *Client) Events(ctx context.Context, q Query) (List[Event], error) {
	return search(ctx, c, "events", newCollector[Event](nil), q)
}

func search[T object](ctx context.Context, c *Client, path string, into *collector[T], q Query) (List[T], error) {
	values, err := c.cfg.Dialect.query(q)
	if err != nil {
		return List[T]{}, refusal("get "+path, err)
	}
	return into.walk(ctx, c, values, path)
}

// Program is one program by its id.
func (c *Client) Program(ctx context.Context, id string) (Program, error) {
	return one[Program](ctx, c, "programs", id)
}

// Event is one event by its id; an error of kind [NotFound] says that it was withdrawn.
func (c *Client) Event(ctx context.Context, id string) (Event, error) {
	return one[Event](ctx, c, "events", id)
}

func one[T object](ctx context.Context, c *Client, path, id string) (T, error) {
	var none T
	r := request{op: "get " + path + " " + OneLine(id), method: http.MethodGet, url: c.base.JoinPath(path, id)}
	if !isID(id) {
		return none, refusal(r.op, errNoID)
	}
	body, err := c.do(ctx, r)
	if err != nil {
		return none, err
	}
	return single[T](r.op, body, id)
}

// single reads an answer that is one object, with the id, or with any if that is empty.
func single[T object](op string, body []byte, id string) (T, error) {
	var none, item T
	list, err := elements(body) // 3.0.0 answers with an array of one
	if err != nil || len(list) != 1 {
		return none, shapeError(op, errors.Join(err, fmt.Errorf("%d objects", len(list))))
	}
	if err := json.Unmarshal(list[0], &item); err != nil {
		return none, shapeError(op, err)
	}
	switch meta := item.identity(); {
	case meta.check() != nil:
		return none, shapeError(op, meta.check())
	case id != "" && meta.ID != id:
		return none, shapeError(op, fmt.Errorf("the answer has the id %q", meta.ID))
	}
	return item, nil
}

var errNoID = errors.New("not an object id")

// isID says that the text fits the schema's objectID, and so needs no escaping in a path.
func isID(s string) bool {
	const legal = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	return s != "" && len(s) <= maxID && strings.Trim(s, legal) == ""
}

// request is one exchange with the VTN, repeatable.
type request struct {
	op     string // for errors: "get events"
	method string
	url    *url.URL
	body   []byte // JSON; nil: none

	isAnswerIdle bool // whatever a 2xx answer holds, it is not read
}

// do exchanges JSON with the current token. When the VTN rejects that one it gets a fresh one and tries once
// more, for tokens may be revoked before they expire; a request that was refused so has changed nothing.
// Nothing else is tried again: whether a write that failed otherwise was done, only a look can tell.
func (c *Client) do(ctx context.Context, r request) ([]byte, error) {
	if err := c.hold(r.op); err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		token, err := c.tokens.current(ctx)
		if err != nil {
			return nil, err
		}
		body, err := c.once(ctx, r, token)
		if KindOf(err) != Unauthorized || c.tokens == nil {
			return body, err
		}
		c.tokens.drop(token)
		if attempt == 2 {
			return nil, err
		}
	}
}

func (c *Client) once(ctx context.Context, r request, token string) ([]byte, error) {
	var content io.Reader
	if r.body != nil {
		content = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, r.url.String(), content)
	if err != nil {
		return nil, refusal(r.op, err)
	}
	req.Header.Set("Accept", "application/json")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	body, status, err := c.send(r.op, req)
	if err != nil || r.isAnswerIdle {
		return nil, hide(err, Secret(token))
	}
	return body, bodyError(r.op, status, body)
}

// send returns the body of a 2xx answer, whatever it holds.
func (c *Client) send(op string, req *http.Request) (body []byte, status int, err error) {
	defer func() { c.circuit.note(err) }()
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, 0, c.transportError(req.Context(), op, err)
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, c.cfg.MaxBody+1))
	isGood := resp.StatusCode >= 200 && resp.StatusCode < 300
	switch {
	case !isGood: // half an error text is as good as a whole one
		return nil, 0, statusError(op, resp, body, c.cfg.Now())
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, 0, &Error{Op: op, Kind: Truncated, Status: resp.StatusCode, cause: err}
	case err != nil:
		return nil, 0, c.transportError(req.Context(), op, err)
	case int64(len(body)) > c.cfg.MaxBody:
		detail := fmt.Sprintf("more than %d bytes", c.cfg.MaxBody)
		return nil, 0, &Error{Op: op, Kind: TooLarge, Status: resp.StatusCode, Detail: detail}
	}
	return body, resp.StatusCode, nil
}

func (c *Client) transportError(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", op, context.Cause(ctx))
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // the URL is in the configuration; the operation is ours
	}
	kind := Unreachable
	if errors.Is(err, errRedirect) {
		kind = Redirected
	}
	return &Error{Op: op, Kind: kind, Detail: OneLine(c.cfg.explain(err)), cause: err}
}
