package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const problems = "../../scheduler/testdata/problems"

// folder is a temporary one with problems of the corpus, by the names they get there.
func folder(t *testing.T, names map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for to, from := range names {
		text, err := os.ReadFile(filepath.Join(problems, from+".json"))
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, to+".json", string(text))
	}
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// rows are the lines of the table that a bench prints under the head that begins with a word, by their first
// cell, in order.
func rows(out, head string) (names []string, cells map[string][]string) {
	cells = map[string][]string{}
	isIn := false
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
			isIn = false
		case strings.HasPrefix(line, head):
			isIn = true
		case isIn:
			names = append(names, fields[0])
			cells[fields[0]] = fields
		}
	}
	return names, cells
}

func TestBench_PrintsARowForEveryProblemAndFamily(t *testing.T) {
	dir := folder(t, map[string]string{"T10": "T0", "T2": "T1", "S0": "S0", "F-v2h-2": "F-v2h-2", "F-flat-tariff-M0": "T3"})
	write(t, dir, "notes.txt", "not a problem")
	write(t, dir, "plan.json", `{"schema":"hearth-plan/1"}`)
	write(t, dir, "list.json", `[1, 2]`)
	if err := os.Mkdir(filepath.Join(dir, "folder.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	code, out, errs := hearth(t.Context(), "", "bench", "--time-limit", "200ms", "--at", "1ms,50ms", dir)
	if code != exitOK || errs != "" {
		t.Fatalf("exit %d: %s", code, errs)
	}
	names, cells := rows(out, "problem ")
	if want := []string{"F-flat-tariff-M0", "F-v2h-2", "S0", "T2", "T10"}; !slices.Equal(names, want) {
		t.Errorf("rows %v, want %v:\n%s", names, want, out)
	}
	// slots, devices, objective: T0 is solved in a moment.
	if got := cells["T10"]; got[1] != "8" || got[2] != "2" || got[3] != "-1.64010" || got[len(got)-1] != "optimal" {
		t.Errorf("%v", got)
	}
	families, sums := rows(out, "family ")
	if want := []string{"F-flat-tariff-M", "F-v2h", "S", "T"}; !slices.Equal(families, want) {
		t.Errorf("families %v, want %v:\n%s", families, want, out)
	}
	if got := sums["T"]; got[1] != "2" || got[2] != "2" {
		t.Errorf("%v", got)
	}
	for _, column := range []string{"@1ms", "@50ms", "gap ct", "first ms", "heap MB"} {
		if !strings.Contains(out, column) {
			t.Errorf("no column %q:\n%s", column, out)
		}
	}
	if strings.Contains(out, "best") {
		t.Errorf("a best is known:\n%s", out)
	}
	if code, _, errs := hearth(t.Context(), "", "bench", "-v", "--match", "T10", dir); code != exitOK ||
		strings.Count(errs, "passed over") != 2 || !strings.Contains(errs, "plan.json") || !strings.Contains(errs, "list.json") {
		t.Errorf("exit %d, passed over: %s", code, errs)
	}
}

func TestBench_KnowsTheBest(t *testing.T) {
	dir := folder(t, map[string]string{"T0": "T0", "T1": "T1"})
	write(t, dir, "best-known.json", `{"T0":{"best":-1.7401,"lower_bound":-1.7401,"status":"optimal"}, "X":{}}`)
	code, out, errs := hearth(t.Context(), "", "bench", dir)
	if code != exitOK || errs != "" {
		t.Fatalf("exit %d: %s", code, errs)
	}
	_, cells := rows(out, "problem ")
	if got := cells["T0"]; got[7] != "10.00" || got[8] != "-10.00" { // a best that is too good shows as well
		t.Errorf("%v:\n%s", got, out)
	}
	if got := cells["T1"]; got[7] != none || got[8] != none {
		t.Errorf("%v:\n%s", got, out)
	}
	write(t, dir, "best-known.json", `{"T0":{"best":"much"}}`)
	if code, out, errs := hearth(t.Context(), "", "bench", dir); code != exitData || out != "" || !strings.Contains(errs, "best-known.json") {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
}

func TestBench_AFileThatCannotBeReadIsARow(t *testing.T) {
	dir := folder(t, map[string]string{"T0": "T0"})
	write(t, dir, "T1.json", `{"schema":"hearth-problem/1"`)
	write(t, dir, "T2.json", `{"schema":"hearth-problem/1","colour":"red"}`)
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "T3.json")); err != nil {
		t.Fatal(err)
	}
	code, out, errs := hearth(t.Context(), "", "bench", dir)
	if code != exitData || !strings.Contains(errs, "3 of 4 problems could not be read") {
		t.Errorf("exit %d: %s", code, errs)
	}
	names, cells := rows(out, "problem ")
	if !slices.Equal(names, []string{"T0", "T1", "T2", "T3"}) || cells["T0"][3] != "-1.64010" {
		t.Errorf("%s", out)
	}
	for _, name := range names[1:] {
		if got := cells[name]; got[len(got)-1] != "unreadable" {
			t.Errorf("%v", got)
		}
		if strings.Count(out, "\n"+name+": ") != 1 {
			t.Errorf("the reason for %s is not there:\n%s", name, out)
		}
	}
	if _, sums := rows(out, "family "); sums["T"][1] != "4" || sums["T"][2] != "1" {
		t.Errorf("%s", out)
	}
}

// report is what --json writes, read back with the keys as others meet them.
type report struct {
	Schema  string
	Machine struct {
		OS, Arch, Go string
		CPUs         int
	}
	Options struct {
		TimeLimit float64 `json:"time_limit_s"`
		Gap       float64
		Seed      uint64
		At        []float64 `json:"at_s"`
		Warm      bool
	}
	Interrupted bool
	Problems    []struct {
		Name, Family, Error, Currency, Status string
		Slots, Devices                        int
		Objective                             float64
		LowerBound                            *float64 `json:"lower_bound"`
		Gap                                   *float64
		GapShare                              *float64 `json:"gap_share"`
		BestKnown                             *float64 `json:"best_known"`
		FirstPlan                             float64  `json:"first_plan_ms"`
		Total                                 float64  `json:"total_ms"`
		Heap                                  float64  `json:"peak_heap_mb"`
		At                                    []struct {
			At  float64 `json:"at_s"`
			Gap *float64
		}
		Trace []struct {
			Elapsed    float64  `json:"elapsed_ms"`
			Objective  *float64 `json:"objective"`
			LowerBound *float64 `json:"lower_bound"`
		}
		Warm *struct {
			Moved     int      `json:"moved_slots"`
			Certified *float64 `json:"certified_ms"`
			Found     float64  `json:"found_ms"`
			Total     float64  `json:"total_ms"`
			Objective float64
			Cold      float64  `json:"cold_objective"`
			Kept      *float64 `json:"kept_objective"`
			Gap       *float64
			Changed   int `json:"changed_slots"`
			Planned   int `json:"planned_slots"`
		}
	}
	Families []struct {
		Family   string
		Problems int
		Gap      *struct{ Median, Most float64 }
	}
}

func read(t *testing.T, text string) (r report) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return r
}

func TestBench_WritesJSONWithTheTraceOfEachSolve(t *testing.T) {
	dir := folder(t, map[string]string{"T3": "T3", "S2": "S2"})
	file := filepath.Join(t.TempDir(), "out.json")
	args := []string{"bench", "--time-limit", "300ms", "--gap", "0.001", "--seed", "3", "--at", "100ms,1h", dir, "--json"}
	code, out, errs := hearth(t.Context(), "", append(args, file)...)
	if code != exitOK || !strings.Contains(out, "objective") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := read(t, string(text))
	if r.Schema != "hearth-bench/1" || r.Machine.CPUs < 1 || r.Machine.OS == "" || r.Machine.Arch == "" || !strings.HasPrefix(r.Machine.Go, "go") {
		t.Errorf("%+v", r.Machine)
	}
	if o := r.Options; o.TimeLimit != 0.3 || o.Gap != 0.001 || o.Seed != 3 || !slices.Equal(o.At, []float64{0.1, 3600}) || o.Warm || r.Interrupted {
		t.Errorf("%+v", r.Options)
	}
	if len(r.Problems) != 2 || len(r.Families) != 2 {
		t.Fatalf("%d problems of %d families", len(r.Problems), len(r.Families))
	}
	for _, p := range r.Problems {
		if p.Currency != "EUR" || p.Slots == 0 || p.Devices == 0 || p.Status == "" || p.LowerBound == nil || p.Gap == nil || p.GapShare == nil || p.BestKnown != nil {
			t.Fatalf("%+v", p)
		}
		last := p.Trace[len(p.Trace)-1]
		if last.Elapsed != p.Total || last.Objective == nil || *last.Objective != p.Objective || *last.LowerBound != *p.LowerBound {
			t.Errorf("%s ends with %+v", p.Name, last)
		}
		if len(p.Trace) < 2 || !slices.IsSortedFunc(p.Trace, func(a, b struct {
			Elapsed    float64  `json:"elapsed_ms"`
			Objective  *float64 `json:"objective"`
			LowerBound *float64 `json:"lower_bound"`
		}) int {
			return int(a.Elapsed*1e3) - int(b.Elapsed*1e3)
		}) {
			t.Errorf("%s: %d steps, or not in order", p.Name, len(p.Trace))
		}
		if p.FirstPlan <= 0 || p.FirstPlan > p.Total || p.Total > 2000 {
			t.Errorf("%s: first plan after %v ms of %v", p.Name, p.FirstPlan, p.Total)
		}
		if len(p.At) != 2 || p.At[1].Gap == nil || *p.At[1].Gap != *p.Gap {
			t.Errorf("%s: an hour later %+v, the gap is %v", p.Name, p.At, *p.Gap)
		}
	}
	code, out, errs = hearth(t.Context(), "", append(args, "-")...)
	if code != exitOK || len(read(t, out).Problems) != 2 {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if code, out, _ := hearth(t.Context(), "", append(args, filepath.Join(dir, "none", "out.json"))...); code != exitData || out != "" {
		t.Errorf("exit %d: %s", code, out)
	}
}

func TestBench_PlansAgainALittleLater(t *testing.T) {
	dir := folder(t, map[string]string{"T3": "T3", "S2": "S2", "F-peak-blocks-2": "F-peak-blocks-2"})
	write(t, dir, "T9.json", `{"schema":"hearth-problem/1","start":"2026-03-02T00:00:00Z","slot_minutes":60,"slots":1,"currency":"EUR",
		"import_price_per_kwh":[0.2],"export_price_per_kwh":[0],"solar_w":[0],"base_load_w":[100],"import_limit_w":9000,"export_limit_w":9000,"devices":[]}`)
	code, out, errs := hearth(t.Context(), "", "bench", "--time-limit", "200ms", "--warm", dir)
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, errs)
	}
	names, cells := rows(out, "planned again")
	if !slices.Equal(names, []string{"F-peak-blocks-2", "S2", "T3", "T9"}) {
		t.Fatalf("%s", out)
	}
	if got := strings.Join(cells["T9"], " "); !strings.HasSuffix(got, "no later") {
		t.Errorf("%s", got)
	}
	_, out, _ = hearth(t.Context(), "", "bench", "--time-limit", "200ms", "--warm", "--json", "-", dir)
	for _, p := range read(t, out).Problems {
		w := p.Warm
		if p.Name == "T9" {
			continue
		}
		moved := 1
		if p.Name == "F-peak-blocks-2" {
			moved = 2 // a block
		}
		if w == nil || w.Moved != moved || w.Gap == nil || w.Certified == nil || *w.Certified <= 0 || w.Found > w.Total || w.Planned > (p.Slots-moved)*p.Devices ||
			w.Planned < (p.Slots-moved)*(p.Devices-2) || w.Changed > w.Planned {
			t.Errorf("%s: %+v", p.Name, w)
		}
		if w != nil && w.Kept != nil && *w.Kept < w.Objective-0.02 {
			t.Errorf("%s: planned again for %v, and keeping to the plan costs %v", p.Name, w.Objective, *w.Kept)
		}
	}
}

func TestBench_MakesProblemsUp(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made")
	args := []string{"bench", "--generate", "--family", "T,F-relax*", "--count", "2", "--seed", "7"}
	code, out, errs := hearth(t.Context(), "", append(args, "--out", dir)...)
	if code != exitOK || strings.Count(out, "\n") != 6 {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	want := []string{"F-relaxed-7", "F-relaxed-8", "F-relaxed-M7", "F-relaxed-M8", "T7", "T8"}
	for _, name := range want {
		if !strings.Contains(out, filepath.Join(dir, name+".json")+"\n") {
			t.Errorf("no %s:\n%s", name, out)
		}
	}
	limit := []string{"--time-limit", "100ms", "--match", "[^F]*"}
	_, fromFiles, _ := hearth(t.Context(), "", append([]string{"bench", dir}, limit...)...)
	code, made, errs := hearth(t.Context(), "", append(args, limit...)...)
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, errs)
	}
	names, a := rows(fromFiles, "problem ")
	_, b := rows(made, "problem ")
	if !slices.Equal(names, []string{"T7", "T8"}) {
		t.Errorf("%v", names)
	}
	for _, name := range names {
		if !slices.Equal(a[name][:4], b[name][:4]) {
			t.Errorf("from the file %v, made %v", a[name], b[name])
		}
	}
	code, out, _ = hearth(t.Context(), "", "bench", dir, "--match", "F-relaxed-7", "--time-limit", "50ms")
	if _, cells := rows(out, "problem "); code != exitOK || cells["F-relaxed-7"][4] != none || !strings.HasSuffix(strings.Join(cells["F-relaxed-7"], " "), "relaxed") {
		t.Errorf("exit %d: %s", code, out)
	}
}

func TestBench_FlagsAreHeldToTheirMeaning(t *testing.T) {
	dir := folder(t, map[string]string{"T1": "T1"})
	for _, c := range []struct {
		args []string
		code int
		errs string
	}{
		{[]string{dir}, exitOK, ""},
		{[]string{dir, "--gap", "0"}, exitOK, ""},
		{[]string{dir, "--gap", "much"}, exitUsage, "--gap"},
		{[]string{dir, "--gap=-1"}, exitUsage, "--gap"},
		{[]string{dir, "--time-limit=-1s"}, exitUsage, "--time-limit"},
		{[]string{dir, "--at", "0s"}, exitUsage, "--at"},
		{[]string{dir, "--at", "soon"}, exitUsage, "--at"},
		{[]string{dir, "--match", "["}, exitUsage, "--match"},
		{[]string{dir, "--match", "M*"}, exitData, "no such problem"},
		{[]string{dir, "--generate"}, exitUsage, "--generate"},
		{[]string{dir, "--out", dir}, exitUsage, "--out"},
		{[]string{dir, "--family", "M"}, exitUsage, "--family needs --generate"},
		{[]string{"--generate", "--count", "0"}, exitUsage, "--count"},
		{[]string{"--generate", "--count", "10001", "--match", "none"}, exitUsage, "--count must be from 1 to 10000"},
		{[]string{"--generate", "--family", "Q"}, exitUsage, `"Q" is none of T, S, M`},
		{[]string{"--generate", "--family", "T", "--count", "1", "--out", filepath.Join(dir, "T1.json")}, exitData, "not a directory"},
		{[]string{filepath.Join(dir, "none")}, exitData, "no such file"},
		{[]string{t.TempDir()}, exitData, "no such problem"},
	} {
		code, out, errs := hearth(t.Context(), "", append([]string{"bench"}, c.args...)...)
		if code != c.code || !strings.Contains(errs, c.errs) || (code == exitOK) != strings.Contains(out, "T1 ") {
			t.Errorf("bench %v: exit %d, want %d\nout: %.200s\nerr: %s", c.args, code, c.code, out, errs)
		}
	}
}

// An interrupt ends the solve that is running, and what was measured before is printed.
func TestBench_EndsCleanlyWhenInterrupted(t *testing.T) {
	dir := folder(t, map[string]string{"A1": "T1", "L0": "L0", "T0": "T0"})
	ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
	defer cancel()
	begin := time.Now()
	code, out, errs := hearth(ctx, "", "bench", "--time-limit", "1m", dir)
	if took := time.Since(begin); code != exitOK || took > 20*time.Second || !strings.Contains(errs, "interrupted after 1 of 3 problems") {
		t.Fatalf("exit %d after %v: %s", code, took, errs)
	}
	if names, _ := rows(out, "problem "); !slices.Equal(names, []string{"A1"}) || !strings.Contains(out, "ct: ") {
		t.Errorf("%s", out)
	}
}
