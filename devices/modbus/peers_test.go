package modbus

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// needPeer is the path of a program of another maker; without it the test is left out, or fails where peers
// are required.
func needPeer(t testing.TB, program, debian string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		absent(t, fmt.Errorf("%w (apt-get install %s)", err, debian))
	}
	return path
}

func absent(t testing.TB, why error) {
	t.Helper()
	if os.Getenv("HEARTH_REQUIRE_PEERS") != "" {
		t.Fatalf("the peer is required: %v", why)
	}
	t.Skipf("peer absent: %v", why)
}

// startSlave runs testdata/slave.py until the test ends.
func startSlave(t *testing.T, framing, where string) {
	t.Helper()
	if out, err := exec.Command(python, "-c", "import pymodbus.server, serial_asyncio").CombinedOutput(); err != nil {
		absent(t, fmt.Errorf("%s -c 'import pymodbus.server, serial_asyncio': %w: %s (apt-get install python3-pymodbus python3-serial-asyncio)", python, err, lastLine(out)))
	}
	c := exec.Command(python, "testdata/slave.py", framing, where)
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
		stdin.Close()
		_ = c.Wait()
		t.Fatalf("slave did not start: %q %v\n%s", line, err, complaints.String())
	}
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// socatLine is a serial line that socat makes of two pseudo terminals, until the test ends.
func socatLine(t *testing.T) (one, other string) {
	t.Helper()
	socat := needPeer(t, "socat", "socat")
	folder := t.TempDir()
	one, other = filepath.Join(folder, "one"), filepath.Join(folder, "other")
	c := exec.Command(socat, "pty,raw,echo=0,link="+one, "pty,raw,echo=0,link="+other)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	eventually(t, "socat has made its line", func() bool {
		_, errOne := os.Stat(one)
		_, errOther := os.Stat(other)
		return errOne == nil && errOther == nil
	})
	return one, other
}

// mbpoll reads registers with a client of another maker: one value a line, "[52]: 1100".
func mbpoll(t *testing.T, path string, args ...string) (values []string) {
	t.Helper()
	out, err := exec.Command(path, append([]string{"-0", "-1", "-o", "2"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("mbpoll %v: %v\n%s", args, err, out)
	}
	for line := range strings.Lines(string(out)) {
		if at, value, isValue := strings.Cut(line, "]:"); isValue && strings.HasPrefix(at, "[") {
			_, signed, isSigned := strings.Cut(strings.TrimSpace(value), " (") // "64302 (-1234)"
			if value = strings.TrimSpace(value); isSigned {
				value = strings.TrimSuffix(signed, ")")
			}
			values = append(values, value)
		}
	}
	return values
}

// anyPort lets libmodbus' example, which has a port of its own, listen where the environment says.
const anyPort = `#include <stdlib.h>
void *__real_modbus_new_tcp(const char *host, int port);
void *__wrap_modbus_new_tcp(const char *host, int port) { return __real_modbus_new_tcp(host, atoi(getenv("PORT"))); }
`

// faultServer is libmodbus' own server of faults, compiled for this test. It serves one connection and ends.
func faultServer(t *testing.T) (start func(t *testing.T) (address string)) {
	t.Helper()
	const example = "/usr/share/doc/libmodbus-dev/examples/unit-test-server.c"
	if _, err := os.Stat(example); err != nil {
		absent(t, fmt.Errorf("%w (apt-get install libmodbus-dev)", err))
	}
	gcc := needPeer(t, "gcc", "gcc libc6-dev")
	folder := t.TempDir()
	wrap, server := filepath.Join(folder, "any-port.c"), filepath.Join(folder, "unit-test-server")
	if err := os.WriteFile(wrap, []byte(anyPort), 0o600); err != nil {
		t.Fatal(err)
	}
	compile := exec.Command(gcc, "-o", server, example, wrap, "-I/usr/include/modbus", "-Wl,--wrap=modbus_new_tcp", "-lmodbus")
	if out, err := compile.CombinedOutput(); err != nil {
		absent(t, fmt.Errorf("compile %s: %w: %s", example, err, lastLine(out)))
	}
	return func(t *testing.T) string {
		t.Helper()
		address := freePort(t)
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			t.Fatal(err)
		}
		c := exec.Command(server, "tcp")
		c.Env = append(os.Environ(), "PORT="+port)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = c.Process.Kill()
			_ = c.Wait()
		})
		eventually(t, "it listens", func() bool { return isListening(port) })
		return address
	}
}

// isListening looks without connecting: the server would take that for its one client.
func isListening(port string) bool {
	n, err := strconv.Atoi(port)
	if err != nil {
		return false
	}
	table, err := os.ReadFile("/proc/net/tcp")
	return err == nil && strings.Contains(string(table), fmt.Sprintf(":%04X 00000000:0000 0A", n))
}
