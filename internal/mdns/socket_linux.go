package mdns

import (
	"errors"
	"net"
	"syscall"
)

// multicastAll is IP_MULTICAST_ALL of linux/in.h, which package syscall lacks.
const multicastAll = 49

// alone has a socket hear its own interface only, not the group on all that others have joined, and lets programs
// of the same machine find each other: Go turns that off for multicast sockets.
func alone(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = raw.Control(func(fd uintptr) {
		set = errors.Join(
			syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, multicastAll, 0),
			syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_MULTICAST_LOOP, 1))
	})
	return errors.Join(err, set)
}
