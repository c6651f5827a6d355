package modbus

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// askFaults reads of libmodbus' fault server, which has its registers from 0x160 on, for unit 255.
func askFaults(t *testing.T, b *Bus, addr, count uint16) ([]uint16, error) {
	t.Helper()
	data, _, err := b.read(t.Context(), rest, registers{255, 3, addr, count}, equal)
	return words(data), err
}

// The faults libmodbus tests its own clients with: each is one request, and the next is answered well.
func TestLibmodbus_NoFaultOutlivesItsRequest(t *testing.T) {
	start := faultServer(t)
	for name, c := range map[string]struct {
		addr, count uint16
		judge       func(words []uint16, err error) string // what is wrong with the outcome
		isClosed    bool                                   // by us, and the server then ends
	}{
		"busy": {addr: 0x170, count: 1, judge: func(_ []uint16, err error) string {
			if code, isException := exceptionOf(err); !isException || code != 6 {
				return "want exception 6"
			}
			return ""
		}},
		"wrong transaction": {addr: 0x171, count: 1, isClosed: true, judge: func(_ []uint16, err error) string {
			if !errors.Is(err, errTimeout) {
				return "an answer to another question was taken"
			}
			return ""
		}},
		"late": {addr: 0x172, count: 1, isClosed: true, judge: func(_ []uint16, err error) string {
			if !errors.Is(err, errTimeout) {
				return "it was not late"
			}
			return ""
		}},
		"byte by byte": {addr: 0x173, count: 1, judge: func(v []uint16, err error) string {
			if err != nil || len(v) != 1 {
				return "want one word"
			}
			return ""
		}},
		"fewer than asked": {addr: 0x160, count: 2, isClosed: true, judge: func(_ []uint16, err error) string {
			if _, isException := exceptionOf(err); err == nil || isException {
				return "a short answer was taken"
			}
			return ""
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := openBus(t, "tcp://"+start(t)+"?timeout=300ms", newHandClock(), newEager)
			if err := b.write(t.Context(), registers{255, 16, 0x160, 3}, []byte{1, 2, 3, 4, 5, 6}); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			if v, err := askFaults(t, b, c.addr, c.count); c.judge(v, err) != "" {
				t.Fatalf("%s: %v, %v after %v", c.judge(v, err), v, err, time.Since(begun))
			}
			if b.line == nil != c.isClosed {
				t.Fatalf("the line is closed: %t", b.line == nil)
			}
			if c.isClosed {
				return // the server served its one connection
			}
			if v, err := askFaults(t, b, 0x160, 3); err != nil || fmt.Sprint(v) != "[258 772 1286]" {
				t.Errorf("the next read: %v, %v", v, err)
			}
		})
	}
}

// The library accepts the short answer that libmodbus' server gives on purpose.
func TestLibmodbus_GoburrowAloneTakesFewerRegistersThanAsked(t *testing.T) {
	h := newGoburrow(t, faultServer(t)(t), 255)
	if data, err := h.ReadHoldingRegisters(0x160, 2); err != nil || len(data) != 2 {
		t.Errorf("% x, %v: the library has learnt to count", data, err)
	}
}
