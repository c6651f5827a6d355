package vtn

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"hearth/openadr"
)

// maxCalls bounds the notifications that wait. A notification is a hint, and a client that missed one polls.
const maxCalls = 256

// hooks notifies callbacks, one after the other in the order of the changes.
type hooks struct {
	client *http.Client
	calls  chan call     // nil until the first notification
	stop   func()        // ends the goroutine, and the call it is in
	ended  chan struct{} // closed when it has
	missed int
}

// call is one notification on its way.
type call struct {
	url   string
	token openadr.Secret
	body  []byte
}

func newHooks() hooks {
	return hooks{client: &http.Client{
		Timeout:       10 * time.Second, // Definition, "Webhooks": 10 to 30 s
		Transport:     &http.Transport{DisableKeepAlives: true, TLSHandshakeTimeout: 5 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the token is for the callback only
	}}
}

// tell tells the subscribers and the broker of a change, as far as each may see it. The VTN is locked.
func (v *VTN) tell(operation string, n news) {
	for _, s := range v.subscriptions.items {
		shown, isVisible := n.to(v, s.ClientID, s.Targets)
		if !isVisible || s.ProgramID != "" && s.ProgramID != n.program {
			continue
		}
		for _, op := range s.ObjectOperations {
			if !slices.Contains(op.Objects, n.kind) || !slices.Contains(op.Operations, operation) {
				continue
			}
			if text, err := v.notification(operation, n, shown); err == nil {
				v.call(call{op.CallbackURL, op.BearerToken, text})
			} else {
				v.hooks.missed++
			}
		}
	}
	v.publish(operation, n)
	if v.cfg.Changed != nil {
		v.cfg.Changed()
	}
}

// notification is what callbacks and brokers are sent.
func (v *VTN) notification(operation string, n news, shown openadr.Targets) ([]byte, error) {
	object, err := json.Marshal(n.object(shown))
	if err != nil {
		return nil, err
	}
	out := openadr.Notification{ObjectType: n.kind, Operation: operation, Object: object}
	if n.owner == "" {
		out.Targets = shown
	}
	return v.text(out)
}

// call puts one in the queue, or lets it go where there is no room or the VTN is closed. The VTN is locked.
//
//nolint:contextcheck // notifications outlive the change they tell of, and end with Close
func (v *VTN) call(c call) {
	h := &v.hooks
	if v.isClosed {
		h.missed++
		return
	}
	if h.calls == nil {
		ctx, cancel := context.WithCancel(context.Background())
		h.calls, h.ended, h.stop = make(chan call, maxCalls), make(chan struct{}), cancel
		go v.deliver(ctx, h.calls, h.ended)
	}
	select {
	case h.calls <- c:
	default:
		h.missed++
	}
}

// deliver runs until ctx ends.
func (v *VTN) deliver(ctx context.Context, calls <-chan call, ended chan<- struct{}) {
	defer close(ended)
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-calls:
			if !v.post(ctx, c) {
				v.mu.Lock()
				v.hooks.missed++
				v.mu.Unlock()
			}
		}
	}
}

func (v *VTN) post(ctx context.Context, c call) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(c.body))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+string(c.token))
	}
	resp, err := v.hooks.client.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode/100 == 2
}

// Missed counts the notifications that reached nobody: no room in the queue, no answer, or a refusal. None is
// sent twice.
func (v *VTN) Missed() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.hooks.missed
}
