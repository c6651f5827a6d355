package mdns

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func drawName(t *rapid.T, what string) name {
	labels := rapid.SliceOfN(rapid.StringN(1, 20, maxLabel), 0, 3).Draw(t, what)
	n, err := nameOf(labels...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func drawRecord(t *rapid.T) record {
	r := record{
		name: drawName(t, "name"), ttl: rapid.Uint32().Draw(t, "ttl"), isUnique: rapid.Bool().Draw(t, "unique"),
		kind: rapid.SampledFrom([]kind{kindA, kindAAAA, kindPTR, kindSRV, kindTXT}).Draw(t, "kind"),
	}
	switch r.kind {
	case kindA:
		r.addr = netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address")))
	case kindAAAA:
		r.addr = netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "address")))
	case kindTXT:
		r.text = rapid.SliceOfN(rapid.Byte(), 0, 99).Draw(t, "text")
	case kindPTR:
		r.target = drawName(t, "target")
	case kindSRV:
		r.target, r.port = drawName(t, "target"), rapid.Uint16().Draw(t, "port")
	}
	return r
}

// What is written is read again, and what is cut short is read up to there.
func TestMessage_SurvivesTheWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := message{id: rapid.Uint16().Draw(t, "id"), isResponse: rapid.Bool().Draw(t, "response")}
		for range rapid.IntRange(0, 3).Draw(t, "questions") {
			m.questions = append(m.questions, question{drawName(t, "asked"), kind(rapid.Uint16().Draw(t, "kind")), rapid.Bool().Draw(t, "unicast")})
		}
		m.records = rapid.SliceOfN(rapid.Custom(drawRecord), 0, 4).Draw(t, "records")
		m.more = rapid.SliceOfN(rapid.Custom(drawRecord), 0, 4).Draw(t, "more")
		packet := m.bytes()
		want := m
		want.records, want.more = append(append([]record(nil), m.records...), m.more...), nil
		got, ok := read(packet)
		if !ok || !reflect.DeepEqual(got, want) {
			t.Fatalf("%t\n%+v, want\n%+v", ok, got, want)
		}
		cut := rapid.IntRange(0, len(packet)).Draw(t, "cut")
		part, ok := read(packet[:cut])
		if ok != (cut >= headerSize) || len(part.questions) > len(want.questions) || len(part.records) > len(want.records) {
			t.Fatalf("of %d bytes %t %+v", cut, ok, part)
		}
		if n := len(part.records); n > 0 && !reflect.DeepEqual(part.records, want.records[:n]) {
			t.Fatalf("of %d bytes %+v", cut, part)
		}
	})
}

// packet is a header for so many questions, answers, authorities and more, with the parts after it.
func packet(counts [4]int, parts ...string) []byte {
	b := []byte{0, 0, 0x84, 0}
	for _, n := range counts {
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	}
	return append(b, strings.Join(parts, "")...)
}

// Bad bytes lose the record they are in; where its end cannot be known, what follows as well.
func TestRead_ToleratesBadPackets(t *testing.T) {
	const (
		good = "\x01a\x00" + "\x00\x01\x80\x01" + "\x00\x00\x00\x78" + "\x00\x04\xc0\x00\x02\x01" // a A 192.0.2.1
		head = "\x00\x01\x00\x01\x00\x00\x00\x78"                                                 // of an A record
		srv  = "\x00\x21\x00\x01\x00\x00\x00\x78"
		ptr  = "\x00\x0c\x00\x01\x00\x00\x00\x78"
	)
	for name, c := range map[string]struct {
		packet  []byte
		records int // negative: no packet
	}{
		"good":                      {packet([4]int{0, 1}, good), 1},
		"more announced than there": {packet([4]int{0, 65535}, good), 1},
		"nothing announced":         {packet([4]int{}, good), 0},
		"header cut":                {packet([4]int{})[:11], -1},
		"too long":                  {make([]byte, maxPacket+1), -1},
		"another opcode":            {append([]byte{0, 0, 0x28, 0}, packet([4]int{0, 1}, good)[4:]...), -1},
		"a result that is an error": {append([]byte{0, 0, 0x84, 3}, packet([4]int{0, 1}, good)[4:]...), -1},
		"pointer to itself":         {packet([4]int{0, 2}, "\xc0\x0c", head, "\x00\x04\x01\x02\x03\x04", good), 0},
		"pointer forwards":          {packet([4]int{0, 2}, "\xc0\x20", head, "\x00\x04\x01\x02\x03\x04", good), 0},
		"pointers in a circle":      {packet([4]int{0, 2}, "\x01a\xc0\x0e\xc0\x0c", head), 0},
		"label grows by a pointer":  {packet([4]int{0, 2}, "\x01a\xc0\x0c", head, "\x00\x04\x01\x02\x03\x04", good), 0},
		"pointer beyond the end":    {packet([4]int{0, 2}, "\xff\xff", head), 0},
		"half a pointer":            {packet([4]int{0, 2}, "\xc0"), 0},
		"label of a reserved kind":  {packet([4]int{0, 2}, "\x41a\x00", head, "\x00\x04\x01\x02\x03\x04"), 0},
		"name without an end":       {packet([4]int{0, 1}, "\x3fabc"), 0},
		"name too long":             {packet([4]int{0, 1}, strings.Repeat("\x3f"+strings.Repeat("x", 63), 4), "\x00", head, "\x00\x04\x01\x02\x03\x04"), 0},
		"address of three bytes":    {packet([4]int{0, 2}, "\x00", head, "\x00\x03\x01\x02\x03", good), 1},
		"address of sixteen as A":   {packet([4]int{0, 2}, "\x00", head, "\x00\x10", strings.Repeat("\x20", 16), good), 1},
		"service without a target":  {packet([4]int{0, 2}, "\x00", srv, "\x00\x06\x00\x00\x00\x00\x00\x50", good), 1},
		"target beyond its record":  {packet([4]int{0, 2}, "\x00", ptr, "\x00\x02\x09x", good), 1},
		"bytes after the target":    {packet([4]int{0, 2}, "\x00", ptr, "\x00\x03\x00xx", good), 1},
		"length beyond the end":     {packet([4]int{0, 2}, "\x00", head, "\xff\xff", good), 0},
		"unknown kind":              {packet([4]int{0, 2}, "\x00\x00\x2f\x00\x01\x00\x00\x00\x78\x00\x02xx", good), 1},
		"another class":             {packet([4]int{0, 2}, "\x00\x00\x01\x00\x03\x00\x00\x00\x78\x00\x04\x01\x02\x03\x04", good), 1},
		"an authority":              {packet([4]int{0, 0, 1, 1}, good, good), 1},
		"a question cut short":      {packet([4]int{2, 1}, "\x01a\x00\x00\x0c"), 0},
	} {
		m, ok := read(c.packet)
		known := 0
		for _, r := range m.records {
			if r.addr.IsValid() {
				known++
			}
		}
		if ok != (c.records >= 0) || ok && known != c.records {
			t.Errorf("%s: %t, %+v, want %d records", name, ok, m.records, c.records)
		}
	}
}

// A name that was compressed is whole again.
func TestReadName_FollowsPointersBackwards(t *testing.T) {
	b := packet([4]int{}, "\x05local\x00", "\x04_tcp\xc0\x0c", "\x05_http\xc0\x13", "\x07a.b \\\xc3\xa9\xc0\x1a")
	n, next, err := readName(b, len(b)-10)
	if err != nil || n.String() != `a\.b \\é._http._tcp.local.` || next != len(b) {
		t.Errorf("%q, %d, %v", n, next, err)
	}
	if label, rest := n.cut(); label != `a.b \é` || rest.String() != "_http._tcp.local." {
		t.Errorf("%q and %q", label, rest)
	}
}

func TestName_IsTheSameInAnyCase(t *testing.T) {
	one, _ := nameOf("Büro", "_HTTP", "_tcp", "LOCAL")
	two, _ := nameOf("büro", "_http", "_TCP", "local")
	three, _ := nameOf("bÜro", "_http", "_tcp", "local") // no letter of ASCII
	if one.fold() != two.fold() || one.fold() == three.fold() || one == two {
		t.Errorf("%q %q %q", one.fold(), two.fold(), three.fold())
	}
	long, err := nameOf(strings.Repeat("A", 63), strings.Repeat("Z", 63)) // lengths that look like letters if they grew
	if err != nil || fmt.Sprint(long.fold()) != strings.ToLower(long.String()) {
		t.Errorf("%q, %v", long.fold(), err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(packet([4]int{1, 1, 1, 1}, "\x01a\x00\x00\x0c\x80\x01", "\xc0\x0c\x00\x0c\x00\x01\x00\x00\x00\x78\x00\x02\xc0\x0c"))
	f.Add(packet([4]int{0, 2}, "\x05_http\x04_tcp\x05local\x00\x00\x0c\x00\x01\x00\x00\x11\x94\x00\x04\x01x\xc0\x0c", "\xc0\x28\x00\x10\x00\x01\x00\x00\x11\x94\x00\x04\x03a=b"))
	service, _ := local("_http._tcp")
	f.Fuzz(func(t *testing.T, packet []byte) {
		m, ok := read(packet)
		if !ok {
			return
		}
		if again, ok := read(m.bytes()); ok && len(m.bytes()) <= maxPacket && len(again.questions) != len(m.questions) {
			t.Errorf("%+v is written as %+v", m, again)
		}
		finder := newFinder(service)
		finder.add(m, "lo")
		finder.add(m, "lo")
		if q := finder.query(); len(q.bytes()) > maxPacket*4 {
			t.Errorf("a question of %d bytes", len(q.bytes()))
		}
		for _, found := range finder.found() {
			if found.Port == 0 || found.Host == "" {
				t.Errorf("%+v cannot be spoken to", found)
			}
		}
		c := claim{kind: service, instance: "\x01x" + service, host: "\x01h\x05local\x00"}
		c.answer(m, nil)
		c.rival(m)
	})
}
