package api

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

const (
	// writeTime bounds how long a reader may take to accept one answer. The largest, the page's script, is
	// some 100 kB.
	writeTime = 15 * time.Second

	// policy lets the page load what this server serves and nothing else; no inline script or style, no
	// frame around it, nowhere to send a form.
	policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

// protect is what every request passes first: whatever route is added later is behind it too.
func protect(next http.Handler, o Options) http.Handler {
	names := make(map[string]bool, len(o.Hosts))
	for _, name := range o.Hosts {
		names[strings.ToLower(strings.TrimSuffix(name, "."))] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if !isOurs(r.Host, names) {
			writeProblem(w, http.StatusMisdirectedRequest,
				"this name is not known to be ours: use the address, or add the name to the configuration")
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			writeProblem(w, http.StatusMethodNotAllowed, "everything here is read only")
			return
		}
		// The server sets no write timeout because the stream must outlive it; each answer sets its own.
		// A writer without deadlines (a test's recorder) has no peer that could be slow.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTime))
		out := &started{ResponseWriter: w}
		defer func() {
			fault := recover()
			if fault == nil {
				return
			}
			err, _ := fault.(error)
			isAbort := errors.Is(err, http.ErrAbortHandler)
			if !isAbort {
				o.Log.Error("answer request", "path", r.URL.Path, "err", fault)
			}
			if out.is || isAbort {
				panic(http.ErrAbortHandler) // half an answer: cut it off, so that nobody takes it for a whole one
			}
			writeProblem(w, http.StatusInternalServerError, "the answer could not be made; the log says why")
		}()
		next.ServeHTTP(out, r)
	})
}

// started knows whether any of the answer is on its way.
type started struct {
	http.ResponseWriter
	is bool
}

func (s *started) WriteHeader(status int) {
	s.is = true
	s.ResponseWriter.WriteHeader(status)
}

func (s *started) Write(b []byte) (int, error) {
	s.is = true
	return s.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach deadlines and flushing.
func (s *started) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// isOurs says that the Host header names this machine in a way no foreign web site can. A site that
// points its own name at our address (DNS rebinding) is the same origin to the browser, so nothing else
// would stop it from reading the home.
func isOurs(host string, names map[string]bool) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	// .local is resolved by multicast on the own network (RFC 6762 section 3), never by a public server.
	isLocal := strings.HasSuffix(host, ".local") && host != ".local"
	return host == "localhost" || isLocal || names[host]
}
