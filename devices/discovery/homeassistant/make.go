package homeassistant

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"hearth/devices/profiles"
)

const (
	source  = "made of what the device tells Home Assistant: https://www.home-assistant.io/integrations/mqtt/"
	maxAgeS = 300 // when the device does not say after what time a value expires
)

// profilesOf are one for each switch of a device, or one of what it measures. What it measures goes to the
// switch when there is one only, as nobody could say to which of several.
func profilesOf(group []entity) (made []*profiles.Profile, skipped []Skipped) {
	var switches []entity
	points := map[string][]entity{}
	for _, e := range group {
		if e.platform == "switch" {
			switches = append(switches, e)
			continue
		}
		name, err := pointOf(e)
		if err != nil {
			skipped = append(skipped, e.skip(err.Error()))
			continue
		}
		points[name] = append(points[name], e)
	}
	var measured []profiles.Point
	for _, name := range []string{"power", "energy_import"} {
		if len(points[name]) > 1 {
			for _, e := range points[name] {
				skipped = append(skipped, e.skip("the device has several of its kind: say in a profile of your own which is which"))
			}
			continue
		}
		for _, e := range points[name] {
			p, err := sensor(e, name)
			if err != nil {
				skipped = append(skipped, e.skip(err.Error()))
				continue
			}
			measured = append(measured, p)
		}
	}
	for _, e := range switches {
		with := measured
		if len(switches) > 1 {
			with = nil
		}
		p, err := switched(e, with)
		if err != nil {
			skipped = append(skipped, e.skip(err.Error()))
			continue
		}
		made = append(made, p)
	}
	if len(made) > 0 && len(switches) == 1 || len(measured) == 0 {
		return made, skipped
	}
	p, err := meter(group, points, measured)
	if err != nil {
		return made, append(skipped, group[0].skip(err.Error()))
	}
	return append(made, p), skipped
}

// pointOf is what a sensor measures, in our words.
func pointOf(e entity) (string, error) {
	if e.platform != "sensor" {
		return "", fmt.Errorf("is a %s: only sensors and switches are read", cmp.Or(e.platform, "thing of no kind"))
	}
	switch class := e.text("device_class"); class {
	case "power":
		return "power", nil
	case "energy":
		if c := e.text("state_class"); c != "total_increasing" && c != "total" {
			return "", fmt.Errorf("an energy of state class %q is no counter", c)
		}
		return "energy_import", nil
	default:
		return "", fmt.Errorf("measures %q: only power and energy are read", class)
	}
}

func sensor(e entity, name string) (p profiles.Point, err error) {
	path, err := pathOf(e.text("value_template"))
	if err != nil {
		return p, err
	}
	p = profiles.Point{Name: name, Unit: e.text("unit_of_measurement"), Topic: e.text("state_topic"), Path: path, MaxAgeS: maxAgeS}
	if n, err := strconv.Atoi(e.text("expire_after")); err == nil && n > 0 {
		p.MaxAgeS = n
	}
	low, high := -1_000_000.0, 1_000_000.0
	p.Min, p.Max = &low, &high
	if name == "energy_import" {
		low, p.Max = 0, nil
	}
	// Judged alone, so that its faults are told of it and not of the whole device.
	_, _, err = profiles.Make(base("ha-x", "x", []profiles.Point{p}))
	return p, err
}

func base(id, title string, points []profiles.Point) profiles.Profile {
	return profiles.Profile{Schema: 1, ID: id, Title: title, Transport: profiles.MQTT, Source: []string{source}, Points: points}
}

func meter(group []entity, points map[string][]entity, measured []profiles.Point) (*profiles.Profile, error) {
	e := group[0]
	if len(points["power"]) == 1 {
		e = points["power"][0]
	}
	online, err := availability(e)
	if err != nil {
		return nil, err
	}
	p, _, err := profiles.Make(base(idOf(e.device), title(e), append(online, measured...)))
	return p, err
}

// switched is the profile of a switch that can be seen and is watched.
func switched(e entity, measured []profiles.Point) (*profiles.Profile, error) {
	path, err := pathOf(e.text("value_template"))
	switch {
	case err != nil:
		return nil, err
	case e.text("state_topic") == "" || e.text("optimistic") == "true":
		return nil, errors.New("says nothing of its state: a command could not be seen")
	case e.text("command_template") != "":
		return nil, errors.New("its commands are made by a template")
	}
	online, err := availability(e)
	if err != nil {
		return nil, err
	}
	if len(online) == 0 {
		return nil, errors.New("says nothing of its availability: nobody could tell a dead one from one at rest")
	}
	on, off := cmp.Or(e.text("payload_on"), "ON"), cmp.Or(e.text("payload_off"), "OFF")
	state := profiles.Point{
		Name: "switch", Unit: "bool", Topic: e.text("state_topic"), Path: path, Holds: "online", RetainedOK: true, MaxAgeS: 60,
		Map: map[string]any{cmp.Or(e.text("state_on"), on): true, cmp.Or(e.text("state_off"), off): false},
	}
	p := base(idOf(cmp.Or(e.text("unique_id"), e.device+" "+e.name)), title(e), append(append(online, state), measured...))
	for name, payload := range map[string]string{"on": on, "off": off} {
		p.Actions = append(p.Actions, profiles.Action{Name: name, Publish: []profiles.Message{{Topic: e.text("command_topic"), Payload: payload}}})
	}
	if p.Actions[0].Name != "on" {
		p.Actions[0], p.Actions[1] = p.Actions[1], p.Actions[0]
	}
	p.Confirm = &profiles.Confirm{Point: "switch", WithinS: 15}
	p.Unguarded = "it stays on when Hearth falls silent"
	p.Limits = profiles.Limits{MinOnS: 60, MinOffS: 60, MaxSwitchesDay: 48}
	made, _, err := profiles.Make(p)
	return made, err
}

// availability are points that all have to be true: stricter than any of several, which nobody needs to be sure.
func availability(e entity) (out []profiles.Point, err error) {
	list, _ := e.keys["availability"].([]any)
	if topic := e.text("availability_topic"); topic != "" {
		list = []any{map[string]any{
			"topic": topic, "value_template": e.keys["availability_template"],
			"payload_available": e.keys["payload_available"], "payload_not_available": e.keys["payload_not_available"],
		}}
	}
	for i, v := range list {
		keys, ok := v.(map[string]any)
		if !ok {
			return nil, errors.New("its availability is no object")
		}
		a := entity{keys: keys}
		path, err := pathOf(a.text("value_template"))
		if err != nil {
			return nil, fmt.Errorf("availability: %w", err)
		}
		out = append(out, profiles.Point{
			Name: "online", Unit: "bool", Part: "p" + strconv.Itoa(i), Topic: a.text("topic"), Path: path, RetainedOK: true,
			Map: map[string]any{cmp.Or(a.text("payload_available"), "online"): true, cmp.Or(a.text("payload_not_available"), "offline"): false},
		})
	}
	return out, nil
}

func title(e entity) string {
	device, _ := e.keys["device"].(map[string]any)
	of := entity{keys: device}
	return strings.Join(strings.Fields(of.text("manufacturer")+" "+of.text("model")+" "+cmp.Or(of.text("name"), e.name)), " ")
}

// idOf is a name as an id.
func idOf(name string) string {
	var b strings.Builder
	b.WriteString("ha")
	isBreak := true
	for _, r := range strings.ToLower(name) {
		if r < 'a' || r > 'z' {
			if r < '0' || r > '9' {
				isBreak = true
				continue
			}
		}
		if isBreak {
			b.WriteByte('-')
			isBreak = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
