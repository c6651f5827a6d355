package scheduler

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestReadProblem_NamesEveryFaultWithItsPath(t *testing.T) {
	inputs, err := filepath.Glob("testdata/bad/*/input.json")
	if err != nil || len(inputs) == 0 {
		t.Fatal("no cases", err)
	}
	for _, input := range inputs {
		t.Run(filepath.Base(filepath.Dir(input)), func(t *testing.T) {
			f, err := os.Open(input)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			_, err = ReadProblem(f)
			var faults Faults
			if !errors.As(err, &faults) {
				t.Fatalf("error %v, want faults", err)
			}
			golden := filepath.Join(filepath.Dir(input), "want.txt")
			got := err.Error() + "\n"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

func TestReadProblem_RefusesAbsurdSizesBeforeTakingMemory(t *testing.T) {
	row := strings.Repeat("0,", 2_000_000) + "0"
	for name, text := range map[string]string{
		"too long":         strings.Repeat(" ", MaxBytes+1),
		"a million slots":  `{"schema":"hearth-problem/1","slots":1000000,"solar_w":[` + row + `]}`,
		"too many devices": `{"schema":"hearth-problem/1","slots":1,"devices":[` + strings.Repeat(`{},`, 10_000) + `{}]}`,
	} {
		before := testing.AllocsPerRun(1, func() {})
		allocs := testing.AllocsPerRun(1, func() {
			if _, err := ReadProblem(strings.NewReader(text)); err == nil {
				t.Errorf("%s: accepted", name)
			}
		})
		if allocs-before > 2000 {
			t.Errorf("%s: %v allocations before it was refused", name, allocs)
		}
	}
	p := small()
	p.Grid = energy.NewGrid(p.Grid.Start, p.Grid.Step, 50_000)
	for range 100 {
		p.Devices = append(p.Devices, p.Devices[0])
	}
	if err := p.Validate(); err == nil || !strings.Contains(err.Error(), "at most 400000") {
		t.Error("50,000 slots of 100 devices: ", err)
	}
}

func TestReadProblem_ReturnsTheErrorOfItsReader(t *testing.T) {
	broken := errors.New("cable cut")
	if _, err := ReadProblem(failing{broken}); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestWriteProblem_IsReadBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, rapid.IntRange(1, 5).Draw(t, "slots"))
		first, second := new(bytes.Buffer), new(bytes.Buffer)
		if err := WriteProblem(first, p); err != nil {
			t.Fatal(err)
		}
		text := first.String()
		back, err := ReadProblem(first)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if err := WriteProblem(second, back); err != nil {
			t.Fatal(err)
		}
		if text != second.String() {
			t.Fatalf("written twice:\n%s%s", text, second)
		}
		for i, d := range p.Devices {
			if got, want := normal(back.Devices[i]), normal(d); !reflect.DeepEqual(got, want) {
				t.Fatalf("device %d is %+v, was %+v", i, got, want)
			}
		}
	})
}

// normal fills in the defaults that the file spells out.
func normal(d Device) Device {
	if v, ok := d.(Vehicle); ok {
		v.DischargeEfficiency = v.givesBack()
		return v
	}
	return d
}

// small is a valid problem of three slots with a dishwasher and a battery.
func small() *Problem {
	hours := func(w ...energy.Watts) []energy.Watts { return w }
	return &Problem{
		Grid:        energy.NewGrid(mustTime("2026-03-29T00:00:00+01:00"), time.Hour, 3),
		Currency:    "EUR",
		ImportPrice: []energy.Price{energy.PriceOf(0.3), energy.PriceOf(0.1), energy.PriceOf(0.4)},
		ExportPrice: make([]energy.Price, 3),
		Solar:       hours(0, 0, 0), BaseLoad: hours(500, 500, 500),
		ImportLimit: Constant(11000, 3), ExportLimit: Constant(6000, 3),
		Devices: []Device{
			Shiftable{ID: "dishwasher", Profile: hours(1000), LatestEnd: 3},
			Battery{ID: "battery", EnergyMax: 2000, ChargeMax: 1000, DischargeMax: 1000, ChargeEfficiency: 1, DischargeEfficiency: 1},
		},
	}
}
