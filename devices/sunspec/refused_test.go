package sunspec

import (
	"strings"
	"testing"
)

// withModules is a GEN24 with so many modules, the last two of them its battery's.
func withModules(t testing.TB, n int) dump {
	d := loadDump(t, "fronius-gen24")
	m := dumpModel{ID: 160, Len: 8 + 20*n, W16: map[string]int{"4": 0, "5": 0, "8": n}, Text: map[string]string{}}
	d.Models[6] = m
	return d
}

func named(d dump, names map[string]string) dump {
	d.Models[6].Text = names
	return d
}

func TestProfile_RefusesWhatTheDeviceHasNot(t *testing.T) {
	tooShort := loadDump(t, "fronius-gen24")
	tooShort.Models[1].Len = 10
	tooShort.Models = tooShort.Models[:2]
	tooShort.Models[1].W16 = nil
	unscaled := loadDump(t, "seven-hundred")
	unscaled.Models[3].W16["55"] = 11
	unrated := loadDump(t, "fronius-gen24")
	unrated.Models = append(unrated.Models[:2:2], unrated.Models[4:]...)
	for _, c := range []struct {
		name string
		dump dump
		o    Options
		want string // in the error, or in a remark where the profile can do without
	}{
		{"no models we know", dump{Models: []dumpModel{{ID: 1, Len: 66}, {ID: 64110, Len: 9}}}, Options{}, "no inverter, battery or meter"},
		{"part it lacks", loadDump(t, "fronius-meter"), Options{Part: Battery}, "it has no battery, only meter"},
		{"second battery", loadDump(t, "fronius-gen24"), Options{Part: Battery, Instance: 2}, "cannot be told apart"},
		{"second inverter", loadDump(t, "fronius-gen24"), Options{Part: Inverter, Instance: 2}, "instance 2: there are 1"},
		{"inverter without its power", tooShort, Options{}, "its power cannot be read"},
		{"more strings than one request reads", named(withModules(t, 7), map[string]string{"11": "StCha", "31": "StDisCha"}), Options{Part: Solar}, "has 7 modules, more than one request reads"},
		{"battery behind too many strings", named(withModules(t, 8), map[string]string{"131": "StCha", "151": "StDisCha"}), Options{Part: Battery}, "its power cannot be read"},
		{"704 with a scale that is none", unscaled, Options{Part: Battery}, "the battery is only read"},
		{"123 without a rating", unrated, Options{Part: Inverter}, "states the rated power: no curtailing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, remarks, err := mustWalk(t, c.dump).Profile(c.o)
			text := strings.Join(remarks, "; ")
			if err != nil {
				text = err.Error()
			}
			if !strings.Contains(text, c.want) {
				t.Errorf("%q, want %q", text, c.want)
			}
			if p != nil && len(p.Actions) > 0 {
				t.Errorf("controlled nevertheless: %+v", p.Actions)
			}
		})
	}
}

// What is written to must be what the device says it has: a timer that is not implemented is not set.
func TestProfile_NeverWritesATimerThatIsNotThere(t *testing.T) {
	gen24, der := loadDump(t, "fronius-gen24"), loadDump(t, "seven-hundred")
	delete(gen24.Models[5].W16, "7")
	delete(gen24.Models[7].W16, "15")
	delete(der.Models[3].W32, "18")
	delete(der.Models[3].W32, "31")
	for _, c := range []struct {
		dump dump
		part Part
	}{{gen24, Inverter}, {gen24, Battery}, {der, Inverter}, {der, Battery}} {
		p, _, err := mustWalk(t, c.dump).Profile(Options{Part: c.part})
		if err != nil || p.Lease != nil || p.Unguarded == "" || len(p.Actions) == 0 {
			t.Fatalf("%+v, %v", p, err)
		}
		mustLoad(t, p)
		for _, a := range p.Actions {
			for _, w := range a.Write {
				if w.Value == "{lease_s}" {
					t.Errorf("%s %s writes %d", p.ID, a.Name, w.Addr)
				}
			}
		}
	}
}
