package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/energy"
)

// withDevice is a configuration with one device, written on the lines from 7 on.
func withDevice(lines string) string {
	return least + "mqtt: [{name: house, url: \"tcp://127.0.0.1:1883\"}]\nmodbus: [{name: cabinet, url: \"tcp://127.0.0.1:502\"}]\ndevices:\n  - name: it\n" +
		"    " + strings.ReplaceAll(strings.TrimSpace(lines), "\n", "\n    ") + "\n"
}

const (
	aLoad      = "kind: load\nprofile: tasmota-plug\nlink: house\nparams: {topic: t}\nrun: {power: 2kW, for: 2h}\n"
	anOven     = "kind: appliance\nprofile: tasmota-plug\nlink: house\nparams: {topic: t}\n"
	aBattery   = "kind: battery\nprofile: huawei-luna\nlink: cabinet\nparams: {unit: 3}\n"
	aCar       = "kind: vehicle\nprofile: keba-p30\nlink: cabinet\nparams: {unit: 255}\n"
	aGridMeter = "kind: grid\nprofile: eastron-sdm630\nlink: cabinet\nparams: {unit: 1}\n"
)

func device(t *testing.T, lines string) Device {
	t.Helper()
	c, err := Read([]byte(withDevice(lines)), Environment{})
	if err != nil {
		t.Fatalf("%s\n%v", lines, err)
	}
	return c.Devices[0]
}

// What is left out is what the documentation of each field says.
func TestDevice_Defaults(t *testing.T) {
	if d := device(t, aLoad); d.Title != "it" || d.Poll != 0 || d.Oldest() != 5*time.Minute || d.Limits != (Limits{}) || d.Daily != (Window{0, 24 * 60}) || d.Load.AtLeast != 0 {
		t.Errorf("load %+v", d)
	}
	if d := device(t, anOven+"program: {power: [1kW]}\n"); d.Appliance.Step != 15*time.Minute || d.Appliance.Length() != 15*time.Minute {
		t.Errorf("appliance %+v", d.Appliance)
	}
	if b := device(t, aBattery+"battery: {capacity: 10kWh, max_charge: 4kW, max_discharge: 3kW}\n").Battery; b.Min != 0 || b.Max != 1 || b.Efficiency != 0.95 || b.Wear != 0 || b.MaxDischarge != 3000 {
		t.Errorf("battery %+v", b)
	}
	if v := device(t, aCar+"vehicle: {need: 14kWh, ready: \"07:00\", max_charge: 11kW, min_charge: 4.14kW}\n").Vehicle; v.Efficiency != 0.9 || v.Ready != 420 {
		t.Errorf("vehicle %+v", v)
	}
}

func TestDevice_SaysWhatIsWritten(t *testing.T) {
	d := device(t, aLoad+"title: Water heater\nmax_age: 1m\nconfirm_within: 20s\nlimits: {min_on: 5m, min_off: 0s, max_switches_a_day: 24}\ndaily: {after: \"22:00\", before: \"06:00\"}\n")
	want := Limits{5 * time.Minute, 0, 24}
	if d.Title != "Water heater" || d.Oldest() != time.Minute || d.ConfirmWithin != 20*time.Second || d.Limits != want || d.Daily.String() != "22:00 to 06:00" {
		t.Errorf("%+v", d)
	}
	if len(d.Params) != 1 || d.Params["topic"] != "t" {
		t.Errorf("what is not written the driver completes: %v", d.Params)
	}
	p := device(t, anOven+"program: {step: 5m, power: [100W, 2kW]}\n").Appliance
	if len(p.Power) != 2 || p.Power[1] != energy.Watts(2000) || p.Length() != 10*time.Minute {
		t.Errorf("%+v", p)
	}
}

// Each rule between the keys of one device, by the key it is broken at.
func TestDevice_RulesOfEachKind(t *testing.T) {
	battery := func(s string) string {
		return aBattery + "battery: {capacity: 10kWh, max_charge: 4kW, max_discharge: 4kW, " + s + "}\n"
	}
	car := func(s string) string {
		return aCar + "vehicle: {need: 14kWh, ready: \"07:00\", max_charge: 11kW, " + s + "}\n"
	}
	for lines, want := range map[string]string{
		battery("min: 50%, max: 50%"):                  `battery.min: "50%": must be below max`,
		battery("min: 120%"):                           `battery.min: "120%": state of charge "120%" is not between`,
		battery("efficiency: 20%"):                     `battery.efficiency: "20%": is the share that comes through`,
		battery("wear: 0.02 USD/kWh"):                  `battery.wear: "0.02 USD/kWh": the home counts in EUR`,
		battery("need: 1kWh"):                          `battery.need: unknown key`,
		car("min_charge: 12kW"):                        `vehicle.min_charge: "12kW": must not be above max_charge`,
		car("min_charge: 4kW, efficiency: 10%"):        `vehicle.efficiency: "10%": is the share that reaches`,
		car("max_discharge: 4kW, min_charge: 4kW"):     `vehicle.max_discharge: unknown key`,
		anOven + "program: {step: 15m}\n":              `program.power: is missing: list what each step takes`,
		anOven + "program: {step: 0s, power: [1kW]}\n": `program.step: "0s": must be longer than nothing`,
		anOven + "program: {power: [1kW, -1kW]}\n":     `program.power[1]: "-1kW": is a magnitude`,
		anOven + "program: {step: 1h, power: [1W, 1W, 1W]}\ndaily: {after: \"19:00\", before: \"21:00\"}\n": `daily: "{after: \"19:00\", before: \"21:00\"}": the program takes 3h0m0s, the window has 2h0m0s`,
		strings.Replace(aLoad, "2h", "5h", 1) + "daily: {after: \"22:00\", before: \"02:00\"}\n":            `daily: "{after: \"22:00\", before: \"02:00\"}": the run takes 5h0m0s, the window has 4h0m0s`,
		strings.Replace(aLoad, "for: 2h", "for: 2h, at_least: 3h", 1):                                       `run.at_least: "3h": must not be longer than for`,
		aLoad + "daily: {after: \"24:00\"}\n":                                                               `daily.after: "24:00": the day begins at 00:00`,
		aLoad + "poll: 5s\n":                                                                                `poll: "5s": is of Modbus`,
		aLoad + "limits: {max_switches_a_day: 0}\n":                                                         `limits.max_switches_a_day: "0": not a count`,
		aLoad + "battery: {capacity: 1kWh}\n":                                                               `battery: unknown key`,
		aGridMeter + "daily: {after: \"07:00\"}\n":                                                          `daily: unknown key`,
		strings.Replace(aGridMeter, "unit: 1", "unit: 1, phase: 3", 1):                                      `params.phase: unknown key`,
		strings.Replace(aLoad, "topic: t", "topic: \"a b\"", 1):                                             `params.topic: "a b": want the letters`,
		strings.Replace(aLoad, "house", "cabinet", 1):                                                       `link: "cabinet": is modbus, and the profile tasmota-plug speaks mqtt`,
		strings.Replace(aLoad, "house", "none", 1):                                                          `link: "none": no mqtt or modbus link has this name; add it under mqtt`,
		strings.Replace(aGridMeter, "grid", "load", 1) + "run: {power: 1W, for: 1h}\n":                      `profile: "eastron-sdm630": does not read switch, which kind load needs`,
	} {
		faults := faultsOf(t, withDevice(lines))
		if faults == nil || !strings.Contains(faults.Error()+"\n", "devices[0]."+want) {
			t.Errorf("%s\ngives\n%v\nwant devices[0].%s", lines, faults.Error(), want)
		}
		for _, f := range faults {
			if f.Line < 6 {
				t.Errorf("%s\nfault on line %d: %v", lines, f.Line, f)
			}
		}
	}
}

// Every kind says of a profile that cannot serve it what is missing, and takes one that can.
func TestDevice_KindsNeedTheirRoles(t *testing.T) {
	specs := map[Kind]string{
		Battery: "battery: {capacity: 10kWh, max_charge: 4kW, max_discharge: 4kW}", Vehicle: "vehicle: {need: 1kWh, ready: \"07:00\", max_charge: 11kW, min_charge: 4kW}",
		Appliance: "program: {power: [1kW]}", Load: "run: {power: 1kW, for: 1h}",
	}
	fits := map[Kind][]string{
		Grid: {"eastron-sdm630", "tasmota-plug", "huawei-luna", "keba-p30"}, Solar: {"eastron-sdm630", "tasmota-plug", "huawei-luna", "keba-p30"},
		Meter: {"eastron-sdm630", "tasmota-plug", "huawei-luna", "keba-p30"}, Battery: {"huawei-luna"}, Vehicle: {"keba-p30"},
		Appliance: {"tasmota-plug"}, Load: {"tasmota-plug"},
	}
	for _, kind := range kinds {
		for profile, wire := range map[string]string{
			"eastron-sdm630": "link: cabinet\nparams: {unit: 1}", "huawei-luna": "link: cabinet\nparams: {unit: 1}",
			"keba-p30": "link: cabinet\nparams: {unit: 1}", "tasmota-plug": "link: house\nparams: {topic: t}",
		} {
			faults := faultsOf(t, withDevice(fmt.Sprintf("kind: %s\nprofile: %s\n%s\n%s", kind, profile, wire, specs[Kind(kind)])))
			fit := strings.Contains(strings.Join(fits[Kind(kind)], " "), profile)
			if fit != (faults == nil) {
				t.Errorf("%s as %s: %v", profile, kind, faults.Error())
			}
			for _, f := range faults {
				if f.Path != "devices[0].profile" || !strings.HasSuffix(f.Text, "which kind "+kind+" needs") {
					t.Errorf("%s as %s: %v", profile, kind, f)
				}
			}
		}
	}
}

func TestDevices_AreHeldAgainstEachOther(t *testing.T) {
	two := func(a, b string) string {
		item := func(s string) string { return "  - " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n    ") + "\n" }
		head, _, _ := strings.Cut(withDevice(aLoad), "  - name: it")
		return head + item(a) + item(b)
	}
	other := strings.Replace(aLoad, "topic: t", "topic: u", 1)
	expect(t, two("name: a\n"+aLoad, "name: b\n"+other))
	expect(t, two("name: a\n"+aLoad, "name: a\n"+other), `line 12: devices[1].name: "a": another device has this name`)
	expect(t, two("name: a\n"+aLoad, "name: b\n"+aLoad), `line 16: devices[1].params: "{topic: t}": device "a" controls the same thing`)
	expect(t, two("name: a\n"+aGridMeter, "name: b\n"+strings.Replace(aGridMeter, "1", "2", 1)), `line 12: devices[1].kind: "grid": another device is the grid meter already`)
	// A meter may be read for two purposes: reading disturbs nobody.
	expect(t, two("name: a\n"+aGridMeter, "name: b\n"+strings.Replace(aGridMeter, "grid", "meter", 1)))
}

func TestPlanning_Bounds(t *testing.T) {
	for value, says := range map[string]string{
		"slot: 15m": "", "slot: 1m": "", "slot: 1h": "", "slot: 7m": "whole part of an hour", "slot: 30s": "whole part of an hour", "slot: 2h": "whole part of an hour", "slot: 0s": "longer than nothing",
		"horizon: 4h": "", "horizon: 168h": "", "horizon: 3h59m": "want 4h to 168h", "horizon: 169h": "want 4h to 168h",
		"every: 1s": "", "every: 0s": "longer than nothing", "time_limit: 0s": "longer than nothing", "limit: 1s": "unknown key",
	} {
		faults := faultsOf(t, least+"planning: {"+value+"}\n")
		if (says == "") != (faults == nil) || !strings.Contains(faults.Error(), says) {
			t.Errorf("%s: %v", value, faults.Error())
		}
	}
}

func TestFallback_IsOnlyWhatIsWritten(t *testing.T) {
	c, err := Read([]byte(least+"fallback: {import_price: 0 EUR/kWh}\n"), Environment{})
	if err != nil {
		t.Fatal(err)
	}
	if f := c.Fallback; f.Import == nil || *f.Import != 0 || f.Export != nil || f.Carbon != nil {
		t.Errorf("a price of zero is a price, a missing one is none: %+v", f)
	}
	expect(t, least+"fallback: {carbon: -1 g/kWh, export_price: cheap}\n",
		`line 3: fallback.export_price: "cheap": want for example "0.21 EUR/kWh"`, `line 3: fallback.carbon: "-1 g/kWh": is a magnitude`)
}
