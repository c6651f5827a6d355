package modbus

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// python is Debian's own: another python3 first in the path does not find its packages.
const python = "/usr/bin/python3"

// startPymodbus runs testdata/slave.py until the test ends and returns its host and port.
func startPymodbus(t *testing.T, framing string) string {
	t.Helper()
	if out, err := exec.Command(python, "-c", "import pymodbus.server").CombinedOutput(); err != nil {
		requirePeer(t, fmt.Errorf("%s -c 'import pymodbus.server': %w: %s", python, err, lastLine(out)))
	}
	address := freePort(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(python, "testdata/slave.py", framing, port)
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	c.Stderr = &complaints
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close() // ends it
		_ = c.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if strings.TrimSpace(line) != "ready" {
		_ = c.Wait()
		t.Fatalf("slave did not start: %q %v\n%s", line, err, complaints.String())
	}
	return address
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

func TestPymodbus_ReadsWritesAndRefusesLikeAnyoneElse(t *testing.T) {
	for framing, scheme := range map[string]string{"tcp": "tcp", "rtu": "rtu+tcp"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			b := openBus(t, scheme+"://"+startPymodbus(t, framing)+"?timeout=2s", newHandClock(), newEager)
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
		})
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
