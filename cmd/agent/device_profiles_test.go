package main

import (
	"os"
	"strings"
	"testing"

	"hearth/devices/profiles"
)

// docs/devices.md is what the program knows of itself.
func TestProfiles_DocumentIsWhatTheProgramSays(t *testing.T) {
	page, err := os.ReadFile("../../docs/devices.md")
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := hearth(t.Context(), "", "profiles", "--markdown")
	if code != exitOK || out != string(page) {
		t.Errorf("docs/devices.md is not what `hearth profiles --markdown` prints: %d %s", code, errs)
	}
	for _, id := range profiles.IDs() {
		if !strings.Contains(out, "\n## "+id+"\n") || !strings.Contains(out, "\n| ["+id+"](#"+id+") |") {
			t.Errorf("no %s", id)
		}
	}
}

// Each row of the page has as many cells as its head, whatever a profile says.
func TestProfiles_PageIsWhole(t *testing.T) {
	p := &profiles.Profile{ID: "odd", Title: "a | b <c> *", Transport: profiles.MQTT, Params: []profiles.Param{{Name: "x", Required: true, About: "this | that"}},
		Points: []profiles.Point{{Name: "power"}}, Tested: []string{"A | B"}, Source: []string{"somebody"}}
	var b strings.Builder
	if err := writeProfiles(&b, []*profiles.Profile{p}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		cells := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") - 1
		if strings.HasPrefix(line, "|") && cells != 7 && cells != 3 {
			t.Errorf("%d cells: %s", cells, line)
		}
	}
	for _, part := range []string{`a \| b &lt;c> \*`, `this \| that`, `A \| B`, "- somebody", "| nothing | - |"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("no %s in\n%s", part, b.String())
		}
	}
}

func TestProfiles_ShowsAllOrOne(t *testing.T) {
	code, out, errs := hearth(t.Context(), "", "profiles")
	if code != exitOK || strings.Count(out, "\n") != 1+len(profiles.IDs()) {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
	wants(t, out, "profile", "ends by itself", "eastron-sdm630", "nothing", "tasmota-plug", "on, off", "its own timer, 12s to 18h")
	code, out, _ = hearth(t.Context(), "", "profiles", "keba-p30")
	if code != exitOK {
		t.Errorf("%d", code)
	}
	wants(t, out, "keba-p30: KEBA", "modbus", "vehicle", "takes", "set power", "its watchdog, 10s to 10m", "unit: Modbus unit id [255]", "tested", "source")
	if code, _, errs := hearth(t.Context(), "", "profiles", "crystal-ball"); code != exitUsage || !strings.Contains(errs, "there is no such profile") {
		t.Errorf("%d %s", code, errs)
	}
}

// A device that keeps its last order is called what it is, everywhere.
func TestEnding_SaysWhoEndsAnOrder(t *testing.T) {
	on := []profiles.Action{{Name: "setup"}, {Name: "on"}}
	for _, c := range []struct {
		p    profiles.Profile
		want string
	}{
		{profiles.Profile{}, "-"}, {profiles.Profile{Actions: on[:1]}, "-"}, {profiles.Profile{Actions: on}, "unguarded"},
		{profiles.Profile{Actions: on, Lease: &profiles.Lease{Kind: "timer", MinS: 12, MaxS: 64800}}, "its own timer, 12s to 18h"},
		{profiles.Profile{Actions: on, Lease: &profiles.Lease{Kind: "silent", MinS: 10, MaxS: 90}}, "its watchdog, 10s to 1m30s"},
	} {
		if got := ending(&c.p); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
