package slave

import (
	"errors"
	"math"
	"testing"

	"github.com/goburrow/modbus"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dial is a client of another maker, so that both cannot be wrong in the same way.
func dial(t *testing.T, s *Server, unit byte) modbus.Client {
	t.Helper()
	h := modbus.NewTCPClientHandler(s.addr)
	h.SlaveId = unit
	if err := h.Connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return modbus.NewClient(h)
}

func serveTest(t *testing.T, units map[uint8]Unit) *Server {
	t.Helper()
	s, err := Serve(units)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func exception(err error) byte {
	var m *modbus.ModbusError
	if errors.As(err, &m) {
		return m.ExceptionCode
	}
	return 0
}

func TestServer_ServesEachUnitItsRegisters(t *testing.T) {
	written := map[uint16]uint16{}
	bank := Bank{}
	bank.F32(0x34, -1234.5)
	bank.I32(10, -7)
	bank.U32(20, 0x01020304)
	bank.U16(30, 5)
	s := serveTest(t, map[uint8]Unit{
		1: {Input: bank.Read},
		7: {Holding: bank.Read, Write: func(addr uint16, values []uint16) error {
			written[addr] = values[0]
			return nil
		}},
	})
	b, err := dial(t, s, 1).ReadInputRegisters(0x34, 2)
	if err != nil || math.Float32frombits(uint32(b[0])<<24|uint32(b[1])<<16|uint32(b[2])<<8|uint32(b[3])) != -1234.5 {
		t.Errorf("float: % x, %v", b, err)
	}
	seven := dial(t, s, 7)
	if b, err := seven.ReadHoldingRegisters(20, 2); err != nil || string(b) != "\x01\x02\x03\x04" {
		t.Errorf("u32: % x, %v", b, err)
	}
	if b, err := seven.ReadHoldingRegisters(10, 2); err != nil || string(b) != "\xff\xff\xff\xf9" {
		t.Errorf("i32: % x, %v", b, err)
	}
	if _, err := seven.WriteSingleRegister(99, 42); err != nil || written[99] != 42 {
		t.Errorf("wrote %v, %v", written, err)
	}
	if _, err := seven.WriteMultipleRegisters(50, 1, []byte{0, 9}); err != nil || written[50] != 9 {
		t.Errorf("wrote %v, %v", written, err)
	}
}

func TestServer_AnswersWhatItLacksWithTheRightException(t *testing.T) {
	bank := Bank{}
	bank.Zero(0, 9)
	s := serveTest(t, map[uint8]Unit{1: {
		Input: bank.Read,
		Write: func(addr uint16, _ []uint16) error {
			if addr == 1 {
				return ErrValue
			}
			return ErrAddress
		},
	}})
	one := dial(t, s, 1)
	for name, c := range map[string]struct {
		call func() ([]byte, error)
		want byte
	}{
		"no coils":        {func() ([]byte, error) { return one.ReadCoils(0, 1) }, 1},
		"no discretes":    {func() ([]byte, error) { return one.ReadDiscreteInputs(0, 1) }, 1},
		"no holding":      {func() ([]byte, error) { return one.ReadHoldingRegisters(0, 1) }, 1},
		"no register":     {func() ([]byte, error) { return one.ReadInputRegisters(10, 1) }, 2},
		"beyond the end":  {func() ([]byte, error) { return one.ReadInputRegisters(9, 2) }, 2},
		"wrong address":   {func() ([]byte, error) { return one.WriteSingleRegister(0, 1) }, 2},
		"wrong value":     {func() ([]byte, error) { return one.WriteSingleRegister(1, 1) }, 3},
		"nobody has unit": {func() ([]byte, error) { return dial(t, s, 2).ReadInputRegisters(0, 1) }, 11},
	} {
		if _, err := c.call(); exception(err) != c.want {
			t.Errorf("%s: %v, want exception %d", name, err, c.want)
		}
	}
}

func TestServer_ClosesTwiceAndCutsItsClients(t *testing.T) {
	s := serveTest(t, map[uint8]Unit{1: {Input: Bank{0: 1}.Read}})
	c := dial(t, s, 1)
	if _, err := c.ReadInputRegisters(0, 1); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadInputRegisters(0, 1); err == nil {
		t.Error("answers after it was closed")
	}
}
