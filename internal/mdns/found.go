package mdns

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// Found is a service that somebody offers.
type Found struct {
	Name      string // as its owner wrote it: "Building 7"
	Host      string // "vtn.local."
	Port      int
	Addresses []netip.Addr // of the host; perhaps none, perhaps several; link-local ones with the interface as zone
	Text      Text
}

// Bounds on what a network full of liars can have us keep.
const (
	maxFound     = 256 // services
	maxHosts     = 512
	maxAddresses = 16 // of a host
)

// finder gathers what answers say of one type of service. It is safe for concurrent use: each interface adds to it.
type finder struct {
	service name

	mu    sync.Mutex
	here  []*instance // in the order of their first mention
	hosts map[name]*host
}

// instance is a service by its name, as far as it is known.
type instance struct {
	name    name
	until   time.Time // of the pointer to it; zero: nobody points to it
	ttl     time.Duration
	target  name // of its SRV record; empty: unknown
	port    uint16
	text    Text
	hasText bool
	isAsked bool
}

type host struct {
	addresses []netip.Addr
	isAsked   bool
}

func newFinder(service name) *finder { return &finder{service: service, hosts: map[name]*host{}} }

// add learns from a message that came in by an interface.
func (f *finder) add(m message, zone string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range m.records {
		switch r.kind {
		case kindPTR:
			if r.name.fold() == f.service.fold() {
				if i := f.instance(r.target); i != nil {
					i.point(r)
				}
			}
		case kindSRV, kindTXT:
			if i := f.instance(r.name); i != nil {
				i.learn(r)
			}
		case kindA, kindAAAA:
			f.learn(r, zone)
		}
	}
}

// instance is the one with the name, which may be new; nil for a name of another type, and if there are too many.
func (f *finder) instance(n name) *instance {
	label, service := n.cut()
	if label == "" || service.fold() != f.service.fold() {
		return nil
	}
	folded := n.fold()
	for _, i := range f.here {
		if i.name.fold() == folded {
			return i
		}
	}
	if len(f.here) >= maxFound {
		return nil
	}
	f.here = append(f.here, &instance{name: n})
	return f.here[len(f.here)-1]
}

// point takes a pointer to the instance, or with no time to live the end of it.
func (i *instance) point(r record) {
	i.ttl = time.Duration(r.ttl) * time.Second
	if i.until = time.Now().Add(i.ttl); r.ttl == 0 {
		*i = instance{name: i.name}
	}
}

func (i *instance) learn(r record) {
	isEnd := r.ttl == 0
	switch {
	case r.kind == kindSRV && isEnd:
		i.target = ""
	case r.kind == kindSRV:
		i.target, i.port = r.target, r.port
	case !isEnd:
		i.text, i.hasText = readText(r.text), true
	}
}

// learn takes an address of a host.
func (f *finder) learn(r record, zone string) {
	if r.addr.IsLinkLocalUnicast() && r.addr.Is6() {
		r.addr = r.addr.WithZone(zone)
	}
	h := f.host(r.name)
	switch {
	case h == nil || r.addr.IsUnspecified() || r.addr.IsMulticast():
	case r.ttl == 0:
		h.addresses = slices.DeleteFunc(h.addresses, func(a netip.Addr) bool { return a == r.addr })
	case len(h.addresses) < maxAddresses && !slices.Contains(h.addresses, r.addr):
		h.addresses = append(h.addresses, r.addr)
	}
}

func (f *finder) host(n name) *host {
	h := f.hosts[n.fold()]
	if h == nil && len(f.hosts) < maxHosts {
		h = &host{}
		f.hosts[n.fold()] = h
	}
	return h
}

// query asks for all that is open, and says which answers are known so that nobody repeats them: those of which
// more than half the time is left (RFC 6762, section 7.1).
func (f *finder) query() message {
	m := message{questions: append([]question{{name: f.service, kind: kindPTR}}, f.open(true)...)}
	f.mu.Lock()
	defer f.mu.Unlock()
	const maxKnown = 20 // a packet of names
	for _, i := range f.here {
		left := time.Until(i.until)
		if left > i.ttl/2 && i.target != "" && len(m.records) < maxKnown {
			m.records = append(m.records, record{name: f.service, kind: kindPTR, ttl: uint32(left / time.Second), target: i.name})
		}
	}
	return m
}

// open asks for what pointers lead to and nobody has told yet: at once only what was not asked before.
func (f *finder) open(again bool) (out []question) {
	f.mu.Lock()
	defer f.mu.Unlock()
	const maxOpen = 40 // questions of a packet
	for _, i := range f.here {
		switch {
		case i.until.IsZero() || len(out) >= maxOpen:
		case i.target == "" || !i.hasText:
			if again || !i.isAsked {
				out = append(out, question{name: i.name, kind: kindSRV}, question{name: i.name, kind: kindTXT})
			}
			i.isAsked = true
		default:
			h := f.host(i.target)
			if h == nil || len(h.addresses) > 0 {
				continue
			}
			if again || !h.isAsked {
				out = append(out, question{name: i.target, kind: kindA}, question{name: i.target, kind: kindAAAA})
			}
			h.isAsked = true
		}
	}
	return out
}

// found lists what can be spoken to, by name.
func (f *finder) found() (out []Found) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, i := range f.here {
		if i.until.IsZero() || i.target == "" || i.port == 0 {
			continue
		}
		label, _ := i.name.cut()
		found := Found{Name: strings.ToValidUTF8(label, "\uFFFD"), Host: i.target.String(), Port: int(i.port), Text: i.text}
		if h := f.hosts[i.target.fold()]; h != nil {
			found.Addresses = slices.Clone(h.addresses)
		}
		out = append(out, found)
	}
	slices.SortStableFunc(out, func(a, b Found) int { return strings.Compare(a.Name, b.Name) })
	return out
}
