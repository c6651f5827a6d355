// Package slave serves Modbus TCP units whose registers are computed when they are asked for.
//
// A [Unit] is a few functions; [Serve] puts units behind one free loopback port and answers what no unit
// holds with the exceptions a real gateway would.
package slave

import (
	"fmt"
	"io"
	"log"
	"net"
	"sync"

	"github.com/simonvetter/modbus"
)

// What a unit may answer instead of values; each becomes a Modbus exception.
const (
	ErrFunction = modbus.ErrIllegalFunction         // 1
	ErrAddress  = modbus.ErrIllegalDataAddress      // 2
	ErrValue    = modbus.ErrIllegalDataValue        // 3
	ErrSilent   = modbus.ErrGWTargetFailedToRespond // 11: the gateway waited for the unit in vain
)

// Unit is what one unit id answers. A nil function is one the unit does not have. They are called from
// several goroutines at once.
type Unit struct {
	Input   func(addr, count uint16) ([]uint16, error) // function 4
	Holding func(addr, count uint16) ([]uint16, error) // function 3
	Write   func(addr uint16, values []uint16) error   // functions 6 and 16
}

// Server is a Modbus TCP server.
type Server struct {
	addr   string
	server *modbus.ModbusServer
	close  sync.Once
}

// Serve listens on a free loopback port.
func Serve(units map[uint8]Unit) (*Server, error) {
	var err error
	for range 5 { // the library cannot tell which port it got, so one is found before; it may be taken since
		var s *Server
		if s, err = serve(units); err == nil {
			return s, nil
		}
	}
	return nil, fmt.Errorf("serve modbus: %w", err)
}

func serve(units map[uint8]Unit) (*Server, error) {
	probe, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // on this machine it does not wait
	if err != nil {
		return nil, err
	}
	addr := probe.Addr().String()
	if err := probe.Close(); err != nil {
		return nil, err
	}
	conf := modbus.ServerConfiguration{URL: "tcp://" + addr, Logger: log.New(io.Discard, "", 0)}
	server, err := modbus.NewServer(&conf, handler(units))
	if err != nil {
		return nil, err
	}
	if err := server.Start(); err != nil {
		return nil, err
	}
	return &Server{addr: addr, server: server}, nil
}

// URL is where the server can be reached, "tcp://127.0.0.1:1502".
func (s *Server) URL() string { return "tcp://" + s.addr }

// Close stops listening and cuts the connections. It may be called twice.
func (s *Server) Close() error {
	var err error
	s.close.Do(func() { err = s.server.Stop() })
	return err
}

// handler finds the unit that is asked.
type handler map[uint8]Unit

func (h handler) unit(id uint8) (Unit, error) {
	u, ok := h[id]
	if !ok {
		return u, ErrSilent
	}
	return u, nil
}

// HandleCoils refuses: no unit has coils.
func (h handler) HandleCoils(*modbus.CoilsRequest) ([]bool, error) { return nil, ErrFunction }

// HandleDiscreteInputs refuses: no unit has discrete inputs.
func (h handler) HandleDiscreteInputs(*modbus.DiscreteInputsRequest) ([]bool, error) {
	return nil, ErrFunction
}

// HandleHoldingRegisters serves functions 3, 6 and 16.
func (h handler) HandleHoldingRegisters(r *modbus.HoldingRegistersRequest) ([]uint16, error) {
	u, err := h.unit(r.UnitId)
	switch {
	case err != nil:
		return nil, err
	case r.IsWrite && u.Write != nil:
		return nil, u.Write(r.Addr, r.Args)
	case !r.IsWrite && u.Holding != nil:
		return u.Holding(r.Addr, r.Quantity)
	}
	return nil, ErrFunction
}

// HandleInputRegisters serves function 4.
func (h handler) HandleInputRegisters(r *modbus.InputRegistersRequest) ([]uint16, error) {
	u, err := h.unit(r.UnitId)
	switch {
	case err != nil:
		return nil, err
	case u.Input != nil:
		return u.Input(r.Addr, r.Quantity)
	}
	return nil, ErrFunction
}
