package slave

import "math"

// Bank is registers by address; 32-bit values stand high word first.
type Bank map[uint16]uint16

// U16 puts one register.
func (b Bank) U16(addr, v uint16) { b[addr] = v }

// U32 puts two registers.
func (b Bank) U32(addr uint16, v uint32) { b[addr], b[addr+1] = uint16(v>>16), uint16(v) }

// I32 puts two registers, two's complement.
func (b Bank) I32(addr uint16, v int32) { b.U32(addr, uint32(v)) }

// F32 puts two registers, IEEE 754.
func (b Bank) F32(addr uint16, v float64) { b.U32(addr, math.Float32bits(float32(v))) }

// Zero puts registers that exist and read 0, as reserved ones inside a block do.
func (b Bank) Zero(first, last uint16) {
	for addr := int(first); addr <= int(last); addr++ { // last may be the very last
		b[uint16(addr)] = 0
	}
}

// Read is count registers; ErrAddress when one of them does not exist.
func (b Bank) Read(addr, count uint16) ([]uint16, error) {
	if int(addr)+int(count) > 1<<16 {
		return nil, ErrAddress // it does not begin anew at 0
	}
	out := make([]uint16, count)
	for i := range out {
		v, ok := b[addr+uint16(i)]
		if !ok {
			return nil, ErrAddress
		}
		out[i] = v
	}
	return out, nil
}
