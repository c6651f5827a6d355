package discover

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// zigbees are the devices that a Zigbee2MQTT bridge lists in <base>/bridge/devices.
func zigbees(levels []string, h Heard) (out []announcement) {
	n := len(levels)
	if n < 3 || levels[n-2] != "bridge" || levels[n-1] != "devices" {
		return nil
	}
	var all []struct {
		Name       string `json:"friendly_name"`
		Type       string
		Definition *struct {
			Model, Vendor string
			Exposes       []exposed
		}
	}
	if !read(h.Payload, &all) {
		return nil
	}
	base := strings.Join(levels[:n-2], "/")
	for _, d := range all {
		if d.Type == "Coordinator" || d.Name == "" {
			continue
		}
		a := announcement{family: "zigbee2mqtt", name: d.Name, where: h.Topic, base: base + "/" + d.Name,
			facts: map[string]string{"base": base, "name": d.Name, "topic": base + "/" + d.Name}}
		if d.Definition == nil {
			a.family, a.missing = "", "to be known to Zigbee2MQTT"
		} else {
			a.model = strings.TrimSpace(d.Definition.Vendor + " " + d.Definition.Model)
			if says := properties(d.Definition.Exposes, nil); !slices.Contains(says, "state") || !slices.Contains(says, "power") {
				a.family, a.missing = "", "a profile (it exposes "+strings.Join(says, ", ")+")"
			}
		}
		out = append(out, a)
	}
	return out
}

// exposed is one thing that a device of Zigbee2MQTT can say or be told; some have others below them.
type exposed struct {
	Property string
	Features []exposed
}

// properties are the names of all.
func properties(all []exposed, names []string) []string {
	for _, e := range all {
		if e.Property != "" && !slices.Contains(names, e.Property) {
			names = append(names, e.Property)
		}
		names = properties(e.Features, names)
	}
	return names
}

// homeAssistant is where devices describe themselves to Home Assistant.
const homeAssistant = "homeassistant/#"

// integrated are the devices that describe themselves to Home Assistant, one for each device, not for each entity.
// They come last: most are known by something better.
func integrated(heard []Heard) []announcement {
	found := map[string]announcement{}
	for _, h := range heard {
		levels := strings.Split(h.Topic, "/")
		if n := len(levels); n < 4 || levels[0] != "homeassistant" || levels[n-1] != "config" {
			continue
		}
		id, a := entity(h)
		if id == "" {
			continue
		}
		if known, ok := found[id]; ok {
			a.base = cmp.Or(known.base, a.base)
			a.name, a.model, a.where = cmp.Or(known.name, a.name), cmp.Or(known.model, a.model), known.where
		}
		found[id] = a
	}
	var out []announcement
	for _, id := range slices.Sorted(maps.Keys(found)) {
		a := found[id]
		a.base = cmp.Or(a.base, id)
		out = append(out, a)
	}
	return out
}

// entity reads one description; an empty id is none. Names may be short (home-assistant.io, MQTT, abbreviations).
func entity(h Heard) (id string, a announcement) {
	type device struct {
		IDs          any    `json:"identifiers"`
		ShortIDs     any    `json:"ids"`
		Name         string `json:"name"`
		Model        string `json:"model"`
		ShortModel   string `json:"mdl"`
		Maker        string `json:"manufacturer"`
		ShortMaker   string `json:"mf"`
		Connections  any    `json:"connections"`
		ShortConnect any    `json:"cns"`
	}
	var c struct {
		Device      *device           `json:"device"`
		Dev         *device           `json:"dev"`
		Base        string            `json:"~"`
		State       string            `json:"state_topic"`
		ShortState  string            `json:"stat_t"`
		Origin      map[string]string `json:"origin"`
		ShortOrigin map[string]string `json:"o"`
	}
	if !read(h.Payload, &c) {
		return "", a
	}
	d := cmp.Or(c.Device, c.Dev)
	origin := cmp.Or(c.Origin["name"], c.ShortOrigin["name"])
	if d == nil || strings.EqualFold(origin, "hearth") {
		return "", a
	}
	id = cmp.Or(first(d.IDs), first(d.ShortIDs), first(d.Connections), first(d.ShortConnect))
	a = announcement{name: d.Name, where: h.Topic, missing: "a profile (it describes itself to Home Assistant)",
		model: strings.TrimSpace(cmp.Or(d.Maker, d.ShortMaker) + " " + cmp.Or(d.Model, d.ShortModel))}
	state := strings.ReplaceAll(cmp.Or(c.State, c.ShortState), "~", c.Base)
	a.base = cmp.Or(state, strings.Trim(c.Base, "/"))
	return id, a
}

// first is a text, or the last of the first of a list: connections are pairs of a kind and an address.
func first(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		if len(v) == 0 {
			return ""
		}
		if pair, ok := v[0].([]any); ok && len(pair) == 2 {
			return first(pair[1])
		}
		return first(v[0])
	}
	return ""
}
