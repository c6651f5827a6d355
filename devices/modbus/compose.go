package modbus

import (
	"math"
	"slices"
	"strconv"

	"hearth/devices"
)

// notThere is how SunSpec says that a scale factor does not exist (SunSpec Device Information Model
// Specification, section 4.2.8).
const notThere = 0x8000

// isComposed says that other registers have a say in the value.
func (p *point) isComposed() bool {
	return p.Plus != nil || p.Minus != nil || p.ScaleAddr != nil || p.Negative != nil
}

// compose brings in the other registers of a value that one register does not say alone; false where the
// device leaves one of them out that it takes.
func (p *point) compose(v float64, data []byte) (float64, bool) {
	for _, addr := range p.Plus { // a phase that is not wired gives nothing
		if w, isThere := p.other(data, addr); isThere {
			v += w
		}
	}
	for _, addr := range p.Minus {
		w, isThere := p.other(data, addr)
		if !isThere {
			return 0, false
		}
		v -= w
	}
	if p.ScaleAddr != nil {
		exponent := uint16Of(p.at(data, *p.ScaleAddr))
		if exponent == notThere {
			return 0, false
		}
		v *= math.Pow(10, float64(int16(exponent)))
	}
	if p.Negative != nil && int(uint16Of(p.at(data, p.Negative.Addr)))&p.Negative.Bits != 0 {
		v = -v
	}
	return v, true
}

// translate is what the profile's map makes of a raw value; one it does not have is not there.
func (p *point) translate(bits uint64) (float64, bool) {
	switch v := p.Map[strconv.FormatUint(bits, 10)].(type) {
	case float64:
		return v, true
	case string:
		i := slices.Index(thermalModes, devices.ThermalMode(v))
		return float64(i), i >= 0
	}
	return 0, false
}

// other is a further register of the point's type.
func (p *point) other(data []byte, addr int) (float64, bool) {
	bits := p.kind.bits(p.at(data, addr))
	v := p.factor * p.kind.number(bits)
	return v, !slices.Contains(p.nan, bits) && !math.IsNaN(v)
}

// at is the block's bytes from a register on.
func (p *point) at(data []byte, addr int) []byte { return data[2*(addr-p.base):] }

func uint16Of(b []byte) uint16 { return uint16(b[0])<<8 | uint16(b[1]) }
