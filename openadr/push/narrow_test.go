package push

import (
	"errors"
	"io"
	"net"
	"testing"

	"pgregory.net/rapid"
)

// packet is a header with a body of n bytes, all of the same value.
func packet(n int, value byte) []byte {
	b := []byte{0x30}
	for left := n; ; {
		digit := byte(left & 0x7f)
		if left >>= 7; left > 0 {
			digit |= 0x80
		}
		if b = append(b, digit); left == 0 {
			break
		}
	}
	for range n {
		b = append(b, value)
	}
	return b
}

// However the stream is cut, packets that fit pass, and one that does not is caught before its first byte.
func TestFrame_CutsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var stream []byte
		for range rapid.IntRange(0, 8).Draw(t, "packets") {
			size := rapid.SampledFrom([]int{0, 1, 2, 127, 128, 129, 5000, 16383, 16384}).Draw(t, "size")
			stream = append(stream, packet(size, rapid.Byte().Draw(t, "value"))...)
		}
		isLong := rapid.Bool().Draw(t, "ends with a long one")
		good := len(stream)
		if isLong {
			n := rapid.IntRange(maxPacket+1, 256<<20-1).Draw(t, "long")
			head := packet(0, 0)[:1]
			for left := n; left > 0; left >>= 7 {
				digit := byte(left & 0x7f)
				if left>>7 > 0 {
					digit |= 0x80
				}
				head = append(head, digit)
			}
			stream = append(stream, head...)
		}
		var f frame
		passed := 0
		for passed < len(stream) {
			n := rapid.IntRange(1, len(stream)-passed).Draw(t, "cut")
			if !f.pass(stream[passed : passed+n]) {
				if !isLong || passed+n <= good {
					t.Fatalf("a packet that fits is refused within byte %d of %d", passed+n, good)
				}
				return
			}
			passed += n
		}
		if isLong {
			t.Fatal("a long packet has passed")
		}
	})
}

func TestFrame_LengthsAtTheBound(t *testing.T) {
	for _, c := range []struct {
		head []byte
		fits bool
	}{
		{[]byte{0x30, 0x80, 0x80, 0x80, 0x02}, true},        // 4 MiB
		{[]byte{0x30, 0x81, 0x80, 0x80, 0x02}, false},       // and one byte
		{[]byte{0x30, 0xff, 0xff, 0xff, 0x7f}, false},       // the longest there is
		{[]byte{0x30, 0x80, 0x80, 0x80, 0x00}, true},        // nothing, in four bytes
		{[]byte{0x30, 0x80, 0x80, 0x80, 0x80, 0x01}, false}, // five bytes are no length
		{[]byte{0x30, 0x00, 0x30, 0x00}, true},
	} {
		var f frame
		if f.pass(c.head) != c.fits {
			t.Errorf("% x: want %v", c.head, c.fits)
		}
	}
}

func TestNarrow_HandsOutNothingOfALongPacket(t *testing.T) {
	a, b := net.Pipe()
	go func() {
		_, _ = a.Write(packet(3, 'x'))
		_, _ = a.Write([]byte{0x30, 0xff, 0xff, 0xff, 0x7f})
		_ = a.Close()
	}()
	defer func() { _ = b.Close() }()
	got, err := io.ReadAll(&narrow{Conn: b})
	if !errors.Is(err, errTooLong) || string(got) != string(packet(3, 'x')) {
		t.Errorf("% x, %v", got, err)
	}
}

func FuzzFrame(f *testing.F) {
	f.Add(packet(300, 0xff), 2)
	f.Add([]byte{0x30, 0xff, 0xff, 0xff, 0x7f}, 1)
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		var whole, parts frame
		isGood := whole.pass(stream)
		cut = max(0, min(cut, len(stream)))
		if got := parts.pass(stream[:cut]) && parts.pass(stream[cut:]); got != isGood || isGood && whole != parts {
			t.Errorf("% x cut at %d: %v, whole %v", stream, cut, got, isGood)
		}
		if whole.rest > maxPacket {
			t.Errorf("a packet of %d bytes", whole.rest)
		}
	})
}
