package openadr

import (
	"context"
	"encoding/json"
	"net/http"
)

// Subscription asks for notifications at a callback. It has no Raw text, which would hold the bearer token.
type Subscription struct {
	Metadata
	ClientName       string            `json:"clientName"`
	ClientID         string            `json:"clientID,omitempty"`
	ProgramID        string            `json:"programID,omitempty"` // required in 3.0
	ObjectOperations []ObjectOperation `json:"objectOperations"`
	Targets          Targets           `json:"targets,omitempty"`
}

// ObjectOperation is what is notified, and where to.
type ObjectOperation struct {
	Objects     []string `json:"objects"`    // "EVENT"
	Operations  []string `json:"operations"` // in the words of 3.1: "CREATE"
	CallbackURL string   `json:"callbackUrl"`
	BearerToken Secret   `json:"bearerToken,omitempty"` // that the VTN shows when it calls; marshalled as "[redacted]"
}

// UnmarshalJSON reads the operations of any dialect.
func (o *ObjectOperation) UnmarshalJSON(b []byte) error {
	type plain ObjectOperation // without this method
	var p plain
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	for i, word := range p.Operations {
		p.Operations[i] = operationOf(word)
	}
	*o = ObjectOperation(p)
	return nil
}

// Subscriptions lists the subscriptions under a client name, or with an empty one all that we may see.
func (c *Client) Subscriptions(ctx context.Context, clientName string) (List[Subscription], error) {
	list, err := walk[Subscription](ctx, c, filter("clientName", clientName), "subscriptions")
	return list.only(func(s Subscription) bool { return fits(clientName, s.ClientName) }), err
}

// CreateSubscription subscribes. A VTN takes the same subscription twice, and then notifies twice: look at
// [Client.Subscriptions] first.
func (c *Client) CreateSubscription(ctx context.Context, s Subscription) (Subscription, error) {
	body, err := c.cfg.Dialect.subscription(s)
	got, err := create[Subscription](ctx, c, letter{"create subscription", []string{"subscriptions"}, body, err})
	for _, o := range s.ObjectOperations {
		err = hide(err, o.BearerToken)
	}
	return got, err
}

// DeleteSubscription ends one; [NotFound] says that it had ended before.
func (c *Client) DeleteSubscription(ctx context.Context, id string) error {
	op := "delete subscription " + OneLine(id)
	if !isID(id) {
		return refusal(op, errNoID)
	}
	_, err := c.do(ctx, request{op: op, method: http.MethodDelete, url: c.base.JoinPath("subscriptions", id), isAnswerIdle: true})
	return err
}

// Notification is what a VTN sends to a callback or a broker when an object was changed.
type Notification struct {
	ObjectType string          `json:"objectType"`
	Operation  string          `json:"operation"` // in the words of 3.1
	Object     json.RawMessage `json:"object"`    // to be asked for rather than trusted
	Targets    Targets         `json:"targets,omitempty"`
}

// UnmarshalJSON reads the operation of any dialect.
func (n *Notification) UnmarshalJSON(b []byte) error {
	type plain Notification // without this method
	var p plain
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	p.Operation = operationOf(p.Operation)
	*n = Notification(p)
	return nil
}

// ID is that of the object; empty if it cannot be read.
func (n Notification) ID() string { return idOf(n.Object) }
