package modbus

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// The transporters of goburrow/modbus v0.1.0 are not used: TCP stays dead after the peer restarted, one late
// TCP answer ends in "transaction id mismatch" for ever, one late RTU answer makes each later read return the
// bytes of the one before, and a split RTU exception is taken for a CRC error. regression_test.go shows each.

// line is an open connection that carries frames.
type line interface {
	// refresh throws away what nobody asked for and fails when the peer is gone; nothing was sent yet.
	refresh() error
	// exchange sends a frame and reads the one that answers it.
	exchange(request []byte) ([]byte, error)
	// SetDeadline in the past ends an exchange at once; any goroutine may call it.
	SetDeadline(time.Time) error
	Close() error
}

// wire is the bus as goburrow's Transporter, whose Send takes no context: one is made for each request.
type wire struct {
	ctx context.Context
	bus *Bus
}

// Send carries one request. On any error the bus lets go of the line afterwards.
func (w wire) Send(request []byte) ([]byte, error) {
	b := w.bus
	if err := b.connect(w.ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(w.ctx, b.address.timeout, errTimeout)
	defer cancel()
	line := b.line
	stop := context.AfterFunc(ctx, func() { _ = line.SetDeadline(time.Unix(1, 0)) })
	answer, err := line.exchange(request)
	if !stop() { // the line has a deadline in the past now, whatever came of the exchange
		return nil, context.Cause(ctx)
	}
	return answer, err
}

// connect makes sure of a line that is open and has nothing stale on it.
func (b *Bus) connect(ctx context.Context) error {
	if b.line != nil {
		if b.line.refresh() == nil {
			return nil
		}
		_ = b.hangUp() // the peer has gone since the last request
	}
	if err := pause(ctx, time.Until(b.silentUntil)); err != nil {
		return err
	}
	line, err := dial(ctx, b.address)
	if err != nil {
		return fmt.Errorf("%w to %s: %w", errUnreachable, b.address.target, err)
	}
	b.line = line
	if err := pause(ctx, b.address.settle); err != nil {
		return err
	}
	return line.refresh()
}

func dial(ctx context.Context, a Address) (line, error) {
	if a.isSerial() {
		port, err := openSerial(a)
		if err != nil {
			return nil, err
		}
		return &rtuLine{port, a.gap, a.timeout}, nil
	}
	conn, err := (&net.Dialer{Timeout: a.timeout}).DialContext(ctx, "tcp", a.target)
	if err != nil {
		return nil, err
	}
	if a.isRTU() {
		return &rtuLine{conn, a.gap, a.timeout}, nil
	}
	return &tcpLine{conn}, nil
}

// pause waits in real time: what it waits for is electric.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// tcpLine frames as in Modbus Messaging on TCP/IP V1.0b, section 3.1.3:
//
//	transaction (2) protocol (2) length (2) unit (1) function (1) data
//	                             |<- counts from here
type tcpLine struct{ net.Conn }

func (l *tcpLine) refresh() error { return drain(l.Conn) }

func (l *tcpLine) exchange(request []byte) ([]byte, error) {
	if _, err := l.Write(request); err != nil {
		return nil, err
	}
	return readTCP(l, request)
}

// readTCP reads frames until one bears the request's transaction; others answer questions given up long ago.
func readTCP(r io.Reader, request []byte) ([]byte, error) {
	for {
		var frame [260]byte
		if _, err := io.ReadFull(r, frame[:7]); err != nil {
			return nil, err
		}
		protocol, length := binary.BigEndian.Uint16(frame[2:]), int(binary.BigEndian.Uint16(frame[4:]))
		if protocol != 0 || length < 2 || length > 254 {
			return nil, fmt.Errorf("not a Modbus header: % x", frame[:7])
		}
		answer := frame[:6+length]
		if _, err := io.ReadFull(r, answer[7:]); err != nil {
			return nil, err
		}
		if answer[0] != request[0] || answer[1] != request[1] {
			continue
		}
		if answer[7]&0x80 != 0 && length != 3 {
			return nil, fmt.Errorf("not a Modbus exception: % x", answer)
		}
		return answer, checkHead(answer[6:], request[6:])
	}
}

// checkHead compares unit and function; an answer may have the function's error bit.
func checkHead(answer, request []byte) error {
	if answer[0] != request[0] || answer[1]&^0x80 != request[1] {
		return fmt.Errorf("unit %d function %d answers unit %d function %d", answer[0], answer[1], request[0], request[1])
	}
	return nil
}

// maxStale is how much a peer may say unasked before it is taken for broken.
const maxStale = 64 << 10

var errFlood = errors.New("the peer does not stop talking")

// drain reads what lies in the socket without waiting, and notices there that the peer has closed it.
func drain(c net.Conn) error {
	socket, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	var scrap [4096]byte
	for total := 0; total < maxStale; {
		var n int
		var errno error
		if err := raw.Read(func(fd uintptr) bool {
			n, errno = syscall.Read(int(fd), scrap[:])
			return true
		}); err != nil {
			return err
		}
		switch {
		case errors.Is(errno, syscall.EAGAIN):
			return nil
		case errors.Is(errno, syscall.EINTR):
			continue
		case errno != nil:
			return errno
		case n == 0:
			return io.EOF
		}
		total += n
	}
	return errFlood
}
