package mdns

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// Service is what is announced.
type Service struct {
	Name      string       // for people, 63 bytes at most: "Building 7"; one in use on the network is refused
	Type      string       // "_openadr3._tcp"
	Host      string       // "vtn.local"; empty: that of this machine
	Port      int          // 1 to 65535
	Addresses []netip.Addr // of the host; nil: those of the interface that is asked on
	Text      Text
}

// Times to live, in seconds: of what holds the name or address of a host, and of all else (RFC 6762, section 10).
const (
	hostTTL   = 120
	otherTTL  = 75 * 60
	legacyTTL = 10 // for an asker that does not keep a cache as we know it (section 6.7)
)

// claim is a service as records.
type claim struct {
	meta, kind, instance, host name
	port                       uint16
	text                       []byte
	addresses                  []netip.Addr // nil: of the interface
}

func (s Service) claim() (c claim, err error) {
	if s.Port <= 0 || s.Port > 65535 {
		return c, fmt.Errorf("port %d: want 1 to 65535", s.Port)
	}
	if s.Host == "" {
		if s.Host, err = os.Hostname(); err != nil {
			return c, err
		}
		s.Host, _, _ = strings.Cut(s.Host, ".") // its domain elsewhere does not matter here
	}
	c.port, c.addresses = uint16(s.Port), s.Addresses
	kind, errKind := local(s.Type)
	host, errHost := local(s.Host)
	instance, errInstance := nameOf(s.Name)
	text, errText := s.Text.bytes()
	if err := errors.Join(errKind, errHost, errInstance, errText); err != nil {
		return c, err
	}
	if len(instance)-1+len(kind) > maxName {
		return c, errName
	}
	c.meta, _ = local("_services._dns-sd._udp")
	c.kind, c.host, c.text = kind, host, text
	c.instance = instance[:len(instance)-1] + kind
	return c, nil
}

// srv and its like are the records; own are the addresses of the interface.
func (c *claim) srv() record {
	return record{name: c.instance, kind: kindSRV, isUnique: true, ttl: hostTTL, target: c.host, port: c.port}
}

func (c *claim) txt() record {
	return record{name: c.instance, kind: kindTXT, isUnique: true, ttl: otherTTL, text: c.text}
}

func (c *claim) pointer() record {
	return record{name: c.kind, kind: kindPTR, ttl: otherTTL, target: c.instance}
}

func (c *claim) whereabouts(own []netip.Addr) (out []record) {
	if c.addresses != nil {
		own = c.addresses
	}
	for _, a := range own {
		r := record{name: c.host, kind: kindA, isUnique: true, ttl: hostTTL, addr: a.WithZone("")}
		if a.Is6() {
			r.kind = kindAAAA
		}
		out = append(out, r)
	}
	return out
}

// all is what is told unasked.
func (c *claim) all(own []netip.Addr) message {
	records := append([]record{c.pointer(), c.srv(), c.txt()}, c.whereabouts(own)...)
	return message{isResponse: true, records: records}
}

// answer is what is to be said to a query: nothing, if it asks for something else or knows the answer. With an
// answer goes what will be asked next (RFC 6763, section 12).
func (c *claim) answer(query message, own []netip.Addr) (answers, more []record) {
	everything := append([]record{{name: c.meta, kind: kindPTR, ttl: otherTTL, target: c.kind}}, c.all(own).records...)
	isPointer, isPlace := false, false
	for _, r := range everything {
		isAsked := slices.ContainsFunc(query.questions, func(q question) bool {
			return q.name.fold() == r.name.fold() && (q.kind == r.kind || q.kind == kindAny)
		})
		isKnown := slices.ContainsFunc(query.records, func(k record) bool { return k.ttl >= r.ttl/2 && same(k, r) })
		switch {
		case isAsked && !isKnown:
			answers = append(answers, r)
			isPointer = isPointer || r.name == c.kind
			isPlace = isPlace || r.kind == kindSRV
		case isPointer && !isKnown, isPlace && r.addr.IsValid():
			more = append(more, r)
		}
	}
	return answers, more
}

// same says that two records tell the same fact.
func same(a, b record) bool {
	return a.kind == b.kind && a.name.fold() == b.name.fold() && a.target.fold() == b.target.fold() &&
		a.port == b.port && string(a.text) == string(b.text) && a.addr == b.addr
}

// rival is somebody else's claim to our name, in a message: the host and port it stands for; empty for none.
func (c *claim) rival(m message) string {
	for _, r := range m.records {
		if m.isResponse && r.kind == kindSRV && r.ttl > 0 && r.name.fold() == c.instance.fold() && !same(r, c.srv()) {
			return fmt.Sprintf("%s port %d", r.target, r.port)
		}
	}
	return ""
}
