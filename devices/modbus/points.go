package modbus

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/devices/profiles"
)

// block is what one request reads; values that belong together are never torn apart.
type block struct {
	unit           byte
	fc, first, end int // registers [first, end)
	poll           time.Duration
	points         []*point

	due       time.Time     // used by Run only
	wait      time.Duration // what due was set to wait
	isRefused bool          // the last answer was an exception; under the driver's lock
}

// point is one value of a block. Values are float64 in W, Wh or a fraction; true is 1.
type point struct {
	profiles.Point
	unit   byte
	kind   kind
	nan    []uint64
	base   int     // the first register of its block
	factor float64 // from raw to W, Wh or a fraction, with our sign
	maxAge time.Duration

	// Under the driver's lock:
	dropped   int     // implausible values since the last good one
	counted   float64 // the last good value of a counter
	countedAt time.Time
}

// kind is how registers hold a number.
type kind struct {
	registers int
	isSigned  bool
	isFloat   bool
	isLittle  bool // the low word comes first
}

var errType = errors.New("want u16, i16, u32, i32, u64, i64, f32 or f64 and words big or little")

func newKind(typ, words string) (kind, error) {
	bits := map[string]int{"16": 1, "32": 2, "64": 4}
	if typ == "" || bits[typ[1:]] == 0 || !strings.Contains("uif", typ[:1]) || typ == "f16" ||
		!slices.Contains([]string{"", "big", "little"}, words) {
		return kind{}, fmt.Errorf("type %q words %q: %w", typ, words, errType)
	}
	return kind{bits[typ[1:]], typ[0] == 'i', typ[0] == 'f', words == "little"}, nil
}

// bits puts the words together, most significant first.
func (k kind) bits(b []byte) (v uint64) {
	for i := range k.registers {
		at := 2 * i
		if k.isLittle {
			at = 2 * (k.registers - 1 - i)
		}
		v = v<<16 | uint64(b[at])<<8 | uint64(b[at+1])
	}
	return v
}

// number is what the bits mean.
func (k kind) number(bits uint64) float64 {
	switch {
	case k.isFloat && k.registers == 2:
		return float64(math.Float32frombits(uint32(bits)))
	case k.isFloat:
		return math.Float64frombits(bits)
	case k.isSigned:
		unused := 64 - 16*k.registers
		return float64(int64(bits<<unused) >> unused)
	}
	return float64(bits)
}

// value is what the point says in the block's bytes; false where the device says "not there".
func (p *point) value(data []byte) (float64, bool) {
	if p.Fixed != nil {
		return p.factor * *p.Fixed, true
	}
	bits := p.kind.bits(p.at(data, p.Addr))
	isThere := !slices.Contains(p.nan, bits)
	if p.Mask != 0 {
		bits &= uint64(p.Mask)
	}
	raw := p.kind.number(bits)
	v := p.factor * raw
	if isThere && p.isComposed() {
		v, isThere = p.compose(v, data)
	}
	if !isThere || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, false
	}
	if p.Map != nil {
		return p.translate(bits)
	}
	if p.Unit != "bool" {
		return v, true
	}
	isTrue := raw != 0
	if p.Bit != nil {
		isTrue = bits>>*p.Bit&1 == 1
	} else if p.Values != nil {
		isTrue = slices.Contains(p.Values, int(raw))
	}
	if isTrue {
		return 1, true
	}
	return 0, true
}

// isPlausible compares with the profile's bounds.
func (p *point) isPlausible(v float64) bool {
	return (p.Min == nil || v >= *p.Min) && (p.Max == nil || v <= *p.Max)
}

// agree says that two readings of the block can follow each other: each value within a tenth, or a step no
// larger than a load that switches. An answer that belongs to other registers is off by far more.
func (b *block) agree(first, second []byte) bool {
	for _, p := range b.points {
		v, isThere := p.value(first)
		w, isThereToo := p.value(second)
		slack := max(math.Abs(v), math.Abs(w)) / 10
		switch p.Unit {
		case "W", "kW", "A", "mA":
			slack = max(slack, 500)
		case "bool", "enum":
			slack = 0
		}
		if isThere != isThereToo || math.Abs(v-w) > slack {
			return false
		}
	}
	return true
}

const (
	defaultPoll   = 10 * time.Second
	defaultMaxAge = 2 * time.Minute
)

// timing is what the configuration says in the profile's stead; zero leaves the profile's word.
type timing struct{ poll, maxAge time.Duration }

// newBlocks groups the points into reads; mode is read first, as other points depend on it. A fixed point
// belongs to the mode that makes it hold.
func newBlocks(profile *profiles.Profile, s settings, times timing) ([]*block, error) {
	var blocks []*block
	var faults []error
	ordered := slices.Clone(profile.Points)
	slices.SortStableFunc(ordered, func(a, b profiles.Point) int { return rank(a) - rank(b) })
	for _, source := range ordered {
		p, err := newPoint(source, s)
		if err != nil {
			faults = append(faults, fmt.Errorf("point %s: %w", source.Name, err))
			continue
		}
		every := cmp.Or(times.poll, seconds(source.PollS), defaultPoll)
		p.maxAge = cmp.Or(times.maxAge, p.maxAge, max(3*every, defaultMaxAge))
		i := slices.IndexFunc(blocks, func(b *block) bool { return b.holds(p) })
		if i < 0 {
			if source.Fixed != nil {
				faults = append(faults, fmt.Errorf("point %s: fixed without a point mode", source.Name))
				continue
			}
			i = len(blocks)
			blocks = append(blocks, &block{unit: p.unit, fc: source.FC, first: source.Addr, poll: every})
		}
		blocks[i].add(p, every)
	}
	for _, b := range blocks {
		if n, most := b.end-b.first, profile.MostRegisters(); n > most || b.first < 0 || b.end > 1<<16 {
			faults = append(faults, fmt.Errorf("block %q: %d registers from %d: want at most %d, up to 65535", b.points[0].Block, n, b.first, most))
		}
		for _, p := range b.points {
			p.base = b.first
		}
	}
	return blocks, errors.Join(faults...)
}

func rank(p profiles.Point) int {
	switch {
	case p.Name == "mode":
		return 0
	case p.Fixed != nil:
		return 1
	case p.Name == "phases": // by which a current becomes a power
		return 2
	}
	return 3
}

// holds says that the point belongs into this block.
func (b *block) holds(p *point) bool {
	first := b.points[0]
	if p.Fixed != nil {
		return first.Name == "mode"
	}
	return p.Block != "" && p.Block == first.Block && p.FC == first.FC && p.unit == first.unit
}

func (b *block) add(p *point, every time.Duration) {
	b.points = append(b.points, p)
	b.poll = min(b.poll, every)
	if p.Fixed == nil {
		first, end := p.Span()
		b.first, b.end = min(b.first, first), max(b.end, end)
	}
}

// target is the block on the wire.
func (b *block) target() registers {
	return registers{b.unit, byte(b.fc), uint16(b.first), uint16(b.end - b.first)}
}

func newPoint(source profiles.Point, s settings) (*point, error) {
	p := &point{Point: source, maxAge: seconds(float64(source.MaxAgeS))}
	unit, isKnown := map[string]float64{"W": 1, "°C": 1, "kW": 1e3, "Wh": 1, "kWh": 1e3, "%": 0.01, "V": 1, "bool": 1, "enum": 1, "s": 1,
		"A": s.perAmpere, "mA": s.perAmpere / 1e3}[source.Unit]
	if !isKnown {
		return nil, fmt.Errorf("unit %q: want W, kW, A, mA, V, Wh, kWh, %%, s, bool or enum", source.Unit)
	}
	if strings.HasPrefix(p.Name, "current_") { // a current of its own, not a power told as one
		unit = map[string]float64{"A": 1, "mA": 1e-3}[source.Unit]
	}
	if unit == 0 {
		return nil, fmt.Errorf("unit %s: amperes need the params phases and voltage", source.Unit)
	}
	var err error
	if p.unit, err = s.unitOf(source.UnitID); err != nil {
		return nil, err
	}
	p.factor = unit
	if source.Scale != 0 {
		p.factor *= source.Scale
	}
	if source.Sign < 0 {
		p.factor = -p.factor
	}
	if s.isReversed {
		p.reverse()
	}
	if source.Fixed != nil {
		return p, nil
	}
	if source.FC != 3 && source.FC != 4 || source.Addr < 0 || source.Addr > math.MaxUint16 {
		return nil, fmt.Errorf("function %d address %d: want function 3 or 4 and an address from 0 to 65535", source.FC, source.Addr)
	}
	if p.kind, err = newKind(source.Type, source.Words); err != nil {
		return nil, err
	}
	for _, text := range source.NaN {
		bits, err := strconv.ParseUint(text, 0, 64)
		if err != nil {
			return nil, fmt.Errorf("nan %q: want for example 0x8000", text)
		}
		p.nan = append(p.nan, bits)
	}
	return p, nil
}

// reverse is what a meter wired the other way round means.
func (p *point) reverse() {
	switch p.Name {
	case "power", "current_l1", "current_l2", "current_l3":
		p.factor = -p.factor
	case "energy_import":
		p.Name = "energy_export"
	case "energy_export":
		p.Name = "energy_import"
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
