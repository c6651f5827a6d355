package mdns

import (
	"errors"
	"strings"
)

// Text is what a service says of itself (RFC 6763, section 6), in its order.
type Text []Pair

// Pair is a key and its value, which may hold any bytes. That of a key alone is empty.
type Pair struct{ Key, Value string }

// Of is the value of a key, in whatever case it is written; empty for none.
func (t Text) Of(key string) string {
	for _, p := range t {
		if strings.EqualFold(p.Key, key) {
			return p.Value
		}
	}
	return ""
}

func (t Text) has(key string) bool {
	for _, p := range t {
		if strings.EqualFold(p.Key, key) {
			return true
		}
	}
	return false
}

// maxPairs bounds what is kept of a stranger's text.
const maxPairs = 64

// readText reads the strings of a TXT record: the first of each key counts, and one without a key does not
// (RFC 6763, section 6.4). Nothing at all, which is against section 6.1, is no pairs too.
func readText(data []byte) (t Text) {
	for len(data) > 0 && len(t) < maxPairs {
		end := min(1+int(data[0]), len(data))
		key, value, _ := strings.Cut(string(data[1:end]), "=")
		if key != "" && !t.has(key) {
			t = append(t, Pair{key, value})
		}
		data = data[end:]
	}
	return t
}

// maxText keeps the packet below what an Ethernet carries whole, as section 6.2 advises.
const maxText = 1000

// bytes is the TXT record: at least one string, if an empty one.
func (t Text) bytes() ([]byte, error) {
	var b []byte
	for _, p := range t {
		s := p.Key + "=" + p.Value
		isPlain := !strings.ContainsFunc(p.Key, func(r rune) bool { return r < ' ' || r > '~' || r == '=' })
		if p.Key == "" || !isPlain || len(s) > 255 {
			return nil, errors.New("text " + p.Key + ": want a key of ASCII without '=', and 255 bytes with its value at most")
		}
		b = append(append(b, byte(len(s))), s...)
	}
	if len(b) > maxText {
		return nil, errors.New("text: more than 1000 bytes")
	}
	if b == nil {
		b = []byte{0}
	}
	return b, nil
}
