package sunspec

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"hearth/sim/slave"
)

// python is Debian's own: another python3 first in the path does not find its packages.
const python = "/usr/bin/python3"

// startPymodbus serves a bank by testdata/slave.py until the test ends.
func startPymodbus(t *testing.T, b slave.Bank) (address string) {
	t.Helper()
	if out, err := exec.Command(python, "-c", "import pymodbus.server").CombinedOutput(); err != nil {
		requirePeer(t, fmt.Errorf("%s -c 'import pymodbus.server': %w: %s", python, err, out))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(address)
	c := exec.Command(python, "testdata/slave.py", port)
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
	if err := json.NewEncoder(stdin).Encode(b); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if strings.TrimSpace(line) != "ready" {
		t.Fatalf("slave did not start: %q %v\n%s", line, err, complaints.String())
	}
	return address
}

func requirePeer(t *testing.T, why error) {
	t.Helper()
	if os.Getenv("HEARTH_REQUIRE_PEERS") != "" {
		t.Fatalf("the peer is required: %v", why)
	}
	t.Skipf("peer absent: %v (apt-get install python3-pymodbus)", why)
}

// An implementation that is not ours and not Go holds the same registers: the walk, the readings and the
// commands are the same.
func TestPymodbus_IsWalkedReadAndToldLikeOurOwnSlave(t *testing.T) {
	for _, c := range []struct {
		dump  string
		o     Options
		power float64
	}{
		{"fronius-gen24", Options{Part: Battery}, 820},
		{"solaredge-two-meters", Options{Part: Meter, Sign: -1, Instance: 2}, -1234},
		{"seven-hundred", Options{Part: Battery}, 1200},
		{"bank-802", Options{Sign: 1}, 2500},
	} {
		t.Run(c.dump, func(t *testing.T) {
			t.Parallel()
			d := loadDump(t, c.dump)
			address := startPymodbus(t, d.bank())
			m, err := Walk(t.Context(), dial(t, address))
			if err != nil || !reflect.DeepEqual(m, mustWalk(t, d)) {
				t.Fatalf("%+v, %v", m, err)
			}
			p, _, err := m.Profile(c.o)
			if err != nil {
				t.Fatal(err)
			}
			device := drive(t, p, address)
			if got := device.Observe().Power; float64(got.Value) != c.power || !got.Valid {
				t.Errorf("power %+v", got)
			}
			if device.Setpoint == nil {
				return
			}
			if err := device.Setpoint.SetPower(t.Context(), -1500, 300e9); err != nil {
				t.Fatal(err)
			}
			if got := device.Setpoint.Setpoint(); !got.Valid || got.Value < -1501 || got.Value > -1499 {
				t.Errorf("setpoint %+v", got)
			}
		})
	}
}

// The device changes its scale factor with the load, between any two requests.
func TestScaleFactor_ChangingWithTheLoadNeverMultipliesAValue(t *testing.T) {
	s, address := serve(t, loadDump(t, "fronius-gen24"))
	m, err := Walk(t.Context(), dial(t, address))
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := m.Profile(Options{Part: Inverter})
	if err != nil {
		t.Fatal(err)
	}
	inverter, _ := m.first(103)
	reads := 0
	s.mu.Lock()
	s.before = func(b slave.Bank) {
		if reads++; reads%2 == 0 {
			b[uint16(inverter.Addr+14)], b[uint16(inverter.Addr+15)] = 25, 2
			return
		}
		b[uint16(inverter.Addr+14)], b[uint16(inverter.Addr+15)] = 25000, 0xFFFF
	}
	s.mu.Unlock()
	for i := range 20 {
		t.Run(strconv.Itoa(i), func(t *testing.T) { // each with a connection of its own
			if got := drive(t, p, address).Observe().Power; got.Value != -2500 || !got.Valid {
				t.Fatalf("power %+v", got)
			}
		})
	}
}
