package modbus

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hearth/devices/devicetest"
	"hearth/devices/profiles"
	"hearth/energy"
)

// simulated is a slave whose registers are those of a profile. It reads the profile by the words of its
// types, with nothing of the driver's.
type simulated struct {
	*station
	profile   *profiles.Profile // filled
	nature    nature
	perAmpere float64
	fed       time.Time // when the watchdog was fed
	lapsed    time.Time // the feeding after which it has lapsed
}

// nature is what a device does with what is written to it.
type nature struct {
	mirrors  map[uint16]uint16                // what is written here shows there, besides
	fedBy    []uint16                         // writes that feed the watchdog; empty: any frame does
	watchdog func(w func(uint16) int) (s int) // seconds it waits; 0: it is off
	lapse    func(s *simulated)               // what it does then
	settle   func(s *simulated)
	pulses   []uint16          // registers that do not stay as they were written
	begins   map[uint16]uint16 // registers as they are at first
}

func newSimulated(t *testing.T, id string, clock *devicetest.Clock) *simulated {
	t.Helper()
	profile, err := profileOf(t, id).Fill(required[id])
	if err != nil {
		t.Fatal(err)
	}
	values, err := profileOf(t, id).Values(required[id])
	if err != nil {
		t.Fatal(err)
	}
	number := func(name string) float64 { v, _ := strconv.ParseFloat(values[name], 64); return v }
	s := &simulated{station: &station{clock: clock, words: map[uint16]uint16{}, address: freePort(t)},
		profile: profile, nature: natures[id], perAmpere: number("phases") * number("voltage"), fed: clock.Now()}
	s.station.onWrite, s.station.settle, s.station.absurd = s.written, s.settled, s.garbage
	for addr, w := range s.nature.begins {
		s.words[addr] = w
	}
	if release, isThere := profile.Action("release"); isThere && s.nature.begins == nil {
		for _, w := range release.Write {
			v, _ := strconv.ParseFloat(w.Value, 64)
			s.store(w, v/scaleOf(w))
		}
	}
	s.open(t)
	t.Cleanup(func() { s.close(); s.running.Wait() })
	return s
}

// written is called with mu held, after the register has its value.
func (s *simulated) written(addr uint16) {
	if to, isMirrored := s.nature.mirrors[addr]; isMirrored {
		s.words[to] = s.words[addr]
	}
	if slices.Contains(s.nature.fedBy, addr) {
		s.fed = s.clock.Now()
	}
}

// settled is called with mu held, before each frame is answered.
func (s *simulated) settled() {
	if n := s.nature; n.watchdog != nil {
		if s.isStarved() {
			s.lapsed = s.fed
			n.lapse(s)
		}
		if len(n.fedBy) == 0 && s.asked > 0 {
			s.fed = s.clock.Now()
		}
	}
	if s.nature.settle != nil {
		s.nature.settle(s)
	}
}

// isStarved says that the watchdog was not fed in time, and has not lapsed yet; mu is held.
func (s *simulated) isStarved() bool {
	if s.nature.watchdog == nil || s.lapsed.Equal(s.fed) {
		return false
	}
	limit := time.Duration(s.nature.watchdog(func(addr uint16) int { return int(s.words[addr]) })) * time.Second
	return limit > 0 && s.clock.Now().Sub(s.fed) > limit
}

// Measure puts the power into its registers.
func (s *simulated) Measure(power energy.Watts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.profile.Points {
		if p.Name != "power" {
			continue
		}
		v := float64(power)
		if p.Sign < 0 {
			v = -v
		}
		if p.Scale != 0 {
			v /= p.Scale
		}
		if p.Negative != nil {
			s.words[uint16(p.Negative.Addr)] = 0
			if v < 0 {
				s.words[uint16(p.Negative.Addr)] = uint16(p.Negative.Bits)
			}
			v = math.Abs(v)
		}
		s.put(p.Addr, p.Type, p.Words, v)
		for _, addr := range p.Minus { // two magnitudes
			s.put(p.Addr, p.Type, p.Words, max(v, 0))
			s.put(addr, p.Type, p.Words, max(-v, 0))
		}
	}
}

// put writes a number as the register type says; mu is held.
func (s *simulated) put(addr int, typ, order string, v float64) {
	words := encodeWords(typ, v)
	if order == "little" {
		slices.Reverse(words)
	}
	for i, w := range words {
		s.words[uint16(addr+i)] = w
	}
}

// get is the number in a write's registers; mu is held.
func (s *simulated) get(w profiles.Write) float64 {
	size := len(encodeWords(w.Type, 0))
	words := make([]uint16, size)
	for i := range words {
		words[i] = s.words[uint16(w.Addr+i)]
	}
	if w.Words == "little" {
		slices.Reverse(words)
	}
	var bits uint64
	for _, word := range words {
		bits = bits<<16 | uint64(word)
	}
	switch w.Type {
	case "i16":
		return float64(int16(bits))
	case "f32":
		return float64(math.Float32frombits(uint32(bits)))
	}
	return float64(bits)
}

func (s *simulated) store(w profiles.Write, v float64) { s.put(w.Addr, w.Type, w.Words, v) }

func encodeWords(typ string, v float64) []uint16 {
	size := map[string]int{"16": 1, "32": 2, "64": 4}[typ[1:]]
	bits := uint64(int64(math.Round(v)))
	switch typ {
	case "f32":
		bits = uint64(math.Float32bits(float32(v)))
	case "f64":
		bits = math.Float64bits(v)
	}
	words := make([]uint16, size)
	for i := range words {
		words[size-1-i] = uint16(bits >> (16 * i))
	}
	return words
}

// garbage is what a register says that says no value: what the profile calls not there, or beyond its bounds.
func (s *simulated) garbage(addr uint16) uint16 {
	for _, p := range s.profile.Points {
		if p.Fixed != nil || p.Type == "" {
			continue
		}
		words := encodeWords(p.Type, math.NaN())
		switch {
		case len(p.NaN) > 0:
			text := strings.TrimPrefix(p.NaN[0], "0x")
			for i := range words {
				w, _ := strconv.ParseUint(text[4*i:4*i+4], 16, 16)
				words[i] = uint16(w)
			}
		case p.Type[0] != 'f':
			for i := range words {
				words[i] = 0xFFFF
			}
			words[0] = 0x7FFF
		}
		if p.Words == "little" {
			slices.Reverse(words)
		}
		if i := int(addr) - p.Addr; i >= 0 && i < len(words) {
			return words[i]
		}
	}
	return 0xFFFF
}

// Told is what the registers make the device do; false while they are as the action release leaves them, or
// the watchdog has taken over.
func (s *simulated) Told() (energy.Watts, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// The clock of a test is quicker than a driver on a busy machine: what is on its way may come.
	for patience := 300; patience > 0 && s.isStarved(); patience-- {
		s.mu.Unlock()
		time.Sleep(time.Millisecond)
		s.mu.Lock()
	}
	s.settled()
	if _, isReleased := s.matches("release", 0); isReleased {
		return 0, false
	}
	if _, isOff := s.matches("off", 0); isOff {
		return 0, true
	}
	for _, sign := range []int{1, -1} {
		if v, isSet := s.matches("set_power", sign); isSet {
			return energy.Watts(v), true
		}
	}
	return 0, false
}

// matches says that the registers are as the action leaves them for powers of this sign, and of which power.
func (s *simulated) matches(action string, sign int) (power float64, isSo bool) {
	a, isThere := s.profile.Action(action)
	for _, w := range a.Write {
		switch {
		case !isThere || w.Sign != 0 && w.Sign != sign || slices.Contains(s.nature.pulses, uint16(w.Addr)):
		case w.Value == theValue:
			power = s.get(w) * scaleOf(w) * map[string]float64{"": 1, "W": 1, "A": s.perAmpere, "mA": s.perAmpere / 1000}[w.Unit]
			if w.Sign < 0 {
				power = -power
			}
		default:
			want, err := strconv.ParseFloat(w.Value, 64)
			if err == nil && math.Abs(want/scaleOf(w)-s.get(w)) > 0.5 {
				return 0, false
			}
		}
	}
	return power, isThere
}

func scaleOf(w profiles.Write) float64 {
	if w.Scale == 0 {
		return 1
	}
	return w.Scale
}
