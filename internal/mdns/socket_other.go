//go:build !linux

package mdns

import "net"

// alone does nothing here: with several interfaces things are heard, and answered, more than once.
func alone(*net.UDPConn) error { return nil }
