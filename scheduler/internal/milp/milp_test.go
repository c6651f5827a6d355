package milp

import (
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"hearth/energy"
	"hearth/scheduler"
)

var update = flag.Bool("update", false, "write the golden files anew")

// readProblem is the problem in a file.
func readProblem(t testing.TB, name string) *scheduler.Problem {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := scheduler.ReadProblem(f)
	if err != nil {
		t.Fatal(name, err)
	}
	return p
}

func written(t testing.TB, p *scheduler.Problem) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Each folder of testdata holds a problem and its model.
func TestWrite_PrintsTheModelAsItIsKnown(t *testing.T) {
	inputs, err := filepath.Glob("testdata/*/input.json")
	if err != nil || len(inputs) < 2 {
		t.Fatal("no cases", err)
	}
	for _, input := range inputs {
		t.Run(filepath.Base(filepath.Dir(input)), func(t *testing.T) {
			got := written(t, readProblem(t, input))
			golden := filepath.Join(filepath.Dir(input), "want.lp")
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

func TestWrite_IsReadBackAsTheSameModel(t *testing.T) {
	for number := range 300 {
		p := draw(3, number, 1+number%16, number%5)
		want, err := New(p)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(written(t, p))
		if err != nil {
			t.Fatal(number, err)
		}
		want.draws = nil
		for i, r := range want.Rows { // nothing and an empty sum are the same
			if len(r.Terms) == 0 {
				want.Rows[i].Terms = nil
			}
			want.Rows[i].Terms = slices.DeleteFunc(want.Rows[i].Terms, func(term Term) bool { return term.Factor == 0 })
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("problem %d: read back\n%+v\nwant\n%+v", number, got, want)
		}
	}
}

// Names are what a reader of the format can tell from numbers and words of it, and from each other.
func TestModel_NamesEverythingOnce(t *testing.T) {
	for number := range 200 {
		m, err := New(draw(4, number, 6, 4))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		name := func(s string) {
			if seen[s] || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" || strings.ContainsAny(s[:1], "0123456789_e") {
				t.Fatalf("problem %d: name %q", number, s)
			}
			seen[s] = true
		}
		for _, v := range m.Variables {
			name(v.Name)
			if v.Low > v.High {
				t.Fatalf("problem %d: %s is from %v to %v", number, v.Name, v.Low, v.High)
			}
		}
		for _, r := range m.Rows {
			name(r.Name)
			used := map[int]bool{}
			for _, term := range r.Terms {
				if used[term.Variable] {
					t.Fatalf("problem %d: row %s holds %s twice", number, r.Name, m.Variables[term.Variable].Name)
				}
				used[term.Variable] = true
			}
		}
	}
}

func TestWrite_RefusesWhatIsNoProblem(t *testing.T) {
	p := draw(1, 1, 4, 1)
	p.ImportLimit[2] = -1
	var faults scheduler.Faults
	if err := Write(io.Discard, p); !errors.As(err, &faults) {
		t.Errorf("a negative limit: %v", err)
	}
	p = draw(1, 1, 4, 1)
	p.Spans = []int{1, 1, 1, 1}
	if err := Write(io.Discard, p); err == nil {
		t.Error("slots of several steps were written")
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWrite_TellsThatItCouldNot(t *testing.T) {
	if err := Write(full{}, draw(1, 1, 16, 4)); !errors.Is(err, errFull) {
		t.Error(err)
	}
}

// plain is a problem of three hours with nothing in it.
func plain(devices ...scheduler.Device) *scheduler.Problem {
	p := draw(1, 1, 3, 0)
	p.ImportPrice = []energy.Price{energy.PriceOf(0.1), energy.PriceOf(0.2), energy.PriceOf(0.3)}
	p.ExportPrice = []energy.Price{energy.PriceOf(0.2), energy.PriceOf(0.2), energy.PriceOf(0.2)}
	p.Carbon, p.Devices = nil, devices
	return p
}

// has says which of the names are variables.
func has(m *Model, names ...string) (out []bool) {
	for _, name := range names {
		out = append(out, slices.ContainsFunc(m.Variables, func(v Variable) bool { return v.Name == name }))
	}
	return out
}

func TestModel_ForbidsImportWithExportOnlyWhereBothWouldPay(t *testing.T) {
	p := plain()
	m, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"imports_0", "imports_1", "imports_2"}
	if got := has(m, names...); !slices.Equal(got, []bool{true, false, false}) {
		t.Error(got)
	}
	p.Carbon, p.CarbonPrice = []energy.GramsPerKWh{2000, -1000, 0}, energy.MoneyOf(100) // 20 ct more, 10 ct less
	if m, err = New(p); err != nil {
		t.Fatal(err)
	}
	if got := has(m, names...); !slices.Equal(got, []bool{false, true, false}) {
		t.Error("with carbon", got)
	}
}

// A range from 0 begins at 2 W where a watt would be a way to be on without starting.
func TestModel_BeginsARangeWhereItCountsAsOn(t *testing.T) {
	tank := scheduler.Thermal{ID: "tank", PowerMax: 2000, COP: []float64{1, 1, 1}, EnergyMax: 9000, Draw: make([]energy.WattHours, 3)}
	fixed := tank
	fixed.ID, fixed.StartCost = "fixed", 1
	low := fixed
	low.ID, low.PowerMin, low.PowerMax = "low", 1.5, 1.5
	watt := fixed
	watt.ID, watt.PowerMin = "watt", 1
	never := fixed
	never.ID, never.PowerMax = "never", 1
	m, err := New(plain(tank, fixed, low, never, watt))
	if err != nil {
		t.Fatal(err)
	}
	least := map[string]float64{"d1": -0.002, "d2": -0.0015, "d3": -0.002, "d4": -0.002} // d0 has no row
	for _, r := range m.Rows {
		id, isLeast := strings.CutSuffix(r.Name, "_heat_0_least")
		if !isLeast {
			continue
		}
		if r.Terms[1].Factor != least[id] {
			t.Errorf("%s: %v", r.Name, r.Terms[1].Factor)
		}
		delete(least, id)
	}
	if len(least) > 0 {
		t.Errorf("no row for %v", least)
	}
	for _, v := range m.Variables {
		if v.Name == "d3_on_0" && v.High != 0 {
			t.Error("a tank of 1 W can be on")
		}
	}
}

// What has begun before the grid and has to last beyond it: a tank may, an interruptible may not.
func TestModel_LetsOnlyTheEndOfTheGridCutARun(t *testing.T) {
	for minOn, want := range map[int][2]bool{4: {true, true}, 5: {true, true}, 6: {true, false}, 1 << 30: {true, false}} {
		p := plain(
			scheduler.Thermal{ID: "tank", PowerMin: 500, PowerMax: 500, COP: []float64{1, 1, 1}, EnergyMax: 9000, Draw: make([]energy.WattHours, 3), MinOn: minOn, OnFor: 2},
			scheduler.Interruptible{ID: "pump", Power: 500, RunSlots: 3, LatestEnd: 3, MinOn: minOn, OnFor: 2},
		)
		for i, isMet := range want {
			alone := *p
			alone.Devices, alone.BaseLoad, alone.Solar = p.Devices[i:i+1], scheduler.Constant(100, 3), scheduler.Constant(0, 3)
			m, err := New(&alone)
			if err != nil {
				t.Fatal(err)
			}
			power := [][]energy.Watts{scheduler.Constant(500, 3)}
			e, err := scheduler.Evaluate(&alone, power)
			if err != nil || (len(e.Violations) == 0) != isMet {
				t.Fatal(minOn, e.Violations, err)
			}
			if miss, where := checked(m, point(&alone, power, e), power); (miss < 1e-9) != isMet {
				t.Errorf("%s, at least %d slots: misses the model by %v, at %s", alone.Devices[0].Name(), minOn, miss, where)
			}
		}
	}
}

// A band upside down is no bound that crosses (not every reader takes one) but a row nothing keeps.
func TestModel_SaysThatNothingIsInsideABandThatCrosses(t *testing.T) {
	m, err := New(plain(scheduler.Vehicle{
		ID: "car", Depart: 3, Ranges: []scheduler.Range{{Max: 5000}}, ChargeEfficiency: 1, EnergyMin: 2000, Room: 1000,
	}))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(m.Rows, func(r Row) bool { return len(r.Terms) == 0 && r.Relation == AtLeast && r.Right > 0 }) {
		t.Error("no row says so")
	}
}

func TestModel_TellsPowersInTheShapeOfTheProblem(t *testing.T) {
	p := plain(
		scheduler.Battery{ID: "battery", ChargeMax: 2000, DischargeMax: 3000, ChargeEfficiency: 1, DischargeEfficiency: 1},
		scheduler.Shiftable{ID: "dish", Profile: []energy.Watts{500, 0, 700}, LatestEnd: 3},
		scheduler.Vehicle{ID: "car", Arrive: 1, Depart: 3, Ranges: []scheduler.Range{{Min: 1, Max: 2}, {Min: 3, Max: 4}}, ChargeEfficiency: 1, DischargeMax: 9},
	)
	m, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	got := m.Powers(map[string]float64{
		"d0_charge_0": 0.25, "d0_back_2": 1.5, "d1_start_0": 1, "d2_range0_charge_1": 0.5, "d2_range1_charge_2": 2, "d2_back_2": 0.125, "unknown": 7,
	})
	want := [][]energy.Watts{{250, 0, -1500}, {500, 0, 700}, {0, 500, 1875}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// What the oracle is fed has to hold everything the format knows, or agreeing on it would mean little.
func TestDraw_KnowsEverything(t *testing.T) {
	seen := map[string]int{}
	see := func(what string, is bool) {
		if is {
			seen[what]++
		} else {
			seen[what] += 0
		}
	}
	for number := range 1000 {
		p := draw(5, number, 3+number%14, 1+number%4)
		if err := p.Validate(); err != nil {
			t.Fatalf("problem %d: %v", number, err)
		}
		see("carbon", p.Carbon != nil && p.CarbonPrice > 0)
		see("solar stays", !p.SolarCurtailable)
		see("limit by slot", slices.Max(p.ImportLimit) != slices.Min(p.ImportLimit))
		see("peak", p.Peak.Price > 0)
		see("peak of blocks", p.Peak.Averaging > 1)
		see("peak so far", p.Peak.SoFar > 0)
		see("peak of some slots", slices.Contains(p.Peak.Slots, false))
		see("circuit", len(p.Circuits) > 0 && len(p.Circuits[0].Devices) > 1)
		see("import earns", slices.Min(p.ImportPrice) < 0)
		see("export costs", slices.Min(p.ExportPrice) < 0)
		for t := range p.ImportPrice {
			see("export above import", p.ExportPrice[t] > p.ImportPrice[t])
		}
		for _, d := range p.Devices {
			see(d.Kind(), true)
			seeDevice(see, d)
		}
	}
	for what, times := range seen {
		if times < 10 {
			t.Errorf("%s: %d times", what, times)
		}
	}
}

func seeDevice(see func(string, bool), d scheduler.Device) {
	past := func(onFor, offFor int, cost energy.Money) {
		see(d.Kind()+": on for", onFor > 0)
		see(d.Kind()+": off for", offFor > 0)
		see(d.Kind()+": start cost", cost > 0)
	}
	hold := func(minOn, minOff, onFor, offFor int, starts *int) {
		see(d.Kind()+": min on", minOn > 1)
		see(d.Kind()+": min off", minOff > 1)
		see(d.Kind()+": max starts", starts != nil)
		see(d.Kind()+": must stay on", onFor > 0 && onFor < minOn)
		see(d.Kind()+": must stay off", offFor > 0 && offFor < minOff)
	}
	switch d := d.(type) {
	case scheduler.Shiftable:
		see("optional", d.Optional)
		see("valuable", d.Value > 0)
	case scheduler.Interruptible:
		past(d.OnFor, d.OffFor, d.StartCost)
		hold(d.MinOn, d.MinOff, d.OnFor, d.OffFor, d.MaxStarts)
	case scheduler.Vehicle:
		past(d.OnFor, d.OffFor, d.StartCost)
		see("ranges", len(d.Ranges) > 1)
		see("gives back", d.DischargeMax > 0)
		see("wear of a car", d.Wear > 0)
		see("gives back losing", d.DischargeEfficiency > 0 && d.DischargeEfficiency < 1)
	case scheduler.Battery:
		see("wear", d.Wear > 0)
		see("loses", d.ChargeEfficiency < 1 && d.DischargeEfficiency < 1)
		see("terminal value", d.TerminalValue > 0)
	case scheduler.Thermal:
		past(d.OnFor, d.OffFor, d.StartCost)
		hold(d.MinOn, d.MinOff, d.OnFor, d.OffFor, d.MaxStarts)
		see("heat from 0", d.PowerMin == 0)
		see("heat at one power", d.PowerMin == d.PowerMax)
		see("heat leaks", d.LossPerHour > 0)
	}
}
