package listen

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/config"
	"hearth/openadr"
	"hearth/openadr/ven"
)

// event is one interval of an hour from noon with one payload; rest is more of the event, as JSON.
func event(t *testing.T, id, kind, value, rest string) (e openadr.Event) {
	t.Helper()
	text := fmt.Sprintf(`{"id":%q,"programID":"p","intervalPeriod":{"start":"2026-05-12T12:00:00Z","duration":"PT1H"},
		"payloadDescriptors":[{"objectType":"EVENT_PAYLOAD_DESCRIPTOR","payloadType":"CHARGE_STATE_SETPOINT","units":"PERCENT"}],
		"intervals":[{"id":0,"payloads":[{"type":%q,"values":[%s]}]}]%s}`, id, kind, value, rest)
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// asked is what a VTN asks in the hour from noon, each as "kind device power|soc|level title: text".
func (d *table) asked(name string) []string {
	var out []string
	for _, o := range d.signals(noon).Orders {
		if o.Source != name || o.Event == "" || !o.Contains(noon) {
			d.Errorf("%+v", o)
		}
		out = append(out, strings.TrimRight(fmt.Sprintf("%s %s %v %v %d %s: %s", o.Kind, o.Device, o.Power, o.SoC, o.Level, o.Title, o.Text), ": "))
	}
	return out
}

// Every word that is an operator's becomes an order, or is told as not followed.
func TestOrders_EveryWordIsAnOrder(t *testing.T) {
	for _, c := range []struct{ kind, value, want string }{
		{"SIMPLE", "0", ""},
		{"SIMPLE", "1", "moderate  0W 0% 1 Level 1: moderate: evening"},
		{"SIMPLE", "2", "high  0W 0% 2 Level 2: high: evening"},
		{"SIMPLE", "3", "emergency  0W 0% 3 Level 3: special: evening"},
		{"IMPORT_CAPACITY_LIMIT", "4.2", "import_limit  4.2kW 0% 0 At most 4.2kW may be taken: evening"},
		{"IMPORT_CAPACITY_SUBSCRIPTION", "0", "import_limit  0W 0% 0 At most 0W may be taken: evening"},
		{"EXPORT_CAPACITY_LIMIT", "1", "export_limit  1kW 0% 0 At most 1kW may be given: evening"},
		{"DISPATCH_SETPOINT", "3", "setpoint  3kW 0% 0 Take 3kW: evening"},
		{"DISPATCH_SETPOINT_RELATIVE", "-2", "moderate  0W 0% 0 Take 2kW less: evening"},
		{"DISPATCH_SETPOINT_RELATIVE", "2", "unfollowed  0W 0% 0 Take 2kW more: evening"},
		{"DISPATCH_SETPOINT_RELATIVE", "0", ""},
		{"CHARGE_STATE_SETPOINT", "0.8", "charge  0W 80% 0 Have 80% stored: evening"},
		{"CONTROL_SETPOINT", `"eco"`, "unfollowed  0W 0% 0 A setting: evening"},
		{"CURVE", `{"x":0.9,"y":1}`, "unfollowed  0W 0% 0 A curve for the inverter: evening"},
		{"OLS", "0.5", "unfollowed  0W 0% 0 A shape of the load: evening"},
		{"ALERT_FLEX_ALERT", `"heat\nwave"`, "high  0W 0% 0 Flex alert: heat wave"},
		{"ALERT_GRID_EMERGENCY", `""`, "emergency  0W 0% 0 Grid emergency"},
		{"ALERT_BLACK_START", `"x"`, "emergency  0W 0% 0 Black start: x"},
		{"ALERT_POSSIBLE_OUTAGE", `"x"`, "outage  0W 0% 0 Possible outage: x"},
		{"ALERT_FIRE", `"x"`, "notice  0W 0% 0 Fire: x"},
		{"ALERT_AIR_QUALITY", `"x"`, "notice  0W 0% 0 Air quality: x"},
		{"ALERT_OTHER", `"x"`, "notice  0W 0% 0 Alert: x"},
		{"PRICE", "0.3", ""}, {"GHG", "100", ""}, {"PRIVATE", "1", ""},
	} {
		d := atTable(t)
		d.follow("utility", "EUR").Said = []openadr.Event{event(t, "e", c.kind, c.value, `,"eventName":"evening"`)}
		if got := strings.Join(d.open().asked("utility"), "; "); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.kind, c.value, got, c.want)
		}
	}
}

// What names a device of ours is for it; what holds for the home is asked once, of the home.
func TestOrders_OfADeviceAreForIt(t *testing.T) {
	d := atTable(t)
	d.cfg.Devices = []config.Device{{Name: "car", Kind: config.Vehicle}, {Name: "boiler", Kind: config.Load}}
	const ofCar = `,"targets":["car"]`
	d.follow("utility", "EUR").Said = []openadr.Event{
		event(t, "home", "DISPATCH_SETPOINT", "3", ""), event(t, "limit", "IMPORT_CAPACITY_LIMIT", "9", ""), event(t, "flex", "ALERT_FLEX_ALERT", `"x"`, ""),
		event(t, "car-limit", "IMPORT_CAPACITY_LIMIT", "5", `,"priority":1`+ofCar), event(t, "car-power", "DISPATCH_SETPOINT", "2", `,"priority":1`+ofCar),
		event(t, "car-charge", "CHARGE_STATE_SETPOINT", "0.8", ofCar), event(t, "car-outage", "ALERT_POSSIBLE_OUTAGE", `"z"`, ofCar),
		event(t, "car-level", "SIMPLE", "2", ofCar), event(t, "car-change", "DISPATCH_SETPOINT_RELATIVE", "-1", ofCar), event(t, "car-alert", "ALERT_FIRE", `"y"`, ofCar),
	}
	d.vtns[0].Resources = []string{"car", "boiler", "somebody else's"}
	want := []string{
		"import_limit  9kW 0% 0 At most 9kW may be taken", "setpoint  3kW 0% 0 Take 3kW", "high  0W 0% 0 Flex alert: x",
		"unfollowed car 0W 0% 0 Level 2: high", "import_limit car 5kW 0% 0 At most 5kW may be taken", "setpoint car 2kW 0% 0 Take 2kW",
		"unfollowed car 0W 0% 0 A change of -1kW", "unfollowed car 0W 80% 0 Have 80% stored", "outage  0W 0% 0 Possible outage: z", "notice  0W 0% 0 Fire: y",
	}
	if got := d.open().asked("utility"); !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What only measures cannot follow, and of a device's charge only a battery knows.
func TestOrders_ADeviceIsNotAskedWhatItCannot(t *testing.T) {
	asks := []decide.Kind{decide.Setpoint, decide.ImportLimit, decide.Charge}
	for kind, want := range map[config.Kind][]decide.Kind{
		config.Battery: asks, config.Vehicle: {decide.Setpoint, decide.ImportLimit, decide.Unfollowed}, config.Load: {decide.Setpoint, decide.ImportLimit, decide.Unfollowed},
		config.Grid: {decide.Unfollowed, decide.Unfollowed, decide.Unfollowed}, config.Solar: {decide.Unfollowed, decide.Unfollowed, decide.Unfollowed},
	} {
		for i, k := range asks {
			o := decide.Order{Kind: k, Title: "t"}
			if possible(&o, kind); o.Kind != want[i] || o.Kind == decide.Unfollowed && o.Effect == "" {
				t.Errorf("%s %s: %+v", kind, k, o)
			}
		}
	}
}

// Intervals that follow each other and say the same are one order; a schedule without end does not make thousands.
func TestOrders_AreFew(t *testing.T) {
	d := atTable(t)
	d.follow("utility", "EUR").Publish("IMPORT_CAPACITY_LIMIT", noon, 5, 5, 5, 4, 4, 5)
	d.open()
	var got []string
	for _, o := range d.signals(noon).Orders {
		got = append(got, fmt.Sprint(o.Power, " ", o.Start.Sub(noon).Hours(), "-", o.End.Sub(noon).Hours()))
	}
	if want := []string{"5kW 0-3", "4kW 3-5", "5kW 5-6"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	var many energy.Series[ven.Told[energy.Watts]]
	for i := range 5000 {
		many.Points = append(many.Points, energy.Point[ven.Told[energy.Watts]]{Interval: energy.Span(noon.Add(time.Duration(i)*time.Second), time.Second), Value: ven.Told[energy.Watts]{Value: energy.Watts(i)}})
	}
	said := ven.Curves{MaxImport: many, Resources: map[string]ven.Curves{"car": {Dispatch: many}}}
	d.cfg.Devices = []config.Device{{Name: "car"}}
	if n := len(d.chorus.ordersOf(d.chorus.vens[0], said, energy.Span(noon, 24*time.Hour))); n != maxOrders {
		t.Errorf("%d orders", n)
	}
}

// The page has what holds and what comes within a day, in the order of time; what never ends has no end.
func TestAnnounced_IsTheNextDay(t *testing.T) {
	order := func(from, hours int) decide.Order {
		return decide.Order{Interval: energy.Span(noon.Add(time.Duration(from)*time.Hour), time.Duration(hours)*time.Hour), Kind: decide.High, Title: fmt.Sprint(from), Source: "utility"}
	}
	orders := []decide.Order{order(20, 1), order(-3, 3), order(-3, 4), order(25, 1), order(2, 24*7), order(5, 24*6)}
	var got []string
	for _, o := range Announced(orders, noon, func(o decide.Order) string { return "does " + o.Title }) {
		to := "open"
		if o.To != nil {
			to = o.To.Format("15:04")
		}
		got = append(got, o.Title+" "+o.From.Format("15:04")+" "+to)
		if o.Effect != "does "+o.Title || o.Source != "utility" || o.Kind != "high" {
			t.Errorf("%+v", o)
		}
	}
	if want := []string{"-3 09:00 13:00", "2 14:00 open", "5 17:00 17:00", "20 08:00 09:00"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if all := Announced(slices.Repeat(orders, 30), noon, func(decide.Order) string { return "" }); len(all) != shown {
		t.Errorf("%d are shown", len(all))
	}
}

// Of an operator that the home has opted out of, the limits hold all the same; the rest is told as not followed.
func TestOrders_OptedOutOnlyLimitsHold(t *testing.T) {
	d := atTable(t)
	d.cfg.OpenADR = []config.VTN{{Name: "utility", IsOptedOut: true}, {Name: "other"}}
	said := []openadr.Event{
		event(t, "l", "IMPORT_CAPACITY_LIMIT", "5", ""), event(t, "x", "EXPORT_CAPACITY_LIMIT", "5", ""), event(t, "s", "SIMPLE", "2", ""),
		event(t, "a", "ALERT_GRID_EMERGENCY", `"x"`, ""), event(t, "n", "ALERT_WIND", `"x"`, ""),
	}
	d.follow("utility", "EUR").Said, d.follow("other", "EUR").Said = said, said
	got := map[string][]decide.Kind{}
	for _, o := range d.open().signals(noon).Orders {
		if got[o.Source] = append(got[o.Source], o.Kind); o.Kind == decide.Unfollowed && (o.Effect != "this home has opted out" || o.Title == "") {
			t.Errorf("%+v", o)
		}
	}
	for name, want := range map[string][]decide.Kind{
		"utility": {decide.Unfollowed, decide.ImportLimit, decide.ExportLimit, decide.Notice, decide.Unfollowed},
		"other":   {decide.High, decide.ImportLimit, decide.ExportLimit, decide.Notice, decide.Emergency},
	} {
		if !slices.Equal(got[name], want) {
			t.Errorf("%s: %v, want %v", name, got[name], want)
		}
	}
}

// The level that is reported is the one the home went by: of an operator that it has opted out of, none; its limits curtail
// all the same.
func TestObeyed_OfAnOptedOutOperatorIsTheLimitOnly(t *testing.T) {
	for _, c := range []struct {
		kind, value    string
		level, optedTo int
		is, isOptedTo  bool
	}{
		{"SIMPLE", "2", 2, 0, true, false},
		{"SIMPLE", "0", 0, 0, false, false},
		{"ALERT_GRID_EMERGENCY", `"x"`, 0, 0, true, false},
		{"IMPORT_CAPACITY_LIMIT", "5", 0, 0, true, true},
		{"ALERT_WIND", `"x"`, 0, 0, false, false},
	} {
		for _, isOptedOut := range []bool{false, true} {
			d := atTable(t)
			d.cfg.OpenADR = []config.VTN{{Name: "utility", IsOptedOut: isOptedOut}}
			d.follow("utility", "EUR").Said = []openadr.Event{event(t, "e", c.kind, c.value, "")}
			told, isCurtailed, isKnown := d.open().chorus.Obeyed("utility", energy.Span(noon, time.Hour))
			level, want, is := 0, c.level, c.is
			if told != nil {
				level = *told
			}
			if isOptedOut {
				want, is = c.optedTo, c.isOptedTo
			}
			if level != want || isCurtailed != is || !isKnown {
				t.Errorf("%s, opted out %v: level %d, curtailed %v, known %v", c.kind, isOptedOut, level, isCurtailed, isKnown)
			}
		}
	}
}
