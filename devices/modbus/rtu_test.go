package modbus

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

func servePTYSilence(t *testing.T) (client string) {
	return servePTY(t, func(slave *os.File) { _, _ = io.Copy(io.Discard, slave) })
}

// Every fault on a serial line is an error once and nothing later, whatever lies on the line.
func TestRTU_RecoversFromEveryFault(t *testing.T) {
	cases := map[string]func(w io.Writer, good []byte){
		"bad CRC":         func(w io.Writer, good []byte) { good[len(good)-1] ^= 1; send(w, good) },
		"cut off":         func(w io.Writer, good []byte) { send(w, good[:5]) },
		"another unit":    func(w io.Writer, good []byte) { good[0] = 9; send(w, good) },
		"noise before":    func(w io.Writer, good []byte) { send(w, append([]byte{0xFF}, good...)) },
		"silence":         func(io.Writer, []byte) {},
		"10 kB of junk":   func(w io.Writer, _ []byte) { send(w, bytes.Repeat([]byte{0xA5}, 10_000)) },
		"fewer registers": func(w io.Writer, good []byte) { good[2] = 0; send(w, good) },
	}
	// One slave behind both wires: a serial line, and a gateway that carries RTU frames over TCP.
	slave := func(t *testing.T, fault func(io.Writer, []byte)) func(rw io.ReadWriter) {
		asked := 0
		return func(rw io.ReadWriter) {
			for request := askRTU(rw); request != nil; request = askRTU(rw) {
				if asked++; asked == 1 {
					fault(rw, answerRTU(t, request, 13))
					continue
				}
				send(rw, answerRTU(t, request, 42))
			}
		}
	}
	for name, fault := range cases {
		check := func(t *testing.T, address string) {
			b := openBus(t, address+"timeout=100ms", newHandClock(), newEager)
			if v, err := readWords(t, b, 7, 1); err == nil {
				t.Fatalf("first read: %v", v)
			}
			if v, err := readWords(t, b, 7, 1); err != nil || v[0] != 42 {
				t.Fatalf("second read: %v, %v", v, err)
			}
		}
		t.Run(name+" on a line", func(t *testing.T) {
			t.Parallel()
			behave := slave(t, fault)
			check(t, "rtu://"+servePTY(t, func(s *os.File) { behave(s) })+"?parity=N&")
		})
		t.Run(name+" through a gateway", func(t *testing.T) {
			t.Parallel()
			behave := slave(t, fault)
			check(t, "rtu+tcp://"+serveFaults(t, func(c net.Conn) { behave(c) })+"?")
		})
	}
}

// After a fault one answer may belong to an older question: values count only when two in a row agree.
func TestRTU_AfterAFaultTwoReadsMustAgree(t *testing.T) {
	script := func(values ...uint16) (func(*os.File), *int) {
		asked := new(int)
		return func(slave *os.File) {
			for request := askRTU(slave); request != nil; request = askRTU(slave) {
				if *asked++; *asked > 1 { // the first question meets silence
					send(slave, answerRTU(t, request, values[min(*asked-2, len(values)-1)]))
				}
			}
		}, asked
	}
	t.Run("the third agrees with the second", func(t *testing.T) {
		behave, asked := script(13, 42, 42, 99)
		b := openBus(t, "rtu://"+servePTY(t, behave)+"?parity=N&timeout=50ms", newHandClock(), newEager)
		if _, err := readWords(t, b, 7, 1); !errors.Is(err, errTimeout) {
			t.Fatalf("first read: %v", err)
		}
		if v, err := readWords(t, b, 7, 1); err != nil || v[0] != 42 || *asked != 4 {
			t.Fatalf("second read: %v, %v after %d questions", v, err, *asked)
		}
		if v, err := readWords(t, b, 7, 1); err != nil || v[0] != 99 || *asked != 5 {
			t.Fatalf("a line in order is asked once: %v, %v after %d questions", v, err, *asked)
		}
	})
	t.Run("none agree", func(t *testing.T) {
		behave, _ := script(1, 2, 3, 4, 5, 6, 7, 8)
		b := openBus(t, "rtu://"+servePTY(t, behave)+"?parity=N&timeout=50ms", newHandClock(), newEager)
		if _, err := readWords(t, b, 7, 1); err == nil {
			t.Fatal("the first question meets silence")
		}
		if v, err := readWords(t, b, 7, 1); !errors.Is(err, errInconsistent) {
			t.Fatalf("second read: %v, %v", v, err)
		}
	})
}

func TestRTU_KeepsSilentForATimeoutAfterAFault(t *testing.T) {
	const timeout = 80 * time.Millisecond
	arrived := make(chan time.Time, 8)
	line := servePTY(t, func(slave *os.File) {
		for request := askRTU(slave); request != nil; request = askRTU(slave) {
			arrived <- time.Now()
			if len(arrived) > 1 {
				send(slave, answerRTU(t, request, 42))
			}
		}
	})
	b := openBus(t, "rtu://"+line+"?parity=N&timeout=80ms", newHandClock(), newEager)
	if _, err := readWords(t, b, 7, 1); !errors.Is(err, errTimeout) {
		t.Fatal(err)
	}
	if _, err := readWords(t, b, 7, 1); err != nil {
		t.Fatal(err)
	}
	if pause := (<-arrived).Sub(<-arrived).Abs(); pause < 2*timeout-5*time.Millisecond {
		t.Fatalf("asked again %v after the first question, whose timeout and silence are %v", pause, 2*timeout)
	}
}

func TestRTU_WritesAndReadsTheEcho(t *testing.T) {
	got := make(chan []byte, 1)
	line := servePTY(t, func(slave *os.File) {
		request := make([]byte, 13) // function 16, two registers
		if _, err := io.ReadFull(slave, request); err == nil {
			got <- request
			send(slave, frameRTU(t, 1, request[1:6]...))
		}
	})
	b := openBus(t, "rtu://"+line+"?parity=N", newHandClock(), newEager)
	if err := b.write(t.Context(), registers{1, 16, 0x0107, 2}, []byte{1, 2, 3, 4}); err != nil {
		t.Fatal(err)
	}
	if r := <-got; !bytes.Equal(r[:11], []byte{1, 16, 1, 7, 0, 2, 4, 1, 2, 3, 4}) {
		t.Fatalf("sent % x", r)
	}
}

func TestSerial_AMissingPortIsUnreachable(t *testing.T) {
	b := openBus(t, "rtu://"+t.TempDir()+"/ttyUSB9", newHandClock(), newSteady)
	for range 2 {
		if _, err := readWords(t, b, 7, 1); !errors.Is(err, errUnreachable) {
			t.Fatalf("got %v", err)
		}
	}
}

// An exception that comes after a fault may refuse an older question: it must not mark registers as missing.
func TestRTU_AnExceptionInDoubtIsNoVerdict(t *testing.T) {
	asked := 0
	line := servePTY(t, func(slave *os.File) {
		for request := askRTU(slave); request != nil; request = askRTU(slave) {
			switch asked++; asked {
			case 1: // silence
			case 2:
				send(slave, frameRTU(t, 1, 0x83, 2))
			default:
				send(slave, answerRTU(t, request, 42))
			}
		}
	})
	b := openBus(t, "rtu://"+line+"?parity=N&timeout=50ms", newHandClock(), newEager)
	for range 2 {
		_, err := readWords(t, b, 7, 1)
		if _, isException := exceptionOf(err); err == nil || isException {
			t.Fatalf("got %v", err)
		}
	}
	if v, err := readWords(t, b, 7, 1); err != nil || v[0] != 42 {
		t.Fatalf("read %v, %v", v, err)
	}
}

// Who gives up leaves an answer under way: the next caller must not get it.
func TestRTU_AnAnswerToWhoGaveUpReachesNobody(t *testing.T) {
	line := servePTY(t, func(slave *os.File) {
		for request := askRTU(slave); request != nil; request = askRTU(slave) {
			time.Sleep(60 * time.Millisecond)
			send(slave, answerRTU(t, request, uint16(request[3])))
		}
	})
	b := openBus(t, "rtu://"+line+"?parity=N&timeout=150ms", newHandClock(), newSteady)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, _, err := b.read(ctx, rest, registers{1, 3, 1, 1}, equal); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("first read: %v", err)
	}
	if v, err := readWords(t, b, 2, 1); err != nil || v[0] != 2 {
		t.Fatalf("register 2 reads %v, %v", v, err)
	}
}
