package push

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Bounds of what strangers may do. A VTN that shows our token is none.
const (
	burst       = 30          // connections and requests at once, of one source
	refill      = time.Second // for one more of them
	maxOpen     = 8           // connections that stand, of one source
	maxOpenAll  = 64          // of all
	maxSources  = 512         // remembered
	perNetwork6 = 64          // bits of an IPv6 address that tell sources apart: the rest is anybody's to choose
)

// sources counts what each source of connections does.
type sources struct {
	mu   sync.Mutex
	by   map[netip.Addr]*source
	open int
}

type source struct {
	spent time.Duration // of burst times refill, at the time
	at    time.Time
	open  int
}

// take says that a source may do one thing more.
func (s *sources) take(from netip.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.of(from).take(time.Now())
}

func (o *source) take(now time.Time) bool {
	o.spent, o.at = max(0, o.spent-now.Sub(o.at)), now
	if o.spent > (burst-1)*refill {
		return false
	}
	o.spent += refill
	return true
}

// forgive begins anew with a source that has shown our token.
func (s *sources) forgive(from netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of(from).spent = 0
}

// enter says that a connection may stand; then leave must follow. From this machine all may, as far as there is
// room: that is a proxy, with everybody behind it.
func (s *sources) enter(from netip.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.of(from)
	if s.open >= maxOpenAll || !from.IsLoopback() && (o.open >= maxOpen || !o.take(time.Now())) {
		return false
	}
	s.open++
	o.open++
	return true
}

func (s *sources) leave(from netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	s.of(from).open--
}

// of finds a source, or makes room for it: one without connections is forgotten, whichever comes first. There are
// more places than connections, so there is one.
func (s *sources) of(from netip.Addr) *source {
	o, isKnown := s.by[from]
	if isKnown {
		return o
	}
	for other, o := range s.by {
		if len(s.by) < maxSources {
			break
		}
		if o.open == 0 {
			delete(s.by, other)
		}
	}
	if s.by == nil {
		s.by = map[netip.Addr]*source{}
	}
	o = &source{at: time.Now()}
	s.by[from] = o
	return o
}

// sourceOf is who sent a request. Of what comes from this machine a proxy's last word is believed: it says whom
// the proxy itself has seen.
func sourceOf(r *http.Request) netip.Addr {
	from := networkOf(r.RemoteAddr)
	if told := r.Header.Values("X-Forwarded-For"); from.IsLoopback() && len(told) > 0 {
		last := told[len(told)-1]
		last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
		if a, err := netip.ParseAddr(last); err == nil {
			return network(a)
		}
	}
	return from
}

// networkOf reads "host:port"; what cannot be read is one source, the zero address.
func networkOf(address string) netip.Addr {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return network(a)
}

func network(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() && !a.IsLoopback() {
		if p, err := a.Prefix(perNetwork6); err == nil {
			return p.Addr()
		}
	}
	return a
}
