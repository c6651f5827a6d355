package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// Every fault of a problem is a line of its own, so that one run shows them all.
func TestPlan_NamesEveryFaultOfTheProblem(t *testing.T) {
	text, err := os.ReadFile("../../scheduler/testdata/problems/T0.json")
	if err != nil {
		t.Fatal(err)
	}
	var problem map[string]any
	if err := json.Unmarshal(text, &problem); err != nil {
		t.Fatal(err)
	}
	problem["colour"] = "red"
	problem["schema"] = "hearth-problem/99"
	problem["time_limit"] = 3
	bad, err := json.Marshal(problem)
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := hearth(t.Context(), string(bad), "plan", "-")
	if code != exitData || out != "" || errs == "" {
		t.Fatalf("exit %d\nout: %s\nerr: %s", code, out, errs)
	}
	for _, line := range []string{`schema: "hearth-problem/99" is not "hearth-problem/1"`, "colour: unknown key", "time_limit: unknown key"} {
		if n := strings.Count("\n"+errs, "\n"+line); n != 1 {
			t.Errorf("%q is there %d times:\n%s", line, n, errs)
		}
	}
}

func TestPlan_FlagsAreHeldToTheirMeaning(t *testing.T) {
	const file = "../../scheduler/testdata/problems/T0.json"
	for _, c := range []struct {
		args []string
		code int
		errs string
	}{
		{[]string{"--gap", "0", file}, exitOK, ""},
		{[]string{"--gap=-1", file}, exitUsage, `--gap "-1": want an amount of money`},
		{[]string{"--gap", "0.01 EUR", file}, exitUsage, "--gap"},
		{[]string{"--time-limit", "soon", file}, exitUsage, "--time-limit"},
		{[]string{"--time-limit=-1s", file}, exitUsage, "--time-limit must be longer than nothing"},
		{[]string{"--seed", "-1", file}, exitUsage, "--seed"},
		{[]string{"--time-limit", "100ms", "--seed", "18446744073709551615", file}, exitOK, ""},
		{[]string{file, file}, exitUsage, "too many positional arguments"},
		{[]string{}, exitUsage, "PROBLEM is required"},
		{[]string{t.TempDir()}, exitData, "is a directory"},
	} {
		code, out, errs := hearth(t.Context(), "", append([]string{"plan"}, c.args...)...)
		if code != c.code || !strings.Contains(errs, c.errs) || (code == exitOK) != strings.Contains(out, "hearth-plan/1") {
			t.Errorf("plan %v: exit %d, want %d\nout: %.100s\nerr: %s", c.args, code, c.code, out, errs)
		}
	}
}
