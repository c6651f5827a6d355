package config

import (
	"os"
	"strings"
	"testing"
)

const links = `mqtt:
  - {name: house, url: "tcp://127.0.0.1:1883"}
`

// own is a profile of somebody's own making, of a plug.
func own(t *testing.T, id string) string {
	t.Helper()
	text, err := os.ReadFile("../../devices/profiles/tasmota-plug.json")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(string(text), `"id": "tasmota-plug"`, `"id": "`+id+`"`, 1)
}

func TestFamilies_OfAFolderAreFoundByTheirIDs(t *testing.T) {
	dir := write(t, map[string]string{"sauna.json": own(t, "sauna")})
	c, err := Read([]byte(least+links+"profiles: .\ndevices:\n  - {name: sauna, kind: meter, profile: sauna, link: house, params: {topic: s}}\n"), Environment{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if c.Devices[0].Profile.ID != "sauna" {
		t.Errorf("%+v", c.Devices[0].Profile)
	}
}

func TestFamilies_FaultsNameTheirFile(t *testing.T) {
	dir := write(t, map[string]string{"bad.json": "{", "tasmota-plug.json": own(t, "tasmota-plug")})
	_, err := Read([]byte(least+"profiles: .\n"), Environment{Dir: dir})
	for _, want := range []string{"line 3: profiles: ", "bad.json: line 1: ", `tasmota-plug.json:1: id: "tasmota-plug" is the id of a profile that is built in`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
	if _, err := Read([]byte(least+"profiles: nowhere\n"), Environment{Dir: dir}); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// What stays on when Hearth dies is driven only where its owner accepts that.
func TestAcceptance_IsAskedForWhereNothingEndsACommand(t *testing.T) {
	plug := func(kind, profile, params, more string) string {
		return least + links + `devices:
  - name: heater
    kind: ` + kind + `
    profile: ` + profile + `
    link: house
    params: ` + params + `
` + more
	}
	const run = "    run: {power: 1kW, for: 1h}\n    daily: {after: \"00:00\", before: \"24:00\"}\n"
	const gen1 = `{topic: shellies/shellyplug-s-1}`
	text := func(kind, more string) string { return plug(kind, "shelly-gen1-plug", gen1, more) }
	faults := faultsOf(t, text("load", run))
	if faults == nil || !strings.Contains(faults.Error(), "say unguarded: accepted") {
		t.Errorf("a load that nobody switches off: %v", faults)
	}
	for name, c := range map[string]struct{ text, want string }{
		"accepted":      {text("load", run+"    unguarded: accepted\n"), ""},
		"a meter":       {text("meter", ""), ""},
		"not asked for": {text("meter", "    unguarded: accepted\n"), "is not told anything"},
		"another word":  {text("load", run+"    unguarded: fine\n"), "want one of accepted"},
		"has a timer":   {plug("load", "tasmota-plug", "{topic: heater}", run+"    unguarded: accepted\n"), "ends a command by itself"},
	} {
		faults := faultsOf(t, c.text)
		found := ""
		if faults != nil {
			found = faults.Error()
		}
		if strings.Contains(found, "unguarded") != (c.want != "") || !strings.Contains(found, c.want) {
			t.Errorf("%s: %s", name, found)
		}
	}
}
