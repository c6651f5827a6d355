package modbus

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Address says which wire a bus is and how to speak on it. The zero value is none: use [ParseAddress].
type Address struct {
	scheme string // tcp, rtu+tcp or rtu
	target string // host:port, or the path of a serial device

	baud, stopBits int
	parity         string

	timeout time.Duration // from sending a request to the end of its answer
	settle  time.Duration // after connecting, before the first request
	gap     time.Duration // RTU: silence between two frames
}

// ParseAddress reads one of
//
//	tcp://192.168.1.20:502               Modbus TCP; port 502 when left out
//	rtu+tcp://192.168.1.20:8899          RTU frames through a serial gateway
//	rtu:///dev/ttyUSB0?baud=9600&parity=N&stop=1
//
// and in each the options timeout (default 5s; on a serial line 1s), settle (a wait after connecting that
// some inverters need, default none) and, for RTU, gap (silence between frames, default 5ms, never less
// than the 3.5 characters of the Modbus over Serial Line specification V1.02, section 2.5.1.1).
// Serial defaults are those of that specification: 19200 baud, even parity, 1 stop bit; RTU has 8 data bits.
func ParseAddress(text string) (Address, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Address{}, fmt.Errorf("modbus address %q: %w", text, errors.Unwrap(err))
	}
	a := Address{scheme: u.Scheme, timeout: 5 * time.Second}
	known := []string{"timeout", "settle"}
	switch u.Scheme {
	case "tcp", "rtu+tcp":
		a.target, err = hostPort(u)
	case "rtu":
		a.target, a.timeout = u.Path, time.Second
		if u.Host != "" || len(u.Path) < 2 {
			err = errors.New("want for example rtu:///dev/ttyUSB0")
		}
		known = append(known, "baud", "parity", "stop")
	default:
		err = errors.New("want tcp://, rtu+tcp:// or rtu://")
	}
	if u.Scheme != "tcp" {
		known = append(known, "gap")
	}
	if err == nil {
		err = a.options(u, known)
	}
	if err != nil {
		return Address{}, fmt.Errorf("modbus address %q: %w", text, err)
	}
	return a, nil
}

// Line names the wire without its options: addresses with the same Line must share one [Bus].
func (a Address) Line() string {
	if a.isSerial() {
		return "rtu://" + a.target
	}
	return "tcp://" + a.target // two framings on one port would still be one wire
}

func (a Address) isSerial() bool { return a.scheme == "rtu" }
func (a Address) isRTU() bool    { return a.scheme != "tcp" }

func hostPort(u *url.URL) (string, error) {
	port := u.Port()
	if port == "" {
		port = "502" // registered for Modbus TCP
	}
	if n, err := strconv.Atoi(port); u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" ||
		err != nil || n < 1 || n > 65535 {
		return "", errors.New("want a host and a port from 1 to 65535")
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}

// options reads the query. All faults are reported at once.
func (a *Address) options(u *url.URL, known []string) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return err
	}
	var faults []error
	for key, values := range query {
		if !slices.Contains(known, key) || len(values) != 1 {
			faults = append(faults, fmt.Errorf("option %q: want each of %s at most once", key, strings.Join(known, ", ")))
		}
	}
	wait := func(key string, into *time.Duration, least time.Duration) {
		if !query.Has(key) {
			return
		}
		d, err := time.ParseDuration(query.Get(key))
		if err != nil || d < least || d > time.Minute {
			faults = append(faults, fmt.Errorf("%s %q: want a time from %v to 1m", key, query.Get(key), least))
		}
		*into = d
	}
	choose := func(key string, standard int, allowed ...int) int {
		if !query.Has(key) {
			return standard
		}
		n, err := strconv.Atoi(query.Get(key))
		if err != nil || !slices.Contains(allowed, n) {
			faults = append(faults, fmt.Errorf("%s %q: want one of %v", key, query.Get(key), allowed))
		}
		return n
	}
	wait("timeout", &a.timeout, 10*time.Millisecond)
	wait("settle", &a.settle, 0)
	a.gap = 5 * time.Millisecond
	wait("gap", &a.gap, 0)
	a.baud = choose("baud", 19200, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
	a.stopBits = choose("stop", 1, 1, 2)
	if a.parity = query.Get("parity"); a.parity == "" {
		a.parity = "E"
	}
	if !slices.Contains([]string{"N", "E", "O"}, a.parity) {
		faults = append(faults, fmt.Errorf("parity %q: want N, E or O", a.parity))
	}
	a.gap = max(a.gap, frameGap(a.baud))
	return errors.Join(faults...)
}

// frameGap is 3.5 characters of 11 bits, and 1.75 ms from 19200 baud up (Modbus over Serial Line V1.02, 2.5.1.1).
func frameGap(baud int) time.Duration {
	if baud > 19200 {
		return 1750 * time.Microsecond
	}
	return time.Duration(3.5 * 11 * float64(time.Second) / float64(baud))
}
