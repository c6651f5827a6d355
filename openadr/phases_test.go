package openadr_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hearth/openadr"
)

// serveRaw hands every connection to a function, and ends them all with the test.
func serveRaw(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var (
		mu    sync.Mutex
		conns []net.Conn
		all   sync.WaitGroup
	)
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			all.Go(func() {
				defer conn.Close()
				talk(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		mu.Lock()
		for _, c := range conns {
			_ = c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return "http://" + listener.Addr().String()
}

// after reads a request, says something, and then nothing more.
func after(said string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			_, _ = io.WriteString(conn, said)
		}
		_, _ = io.Copy(io.Discard, conn)
	}
}

// drop says one byte at a time, slowly and for ever.
func drop(conn net.Conn) {
	_, err := http.ReadRequest(bufio.NewReader(conn))
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n[")
	for tick := time.NewTicker(5 * time.Millisecond); err == nil; <-tick.C {
		_, err = io.WriteString(conn, " ")
	}
}

const (
	brief = 60 * time.Millisecond
	ample = time.Minute // a phase that has this is not the one that ends the request
)

func TestClient_WaitsForNoPhaseLongerThanItMay(t *testing.T) {
	silent := func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
	for name, c := range map[string]struct {
		url    string
		limits [4]time.Duration // connect, handshake, header, whole
		want   string
	}{
		"handshake":          {strings.Replace(serveRaw(t, silent), "http:", "https:", 1), [4]time.Duration{ample, brief, ample, ample}, "TLS handshake timeout"},
		"header":             {serveRaw(t, silent), [4]time.Duration{ample, ample, brief, ample}, "timeout awaiting response headers"},
		"half a header":      {serveRaw(t, after("HTTP/1.1 200 OK\r\nContent-")), [4]time.Duration{ample, ample, brief, ample}, "timeout awaiting response headers"},
		"body":               {serveRaw(t, after(head)), [4]time.Duration{ample, ample, ample, 4 * brief}, "while reading body"},
		"half a body":        {serveRaw(t, after(head+`[{"id":"e`)), [4]time.Duration{ample, ample, ample, 4 * brief}, "while reading body"},
		"a body in drops":    {serveRaw(t, drop), [4]time.Duration{ample, ample, ample, 4 * brief}, "while reading body"},
		"an error's body":    {serveRaw(t, after("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 100\r\n\r\nnot n")), [4]time.Duration{ample, ample, ample, 4 * brief}, "(503): not n"},
		"continue, no more":  {serveRaw(t, after(strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 3))), [4]time.Duration{ample, ample, brief, ample}, "timeout awaiting response headers"},
		"nothing but ampler": {serveRaw(t, silent), [4]time.Duration{ample, ample, ample, 4 * brief}, "while awaiting headers"},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			client := connect(t, c.url, func(cfg *openadr.Config) {
				cfg.Hurry(c.limits[0], c.limits[1], c.limits[2])
				cfg.Timeout = c.limits[3]
			})
			err := poll(t, client)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
			if kind := openadr.KindOf(err); kind != openadr.Unreachable && kind != openadr.Unavailable {
				t.Errorf("kind %q", kind)
			}
			if took := time.Since(began); took > ample/2 {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// A listener whose queue is full answers no further call: that is what a firewall that drops looks like.
func TestClient_WaitsForAConnectionNoLongerThanItMay(t *testing.T) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	err = syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	if err == nil {
		err = syscall.Listen(fd, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*syscall.SockaddrInet4).Port}
	isFull := false
	for range 16 {
		conn, err := (&net.Dialer{Timeout: brief}).DialContext(t.Context(), "tcp", address.String())
		if isFull = err != nil; isFull {
			break
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	if !isFull {
		t.Skip("this system queues calls without end")
	}
	began := time.Now()
	client := connect(t, "http://"+address.String(), func(c *openadr.Config) {
		c.Hurry(brief, ample, ample)
		c.Timeout = ample
	})
	e := wantKind(t, poll(t, client), openadr.Unreachable)
	if took := time.Since(began); took > ample/2 || !strings.Contains(e.Detail, "dial tcp") || !strings.Contains(e.Detail, "i/o timeout") {
		t.Errorf("after %v: %q", took, e.Detail)
	}
}
