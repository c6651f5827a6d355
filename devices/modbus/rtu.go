package modbus

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/goburrow/modbus"
	"github.com/goburrow/serial"
)

// rtuLine frames as in Modbus over Serial Line V1.02, section 2.5.1: unit, function, data, CRC; frames are
// told apart by silence, and nothing says which request an answer belongs to.
type rtuLine struct {
	port
	gap      time.Duration
	patience time.Duration // with a line that is never silent
}

// port is a byte stream with deadlines: a serial line, or a connection to a gateway.
type port interface {
	io.ReadWriteCloser
	SetDeadline(time.Time) error
	SetReadDeadline(time.Time) error
}

// refresh listens until the line was silent for a gap, which the specification asks for between frames anyway.
func (l *rtuLine) refresh() error {
	var scrap [256]byte
	for end := time.Now().Add(l.patience); time.Now().Before(end); {
		if err := l.SetReadDeadline(time.Now().Add(l.gap)); err != nil {
			return err
		}
		_, err := l.Read(scrap[:])
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return l.SetReadDeadline(time.Time{})
		}
		if err != nil {
			return err
		}
	}
	return errFlood
}

func (l *rtuLine) exchange(request []byte) ([]byte, error) {
	if _, err := l.Write(request); err != nil {
		return nil, err
	}
	return readRTU(l, request)
}

// readRTU reads one frame whose length follows from its first three bytes. The CRC is checked by goburrow.
func readRTU(r io.Reader, request []byte) ([]byte, error) {
	var frame [256]byte
	if _, err := io.ReadFull(r, frame[:3]); err != nil {
		return nil, err
	}
	if err := checkHead(frame[:2], request); err != nil {
		return nil, err
	}
	length := 8 // a write: its address and value or count come back
	switch frame[1] {
	case modbus.FuncCodeReadHoldingRegisters, modbus.FuncCodeReadInputRegisters:
		asked := int(request[4])<<8 | int(request[5])
		if int(frame[2]) != 2*asked {
			return nil, fmt.Errorf("%d bytes answer a question for %d registers", frame[2], asked)
		}
		length = 5 + int(frame[2])
	default:
		if frame[1]&0x80 != 0 {
			length = 5
		}
	}
	_, err := io.ReadFull(r, frame[3:length])
	return frame[:length], err
}

// serialSlice is how long one read waits before it looks at the deadline again: goburrow/serial takes its
// timeout when the port is opened and cannot be interrupted.
const serialSlice = 10 * time.Millisecond

// serialPort gives goburrow's port deadlines. SetDeadline may be called from any goroutine.
type serialPort struct {
	serial.Port
	deadline atomic.Int64 // Unix nanoseconds; zero: none
}

func openSerial(a Address) (*serialPort, error) {
	p, err := serial.Open(&serial.Config{
		Address: a.target, BaudRate: a.baud, DataBits: 8, StopBits: a.stopBits, Parity: a.parity, Timeout: serialSlice,
	})
	if err != nil {
		return nil, err
	}
	return &serialPort{Port: p}, nil
}

// Read waits for at least one byte or the deadline.
func (p *serialPort) Read(b []byte) (int, error) {
	for {
		if d := p.deadline.Load(); d != 0 && time.Now().UnixNano() >= d {
			return 0, os.ErrDeadlineExceeded
		}
		n, err := p.Port.Read(b)
		switch {
		case errors.Is(err, serial.ErrTimeout):
		case err != nil:
			return 0, err // goburrow hands on the system's -1 with it
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// Write writes all of b or says why not.
func (p *serialPort) Write(b []byte) (int, error) {
	n, err := p.Port.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	return max(n, 0), err
}

// SetDeadline ends reads at t; the zero time ends none.
func (p *serialPort) SetDeadline(t time.Time) error {
	if t.IsZero() {
		p.deadline.Store(0)
	} else {
		p.deadline.Store(t.UnixNano())
	}
	return nil
}

// SetReadDeadline is SetDeadline: writes go to a buffer of the system and do not wait.
func (p *serialPort) SetReadDeadline(t time.Time) error { return p.SetDeadline(t) }
