package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hearth/energy"
	"hearth/scheduler"
)

func money(v float64) *energy.Money { return new(energy.MoneyOf(v)) }

// sample is a report with a row of every kind.
func sample() benchReport {
	r := benchReport{
		Schema: "hearth-bench/1", Version: "v1", Machine: benchMachine{"linux", "arm64", 4, "go1.26"},
		Options: benchOptions{TimeLimit: 2, Gap: energy.MoneyOf(0.01), Seed: 3, At: []float64{0.25, 1}},
		Problems: []benchRow{
			{
				Name: "M0", Family: "M", Slots: 192, Devices: 8, Currency: "EUR", Status: scheduler.Feasible,
				Objective: energy.MoneyOf(-1.5), Bound: money(-1.53), Gap: money(0.03), GapShare: new(0.02),
				Best: money(-1.51), OverBest: money(0.01), BelowBest: money(0.02),
				First: 20.06, Total: 2000.4, Heap: 12.34, Nodes: 7, At: []gapAt{{0.25, nil}, {1, money(0.05)}},
				Trace: []progress{{20, money(-1.4), nil}, {2000.4, money(-1.5), money(-1.53)}},
			},
			{
				Name: "M1", Family: "M", Slots: 192, Devices: 8, Currency: "EUR", Status: scheduler.Optimal,
				Objective: energy.MoneyOf(12), Bound: money(11.99), Gap: money(0.01), GapShare: new(0.01 / 12),
				First: 10, Total: 1000, Heap: 8, At: []gapAt{{0.25, money(0.07)}, {1, money(0.01)}}, Trace: []progress{},
			},
			{Name: "M2", Family: "M", Error: "colour: unknown key\nshape: unknown key"},
			{Name: "X1", Family: "X", Error: "open X1.json: permission denied"},
			{
				Name: "Y", Family: "Y", Slots: 24, Devices: 4, Currency: "EUR", Status: scheduler.Relaxed, Objective: energy.MoneyOf(3),
				First: 1, Total: 150, Heap: 1, At: []gapAt{{0.25, nil}, {1, nil}}, Trace: []progress{{1, nil, nil}},
			},
		},
	}
	r.Families = families(r.Problems)
	return r
}

func TestWriteTable_LaysOutRowsOfEveryKind(t *testing.T) {
	var b strings.Builder
	if err := sample().writeTable(&b); err != nil {
		t.Fatal(err)
	}
	const want = `problem  slots  devices  objective     bound  gap ct  gap %  over best  below best  @250ms   @1s  first ms  total ms  heap MB      status
M0         192        8   -1.50000  -1.53000    3.00   2.00       1.00        2.00       -  5.00      20.1      2000     12.3    feasible
M1         192        8   12.00000  11.99000    1.00   0.08          -           -    7.00  1.00      10.0      1000      8.0     optimal
M2           -        -          -         -       -      -          -           -       -     -         -         -        -  unreadable
X1           -        -          -         -       -      -          -           -       -     -         -         -        -  unreadable
Y           24        4    3.00000         -       -      -          -           -       -     -       1.0       150      1.0     relaxed

family  problems  optimal  gap ct: median  worst  gap %: median  worst  @250ms   @1s  first ms: median  worst  total ms: median  heap MB: worst
M              3        1            2.00   3.00           1.04   2.00    7.00  3.00              15.0   20.1              1500            12.3
X              1        0               -      -              -      -       -     -                 -      -                 -               -
Y              1        0               -      -              -      -       -     -               1.0    1.0               150             1.0

M2: colour: unknown key
X1: open X1.json: permission denied
ct: hundredths of the currency. hearth v1, linux/arm64, 4 CPUs, go1.26
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestWriteTable_ShowsWhatPlanningAgainDid(t *testing.T) {
	r := sample()
	r.Options.Warm = true
	r.Problems[0].Warm = &warmRow{
		Moved: 1, Status: scheduler.Feasible, Objective: energy.MoneyOf(-1.4), Gap: money(0.02), Kept: money(-1.35),
		Certified: new(19.96), AsGood: new(30.0), Found: 61, Total: 2000, ColdObjective: energy.MoneyOf(-1.41), ColdGap: money(0.04), ColdTotal: 2001,
		Changed: 12, Planned: 1528,
	}
	r.Problems[1].Warm = &warmRow{Moved: 3, Error: "advance: by 3 slots of 3"}
	r.Problems[4].Warm = &warmRow{Moved: 1, Status: scheduler.Relaxed, Objective: energy.MoneyOf(3), Found: 1, Total: 2, ColdTotal: 3, ColdObjective: 1, Kept: money(9)}
	var b strings.Builder
	if err := r.writeWarmTable(&b); err != nil {
		t.Fatal(err)
	}
	const want = `
planned again  slots later  certified ms  as good ms  total ms  objective  gap ct  cold total ms  cold gap ct  over cold ct  saved ct  changed  of slots    status
M0                       1          20.0        30.0      2000   -1.40000    2.00           2001         4.00          1.00      5.00       12      1528  feasible
M1                       3             -           -         -          -       -              -            -             -         -        -         -  no later
Y                        1             -           -       2.0    3.00000       -            3.0            -             -         -        0         0   relaxed
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	var all strings.Builder
	if err := r.writeTable(&all); err != nil || !strings.Contains(all.String(), want) {
		t.Errorf("not part of the whole: %v", err)
	}
}

func TestFamilies_SumUpWhatHasAGap(t *testing.T) {
	all := families(sample().Problems)
	if len(all) != 3 {
		t.Fatalf("%d families", len(all))
	}
	m := all[0]
	if m.Family != "M" || m.Problems != 3 || m.Optimal != 1 || m.Failed != 1 || m.Relaxed != 0 {
		t.Errorf("%+v", m)
	}
	if *m.Gap != (medianAndMost{0.02, 0.03}) || *m.First != (medianAndMost{(20.06 + 10) / 2, 20.06}) || m.Heap.Most != 12.34 {
		t.Errorf("gap %+v, first %+v, heap %+v", m.Gap, m.First, m.Heap)
	}
	if len(m.At) != 2 || m.At[0].Without != 1 || *m.At[0].Gap != (medianAndMost{0.07, 0.07}) ||
		math.Abs(m.At[1].Gap.Median-0.03) > 1e-12 || m.At[1].Gap.Most != 0.05 {
		t.Errorf("%+v", m.At)
	}
	if x := all[1]; x.Failed != 1 || x.Gap != nil || x.First != nil {
		t.Errorf("%+v", x)
	}
	if y := all[2]; y.Relaxed != 1 || y.Gap != nil || y.First == nil || y.Optimal != 0 {
		t.Errorf("%+v", y)
	}
	if got := families(nil); got == nil || len(got) != 0 {
		t.Errorf("%v of nothing", got)
	}
}

// What is not known is null or left out, never zero.
func TestWriteJSON_SaysWhatThereIsNot(t *testing.T) {
	var b strings.Builder
	if err := sample().writeJSON(&b); err != nil {
		t.Fatal(err)
	}
	var r struct {
		Problems []map[string]any
		Families []map[string]any
	}
	if err := json.Unmarshal([]byte(b.String()), &r); err != nil {
		t.Fatal(err)
	}
	relaxed, good, bad := r.Problems[4], r.Problems[1], r.Problems[2]
	for _, key := range []string{"lower_bound", "gap", "gap_share"} {
		if v, ok := relaxed[key]; !ok || v != nil {
			t.Errorf("%s of a relaxed plan is %v (%v)", key, v, ok)
		}
	}
	for _, key := range []string{"error", "best_known", "over_best", "warm"} {
		if v, ok := good[key]; ok {
			t.Errorf("%s is %v, and there is none", key, v)
		}
	}
	if bad["error"] != "colour: unknown key\nshape: unknown key" || good["objective"] != 12.0 || r.Families[1]["gap"] != nil {
		t.Errorf("%s", b.String())
	}
	var none strings.Builder
	if err := (benchReport{Families: families(nil)}).writeJSON(&none); err != nil || strings.Contains(none.String(), `"problems": null`) {
		t.Errorf("%v: %s", err, none.String())
	}
}

func TestCompare_IsAgainstTheBestKnown(t *testing.T) {
	known := map[string]bestKnown{"M0": {Best: energy.MoneyOf(10)}}
	row := benchRow{Name: "M0", Objective: energy.MoneyOf(10.5), Bound: money(9.25), Gap: money(1.25)}
	row.compare(known)
	if row.Best == nil || row.OverBest.Float() != 0.5 || row.BelowBest.Float() != 0.75 {
		t.Errorf("%+v", row)
	}
	relaxed := benchRow{Name: "M0", Objective: energy.MoneyOf(1)}
	relaxed.compare(known)
	other := benchRow{Name: "M1", Bound: money(1), Gap: money(1)}
	other.compare(known)
	other.compare(nil)
	if relaxed.Best != nil || other.Best != nil {
		t.Errorf("%+v %+v", relaxed, other)
	}
}

func TestJudge_TakesOverWhatAPlanSays(t *testing.T) {
	plan := &scheduler.Plan{Status: scheduler.Feasible, LowerBound: energy.MoneyOf(-5)}
	plan.Objective, plan.Stats.FirstPlan, plan.Stats.SolveTime, plan.Stats.Nodes = energy.MoneyOf(-4), 1500, 2_000_000, 9
	var row benchRow
	row.judge(plan)
	if row.Gap.Float() != 1 || *row.GapShare != 0.25 || row.First != 0.001 || row.Total != 2 || row.Nodes != 9 {
		t.Errorf("%+v", row)
	}
	plan.Objective = 0
	row = benchRow{}
	if row.judge(plan); row.GapShare != nil || row.Gap.Float() != 5 {
		t.Errorf("a share of nothing: %+v", row)
	}
}

// A file is passed over when it says that it is something else; whatever else is wrong is for its row to say.
func TestMayBeProblem_PassesOverOnlyWhatIsSomethingElse(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]bool{
		`{"schema":"hearth-problem/1"}`:            true,
		`{"slots":3, "schema":"hearth-problem/1"}`: true,
		`{"schema":"hearth-problem/1"`:             true,
		``:                                         true,
		"\x00\xff":                                 true,
		`{"schema":"hearth-problem/2"}`:            false,
		`{"schema":1}`:                             false,
		`{}`:                                       false,
		`[]`:                                       false,
		`"hearth-problem/1"`:                       false,
		`{"T0":{"schema":"hearth-problem/1"}}`:     false,
		strings.Repeat(" ", scheduler.MaxBytes+1):    true,
		`{"a":"` + strings.Repeat("a", 1<<20) + `"}`: false,
	} {
		write(t, dir, "x.json", text)
		if got := mayBeProblem(filepath.Join(dir, "x.json")); got != want {
			t.Errorf("%.40q (%d bytes): %v", text, len(text), got)
		}
	}
	if !mayBeProblem(filepath.Join(dir, "none.json")) {
		t.Error("a file that is not there is passed over in silence")
	}
	write(t, dir, "long.json", strings.Repeat(" ", scheduler.MaxBytes+1))
	if _, err := readProblemFile(filepath.Join(dir, "long.json")); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("%v", err)
	}
}

func TestWriteProblems_SaysWhatItCannotWrite(t *testing.T) {
	sources, err := generated([]string{"T"}, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "T1.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := writeProblems(sources, dir, &b); err == nil || !strings.Contains(err.Error(), "T1.json") || b.Len() != 0 {
		t.Errorf("%v, %q", err, b.String())
	}
	if _, err := generated([]string{"T", "["}, 1, 1); err == nil {
		t.Error("a pattern that is none")
	}
	sources, err = generated([]string{"F-peak*"}, 3, 2)
	if err != nil || len(sources) != 8 || sources[0].name != "F-peak-3" || sources[7].name != "F-peak-blocks-M4" {
		t.Errorf("%d problems: %v", len(sources), err)
	}
}
