package sim

import (
	"math"
	"time"

	"hearth/sim/house"
	"hearth/sim/slave"
)

// chargerUnit is the only unit id a KEBA answers.
const chargerUnit = 255

// Registers of a KEBA KeContact P30 (Modbus TCP Programmers Guide): each value is two registers and is
// read alone; commands are single registers of their own.
const (
	regState         = 1000
	regCable         = 1004
	regAmps          = 1008 // and 1010, 1012: mA per phase
	regActive        = 1020 // mW
	regTotal         = 1036 // 0.1 Wh
	regVolts         = 1040 // and 1042, 1044
	regMaxCurrent    = 1100 // mA offered
	regHardware      = 1110 // mA the installation allows
	regSession       = 1502 // 0.1 Wh
	regPhases        = 1552 // 0 one, 1 three
	regFailsafe      = 1600 // mA
	regTimeout       = 1602 // s
	regSetCurrent    = 5004
	regSetEnable     = 5014
	regSetFailsafe   = 5016
	regSetTimeout    = 5018
	cableStation     = 1 // bits of the cable register
	cableLocked      = 2
	cableVehicle     = 4
	leastMilliamps   = 6000
	mostMilliamps    = 63000
	leastTimeoutSecs = 10
	mostTimeoutSecs  = 600
)

func (h *Home) garageUnits() map[uint8]slave.Unit {
	return map[uint8]slave.Unit{chargerUnit: {Holding: h.readCharger, Write: h.writeCharger}}
}

func (h *Home) readCharger(addr, count uint16) ([]uint16, error) {
	var c house.Charger
	var isHome bool
	h.look(func(now *house.House) { c, isHome = now.Charger, now.Car.IsHome })
	b := slave.Bank{}
	b.U32(regState, uint32(c.State))
	b.U32(regCable, cableStation)
	if isHome {
		b.U32(regCable, cableStation|cableLocked|cableVehicle)
	}
	amps := float64(c.Power) / house.Phases / house.Voltage
	for phase := uint16(0); phase < house.Phases; phase++ {
		b.U32(regAmps+2*phase, uint32(math.Round(1000*amps)))
		b.U32(regVolts+2*phase, house.Voltage)
	}
	b.U32(regActive, uint32(math.Round(1000*float64(c.Power))))
	b.U32(regTotal, uint32(math.Round(10*float64(c.Energy))))
	b.U32(regMaxCurrent, c.Amps())
	b.U32(regHardware, house.MostAmps)
	b.U32(regSession, uint32(math.Round(10*float64(c.Session))))
	b.U32(regPhases, 1) // it is wired to three, without a contactor to change that
	b.U32(regFailsafe, c.Failsafe)
	b.U32(regTimeout, uint32(c.Timeout/time.Second))
	if addr%2 != 0 || count != 2 {
		return nil, slave.ErrAddress
	}
	return b.Read(addr, count)
}

func (h *Home) writeCharger(addr uint16, values []uint16) error {
	if len(values) != 1 {
		return slave.ErrValue
	}
	var err error
	h.look(func(now *house.House) { err = command(&now.Charger, addr, uint32(values[0])) })
	return err
}

// command obeys one write; each that is obeyed feeds the watchdog.
func command(c *house.Charger, addr uint16, value uint32) error {
	isCurrent := leastMilliamps <= value && value <= mostMilliamps
	isTimeout := leastTimeoutSecs <= value && value <= mostTimeoutSecs
	isOK := false
	switch addr {
	case regSetCurrent:
		if isOK = isCurrent; isOK {
			c.Limit = value
		}
	case regSetEnable:
		if isOK = value <= 1; isOK {
			c.IsEnabled = value == 1
		}
	case regSetFailsafe:
		if isOK = value == 0 || isCurrent; isOK {
			c.Failsafe = value
		}
	case regSetTimeout:
		if isOK = value == 0 || isTimeout; isOK {
			c.Timeout = time.Duration(value) * time.Second
		}
	default:
		return slave.ErrAddress
	}
	if !isOK {
		return slave.ErrValue
	}
	c.Heard()
	return nil
}
