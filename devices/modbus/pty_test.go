package modbus

import (
	"fmt"
	"os"
	"sync"
	"syscall"
	"testing"
	"unsafe"
)

// openPTY is a pair of pseudo terminals: the slave's end as a file, the client's as a path. It stands for a
// serial line, whose bytes arrive with the kernel's own timing.
func openPTY(t testing.TB) (slave *os.File, client string) {
	t.Helper()
	slave, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	var unlock, number int32
	ioctl(t, slave, syscall.TIOCSPTLCK, &unlock)
	ioctl(t, slave, syscall.TIOCGPTN, &number)
	client = fmt.Sprintf("/dev/pts/%d", number)
	// Held open, so that the slave does not see a hangup when the client closes and opens the line.
	held, err := os.OpenFile(client, os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	// Raw from the start: echo and line editing off before the client sets its own modes.
	modes := syscall.Termios{Cflag: syscall.CS8 | syscall.CREAD | syscall.CLOCAL | syscall.B19200}
	modes.Cc[syscall.VMIN] = 1
	ioctl(t, held, syscall.TCSETS, &modes)
	t.Cleanup(func() {
		held.Close()
		slave.Close()
	})
	return slave, client
}

// ioctl goes through SyscallConn: File.Fd would make the file blocking, and Close would not end a Read.
func ioctl[T any](t testing.TB, f *os.File, request uintptr, value *T) {
	t.Helper()
	raw, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var errno syscall.Errno
	if err := raw.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(unsafe.Pointer(value)))
	}); err != nil || errno != 0 {
		t.Fatalf("ioctl %#x: %v %v", request, err, errno)
	}
}

// servePTY runs behave on the slave's end of a new line and waits for it when the test ends.
func servePTY(t testing.TB, behave func(slave *os.File)) (client string) {
	t.Helper()
	slave, client := openPTY(t)
	var running sync.WaitGroup
	running.Go(func() { behave(slave) })
	t.Cleanup(func() {
		slave.Close()
		running.Wait()
	})
	return client
}
