package vtn

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/url"
	"slices"

	"hearth/openadr"
)

func (v *VTN) subscriptionDesk() *desk {
	return &desk{
		rack: &v.subscriptions,
		fits: func(x any, r *http.Request) bool {
			o := x.(*openadr.Subscription)
			return asks(r, "clientName", o.ClientName) && asks(r, "programID", o.ProgramID) && v.wants(r, o.Targets) && hasObjects(o, r)
		},
		check:   func(o any, _ *http.Request) *refusal { return v.checkSubscription(o.(*openadr.Subscription)) },
		confirm: func(o any, r *http.Request) *refusal { return v.challengeAll(r.Context(), o.(*openadr.Subscription)) },
	}
}

// hasObjects says that a subscription is to one of the objects that a search names, if it names any.
func hasObjects(o *openadr.Subscription, r *http.Request) bool {
	want := r.URL.Query()["objects"]
	return len(want) == 0 || slices.ContainsFunc(o.ObjectOperations, func(op openadr.ObjectOperation) bool {
		return slices.ContainsFunc(op.Objects, func(kind string) bool { return slices.Contains(want, kind) })
	})
}

// withoutTokens is a copy for answers: who wrote the bearer tokens knows them.
func withoutTokens(o openadr.Subscription) openadr.Subscription {
	o.ObjectOperations = slices.Clone(o.ObjectOperations)
	for i := range o.ObjectOperations {
		o.ObjectOperations[i].BearerToken = ""
	}
	return o
}

func (v *VTN) checkSubscription(o *openadr.Subscription) *refusal {
	switch {
	case !isName(o.ClientName):
		return bad("clientName: want 1 to %d characters", maxName)
	case o.ProgramID == "" && v.cfg.Dialect != openadr.Dialect31, o.ProgramID != "" && !isID(o.ProgramID):
		return bad("programID: not an object id")
	case o.ObjectOperations == nil:
		return bad("objectOperations are missing")
	}
	words := []string{openadr.OperationRead, openadr.OperationCreate, openadr.OperationUpdate, openadr.OperationDelete}
	for _, op := range o.ObjectOperations {
		u, err := url.Parse(op.CallbackURL)
		switch {
		case op.Objects == nil || op.Operations == nil:
			return bad("objectOperations: each wants objects and operations")
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
			return bad("callbackUrl: want for example https://home.example/openadr")
		}
		for _, word := range op.Operations {
			if !slices.Contains(words, word) {
				return bad("operation %.40q: want for example CREATE", word)
			}
		}
	}
	return nil
}

// challengeAll asks each callback whether it wants the notifications.
func (v *VTN) challengeAll(ctx context.Context, o *openadr.Subscription) *refusal {
	for _, op := range o.ObjectOperations {
		if !v.challenge(ctx, op.CallbackURL) {
			return bad("callbackUrl: did not echo the challenge")
		}
	}
	return nil
}

// challenge expects a callback to answer with what it is sent (Definition, "Webhooks"), lest a client has
// notifications sent to somebody else.
func (v *VTN) challenge(ctx context.Context, callback string) bool {
	u, err := url.Parse(callback)
	if err != nil {
		return false
	}
	word, query := rand.Text(), u.Query()
	query.Set("echo", word)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return false
	}
	resp, err := v.hooks.client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(len(word))+1))
	return err == nil && resp.StatusCode == http.StatusOK && isSame(string(body), word) == 1
}

// Subscriptions lists those that clients made, in order, without bearer tokens.
func (v *VTN) Subscriptions() []openadr.Subscription {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := slices.Clone(v.subscriptions.items)
	for i := range out {
		out[i] = withoutTokens(out[i])
	}
	return out
}
