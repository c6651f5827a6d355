package modbus

import (
	"testing"
	"time"
)

func TestParseAddress_ReadsWhatTheDocumentationPromises(t *testing.T) {
	cases := map[string]Address{
		"tcp://192.168.1.20":         {scheme: "tcp", target: "192.168.1.20:502", baud: 19200, stopBits: 1, parity: "E", timeout: 5 * time.Second, gap: 5 * time.Millisecond},
		"tcp://[fe80::1]:1502/":      {scheme: "tcp", target: "[fe80::1]:1502", baud: 19200, stopBits: 1, parity: "E", timeout: 5 * time.Second, gap: 5 * time.Millisecond},
		"tcp://inverter?settle=1s":   {scheme: "tcp", target: "inverter:502", baud: 19200, stopBits: 1, parity: "E", timeout: 5 * time.Second, settle: time.Second, gap: 5 * time.Millisecond},
		"rtu+tcp://gw:8899?gap=20ms": {scheme: "rtu+tcp", target: "gw:8899", baud: 19200, stopBits: 1, parity: "E", timeout: 5 * time.Second, gap: 20 * time.Millisecond},
		"rtu:///dev/ttyUSB0?baud=2400&parity=N&stop=2&timeout=300ms": {scheme: "rtu", target: "/dev/ttyUSB0", baud: 2400, stopBits: 2, parity: "N",
			timeout: 300 * time.Millisecond, gap: frameGap(2400)},
	}
	for text, want := range cases {
		if got, err := ParseAddress(text); err != nil || got != want {
			t.Errorf("%s: got %+v, %v\nwant %+v", text, got, err, want)
		}
	}
}

func TestParseAddress_NamesEveryFault(t *testing.T) {
	cases := map[string][]string{
		"":                              {"want tcp://"},
		"192.168.1.20:502":              {"first path segment"},
		"udp://x":                       {"want tcp://"},
		"tcp://":                        {"want a host"},
		"tcp://x:0":                     {"port from 1"},
		"tcp://x:70000":                 {"port"},
		"tcp://user@x":                  {"want a host"},
		"tcp://x/path":                  {"want a host"},
		"tcp://x?gap=1ms":               {`option "gap"`},
		"tcp://x?timeout=5":             {`timeout "5"`},
		"tcp://x?timeout=1s&timeout=2s": {`option "timeout"`},
		"rtu://dev/ttyUSB0":             {"want for example rtu:///dev"},
		"rtu:///":                       {"want for example rtu:///dev"},
		"rtu:///dev/x?baud=9601&parity=X&stop=3&speed=1": {`baud "9601"`, `parity "X"`, `stop "3"`, `option "speed"`},
	}
	for text, want := range cases {
		_, err := ParseAddress(text)
		if err == nil {
			t.Errorf("%s: accepted", text)
		} else if lack := containsAll(err.Error(), want...); lack != nil {
			t.Errorf("%s: %v: %v", text, err, lack)
		}
	}
}

func TestAddress_LineIsTheWireAndNotItsOptions(t *testing.T) {
	same := [][2]string{
		{"tcp://x", "tcp://x:502?settle=1s"},
		{"tcp://x:8899", "rtu+tcp://x:8899"},
		{"rtu:///dev/ttyUSB0", "rtu:///dev/ttyUSB0?baud=9600"},
	}
	for _, pair := range same {
		a, errA := ParseAddress(pair[0])
		b, errB := ParseAddress(pair[1])
		if errA != nil || errB != nil || a.Line() != b.Line() {
			t.Errorf("%s and %s: %q %v, %q %v", pair[0], pair[1], a.Line(), errA, b.Line(), errB)
		}
	}
}

func TestFrameGap_IsThreeAndAHalfCharacters(t *testing.T) {
	for baud, want := range map[int]time.Duration{9600: 4010416 * time.Nanosecond, 19200: 2005208 * time.Nanosecond, 115200: 1750 * time.Microsecond} {
		if got := frameGap(baud); got != want {
			t.Errorf("%d baud: %v, want %v", baud, got, want)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	f.Add("tcp://192.168.1.20:502?timeout=1s")
	f.Add("rtu:///dev/ttyUSB0?baud=9600&parity=N")
	f.Add("rtu+tcp://[::1]:8899?gap=1ms")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAddress(text)
		if err != nil {
			return
		}
		if a.target == "" || a.timeout <= 0 || a.gap < 1750*time.Microsecond || a.settle < 0 {
			t.Fatalf("%q gives %+v", text, a)
		}
		if _, err := ParseAddress(a.Line()); err != nil {
			t.Fatalf("%q has the line %q: %v", text, a.Line(), err)
		}
	})
}
