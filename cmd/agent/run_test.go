package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hearth runs the program in this process and returns what a shell would see.
func hearth(ctx context.Context, stdin string, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(ctx, args, stdio{strings.NewReader(stdin), &o, &e})
	return code, o.String(), e.String()
}

func TestRun_ExitCodesTellWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte("home: {name: H}\ncolour: red\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(dir, "unit.yaml")
	if err := os.WriteFile(unit, []byte(`home: {name: H, zone: UTC, currency: EUR, max_import: 9kW}
storage: {path: h.db}
modbus: [{name: m, url: "tcp://127.0.0.1:1"}]
devices: [{name: grid, kind: grid, profile: eastron-sdm630, link: m, params: {unit: 999}}]
`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args      []string
		stdin     string
		code      int
		out, errs string // a part of each
	}{
		"no command":         {nil, "", exitOK, "Usage: hearth", ""},
		"help":               {[]string{"--help"}, "", exitOK, "Commands:", ""},
		"help of a command":  {[]string{"demo", "--help"}, "", exitOK, "--speed", ""},
		"version":            {[]string{"version"}, "", exitOK, "hearth devel", ""},
		"unknown command":    {[]string{"bake"}, "", exitUsage, "", "invalid subcommand: bake"},
		"half a command":     {[]string{"openadr"}, "", exitUsage, "", "expected one of probe, watch, register"},
		"no such place":      {[]string{"demo", "--scenario", "mars"}, "", exitUsage, "", `--scenario "mars": want germany, italy, california`},
		"help of a half":     {[]string{"sources", "--help"}, "", exitOK, "fetch", ""},
		"unknown flag":       {[]string{"run", "--fast"}, "", exitUsage, "", "unknown argument --fast"},
		"check, bad file":    {[]string{"check", "--config", bad}, "", exitConfig, "", "bad.yaml: line 2: colour: unknown key"},
		"check, no file":     {[]string{"check", "--config", filepath.Join(dir, "none.yaml")}, "", exitConfig, "", "no such file"},
		"check, sample":      {[]string{"check", "--config", "../../configs/hearth.yaml"}, "", exitOK, "good: 3 devices, 1 OpenADR servers", ""},
		"check, bad unit":    {[]string{"check", "--config", unit}, "", exitConfig, "", "unit"},
		"run, bad file":      {[]string{"run", "--config", bad}, "", exitConfig, "", "home.zone: is missing"},
		"plan, no file":      {[]string{"plan", filepath.Join(dir, "none.json")}, "", exitData, "", "no such file"},
		"plan, not JSON":     {[]string{"plan", "-"}, "{", exitData, "", ""},
		"plan, bad gap":      {[]string{"plan", "--gap", "much", "-"}, "", exitUsage, "", "--gap"},
		"plan, no time":      {[]string{"plan", "--time-limit", "0s", "-"}, "", exitUsage, "", "--time-limit"},
		"demo, bad speed":    {[]string{"demo", "--speed", "0"}, "", exitUsage, "", "--speed"},
		"demo, bad address":  {[]string{"demo", "--listen", "nowhere"}, "", exitUnavailable, "", "missing port"},
		"store, not a store": {[]string{"store", "verify", bad}, "", exitData, "", "bad.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := hearth(t.Context(), c.stdin, c.args...)
			if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) {
				t.Errorf("exit %d, want %d\nout: %s\nerr: %s", code, c.code, out, errs)
			}
		})
	}
}

// Ten different mistakes are ten lines with line, path, value and remedy.
func TestCheck_ShowsEveryFaultOnALine(t *testing.T) {
	code, _, errs := hearth(t.Context(), "", "check", "--config", "../../internal/config/testdata/bad-ten-mistakes.yaml")
	lines := strings.Split(strings.TrimSpace(errs), "\n")
	if code != exitConfig || len(lines) < 10 {
		t.Fatalf("exit %d, %d lines:\n%s", code, len(lines), errs)
	}
	for _, line := range lines {
		if !strings.Contains(line, "bad-ten-mistakes.yaml: line ") {
			t.Errorf("%s", line)
		}
	}
}

func TestPlan_ReadsAFileOrStandardInput(t *testing.T) {
	const file = "../../scheduler/testdata/problems/T0.json"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	code, fromFile, errs := hearth(t.Context(), "", "plan", "--seed", "7", file)
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, errs)
	}
	_, fromInput, _ := hearth(t.Context(), string(text), "plan", "--seed", "7", "-")
	a, b := map[string]any{}, map[string]any{}
	for text, into := range map[string]*map[string]any{fromFile: &a, fromInput: &b} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
		delete(*into, "stats")
	}
	first, _ := json.Marshal(a)
	second, _ := json.Marshal(b)
	if a["schema"] != "hearth-plan/1" || !bytes.Equal(first, second) {
		t.Errorf("equal problem and seed, other plans:\n%s\n%s", first, second)
	}
}

func TestDemo_EndsWithASummaryAndTakesTheNextPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	code, out, errs := hearth(ctx, "", "demo", "--speed", "600", "--for", "3s", "--listen", taken.Addr().String())
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, errs)
	}
	if strings.Contains(out, taken.Addr().String()) || !strings.Contains(out, "http://127.0.0.1:") {
		t.Errorf("the page's address: %s", out)
	}
	for _, part := range []string{"with Hearth", "without", "saved"} {
		if !strings.Contains(out, part) {
			t.Errorf("the summary does not say %q:\n%s", part, out)
		}
	}
}
