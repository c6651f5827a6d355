package zigbee

import (
	"encoding/json"
	"fmt"
	"strings"

	"hearth/devices/profiles"
)

const (
	source  = "made of what Zigbee2MQTT says the device exposes: https://www.zigbee2mqtt.io/guide/usage/exposes.html"
	maxAgeS = 90 // plugs that are polled say their power once a minute
)

// make is the profile of a switch, or of the device's meter when there is none.
func (d device) make(base string, s *expose, isOneOfMany bool) (*profiles.Profile, error) {
	topic, endpoint := base+"/"+d.Name, ""
	p := profiles.Profile{
		Schema: 1, ID: "z2m-" + slug(d.Name), Transport: profiles.MQTT, Source: []string{source},
		Title:  fmt.Sprintf("%s %s, %s", d.Definition.Vendor, d.Definition.Model, d.Name),
		Points: online(base, topic),
	}
	if isOneOfMany {
		endpoint = s.Endpoint
		p.ID += "-" + slug(endpoint)
	}
	if s != nil {
		d.addSwitch(&p, topic, s)
	}
	low, high := -100_000.0, 100_000.0
	if e, ok := d.numeric("power", endpoint); ok {
		p.Points = append(p.Points, profiles.Point{Name: "power", Unit: e.Unit, Topic: topic, Path: e.Property, Min: &low, Max: &high, MaxAgeS: maxAgeS})
	}
	if e, ok := d.numeric("energy", endpoint); ok {
		zero := 0.0
		p.Points = append(p.Points, profiles.Point{Name: "energy_import", Unit: e.Unit, Topic: topic, Path: e.Property, Min: &zero, MaxAgeS: maxAgeS})
	}
	made, _, err := profiles.Make(p)
	return made, err
}

func (d device) addSwitch(p *profiles.Profile, topic string, s *expose) {
	on, off := text(s.On, "ON"), text(s.Off, "OFF")
	point := profiles.Point{Name: "switch", Unit: "bool", Topic: topic, Path: s.Property, Map: map[string]any{on: true, off: false}, MaxAgeS: maxAgeS}
	if s.Access&canBeGot != 0 {
		point.Query = &profiles.Message{Topic: topic + "/get", Payload: object(s.Property, "")}
	}
	p.Points = append(p.Points, point)
	set := func(name string, word, standard any) profiles.Action {
		if word == nil {
			word = standard
		}
		return profiles.Action{Name: name, Publish: []profiles.Message{{Topic: topic + "/set", Payload: object(s.Property, word)}}}
	}
	p.Actions = []profiles.Action{set("on", s.On, "ON"), set("off", s.Off, "OFF")}
	p.Confirm = &profiles.Confirm{Point: "switch", WithinS: 15}
	p.Unguarded = "it stays on when Hearth or Zigbee2MQTT falls silent"
	p.Limits = profiles.Limits{MinOnS: 60, MinOffS: 60, MaxSwitchesDay: 48}
}

// online takes both forms of availability; the bridge has to be there too.
func online(base, topic string) (out []profiles.Point) {
	for part, at := range []string{base + "/bridge/state", topic + "/availability"} {
		for _, path := range []string{"", "state"} {
			out = append(out, profiles.Point{
				Name: "online", Unit: "bool", Part: []string{"bridge", "device"}[part], Topic: at, Path: path,
				Map: map[string]any{"online": true, "offline": false}, RetainedOK: true,
			})
		}
	}
	return out
}

// text is a value as it reads in a message.
func text(v any, standard string) string {
	if v == nil {
		return standard
	}
	return fmt.Sprint(v)
}

func object(key string, v any) string {
	out, err := json.Marshal(map[string]any{key: v})
	if err != nil {
		return "" // a text, number or bool of JSON always can be
	}
	return string(out)
}

// slug is a name as part of an id.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if s := b.String(); s != "" && !strings.HasSuffix(s, "-") {
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}
