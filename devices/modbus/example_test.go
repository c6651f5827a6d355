package modbus_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"time"

	"github.com/simonvetter/modbus"

	"hearth/devices"
	mb "hearth/devices/modbus"
	"hearth/devices/profiles"
	"hearth/internal/clock"
)

// A charger on loopback is read, told to charge with six amperes on three phases, and read again.
func ExampleNew() {
	where, stop := serveCharger()
	defer stop()

	address, err := mb.ParseAddress("tcp://" + where + "?timeout=2s")
	if err != nil {
		fmt.Println(err)
		return
	}
	profile, err := profiles.Get("keba-p30")
	if err != nil {
		fmt.Println(err)
		return
	}
	bus := mb.NewBus(address, clock.Wall{}, func() devices.Pace { return tenSeconds{} })
	defer bus.Close()
	car, err := mb.New(mb.Config{
		Name: "car", Profile: profile, Params: map[string]string{"max_current": "16"},
		Bus: bus, Clock: clock.Wall{}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := car.Setpoint.SetPower(ctx, 4140, 2*time.Minute); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("told", car.Setpoint.Setpoint().Value, "of at most", car.Capabilities.Max)
	// Output: told 4.14kW of at most 11.04kW
}

type tenSeconds struct{}

func (tenSeconds) Next(err error) time.Duration {
	if err == nil {
		return 0
	}
	return 10 * time.Second
}

// charger answers the registers of a KEBA P30 that a command touches.
type charger struct{ milliamps uint16 }

func (c *charger) HandleHoldingRegisters(r *modbus.HoldingRegistersRequest) ([]uint16, error) {
	switch {
	case r.IsWrite && r.Addr == 5004:
		c.milliamps = r.Args[0]
	case r.Addr == 1000:
		return []uint16{0, 3}, nil
	case r.Addr == 1100:
		return []uint16{0, c.milliamps}, nil
	}
	return nil, nil
}

func (c *charger) HandleInputRegisters(*modbus.InputRegistersRequest) ([]uint16, error) {
	return nil, modbus.ErrIllegalFunction
}

func (c *charger) HandleCoils(*modbus.CoilsRequest) ([]bool, error) {
	return nil, modbus.ErrIllegalFunction
}

func (c *charger) HandleDiscreteInputs(*modbus.DiscreteInputsRequest) ([]bool, error) {
	return nil, modbus.ErrIllegalFunction
}

func serveCharger() (address string, stop func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // a free port
	if err != nil {
		panic(err)
	}
	address = l.Addr().String()
	l.Close()
	s, err := modbus.NewServer(&modbus.ServerConfiguration{URL: "tcp://" + address, Logger: log.New(io.Discard, "", 0)}, &charger{})
	if err != nil {
		panic(err)
	}
	if err := s.Start(); err != nil {
		panic(err)
	}
	return address, func() { _ = s.Stop() }
}
