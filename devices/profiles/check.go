package profiles

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	profileID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	paramName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// Placeholders that the driver fills in at each command; a parameter cannot have their names.
var drivers = []string{"value", "lease_s", "lease_min", "request_id", "reply"}

// requests are those that every message may have: its number, and where the answer is to go.
var requests = []string{"request_id", "reply"}

// The vocabulary of points, each with the units it may come in.
var pointUnits = map[string][]string{
	"power":          {"W", "kW"},
	"setpoint":       {"W", "kW", "A", "mA"},
	"energy_import":  {"Wh", "kWh", "Wmin"},
	"energy_export":  {"Wh", "kWh", "Wmin"},
	"session_energy": {"Wh", "kWh", "Wmin"},
	"soc":            {"%"},
	"switch":         {"bool"},
	"plugged":        {"bool"},
	"online":         {"bool"},
	"mode":           {"enum"},
	"lease_left":     {"s"},
	"current_l1":     {"A", "mA"},
	"current_l2":     {"A", "mA"},
	"current_l3":     {"A", "mA"},
	"phases":         {"enum"},
	"temperature":    {"°C"},
	"thermal_mode":   {"enum"},
	"curtail":        {"W", "kW", "%"},
}

var actionNames = []string{
	"on", "off", "set_power", "release", "setup", "curtail", "lift", "phases_1", "phases_3",
	"mode_blocked", "mode_normal", "mode_recommended", "mode_forced",
}

// check judges what the profile says, its shape being right.
func (p *Profile) check(f *faults) {
	if p.Schema != 1 {
		f.add("schema", "%d, want 1", p.Schema)
	}
	if !profileID.MatchString(p.ID) {
		f.add("id", "%q, want small letters, digits and single dashes", p.ID)
	}
	if p.Title == "" {
		f.add("title", "missing")
	}
	if p.Transport != MQTT && p.Transport != Modbus {
		f.add("transport", "%q, want %q or %q", p.Transport, MQTT, Modbus)
	}
	if len(p.Source) == 0 {
		f.add("source", "missing: say where the facts come from")
	}
	p.checkParams(f)
	if len(p.Points) == 0 {
		f.add("points", "missing: a device that says nothing cannot be driven")
	}
	for i, point := range p.Points {
		at := fmt.Sprintf("points[%d]", i)
		p.checkPoint(point, at, f)
		isTwin := func(o Point) bool { return o.Name == point.Name && (o.When == nil || point.When == nil) }
		if p.Transport == Modbus && slices.ContainsFunc(p.Points[:i], isTwin) {
			f.add(at+".when", "missing: %s stands twice, so each needs one", point.Name)
		}
	}
	for i, a := range p.Actions {
		p.checkAction(i, a, fmt.Sprintf("actions[%d]", i), f)
	}
	p.checkReads(f)
	p.checkControl(f)
	p.checkRoles(f)
	p.checkLimits(f)
	p.checkTalk(f)
}

func (p *Profile) checkParams(f *faults) {
	for i, d := range p.Params {
		at := fmt.Sprintf("params[%d]", i)
		earlier := func(name string) bool {
			return slices.ContainsFunc(p.Params[:i], func(o Param) bool { return o.Name == name })
		}
		switch {
		case !paramName.MatchString(d.Name) || slices.Contains(drivers, d.Name):
			f.add(at+".name", "%q cannot be the name of a parameter", d.Name)
		case earlier(d.Name):
			f.add(at+".name", "%q stands twice", d.Name)
		}
		switch {
		case d.Required && d.Default != "":
			f.add(at+".default", "a required parameter has none")
		case !d.Required && !paramValue.MatchString(placeholder.ReplaceAllString(d.Default, "x")):
			f.add(at+".default", "%q, want A-Z a-z 0-9 _ . / : -", d.Default)
		}
		for _, name := range placeholders(d.Default) {
			if !earlier(name) {
				f.add(at+".default", "{%s} is no parameter declared before", name)
			}
		}
		if len(d.OneOf) > 0 && !d.Required && !slices.Contains(d.OneOf, d.Default) {
			f.add(at+".default", "%q is none of %s", d.Default, strings.Join(d.OneOf, ", "))
		}
		if d.About == "" {
			f.add(at+".about", "missing: say what to fill in")
		}
	}
}

func (p *Profile) checkPoint(q Point, at string, f *faults) {
	if units, ok := pointUnits[q.Name]; !ok {
		f.add(at+".name", "%q is no point%s", q.Name, nearest(q.Name, slices.Collect(maps.Keys(pointUnits))))
	} else if !slices.Contains(units, q.Unit) && !p.isParam(q.Unit) {
		f.add(at+".unit", "%q, want %s for %s", q.Unit, strings.Join(units, " or "), q.Name)
	}
	if q.Sign < -1 || q.Sign > 1 {
		f.add(at+".sign", "%d, want -1 or 1", q.Sign)
	}
	if q.MaxAgeS < 0 {
		f.add(at+".max_age_s", "%d is negative", q.MaxAgeS)
	}
	if q.Min != nil && q.Max != nil && *q.Min > *q.Max {
		f.add(at+".min", "%v is above max %v", *q.Min, *q.Max)
	}
	switch p.Transport {
	case MQTT:
		p.checkTopicPoint(q, at, f)
	case Modbus:
		p.checkRegisterPoint(q, at, f)
	}
}

func (p *Profile) checkAction(i int, a Action, at string, f *faults) {
	switch {
	case !slices.Contains(actionNames, a.Name):
		f.add(at+".name", "%q is no action%s", a.Name, nearest(a.Name, actionNames))
	case slices.ContainsFunc(p.Actions[:i], func(o Action) bool { return o.Name == a.Name }):
		f.add(at+".name", "%q stands twice", a.Name)
	}
	switch {
	case p.Transport == MQTT && (len(a.Publish) == 0 || len(a.Write) > 0):
		f.add(at, "an mqtt action has publish, and nothing else")
	case p.Transport == Modbus && (len(a.Write) == 0 || len(a.Publish) > 0):
		f.add(at, "a modbus action has write, and nothing else")
	}
	own := filledBy(a.Name)
	for j, m := range a.Publish {
		p.checkMessage(m, fmt.Sprintf("%s.publish[%d]", at, j), own, f)
	}
	for j, w := range a.Write {
		p.checkWrite(w, fmt.Sprintf("%s.write[%d]", at, j), own, f)
	}
}

// filledBy names what the driver fills in for an action: setup comes without a command, only a power has a value.
func filledBy(action string) []string {
	switch action {
	case "set_power", "curtail":
		return drivers
	case "setup":
		return requests
	}
	return []string{"lease_s", "lease_min", "request_id", "reply"}
}

// checkControl sees that whoever can be told also shows it.
func (p *Profile) checkControl(f *faults) {
	_, canOn := p.Action("on")
	_, canOff := p.Action("off")
	set, canSet := p.Action("set_power")
	_, canRelease := p.Action("release")
	switch {
	case canOn && !canOff:
		f.add("actions", "on needs off")
	case canOff && !canOn && !canSet:
		f.add("actions", "off needs on or set_power")
	}
	if canSet != canRelease {
		f.add("actions", "set_power and release need each other")
	}
	if canSet && !set.mentions("value") {
		f.add("actions", "set_power does not mention {value}")
	}
	if p.acts() && p.Confirm == nil {
		f.add("confirm", "missing: a device that is controlled has to show it")
	}
	if c := p.Confirm; c != nil {
		fits := c.Point == "switch" || (canSet && (c.Point == "setpoint" || c.Point == "power")) || p.showsRole(c.Point)
		if !fits || !p.Has(c.Point) {
			f.add("confirm.point", "%q is no point by which these actions show", c.Point)
		}
		if c.WithinS <= 0 {
			f.add("confirm.within_s", "%v, want more than 0", c.WithinS)
		}
		if c.Tolerance < 0 {
			f.add("confirm.tolerance", "%v is negative", c.Tolerance)
		}
	}
	p.checkLease(f)
}

func (p *Profile) checkLease(f *faults) {
	l := p.Lease
	switch {
	case l == nil:
		if p.acts() && p.Unguarded == "" {
			f.add("unguarded", "missing: without a lease, say what it stays doing when we fall silent")
		}
		return
	case p.Unguarded != "":
		f.add("unguarded", "there is a lease")
	}
	if l.Kind != "timer" && l.Kind != "silent" && l.Kind != "heartbeat" {
		f.add("lease.kind", "%q, want timer, silent or heartbeat", l.Kind)
	}
	if (l.Kind == "heartbeat") != (l.EveryS > 0) {
		f.add("lease.every_s", "%v, want more than 0 for a heartbeat, and only there", l.EveryS)
	}
	if l.MinS < 0 || l.MaxS <= 0 || l.MinS > l.MaxS {
		f.add("lease", "from %v to %v seconds is no lease", l.MinS, l.MaxS)
	}
	p.checkVerify(l, f)
	if l.Add < 0 {
		f.add("lease.add", "%d is negative", l.Add)
	}
	for _, a := range p.Actions {
		begins := slices.Contains([]string{"on", "set_power", "curtail", "mode_blocked", "mode_recommended", "mode_forced"}, a.Name)
		if l.Kind == "timer" && begins && !a.mentions("lease_s") && !a.mentions("lease_min") {
			f.add("lease", "%s does not mention {lease_s} or {lease_min}: nothing sets the timer", a.Name)
		}
	}
}

func (p *Profile) checkLimits(f *faults) {
	l := p.Limits
	if l.MinW > 0 || l.MaxW < 0 || l.MinW > l.MaxW {
		f.add("limits", "from %v W to %v W does not hold 0", l.MinW, l.MaxW)
	}
	for name, v := range map[string]float64{
		"floor_w": l.FloorW, "step_w": l.StepW, "min_on_s": l.MinOnS, "min_off_s": l.MinOffS, "max_switches_day": float64(l.MaxSwitchesDay),
	} {
		if v < 0 {
			f.add("limits."+name, "%v is negative", v)
		}
	}
}

// checkText sees that each {name} is a parameter or one of the driver's own.
func (p *Profile) checkText(text, at string, own []string, f *faults) {
	for _, name := range placeholders(text) {
		isParam := slices.ContainsFunc(p.Params, func(d Param) bool { return d.Name == name })
		if !isParam && !slices.Contains(own, name) {
			f.add(at, "{%s} is not declared in params", name)
		}
	}
	if strings.ContainsAny(placeholder.ReplaceAllString(text, ""), "{}") && own == nil {
		f.add(at, "%q has a stray brace", text)
	}
}

func (a Action) mentions(name string) bool {
	has := func(text string) bool { return slices.Contains(placeholders(text), name) }
	return slices.ContainsFunc(a.Publish, func(m Message) bool { return has(m.Payload) }) ||
		slices.ContainsFunc(a.Write, func(w Write) bool { return has(w.Value) })
}

// placeholders are the names in braces. JSON in a payload has braces too, but never around a bare word.
func placeholders(text string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if paramName.MatchString(m[1]) {
			names = append(names, m[1])
		}
	}
	return names
}

func isNumber(s string) bool { _, err := strconv.ParseFloat(s, 64); return err == nil }
