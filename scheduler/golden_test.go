package scheduler

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/scheduler/internal/tree"
)

// compare holds a text against a golden file, or writes it.
func compare(t *testing.T, golden, got string) {
	t.Helper()
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
		t.Errorf("%s: got\n%swant\n%s", golden, got, want)
	}
}

// indented is a file as people read it.
func indented(t *testing.T, write func(*bytes.Buffer) error) string {
	t.Helper()
	var b, out bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	if err := json.Indent(&out, b.Bytes(), "", "  "); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Each folder of testdata/written holds a problem and a schedule for it, and how the problem and the plan of
// that schedule are printed: the problem with nothing left out, whatever its input leaves out.
func TestWrite_PrintsProblemsAndPlansAsTheFormatSays(t *testing.T) {
	inputs, err := filepath.Glob("testdata/written/*/input.json")
	if err != nil || len(inputs) == 0 {
		t.Fatal("no cases", err)
	}
	for _, input := range inputs {
		folder := filepath.Dir(input)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			text, err := os.ReadFile(input)
			if err != nil {
				t.Fatal(err)
			}
			p, err := ReadProblem(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			problem := indented(t, func(b *bytes.Buffer) error { return WriteProblem(b, p) })
			compare(t, filepath.Join(folder, "problem.json"), problem)
			again, err := ReadProblem(strings.NewReader(problem))
			if err != nil {
				t.Fatal(err)
			}
			if got := indented(t, func(b *bytes.Buffer) error { return WriteProblem(b, again) }); got != problem {
				t.Errorf("read and written again it is\n%s", got)
			}
			text, err = os.ReadFile(filepath.Join(folder, "schedule.json"))
			if err != nil {
				t.Fatal(err)
			}
			var watts [][]energy.Watts
			if err := json.Unmarshal(text, &watts); err != nil {
				t.Fatal(err)
			}
			found := tree.Result{Bound: -0.5}
			for _, row := range watts {
				found.Power = append(found.Power, inKW(row))
			}
			plan := p.plan(found, Options{Gap: DefaultGap})
			plan.Stats = Stats{SolveTime: 1_234_567, FirstPlan: 1_000_000, Nodes: 1, Rounds: 3}
			compare(t, filepath.Join(folder, "plan.json"), indented(t, func(b *bytes.Buffer) error { return plan.Write(b) }))
		})
	}
}

func TestReadProblem_EveryKeyIsNeededOrHasADefault(t *testing.T) {
	text, err := os.ReadFile("testdata/written/everything/problem.json")
	if err != nil {
		t.Fatal(err)
	}
	optional := strings.Fields(`carbon_g_per_kwh carbon_price_per_tonne peak_price_per_kw peak_so_far_w peak_averaging_slots
		peak_slots solar_curtailable circuits start_cost wear_per_kwh terminal_value_per_kwh min_on_slots min_off_slots max_starts
		value initial_wh min_wh discharge_max_w discharge_efficiency on_for_slots off_for_slots`)
	isOptional := map[string]bool{}
	for _, key := range optional {
		isOptional[key] = true
	}
	without := func(key string, in map[string]any, whole any, path string) {
		isOptional := isOptional[key] && (in["kind"] != "battery" || !strings.HasPrefix(key, "discharge_")) // those of a car
		value := in[key]
		delete(in, key)
		b, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		in[key] = value
		_, err = ReadProblem(bytes.NewReader(b))
		switch {
		case isOptional && err != nil:
			t.Errorf("without %s%s: %v", path, key, err)
		case !isOptional && (err == nil || !strings.Contains(err.Error(), path+key+": is missing")):
			t.Errorf("without %s%s: %v", path, key, err)
		}
	}
	var whole map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&whole); err != nil {
		t.Fatal(err)
	}
	for key := range whole {
		without(key, whole, whole, "")
	}
	for i, device := range whole["devices"].([]any) {
		for key := range device.(map[string]any) {
			if key != "id" && key != "kind" { // whose loss changes what else is told
				without(key, device.(map[string]any), whole, "devices["+string(rune('0'+i))+"].")
			}
		}
	}
}

func TestWriteProblem_KeepsEveryFieldOfTheHome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, rapid.IntRange(1, 4).Draw(t, "slots"))
		n := p.Grid.Count()
		p.ImportPrice[0] = energy.Price(rapid.Int64Range(-1e15, 1e15).Draw(t, "exact price"))
		p.Peak.SoFar, p.Peak.Averaging = energy.Watts(rapid.Float64Range(0, 1e9).Draw(t, "so far")), rapid.IntRange(1, 9).Draw(t, "averaging")
		if rapid.Bool().Draw(t, "only in some slots") {
			p.Peak.Slots = rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "slots")
		}
		p.ImportLimit[n-1] = energy.Watts(rapid.Float64Range(0, 1e5).Draw(t, "limit"))
		var b bytes.Buffer
		if err := WriteProblem(&b, p); err != nil {
			t.Fatal(err)
		}
		back, err := ReadProblem(&b)
		if err != nil {
			t.Fatal(err)
		}
		if !back.Grid.Start.Equal(p.Grid.Start) || back.Grid.Count() != n || back.Grid.Step != p.Grid.Step {
			t.Fatalf("grid %+v, was %+v", back.Grid, p.Grid)
		}
		a, c := *p, *back
		a.Grid, a.Devices, c.Grid, c.Devices = energy.Grid{}, nil, energy.Grid{}, nil
		if !reflect.DeepEqual(a, c) {
			t.Fatalf("read back\n%+v\nwas\n%+v", c, a)
		}
	})
}

func TestWriteProblem_RefusesWhatIsNotValid(t *testing.T) {
	p := small()
	p.ImportLimit[1] = -1
	var b bytes.Buffer
	if err := WriteProblem(&b, p); err == nil || b.Len() > 0 || !strings.HasPrefix(err.Error(), "import_limit_w[1]: ") {
		t.Errorf("error %v, and %d bytes were written", err, b.Len())
	}
}

func TestPlan_KnowsItsDevicesByName(t *testing.T) {
	plan := &Plan{Evaluation: Evaluation{Devices: []DevicePlan{{ID: "a"}, {ID: "b", Power: Constant(7, 1)}}}}
	if d, ok := plan.Device("b"); !ok || d.Power[0] != 7 {
		t.Errorf("b is %+v", d)
	}
	if d, ok := plan.Device("c"); ok || d.ID != "" {
		t.Errorf("c is %+v", d)
	}
}
