package slave

import (
	"errors"
	"math"
	"net"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// What is put in comes out of the wire's order, high word first, and disturbs no neighbour.
func TestBank_KeepsWhatWasPutHighWordFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Bank{}
		addr := rapid.Uint16Range(1, math.MaxUint16-2).Draw(t, "addr")
		b.Zero(addr-1, addr+2)
		var want uint32
		switch rapid.SampledFrom([]string{"u16", "u32", "i32", "f32"}).Draw(t, "kind") {
		case "u16":
			v := rapid.Uint16().Draw(t, "v")
			b.U16(addr, v)
			want = uint32(v) << 16
		case "u32":
			want = rapid.Uint32().Draw(t, "v")
			b.U32(addr, want)
		case "i32":
			v := rapid.Int32().Draw(t, "v")
			b.I32(addr, v)
			want = uint32(v)
		case "f32":
			v := rapid.Float32().Draw(t, "v")
			b.F32(addr, float64(v))
			want = math.Float32bits(v)
		}
		got, err := b.Read(addr-1, 4)
		if err != nil || got[0] != 0 || got[3] != 0 || uint32(got[1])<<16|uint32(got[2]) != want {
			t.Errorf("%x with neighbours %x, want %x, %v", got[1:3], got, want, err)
		}
	})
}

// A read is all of its registers or nothing: a gap is not a zero.
func TestBank_ReadsNothingAcrossAGap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Bank{}
		first, last := rapid.Uint16Range(10, 20).Draw(t, "first"), rapid.Uint16Range(20, 30).Draw(t, "last")
		b.Zero(first, last)
		addr, count := rapid.Uint16Range(0, 40).Draw(t, "addr"), rapid.Uint16Range(1, 20).Draw(t, "count")
		got, err := b.Read(addr, count)
		isInside := addr >= first && addr+count-1 <= last
		if isInside != (err == nil) || isInside && len(got) != int(count) || !isInside && !errors.Is(err, ErrAddress) {
			t.Errorf("%d from %d of [%d, %d]: %v, %v", count, addr, first, last, got, err)
		}
	})
}

func TestBank_EndsAtTheLastRegister(t *testing.T) {
	b := Bank{}
	b.Zero(math.MaxUint16-1, math.MaxUint16)
	b.U16(0, 7)
	if got, err := b.Read(math.MaxUint16-1, 2); err != nil || len(got) != 2 {
		t.Errorf("the last two: %v, %v", got, err)
	}
	if got, err := b.Read(math.MaxUint16, 2); !errors.Is(err, ErrAddress) {
		t.Errorf("beyond the last it reads on from the first: %v, %v", got, err)
	}
}

func TestServer_TellsWhereItIsOnLoopbackOnly(t *testing.T) {
	s := serveTest(t, map[uint8]Unit{1: {Input: Bank{0: 1}.Read}})
	address, ok := strings.CutPrefix(s.URL(), "tcp://")
	host, _, err := net.SplitHostPort(address)
	if !ok || err != nil || !net.ParseIP(host).IsLoopback() {
		t.Errorf("%q, %v", s.URL(), err)
	}
}

func TestServer_AnswersAUnitWithoutTheFunctionWithException1(t *testing.T) {
	s := serveTest(t, map[uint8]Unit{1: {}, 2: {Holding: Bank{0: 1}.Read}})
	for name, call := range map[string]func() ([]byte, error){
		"input of nothing":   func() ([]byte, error) { return dial(t, s, 1).ReadInputRegisters(0, 1) },
		"holding of nothing": func() ([]byte, error) { return dial(t, s, 1).ReadHoldingRegisters(0, 1) },
		"write of nothing":   func() ([]byte, error) { return dial(t, s, 1).WriteSingleRegister(0, 1) },
		"write to read-only": func() ([]byte, error) { return dial(t, s, 2).WriteSingleRegister(0, 1) },
		"input of holding":   func() ([]byte, error) { return dial(t, s, 2).ReadInputRegisters(0, 1) },
	} {
		if _, err := call(); exception(err) != 1 {
			t.Errorf("%s: %v, want exception 1", name, err)
		}
	}
	if _, err := dial(t, s, 9).WriteSingleRegister(0, 1); exception(err) != 11 {
		t.Errorf("a write to nobody: %v", err)
	}
}

func TestServer_ServesManyAtOnceAndTwoServersApart(t *testing.T) {
	a := serveTest(t, map[uint8]Unit{1: {Input: Bank{0: 1}.Read}})
	b := serveTest(t, map[uint8]Unit{1: {Input: Bank{0: 2}.Read}})
	var all sync.WaitGroup
	for i := range 6 {
		s, want := a, byte(1)
		if i%2 == 1 {
			s, want = b, 2
		}
		c := dial(t, s, 1)
		all.Go(func() {
			for range 20 {
				if got, err := c.ReadInputRegisters(0, 1); err != nil || got[1] != want {
					t.Errorf("% x, %v, want %d", got, err, want)
					return
				}
			}
		})
	}
	all.Wait()
}
