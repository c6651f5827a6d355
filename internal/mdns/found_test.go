package mdns

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func finderOf(t interface{ Fatal(...any) }, service string) *finder {
	n, err := local(service)
	if err != nil {
		t.Fatal(err)
	}
	return newFinder(n)
}

// However the facts are spread over packets, and in whatever order and number they come, the same is found.
func TestFinder_FindsTheSameInAnyOrder(t *testing.T) {
	one := claimed(t, prices).all(home)
	plug := claimed(t, Service{Name: "plug", Type: prices.Type, Host: "vtn", Port: 80}).all(nil)
	foreign := claimed(t, Service{Name: "printer", Type: "_ipp._tcp", Host: "p", Port: 631}).all(home)
	facts := slices.Concat(one.records, plug.records, foreign.records)
	want := fmt.Sprintf("[{%s vtn.local. 8443 [192.0.2.9 fe80::1%%eth0] %v} {plug vtn.local. 80 [192.0.2.9 fe80::1%%eth0] []}]", prices.Name, prices.Text)
	rapid.Check(t, func(t *rapid.T) {
		f := finderOf(t, prices.Type)
		order := append(rapid.Permutation(facts).Draw(t, "order"), rapid.Permutation(facts).Draw(t, "again")...)
		for len(order) > 0 {
			n := rapid.IntRange(1, len(order)).Draw(t, "packet")
			f.add(message{isResponse: true, records: order[:n]}, "eth0")
			order = order[n:]
		}
		got := f.found()
		for _, found := range got {
			slices.SortStableFunc(found.Addresses, netip.Addr.Compare)
		}
		if fmt.Sprint(got) != want {
			t.Fatalf("found %v\nwant  %s", got, want)
		}
		if open := f.open(true); len(open) > 0 {
			t.Fatalf("asks for %v", open)
		}
	})
}

// Only what nobody has told is asked for, each once at once, and in every round.
func TestFinder_AsksForWhatIsOpen(t *testing.T) {
	c := claimed(t, prices)
	f := finderOf(t, prices.Type)
	say := func(records ...record) { f.add(message{isResponse: true, records: records}, "eth0") }
	kinds := func(questions []question) (out []kind) {
		for _, q := range questions {
			out = append(out, q.kind)
		}
		return out
	}
	check := func(when string, again bool, want ...kind) {
		t.Helper()
		if got := kinds(f.open(again)); !slices.Equal(got, want) {
			t.Errorf("%s: asks for %v, want %v", when, got, want)
		}
	}
	check("at the start", true)
	say(c.pointer())
	check("of a pointer", false, kindSRV, kindTXT)
	check("of a pointer again", false)
	check("in the next round", true, kindSRV, kindTXT)
	say(c.srv(), c.txt())
	check("of a host", false, kindA, kindAAAA)
	check("of a host again", false)
	if m := f.query(); len(m.records) != 1 || !same(m.records[0], c.pointer()) {
		t.Errorf("known: %+v", m.records)
	}
	say(c.whereabouts(home)...)
	check("of all", true)
	bye := c.pointer()
	bye.ttl = 0
	if say(bye); len(f.found()) != 0 || len(f.query().records) != 0 {
		t.Error("kept after the goodbye")
	}
}

// A network full of liars fills no memory.
func TestFinder_IsBounded(t *testing.T) {
	f := finderOf(t, prices.Type)
	for i := range 3000 {
		s := prices
		s.Name, s.Host = fmt.Sprint("liar ", i), fmt.Sprint("host-", i)
		addresses := []netip.Addr{netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})}
		f.add(claimed(t, s).all(addresses), "eth0")
		s.Host = "host-0"
		f.learn(record{name: claimed(t, s).host, kind: kindA, ttl: 1, addr: addresses[0]}, "eth0")
	}
	if len(f.here) != maxFound || len(f.hosts) != maxHosts || len(f.found()[0].Addresses) != maxAddresses {
		t.Errorf("%d services, %d hosts, %d addresses", len(f.here), len(f.hosts), len(f.found()[0].Addresses))
	}
	if n := len(f.query().bytes()); n > maxPacket {
		t.Errorf("asks with %d bytes", n)
	}
}
