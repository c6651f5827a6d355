package push

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"hearth/openadr"
)

const (
	// maxBody is for one notification. An event with a year of hours has about 120 kB.
	maxBody = 1 << 20
	// maxEcho is for the challenge, which is a random word.
	maxEcho = 256
)

// Counts is what came to a webhook since it was made.
type Counts struct {
	Heard      uint64 // notifications with our token
	Rejected   uint64 // requests without it
	Unreadable uint64 // bodies that are no notification
	Limited    uint64 // requests and connections of a source that came too often
}

// ServeHTTP answers a VTN: to GET ?echo=x with x (Definition, "Webhooks"), and to a notification with 200. The
// handler may stand in a server of the integrator's, whose limits then hold. Any path will do, for a proxy may
// have changed it.
func (w *Webhook) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if !w.isVTN(r) && !w.sources.take(sourceOf(r)) {
		w.counts.limited.Add(1)
		refuse(rw, http.StatusTooManyRequests)
		return
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		echo(rw, r.URL.Query().Get("echo"))
	case http.MethodPost:
		w.receive(rw, r)
	default:
		rw.Header().Set("Allow", "GET, HEAD, POST")
		refuse(rw, http.StatusMethodNotAllowed)
	}
}

// echo repeats the challenge, as text whatever it holds: our own name must not serve somebody's page.
func echo(rw http.ResponseWriter, challenge string) {
	switch {
	case challenge == "":
		refuse(rw, http.StatusNotFound)
		return
	case len(challenge) > maxEcho:
		refuse(rw, http.StatusBadRequest)
		return
	}
	h := rw.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "no-store")
	_, _ = io.WriteString(rw, challenge) // who has gone needs no answer
}

// receive makes a hint of a notification. Of a stranger's not a byte is read.
func (w *Webhook) receive(rw http.ResponseWriter, r *http.Request) {
	if !w.isVTN(r) {
		w.counts.rejected.Add(1)
		rw.Header().Set("WWW-Authenticate", "Bearer")
		refuse(rw, http.StatusUnauthorized)
		return
	}
	w.sources.forgive(sourceOf(r))
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		w.counts.unreadable.Add(1)
		refuse(rw, http.StatusRequestEntityTooLarge)
	case err != nil || !isNotification(body):
		w.counts.unreadable.Add(1)
		refuse(rw, http.StatusBadRequest)
	default:
		w.counts.heard.Add(1)
		w.parts.Bell.Ring()
		rw.WriteHeader(http.StatusOK)
	}
}

// isVTN says that a request shows our token.
func (w *Webhook) isVTN(r *http.Request) bool {
	shown := r.Header["Authorization"]
	token := w.token.Load()
	if len(shown) != 1 || token == nil {
		return false
	}
	scheme, word, _ := strings.Cut(shown[0], " ")
	return strings.EqualFold(scheme, "Bearer") &&
		subtle.ConstantTimeCompare([]byte(strings.TrimSpace(word)), []byte(*token)) == 1
}

// isNotification says that a body tells of an object: as the Definition has it, or as the bare object that some
// VTNs send. What has changed is asked for, so no more is read of it.
func isNotification(body []byte) bool {
	var n openadr.Notification
	var bare openadr.Metadata
	return json.Unmarshal(body, &n) == nil && n.ObjectType != "" && n.Operation != "" ||
		json.Unmarshal(body, &bare) == nil && bare.ID != ""
}

// refuse ends the connection too: who is wrong once is not worth keeping it.
func refuse(rw http.ResponseWriter, status int) {
	h := rw.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Connection", "close")
	rw.WriteHeader(status)
	_, _ = io.WriteString(rw, http.StatusText(status)+"\n")
}
