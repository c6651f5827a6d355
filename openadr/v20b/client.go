package v20b

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hearth/openadr"
)

// Client speaks with a VTN of 2.0b, and answers in the objects of 3.1. It is safe for concurrent use; one
// exchange at a time, so a call may wait for another's network. Its errors are as those of [openadr.Client]:
// [openadr.KindOf] tells them apart, and RetryAfter() how long the VTN asked to be left alone.
type Client struct {
	cfg         Config
	store       Store
	base        *url.URL
	http        *http.Client
	fingerprint string
	every       atomic.Int64 // nanoseconds between polls

	mu           sync.Mutex // guards all that follows, over the network too
	isRestored   bool
	isUnsaved    bool
	isIntroduced bool // since the start or the newest registration, reports were registered and events asked for
	isCanceled   bool // the VTN gave us up; only a person asks again
	polled       time.Time
	know         kept
	owed         map[string]reply // to events, by id
	notes        []error          // of the newest poll, beside those of events
}

// New checks the configuration and reads the certificates; it does not connect.
func New(cfg Config, store Store) (*Client, error) {
	cfg.fill()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, store: store, owed: map[string]reply{}}
	var err error
	if c.base, err = cfg.endpoint(); err != nil {
		return nil, err
	}
	if c.http, c.fingerprint, err = newHTTP(&c.cfg); err != nil {
		return nil, err
	}
	c.every.Store(int64(defaultEvery))
	return c, nil
}

// Close drops idle connections. The client stays usable.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// Fingerprint is that of our certificate, which the VTN's operator wants to know; empty without one.
func (c *Client) Fingerprint() string { return c.fingerprint }

// PollEvery is how often the VTN wants to be asked, as far as it has said. Calls that come earlier are answered
// from what is known; later ones make the home slow to obey.
func (c *Client) PollEvery() time.Duration { return time.Duration(c.every.Load()) }

// Programs lists the market contexts of all events so far, or the VTN as one program while there are none.
func (c *Client) Programs(ctx context.Context, _ openadr.Query) (openadr.List[openadr.Program], error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.sync(ctx); err != nil {
		return openadr.List[openadr.Program]{}, err
	}
	contexts := c.know.Contexts
	if len(contexts) == 0 {
		contexts = []string{c.program("")}
	}
	var list openadr.List[openadr.Program]
	for _, name := range contexts {
		p, err := programOf(name)
		if err != nil {
			return list, err
		}
		list.Items = append(list.Items, p)
	}
	return list, nil
}

// Events lists the events that hold, or will; an error of the exchange leaves them as they were. What could not
// be read of them is among the malformed, even where the rest of the event could.
func (c *Client) Events(ctx context.Context, q openadr.Query) (openadr.List[openadr.Event], error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.sync(ctx); err != nil {
		return openadr.List[openadr.Event]{}, err
	}
	return c.list(q), nil
}

// Event is one event by its id; an error of kind [openadr.NotFound] says that it was withdrawn. It asks nobody:
// in 2.0b there is only the whole list.
func (c *Client) Event(_ context.Context, id string) (openadr.Event, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, isKnown := c.know.Events[id]; isKnown && s.isListed() {
		return s.event()
	}
	return openadr.Event{}, fail("get event "+openadr.OneLine(id), openadr.NotFound, "")
}

// list is what is known. See the package's caveats for what was withdrawn.
func (c *Client) list(q openadr.Query) openadr.List[openadr.Event] {
	var list openadr.List[openadr.Event]
	ids := slices.Sorted(maps.Keys(c.know.Events))
	isIn := func(s slot) bool { return q.ProgramID == "" || q.ProgramID == s.Program }
	for _, id := range ids {
		s := c.know.Events[id]
		if !isIn(s) {
			continue
		}
		if s.isListed() {
			if e, err := s.event(); err == nil {
				list.Items = append(list.Items, e)
			} else {
				list.Malformed = append(list.Malformed, openadr.Malformed{ID: id, Err: err})
			}
		}
		for _, note := range s.said() {
			list.Malformed = append(list.Malformed, openadr.Malformed{ID: id, Err: note})
		}
	}
	if len(list.Items)+len(list.Malformed) == 0 {
		for _, id := range ids {
			if s := c.know.Events[id]; isIn(s) {
				if e, isThere := s.over(); isThere {
					list.Items = append(list.Items, e)
				}
			}
		}
	}
	for _, note := range c.notes {
		list.Malformed = append(list.Malformed, openadr.Malformed{Err: note})
	}
	return list
}
