package modbus

import (
	"errors"
	"fmt"
	"net"
	"testing"
	"time"
)

// python is Debian's own: another python3 first in the path does not find its packages.
const python = "/usr/bin/python3"

// startPymodbus serves on a free port.
func startPymodbus(t *testing.T, framing string) (address string) {
	t.Helper()
	address = freePort(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	startSlave(t, framing, port)
	return address
}

func TestPymodbus_ReadsWritesAndRefusesLikeAnyoneElse(t *testing.T) {
	for name, address := range map[string]func(t *testing.T) string{
		"tcp":      func(t *testing.T) string { return "tcp://" + startPymodbus(t, "tcp") + "?timeout=2s" },
		"rtu+tcp":  func(t *testing.T) string { return "rtu+tcp://" + startPymodbus(t, "rtu") + "?timeout=2s" },
		"rtu line": func(t *testing.T) string { return "rtu://" + startSerialPymodbus(t) + "?parity=N&timeout=2s" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			speaksWith(t, openBus(t, address(t), newHandClock(), newEager))
		})
	}
}

// startSerialPymodbus serves on a serial line and returns our end of it.
func startSerialPymodbus(t *testing.T) string {
	t.Helper()
	theirs, own := socatLine(t)
	startSlave(t, "serial", theirs)
	return own
}

// speaksWith holds a talk with the slave of testdata/slave.py.
func speaksWith(t *testing.T, b *Bus) {
	t.Helper()
	device, driver := newDevice(t, Config{Profile: profileOf(t, "eastron-sdm630"), Bus: b, Clock: newHandClock()})
	pollAll(t, driver)
	o := device.Observe()
	if o.Power.Value != 1100 || o.Imported.Value != 12500 || o.Exported.Value != 500 || !o.Exported.Valid {
		t.Errorf("read %+v", o)
	}
	if err := b.write(t.Context(), registers{1, 16, 100, 2}, []byte{1, 2, 3, 4}); err != nil {
		t.Errorf("write two: %v", err)
	}
	if err := b.write(t.Context(), registers{1, 6, 102, 1}, []byte{5, 6}); err != nil {
		t.Errorf("write one: %v", err)
	}
	if v, err := readWords(t, b, 100, 3); err != nil || fmt.Sprint(v) != "[258 772 1286]" {
		t.Errorf("read back %v, %v", v, err)
	}
	_, err := readWords(t, b, 5000, 1)
	if code, isException := exceptionOf(err); !isException || code != 2 {
		t.Errorf("register 5000: %v", err)
	}
	if v, err := readWords(t, b, 100, 1); err != nil || v[0] != 258 {
		t.Errorf("after the exception: %v, %v", v, err)
	}
}

// A unit nobody has: pymodbus keeps silent, as a serial line does.
func TestPymodbus_AnUnknownUnitIsSilenceAndTheNextReadWorks(t *testing.T) {
	b := openBus(t, "tcp://"+startPymodbus(t, "tcp")+"?timeout=200ms", newHandClock(), newEager)
	begun := time.Now()
	if _, _, err := b.read(t.Context(), rest, registers{9, 3, 100, 1}, equal); err == nil || time.Since(begun) > time.Second {
		t.Fatalf("unit 9: %v after %v", err, time.Since(begun))
	} else if _, isException := exceptionOf(err); !isException && !errors.Is(err, errTimeout) {
		t.Fatalf("unit 9: %v", err)
	}
	if v, err := readWords(t, b, 0x34, 2); err != nil || v[0] != 0x4489 {
		t.Fatalf("unit 1: %v, %v", v, err)
	}
}
