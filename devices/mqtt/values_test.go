package mqtt

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/devices/profiles"
	"hearth/energy"
)

func TestValues_SumIsKnownOnlyWhenAllPartsAre(t *testing.T) {
	v := newValues([]profiles.Point{
		{Name: "power", Unit: "W", Part: "l1", MaxAgeS: 10}, {Name: "power", Unit: "W", Part: "l2", MaxAgeS: 10}, {Name: "power", Unit: "W", Part: "l2", MaxAgeS: 10},
	}, 0)
	v.hear(0, energy.Read(100.0, start))
	if r := v.newest("power", start); r.Valid {
		t.Errorf("half of it is known: %v", r)
	}
	v.hear(1, energy.Read(-30.0, start.Add(time.Second)))
	v.hear(2, energy.Read(-40.0, start.Add(2*time.Second)))
	if r := v.newest("power", start.Add(3*time.Second)); !r.Valid || r.Value != 60 || !r.At.Equal(start) {
		t.Errorf("%v, want 60 as old as its oldest part", r)
	}
	if r := v.newest("power", start.Add(11*time.Second)); r.Valid {
		t.Errorf("a part is too old: %v", r)
	}
	v.hear(0, energy.Reading[float64]{At: start.Add(4 * time.Second)})
	if r := v.newest("power", start.Add(4*time.Second)); r.Valid {
		t.Errorf("a part is null: %v", r)
	}
}

func TestValues_OfAllPartsAreOnlineOrNone(t *testing.T) {
	v := newValues([]profiles.Point{{Name: "online", Unit: "bool", Part: "bridge"}, {Name: "online", Unit: "bool", Part: "plug"}}, 0)
	for _, c := range []struct {
		bridge, plug energy.Reading[float64]
		valid, is    bool
	}{
		{energy.Read(1.0, start), energy.Read(1.0, start), true, true},
		{energy.Read(0.0, start), energy.Read(1.0, start), true, false},
		{energy.Read(1.0, start), energy.Read(0.0, start), true, false},
		{energy.Read(0.0, start), energy.Reading[float64]{}, true, false},
		{energy.Read(1.0, start), energy.Reading[float64]{}, false, false},
	} {
		v.hear(0, c.bridge)
		v.hear(1, c.plug)
		if r := v.newest("online", start.Add(time.Hour)); r.Valid != c.valid || c.valid && (r.Value != 0) != c.is {
			t.Errorf("%v and %v: %v", c.bridge, c.plug, r)
		}
	}
}

// The mode says which point counts, whenever it was said.
func TestValues_FollowTheMode(t *testing.T) {
	none := 0.0
	v := newValues([]profiles.Point{
		{Name: "mode", Unit: "enum"}, {Name: "setpoint", Unit: "W", When: []int{2}}, {Name: "setpoint", Unit: "W", Fixed: &none, When: []int{1}},
	}, 0)
	v.hear(1, energy.Read(4200.0, start))
	for _, c := range []struct {
		mode  float64
		valid bool
		want  float64
	}{{0, false, 0}, {2, true, 4200}, {1, true, 0}, {2, true, 4200}, {0, false, 0}} {
		v.hear(0, energy.Read(c.mode, start))
		if r := v.newest("setpoint", start); r.Valid != c.valid || r.Valid && r.Value != c.want {
			t.Errorf("in mode %v: %v", c.mode, r)
		}
	}
	if r := v.newest("setpoint", start.Add(time.Hour)); r.Valid {
		t.Errorf("of an old mode: %v", r)
	}
}

// What is said on change only stays as long as the device is heard otherwise.
func TestValues_HoldWhileTheOtherIsHeard(t *testing.T) {
	v := newValues([]profiles.Point{{Name: "switch", Unit: "bool", Holds: "power", MaxAgeS: 10}, {Name: "power", Unit: "W", MaxAgeS: 10}, {Name: "plugged", Unit: "bool", Holds: "online", MaxAgeS: 10}, {Name: "online", Unit: "bool"}}, 0)
	v.hear(0, energy.Read(1.0, start))
	v.hear(2, energy.Read(1.0, start))
	later := start.Add(time.Hour)
	v.hear(1, energy.Read(5.0, later))
	v.hear(3, energy.Read(1.0, start))
	if r := v.newest("switch", later); !r.Valid || !r.At.Equal(later) {
		t.Errorf("heard: %v", r)
	}
	if r := v.newest("plugged", later); !r.Valid || !r.At.Equal(later) {
		t.Errorf("online: %v", r)
	}
	v.hear(3, energy.Read(0.0, later))
	if r := v.newest("plugged", later.Add(time.Second)); r.Valid {
		t.Errorf("offline: %v", r)
	}
	if r := v.newest("switch", later.Add(11*time.Second)); r.Valid {
		t.Errorf("silent: %v", r)
	}
}

// However often a device starts anew, its counter never falls and loses nothing it has said.
func TestValues_CounterNeverFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := newValues([]profiles.Point{{Name: "energy_import", Unit: "Wmin", Resets: true}}, 0)
		raw, want, before := 0.0, 0.0, 0.0
		for range rapid.IntRange(1, 50).Draw(t, "messages") {
			if rapid.IntRange(0, 4).Draw(t, "restart") == 0 {
				raw = 0
			}
			more := rapid.Float64Range(0.5, 100).Draw(t, "more")
			if raw == 0 && more >= before {
				more = before / 2 // a device that counted more since its start than before it looks like one that went on
			}
			raw, want = raw+more, want+more
			before = raw
			v.hear(0, energy.Read(raw, start))
			if got := v.newest("energy_import", start); math.Abs(got.Value-want) > 1e-6 && want > 0 {
				t.Fatalf("%v, want %v", got.Value, want)
			}
		}
	})
}
