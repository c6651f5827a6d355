package modbus

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	lib "github.com/goburrow/modbus"
	"github.com/simonvetter/modbus"
	"go.uber.org/goleak"

	"hearth/devices"
	"hearth/devices/profiles"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start is when tests begin.
var start = time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)

// handClock moves only when told to.
type handClock struct {
	mu       sync.Mutex
	now      time.Time
	moved    chan struct{}
	sleepers int
}

func newHandClock() *handClock { return &handClock{now: start, moved: make(chan struct{})} }

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	close(c.moved)
	c.moved = make(chan struct{})
}

// awaitSleeper returns when somebody sleeps who will not wake up by himself.
func (c *handClock) awaitSleeper(t *testing.T) {
	t.Helper()
	eventually(t, "somebody sleeps", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.sleepers > 0
	})
}

func (c *handClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for end := c.now.Add(d); c.now.Before(end); {
		moved := c.moved
		c.sleepers++
		c.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
		}
		c.mu.Lock()
		c.sleepers--
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

// steady waits ten seconds after each failure.
type steady struct{}

func (steady) Next(err error) time.Duration {
	if err == nil {
		return 0
	}
	return 10 * time.Second
}

func newSteady() devices.Pace { return steady{} }

// eager never waits.
type eager struct{}

func (eager) Next(error) time.Duration { return 0 }

func newEager() devices.Pace { return eager{} }

func openBus(t testing.TB, address string, clock devices.Clock, pace func() devices.Pace) *Bus {
	t.Helper()
	a, err := ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	b := NewBus(a, clock, pace)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("close bus: %v", err)
		}
	})
	return b
}

// readWords reads registers as words, with a time limit so that a test cannot hang.
func readWords(t testing.TB, b *Bus, addr, count uint16) ([]uint16, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	data, _, err := b.read(ctx, rest, registers{1, 3, addr, count}, equal)
	return words(data), err
}

func equal(a, b []byte) bool { return string(a) == string(b) }

func words(data []byte) []uint16 {
	out := make([]uint16, 0, len(data)/2)
	for ; len(data) > 1; data = data[2:] {
		out = append(out, binary.BigEndian.Uint16(data))
	}
	return out
}

// eventually waits for something another goroutine does.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never happened: %s", what)
		}
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func profileOf(t testing.TB, id string) *profiles.Profile {
	t.Helper()
	p, err := profiles.Get(id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// bank is a slave's registers behind simonvetter's server, holding and input alike, for every unit.
type bank struct {
	mu      sync.Mutex
	values  map[uint16]uint16
	missing map[uint16]error // an address here is answered with this exception
	writes  []written
	reads   [][2]uint16 // address and count
	stuck   bool        // accepts writes and ignores them

	isZeroElsewhere bool // registers that were never set read 0
}

type written struct {
	addr  uint16
	words []uint16
}

func newBank(values map[uint16]uint16) *bank {
	return &bank{values: values, missing: map[uint16]error{}}
}

func (b *bank) set(addr uint16, words ...uint16) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, w := range words {
		b.values[addr+uint16(i)] = w
	}
}

func (b *bank) log() []written {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]written(nil), b.writes...)
}

func (b *bank) readCount(addr uint16) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.reads {
		if r[0] == addr {
			n++
		}
	}
	return n
}

func (b *bank) HandleHoldingRegisters(r *modbus.HoldingRegistersRequest) ([]uint16, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.missing[r.Addr]; err != nil {
		return nil, err
	}
	if r.IsWrite {
		b.writes = append(b.writes, written{r.Addr, r.Args})
		for i, w := range r.Args {
			if !b.stuck {
				b.values[r.Addr+uint16(i)] = w
			}
		}
		return nil, nil
	}
	b.reads = append(b.reads, [2]uint16{r.Addr, r.Quantity})
	out := make([]uint16, r.Quantity)
	for i := range out {
		v, isThere := b.values[r.Addr+uint16(i)]
		if !isThere && !b.isZeroElsewhere {
			return nil, modbus.ErrIllegalDataAddress
		}
		out[i] = v
	}
	return out, nil
}

func (b *bank) HandleInputRegisters(r *modbus.InputRegistersRequest) ([]uint16, error) {
	return b.HandleHoldingRegisters(&modbus.HoldingRegistersRequest{Addr: r.Addr, Quantity: r.Quantity})
}

func (b *bank) HandleCoils(*modbus.CoilsRequest) ([]bool, error) {
	return nil, modbus.ErrIllegalFunction
}

func (b *bank) HandleDiscreteInputs(*modbus.DiscreteInputsRequest) ([]bool, error) {
	return nil, modbus.ErrIllegalFunction
}

// serveBank serves on the address, or a free one, and says where; stop may be called early.
func serveBank(t testing.TB, b *bank, at string) (address string, stop func()) {
	t.Helper()
	for range 5 { // the port is free until somebody else takes it
		if address = at; at == "" {
			address = freePort(t)
		}
		s, err := modbus.NewServer(&modbus.ServerConfiguration{URL: "tcp://" + address, Logger: log.New(io.Discard, "", 0)}, b)
		if err != nil {
			t.Fatal(err)
		}
		if err = s.Start(); err == nil {
			stop = sync.OnceFunc(func() { _ = s.Stop() })
			t.Cleanup(stop)
			return address, stop
		}
	}
	t.Fatal("no free port")
	return "", nil
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// serveFaults runs behave for each connection to a free port. Its connections end with the test.
func serveFaults(t testing.TB, behave func(c net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			running.Go(func() {
				defer c.Close()
				behave(c)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, c := range open {
			c.Close()
		}
		mu.Unlock()
		running.Wait()
	})
	return l.Addr().String()
}

// askTCP reads one request frame; nil when the client is gone.
func askTCP(r io.Reader) []byte {
	frame := make([]byte, 260)
	if _, err := io.ReadFull(r, frame[:6]); err != nil {
		return nil
	}
	n := 6 + int(binary.BigEndian.Uint16(frame[4:]))
	if _, err := io.ReadFull(r, frame[6:n]); err != nil {
		return nil
	}
	return frame[:n]
}

// answerTCP is the frame that answers a read with these words.
func answerTCP(request []byte, words ...uint16) []byte {
	pdu := []byte{request[6], request[7], byte(2 * len(words))}
	for _, w := range words {
		pdu = binary.BigEndian.AppendUint16(pdu, w)
	}
	return frameTCP(request, pdu)
}

func frameTCP(request, unitAndPDU []byte) []byte {
	frame := append([]byte(nil), request[:4]...)
	frame = binary.BigEndian.AppendUint16(frame, uint16(len(unitAndPDU)))
	return append(frame, unitAndPDU...)
}

// frameRTU adds the CRC with goburrow's packager, which is what checks it on the other side too.
func frameRTU(t testing.TB, unit byte, pdu ...byte) []byte {
	t.Helper()
	adu, err := newPackager(true, unit).Encode(&lib.ProtocolDataUnit{FunctionCode: pdu[0], Data: pdu[1:]})
	if err != nil {
		t.Fatal(err)
	}
	return adu
}

// askRTU reads one 8-byte read request.
func askRTU(r io.Reader) []byte {
	frame := make([]byte, 8)
	if _, err := io.ReadFull(r, frame); err != nil {
		return nil
	}
	return frame
}

func answerRTU(t testing.TB, request []byte, words ...uint16) []byte {
	t.Helper()
	pdu := []byte{request[1], byte(2 * len(words))}
	for _, w := range words {
		pdu = binary.BigEndian.AppendUint16(pdu, w)
	}
	return frameRTU(t, request[0], pdu...)
}

func send(w io.Writer, chunks ...[]byte) {
	for _, c := range chunks {
		_, _ = w.Write(c) // the client may have given up: that is the test
	}
}

func containsAll(text string, parts ...string) error {
	for _, p := range parts {
		if !strings.Contains(text, p) {
			return errors.New("lacks " + p)
		}
	}
	return nil
}
