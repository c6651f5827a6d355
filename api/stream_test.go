package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// told is a home the test changes.
type told struct {
	mu   sync.Mutex
	home Home
}

func (h *told) Home() Home {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.home
}

func (h *told) Timeline() Timeline { return Timeline{} }
func (h *told) Sources() []Feed    { return nil }

func (h *told) Energy(time.Time, time.Time) (Energy, error) { return Energy{}, nil }

func (h *told) change(f func(*Home)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(&h.home)
}

// wire is a connection in memory; it remembers the deadline of every write and fails from the given one on.
type wire struct {
	bytes.Buffer
	header    http.Header
	deadline  time.Time
	writes    int
	failsFrom int
	unflushed bool
}

func (w *wire) Header() http.Header { return w.header }
func (w *wire) WriteHeader(int)     {}
func (w *wire) Flush()              { w.unflushed = false }

func (w *wire) SetReadDeadline(t time.Time) error { return nil }

func (w *wire) SetWriteDeadline(t time.Time) error { w.deadline = t; return nil }

func (w *wire) Write(b []byte) (int, error) {
	w.writes++
	if w.failsFrom > 0 && w.writes >= w.failsFrom {
		return 0, errors.New("peer is gone")
	}
	if left := time.Until(w.deadline); left <= 0 || left > eventTime {
		return 0, errors.New("no fresh deadline")
	}
	w.unflushed = true
	return w.Buffer.Write(b)
}

// follow runs a stream in a bubble of its own time, calls during, ends it and returns what was written.
func follow(t *testing.T, home Source, out *wire, during func()) (text string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &stream{out: out, home: home, log: slog.New(slog.DiscardHandler)}
		done := make(chan struct{})
		go func() { defer close(done); s.run(ctx) }()
		synctest.Wait()
		during()
		cancel()
		<-done
	})
	if out.unflushed {
		t.Error("something was written and not flushed")
	}
	return out.String()
}

// pass lets time go by and the stream do what is due by then.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func newWire() *wire { return &wire{header: http.Header{}} }

func events(text string) int { return strings.Count(text, "event: home\n") }

func TestStream_SendsTheHomeAtOnceAndThenOnlyWhatChanged(t *testing.T) {
	home, out := &told{home: sampleHome(noon())}, newWire()
	text := follow(t, home, out, func() {
		if events(out.String()) != 1 {
			t.Errorf("at first: %q", out.String())
		}
		pass(10 * lookTime)
		if events(out.String()) != 1 {
			t.Error("an unchanged home was sent again")
		}
		home.change(func(h *Home) { h.Revision = 8; h.Grid = nil })
		pass(lookTime)
		home.change(func(h *Home) { h.Health = nil })
		pass(lookTime)
	})
	if events(text) != 3 {
		t.Errorf("%d events, want 3", events(text))
	}
	last := text[strings.LastIndex(text, "id: "):]
	data, isFound := strings.CutPrefix(last, "id: 8\nevent: home\ndata: ")
	var got Home
	if err := json.Unmarshal([]byte(data), &got); err != nil || !isFound {
		t.Fatalf("last event %q: %v", last, err)
	}
	if got.Grid != nil || got.Health != nil || got.Name != "Linden Street 4" {
		t.Errorf("the last event is not the home: %+v", got)
	}
}

func TestStream_TheClockAloneIsNewsOnceAMinute(t *testing.T) {
	home, out := &told{home: sampleHome(noon())}, newWire()
	text := follow(t, home, out, func() {
		for range 180 {
			pass(time.Second)
			home.change(func(h *Home) { h.Now = h.Now.Add(time.Second) })
		}
		pass(time.Second)
	})
	if events(text) != 4 {
		t.Errorf("%d events in three minutes, want 4", events(text))
	}
}

func TestStream_BreaksSilenceWithAComment(t *testing.T) {
	out := newWire()
	text := follow(t, sampleNoon(), out, func() { pass(2*beatTime + lookTime) })
	if events(text) != 1 || strings.Count(text, "\n\n: ") != 2 {
		t.Errorf("got %d events and %d comments", events(text), strings.Count(text, "\n\n: "))
	}
}

func TestStream_EndsWhenTheReaderIsGone(t *testing.T) {
	out := newWire()
	out.failsFrom = 2
	synctest.Test(t, func(t *testing.T) {
		s := &stream{out: out, home: sampleNoon(), log: slog.New(slog.DiscardHandler)}
		s.run(t.Context()) // returns by itself, at the first comment
	})
	if out.writes != 2 {
		t.Errorf("%d writes, want 2", out.writes)
	}
}

func TestStream_TextFromOutsideStaysInsideItsEvent(t *testing.T) {
	source := sampleNoon()
	source.home.Name = "a\n\nevent: home\ndata: {}\r\n\u2028b"
	text := follow(t, source, newWire(), func() {})
	if events(text) != 1 || strings.Count(text, "\n") != 4 {
		t.Errorf("got %q", text)
	}
}

func TestStream_TheSeventeenthPageIsToldToComeBackAndFreesItsPlace(t *testing.T) {
	server := httptest.NewServer(New(Options{Home: sampleNoon()}))
	defer server.Close()
	var open []io.Closer
	for range maxStreams {
		answer := openStream(t, server)
		if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/event-stream" {
			t.Fatalf("got %d %s", answer.StatusCode, answer.Header.Get("Content-Type"))
		}
		open = append(open, answer.Body)
	}
	late := openStream(t, server)
	if late.StatusCode != 503 || late.Header.Get("Retry-After") == "" || late.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %d %v", late.StatusCode, late.Header)
	}
	_ = late.Body.Close()
	_ = open[0].Close()
	for deadline := time.Now().Add(5 * time.Second); ; {
		answer := openStream(t, server)
		_ = answer.Body.Close()
		if answer.StatusCode == 200 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the place was not freed")
		}
	}
	for _, body := range open[1:] {
		_ = body.Close()
	}
}

func TestStream_HeadEndsAtOnce(t *testing.T) {
	if w := ask(New(Options{Home: sampleNoon()}), http.MethodHead, "/api/v1/stream"); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
}

func openStream(t *testing.T, server *httptest.Server) *http.Response {
	t.Helper()
	answer, err := server.Client().Get(server.URL + "/api/v1/stream")
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode == http.StatusOK {
		if line, err := bufio.NewReader(answer.Body).ReadString('\n'); err != nil || !strings.HasPrefix(line, "id: ") {
			t.Fatalf("first line %q: %v", line, err)
		}
	}
	return answer
}
