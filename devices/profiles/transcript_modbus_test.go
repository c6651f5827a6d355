package profiles

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

func (n *narrator) holds(words []string) {
	for i, w := range words[1:] {
		v, err := strconv.ParseUint(w, 10, 16)
		if err != nil {
			n.t.Fatal(err)
		}
		first, err := strconv.Atoi(words[0])
		if err != nil {
			n.t.Fatal(err)
		}
		n.registers[first+i] = uint16(v)
	}
}

func (n *narrator) readAll() (out []string) {
	mode := math.NaN()
	if i := slices.IndexFunc(n.profile.Points, func(p Point) bool { return p.Name == "mode" }); i >= 0 {
		_, mode = n.raw(n.profile.Points[i], n.profile.Points[i].Addr)
	}
	for _, p := range n.profile.Points {
		if p.When != nil && !slices.Contains(p.When, int(mode)) {
			continue
		}
		if p.Fixed != nil {
			out = append(out, n.show(p, *p.Fixed, false))
			continue
		}
		bits, v := n.raw(p, p.Addr)
		isAbsent := p.lacks(bits)
		switch {
		case p.Map != nil:
			out = append(out, n.means(p, fmt.Sprint(bits)))
			continue
		case p.Bit != nil:
			v = float64(bits >> *p.Bit & 1)
		case p.Values != nil:
			v = b2f(slices.Contains(p.Values, int(bits)))
		default:
			v = n.whole(p, v)
			if p.Scale != 0 {
				v *= p.Scale
			}
		}
		out = append(out, n.show(p, v, isAbsent || math.IsNaN(v)))
	}
	return out
}

// lacks says that the bits stand for nothing.
func (q Point) lacks(bits uint64) bool {
	return slices.ContainsFunc(q.NaN, func(text string) bool {
		nan, err := strconv.ParseUint(text, 0, 64)
		return err == nil && nan == bits
	})
}

// whole is a value with the registers that have a say in it, unscaled; NaN where one is missing that must be there.
func (n *narrator) whole(p Point, v float64) float64 {
	for _, addr := range p.Plus {
		if bits, w := n.raw(p, addr); !p.lacks(bits) {
			v += w
		}
	}
	for _, addr := range p.Minus {
		bits, w := n.raw(p, addr)
		if v -= w; p.lacks(bits) {
			return math.NaN()
		}
	}
	if p.ScaleAddr != nil {
		v *= math.Pow(10, float64(int16(n.registers[*p.ScaleAddr])))
	}
	if p.Negative != nil && int(n.registers[p.Negative.Addr])&p.Negative.Bits != 0 {
		v = -v
	}
	return v
}

// raw is the bits of a point's registers from an address on, and the number they stand for.
func (n *narrator) raw(p Point, addr int) (bits uint64, v float64) {
	size := registerSizes[p.Type]
	for i := range size {
		at := addr + i
		if p.Words == "little" {
			at = addr + size - 1 - i
		}
		bits = bits<<16 | uint64(n.registers[at])
	}
	if p.Mask != 0 {
		bits &= uint64(p.Mask)
	}
	switch p.Type {
	case "i16":
		return bits, float64(int16(bits))
	case "i32":
		return bits, float64(int32(bits))
	case "i64":
		return bits, float64(int64(bits))
	case "f32":
		return bits, float64(math.Float32frombits(uint32(bits)))
	case "f64":
		return bits, math.Float64frombits(bits)
	}
	return bits, float64(bits)
}

// writes is what an action puts into which register, in order.
func (n *narrator) writes(action Action, power float64, filled *strings.Replacer) (out []string) {
	for _, w := range action.Write {
		if w.Sign > 0 && power < 0 || w.Sign < 0 && power >= 0 {
			continue
		}
		text := filled.Replace(w.Value)
		if w.Value == "{value}" && w.Sign == 0 {
			text = fmt.Sprint(power)
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			n.t.Fatal(err)
		}
		v /= map[string]float64{"": 1, "W": 1, "A": n.perAmpere(), "mA": n.perAmpere() / 1000}[w.Unit]
		if w.Scale != 0 {
			v /= w.Scale
		}
		line := fmt.Sprintf("function %d register %d <-", w.FC, w.Addr)
		if w.UnitID != "" {
			line = "unit " + w.UnitID + " " + line
		}
		for _, word := range encoded(w, v) {
			line += fmt.Sprintf(" %d", word)
		}
		out = append(out, line)
	}
	return out
}

// encoded is a number in the words of a write.
func encoded(w Write, v float64) (words []uint16) {
	bits := uint64(int64(math.Round(v)))
	switch w.Type {
	case "f32":
		bits = uint64(math.Float32bits(float32(v)))
	case "f64":
		bits = math.Float64bits(v)
	}
	for i := registerSizes[w.Type] - 1; i >= 0; i-- {
		words = append(words, uint16(bits>>(16*i)))
	}
	if w.Words == "little" {
		slices.Reverse(words)
	}
	return words
}
