package sim

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/goburrow/modbus"
	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/sim/house"
	"hearth/sim/slave"
)

// client is a Modbus client of another maker than the server.
type client struct {
	t *testing.T
	modbus.Client
}

func dial(t *testing.T, s *slave.Server, unit byte) client {
	t.Helper()
	h := modbus.NewTCPClientHandler(strings.TrimPrefix(s.URL(), "tcp://"))
	h.SlaveId = unit
	if err := h.Connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return client{t, modbus.NewClient(h)}
}

func (c client) float(addr uint16) float64 {
	c.t.Helper()
	b, err := c.ReadInputRegisters(addr, 2)
	if err != nil {
		c.t.Fatalf("input %d: %v", addr, err)
	}
	return float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
}

func (c client) u32(addr uint16) uint32 {
	c.t.Helper()
	b, err := c.ReadHoldingRegisters(addr, 2)
	if err != nil {
		c.t.Fatalf("holding %d: %v", addr, err)
	}
	return binary.BigEndian.Uint32(b)
}

func (c client) u16(addr uint16) uint16 {
	c.t.Helper()
	b, err := c.ReadHoldingRegisters(addr, 1)
	if err != nil {
		c.t.Fatalf("holding %d: %v", addr, err)
	}
	return binary.BigEndian.Uint16(b)
}

func (c client) write(addr, value uint16) {
	c.t.Helper()
	if _, err := c.WriteSingleRegister(addr, value); err != nil {
		c.t.Fatalf("write %d: %v", addr, err)
	}
}

func (c client) write32(addr uint16, value uint32) {
	c.t.Helper()
	if _, err := c.WriteMultipleRegisters(addr, 2, binary.BigEndian.AppendUint32(nil, value)); err != nil {
		c.t.Fatalf("write %d: %v", addr, err)
	}
}

func exception(err error) byte {
	var m *modbus.ModbusError
	if errors.As(err, &m) {
		return m.ExceptionCode
	}
	return 0
}

func isNear(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

// started is a home whose sockets are open; time does not pass by itself.
func started(t *testing.T, start time.Time) (*Home, *still) {
	t.Helper()
	h, c := newHome(t, 1, start)
	if err := h.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h, c
}

func TestMeters_ShowPowerAndCountersOfBothUnits(t *testing.T) {
	h, c := started(t, noonOf(berlin(t)))
	grid, solar := dial(t, h.sockets.cabinet, gridUnit), dial(t, h.sockets.cabinet, solarUnit)
	was := 0.0
	for range 10 {
		c.pass(47 * time.Minute)
		s := h.State()
		for name, v := range map[string][2]float64{
			"grid power":   {grid.float(0x34), float64(s.Power.Grid)},
			"solar power":  {solar.float(0x34), float64(s.Power.Solar)},
			"grid import":  {grid.float(0x48), float64(s.Grid.Imported) / 1000},
			"grid export":  {grid.float(0x4A), float64(s.Grid.Exported) / 1000},
			"solar export": {solar.float(0x4A), float64(s.Solar.Exported) / 1000},
			"phases":       {grid.float(0x0C) + grid.float(0x0E) + grid.float(0x10), float64(s.Power.Grid)},
		} {
			if !isNear(v[0], v[1], 0.01) {
				t.Errorf("%v: %s reads %v, is %v", s.At, name, v[0], v[1])
			}
		}
		if now := grid.float(0x48); now < was {
			t.Errorf("import fell from %v to %v", was, now)
		} else {
			was = now
		}
	}
	if b, err := grid.ReadInputRegisters(0, 76); err != nil || len(b) != 152 {
		t.Errorf("the whole block: %d bytes, %v", len(b), err)
	}
}

func TestMeters_RefuseWhatAnSDM630Refuses(t *testing.T) {
	h, _ := started(t, noonOf(berlin(t)))
	grid := dial(t, h.sockets.cabinet, gridUnit)
	for name, c := range map[string]struct {
		call func() ([]byte, error)
		want byte
	}{
		"odd address":      {func() ([]byte, error) { return grid.ReadInputRegisters(0x33, 2) }, 2},
		"half a float":     {func() ([]byte, error) { return grid.ReadInputRegisters(0x34, 1) }, 2},
		"unknown":          {func() ([]byte, error) { return grid.ReadInputRegisters(0x4C, 2) }, 2},
		"holding register": {func() ([]byte, error) { return grid.ReadHoldingRegisters(0x34, 2) }, 1},
		"write":            {func() ([]byte, error) { return grid.WriteSingleRegister(0x34, 2) }, 1},
	} {
		if _, err := c.call(); exception(err) != c.want {
			t.Errorf("%s: %v, want exception %d", name, err, c.want)
		}
	}
	h.SilenceMeter(true)
	if _, err := grid.ReadInputRegisters(0x34, 2); exception(err) != 11 {
		t.Errorf("silent: %v, want exception 11", err)
	}
	if p := dial(t, h.sockets.cabinet, solarUnit).float(0x34); p >= 0 {
		t.Errorf("beside a silent grid meter the solar one reads %v", p)
	}
	h.SilenceMeter(false)
	grid.float(0x34)
}

func TestBattery_HoldsForcedPowerForItsPeriod(t *testing.T) {
	h, c := started(t, time.Date(2026, 5, 12, 1, 0, 0, 0, berlin(t)))
	h.look(func(now *house.House) { now.Battery.Stored = 5000 })
	b := dial(t, h.sockets.cabinet, batteryUnit)
	power := func() float64 { c.pass(step); return float64(int32(b.u32(37765))) }
	if p := power(); p >= 0 {
		t.Fatalf("released at night it takes %v", p)
	}
	b.write(47246, 0)
	b.write(47083, 2)
	b.write32(47247, 1500)
	b.write32(47249, 0)
	b.write(47100, 1)
	if p := power(); p != 1500 || b.u16(47100) != 1 || b.u32(47247) != 1500 {
		t.Errorf("charges %v, mode %d, setpoint %d", p, b.u16(47100), b.u32(47247))
	}
	b.write32(47247, 700) // a new power holds at once
	if p := power(); p != 700 {
		t.Errorf("charges %v of 700", p)
	}
	c.pass(100 * time.Second)
	b.write(47083, 2) // renewed
	c.pass(100 * time.Second)
	if p := power(); p != 700 {
		t.Errorf("renewed it charges %v", p)
	}
	b.write32(47249, 2000)
	b.write(47100, 2)
	if p := power(); p != -2000 || b.u16(47100) != 2 {
		t.Errorf("discharges %v, mode %d", p, b.u16(47100))
	}
	c.pass(2 * time.Minute)
	if p := power(); p == -2000 || b.u16(47100) != 0 {
		t.Errorf("after its period it takes %v, mode %d", p, b.u16(47100))
	}
	b.write(47100, 1)
	if b.write(47100, 0); power() >= 0 || b.u16(47100) != 0 {
		t.Error("stopped it does not cover the home")
	}
	now := h.State()
	if got, want := float64(b.u16(37760))/1000, float64(now.Battery.SoC()); !isNear(got, want, 0.0006) {
		t.Errorf("state of charge reads %v, is %v", got, want)
	}
}

func TestBattery_RefusesWhatTheInverterRefuses(t *testing.T) {
	h, _ := started(t, noonOf(berlin(t)))
	b := dial(t, h.sockets.cabinet, batteryUnit)
	for name, c := range map[string]struct {
		addr, value uint16
		want        byte
	}{
		"period none": {47083, 0, 3}, "period beyond a day": {47083, 1441, 3}, "no such mode": {47100, 3, 3},
		"target by charge": {47246, 1, 3}, "half a power": {47247, 100, 2}, "unknown": {40000, 1, 2},
	} {
		if _, err := b.WriteSingleRegister(c.addr, c.value); exception(err) != c.want {
			t.Errorf("%s: %v, want exception %d", name, err, c.want)
		}
	}
	if _, err := b.WriteMultipleRegisters(47247, 2, []byte{0, 0, 0x0F, 0xA1}); exception(err) != 3 {
		t.Errorf("4001 W: %v, want exception 3", err)
	}
	if _, err := b.ReadHoldingRegisters(30000, 1); exception(err) != 2 {
		t.Errorf("unknown: %v, want exception 2", err)
	}
	if h.State().Battery.IsForced {
		t.Error("is forced")
	}
}

func TestCharger_ObeysAndShowsItsCar(t *testing.T) {
	h, c := started(t, noonOf(berlin(t)))
	k := dial(t, h.sockets.garage, chargerUnit)
	if k.u32(1000) != 1 || k.u32(1004) != 1 || k.u32(1020) != 0 {
		t.Errorf("at noon: state %d, cable %d, power %d", k.u32(1000), k.u32(1004), k.u32(1020))
	}
	c.pass(6 * time.Hour) // everybody is home
	if k.u32(1000) != 3 || k.u32(1004) != 7 || k.u32(1020) != 11040000 || k.u32(1008) != 16000 || k.u32(1100) != 16000 {
		t.Errorf("in the evening: state %d, cable %d, %d mW, %d mA of %d", k.u32(1000), k.u32(1004), k.u32(1020), k.u32(1008), k.u32(1100))
	}
	if got, want := float64(k.u32(1502))/10, float64(h.State().Charger.Session); !isNear(got, want, 0.1) || got == 0 {
		t.Errorf("session reads %v, is %v", got, want)
	}
	k.write(5004, 8000)
	if c.pass(step); k.u32(1020) != 5520000 || k.u32(1100) != 8000 {
		t.Errorf("told 8 A: %d mW, shows %d", k.u32(1020), k.u32(1100))
	}
	k.write(5014, 0)
	if c.pass(step); k.u32(1000) != 5 || k.u32(1020) != 0 {
		t.Errorf("disabled: state %d, %d mW", k.u32(1000), k.u32(1020))
	}
	k.write(5014, 1)
	k.write(5016, 6000)
	k.write(5018, 60)
	if c.pass(2 * time.Minute); k.u32(1020) != 4140000 || k.u32(1600) != 6000 || k.u32(1602) != 60 {
		t.Errorf("in silence: %d mW, failsafe %d mA after %d s", k.u32(1020), k.u32(1600), k.u32(1602))
	}
	k.write(5018, 60)
	if c.pass(step); k.u32(1020) != 5520000 {
		t.Errorf("heard again: %d mW", k.u32(1020))
	}
}

func TestCharger_RefusesWhatAKEBARefuses(t *testing.T) {
	h, _ := started(t, noonOf(berlin(t)))
	k := dial(t, h.sockets.garage, chargerUnit)
	for name, call := range map[string]struct {
		call func() ([]byte, error)
		want byte
	}{
		"across values":   {func() ([]byte, error) { return k.ReadHoldingRegisters(1008, 4) }, 2},
		"half a value":    {func() ([]byte, error) { return k.ReadHoldingRegisters(1000, 1) }, 2},
		"unknown":         {func() ([]byte, error) { return k.ReadHoldingRegisters(1700, 2) }, 2},
		"read a command":  {func() ([]byte, error) { return k.ReadHoldingRegisters(5004, 2) }, 2},
		"input":           {func() ([]byte, error) { return k.ReadInputRegisters(1000, 2) }, 1},
		"5 A":             {func() ([]byte, error) { return k.WriteSingleRegister(5004, 5000) }, 3},
		"enable 2":        {func() ([]byte, error) { return k.WriteSingleRegister(5014, 2) }, 3},
		"failsafe 5 s":    {func() ([]byte, error) { return k.WriteSingleRegister(5018, 5) }, 3},
		"failsafe 1 A":    {func() ([]byte, error) { return k.WriteSingleRegister(5016, 1000) }, 3},
		"write unknown":   {func() ([]byte, error) { return k.WriteSingleRegister(1000, 1) }, 2},
		"function 16":     {func() ([]byte, error) { return k.WriteMultipleRegisters(5004, 2, []byte{0, 0, 0, 0}) }, 3},
		"another unit id": {func() ([]byte, error) { return dial(t, h.sockets.garage, 1).ReadHoldingRegisters(1000, 2) }, 11},
	} {
		if _, err := call.call(); exception(err) != call.want {
			t.Errorf("%s: %v, want exception %d", name, err, call.want)
		}
	}
	if c := h.State().Charger; c.Limit != 16000 || !c.IsEnabled || c.Timeout != 0 {
		t.Errorf("refused commands changed it: %+v", c)
	}
}

func TestHome_TheGridMeterIsTheSumOfTheOthersOnTheWire(t *testing.T) {
	h, c := started(t, noonOf(berlin(t)))
	grid, solar := dial(t, h.sockets.cabinet, gridUnit), dial(t, h.sockets.cabinet, solarUnit)
	battery, car := dial(t, h.sockets.cabinet, batteryUnit), dial(t, h.sockets.garage, chargerUnit)
	for range 20 {
		c.pass(73 * time.Minute)
		p := h.State().Power
		behind := solar.float(0x34) + float64(int32(battery.u32(37765))) + float64(car.u32(1020))/1000 +
			float64(p.Base+p.Dishwasher+p.Boiler)
		if got := grid.float(0x34); !isNear(got, behind, 1) { // the battery tells whole watts
			t.Errorf("%v: grid %v, behind it %v", h.State().At, energy.Watts(got), energy.Watts(behind))
		}
	}
}

func TestHome_NoWriteBringsItOutOfItsLimits(t *testing.T) {
	h, c := newHome(t, 1, noonOf(berlin(t)).Add(7*time.Hour)) // everybody is home
	addrs := []uint16{5004, 5014, 5016, 5018, 47083, 47100, 47246, 47247, 47249, 1000, 0}
	rapid.Check(t, func(t *rapid.T) {
		addr := rapid.SampledFrom(addrs).Draw(t, "addr")
		values := rapid.SliceOfN(rapid.Uint16(), 1, 3).Draw(t, "values")
		_ = h.writeBattery(addr, values) // whether it is refused is not the question here
		_ = h.writeCharger(addr, values)
		c.pass(step)
		now := h.State()
		if p := now.Power; p.Battery > house.BatteryPower || p.Battery < -house.BatteryPower || p.Car > 11040 || p.Car < 0 {
			t.Fatalf("after %v to %d: battery %v, car %v", values, addr, p.Battery, p.Car)
		}
		if s := now.Battery.SoC(); s < house.BatteryMin-1e-9 || s > house.BatteryMax+1e-9 {
			t.Fatalf("after %v to %d: state of charge %v", values, addr, s)
		}
	})
}

// The charger says what a KEBA says of its phases, which its profile asks for.
func TestCharger_SaysItsPhases(t *testing.T) {
	h, _ := started(t, noonOf(berlin(t)))
	values, err := h.readCharger(regPhases, 2)
	if err != nil || len(values) != 2 || values[0] != 0 || values[1] != 1 {
		t.Errorf("%v, %v", values, err)
	}
}
