package sunspec

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

// moved is the GEN24 after an update that put a model in front.
func moved(t testing.TB) dump {
	d := loadDump(t, "fronius-gen24")
	d.Models = append(d.Models[:1:1], append([]dumpModel{{ID: 2, Len: 10}}, d.Models[1:]...)...)
	d.Models[0].Text = map[string]string{"2": "Fronius", "18": "Primo GEN24 10.0", "42": "1.31.0-1", "50": "34119102"}
	return d
}

func TestAgain_SaysNothingOfADeviceThatIsAsItWas(t *testing.T) {
	d := loadDump(t, "fronius-gen24")
	before := mustWalk(t, d)
	d.Models[1].W16["14"] = 77 // power, not a setting
	d.Models[7].W16["8"] = 1   // state of charge
	now, changes, err := Again(t.Context(), &memory{bank: d.bank()}, before)
	if err != nil || len(changes) > 0 || len(now.Models) != len(before.Models) {
		t.Fatalf("%q, %v", changes, err)
	}
}

func TestAgain_NamesEachChange(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(d *dump)
		want   string
	}{
		{"rating", func(d *dump) { d.Models[3].W16["2"] = 800 }, "register 2 of model 121#1 says 8000, it said 10000"},
		{"scale factor of a control", func(d *dump) { d.Models[5].W16["23"] = 0 }, "register 23 of model 123#1 says 0, it said -2"},
		{"longer", func(d *dump) { d.Models[6].Len = 128 }, "model 160#1 is 128 long, it was 88; model 124#1 is at 40383, it was at 40343"},
		{"gone", func(d *dump) { d.Models = d.Models[:7] }, "model 124#1 is gone"},
		{"new", func(d *dump) { d.Models = append(d.Models, dumpModel{ID: 124, Len: 24}) }, "model 124#2 at 40369 is new"},
		{"firmware", func(d *dump) { d.Models[0].Text["42"] = "2" }, `firmware "2", it was "1.30.7-1"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := mustWalk(t, loadDump(t, "fronius-gen24"))
			d := loadDump(t, "fronius-gen24")
			c.change(&d)
			_, changes, err := Again(t.Context(), &memory{bank: d.bank()}, before)
			if got := strings.Join(changes, "; "); err != nil || got != c.want {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestAgain_NeverTakesAnotherDeviceForTheKnownOne(t *testing.T) {
	for _, offset := range []string{"2", "18", "50"} {
		d := loadDump(t, "fronius-gen24")
		before := mustWalk(t, d)
		d.Models[0].Text[offset] = "other"
		if _, _, err := Again(t.Context(), &memory{bank: d.bank()}, before); !errors.Is(err, ErrOtherDevice) {
			t.Errorf("text at %s: %v", offset, err)
		}
	}
}

// Some inverters blank ratings and controls at night: that is no change, and the profile stays whole.
func TestAgain_RemembersWhatASleepingDeviceDoesNotSay(t *testing.T) {
	before := mustWalk(t, loadDump(t, "fronius-gen24"))
	asleep, changes, err := Again(t.Context(), &memory{bank: loadDump(t, "asleep").bank()}, before)
	if err != nil || len(changes) > 0 {
		t.Fatalf("%q, %v", changes, err)
	}
	for _, part := range []Part{Inverter, Solar, Battery} {
		want, _, err := before.Profile(Options{Part: part})
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := asleep.Profile(Options{Part: part}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", part, got, err)
		}
	}
}

func TestMap_IsTheSameAfterItWasKept(t *testing.T) {
	m := mustWalk(t, loadDump(t, "fronius-gen24"))
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var back Map
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, m) {
		t.Fatalf("%+v, %v", back, err)
	}
	if len(text) > 4000 {
		t.Errorf("%d bytes to keep", len(text))
	}
}

func TestNumber_IsUnknownWhereTheDeviceSaysNothing(t *testing.T) {
	model := func(words ...uint16) Model {
		return Model{ID: 9, Length: len(words), Words: append([]uint16{9, uint16(len(words))}, words...)}
	}
	nan := math.Float32bits(float32(math.NaN()))
	inf := math.Float32bits(float32(math.Inf(1)))
	for _, c := range []struct {
		name  string
		model Model
		field field
		want  float64
		is    bool
	}{
		{"u16", model(7), field{2, u16, 0}, 7, true},
		{"u16 absent", model(0xFFFF), field{2, u16, 0}, 0, false},
		{"i16", model(0xFFFE), field{2, i16, 0}, -2, true},
		{"i16 absent", model(0x8000), field{2, i16, 0}, 0, false},
		{"i32", model(0xFFFF, 0xFFFE), field{2, i32, 0}, -2, true},
		{"i32 absent", model(0x8000, 0), field{2, i32, 0}, 0, false},
		{"u32 absent", model(0xFFFF, 0xFFFF), field{2, u32, 0}, 0, false},
		{"u64", model(0, 0, 1, 0), field{2, u64, 0}, 65536, true},
		{"u64 absent", model(0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF), field{2, u64, 0}, 0, false},
		{"acc32 of nothing", model(0, 0), field{2, acc32, 0}, 0, false},
		{"f32", model(0x4148, 0), field{2, f32, 0}, 12.5, true},
		{"f32 absent", model(0x7FC0, 0), field{2, f32, 0}, 0, false},
		{"f32 another NaN", model(uint16(nan>>16), uint16(nan)|1), field{2, f32, 0}, 0, false},
		{"f32 infinite", model(uint16(inf>>16), uint16(inf)), field{2, f32, 0}, 0, false},
		{"scaled", model(123, 0xFFFF), field{2, u16, 3}, 12.3, true},
		{"scale absent", model(123, 0x8000), field{2, u16, 3}, 0, false},
		{"scale 10", model(1, 10), field{2, u16, 3}, 1e10, true},
		{"scale 11", model(1, 11), field{2, u16, 3}, 0, false},
		{"scale -11", model(1, 0xFFF5), field{2, u16, 3}, 0, false},
		{"beyond the model", model(1), field{3, u16, 0}, 0, false},
		{"half beyond the model", model(1), field{2, u32, 0}, 0, false},
		{"scale beyond the model", model(1), field{2, u16, 3}, 0, false},
		{"not read", Model{ID: 9, Length: 9}, field{2, u16, 0}, 0, false},
	} {
		if v, is := c.model.number(c.field); is != c.is || math.Abs(v-c.want) > 1e-9 && is {
			t.Errorf("%s: %v, %v", c.name, v, is)
		}
	}
}
