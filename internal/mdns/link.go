package mdns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// Config says where to speak. The zero value is right outside tests.
type Config struct {
	Interfaces []net.Interface // nil: all that are up, can multicast and have an address of IPv4, but loopback
	Port       int             // 0: that of mDNS, 5353
}

// group is where everybody listens (RFC 6762, section 3).
var group = [4]byte{224, 0, 0, 251}

// link is a socket on one interface.
type link struct {
	conn  *net.UDPConn
	iface net.Interface
	to    netip.AddrPort // the group
}

var errNoInterface = errors.New("no network interface that can multicast")

func (c Config) interfaces() ([]net.Interface, error) {
	if c.Interfaces != nil {
		return c.Interfaces, nil
	}
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var out []net.Interface
	for _, i := range all {
		const want = net.FlagUp | net.FlagMulticast
		isReal := i.Flags&want == want && i.Flags&(net.FlagLoopback|net.FlagPointToPoint) == 0
		if isReal && len(addressesOf(i)) > 0 && addressesOf(i)[0].Is4() {
			out = append(out, i)
		}
	}
	return out, nil
}

// addressesOf are those of an interface, IPv4 first; nil if it is gone.
func addressesOf(i net.Interface) (out []netip.Addr) {
	var six []netip.Addr
	for _, p := range prefixesOf(i.Addrs()) {
		if p.Addr().Is4() {
			out = append(out, p.Addr())
		} else {
			six = append(six, p.Addr())
		}
	}
	return append(out, six...)
}

func prefixesOf(addrs []net.Addr, _ error) (out []netip.Prefix) {
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// open joins the group on each interface. One that refuses is left out, unless all do.
func (c Config) open() ([]*link, error) {
	interfaces, err := c.interfaces()
	if err != nil {
		return nil, err
	}
	if len(interfaces) == 0 {
		return nil, errNoInterface
	}
	port := c.Port
	if port == 0 {
		port = 5353
	}
	var links []*link
	var faults []error
	for _, i := range interfaces {
		to := netip.AddrPortFrom(netip.AddrFrom4(group), uint16(port))
		conn, err := net.ListenMulticastUDP("udp4", &i, net.UDPAddrFromAddrPort(to))
		if err == nil {
			err = alone(conn)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("join on %s: %w", i.Name, err))
			continue
		}
		links = append(links, &link{conn, i, to})
	}
	if len(links) == 0 {
		return nil, errors.Join(faults...)
	}
	return links, nil
}

func (l *link) send(m message) error { return l.sendTo(m, l.to) }

func (l *link) sendTo(m message, to netip.AddrPort) error {
	_, err := l.conn.WriteToUDPAddrPort(m.bytes(), to)
	return err
}

// wakeWith ends the wait of receive when ctx ends; the function returned says that nobody needs it any more.
func (l *link) wakeWith(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = l.conn.SetReadDeadline(time.Unix(1, 0)) })
}

// errWait says that receive has waited as long as it was told to, or until the context ended.
var errWait = errors.New("nothing was heard")

// receive is the next message from somebody on the network, until a time.
func (l *link) receive(ctx context.Context, until time.Time) (m message, from netip.AddrPort, err error) {
	buf := make([]byte, maxPacket+1)
	for {
		if err := l.conn.SetReadDeadline(until); err != nil {
			return m, from, err
		}
		if ctx.Err() != nil { // before that line the deadline was ours: now it stays in the past
			return m, from, errWait
		}
		n, from, err := l.conn.ReadFromUDPAddrPort(buf)
		var e net.Error
		switch {
		case errors.As(err, &e) && e.Timeout():
			return m, from, errWait
		case err != nil:
			return m, from, err
		}
		if m, ok := read(buf[:n]); ok && isNear(from.Addr()) {
			return m, from, nil
		}
	}
}

// isNear says that an address is on a network of this machine: all others have no say (RFC 6762, section 11).
func isNear(a netip.Addr) bool {
	for _, p := range prefixesOf(net.InterfaceAddrs()) {
		if p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}
