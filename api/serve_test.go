package api

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// serve runs a server on a free port until the test or stop ends it.
func serve(t *testing.T, h http.Handler, adjust func(*http.Server)) (address string, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	server := newServer(ctx, h, slog.New(slog.DiscardHandler))
	if adjust != nil {
		adjust(server)
	}
	go func() { done <- run(ctx, server, l) }()
	stop = func() error { cancel(); return <-done }
	t.Cleanup(cancel)
	return l.Addr().String(), stop
}

func dial(t *testing.T, address, request string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	return c
}

const streamRequest = "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"

func TestServe_EndsStreamsAndReturnsNilWhenTheContextEnds(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, New(Options{Home: sampleNoon()}), nil) }()
	c := dial(t, l.Addr().String(), streamRequest)
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Fatalf("%q %v", line, err)
	}
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(stopTime):
		t.Error("an open stream held the stop up")
	}
	if _, err := io.ReadAll(c); err != nil {
		t.Errorf("the stream was cut, not ended: %v", err)
	}
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("the listener is still open")
	}
}

func TestServe_SaysWhenTheListenerFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	err = Serve(t.Context(), l, http.NotFoundHandler(), nil)
	if err == nil || !strings.HasPrefix(err.Error(), "serve 127.0.0.1:") {
		t.Errorf("got %v", err)
	}
}

func TestServe_AnswersWhileTwoHundredConnectionsDawdle(t *testing.T) {
	address, stop := serve(t, New(Options{Home: sampleNoon()}), func(s *http.Server) { s.ReadHeaderTimeout = 300 * time.Millisecond })
	var slow []net.Conn
	for range 200 {
		slow = append(slow, dial(t, address, "GET /healthz HTTP/1.1\r\nHost: local"))
	}
	fine := dial(t, address, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	if answer, err := io.ReadAll(fine); err != nil || !strings.HasSuffix(string(answer), "\r\n\r\nok\n") {
		t.Errorf("got %q %v", answer, err)
	}
	for _, c := range slow { // each is dropped, without an answer or with a refusal
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := io.ReadAll(c); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Fatal("a connection that never finished its request is still open")
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestServe_RefusesHeadersWithoutEnd(t *testing.T) {
	address, stop := serve(t, New(Options{Home: sampleNoon()}), nil)
	c := dial(t, address, "GET / HTTP/1.1\r\nHost: localhost\r\nX: "+strings.Repeat("a", 64<<10)+"\r\n\r\n")
	line, err := bufio.NewReader(c).ReadString('\n')
	if err == nil && !strings.Contains(line, "431") {
		t.Errorf("got %q", line)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestServe_TheReadTimeoutDoesNotEndAStream(t *testing.T) {
	home := &told{home: sampleHome(noon())}
	timeout := 200 * time.Millisecond
	address, stop := serve(t, New(Options{Home: home}), func(s *http.Server) { s.ReadTimeout = timeout })
	lines := bufio.NewScanner(dial(t, address, streamRequest))
	lines.Buffer(nil, 1<<20)
	seen := 0
	for seen < 3 && lines.Scan() { // the third event comes two looks, ten timeouts, after the first
		if strings.HasPrefix(lines.Text(), "event: home") {
			seen++
			home.change(func(h *Home) { h.Revision++ })
		}
	}
	if seen != 3 {
		t.Errorf("the stream ended after %d events: %v", seen, lines.Err())
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
