package v20b

import (
	"context"
	"maps"
	"slices"
	"time"

	"hearth/energy"
	"hearth/openadr"
)

const (
	optIn  = "optIn"
	optOut = "optOut"
)

// reply is what is owed to a version of an event.
type reply struct {
	id                string
	modification      uint32
	request           string
	code, description string
	opt               string
}

// optOf is what the resident says to an event.
func (c *Client) optOf(id string) string {
	if c.cfg.OptOut != nil && c.cfg.OptOut(id) {
		return optOut
	}
	return optIn
}

// reply sends what is owed (oadrCreatedEvent). It is owed until it got through; a VTN that refuses it will not
// want it a second time.
func (c *Client) reply(ctx context.Context) error {
	if len(c.owed) == 0 {
		return nil
	}
	var responses []markup
	for _, id := range slices.Sorted(maps.Keys(c.owed)) {
		r := c.owed[id]
		responses = append(responses, el("ei:eventResponse", text("ei:responseCode", r.code),
			text("ei:responseDescription", r.description), text("pyld:requestID", r.request),
			el("ei:qualifiedEventID", text("ei:eventID", r.id), text("ei:modificationNumber", number(r.modification))),
			text("ei:optType", r.opt)))
	}
	_, err := c.exchange(ctx, serviceEvent, "oadrCreatedEvent", el("pyld:eiCreatedEvent",
		fine(""), el("ei:eventResponses", responses...), text("ei:venID", c.know.VENID)))
	switch {
	case err == nil:
	case openadr.KindOf(err) == openadr.Refused:
		c.notes = append(c.notes, err)
	default:
		return err
	}
	for id, r := range c.owed {
		if s, isKnown := c.know.Events[id]; isKnown && s.Modification == r.modification && (s.Told != r.opt || s.Request != r.request) {
			s.Told, s.Request = r.opt, r.request
			c.know.Events[id] = s
			c.isUnsaved = true
		}
	}
	clear(c.owed)
	return nil
}

// reconsider finds the events that the resident thinks otherwise of than the VTN was told.
func (c *Client) reconsider() {
	for id, s := range c.know.Events {
		if !s.isListed() || s.Told == "" || s.Fault != "" || s.IsUseless {
			continue
		}
		if opt := c.optOf(id); opt != s.Told {
			c.owed[id] = reply{id, s.Modification, s.Request, codeOK, "OK", opt}
		}
	}
}

// Opt is a time for which the resident takes part in events, or does not, whatever they will be (EiOpt).
type Opt struct {
	ID      string // empty: a new one is made
	IsIn    bool
	Reason  string // "economic", "emergency", "mustRun", "notParticipating", "participating"...; empty: by IsIn
	Context string // market context; empty: all
	Spans   []energy.Interval
}

// Opt tells the VTN (oadrCreateOpt). It returns the id, for [Client.CancelOpt].
func (c *Client) Opt(ctx context.Context, o Opt) (id string, err error) {
	const name = "oadrCreateOpt"
	if len(o.Spans) == 0 || slices.ContainsFunc(o.Spans, energy.Interval.IsEmpty) {
		return "", fail("post "+name, openadr.Refused, "no time, or an empty one")
	}
	if o.ID == "" {
		o.ID = newID()
	}
	kind, reason := optOut, "notParticipating"
	if o.IsIn {
		kind, reason = optIn, "participating"
	}
	if o.Reason != "" {
		reason = o.Reason
	}
	var spans []markup
	for _, s := range o.Spans {
		spans = append(spans, el("xcal:available", properties(s.Start, s.Length())))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.ready(); err != nil {
		return "", err
	}
	_, err = c.exchange(ctx, serviceOpt, name, text("ei:optID", o.ID), text("ei:optType", kind), text("ei:optReason", reason),
		optional("emix:marketContext", o.Context), text("ei:venID", c.know.VENID),
		el("xcal:vavailability", el("xcal:components", spans...)), instant("ei:createdDateTime", c.cfg.Now()),
		text("pyld:requestID", newID()), el("ei:eiTarget", text("ei:venID", c.know.VENID)))
	return o.ID, known(name, err)
}

// CancelOpt takes an [Opt] back (oadrCancelOpt).
func (c *Client) CancelOpt(ctx context.Context, id string) error {
	const name = "oadrCancelOpt"
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.ready(); err != nil {
		return err
	}
	_, err := c.exchange(ctx, serviceOpt, name, text("pyld:requestID", newID()), text("ei:optID", id), text("ei:venID", c.know.VENID))
	return known(name, err)
}

// ready says why there is nobody yet to speak for.
func (c *Client) ready() error {
	if err := c.restore(); err != nil {
		return err
	}
	if c.know.RegistrationID == "" {
		return fail("opt", openadr.Unauthorized, "not registered")
	}
	return nil
}

func properties(start time.Time, length time.Duration) markup {
	return el("xcal:properties", el("xcal:dtstart", instant("xcal:date-time", start)), lasting(length))
}

func lasting(length time.Duration) markup {
	return el("xcal:duration", text("xcal:duration", openadr.DurationOf(length).String()))
}
