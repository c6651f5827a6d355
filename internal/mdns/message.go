package mdns

import (
	"encoding/binary"
	"net/netip"
)

// kind is the type of a record, or what a question asks for.
type kind uint16

// The kinds (RFC 1035, section 3.2; RFC 3596; RFC 2782).
const (
	kindA    kind = 1
	kindPTR  kind = 12
	kindTXT  kind = 16
	kindAAAA kind = 28
	kindSRV  kind = 33
	kindAny  kind = 255
)

const (
	classIN  = 1
	classAny = 255
	topBit   = 0x8000 // of a class: wants a unicast answer, or replaces what was known (RFC 6762, sections 5.4, 10.2)

	flagResponse = 0x8000
	flagOurs     = 0x0400 // authoritative
	flagsJudged  = 0x780f // opcode and result: other than 0 is nothing for us (RFC 6762, sections 18.3, 18.11)

	headerSize = 12
	maxPacket  = 9000 // RFC 6762, section 17
)

// message is a packet, as much of it as matters.
type message struct {
	id         uint16
	isResponse bool
	questions  []question
	records    []record // what was read, of all sections but that of authorities
	more       []record // only written: additional ones
}

type question struct {
	name         name
	kind         kind
	wantsUnicast bool
}

// record is a fact about a name. Which fields hold something depends on its kind.
type record struct {
	name     name
	kind     kind
	isUnique bool   // replaces what was known of name and kind
	ttl      uint32 // seconds; 0: the fact has ended
	target   name   // of PTR and SRV
	port     uint16 // of SRV
	text     []byte // of TXT
	addr     netip.Addr
}

// read takes what can be read of a packet: a record that makes no sense is left out, and after one that has no
// end nothing follows. False is a packet that is none, or not for us.
func read(packet []byte) (m message, ok bool) {
	if len(packet) < headerSize || len(packet) > maxPacket {
		return m, false
	}
	word := func(at int) int { return int(binary.BigEndian.Uint16(packet[at:])) }
	m.id, m.isResponse = uint16(word(0)), word(2)&flagResponse != 0
	if word(2)&flagsJudged != 0 {
		return m, false
	}
	at := headerSize
	for range word(4) {
		n, next, err := readName(packet, at)
		if err != nil || next+4 > len(packet) {
			return m, true
		}
		if class := word(next + 2); class&^topBit == classIN || class&^topBit == classAny {
			m.questions = append(m.questions, question{n, kind(word(next)), class&topBit != 0})
		}
		at = next + 4
	}
	answers, authorities, more := word(6), word(8), word(10)
	for i := range answers + authorities + more {
		n, next, err := readName(packet, at)
		const fixed = 10 // kind, class, ttl, length
		if err != nil || next+fixed > len(packet) {
			return m, true
		}
		data := next + fixed
		if at = data + word(next+8); at > len(packet) {
			return m, true
		}
		class := word(next + 2)
		r := record{name: n, kind: kind(word(next)), isUnique: class&topBit != 0, ttl: binary.BigEndian.Uint32(packet[next+4:])}
		isAuthority := i >= answers && i < answers+authorities
		if class&^topBit == classIN && !isAuthority && r.read(packet[:at], data) {
			m.records = append(m.records, r)
		}
	}
	return m, true
}

// read takes what the kind has, which lies from at to the end of packet; false if it is not that.
func (r *record) read(packet []byte, at int) bool {
	data := packet[at:]
	var end int
	var err error
	switch r.kind {
	case kindA, kindAAAA:
		r.addr, _ = netip.AddrFromSlice(data)
		return r.addr.IsValid() && r.addr.Is4() == (r.kind == kindA)
	case kindTXT:
		r.text = append([]byte{}, data...)
		return true
	case kindPTR:
		r.target, end, err = readName(packet, at)
	case kindSRV: // priority and weight are of no use among a handful
		if len(data) < 7 {
			return false
		}
		r.port = binary.BigEndian.Uint16(data[4:])
		r.target, end, err = readName(packet, at+6)
	}
	return err == nil && end == len(packet)
}

// bytes is the packet. Names are not compressed: with a service or two it fits one all the same.
func (m message) bytes() []byte {
	put := binary.BigEndian.AppendUint16
	flags, questions := uint16(0), uint16(len(m.questions))
	if m.isResponse {
		flags = flagResponse | flagOurs
	}
	b := put(put(put(put(put(put(nil, m.id), flags), questions), uint16(len(m.records))), 0), uint16(len(m.more)))
	for _, q := range m.questions {
		class := uint16(classIN)
		if q.wantsUnicast {
			class |= topBit
		}
		b = put(put(append(b, q.name...), uint16(q.kind)), class)
	}
	for _, r := range append(m.records[:len(m.records):len(m.records)], m.more...) {
		class := uint16(classIN)
		if r.isUnique {
			class |= topBit
		}
		b = put(put(append(b, r.name...), uint16(r.kind)), class)
		b = binary.BigEndian.AppendUint32(b, r.ttl)
		data := r.bytes()
		b = append(put(b, uint16(len(data))), data...)
	}
	return b
}

func (r *record) bytes() []byte {
	switch r.kind {
	case kindPTR:
		return []byte(r.target)
	case kindSRV:
		return append(binary.BigEndian.AppendUint16(make([]byte, 4), r.port), r.target...)
	case kindTXT:
		return r.text
	}
	return r.addr.AsSlice()
}
