package modbus

import (
	"encoding/binary"
	"math"
	"testing"

	"pgregory.net/rapid"

	"hearth/devices/profiles"
)

// composed is a point alone in its block.
func composed(t testing.TB, source profiles.Point) (*block, *point) {
	t.Helper()
	source.Unit, source.FC = "W", 3
	blocks, err := newBlocks(&profiles.Profile{Points: []profiles.Point{source}}, settings{unit: 1}, timing{})
	if err != nil {
		t.Fatal(err)
	}
	return blocks[0], blocks[0].points[0]
}

func bytesOf(words ...uint16) (out []byte) {
	for _, w := range words {
		out = binary.BigEndian.AppendUint16(out, w)
	}
	return out
}

func ptr(v int) *int { return &v }

// A value is the sum of its registers, whatever their order in the block.
func TestCompose_AddsAndTakesAwayInAnyOrderOfAddresses(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		words := rapid.SliceOfN(rapid.Int16Range(-10000, 10000), 4, 4).Draw(r, "words")
		at := rapid.Permutation([]int{100, 101, 105, 103}).Draw(r, "addresses")
		b, p := composed(t, profiles.Point{Name: "power", Addr: at[0], Type: "i16", Plus: []int{at[1], at[2]}, Minus: []int{at[3]}})
		if b.first != 100 || b.end != 106 {
			r.Fatalf("the block is [%d, %d)", b.first, b.end)
		}
		data := make([]byte, 12)
		for i, addr := range at {
			binary.BigEndian.PutUint16(data[2*(addr-100):], uint16(words[i]))
		}
		want := float64(words[0]) + float64(words[1]) + float64(words[2]) - float64(words[3])
		if got, isThere := p.value(data); !isThere || got != want {
			r.Errorf("%v at %v is %v, %t, want %v", words, at, got, isThere, want)
		}
	})
}

func TestCompose_WhatIsNotThere(t *testing.T) {
	nan := []string{"0x8000"}
	for name, c := range map[string]struct {
		point   profiles.Point
		words   []uint16
		want    float64
		isThere bool
	}{
		"first":                    {profiles.Point{Addr: 0, Type: "i16", NaN: nan, Plus: []int{1}}, []uint16{0x8000, 5}, 0, false},
		"a phase not wired":        {profiles.Point{Addr: 0, Type: "i16", NaN: nan, Plus: []int{1, 2}}, []uint16{7, 0x8000, 5}, 12, true},
		"the other magnitude":      {profiles.Point{Addr: 0, Type: "i16", NaN: nan, Minus: []int{1}}, []uint16{7, 0x8000}, 0, false},
		"scale factor":             {profiles.Point{Addr: 0, Type: "i16", ScaleAddr: ptr(1)}, []uint16{1234, 0xFFFF}, 123.4, true},
		"scale factor of ten":      {profiles.Point{Addr: 1, Type: "i16", ScaleAddr: ptr(0)}, []uint16{1, 0xFFFB}, -50, true},
		"no scale factor":          {profiles.Point{Addr: 0, Type: "i16", ScaleAddr: ptr(1)}, []uint16{1234, 0x8000}, 0, false},
		"direction: not set":       {profiles.Point{Addr: 1, Type: "u16", Negative: &profiles.Flag{Addr: 0, Bits: 4}}, []uint16{3, 900}, 900, true},
		"direction: set":           {profiles.Point{Addr: 1, Type: "u16", Negative: &profiles.Flag{Addr: 0, Bits: 4}}, []uint16{5, 900}, -900, true},
		"bits beside it":           {profiles.Point{Addr: 0, Type: "u16", Mask: 0x7F}, []uint16{0xFF84}, 4, true},
		"all ones under the mask":  {profiles.Point{Addr: 0, Type: "u16", Mask: 0x7F, NaN: []string{"0xFFFF"}}, []uint16{0xFFFF}, 0, false},
		"infinite scale of a sum":  {profiles.Point{Addr: 0, Type: "i16", ScaleAddr: ptr(1)}, []uint16{1234, 0x7FFF}, 0, false},
		"low word first, and plus": {profiles.Point{Addr: 0, Type: "i32", Words: "little", Plus: []int{2}}, []uint16{1, 0, 0xFFFE, 0xFFFF}, -1, true},
	} {
		c.point.Name = "power"
		_, p := composed(t, c.point)
		got, isThere := p.value(bytesOf(c.words...))
		if isThere != c.isThere || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v, %t, want %v, %t", name, got, isThere, c.want, c.isThere)
		}
	}
}

// One profile may speak with two units behind one address, and never mixes them in one request.
func TestUnitID_ReadsAndWritesGoToTheUnitTheyName(t *testing.T) {
	d, _, _ := charger(t, "victron-gx-mode3", map[string]string{"vebus": "246"})
	for _, b := range d.blocks {
		want := byte(100)
		if b.first == 37 {
			want = 246
		}
		if b.target().unit != want {
			t.Errorf("registers from %d are asked of unit %d", b.first, b.target().unit)
		}
	}
	requests, err := d.encode(d.actions["set_power"], -1500, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range requests {
		if isSystem := r.addr == 2902; isSystem != (r.unit == 100) || !isSystem && r.unit != 246 {
			t.Errorf("register %d is written to unit %d", r.addr, r.unit)
		}
	}
	if last := requests[len(requests)-1]; last.addr != 37 || int16(words(last.data)[0]) != -1500 {
		t.Errorf("the power comes last: %+v", last)
	}
}

// Contiguous registers of two units, or more than an answer holds, are two requests.
func TestEncode_JoinsOnlyWhatOneRequestHolds(t *testing.T) {
	w := func(unit byte, addr int) write {
		return write{Write: profiles.Write{FC: 16, Addr: addr, Type: "u16", Value: "1", Scale: 1}, unit: unit, kind: kind{registers: 1}, watts: 1, constant: 1}
	}
	d := &driver{}
	requests, err := d.encode([]write{w(1, 10), w(1, 11), w(2, 12), w(1, 13), w(1, 15)}, 0, 0)
	if err != nil || len(requests) != 4 || requests[0].count != 2 {
		t.Errorf("%+v, %v", requests, err)
	}
	var many []write
	for i := range 130 {
		many = append(many, w(1, i))
	}
	requests, err = d.encode(many, 0, 0)
	if err != nil || len(requests) != 2 || requests[0].count != 123 || requests[1].count != 7 {
		t.Errorf("%d requests, %v", len(requests), err)
	}
}

func FuzzCompose(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 0x7F, 0xFF, 0x80, 0, 0, 4, 1, 2})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 12 {
			t.Skip() // a block is as long as was asked for, or it is an error before
		}
		for _, typ := range []string{"u16", "i16"} {
			_, p := composed(t, profiles.Point{Name: "power", Addr: 2, Type: typ, NaN: []string{"0x8000"}, Plus: []int{0}, Minus: []int{1},
				ScaleAddr: ptr(3), Negative: &profiles.Flag{Addr: 4, Bits: 4}})
			if v, isThere := p.value(append([]byte{}, data[:12]...)); isThere && (math.IsNaN(v) || math.IsInf(v, 0)) {
				t.Errorf("% x is %v", data[:12], v)
			}
		}
	})
}
