package openadr

import (
	"context"
	"encoding/json"
	"net/http"
)

// letter is a body on its way. With an err, of making the body, it is refused before it is sent.
type letter struct {
	op   string // for errors: "create report"
	path []string
	body any
	err  error
}

func (c *Client) write(ctx context.Context, method string, l letter) ([]byte, error) {
	var text []byte
	if l.err == nil {
		text, l.err = json.Marshal(l.body)
	}
	if l.err != nil {
		return nil, refusal(l.op, l.err)
	}
	return c.do(ctx, request{op: l.op, method: method, url: c.base.JoinPath(l.path...), body: text})
}

// create reads the object that the VTN made of the letter.
func create[T object](ctx context.Context, c *Client, l letter) (T, error) {
	var none T
	answer, err := c.write(ctx, http.MethodPost, l)
	if err != nil {
		return none, err
	}
	return single[T](l.op, answer, "")
}

// replace puts the letter in the place of the object with the id of item. A VTN that answers 2xx and nothing
// more has done so; then it is the item as it was given.
func replace[T object](ctx context.Context, c *Client, item T, l letter) (T, error) {
	var none T
	id := item.identity().ID
	if !isID(id) {
		return none, refusal(l.op, errNoID)
	}
	l.op, l.path = l.op+" "+id, append(l.path, id)
	answer, err := c.write(ctx, http.MethodPut, l)
	switch {
	case KindOf(err) == Empty:
		return item, nil
	case err != nil:
		return none, err
	}
	return single[T](l.op, answer, id)
}

// Reports lists what was reported on an event under a client name; either may be empty: any.
func (c *Client) Reports(ctx context.Context, eventID, clientName string) (List[Report], error) {
	query := filter("eventID", eventID)
	if clientName != "" {
		query.Set("clientName", clientName)
	}
	list, err := walk[Report](ctx, c, query, "reports")
	return list.only(func(r Report) bool { return fits(eventID, r.EventID) && fits(clientName, r.ClientName) }), err
}

// CreateReport sends a report. After an error that is neither [Refused] nor [Conflict] nor of the
// credentials the VTN may have it all the same: look with [Client.Reports] before sending it again.
func (c *Client) CreateReport(ctx context.Context, r Report) (Report, error) {
	body, err := c.cfg.Dialect.report(r)
	return create[Report](ctx, c, letter{"create report", []string{"reports"}, body, err})
}

// UpdateReport replaces the report with r.ID whole. It may be repeated.
func (c *Client) UpdateReport(ctx context.Context, r Report) (Report, error) {
	body, err := c.cfg.Dialect.report(r)
	return replace(ctx, c, r, letter{"update report", []string{"reports"}, body, err})
}
