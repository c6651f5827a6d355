package discover

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"hearth/devices/profiles"
)

// announcement is what a firmware says of itself.
type announcement struct {
	family  string // how ids of profiles for it begin
	name    string
	model   string
	where   string
	base    string            // the topic it lives at, or an identity that is in its topics
	facts   map[string]string // that a profile may ask for, by the names profiles give them
	remarks []string
	missing string // why nothing can be done, where that is known
}

// family is a firmware that announces itself. Read gets the levels of a topic that fits one of the filters.
type family struct {
	filters []string
	read    func(levels []string, h Heard) (announcement, bool)
}

// The announcements, as their makers describe them; sources are beside their tests.
var families = []family{
	{[]string{"tasmota/discovery/+/config"}, tasmota},
	{[]string{"tele/+/LWT"}, tasmotaBefore},
	{[]string{"shellies/announce", "shellies/+/announce"}, shellyGen1},
	{[]string{"+/online"}, shellyGen2},
	{[]string{"esphome/discover/+"}, esphome},
	{[]string{"openevse/announce/+"}, openEVSE},
	{[]string{"go-eCharger/+/fna", "/go-eCharger/+/fna", "go-eCharger/+/sse", "/go-eCharger/+/sse"}, goE},
	{[]string{"evcc/loadpoints/+/title"}, evcc},
	{[]string{"solar/+/name"}, openDTU},
	{[]string{"N/+/system/0/Serial"}, victron},
}

// announcements reads all there are; what cannot be read is none.
func announcements(heard []Heard) (out []announcement) {
	for _, h := range heard {
		levels := strings.Split(h.Topic, "/")
		for _, f := range families {
			if len(h.Payload) == 0 || !slices.ContainsFunc(f.filters, func(filter string) bool { return fits(filter, levels) }) {
				continue
			}
			if a, ok := f.read(levels, h); ok && a.base != "" {
				a.where = h.Topic
				out = append(out, a)
			}
		}
		out = append(out, zigbees(levels, h)...)
	}
	return out
}

// fits says that a topic is one of a filter's.
func fits(filter string, levels []string) bool {
	parts := strings.Split(filter, "/")
	if len(parts) != len(levels) {
		return false
	}
	for i, part := range parts {
		if part != "+" && part != levels[i] {
			return false
		}
	}
	return true
}

// join adds what is announced to the thing it speaks of, or adds a thing.
func (a announcement) join(things []Thing, all []*profiles.Profile) []Thing {
	isIt := func(t Thing) bool {
		return slices.ContainsFunc(t.bases, func(base string) bool { return isAt(base, a.base) || isAt(base, a.where) })
	}
	if i := slices.IndexFunc(things, isIt); i >= 0 {
		t := &things[i]
		if a.name != "" && t.Model == "" {
			t.Name = a.name
		}
		if t.Model == "" {
			t.Model = a.model
		}
		if a.family != "" {
			t.bases = append(t.bases, a.base)
			known := t.facts
			t.facts = maps.Clone(a.facts)
			maps.Copy(t.facts, known)
		}
		t.Remarks = append(t.Remarks, a.remarks...)
		return things
	}
	t := Thing{Name: cmp.Or(a.name, a.base), Model: a.model, Where: a.where, Remarks: a.remarks, bases: []string{a.base}, facts: a.facts}
	for _, p := range all {
		if a.family != "" && strings.HasPrefix(p.ID, a.family) && p.Transport == profiles.MQTT {
			t.Fits = append(t.Fits, p)
		}
	}
	if len(t.Fits) == 0 && a.missing != "" {
		t.Missing = []string{a.missing}
	}
	return append(things, t)
}

// isAt says that what is announced at a topic is the thing that lives at a base: there, below it, or at the base with
// something before it (tele/washer, washer).
func isAt(base, topic string) bool {
	if base == topic || strings.HasPrefix(topic, base+"/") {
		return true
	}
	const telling = 3 // letters: a number is a level of many
	return len(topic) >= telling && strings.HasSuffix(base, "/"+topic) ||
		len(base) >= telling && strings.Contains(topic+"/", "/"+base+"/")
}

// read reads JSON; false when it is none of this shape.
func read(payload []byte, into any) bool {
	return !bytes.Equal(bytes.TrimSpace(payload), []byte("null")) && json.Unmarshal(payload, into) == nil
}

// makes joins what there is of a model and a firmware.
func makes(model, firmware, version string) string {
	return strings.Trim(model+", "+strings.TrimSpace(firmware+" "+version), ", ")
}

// tasmota: SetOption19 0, the default since version 9.2.
func tasmota(_ []string, h Heard) (a announcement, ok bool) {
	var c struct {
		Topic    string   `json:"t"`
		Name     string   `json:"dn"`
		Model    string   `json:"md"`
		Version  string   `json:"sw"`
		Full     string   `json:"ft"`
		Prefixes []string `json:"tp"`
	}
	if !read(h.Payload, &c) || c.Topic == "" {
		return a, false
	}
	a = announcement{family: "tasmota", name: c.Name, model: makes(c.Model, "Tasmota", c.Version), base: c.Topic, facts: map[string]string{"topic": c.Topic}}
	if c.Full != "" && c.Full != "%prefix%/%topic%/" {
		for i, name := range []string{"cmnd", "stat", "tele"} {
			if i < len(c.Prefixes) {
				full := strings.NewReplacer("%prefix%", c.Prefixes[i], "%topic%", c.Topic).Replace(c.Full)
				a.facts[name] = strings.Trim(full, "/")
			}
		}
		a.remarks = []string{"its full topic is " + c.Full}
	}
	return a, true
}

// tasmotaBefore is one that does not describe itself: older firmware, or SetOption19 1.
func tasmotaBefore(levels []string, h Heard) (a announcement, ok bool) {
	if word := string(h.Payload); word != "Online" && word != "Offline" {
		return a, false
	}
	return announcement{family: "tasmota", name: levels[1], base: levels[1], facts: map[string]string{"topic": levels[1]}}, true
}

func shellyGen1(_ []string, h Heard) (a announcement, ok bool) {
	var c struct{ ID, Model, IP string }
	if !read(h.Payload, &c) || c.ID == "" {
		return a, false
	}
	return announcement{family: "shelly-gen1", name: c.ID, model: "Shelly " + c.Model, base: c.ID,
		facts: map[string]string{"id": c.ID, "device": c.ID, "topic": "shellies/" + c.ID, "prefix": "shellies/" + c.ID}}, true
}

// shellyGen2 is also of the generations after it: the prefix is theirs to choose, and most keep "shelly...".
func shellyGen2(levels []string, _ Heard) (a announcement, ok bool) {
	id := levels[0]
	return announcement{family: "shelly-gen2", name: id, model: "Shelly", base: id,
		facts: map[string]string{"id": id, "device": id, "topic": id, "prefix": id}}, strings.HasPrefix(strings.ToLower(id), "shelly")
}

func esphome(levels []string, h Heard) (a announcement, ok bool) {
	var c struct {
		Name, Version, Board string
		Friendly             string `json:"friendly_name"`
	}
	if !read(h.Payload, &c) {
		return a, false
	}
	if c.Name == "" {
		c.Name = levels[2]
	}
	if c.Friendly == "" {
		c.Friendly = c.Name
	}
	return announcement{family: "esphome", name: c.Friendly, model: makes(c.Board, "ESPHome", c.Version), base: c.Name,
		facts: map[string]string{"node": c.Name, "topic": c.Name, "prefix": c.Name, "name": c.Name}}, true
}

func openEVSE(levels []string, h Heard) (a announcement, ok bool) {
	var c struct{ State, Name, MQTT, HTTP string }
	if !read(h.Payload, &c) || c.MQTT == "" {
		return a, false
	}
	if c.State != "" && c.State != "connected" {
		a.remarks = []string{"it says that it is " + c.State}
	}
	a.family, a.name, a.model, a.base = "openevse", c.Name, "OpenEVSE", c.MQTT
	a.facts = map[string]string{"topic": c.MQTT, "base": c.MQTT, "prefix": c.MQTT, "id": levels[2]}
	return a, true
}

// goE: sse is the serial number, fna the name the owner gave. Firmware before 051 writes a slash first.
func goE(levels []string, h Heard) (a announcement, ok bool) {
	n := len(levels)
	serial := levels[n-2]
	a = announcement{family: "go", name: "go-e " + serial, model: "go-eCharger", base: serial,
		facts: map[string]string{"serial": serial, "id": serial, "topic": strings.Join(levels[:n-1], "/")}}
	if levels[n-1] == "fna" {
		var name string
		if read(h.Payload, &name) && name != "" {
			a.name = name
		}
	}
	if levels[0] == "" {
		a.remarks = []string{"its topics begin with a slash: update its firmware"}
		a.family, a.missing = "", "newer firmware"
	}
	return a, true
}

func evcc(levels []string, h Heard) (a announcement, ok bool) {
	n := levels[2]
	return announcement{family: "evcc-loadpoint", name: "evcc " + string(h.Payload), model: "loadpoint of evcc", base: "evcc/loadpoints/" + n,
		facts: map[string]string{"loadpoint": n, "n": n, "base": "evcc", "topic": "evcc/loadpoints/" + n}}, true
}

func openDTU(levels []string, h Heard) (a announcement, ok bool) {
	return announcement{family: "opendtu", name: string(h.Payload), model: "inverter behind OpenDTU", base: levels[1],
		facts: map[string]string{"serial": levels[1], "base": levels[0], "topic": levels[0] + "/" + levels[1]}}, true
}

func victron(levels []string, h Heard) (a announcement, ok bool) {
	var c struct{ Value *string }
	if !read(h.Payload, &c) || c.Value == nil {
		return a, false
	}
	id := levels[1]
	return announcement{family: "victron", name: "victron " + id, model: "Victron GX", base: id,
		facts: map[string]string{"portal": id, "id": id, "serial": id}}, true
}
