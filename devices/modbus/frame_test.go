package modbus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"hearth/devices/profiles"
)

// question asks unit 1 for two holding registers, as transaction 7.
var question = []byte{0, 7, 0, 0, 0, 6, 1, 3, 0, 0x34, 0, 2}

func TestReadTCP_SkipsOtherTransactionsAndRefusesWhatIsNoAnswer(t *testing.T) {
	good := []byte{0, 7, 0, 0, 0, 7, 1, 3, 4, 1, 2, 3, 4}
	late := []byte{0, 6, 0, 0, 0, 7, 1, 3, 4, 9, 9, 9, 9}
	cases := map[string]struct {
		wire []byte
		want []byte // nil: an error
	}{
		"the answer":              {good, good},
		"(late) the answer":       {append(bytes.Clone(late), good...), good},
		"exception":               {[]byte{0, 7, 0, 0, 0, 3, 1, 0x83, 2}, []byte{0, 7, 0, 0, 0, 3, 1, 0x83, 2}},
		"only a late answer":      {late, nil},
		"nothing":                 {nil, nil},
		"half a header":           {good[:4], nil},
		"half a body":             {good[:9], nil},
		"another protocol":        {[]byte{0, 7, 0, 1, 0, 3, 1, 3, 0}, nil},
		"length 1":                {[]byte{0, 7, 0, 0, 0, 1, 1}, nil},
		"length 255":              {append([]byte{0, 7, 0, 0, 0, 255}, make([]byte, 255)...), nil},
		"another unit":            {[]byte{0, 7, 0, 0, 0, 7, 2, 3, 4, 1, 2, 3, 4}, nil},
		"another function":        {[]byte{0, 7, 0, 0, 0, 7, 1, 4, 4, 1, 2, 3, 4}, nil},
		"exception without code":  {[]byte{0, 7, 0, 0, 0, 2, 1, 0x83}, nil},
		"HTTP on the wrong port":  {[]byte("HTTP/1.1 400 Bad Request\r\n\r\n"), nil},
		"exception with too much": {[]byte{0, 7, 0, 0, 0, 4, 1, 0x83, 2, 2}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := readTCP(bytes.NewReader(c.wire), question)
			if (err != nil) != (c.want == nil) || err == nil && !bytes.Equal(got, c.want) {
				t.Fatalf("got % x, %v, want % x", got, err, c.want)
			}
		})
	}
}

func TestReadRTU_TakesTheWholeFrameAndNoMore(t *testing.T) {
	ask := []byte{1, 3, 0, 0x34, 0, 2, 0, 0}
	cases := map[string]struct {
		request, wire []byte
		want          int // length; 0: an error
	}{
		"read":                 {ask, []byte{1, 3, 4, 1, 2, 3, 4, 0xAA, 0xBB, 0xFF}, 9},
		"write":                {[]byte{1, 6, 0, 1, 0, 2, 0, 0}, []byte{1, 6, 0, 1, 0, 2, 0xAA, 0xBB, 0xFF}, 8},
		"exception":            {ask, []byte{1, 0x83, 2, 0xAA, 0xBB, 0xFF}, 5},
		"fewer registers":      {ask, []byte{1, 3, 2, 1, 2, 0xAA, 0xBB, 0, 0}, 0},
		"another unit":         {ask, []byte{2, 3, 4, 1, 2, 3, 4, 0xAA, 0xBB}, 0},
		"another function":     {ask, []byte{1, 4, 4, 1, 2, 3, 4, 0xAA, 0xBB}, 0},
		"cut off":              {ask, []byte{1, 3, 4, 1, 2}, 0},
		"cut off in exception": {ask, []byte{1, 0x83, 2}, 0},
		"silence":              {ask, nil, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := readRTU(bytes.NewReader(c.wire), c.request)
			if (err != nil) != (c.want == 0) || err == nil && !bytes.Equal(got, c.wire[:c.want]) {
				t.Fatalf("got % x, %v, want %d bytes", got, err, c.want)
			}
		})
	}
}

func FuzzReadTCP(f *testing.F) {
	f.Add([]byte{0, 7, 0, 0, 0, 7, 1, 3, 4, 1, 2, 3, 4})
	f.Add([]byte{0, 6, 0, 0, 0, 7, 1, 3, 4, 9, 9, 9, 9, 0, 7, 0, 0, 0, 3, 1, 0x83, 2})
	f.Add([]byte{0, 7, 0, 0, 0, 255, 1})
	f.Add(bytes.Repeat([]byte{0, 1, 0, 0, 0, 2, 1, 3}, 1200)) // 10 kB that never answer
	f.Fuzz(func(t *testing.T, wire []byte) {
		r := bytes.NewReader(wire)
		answer, err := readTCP(r, question)
		if err != nil {
			return
		}
		if len(answer) < 8 || len(answer) > 260 || int(binary.BigEndian.Uint16(answer[4:])) != len(answer)-6 {
			t.Fatalf("accepted % x", answer)
		}
		used := wire[:len(wire)-r.Len()]
		if !bytes.HasSuffix(used, answer) {
			t.Fatalf("% x is not what stood last in % x", answer, used)
		}
		p := newPackager(false, 1)
		if err := p.Verify(question, answer); err != nil {
			t.Fatalf("goburrow refuses what we pass on: %v", err)
		}
		if _, err := p.Decode(answer); err != nil {
			t.Fatalf("goburrow refuses what we pass on: %v", err)
		}
	})
}

func FuzzReadRTU(f *testing.F) {
	f.Add([]byte{1, 3, 4, 1, 2, 3, 4, 0xAA, 0xBB}, byte(3), byte(2))
	f.Add([]byte{1, 0x83, 2, 0xC0, 0xF1}, byte(3), byte(2))
	f.Add([]byte{1, 16, 0, 1, 0, 2, 0x10, 0x08}, byte(16), byte(2))
	f.Add([]byte{1, 3, 250}, byte(3), byte(125))
	f.Fuzz(func(t *testing.T, wire []byte, function, count byte) {
		if function != 3 && function != 4 && function != 6 && function != 16 || count > 125 {
			return
		}
		answer, err := readRTU(bytes.NewReader(wire), []byte{1, function, 0, 0, 0, count, 0, 0})
		if err != nil {
			return
		}
		if len(answer) < 5 || len(answer) > 255 || !bytes.HasPrefix(wire, answer) || answer[0] != 1 {
			t.Fatalf("accepted % x of % x", answer, wire)
		}
		_, _ = newPackager(true, 1).Decode(answer) // must not panic
	})
}

var kinds = []string{"u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64"}

func TestKind_ReadsBackWhatItWrote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := rapid.SampledFrom(kinds).Draw(t, "type")
		k, err := newKind(typ, rapid.SampledFrom([]string{"", "big", "little"}).Draw(t, "words"))
		if err != nil {
			t.Fatal(err)
		}
		v := rapid.Float64Range(-1e20, 1e20).Draw(t, "value")
		if rapid.Bool().Draw(t, "small") {
			v = math.Round(rapid.Float64Range(-70000, 70000).Draw(t, "value"))
		}
		low, high := 0.0, math.Ldexp(1, 16*k.registers)
		if k.isSigned {
			low, high = -high/2, high/2
		}
		data, err := k.encode(v)
		if fits := k.isFloat || math.Round(v) >= low && math.Round(v) < high; fits != (err == nil) {
			t.Fatalf("encode %v as %s: %v", v, typ, err)
		}
		if err != nil {
			return
		}
		if len(data) != 2*k.registers {
			t.Fatalf("%d bytes for %s", len(data), typ)
		}
		want := math.Round(v)
		if k.isFloat {
			want = v
			if k.registers == 2 {
				want = float64(float32(v))
			}
		}
		if got := k.number(k.bits(data)); got != want {
			t.Fatalf("%s: wrote %v, read %v", typ, want, got)
		}
	})
}

func TestKind_KnowsWordOrderAndSign(t *testing.T) {
	cases := []struct {
		typ, words string
		data       []byte
		want       float64
	}{
		{"f32", "big", []byte{0x44, 0x89, 0x80, 0}, 1100}, // the example of the Eastron document
		{"f32", "little", []byte{0x80, 0, 0x44, 0x89}, 1100},
		{"i16", "", []byte{0xFF, 0xFE}, -2},
		{"i32", "little", []byte{0xFF, 0xFE, 0xFF, 0xFF}, -2},
		{"u32", "big", []byte{0, 1, 0, 2}, 65538},
		{"i64", "big", []byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE}, -2},
		{"u64", "little", []byte{0, 2, 0, 1, 0, 0, 0, 0}, 65538},
	}
	for _, c := range cases {
		k, err := newKind(c.typ, c.words)
		if err != nil {
			t.Fatal(err)
		}
		if got := k.number(k.bits(c.data)); got != c.want {
			t.Errorf("%s %s % x is %v, want %v", c.typ, c.words, c.data, got, c.want)
		}
	}
	for _, typ := range []string{"", "u", "u8", "f16", "x32", "u33", "32"} {
		if _, err := newKind(typ, ""); !errors.Is(err, errType) {
			t.Errorf("type %q: %v", typ, err)
		}
	}
}

func FuzzPointValue(f *testing.F) {
	f.Add([]byte{0x7F, 0xC0, 0, 0, 0, 0, 0, 0}, 6, false)
	f.Add([]byte{0x80, 0, 0, 0, 0, 0, 0, 0}, 3, true)
	f.Add([]byte{0x7F, 0xE0, 0, 0, 0, 0, 0, 0}, 7, false) // a number, until kilo is taken away
	f.Fuzz(func(t *testing.T, data []byte, typ int, isLittle bool) {
		if typ < 0 || typ >= len(kinds) || len(data) < 8 {
			return
		}
		words := "big"
		if isLittle {
			words = "little"
		}
		p, err := newPoint(profiles.Point{Name: "power", Unit: "kW", FC: 3, Type: kinds[typ], Words: words}, settings{})
		if err != nil {
			t.Fatal(err)
		}
		if v, isThere := p.value(data); isThere && (math.IsNaN(v) || math.IsInf(v, 0)) {
			t.Fatalf("% x reads as %v", data, v)
		}
	})
}
