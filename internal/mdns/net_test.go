package mdns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// loopback is a network of this machine alone, at a port of its own.
func loopback(t *testing.T) Config {
	t.Helper()
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Skip("no interface named lo")
	}
	probe, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer probe.Close()
	return Config{Interfaces: []net.Interface{*lo}, Port: probe.LocalAddr().(*net.UDPAddr).Port}
}

// announced runs an announcement; the function returned ends it and gives its error.
func announced(t *testing.T, c Config, s Service) (end func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Announce(ctx, s) }()
	end = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = end() })
	return end
}

func browse(t *testing.T, c Config, service string, d time.Duration) []Found {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	found, err := c.Browse(ctx, service)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var prices = Service{
	Name: "Büro 7. Stock, v1.2", Type: "_openadr3._tcp", Host: "vtn", Port: 8443,
	Text: Text{{"version", "3.1"}, {"base_path", "openadr/3.1"}, {"local_url", "https://vtn.local:8443/openadr/3.1"}},
}

// What one announces another finds, whole, and nothing of another type; after the goodbye it is gone.
func TestBrowse_FindsWhatIsAnnouncedUntilItLeaves(t *testing.T) {
	t.Parallel() // most of each is waiting
	c := loopback(t)
	end := announced(t, c, prices)
	other := prices
	other.Name, other.Type = "printer", "_ipp._tcp"
	announced(t, c, other)
	found := browse(t, c, "_OpenADR3._tcp.local.", 2500*time.Millisecond)
	want := fmt.Sprintf("[{%s vtn.local. 8443 [127.0.0.1 ::1] %v}]", prices.Name, prices.Text)
	if got := fmt.Sprint(found); got != want {
		t.Errorf("found %s, want %s", got, want)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if found := browse(t, c, "_openadr3._tcp", 500*time.Millisecond); len(found) != 0 {
		t.Errorf("found %v after the goodbye", found)
	}
}

// A browser that listens while a service comes and goes has it no longer.
func TestBrowse_ForgetsWhoSaysGoodbye(t *testing.T) {
	t.Parallel() // most of each is waiting
	c := loopback(t)
	end := announced(t, c, prices)
	done := make(chan []Found)
	go func() { done <- browse(t, c, "_openadr3._tcp", 3*time.Second) }()
	time.AfterFunc(1500*time.Millisecond, func() { _ = end() })
	if found := <-done; len(found) != 0 {
		t.Errorf("found %v", found)
	}
}

func TestAnnounce_RefusesATakenName(t *testing.T) {
	t.Parallel() // most of each is waiting
	c := loopback(t)
	announced(t, c, prices)
	browse(t, c, prices.Type, 1500*time.Millisecond) // until it is there
	second := prices
	second.Port, second.Name = 9000, strings.ToUpper(prices.Name[:1])+prices.Name[1:]
	err := c.Announce(t.Context(), second)
	if !errors.Is(err, errTaken) || !strings.Contains(err.Error(), "vtn.local. port 8443") {
		t.Errorf("err %v", err)
	}
}

// A second process with the same claim is no rival: after a crash the first may still be heard.
func TestAnnounce_IsNoRivalOfItself(t *testing.T) {
	t.Parallel() // most of each is waiting
	c := loopback(t)
	announced(t, c, prices)
	browse(t, c, prices.Type, 1500*time.Millisecond)
	end := announced(t, c, prices)
	if got := browse(t, c, prices.Type, 1500*time.Millisecond); len(got) != 1 {
		t.Errorf("found %v", got)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}

// query asks from a port of its own, as a resolver of plain DNS does, until an answer comes.
func query(t *testing.T, c Config, m message) (got message, isFrom netip.AddrPort) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(c.Port))
	buf := make([]byte, maxPacket)
	for range 50 {
		_, _ = conn.WriteToUDPAddrPort(m.bytes(), to)
		_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		if n, from, err := conn.ReadFromUDPAddrPort(buf); err == nil {
			got, _ = read(buf[:n])
			return got, from
		}
	}
	t.Fatal("no answer")
	return got, isFrom
}

func TestAnnounce_AnswersPlainDNSWithItsQuestionAndShortLives(t *testing.T) {
	t.Parallel() // most of each is waiting
	c := loopback(t)
	announced(t, c, prices)
	service, _ := local(prices.Type)
	ask := message{id: 4711, questions: []question{{name: service, kind: kindPTR}}}
	got, from := query(t, c, ask)
	if got.id != 4711 || len(got.questions) != 1 || got.questions[0] != ask.questions[0] || int(from.Port()) != c.Port || !got.isResponse {
		t.Errorf("answer %+v from %v", got, from)
	}
	kinds := map[kind]int{}
	for _, r := range got.records {
		kinds[r.kind]++
		if r.ttl > legacyTTL || r.isUnique {
			t.Errorf("%d lives %d s, unique %t", r.kind, r.ttl, r.isUnique)
		}
	}
	if fmt.Sprint(kinds) != fmt.Sprint(map[kind]int{kindPTR: 1, kindSRV: 1, kindTXT: 1, kindA: 1, kindAAAA: 1}) {
		t.Errorf("answered with %v", kinds)
	}
	meta, _ := local("_services._dns-sd._udp")
	got, _ = query(t, c, message{questions: []question{{name: meta, kind: kindPTR}}})
	if len(got.records) != 1 || got.records[0].target != service {
		t.Errorf("types: %+v", got.records)
	}
}

// hears is what comes in meanwhile.
func (l *link) hears(t *testing.T, d time.Duration) (out []message) {
	t.Helper()
	for until := time.Now().Add(d); ; {
		m, _, err := l.receive(t.Context(), until)
		if err != nil {
			return out
		}
		out = append(out, m)
	}
}

// Answers to all are not repeated more than once a second, however often is asked.
func TestAnnounce_DoesNotShout(t *testing.T) {
	t.Parallel() // most of each is waiting
	c := loopback(t)
	announced(t, c, prices)
	browse(t, c, prices.Type, 2500*time.Millisecond)
	links, err := c.open()
	if err != nil {
		t.Fatal(err)
	}
	l := links[0]
	defer l.conn.Close()
	service, _ := local(prices.Type)
	answers, end := 0, time.Now().Add(1500*time.Millisecond)
	for time.Now().Before(end) {
		_ = l.send(message{questions: []question{{name: service, kind: kindPTR}}})
		for _, m := range l.hears(t, 20*time.Millisecond) {
			if m.isResponse {
				answers++
			}
		}
	}
	if answers < 1 || answers > 3 {
		t.Errorf("%d answers in a second and a half", answers)
	}
}

// A question that wants its answer for itself gets it there, and nobody else hears it.
func TestAnnounce_AnswersForOneOnlyWhoWantsIt(t *testing.T) {
	t.Parallel() // most of each is waiting
	c := loopback(t)
	r := responder{claim: claimed(t, prices)}
	links, err := c.open()
	if err != nil {
		t.Fatal(err)
	}
	r.link = links[0]
	defer r.conn.Close()
	r.told = time.Now()
	ask := message{questions: []question{{name: r.kind, kind: kindPTR, wantsUnicast: true}}}
	self := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(c.Port))
	r.hear(ask, self)
	if m, _, err := r.receive(t.Context(), time.Now().Add(time.Second)); err != nil || len(m.records) != 5 || !r.due.IsZero() {
		t.Errorf("%+v, %v; due %v", m, err, r.due)
	}
	r.told = time.Now().Add(-time.Minute) // it is long ago that all were told
	if r.hear(ask, self); r.due.IsZero() || len(r.waiting.records) != 1 || len(r.waiting.more) != 4 {
		t.Errorf("due %v: %+v", r.due, r.waiting)
	}
}

func TestBrowse_SaysWhyItCannotAsk(t *testing.T) {
	t.Parallel() // most of each is waiting
	none := Config{Interfaces: []net.Interface{}}
	if _, err := none.Browse(t.Context(), "_http._tcp"); !errors.Is(err, errNoInterface) || !strings.Contains(err.Error(), "_http._tcp") {
		t.Errorf("without interfaces: %v", err)
	}
	gone := Config{Interfaces: []net.Interface{{Index: 9999, Name: "gone0"}}}
	if _, err := gone.Browse(t.Context(), "_http._tcp"); err == nil || !strings.Contains(err.Error(), "gone0") {
		t.Errorf("on an interface that is gone: %v", err)
	}
	for _, service := range []string{"", "..", "_" + strings.Repeat("x", 63), strings.Repeat("_a.", 130)} {
		if _, err := loopback(t).Browse(t.Context(), service); !errors.Is(err, errName) {
			t.Errorf("%.20q: %v", service, err)
		}
	}
	half := loopback(t) // one that works is enough
	half.Interfaces = append(half.Interfaces, gone.Interfaces...)
	if got := browse(t, half, "_http._tcp", 100*time.Millisecond); len(got) != 0 {
		t.Errorf("found %v", got)
	}
}

// Whoever calls off a browse does not wait for its time.
func TestBrowse_EndsWithItsContext(t *testing.T) {
	t.Parallel() // most of each is waiting
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	if _, err := loopback(t).Browse(ctx, "_http._tcp"); err != nil || time.Since(start) > time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

// The far side of a router has no say, nor has a packet that is none.
func TestLink_HearsNeighboursOnly(t *testing.T) {
	t.Parallel() // most of each is waiting
	for text, want := range map[string]bool{"127.0.0.1": true, "198.51.100.7": false, "::ffff:127.0.0.1": true} {
		if got := isNear(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is near: %t", text, got)
		}
	}
	c := loopback(t)
	done := make(chan []Found)
	go func() { done <- browse(t, c, "_http._tcp", 600*time.Millisecond) }()
	links, err := c.open()
	if err != nil {
		t.Fatal(err)
	}
	l := links[0]
	defer l.conn.Close()
	claim := claimed(t, Service{Name: "late", Type: "_http._tcp", Host: "h", Port: 80})
	for _, junk := range [][]byte{nil, {0}, make([]byte, 11), []byte(strings.Repeat("\xff", 600)), make([]byte, maxPacket)} {
		_, _ = l.conn.WriteToUDPAddrPort(junk, l.to)
	}
	stranger, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	forged := claimed(t, Service{Name: "forged", Type: "_http._tcp", Host: "h", Port: 80}).all(nil)
	for range 20 { // the browser opens its socket meanwhile
		_ = l.send(claim.all(nil))
		_, _ = stranger.WriteToUDP(forged.bytes(), &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: c.Port})
		l.hears(t, 10*time.Millisecond)
	}
	if got := <-done; len(got) != 1 || got[0].Name != "late" {
		t.Errorf("found %v", got)
	}
}

func claimed(t *testing.T, s Service) *claim {
	t.Helper()
	c, err := s.claim()
	if err != nil {
		t.Fatal(err)
	}
	return &c
}
