package modbus

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/simonvetter/modbus"
)

// faulty answers the first question as told and all others with 42.
func faulty(t *testing.T, first func(c net.Conn, request []byte)) (address string, connections *atomic.Int32) {
	connections = new(atomic.Int32)
	var asked atomic.Int32
	return serveFaults(t, func(c net.Conn) {
		connections.Add(1)
		for request := askTCP(c); request != nil; request = askTCP(c) {
			if asked.Add(1) == 1 {
				first(c, request)
				continue
			}
			send(c, answerTCP(request, 42))
		}
	}), connections
}

// Whatever the first answer was, the next question is answered rightly.
func TestBus_RecoversFromEveryFault(t *testing.T) {
	cases := map[string]struct {
		first func(c net.Conn, request []byte)
		isOK  bool // the fault is none: the first read succeeds
	}{
		"split answer": {isOK: true, first: func(c net.Conn, r []byte) {
			for _, b := range answerTCP(r, 42) {
				send(c, []byte{b})
				time.Sleep(time.Millisecond)
			}
		}},
		"wrong transaction id, then the answer": {isOK: true, first: func(c net.Conn, r []byte) {
			wrong := answerTCP(r, 13)
			wrong[1] ^= 0x55
			send(c, wrong, answerTCP(r, 42))
		}},
		"wrong transaction id only": {first: func(c net.Conn, r []byte) {
			wrong := answerTCP(r, 13)
			wrong[1] ^= 0x55
			send(c, wrong)
		}},
		"wrong unit":     {first: func(c net.Conn, r []byte) { w := answerTCP(r, 13); w[6]++; send(c, w) }},
		"wrong function": {first: func(c net.Conn, r []byte) { w := answerTCP(r, 13); w[7]++; send(c, w) }},
		"short frame":    {first: func(c net.Conn, r []byte) { send(c, answerTCP(r, 13)[:9]) }},
		"half, then gone": {first: func(c net.Conn, r []byte) {
			send(c, answerTCP(r, 13)[:9])
			c.Close()
		}},
		"length too large":         {first: func(c net.Conn, r []byte) { send(c, []byte{r[0], r[1], 0, 0, 0xFF, 0xFF, 1, 3}) }},
		"more registers":           {first: func(c net.Conn, r []byte) { send(c, answerTCP(r, 13, 13)) }},
		"byte count lies":          {first: func(c net.Conn, r []byte) { w := answerTCP(r, 13); w[8] = 200; send(c, w) }},
		"10 kB of junk":            {first: func(c net.Conn, _ []byte) { send(c, bytes.Repeat([]byte{0xA5}, 10_000)) }},
		"10 kB of zeros":           {first: func(c net.Conn, _ []byte) { send(c, make([]byte, 10_000)) }},
		"stall":                    {first: func(net.Conn, []byte) {}},
		"closed":                   {first: func(c net.Conn, _ []byte) { c.Close() }},
		"exception with no code":   {first: func(c net.Conn, r []byte) { send(c, frameTCP(r, []byte{1, 0x83})) }},
		"answer, then 10 kB of it": {isOK: true, first: func(c net.Conn, r []byte) { send(c, bytes.Repeat(answerTCP(r, 42), 900)) }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, _ := faulty(t, c.first)
			b := openBus(t, "tcp://"+address+"?timeout=150ms", newHandClock(), newEager)
			v, err := readWords(t, b, 7, 1)
			if c.isOK != (err == nil) || err == nil && v[0] != 42 {
				t.Fatalf("first read: %v, %v", v, err)
			}
			if v, err := readWords(t, b, 7, 1); err != nil || v[0] != 42 {
				t.Fatalf("second read: %v, %v", v, err)
			}
		})
	}
}

func TestBus_KeepsTheConnectionOverExceptions(t *testing.T) {
	address, connections := faulty(t, func(c net.Conn, r []byte) { send(c, frameTCP(r, []byte{1, 0x83, 2})) })
	b := openBus(t, "tcp://"+address, newHandClock(), newSteady)
	_, err := readWords(t, b, 7, 1)
	if code, isException := exceptionOf(err); !isException || code != 2 {
		t.Fatalf("first read: %v", err)
	}
	if v, err := readWords(t, b, 7, 1); err != nil || v[0] != 42 {
		t.Fatalf("second read: %v, %v", v, err)
	}
	if n := connections.Load(); n != 1 {
		t.Fatalf("%d connections", n)
	}
}

func TestBus_NeverSendsAWriteTwice(t *testing.T) {
	var asked atomic.Int32
	address := serveFaults(t, func(c net.Conn) {
		for askTCP(c) != nil {
			asked.Add(1)
		}
	})
	b := openBus(t, "tcp://"+address+"?timeout=100ms", newHandClock(), newEager)
	if err := b.write(t.Context(), registers{1, 6, 7, 1}, []byte{0, 1}); !errors.Is(err, errTimeout) {
		t.Fatalf("got %v", err)
	}
	if n := asked.Load(); n != 1 {
		t.Fatalf("sent %d times", n)
	}
}

func TestBus_RefusesAnEchoThatIsNotTheWrite(t *testing.T) {
	for name, spoil := range map[string]int{"address": 9, "value": 11} {
		for _, fc := range []byte{6, 16} {
			address := serveFaults(t, func(c net.Conn) {
				for r := askTCP(c); r != nil; r = askTCP(c) {
					echo := bytes.Clone(r[6:12])
					echo[spoil-6] ^= 1
					send(c, frameTCP(r, echo))
				}
			})
			b := openBus(t, "tcp://"+address, newHandClock(), newEager)
			if err := b.write(t.Context(), registers{1, fc, 7, 1}, []byte{0, 1}); err == nil {
				t.Errorf("function %d: accepted an echo with another %s", fc, name)
			}
		}
	}
}

func TestBus_EndsWithinATenthOfASecondWhenTheCallerDoes(t *testing.T) {
	address := serveFaults(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	line := servePTYSilence(t)
	for _, where := range []string{"tcp://" + address, "rtu+tcp://" + address, "rtu://" + line} {
		promptly(t, where, func() time.Duration {
			b := openBus(t, where, newHandClock(), newEager)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var given time.Time
			time.AfterFunc(20*time.Millisecond, func() {
				given = time.Now()
				cancel()
			})
			if _, _, err := b.read(ctx, rest, registers{1, 3, 7, 1}, equal); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", where, err)
			}
			return time.Since(given)
		})
	}
}

// promptly wants one of five tries within a tenth of a second: the machine may be busy, the code may not.
func promptly(t *testing.T, what string, try func() time.Duration) {
	t.Helper()
	best := time.Hour
	for range 5 {
		if best = min(best, try()); best <= 100*time.Millisecond {
			return
		}
	}
	t.Errorf("%s: took %v at best", what, best)
}

func TestBus_CloseEndsWhatIsUnderWayAndWaiting(t *testing.T) {
	address := serveFaults(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	b := openBus(t, "tcp://"+address, newHandClock(), newEager)
	ended := make(chan error, 3)
	for range cap(ended) {
		go func() {
			_, _, err := b.read(context.Background(), rest, registers{1, 3, 7, 1}, equal)
			ended <- err
		}()
	}
	eventually(t, "two wait for the third", func() bool {
		b.turns.mu.Lock()
		defer b.turns.mu.Unlock()
		return len(b.turns.waiting[rest]) == 2
	})
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for range cap(ended) {
		if err := <-ended; !errors.Is(err, ErrClosed) {
			t.Errorf("ended with %v", err)
		}
	}
	if _, err := readWords(t, b, 7, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("read after Close: %v", err)
	}
}

func TestBus_WaitsAfterAFailureAsPaceSays(t *testing.T) {
	clock := newHandClock()
	address := freePort(t) // nobody listens
	b := openBus(t, "tcp://"+address, clock, newSteady)
	if _, err := readWords(t, b, 7, 1); !errors.Is(err, errUnreachable) {
		t.Fatalf("first read: %v", err)
	}
	slave := newBank(map[uint16]uint16{7: 42})
	serveBank(t, slave, address)
	if _, err := readWords(t, b, 7, 1); !errors.Is(err, errUnreachable) || slave.readCount(7) != 0 {
		t.Fatalf("read during the wait: %v", err)
	}
	if err := b.write(t.Context(), registers{1, 6, 8, 1}, []byte{0, 1}); err != nil {
		t.Fatalf("a command has to try at once: %v", err)
	}
	if _, err := readWords(t, b, 7, 1); err != nil {
		t.Fatalf("the command showed that the wire is there: %v", err)
	}
}

func TestBus_ADeadUnitDoesNotSilenceItsNeighbour(t *testing.T) {
	address := serveFaults(t, func(c net.Conn) {
		for r := askTCP(c); r != nil; r = askTCP(c) {
			switch r[6] {
			case 1:
				send(c, answerTCP(r, 42))
			case 3:
				send(c, frameTCP(r, []byte{3, 0x83, 11})) // the gateway hears nothing
			}
		}
	})
	clock := newHandClock()
	b := openBus(t, "tcp://"+address+"?timeout=50ms", clock, newSteady)
	for _, dead := range []byte{2, 3} {
		if _, _, err := b.read(t.Context(), rest, registers{dead, 3, 7, 1}, equal); err == nil {
			t.Fatalf("unit %d is not dead", dead)
		}
		begun := time.Now()
		if _, _, err := b.read(t.Context(), rest, registers{dead, 3, 7, 1}, equal); err == nil || time.Since(begun) > 40*time.Millisecond {
			t.Fatalf("unit %d was asked again: %v", dead, err)
		}
		if v, err := readWords(t, b, 7, 1); err != nil || v[0] != 42 {
			t.Fatalf("the neighbour of unit %d: %v, %v", dead, v, err)
		}
	}
	clock.Advance(-time.Hour) // set back: the wait must not last an hour
	begun := time.Now()
	if _, _, err := b.read(t.Context(), rest, registers{2, 3, 7, 1}, equal); !errors.Is(err, errTimeout) || time.Since(begun) < 40*time.Millisecond {
		t.Fatalf("after the clock was set back: %v", err)
	}
}

func TestBus_ACommandOvertakesReads(t *testing.T) {
	proceed := make(chan struct{})
	var order []byte // functions in the order they arrive; read after the last answer
	address := serveFaults(t, func(c net.Conn) {
		for r := askTCP(c); r != nil; r = askTCP(c) {
			<-proceed
			order = append(order, r[7])
			if r[7] == 6 {
				send(c, frameTCP(r, r[6:]))
				continue
			}
			send(c, answerTCP(r, 42))
		}
	})
	b := openBus(t, "tcp://"+address, newHandClock(), newEager)
	ended := make(chan error, 4)
	waits := func(p priority, n int) func() bool {
		return func() bool {
			b.turns.mu.Lock()
			defer b.turns.mu.Unlock()
			return b.turns.isTaken && len(b.turns.waiting[p]) == n
		}
	}
	for i := range 3 {
		go func() {
			_, _, err := b.read(t.Context(), rest, registers{1, 3, 7, 1}, equal)
			ended <- err
		}()
		eventually(t, "read waits", waits(rest, i))
	}
	go func() { ended <- b.write(t.Context(), registers{1, 6, 7, 1}, []byte{0, 1}) }()
	eventually(t, "command waits", waits(control, 1))
	close(proceed)
	for range cap(ended) {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(order, []byte{3, 6, 3, 3}) {
		t.Fatalf("order of functions %v", order)
	}
}

func TestBus_AReadingBearsTheTimeBeforeItsQuestion(t *testing.T) {
	clock := newHandClock()
	address, _ := faulty(t, func(c net.Conn, r []byte) {
		clock.Advance(time.Minute) // while the answer is under way
		send(c, answerTCP(r, 42))
	})
	b := openBus(t, "tcp://"+address, clock, newEager)
	if _, at, err := b.read(t.Context(), rest, registers{1, 3, 7, 1}, equal); err != nil || !at.Equal(start) {
		t.Fatalf("read at %v, %v", at, err)
	}
}

func TestBus_WaitsAfterConnectingWhereTheAddressSaysSo(t *testing.T) {
	address, _ := serveBank(t, newBank(map[uint16]uint16{7: 42}), "")
	b := openBus(t, "tcp://"+address+"?settle=60ms", newHandClock(), newEager)
	for _, want := range []time.Duration{60 * time.Millisecond, 0} {
		begun := time.Now()
		if _, err := readWords(t, b, 7, 1); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took < want || want == 0 && took > 50*time.Millisecond {
			t.Fatalf("took %v, want %v", took, want)
		}
	}
}

func TestBus_LetsGoOfAnIdleConnection(t *testing.T) {
	address, _ := serveBank(t, newBank(map[uint16]uint16{7: 42}), "")
	b := openBus(t, "tcp://"+address, newHandClock(), newEager)
	if _, err := readWords(t, b, 7, 1); err != nil {
		t.Fatal(err)
	}
	b.closeIdle() // too early
	if b.line == nil {
		t.Fatal("closed while in use")
	}
	b.used = b.used.Add(-idleAfter)
	b.closeIdle()
	if b.line != nil {
		t.Fatal("still open")
	}
	if _, err := readWords(t, b, 7, 1); err != nil {
		t.Fatalf("read after idling: %v", err)
	}
}

func TestBus_ExceptionsKeepTheirMeaning(t *testing.T) {
	slave := newBank(nil)
	slave.missing[1], slave.missing[2] = modbus.ErrIllegalFunction, modbus.ErrServerDeviceBusy
	address, _ := serveBank(t, slave, "")
	b := openBus(t, "tcp://"+address, newHandClock(), newSteady)
	for addr, want := range map[uint16]struct {
		code          byte
		isUnsupported bool
	}{1: {1, true}, 2: {6, false}, 3: {2, true}} {
		_, err := readWords(t, b, addr, 1)
		code, isException := exceptionOf(err)
		if !isException || code != want.code || isUnsupported(code) != want.isUnsupported {
			t.Errorf("register %d: %v", addr, err)
		}
	}
}

func TestBus_SendsNothingForACallerWhoHasGivenUp(t *testing.T) {
	slave := newBank(map[uint16]uint16{7: 42})
	address, _ := serveBank(t, slave, "")
	b := openBus(t, "tcp://"+address, newHandClock(), newEager)
	if _, err := readWords(t, b, 7, 1); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 50 {
		if err := b.write(ctx, registers{1, 6, 7, 1}, []byte{0, 1}); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	}
	if _, err := readWords(t, b, 7, 1); err != nil || len(slave.log()) != 0 {
		t.Fatalf("wrote %v, %v", slave.log(), err)
	}
}
