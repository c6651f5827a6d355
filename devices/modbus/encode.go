package modbus

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"hearth/energy"
)

// request is one write on the wire.
type request struct {
	registers
	data []byte
}

// isFollowedBy says that both are one request of function 16 (at most 123 registers, as in section 6.12 of
// the Modbus Application Protocol V1.1b3).
func (r request) isFollowedBy(next request) bool {
	return r.fc == 16 && next.fc == 16 && r.unit == next.unit && r.addr+r.count == next.addr && r.count+next.count <= 123
}

// encode fills in all writes before the first is sent, so that a value out of range sends nothing.
// Neighbouring registers of function 16 become one request.
func (d *driver) encode(writes []write, power energy.Watts, lease time.Duration) ([]request, error) {
	var requests []request
	for _, w := range writes {
		if w.Sign > 0 && power < 0 || w.Sign < 0 && power >= 0 {
			continue
		}
		v, err := d.fill(w, power, lease)
		if err != nil {
			return nil, err
		}
		data, err := w.kind.encode(v / w.Scale)
		if err != nil {
			return nil, fmt.Errorf("write %d: %w", w.Addr, err)
		}
		r := request{registers{w.unit, byte(w.FC), uint16(w.Addr), uint16(w.kind.registers)}, data}
		if n := len(requests); n > 0 && requests[n-1].isFollowedBy(r) {
			requests[n-1].count += r.count
			requests[n-1].data = append(requests[n-1].data, data...)
			continue
		}
		requests = append(requests, r)
	}
	return requests, nil
}

// fill is the number a write's Value stands for, in the write's unit.
func (d *driver) fill(w write, power energy.Watts, lease time.Duration) (float64, error) {
	switch w.Value {
	case theValue:
		if w.Sign < 0 {
			power = -power
		}
		v := float64(power) / w.watts
		if w.Unit == "A" || w.Unit == "mA" {
			d.mu.Lock()
			v /= d.share()
			d.mu.Unlock()
		}
		return v, nil
	case leaseSecs, leaseMins:
		if lease == 0 {
			return 0, nil // none
		}
		if w.Value == leaseMins { // rounded up: a lease must not end before it is renewed
			return math.Ceil(lease.Minutes()) + d.leaseAdd, nil
		}
		return math.Ceil(lease.Seconds()) + d.leaseAdd, nil
	}
	return w.constant, nil
}

// encode rounds to the nearest number the registers can hold; out of their range is an error.
func (k kind) encode(v float64) ([]byte, error) {
	bits := 16 * k.registers
	var raw uint64
	low, high := 0.0, math.Ldexp(1, bits)
	if k.isSigned {
		low, high = -math.Ldexp(1, bits-1), math.Ldexp(1, bits-1)
	}
	switch r := math.Round(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return nil, fmt.Errorf("%v is not a number", v)
	case k.isFloat && bits == 32:
		raw = uint64(math.Float32bits(float32(v)))
	case k.isFloat:
		raw = math.Float64bits(v)
	case r < low || r >= high:
		return nil, fmt.Errorf("%v does not fit into %d bits", v, bits)
	case k.isSigned:
		raw = uint64(int64(r))
	default:
		raw = uint64(r)
	}
	data := binary.BigEndian.AppendUint64(nil, raw)[8-2*k.registers:]
	if k.isLittle {
		for i, j := 0, len(data)-2; i < j; i, j = i+2, j-2 {
			data[i], data[i+1], data[j], data[j+1] = data[j], data[j+1], data[i], data[i+1]
		}
	}
	return data, nil
}
