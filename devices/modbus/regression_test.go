package modbus

import (
	"encoding/binary"
	"errors"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	lib "github.com/goburrow/modbus"
)

// Each defect of goburrow/modbus v0.1.0 that our transporter is there for is shown twice: the library alone
// has it, ours has not. A library that lost a defect fails its first half: then the rule may go.

// reader reads registers of unit 1.
type reader func(addr, count uint16) ([]uint16, error)

func goburrowTCP(t *testing.T, address string, timeout time.Duration) reader {
	h := lib.NewTCPClientHandler(address)
	h.SlaveId, h.Timeout, h.IdleTimeout = 1, timeout, 0
	t.Cleanup(func() { h.Close() })
	return goburrow(lib.NewClient(h))
}

func newGoburrow(t *testing.T, address string, unit byte) lib.Client {
	h := lib.NewTCPClientHandler(address)
	h.SlaveId, h.Timeout, h.IdleTimeout = unit, time.Second, 0
	t.Cleanup(func() { h.Close() })
	return lib.NewClient(h)
}

func goburrowRTU(t *testing.T, path string, timeout time.Duration) reader {
	h := lib.NewRTUClientHandler(path)
	h.SlaveId, h.Timeout, h.IdleTimeout, h.Parity = 1, timeout, 0, "N"
	t.Cleanup(func() { h.Close() })
	return goburrow(lib.NewClient(h))
}

func goburrow(c lib.Client) reader {
	return func(addr, count uint16) ([]uint16, error) {
		data, err := c.ReadHoldingRegisters(addr, count)
		return words(data), err
	}
}

func ours(t *testing.T, address string) reader {
	b := openBus(t, address, newHandClock(), newEager)
	return func(addr, count uint16) ([]uint16, error) { return readWords(t, b, addr, count) }
}

func TestTCP_ReadsAgainAfterThePeerRestarted(t *testing.T) {
	restarting := func(t *testing.T) (address string, restart func()) {
		b := newBank(map[uint16]uint16{7: 42})
		address, stop := serveBank(t, b, "")
		return address, func() {
			stop()
			serveBank(t, b, address)
		}
	}
	t.Run("goburrow alone stays dead", func(t *testing.T) {
		address, restart := restarting(t)
		read := goburrowTCP(t, address, time.Second)
		if _, err := read(7, 1); err != nil {
			t.Fatal(err)
		}
		restart()
		for range 3 {
			if v, err := read(7, 1); err == nil {
				t.Fatalf("read %v: the library has learnt to connect again", v)
			}
		}
	})
	t.Run("ours", func(t *testing.T) {
		address, restart := restarting(t)
		read := ours(t, "tcp://"+address)
		if _, err := read(7, 1); err != nil {
			t.Fatal(err)
		}
		restart()
		if v, err := read(7, 1); err != nil || v[0] != 42 {
			t.Fatalf("first read after the restart: %v, %v", v, err)
		}
	})
}

func TestTCP_SurvivesOneLateAnswer(t *testing.T) {
	const timeout = 100 * time.Millisecond
	late := func(t *testing.T) string {
		var asked atomic.Int32
		return serveFaults(t, func(c net.Conn) {
			for request := askTCP(c); request != nil; request = askTCP(c) {
				if asked.Add(1) == 1 {
					time.Sleep(3 * timeout / 2)
				}
				send(c, answerTCP(request, 42))
			}
		})
	}
	t.Run("goburrow alone never gets over it", func(t *testing.T) {
		read := goburrowTCP(t, late(t), timeout)
		if _, err := read(7, 1); err == nil {
			t.Fatal("the first answer was not late")
		}
		for range 4 {
			if v, err := read(7, 1); err == nil {
				t.Fatalf("read %v: the library has learnt to skip late answers", v)
			}
		}
	})
	t.Run("ours", func(t *testing.T) {
		read := ours(t, "tcp://"+late(t)+"?timeout=100ms")
		if _, err := read(7, 1); !errors.Is(err, errTimeout) {
			t.Fatalf("the first answer was not late: %v", err)
		}
		if v, err := read(7, 1); err != nil || v[0] != 42 {
			t.Fatalf("second read: %v, %v", v, err)
		}
	})
}

func TestTCP_RefusesAnAnswerShorterThanTheQuestion(t *testing.T) {
	short := func(t *testing.T) string {
		return serveFaults(t, func(c net.Conn) {
			for request := askTCP(c); request != nil; request = askTCP(c) {
				send(c, answerTCP(request, 42))
			}
		})
	}
	t.Run("goburrow alone accepts it", func(t *testing.T) {
		if v, err := goburrowTCP(t, short(t), time.Second)(7, 2); err != nil || len(v) != 1 {
			t.Fatalf("read %v, %v: the library has learnt to count", v, err)
		}
	})
	t.Run("ours", func(t *testing.T) {
		if v, err := ours(t, "tcp://"+short(t))(7, 2); err == nil {
			t.Fatalf("read %v", v)
		}
	})
}

func TestRTU_NeverTakesALateAnswerForTheNext(t *testing.T) {
	const timeout = 150 * time.Millisecond
	// The slave answers each question with its address as the value, as slowly as real ones, the first too late.
	late := func(t *testing.T) string {
		return servePTY(t, func(slave *os.File) {
			for asked := 0; ; asked++ {
				request := askRTU(slave)
				if request == nil {
					return
				}
				wait := timeout / 3
				if asked == 0 {
					wait = 3 * timeout / 2
				}
				time.Sleep(wait)
				send(slave, answerRTU(t, request, uint16(request[3])))
			}
		})
	}
	t.Run("goburrow alone hands out the value before", func(t *testing.T) {
		read := goburrowRTU(t, late(t), timeout)
		if _, err := read(1, 1); err == nil {
			t.Fatal("the first answer was not late")
		}
		time.Sleep(timeout) // the late answer lies in the port now
		if v, err := read(2, 1); err != nil || v[0] != 1 {
			t.Fatalf("register 2 reads %v, %v: the library has learnt to drain the port", v, err)
		}
	})
	t.Run("ours", func(t *testing.T) {
		read := ours(t, "rtu://"+late(t)+"?parity=N&timeout=150ms")
		if _, err := read(1, 1); !errors.Is(err, errTimeout) {
			t.Fatalf("the first answer was not late: %v", err)
		}
		for addr := uint16(2); addr < 5; addr++ {
			if v, err := read(addr, 1); err != nil || v[0] != addr {
				t.Fatalf("register %d reads %v, %v", addr, v, err)
			}
		}
	})
}

func TestRTU_ReadsAnExceptionThatArrivesInPieces(t *testing.T) {
	split := func(t *testing.T) string {
		return servePTY(t, func(slave *os.File) {
			for request := askRTU(slave); request != nil; request = askRTU(slave) {
				frame := frameRTU(t, 1, 0x83, 2)
				send(slave, frame[:4])
				time.Sleep(50 * time.Millisecond)
				send(slave, frame[4:])
			}
		})
	}
	t.Run("goburrow alone sees a CRC error", func(t *testing.T) {
		_, err := goburrowRTU(t, split(t), time.Second)(7, 1)
		if _, isException := exceptionOf(err); err == nil || isException || !strings.Contains(err.Error(), "crc") {
			t.Fatalf("%v: the library has learnt to read exceptions", err)
		}
	})
	t.Run("ours", func(t *testing.T) {
		_, err := ours(t, "rtu://"+split(t)+"?parity=N")(7, 1)
		if code, isException := exceptionOf(err); !isException || code != 2 {
			t.Fatalf("got %v, want exception 2", err)
		}
	})
}

// A gateway that repeats its answer, as some do when their own serial side was slow.
func TestTCP_SurvivesAnAnswerThatComesTwice(t *testing.T) {
	twice := func(t *testing.T) string {
		return serveFaults(t, func(c net.Conn) {
			for request := askTCP(c); request != nil; request = askTCP(c) {
				answer := answerTCP(request, binary.BigEndian.Uint16(request[8:]))
				send(c, answer, answer)
			}
		})
	}
	t.Run("goburrow alone never gets over it", func(t *testing.T) {
		read := goburrowTCP(t, twice(t), time.Second)
		if v, err := read(7, 1); err != nil || v[0] != 7 {
			t.Fatalf("first read: %v, %v", v, err)
		}
		time.Sleep(20 * time.Millisecond) // the second answer lies in the socket now
		for addr := uint16(8); addr < 11; addr++ {
			if v, err := read(addr, 1); err == nil {
				t.Fatalf("register %d reads %v: the library has learnt to drain the socket", addr, v)
			}
		}
	})
	t.Run("ours", func(t *testing.T) {
		read := ours(t, "tcp://"+twice(t))
		for addr := uint16(7); addr < 12; addr++ {
			if v, err := read(addr, 1); err != nil || v[0] != addr {
				t.Fatalf("register %d reads %v, %v", addr, v, err)
			}
		}
	})
}

// On a serial line the library waits for the missing registers until its timeout; we see at once that they
// will not come.
func TestRTU_RefusesAnAnswerShorterThanTheQuestion(t *testing.T) {
	short := servePTY(t, func(slave *os.File) {
		for request := askRTU(slave); request != nil; request = askRTU(slave) {
			send(slave, answerRTU(t, request, 42))
		}
	})
	begun := time.Now()
	if v, err := ours(t, "rtu://"+short+"?parity=N&timeout=3s")(7, 2); err == nil || time.Since(begun) > time.Second {
		t.Fatalf("read %v, %v after %v", v, err, time.Since(begun))
	}
}

// Nobody answers a broadcast (Modbus over Serial Line V1.02, section 2.1): the library waits in vain, we do
// not send one.
func TestRTU_NeverBroadcasts(t *testing.T) {
	silent := func(t *testing.T) string {
		return servePTY(t, func(slave *os.File) {
			for request := askRTU(slave); request != nil; request = askRTU(slave) {
			}
		})
	}
	t.Run("goburrow alone takes silence for a fault", func(t *testing.T) {
		h := lib.NewRTUClientHandler(silent(t))
		h.SlaveId, h.Timeout, h.IdleTimeout, h.Parity = 0, 100*time.Millisecond, 0, "N"
		t.Cleanup(func() { h.Close() })
		if _, err := lib.NewClient(h).WriteSingleRegister(1, 2); err == nil {
			t.Fatal("the library has learnt that nobody answers a broadcast")
		}
	})
	t.Run("ours", func(t *testing.T) {
		for _, params := range []map[string]string{{"unit": "0"}, {"vebus": "0"}} {
			id := "eastron-sdm630"
			if params["vebus"] != "" {
				id = "victron-gx-mode3"
			}
			if _, err := New(Config{Name: "it", Profile: profileOf(t, id), Params: params, Clock: newHandClock(), Log: quiet()}); err == nil {
				t.Errorf("%v: accepted", params)
			}
		}
	})
}
