package mdns

import (
	"errors"
	"strings"
)

// name is a domain name as it goes over the wire, without compression: a length byte before each label, zero at
// the end. It is compared by its folded form.
type name string

// Bounds of RFC 1035, section 2.3.4.
const (
	maxLabel = 63
	maxName  = 255
)

var (
	errName   = errors.New("a name wants labels of 1 to 63 bytes, 253 in all")
	errPacket = errors.New("the packet is cut short or tangled")
)

// nameOf joins labels, each of any bytes.
func nameOf(labels ...string) (name, error) {
	var b strings.Builder
	for _, label := range labels {
		if label == "" || len(label) > maxLabel {
			return "", errName
		}
		b.WriteByte(byte(len(label)))
		b.WriteString(label)
	}
	b.WriteByte(0)
	if b.Len() > maxName {
		return "", errName
	}
	return name(b.String()), nil
}

// local is the name below "local." of a dotted text, "_http._tcp"; one that says local itself will do as well.
func local(dotted string) (name, error) {
	labels := strings.Split(strings.TrimSuffix(dotted, "."), ".")
	if n := len(labels); n > 1 && strings.EqualFold(labels[n-1], "local") {
		labels = labels[:n-1]
	}
	return nameOf(append(labels, "local")...)
}

// fold is the same for all spellings. Lengths are below the letters, so they stay.
func (n name) fold() name {
	b := []byte(n)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return name(b)
}

// cut takes the first label off.
func (n name) cut() (label string, rest name) {
	if n == "" || n[0] == 0 {
		return "", n
	}
	end := 1 + int(n[0])
	return string(n[1:end]), n[end:]
}

// String writes labels with dots after them; a dot or backslash inside a label has a backslash before it
// (RFC 6763, section 4.3).
func (n name) String() string {
	var b strings.Builder
	escape := strings.NewReplacer(`\`, `\\`, ".", `\.`)
	for label, rest := n.cut(); label != ""; label, rest = rest.cut() {
		b.WriteString(escape.Replace(label))
		b.WriteByte('.')
	}
	return b.String()
}

// readName reads the name at an offset of a packet, and says where the next thing begins. A pointer leads only to
// what stands before the name it is in, so every name ends.
func readName(packet []byte, at int) (_ name, next int, err error) {
	var out []byte
	limit := at // pointers lead before here
	for {
		if at >= len(packet) {
			return "", 0, errPacket
		}
		length := int(packet[at])
		switch length & 0xc0 {
		case 0:
			end := at + 1 + length
			if end > len(packet) || len(out)+1+length > maxName {
				return "", 0, errPacket
			}
			out = append(out, packet[at:end]...)
			if at = end; length > 0 {
				continue
			}
			if next == 0 {
				next = at
			}
			return name(out), next, nil
		case 0xc0:
			if at+1 >= len(packet) {
				return "", 0, errPacket
			}
			if next == 0 {
				next = at + 2
			}
			if at = length&0x3f<<8 | int(packet[at+1]); at >= limit {
				return "", 0, errPacket
			}
			limit = at
		default: // reserved
			return "", 0, errPacket
		}
	}
}
