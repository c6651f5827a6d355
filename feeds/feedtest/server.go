package feedtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// server plays a recording.
type server struct {
	*httptest.Server
	answers []Exchange

	mu        sync.Mutex
	disturb   disturbance // of the answers that are no tokens
	isLenient bool        // any question gets some answer
	asked     int         // questions that are not for a token
	tokens    int         // answered
}

// disturbance does something else than to answer; false: it did nothing.
type disturbance func(w http.ResponseWriter, r *http.Request, e Exchange, count int) bool

func play(answers []Exchange) *server {
	s := &server{answers: answers}
	s.Server = httptest.NewServer(s)
	return s
}

// ServeHTTP answers as recorded, or as disturbed.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	e, isKnown := s.find(r)
	if isKnown && e.Token {
		s.tokens++
	} else {
		s.asked++
	}
	disturb, count := s.disturb, s.asked
	s.mu.Unlock()
	if !isKnown {
		http.Error(w, "the recording knows no such question", http.StatusNotFound)
		return
	}
	if !e.Token && disturb != nil && disturb(w, r, e, count) {
		return
	}
	e.head(w)
	fmt.Fprint(w, e.Body)
}

// head writes everything but the body.
func (e Exchange) head(w http.ResponseWriter) {
	kind := e.Type
	if kind == "" {
		kind = "application/json"
	}
	w.Header().Set("Content-Type", kind)
	if e.Status != 0 {
		w.WriteHeader(e.Status)
	}
}

// find is the answer to a question; a lenient server gives any one of the method.
func (s *server) find(r *http.Request) (Exchange, bool) {
	for _, e := range s.answers {
		if e.isMethod(r) && e.Path == r.URL.Path && e.fits(r) {
			return e, true
		}
	}
	if s.isLenient {
		for _, e := range s.answers {
			if !e.Token && e.isMethod(r) {
				return e, true
			}
		}
	}
	return Exchange{}, false
}

func (e Exchange) isMethod(r *http.Request) bool {
	return e.Method == r.Method || e.Method == "" && r.Method == http.MethodGet
}

func (e Exchange) fits(r *http.Request) bool {
	for name, value := range e.Query {
		if r.URL.Query().Get(name) != value {
			return false
		}
	}
	return true
}

// set changes how the server behaves from now on, and forgets its counts.
func (s *server) set(d disturbance, isLenient bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.disturb, s.isLenient, s.asked, s.tokens = d, isLenient, 0, 0
}

// replace changes the body of an answer.
func (s *server) replace(i int, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[i].Body = body
}

func (s *server) counts() (asked, tokens int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked, s.tokens
}

func always(status int, kind, body string, headers ...string) disturbance {
	return func(w http.ResponseWriter, _ *http.Request, _ Exchange, _ int) bool {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		Exchange{Status: status, Type: kind}.head(w)
		fmt.Fprint(w, body)
		return true
	}
}

// halt does not answer until the client has given up.
func halt(_ http.ResponseWriter, r *http.Request, _ Exchange, _ int) bool {
	_, _ = io.Copy(io.Discard, r.Body) // only then a client that is gone is noticed
	select {
	case <-r.Context().Done():
	case <-time.After(10 * time.Second):
	}
	return true
}

// cutByConnection ends in the middle of what was announced.
func cutByConnection(w http.ResponseWriter, _ *http.Request, e Exchange, _ int) bool {
	w.Header().Set("Content-Length", strconv.Itoa(len(e.Body)+1))
	e.head(w)
	fmt.Fprint(w, e.Body[:len(e.Body)/2])
	return true
}

// cutByServer sends half of a body as if it were whole.
func cutByServer(w http.ResponseWriter, _ *http.Request, e Exchange, _ int) bool {
	e.head(w)
	fmt.Fprint(w, e.Body[:len(e.Body)/2])
	return true
}

// refuse repeats what it was sent, as some servers do.
func refuse(w http.ResponseWriter, r *http.Request, _ Exchange, _ int) bool {
	Exchange{Status: http.StatusUnauthorized, Type: "application/problem+json"}.head(w)
	_ = json.NewEncoder(w).Encode(map[string]string{"detail": sent(r)})
	return true
}

// echo refuses inside of an answer of status 200, in all the words that publishers have for it.
func echo(w http.ResponseWriter, r *http.Request, _ Exchange, _ int) bool {
	Exchange{}.head(w)
	const code = http.StatusBadRequest
	text := sent(r)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"status": code, "code": code, "error": text, "message": text, "detail": text, "title": text, "description": text,
		"errors": []map[string]any{{"message": text, "detail": text, "code": code}},
		"meta":   map[string]any{"code": code, "requestURL": text, "response": text, "message": text},
	})
	return true
}

// only disturbs the n-th question.
func only(n int, d disturbance) disturbance {
	return func(w http.ResponseWriter, r *http.Request, e Exchange, count int) bool {
		return count == n && d(w, r, e, count)
	}
}

// sent is a question, in one line: what may be secret comes first, since sources cut what is long.
func sent(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	header := r.Header.Clone()
	for _, name := range []string{"Accept", "Accept-Encoding", "Content-Length", "Content-Type", "User-Agent"} {
		header.Del(name)
	}
	return fmt.Sprintf("no: %v %s %s", header, r.URL, body)
}
