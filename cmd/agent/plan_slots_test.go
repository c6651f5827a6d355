package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/scheduler"
)

func TestSlotRules_AreLengthsAndHowLongTheyHold(t *testing.T) {
	for text, want := range map[string]slotRules{
		"5m:3h,15m:24h,60m": {{Slot: 5 * time.Minute, Until: 3 * time.Hour}, {Slot: 15 * time.Minute, Until: 24 * time.Hour}, {Slot: time.Hour}},
		"1h":                {{Slot: time.Hour}},
		"15m:1h30m":         {{Slot: 15 * time.Minute, Until: 90 * time.Minute}},
		"":                  nil, "15": nil, "15m,60m": nil, "15m:": nil, "0m:1h,1h": nil, "15m:-1h": nil, "15m:1h,": nil, "-5m": nil,
	} {
		var got slotRules
		err := got.UnmarshalText([]byte(text))
		if (err == nil) != (want != nil) || err == nil && !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
}

// What is printed has the slots of the file, costs what it says, and stands above its bound.
func TestPlan_OnLongerSlotsIsAPlanOfTheFile(t *testing.T) {
	const file = "../../scheduler/testdata/problems/M0.json"
	code, out, errs := hearth(t.Context(), "", "plan", "--time-limit", "1m", "--gap", "0.2", "--slots", "15m:6h,30m:24h,60m", file)
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var plan struct {
		Objective  float64  `json:"objective"`
		LowerBound *float64 `json:"lower_bound"`
		Status     string   `json:"status"`
		Devices    []struct {
			Power []float64 `json:"power_w"`
		} `json:"devices"`
	}
	if err := json.Unmarshal([]byte(out), &plan); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	problem, err := scheduler.ReadProblem(f)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range plan.Devices {
		if len(d.Power) != problem.Slots() {
			t.Errorf("device %d has %d powers, the file %d slots", i, len(d.Power), problem.Slots())
		}
	}
	if plan.Status == "relaxed" || plan.LowerBound == nil || *plan.LowerBound > plan.Objective || *plan.LowerBound < plan.Objective-0.2 {
		t.Errorf("%s: %s", plan.Status, out)
	}
}

func TestPlan_NamesSlotsThatCannotBe(t *testing.T) {
	const file = "../../scheduler/testdata/problems/M0.json"
	for slots, want := range map[string]string{
		"often":           `"often": want a length and up to when it holds`,
		"20m:3h,60m":      "slots of 20m0s: no whole steps of 15m0s",
		"15m:3h,25h":      "slots of 25h0m0s: want up to 24h0m0s",
		"15m:3h,1h:2h,2h": "slots of 1h0m0s until 2h0m0s, which is no later than 3h0m0s",
	} {
		code, out, errs := hearth(t.Context(), "", "plan", "--slots", slots, file)
		if code != exitUsage || out != "" || !strings.Contains(errs, "--slots: ") || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, %s", slots, code, errs)
		}
	}
}
