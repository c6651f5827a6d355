package push

import (
	"errors"
	"net"
)

// maxPacket is for one message: an event with a year of hours in a notification, some times over. Paho makes room for
// what a packet announces, up to 256 MB, before the first byte of it has come.
const maxPacket = 4 << 20

var errTooLong = errors.New("packet of more than 4 MiB")

// narrow is a connection through which no long packet comes. Where it announces one, reading ends.
type narrow struct {
	net.Conn
	frame frame
}

// Read reads what the frame lets through.
func (n *narrow) Read(p []byte) (int, error) {
	got, err := n.Conn.Read(p)
	if !n.frame.pass(p[:got]) {
		return 0, errTooLong
	}
	return got, err
}

// frame follows the packets of a stream (MQTT 3.1.1, section 2.2): a byte, a length of one to four bytes, and as much
// as that says.
type frame struct {
	rest     int  // bytes of the packet still to come
	isLength bool // the next byte is of a length
	length   int
	shift    int
}

// pass says whether all packets in b are short enough.
func (f *frame) pass(b []byte) bool {
	for len(b) > 0 {
		switch {
		case f.rest > 0:
			n := min(f.rest, len(b))
			f.rest -= n
			b = b[n:]
			continue
		case !f.isLength:
			*f = frame{isLength: true}
		default:
			f.length |= int(b[0]&0x7f) << f.shift
			f.shift += 7
			if f.length > maxPacket || f.shift > 28 {
				return false
			}
			if b[0]&0x80 == 0 {
				*f = frame{rest: f.length}
			}
		}
		b = b[1:]
	}
	return true
}
