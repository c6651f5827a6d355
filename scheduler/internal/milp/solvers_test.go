package milp

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// answer is what a general solver says of a model.
type answer struct {
	Status    string             `json:"status"` // in HiGHS's words
	Objective *float64           `json:"objective"`
	Bound     *float64           `json:"bound"`  // no point costs less
	Values    map[string]float64 `json:"values"` // of the point found; what is missing is 0
	Error     string             `json:"error"`
}

// String is the answer without its values.
func (a answer) String() string {
	text := a.Status
	if a.Objective != nil {
		text += fmt.Sprintf(" at %v", *a.Objective)
	}
	if a.Bound != nil {
		text += fmt.Sprintf(", bound %v", *a.Bound)
	}
	return text
}

func (a answer) isOptimal() bool {
	return a.Status == "optimal" && a.Objective != nil && a.Bound != nil
}

// isInfeasible: no model is unbounded, because everything that could earn has limits.
func (a answer) isInfeasible() bool {
	return a.Status == "infeasible" || a.Status == "unboundedOrInfeasible"
}

// highs is HiGHS in one long-lived Node process; see tools/oracle.
type highs struct {
	mutex sync.Mutex
	in    io.Writer
	out   *bufio.Reader
}

// startHighs fails the test when it cannot be had.
func startHighs(t *testing.T) *highs {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", "highs.mjs")
	cmd.Dir = filepath.Join("..", "..", "..", "tools", "oracle")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("HiGHS runs in Node, which is missing: %v", err)
	}
	t.Cleanup(func() {
		in.Close()     // ends it
		_ = cmd.Wait() // what it could not do, an answer has told
	})
	h := &highs{in: in, out: bufio.NewReader(out)}
	if _, err := h.solve("Minimize\n cost: + 1 x\nSubject To\n row: + 1 x >= 1\nBounds\n 0 <= x <= 2\nEnd\n", time.Second, proof); err != nil {
		t.Fatalf("HiGHS does not answer (make oracle installs it): %v", err)
	}
	return h
}

// proof is the gap HiGHS is asked for where its optimum is wanted.
const proof = 1e-7

// solve may be called from any goroutine; models are solved one after the other.
func (h *highs) solve(lp string, limit time.Duration, gap float64) (a answer, err error) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if err := json.NewEncoder(h.in).Encode(map[string]any{"lp": lp, "seconds": limit.Seconds(), "gap": gap}); err != nil {
		return a, fmt.Errorf("highs: %w", err)
	}
	line, err := h.out.ReadBytes('\n')
	if err != nil {
		return a, fmt.Errorf("highs: %w", err)
	}
	if err := json.Unmarshal(line, &a); err != nil {
		return a, fmt.Errorf("highs: %w", err)
	}
	if a.Error != "" {
		return a, fmt.Errorf("highs: %s", a.Error)
	}
	return a, nil
}

// solveWithCBC runs CBC on a model, in files of the folder. It is told not to preprocess: with that, CBC
// 2.10.8 calls plans optimal that are not.
func solveWithCBC(ctx context.Context, folder, lp string, limit time.Duration) (a answer, err error) {
	model, solution := filepath.Join(folder, "model.lp"), filepath.Join(folder, "solution.txt")
	if err := os.WriteFile(model, []byte(lp), 0o600); err != nil {
		return a, err
	}
	args := []string{model, "-seconds", strconv.FormatFloat(limit.Seconds(), 'f', 1, 64),
		"-preprocess", "off", "-ratioGap", "0", "-allowableGap", "1e-7", "-solve"}
	out, err := exec.CommandContext(ctx, "cbc", append(args, "-solution", solution)...).CombinedOutput()
	if err != nil {
		// CBC 2.10.8 crashes writing the solution of what it finds infeasible at once, and takes along what
		// it has said.
		again, _ := exec.CommandContext(ctx, "cbc", args...).CombinedOutput()
		if strings.Contains(string(again), "Problem is infeasible") {
			return answer{Status: "infeasible"}, nil
		}
		return a, fmt.Errorf("cbc: %w: %s", err, out)
	}
	text, err := os.ReadFile(solution)
	if err != nil {
		return a, fmt.Errorf("cbc: %w", err)
	}
	return readCBC(string(text))
}

// readCBC reads CBC's solution file: a line with the status and the objective, then the variables that are
// not 0, each with a number, its name, its value and its reduced cost.
func readCBC(text string) (a answer, err error) {
	first, rest, _ := strings.Cut(text, "\n")
	status, objective, ok := strings.Cut(first, " - objective value ")
	if !ok {
		return a, fmt.Errorf("cbc: answer %q", first)
	}
	switch strings.TrimSpace(status) {
	case "Optimal":
		a.Status = "optimal"
	case "Infeasible", "Integer infeasible":
		a.Status = "infeasible"
		return a, nil
	default:
		a.Status = status
		return a, nil
	}
	cost, err := strconv.ParseFloat(strings.TrimSpace(objective), 64)
	if err != nil {
		return a, fmt.Errorf("cbc: %w", err)
	}
	a.Objective, a.Bound, a.Values = &cost, &cost, map[string]float64{}
	for line := range strings.Lines(rest) {
		words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "**")) // what misses a bound by a hair
		if len(words) != 4 {
			return a, fmt.Errorf("cbc: line %q", line)
		}
		if a.Values[words[1]], err = strconv.ParseFloat(words[2], 64); err != nil {
			return a, fmt.Errorf("cbc: %w", err)
		}
	}
	return a, nil
}

func TestReadCBC_UnderstandsItsSolutionFile(t *testing.T) {
	a, err := readCBC("Optimal - objective value -1.51956800\n" +
		"      0 d0_stored_12                 0.93              0.32777778\n" +
		"**    7 d1_on_3               1.0000003                       0\n")
	if err != nil || !a.isOptimal() || *a.Objective != -1.519568 || *a.Bound != -1.519568 {
		t.Errorf("%+v, %v", a, err)
	}
	if want := map[string]float64{"d0_stored_12": 0.93, "d1_on_3": 1.0000003}; !maps.Equal(a.Values, want) {
		t.Errorf("%v, want %v", a.Values, want)
	}
	for text, infeasible := range map[string]bool{
		"Infeasible - objective value 0.00000000\n":         true,
		"Integer infeasible - objective value 0.00000000\n": true,
		"Stopped on time - objective value 3.00000000\n":    false, // a plan, but not proved to be the best
	} {
		if a, err := readCBC(text); err != nil || a.isInfeasible() != infeasible || a.isOptimal() || a.Objective != nil {
			t.Errorf("%q: %+v, %v", text, a, err)
		}
	}
	for _, text := range []string{"", "Optimal", "Optimal - objective value x\n", "Optimal - objective value 1\n 0 a b\n", "Optimal - objective value 1\n 0 a b 0\n"} {
		if a, err := readCBC(text); err == nil {
			t.Errorf("%q: %+v", text, a)
		}
	}
}
