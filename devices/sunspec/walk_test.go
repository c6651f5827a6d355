package sunspec

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"hearth/sim/slave"
)

// chain is a bank of model 1 and what follows, as ID and length.
func chain(base uint16, models ...[2]uint16) slave.Bank {
	d := dump{Base: base, NoEnd: true, Models: []dumpModel{{ID: 1, Len: 66, Fill: new(uint16)}}}
	b := d.bank()
	at := int(base) + 2 + 68
	for _, m := range models {
		for i := range min(2+int(m[1]), space-at) {
			b[uint16(at+i)] = 0
		}
		if at < space {
			b[uint16(at)] = m[0]
		}
		if at+1 < space {
			b[uint16(at+1)] = m[1]
		}
		at += 2 + int(m[1])
	}
	return b
}

func TestWalk_EndsSomewhereWhateverTheChainSays(t *testing.T) {
	endless := make([][2]uint16, 500)
	for i := range endless {
		endless[i] = [2]uint16{64110, 1}
	}
	for _, c := range []struct {
		name   string
		bank   slave.Bank
		models int
		remark string
	}{
		{"end marker", chain(40000, [2]uint16{103, 50}, [2]uint16{endMarker, 0}), 2, ""},
		{"end marker with a length", chain(40000, [2]uint16{103, 50}, [2]uint16{endMarker, 5}), 2, ""},
		{"no end marker", chain(40000, [2]uint16{103, 50}), 2, "end at 40122 without"},
		{"length 0", chain(40000, [2]uint16{103, 0}), 1, "length 0"},
		{"only model 1", chain(0), 1, "end at 70 without"},
		{"endless", chain(0, endless...), maxModels, "goes on after 64"},
		{"longer than the addresses", chain(50000, [2]uint16{103, 60000}), 1, "longer than there are addresses"},
		{"up to the last address", chain(50000, [2]uint16{103, 65536 - 50072}), 2, "runs out of addresses at 65536"},
		{"one register before the last", chain(50000, [2]uint16{103, 65535 - 50072}), 2, "runs out of addresses at 65535"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &memory{bank: c.bank}
			m, err := Walk(t.Context(), r)
			if err != nil || len(m.Models) != c.models {
				t.Fatalf("%d models, %v", len(m.Models), err)
			}
			if got := strings.Join(m.Remarks, "; "); !strings.Contains(got, c.remark) || (c.remark == "") != (got == "") {
				t.Errorf("remarks %q", got)
			}
			if r.reads > 3+2*maxModels {
				t.Errorf("%d reads", r.reads)
			}
		})
	}
}

func TestWalk_FindsTheMarkerWhereverItMayBe(t *testing.T) {
	for _, base := range bases {
		m, err := Walk(t.Context(), &memory{bank: chain(base)})
		if err != nil || m.Base != base {
			t.Errorf("at %d: %d, %v", base, m.Base, err)
		}
	}
	both := chain(40000)
	for addr, v := range chain(0, [2]uint16{103, 50}) {
		both[addr] = v
	}
	if m, err := Walk(t.Context(), &memory{bank: both}); err != nil || m.Base != 40000 {
		t.Errorf("two markers: %d, %v", m.Base, err)
	}
}

func TestWalk_RefusesWhatIsNoSunSpecDevice(t *testing.T) {
	notFirst := chain(40000)
	notFirst[40002] = 103
	for name, b := range map[string]slave.Bank{
		"nothing":            {},
		"no marker":          {40000: 1, 40001: 2, 0: markerHigh, 1: markerLow + 1},
		"half a marker":      {40000: markerHigh},
		"first is not 1":     notFirst,
		"marker alone":       {40000: markerHigh, 40001: markerLow, 40002: endMarker, 40003: 0},
		"marker, then zeros": {40000: markerHigh, 40001: markerLow, 40002: 0, 40003: 0},
	} {
		if m, err := Walk(t.Context(), &memory{bank: b}); !errors.Is(err, ErrNotSunSpec) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

var errSilent = errors.New("no answer in time")

// A device that keeps silent about registers it lacks is a SunSpec device if one of the places has the marker.
func TestWalk_SilenceAtOnePlaceDoesNotHideTheMarkerAtAnother(t *testing.T) {
	b := chain(0, [2]uint16{103, 50}, [2]uint16{endMarker, 0})
	if m, err := Walk(t.Context(), &memory{bank: b, silent: errSilent}); err != nil || len(m.Models) != 2 {
		t.Fatalf("%+v, %v", m, err)
	}
	_, err := Walk(t.Context(), &memory{bank: slave.Bank{}, silent: errSilent})
	if !errors.Is(err, errSilent) || errors.Is(err, ErrNotSunSpec) {
		t.Fatalf("silence everywhere: %v", err)
	}
}

func TestWalk_NeverYieldsHalfAMap(t *testing.T) {
	whole := loadDump(t, "fronius-gen24").bank()
	first := &memory{bank: whole}
	if _, err := Walk(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	for fails := 2; fails <= first.reads; fails++ {
		m, err := Walk(t.Context(), &failing{memory: memory{bank: whole}, at: fails})
		if !errors.Is(err, errSilent) || len(m.Models) > 0 {
			t.Errorf("read %d fails: %d models, %v", fails, len(m.Models), err)
		}
	}
}

// failing is silent once.
type failing struct {
	memory
	at int
}

func (f *failing) Read(ctx context.Context, addr, count uint16) ([]uint16, error) {
	words, err := f.memory.Read(ctx, addr, count)
	if f.reads == f.at {
		return nil, errSilent
	}
	return words, err
}

type readerFunc func(addr, count uint16) ([]uint16, error)

func (f readerFunc) Read(_ context.Context, addr, count uint16) ([]uint16, error) {
	return f(addr, count)
}

func TestWalk_RefusesAnswersThatDoNotFit(t *testing.T) {
	b := loadDump(t, "fronius-gen24").bank()
	t.Run("too short", func(t *testing.T) {
		_, err := Walk(t.Context(), readerFunc(func(addr, count uint16) ([]uint16, error) {
			words, err := b.Read(addr, count)
			if count > 2 {
				words = words[1:]
			}
			return words, err
		}))
		if err == nil || !strings.Contains(err.Error(), "registers answer a question for") {
			t.Fatal(err)
		}
	})
	t.Run("of another model", func(t *testing.T) {
		_, err := Walk(t.Context(), readerFunc(func(addr, count uint16) ([]uint16, error) {
			words, err := b.Read(addr, count)
			if count > 2 && addr != 40002 {
				words[0]++
			}
			return words, err
		}))
		if err == nil || !strings.Contains(err.Error(), "header changed") {
			t.Fatal(err)
		}
	})
	t.Run("given up", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Walk(ctx, &memory{bank: slave.Bank{}}); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	})
}

// A model whose registers are refused although the chain names it costs no more than itself.
func TestWalk_GoesOnBehindAModelThatCannotBeRead(t *testing.T) {
	b := loadDump(t, "fronius-gen24").bank()
	m, err := Walk(t.Context(), readerFunc(func(addr, count uint16) ([]uint16, error) {
		if addr == 40227 && count > 2 {
			return nil, fmt.Errorf("%w: illegal data address", ErrRefused)
		}
		return b.Read(addr, count)
	}))
	if err != nil || len(m.Models) != 8 || len(m.Remarks) != 1 || !strings.Contains(m.Remarks[0], "model 123 at 40227 cannot be read") {
		t.Fatalf("%d models, %q, %v", len(m.Models), m.Remarks, err)
	}
	p, _, err := m.Profile(Options{Part: Inverter})
	if err != nil || len(p.Actions) > 0 || p.Confirm != nil {
		t.Fatalf("curtailing by a model that was not read: %+v, %v", p, err)
	}
}

func TestIdentity_IsCleanedOfWhatIsNoText(t *testing.T) {
	d := dump{Base: 40000, Models: []dumpModel{{ID: 1, Len: 66, Fill: new(uint16),
		Text: map[string]string{"2": "Fron\x01ius  ", "18": "A\xffB", "34": " x", "42": "1\x00rest", "50": ""}}}}
	got := mustWalk(t, d).Identity
	if want := (Identity{"Fronius", "AB", "x", "1", ""}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got.Key() != "Fronius/AB/" {
		t.Errorf("key %q", got.Key())
	}
}
