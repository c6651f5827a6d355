package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"hearth/devices/profiles"
	"hearth/energy"
)

var kinds = []string{string(Grid), string(Solar), string(Meter), string(Battery), string(Vehicle), string(Appliance), string(Load)}

func (r *reader) device(s *section) {
	var d Device
	must(s, "name", parseName, &d.Name)
	d.Title = d.Name
	may(s, "title", parseText, &d.Title)
	var kind string
	must(s, "kind", oneOf(kinds...), &kind)
	d.Kind = Kind(kind)
	must(s, "profile", r.family, &d.Profile)
	must(s, "link", parseName, &d.Link)
	d.Params = r.params(s, d.Profile)
	if may(s, "poll", parsePositiveDuration, &d.Poll) && d.Profile != nil && d.Profile.Transport == profiles.MQTT {
		s.reject("poll", "is of Modbus: a device on MQTT speaks by itself")
	}
	may(s, "max_age", parsePositiveDuration, &d.MaxAge)
	may(s, "confirm_within", parsePositiveDuration, &d.ConfirmWithin)
	limits := s.child("limits")
	may(limits, "min_on", parseDuration, &d.Limits.MinOn)
	may(limits, "min_off", parseDuration, &d.Limits.MinOff)
	may(limits, "max_switches_a_day", parseCount, &d.Limits.MaxSwitchesADay)
	limits.done()
	r.acceptance(s, d)
	r.spec(s, &d)
	r.config.Devices = append(r.config.Devices, d)
	r.sections = append(r.sections, s)
}

// spec reads the part that only this kind of device has; for any other kind its keys are unknown.
func (r *reader) spec(s *section, d *Device) {
	switch d.Kind {
	case Battery:
		d.Battery = r.battery(s.child("battery"))
	case Vehicle:
		d.Vehicle = r.vehicle(s.child("vehicle"))
	case Appliance:
		d.Appliance = r.program(s.child("program"))
		d.Daily, d.IsGreen = r.window(s.child("daily")), r.isGreen(s)
		if len(d.Appliance.Power) > 0 && d.Appliance.Length() > d.Daily.length() {
			s.reject("daily", fmt.Sprintf("the program takes %v, the window has %v", d.Appliance.Length(), d.Daily.length()))
		}
	case Load:
		d.Load = r.run(s.child("run"))
		d.Daily, d.IsGreen = r.window(s.child("daily")), r.isGreen(s)
		if d.Load.For > d.Daily.length() {
			s.reject("daily", fmt.Sprintf("the run takes %v, the window has %v", d.Load.For, d.Daily.length()))
		}
	}
}

// isGreen reads whether a device waits for what a source recommends.
func (r *reader) isGreen(s *section) bool {
	when := "cheapest"
	may(s, "when", oneOf("cheapest", "recommended"), &when)
	return when == "recommended"
}

func (r *reader) battery(s *section) *BatterySpec {
	b := &BatterySpec{Max: 1, Efficiency: 0.95}
	must(s, "capacity", positive(energy.ParseWattHours), &b.Capacity)
	may(s, "min", energy.ParseSoC, &b.Min)
	may(s, "max", energy.ParseSoC, &b.Max)
	must(s, "max_charge", positive(energy.ParseWatts), &b.MaxCharge)
	must(s, "max_discharge", magnitude(energy.ParseWatts), &b.MaxDischarge)
	may(s, "efficiency", energy.ParseSoC, &b.Efficiency)
	may(s, "wear", parsePriceIn(r.currency), &b.Wear)
	if b.Min >= b.Max {
		s.reject("min", "must be below max")
	}
	if b.Efficiency < 0.3 {
		s.reject("efficiency", "is the share that comes through each way, for example 95%")
	}
	s.done()
	return b
}

func (r *reader) vehicle(s *section) *VehicleSpec {
	v := &VehicleSpec{Efficiency: 0.9}
	must(s, "need", positive(energy.ParseWattHours), &v.Need)
	must(s, "ready", parseTimeOfDay, &v.Ready)
	must(s, "max_charge", positive(energy.ParseWatts), &v.MaxCharge)
	must(s, "min_charge", positive(energy.ParseWatts), &v.MinCharge)
	may(s, "efficiency", energy.ParseSoC, &v.Efficiency)
	if v.MinCharge > v.MaxCharge {
		s.reject("min_charge", "must not be above max_charge")
	}
	if v.Efficiency < 0.3 {
		s.reject("efficiency", "is the share that reaches the car's battery, for example 90%")
	}
	s.done()
	return v
}

func (r *reader) program(s *section) *ProgramSpec {
	p := &ProgramSpec{Step: 15 * time.Minute}
	may(s, "step", parsePositiveDuration, &p.Step)
	list(s, "power", magnitude(energy.ParseWatts), &p.Power)
	if len(s.items("power")) == 0 {
		s.reject("power", `is missing: list what each step takes, for example [100W, 2kW, 300W]`)
	}
	s.done()
	return p
}

func (r *reader) run(s *section) *RunSpec {
	p := &RunSpec{}
	must(s, "power", positive(energy.ParseWatts), &p.Power)
	must(s, "for", parsePositiveDuration, &p.For)
	may(s, "at_least", parseDuration, &p.AtLeast)
	if p.AtLeast > p.For {
		s.reject("at_least", "must not be longer than for")
	}
	s.done()
	return p
}

func (r *reader) window(s *section) Window {
	w := Window{0, 24 * 60}
	may(s, "after", parseTimeOfDay, &w.After)
	may(s, "before", parseTimeOfDay, &w.Before)
	if w.After == 24*60 {
		s.reject("after", "the day begins at 00:00")
	}
	s.done()
	return w
}

// length is the window on a day without a change of the clock.
func (w Window) length() time.Duration {
	minutes := w.Before - w.After
	if minutes <= 0 {
		minutes += 24 * 60
	}
	return time.Duration(minutes) * time.Minute
}

// params reads what the profile declares: no more, and all that is required.
func (r *reader) params(s *section, p *profiles.Profile) map[string]string {
	c := s.child("params")
	out := map[string]string{}
	if p == nil {
		return out
	}
	for _, declared := range p.Params {
		read, v := may[string], ""
		if declared.Required {
			read = must[string]
		}
		if read(c, declared.Name, parseParam, &v) {
			out[declared.Name] = v // what is not written, the driver completes
		}
	}
	c.done()
	return out
}

// paramText is what package profiles takes: it ends up in topics and register values.
var paramText = regexp.MustCompile(`^[A-Za-z0-9_./:-]+$`)

func parseParam(s string) (string, error) {
	if !paramText.MatchString(s) {
		return "", errors.New("want the letters A to Z, digits and . _ / : - only")
	}
	return s, nil
}

// check holds the parts against each other.
func (r *reader) check() {
	if r.isMetered && !slices.ContainsFunc(r.config.Devices, func(d Device) bool { return d.Kind == Grid }) {
		r.faults = append(r.faults, Fault{Line: r.lineOf("tariff", 0), Path: "tariff", Text: "tiers and peaks go by the meter of the house connection: there is no device of kind grid"})
	}
	links := r.checkNames()
	names, controls, grids := map[string]bool{}, map[string]string{}, 0
	for i, d := range r.config.Devices {
		s := r.sections[i]
		if d.Name != "" && names[d.Name] {
			s.reject("name", "another device has this name")
		}
		names[d.Name] = true
		if d.Kind == Grid {
			if grids++; grids > 1 {
				s.reject("kind", "another device is the grid meter already")
			}
		}
		if d.Profile == nil || d.Link == "" {
			continue
		}
		r.checkLink(s, d, links)
		r.checkRoles(s, d)
		if len(d.Profile.Actions) > 0 {
			wire := fmt.Sprint(d.Link, d.Profile.ID, d.Params)
			if other, taken := controls[wire]; taken {
				s.reject("params", fmt.Sprintf("device %q controls the same thing", other))
			}
			controls[wire] = d.Name
		}
	}
}

// checkNames holds the names of links and servers against each other; it returns the transport of each link.
func (r *reader) checkNames() map[string]profiles.Transport {
	links, servers := map[string]profiles.Transport{}, map[string]bool{}
	twice := func(path, name string) {
		r.faults = append(r.faults, Fault{Path: path, Value: name, Text: "another one has this name"})
	}
	for _, kind := range []struct {
		path      string
		links     []Link
		transport profiles.Transport
	}{{"mqtt", r.config.MQTT, profiles.MQTT}, {"modbus", r.config.Modbus, profiles.Modbus}} {
		for i, l := range kind.links {
			if _, taken := links[l.Name]; taken && l.Name != "" {
				twice(fmt.Sprintf("%s[%d].name", kind.path, i), l.Name)
			}
			links[l.Name] = kind.transport
		}
	}
	for i, v := range r.config.OpenADR {
		if servers[v.Name] && v.Name != "" {
			twice(fmt.Sprintf("openadr[%d].name", i), v.Name)
		}
		servers[v.Name] = true
	}
	return links
}

func (r *reader) checkLink(s *section, d Device, links map[string]profiles.Transport) {
	transport, ok := links[d.Link]
	switch {
	case !ok:
		s.reject("link", fmt.Sprintf("no mqtt or modbus link has this name; add it under %s", d.Profile.Transport))
	case transport != d.Profile.Transport:
		s.reject("link", fmt.Sprintf("is %s, and the profile %s speaks %s", transport, d.Profile.ID, d.Profile.Transport))
	}
}

// needs is what a profile must offer for each kind: points to read, actions to take.
var needs = map[Kind][2][]string{
	Grid:      {{"power"}, nil},
	Solar:     {{"power"}, nil},
	Meter:     {{"power"}, nil},
	Battery:   {{"power", "soc"}, {"set_power", "release"}},
	Vehicle:   {{"power", "plugged", "session_energy"}, {"set_power"}},
	Appliance: {{"power", "switch"}, {"on", "off"}},
	Load:      {{"switch"}, {"on", "off"}},
}

func (r *reader) checkRoles(s *section, d Device) {
	for i, names := range needs[d.Kind] {
		for _, name := range names {
			hasPoint := slices.ContainsFunc(d.Profile.Points, func(p profiles.Point) bool { return p.Name == name })
			hasAction := slices.ContainsFunc(d.Profile.Actions, func(a profiles.Action) bool { return a.Name == name })
			if i == 0 && !hasPoint {
				s.reject("profile", fmt.Sprintf("does not read %s, which kind %s needs", name, d.Kind))
			}
			if i == 1 && !hasAction {
				s.reject("profile", fmt.Sprintf("cannot %s, which kind %s needs", name, d.Kind))
			}
		}
	}
}
