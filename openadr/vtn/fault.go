package vtn

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Fault is a way to misbehave.
type Fault string

// The faults. Those that need an answer to spoil take the one the VTN would have given.
const (
	HTML         Fault = "html"      // a web page, with status 200
	Empty        Fault = "empty"     // status 200 and no body
	HalfPage     Fault = "half page" // the connection ends in the middle of the body
	NothingThere Fault = "nothing"   // an empty list
	Huge         Fault = "huge"      // 20 MB of valid JSON
	Words        Fault = "words"     // values are words where numbers belong
	NoAccess     Fault = "no access" // 401, whatever the token
	Broken       Fault = "broken"    // 500
	Busy         Fault = "busy"      // 503 with Retry-After: 120
	TooMany      Fault = "too many"  // 429 with Retry-After: 30
	Silent       Fault = "silent"    // no answer until the client gives up
	Slow         Fault = "slow"      // the answer, after two seconds
	Reordered    Fault = "reordered" // lists in another order each time
)

type fault struct {
	kind Fault
	on   func(*http.Request) bool // nil: no fault
}

// Break makes the VTN misbehave on the requests that on picks, nil for all but those to /auth/, until
// [VTN.Heal] or the next Break.
func (v *VTN) Break(kind Fault, on func(*http.Request) bool) {
	if on == nil {
		on = func(r *http.Request) bool { return !strings.HasPrefix(r.URL.Path, "/auth/") }
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.fault = fault{kind, on}
}

// Heal ends the misbehaviour.
func (v *VTN) Heal() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.fault = fault{}
}

var anyValues = regexp.MustCompile(`"values":\[[^\]]*\]`)

func (f Fault) serve(w http.ResponseWriter, r *http.Request, good http.Handler) {
	switch f {
	case HTML:
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!DOCTYPE html><html><body>Please log in to the guest network.</body></html>")
	case Empty:
		w.WriteHeader(http.StatusOK)
	case HalfPage:
		rec := record(r, good)
		rec.header.Set("Content-Length", strconv.Itoa(rec.body.Len()))
		rec.body.Truncate(rec.body.Len() / 2)
		rec.send(w)
		_ = http.NewResponseController(w).Flush() // so that half of it is sent before the end
		panic(http.ErrAbortHandler)
	case NothingThere:
		answer(w, []struct{}{})
	case Huge:
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `[{"id":"huge","programID":"p","eventName":"`)
		for range 20 {
			_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<20))
		}
		_, _ = io.WriteString(w, `"}]`)
	case Words:
		rec := record(r, good)
		spoiled := anyValues.ReplaceAll(rec.body.Bytes(), []byte(`"values":["cheap"]`))
		rec.body = *bytes.NewBuffer(spoiled)
		rec.send(w)
	case NoAccess:
		problem(w, http.StatusUnauthorized, "token rejected")
	case Broken:
		problem(w, http.StatusInternalServerError, "the database is away")
	case Busy:
		w.Header().Set("Retry-After", "120")
		problem(w, http.StatusServiceUnavailable, "too many homes at once")
	case TooMany:
		w.Header().Set("Retry-After", "30")
		problem(w, http.StatusTooManyRequests, "too many requests")
	case Silent:
		_, _ = io.Copy(io.Discard, r.Body) // who has not read it does not see the client go
		<-r.Context().Done()
	case Slow:
		select {
		case <-time.After(2 * time.Second):
			good.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	case Reordered:
		rec := record(r, good)
		rec.shuffle()
		rec.send(w)
	}
}

// recorder holds an answer back, to be spoiled.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func record(r *http.Request, h http.Handler) *recorder {
	rec := &recorder{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(rec, r)
	return rec
}

func (rec *recorder) Header() http.Header         { return rec.header }
func (rec *recorder) WriteHeader(status int)      { rec.status = status }
func (rec *recorder) Write(b []byte) (int, error) { return rec.body.Write(b) }

// shuffle puts a list into another order; what is no list stays.
func (rec *recorder) shuffle() {
	var list []json.RawMessage
	if json.Unmarshal(rec.body.Bytes(), &list) != nil {
		return
	}
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	if text, err := json.Marshal(list); err == nil {
		rec.body = *bytes.NewBuffer(text)
	}
}

func (rec *recorder) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), rec.header)
	w.WriteHeader(rec.status)
	_, _ = w.Write(rec.body.Bytes())
}
