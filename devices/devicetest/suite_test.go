package devicetest

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSuite_PassesAPlugThatIsRight(t *testing.T)    { Run(t, plug(nil)) }
func TestSuite_PassesABatteryThatIsRight(t *testing.T) { Run(t, battery(nil)) }
func TestSuite_PassesWhatIsNudgedRight(t *testing.T)   { Run(t, boiler(nil)) }

// child is set in a test process whose tests are meant to fail: to what it is to run.
const child = "HEARTH_DEVICETEST_CHILD"

// A suite that passes what is wrong is worse than none. Each defect runs under the law that is to catch it,
// in a process of its own, as a failing test cannot be had in this one.
func TestSuite_CatchesEachDefect(t *testing.T) {
	said, err := runChild(t, "TestChild_HoldsDefects", "defects")
	if err == nil {
		t.Fatal("no defect was caught")
	}
	failures := map[string]string{} // by name of the defect
	name := ""
	for line := range strings.Lines(said) {
		if failed, ok := strings.CutPrefix(strings.TrimSpace(line), "--- FAIL: TestChild_HoldsDefects/"); ok {
			name, _, _ = strings.Cut(failed, " ")
		}
		failures[name] += line
	}
	for _, d := range defects() {
		text, isCaught := failures[strings.ReplaceAll(d.name, " ", "_")]
		switch {
		case !isCaught:
			t.Errorf("%s: passes %s", d.name, d.law)
		case !strings.Contains(text, d.says):
			t.Errorf("%s: %s fails, but not with %q:\n%s", d.name, d.law, d.says, text)
		}
	}
}

func TestChild_HoldsDefects(t *testing.T) {
	if os.Getenv(child) != "defects" {
		t.Skip("only for TestSuite_CatchesEachDefect")
	}
	for _, d := range defects() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			lawOf(t, d.law).hold(t, d.build, 700*time.Millisecond) // in memory nothing takes longer
		})
	}
}

// A law that no defect breaks tests nothing.
func TestSuite_EveryLawHasADefectItCatches(t *testing.T) {
	all := defects()
	for _, l := range laws() {
		if !slices.ContainsFunc(all, func(d defect) bool { return d.law == l.name }) {
			t.Errorf("%s: nothing is known to break it", l.name)
		}
	}
}

// Leaks are for the main of a driver's tests to find. They are found only if the suite itself leaves nothing.
func TestSuite_LeavesLeaksToBeFound(t *testing.T) {
	if said, err := runChild(t, "TestChild_RunsOneDevice", "tight"); err != nil {
		t.Errorf("a tight driver: %v\n%s", err, said)
	}
	said, err := runChild(t, "TestChild_RunsOneDevice", "leaking")
	if err == nil || !strings.Contains(said, "found unexpected goroutines") || strings.Contains(said, "--- FAIL") {
		t.Errorf("a leaking driver: %v\n%s", err, said)
	}
}

func TestChild_RunsOneDevice(t *testing.T) {
	switch os.Getenv(child) {
	case "tight":
		Run(t, plug(nil))
	case "leaking":
		Run(t, plug(leaking))
	default:
		t.Skip("only for TestSuite_LeavesLeaksToBeFound")
	}
}

// runChild runs one test of this binary and returns what it said; the error is that of its exit code.
func runChild(t *testing.T, test, what string) (string, error) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, "-test.run=^"+test+"$", "-test.parallel=32", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), child+"="+what)
	said, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(said), err
}

func lawOf(t *testing.T, name string) law {
	t.Helper()
	all := laws()
	i := slices.IndexFunc(all, func(l law) bool { return l.name == name })
	if i < 0 {
		t.Fatalf("no law %q", name)
	}
	return all[i]
}
