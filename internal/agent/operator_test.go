package agent

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/api"
	"hearth/devices"
	"hearth/energy"
	"hearth/internal/config"
	"hearth/openadr"
)

// word is an event of some hours from noon with one payload, for the home or for a resource.
func word(t *testing.T, kind, value string, hours int, target string) (e openadr.Event) {
	t.Helper()
	if target != "" {
		target = `,"targets":["` + target + `"]`
	}
	text := fmt.Sprintf(`{"id":"w","eventName":"evening","programID":"p","intervalPeriod":{"start":%q,"duration":"PT%dH"},
		"intervals":[{"id":0,"payloads":[{"type":%q,"values":[%s]}]}]%s}`, noon.Format(time.RFC3339), hours, kind, value, target)
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// cheapNow is a home in which the first two hours are the cheapest, and a way to say something to it.
func cheapNow(t *testing.T, specs ...config.Device) (*desk, func(...openadr.Event)) {
	t.Helper()
	d := atDesk(t, append([]config.Device{gridSpec()}, specs...)...)
	utility := d.follow("utility", "EUR")
	utility.Publish("PRICE", noon, 0.1, 0.1, 0.4, 0.4, 0.4, 0.4)
	d.open()
	return d.cycle(0), func(words ...openadr.Event) {
		utility.Said = append(utility.Said[:1:1], words...)
		d.poll("utility")
		d.cycle(10 * time.Second)
	}
}

func (d *desk) orders() []api.Order { return d.agent.Home().Operator }

// An alert, a level, a setpoint and a limit change the plan in the next cycle, and so does their end; the device says why
// and the page what is done.
func TestOperator_AWordChangesThePlanInTheNextCycle(t *testing.T) {
	for _, c := range []struct{ kind, value, title, why, effect string }{
		{"ALERT_FLEX_ALERT", `"heat wave"`, "Flex alert", "asks to shift use out of 12:00 to 14:00 (Flex alert: heat wave).", "What can be moved goes to other times: 0.6 kWh are planned to be taken from the grid."},
		{"SIMPLE", "2", "Level 2: high", "asks to shift use out of 12:00 to 14:00 (Level 2: high: evening).", "What can be moved goes to other times: 0.6 kWh are planned to be taken from the grid."},
		{"SIMPLE", "3", "Level 3: special", "asks to take as little as can be until 14:00 (Level 3: special: evening).", "Nothing is charged from the grid"},
		{"ALERT_GRID_EMERGENCY", `"line down"`, "Grid emergency", "asks to take as little as can be until 14:00 (Grid emergency: line down).", "Nothing is charged from the grid"},
		{"DISPATCH_SETPOINT", "1", "Take 1kW", "asks for 1kW until 14:00 (evening).", "What can be moved is drawn to it"},
		{"IMPORT_CAPACITY_LIMIT", "1", "At most 1kW may be taken", "allows the home 1kW now (evening).", "Kept to: at most 0.3 kW are planned."},
	} {
		d, say := cheapNow(t, boilerSpec())
		if first := d.agent.plan.Import[0]; first < 1900 || len(d.orders()) != 0 {
			t.Fatalf("the cheap hours are not used: %v, or somebody asks: %v", d.agent.plan.Import, d.orders())
		}
		say(word(t, c.kind, c.value, 2, ""))
		for slot, w := range d.agent.plan.Import[:8] {
			if w > 1000 {
				t.Errorf("%s: slot %d imports %v", c.kind, slot, w)
			}
		}
		if why := d.device("boiler").Why; !strings.HasPrefix(why, "Waits until 1") || !strings.HasSuffix(why, "the grid's operator "+c.why) {
			t.Errorf("%s: the boiler says %q", c.kind, why)
		}
		all := d.orders()
		if len(all) != 1 || all[0].Title != c.title || all[0].Source != "utility" || all[0].Event != "w" || !strings.HasPrefix(all[0].Effect, c.effect) ||
			!all[0].From.Equal(noon) || !all[0].To.Equal(noon.Add(2*time.Hour)) {
			t.Errorf("%s: the page has %+v", c.kind, all)
		}
		if p := d.agent.plan; p.Problem.ImportPrice[0] != energy.PriceOf(0.1) || *d.agent.Home().Price != 0.1 {
			t.Errorf("%s: the price is shown as %v", c.kind, p.Problem.ImportPrice[0])
		}
		say(word(t, c.kind, c.value, 1, "")) // cut short
		if w := d.agent.plan.Import[4]; len(d.orders()) != 1 || w < 1900 {
			t.Errorf("%s is over at 13:00, and then %v are taken: %+v", c.kind, w, d.orders())
		}
	}
}

// What warns people is shown, and changes nothing.
func TestOperator_AWarningIsShownOnly(t *testing.T) {
	d, say := cheapNow(t, boilerSpec())
	before := d.agent.plan.Import[0]
	for _, kind := range []string{"ALERT_WIND", "ALERT_FIRE", "ALERT_OTHER", "ALERT_FREEZING", "ALERT_TSUNAMI", "ALERT_AIR_QUALITY"} {
		say(word(t, kind, `"take care"`, 5, ""))
		all := d.orders()
		if len(all) != 1 || all[0].Kind != "notice" || all[0].Text != "take care" || d.agent.plan.Import[0] != before {
			t.Errorf("%s: %+v, %v", kind, all, d.agent.plan.Import[0])
		}
	}
}

// A setpoint of a resource of ours is the device's in the next cycle; the device is told.
func TestOperator_ASetpointOfADeviceIsToldToIt(t *testing.T) {
	d := atDesk(t, gridSpec(), batterySpec())
	utility := d.follow("utility", "EUR")
	d.vtns[0].Resources = []string{"battery"}
	utility.Publish("PRICE", noon, 0.3, 0.3, 0.3)
	d.open().cycle(0)
	d.fakes["battery"].commands()
	utility.Said = append(utility.Said, word(t, "DISPATCH_SETPOINT", "2.5", 1, "battery"))
	d.poll("utility")
	d.cycle(10 * time.Second)
	if told := d.fakes["battery"].commands(); told != "power 2.5kW" {
		t.Errorf("told %q", told)
	}
	if why := d.device("battery").Why; why != "As the grid's operator asks, until 13:00 (evening)." {
		t.Errorf("%q", why)
	}
	if all := d.orders(); len(all) != 1 || all[0].Device != "battery" {
		t.Errorf("%+v", all)
	}
}

// A car's deadline comes before a flex alert, and after an emergency; there is a plan in each case.
func TestOperator_ADeadlineYieldsToAnEmergencyOnly(t *testing.T) {
	for kind, charges := range map[string]bool{"ALERT_FLEX_ALERT": true, "ALERT_GRID_EMERGENCY": false} {
		d, say := cheapNow(t, carSpec()) // ready at 20:00
		d.fakes["car"].say(func(o *devices.Observation) { o.Plugged = known(true) })
		say(word(t, kind, `"x"`, 9, ""))
		charged := energy.WattHours(0)
		for slot, w := range d.agent.plan.Power("car") {
			if slot < 32 {
				charged += w.Over(15 * time.Minute)
			}
		}
		if isCharged := charged > 7900; isCharged != charges || d.agent.planErr != nil || d.agent.Home().Plan.Status == "relaxed" {
			t.Errorf("%s: %v until 20:00; %v, %v", kind, charged, d.agent.planErr, d.agent.Home().Plan)
		}
	}
}
