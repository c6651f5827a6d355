package sim

import (
	"math"
	"time"

	"hearth/energy"
	"hearth/sim/house"
	"hearth/sim/slave"
)

// Units in the cabinet.
const (
	gridUnit    = 1
	solarUnit   = 2
	batteryUnit = 3
)

func (h *Home) cabinetUnits() map[uint8]slave.Unit {
	return map[uint8]slave.Unit{
		gridUnit: {Input: func(addr, count uint16) ([]uint16, error) {
			var m sdm630
			h.look(func(now *house.House) { m = sdm630{now.Power.Grid, now.Grid, h.isMeterSilent} })
			return m.registers(addr, count)
		}},
		solarUnit: {Input: func(addr, count uint16) ([]uint16, error) {
			var m sdm630
			h.look(func(now *house.House) { m = sdm630{now.Power.Solar, now.Solar, false} })
			return m.registers(addr, count)
		}},
		batteryUnit: {Holding: h.readBattery, Write: h.writeBattery},
	}
}

// sdm630 is what a meter shows.
type sdm630 struct {
	power    energy.Watts
	counters house.Meter
	isSilent bool
}

// registers are those of an Eastron SDM630: input registers, floats, high word first, even addresses
// (Eastron SDM630 Modbus protocol; https://github.com/volkszaehler/mbmd, meters/rs485/sdm.go).
func (m sdm630) registers(addr, count uint16) ([]uint16, error) {
	if m.isSilent {
		return nil, slave.ErrSilent
	}
	if addr%2 != 0 || count%2 != 0 {
		return nil, slave.ErrAddress
	}
	b := slave.Bank{}
	b.Zero(0x00, 0x4B)
	perPhase := float64(m.power) / house.Phases
	for phase := uint16(0); phase < house.Phases; phase++ {
		b.F32(0x00+2*phase, house.Voltage)
		b.F32(0x06+2*phase, math.Abs(perPhase)/house.Voltage)
		b.F32(0x0C+2*phase, perPhase)
	}
	b.F32(0x34, float64(m.power))
	b.F32(0x46, 50)
	b.F32(0x48, float64(m.counters.Imported)/1000)
	b.F32(0x4A, float64(m.counters.Exported)/1000)
	return b.Read(addr, count)
}

// inverter is the registers a Huawei SUN2000 keeps of what it was told.
type inverter struct {
	minutes           uint16 // 47083: how long a forced power holds
	charge, discharge uint32 // 47247, 47249: W
	isDischarging     bool   // 47100 is 2 while forced
}

// Registers of the inverter (Huawei SUN2000 Modbus interface definitions).
const (
	regSoC         = 37760
	regPower       = 37765
	regRatedIn     = 37046
	regRatedOut    = 37048
	regMinutes     = 47083
	regForcible    = 47100
	regTarget      = 47246
	regCharge      = 47247
	regDischarge   = 47249
	maxMinutes     = 1440
	forceNothing   = 0
	forceCharge    = 1
	forceDischarge = 2
)

func (h *Home) readBattery(addr, count uint16) ([]uint16, error) {
	b := slave.Bank{}
	h.look(func(now *house.House) {
		b.Zero(37758, 37785)
		b.U16(regSoC, uint16(math.Round(float64(now.Battery.SoC())*1000)))
		b.I32(regPower, int32(math.Round(float64(now.Battery.Power))))
		b.U32(regRatedIn, uint32(house.BatteryPower))
		b.U32(regRatedOut, uint32(house.BatteryPower))
		b.U16(regMinutes, h.inverter.minutes)
		b.U16(regForcible, h.inverter.forcible(&now.Battery))
		b.U16(regTarget, 0)
		b.U32(regCharge, h.inverter.charge)
		b.U32(regDischarge, h.inverter.discharge)
	})
	return b.Read(addr, count)
}

func (h *Home) writeBattery(addr uint16, values []uint16) error {
	var err error
	h.look(func(now *house.House) { err = h.inverter.write(&now.Battery, addr, values) })
	return err
}

func (i *inverter) forcible(b *house.Battery) uint16 {
	switch {
	case !b.IsForced:
		return forceNothing
	case i.isDischarging:
		return forceDischarge
	}
	return forceCharge
}

// write obeys one request. A new power holds at once; the period begins anew with 47083 and with 47100.
func (i *inverter) write(b *house.Battery, addr uint16, values []uint16) error {
	value := uint32(values[0])
	if len(values) == 2 {
		value = value<<16 | uint32(values[1])
	}
	isWide := addr == regCharge || addr == regDischarge
	if len(values) > 2 || isWide != (len(values) == 2) {
		return slave.ErrAddress
	}
	left := b.Left
	switch addr {
	case regMinutes:
		if value < 1 || value > maxMinutes {
			return slave.ErrValue
		}
		i.minutes = uint16(value)
		left = i.period()
	case regTarget:
		if value != 0 { // to a state of charge, which this inverter is not asked for
			return slave.ErrValue
		}
		return nil
	case regCharge, regDischarge:
		if value > uint32(house.BatteryPower) {
			return slave.ErrValue
		}
		if addr == regCharge {
			i.charge = value
		} else {
			i.discharge = value
		}
	case regForcible:
		if value > forceDischarge {
			return slave.ErrValue
		}
		if value == forceNothing {
			b.Release()
			return nil
		}
		i.isDischarging = value == forceDischarge
		b.Force(i.power(), i.period())
		return nil
	default:
		return slave.ErrAddress
	}
	if b.IsForced {
		b.Force(i.power(), left)
	}
	return nil
}

func (i *inverter) power() energy.Watts {
	if i.isDischarging {
		return -energy.Watts(i.discharge)
	}
	return energy.Watts(i.charge)
}

func (i *inverter) period() time.Duration { return time.Duration(i.minutes) * time.Minute }
