package sunspec

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"hearth/devices/profiles"
	"hearth/sim/slave"
)

// drawDump is a chain as a maker might build it: known and unknown models, of right and wrong lengths.
func drawDump(t *rapid.T) dump {
	lengths := map[int]int{1: 66, 101: 50, 103: 50, 111: 60, 113: 60, 120: 26, 121: 30, 123: 24, 124: 24, 160: 88,
		201: 105, 203: 105, 213: 124, 701: 153, 702: 50, 704: 65, 713: 7, 802: 62, 64110: 1000}
	ids := []int{1, 101, 103, 111, 113, 120, 121, 123, 124, 160, 201, 203, 213, 701, 702, 704, 713, 802, 64110}
	d := dump{Base: rapid.SampledFrom(bases[:]).Draw(t, "base"), NoEnd: rapid.Bool().Draw(t, "no end")}
	at := int(d.Base) + 2
	for i := range rapid.IntRange(1, 14).Draw(t, "models") {
		id := 1
		if i > 0 {
			id = rapid.SampledFrom(ids).Draw(t, "id")
		}
		m := dumpModel{ID: id, Len: lengths[id], W16: map[string]int{}}
		if rapid.IntRange(0, 5).Draw(t, "odd") == 0 {
			m.Len = rapid.IntRange(1, 130).Draw(t, "length")
		}
		if at+2+m.Len+2 > space {
			break
		}
		for range rapid.IntRange(0, 20).Draw(t, "values") {
			m.W16[fmt.Sprint(rapid.IntRange(2, 1+m.Len).Draw(t, "offset"))] = rapid.IntRange(-12, 12).Draw(t, "word")
		}
		d.Models = append(d.Models, m)
		at += 2 + m.Len
	}
	return d
}

func TestWalk_FindsExactlyTheChainThatIsThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDump(t)
		m, err := Walk(context.Background(), &memory{bank: d.bank()})
		if err != nil || m.Base != d.Base || len(m.Models) != len(d.Models) || d.NoEnd != (len(m.Remarks) == 1) {
			t.Fatalf("%+v, %v", m, err)
		}
		at, seen := int(d.Base)+2, map[int]int{}
		for i, model := range m.Models {
			want := d.Models[i]
			seen[want.ID]++
			if model.ID != want.ID || model.Addr != at || model.Length != want.Len || model.Instance != seen[want.ID] {
				t.Fatalf("%+v, want %+v at %d", model, want, at)
			}
			at += 2 + want.Len
		}
		again, changes, err := Again(context.Background(), &memory{bank: d.bank()}, m)
		if err != nil || len(changes) > 0 || !reflect.DeepEqual(again, m) {
			t.Fatalf("%q, %v", changes, err)
		}
	})
}

// Whatever the device holds: a profile that is made would load, and stays within its models.
func TestProfile_NeverLeavesTheModelsItWasMadeOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, err := Walk(context.Background(), &memory{bank: drawDump(t).bank()})
		if err != nil {
			t.Fatal(err)
		}
		o := Options{
			Part: rapid.SampledFrom([]Part{"", Inverter, Solar, Battery, Meter}).Draw(t, "part"),
			Sign: rapid.IntRange(-1, 1).Draw(t, "sign"), Instance: rapid.IntRange(0, 2).Draw(t, "instance"),
			IsGridCharged: rapid.Bool().Draw(t, "grid"), IsTimerDead: rapid.Bool().Draw(t, "timer"),
		}
		if p, _, err := m.Profile(o); err == nil {
			checkProfile(t, m, p)
		}
	})
}

type fataler interface{ Fatalf(string, ...any) }

func checkProfile(t fataler, m Map, p *profiles.Profile) {
	mustLoad(t, p)
	inside := func(first, end int) bool {
		for _, model := range m.Models {
			if first >= model.Addr+2 && end <= model.Addr+2+model.Length {
				return true
			}
		}
		return false
	}
	for _, q := range p.Points {
		if first, end := q.Span(); q.Fixed == nil && !inside(first, end) {
			t.Fatalf("%s reads %d to %d", q.Name, first, end)
		}
	}
	for _, a := range p.Actions {
		for _, w := range a.Write {
			if !inside(w.Addr, w.Addr+field{kind: kind(w.Type)}.size()) {
				t.Fatalf("%s writes %d", a.Name, w.Addr)
			}
		}
		last := a.Write[len(a.Write)-1]
		if mode, _ := pointOf(p, "mode"); a.Name != "setup" && last.Addr != mode.Addr {
			t.Fatalf("%s ends with %+v and not with what makes it hold", a.Name, last)
		}
	}
}

func pointOf(p *profiles.Profile, name string) (profiles.Point, bool) {
	for _, q := range p.Points {
		if q.Name == name {
			return q, true
		}
	}
	return profiles.Point{}, false
}

// FuzzWalk walks registers nobody made on purpose: it ends, within bounds, and what is made of it would load.
func FuzzWalk(f *testing.F) {
	for _, name := range []string{"fronius-gen24", "solaredge-two-meters", "seven-hundred", "bank-802", "asleep", "short-inverter"} {
		d := loadDump(f, name)
		b := d.bank()
		var data []byte
		for a := d.Base + 2; ; a++ {
			w, isThere := b[a]
			if !isThere {
				break
			}
			data = binary.BigEndian.AppendUint16(data, w)
		}
		f.Add(data, d.Base, int8(-1))
	}
	f.Fuzz(func(t *testing.T, data []byte, base uint16, sign int8) {
		b := slave.Bank{base: markerHigh, base + 1: markerLow}
		for i := 0; i+1 < len(data) && int(base)+2+i/2 < space; i += 2 {
			b[base+2+uint16(i/2)] = binary.BigEndian.Uint16(data[i:])
		}
		r := &memory{bank: b}
		m, err := Walk(t.Context(), r)
		if r.reads > 3+3*maxModels {
			t.Fatalf("%d reads", r.reads)
		}
		if err != nil {
			if !errors.Is(err, ErrNotSunSpec) && !errors.Is(err, ErrRefused) {
				t.Fatal(err)
			}
			return
		}
		for _, part := range m.Parts() {
			if p, _, err := m.Profile(Options{Part: part, Sign: 1 - 2*int(sign&1)}); err == nil {
				checkProfile(t, m, p)
			}
		}
	})
}

func TestNeedsSign_IsRefusedWithoutOneAndNeverAskedInVain(t *testing.T) {
	for _, name := range []string{"fronius-gen24", "fronius-gen24-unnamed", "fronius-meter", "fronius-meter-float", "solaredge-two-meters", "seven-hundred", "bank-802"} {
		m := mustWalk(t, loadDump(t, name))
		for _, part := range m.Parts() {
			if _, _, err := m.Profile(Options{Part: part}); (err != nil) != m.NeedsSign(part) {
				t.Errorf("%s %s: %v, %v", name, part, m.NeedsSign(part), err)
			}
			if _, _, err := m.Profile(Options{Part: part, Sign: 1}); err != nil {
				t.Errorf("%s %s: %v", name, part, err)
			}
		}
	}
}
