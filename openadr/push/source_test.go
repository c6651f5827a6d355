package push

import (
	"fmt"
	"net/http/httptest"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

func TestSources_KeepEachToItsRate(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		var s sources
		a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
		takes := func(from netip.Addr, n int) (got int) {
			for range n {
				if s.take(from) {
					got++
				}
			}
			return got
		}
		if got := takes(a, 1000); got != burst {
			t.Errorf("%d at once", got)
		}
		if got := takes(b, 1); got != 1 {
			t.Error("another pays for it")
		}
		time.Sleep(10 * refill)
		if got := takes(a, 1000); got != 10 {
			t.Errorf("%d after ten times", got)
		}
		s.forgive(a)
		if got := takes(a, 1000); got != burst {
			t.Errorf("%d after it was forgiven", got)
		}
		time.Sleep(24 * time.Hour)
		if got := takes(a, 1000); got != burst {
			t.Errorf("%d after a day: time is not saved up", got)
		}
	})
}

func TestSources_ConnectionsHaveRoomForOthers(t *testing.T) {
	var s sources
	one := netip.MustParseAddr("192.0.2.1")
	stands := 0
	for range 100 {
		if s.enter(one) {
			stands++
		}
	}
	if stands != maxOpen {
		t.Errorf("one source has %d", stands)
	}
	s.leave(one)
	if s.forgive(one); !s.enter(one) || s.enter(one) {
		t.Error("one that leaves makes room for one")
	}
	others := 0
	for i := range 100 {
		if s.enter(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})) {
			others++
		}
	}
	if others != maxOpenAll-maxOpen {
		t.Errorf("others have %d", others)
	}
	if s.enter(netip.MustParseAddr("127.0.0.1")) {
		t.Error("there is room without end")
	}
}

// Behind a proxy on this machine is everybody.
func TestSources_AProxyIsNotLimitedByWhoIsBehindIt(t *testing.T) {
	var s sources
	proxy := netip.MustParseAddr("127.0.0.1")
	for i := range maxOpenAll {
		if !s.enter(proxy) {
			t.Fatalf("connection %d may not stand", i)
		}
	}
}

// Whatever comes, memory is bounded, counts fit, and who has a connection is not forgotten.
func TestSources_AreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s sources
		var open []netip.Addr
		for range rapid.IntRange(1, 2000).Draw(t, "steps") {
			from := netip.AddrFrom4([4]byte{10, 0, byte(rapid.IntRange(0, 9).Draw(t, "c")), rapid.Byte().Draw(t, "d")})
			switch rapid.IntRange(0, 2).Draw(t, "step") {
			case 0:
				s.take(from)
			case 1:
				if s.enter(from) {
					open = append(open, from)
				}
			case 2:
				if len(open) > 0 {
					s.leave(open[0])
					open = open[1:]
				}
			}
			if len(s.by) > maxSources || s.open != len(open) || s.open > maxOpenAll {
				t.Fatalf("%d sources, %d connections counted of %d", len(s.by), s.open, len(open))
			}
		}
		for _, from := range open {
			if s.by[from] == nil || s.by[from].open < 1 {
				t.Fatalf("%v is forgotten", from)
			}
		}
	})
}

func TestSourceOf_BelievesAProxyOfThisMachineOnly(t *testing.T) {
	for _, c := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"192.0.2.1:5", nil, "192.0.2.1"},
		{"192.0.2.1:5", []string{"198.51.100.7"}, "192.0.2.1"},
		{"127.0.0.1:5", []string{"198.51.100.7"}, "198.51.100.7"},
		{"[::1]:5", []string{"10.0.0.1, 198.51.100.7"}, "198.51.100.7"}, // what stands before the last, the caller wrote
		{"127.0.0.1:5", []string{"10.0.0.1", "198.51.100.7, 198.51.100.8"}, "198.51.100.8"},
		{"127.0.0.1:5", []string{"nobody"}, "127.0.0.1"},
		{"127.0.0.1:5", []string{""}, "127.0.0.1"},
		{"[2001:db8:1:2:3:4:5:6]:5", nil, "2001:db8:1:2::"},
		{"[::ffff:192.0.2.1]:5", nil, "192.0.2.1"},
		{"[fe80::1%eth0]:5", nil, "fe80::"},
		{"@", nil, "invalid IP"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = c.remote, c.forwarded
		if got := fmt.Sprint(sourceOf(r)); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}
