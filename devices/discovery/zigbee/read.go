package zigbee

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"hearth/devices/profiles"
)

// maxSize bounds the message: a house of two hundred devices needs a tenth.
const maxSize = 4 << 20

// Bits of access: the property is said in the device's messages, can be set, can be asked for.
const (
	isSaid   = 1
	canSet   = 2
	canBeGot = 4
)

// Skipped is a device that no profile was made of.
type Skipped struct {
	Name   string // as Zigbee2MQTT knows it
	Reason string
}

// device is one entry of bridge/devices.
type device struct {
	Address    string `json:"ieee_address"`
	Name       string `json:"friendly_name"`
	Type       string `json:"type"`
	IsDisabled bool   `json:"disabled"`
	Definition *struct {
		Model   string   `json:"model"`
		Vendor  string   `json:"vendor"`
		Exposes []expose `json:"exposes"`
	} `json:"definition"`
}

// expose is one thing a device can do; a switch has its state among its features.
type expose struct {
	Type     string   `json:"type"`
	Name     string   `json:"name"`
	Property string   `json:"property"`
	Endpoint string   `json:"endpoint"`
	Unit     string   `json:"unit"`
	Access   int      `json:"access"`
	On       any      `json:"value_on"`
	Off      any      `json:"value_off"`
	Features []expose `json:"features"`
}

// Read makes profiles of the message on <base>/bridge/devices, in its order. The error is for a message that is
// no list of devices; what cannot be made of a device is in skipped.
func Read(base string, payload []byte) (made []*profiles.Profile, skipped []Skipped, err error) {
	if len(payload) > maxSize {
		return nil, nil, fmt.Errorf("bridge/devices: %d bytes, more than %d", len(payload), maxSize)
	}
	var entries []json.RawMessage
	if err := json.Unmarshal(payload, &entries); err != nil {
		return nil, nil, fmt.Errorf("bridge/devices: %w", err)
	}
	taken := map[string]bool{}
	for i, entry := range entries {
		var d device
		if err := json.Unmarshal(entry, &d); err != nil {
			skipped = append(skipped, Skipped{fmt.Sprintf("device %d", i), err.Error()})
			continue
		}
		if d.Type == "Coordinator" {
			continue // the stick itself
		}
		some, err := d.profiles(base)
		if err != nil {
			skipped = append(skipped, Skipped{d.Name, err.Error()})
			continue
		}
		for _, p := range some {
			if taken[p.ID] {
				skipped = append(skipped, Skipped{d.Name, "the id " + p.ID + " stands twice"})
				continue
			}
			taken[p.ID] = true
			made = append(made, p)
		}
	}
	return made, skipped, nil
}

// profiles are one for each switch, or one for a meter without any.
func (d device) profiles(base string) ([]*profiles.Profile, error) {
	switch {
	case d.IsDisabled:
		return nil, errors.New("is disabled in Zigbee2MQTT")
	case d.Definition == nil:
		return nil, errors.New("is not known to Zigbee2MQTT")
	case d.Name == "" || strings.ContainsAny(d.Name, "+#$ {}\x00"):
		return nil, errors.New("its name has a character that no topic of ours may have; rename it")
	}
	switches, others := d.switches()
	var out []*profiles.Profile
	for _, s := range switches {
		p, err := d.make(base, &s, len(switches) > 1)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	if len(out) > 0 {
		return out, nil
	}
	if _, hasPower := d.numeric("power", ""); !hasPower {
		return nil, fmt.Errorf("exposes %s: want a switch or a power", strings.Join(others, ", "))
	}
	p, err := d.make(base, nil, false)
	if err != nil {
		return nil, err
	}
	return []*profiles.Profile{p}, nil
}

// switches are the states that can be seen and set, with their endpoint; others is what else it exposes.
func (d device) switches() (out []expose, others []string) {
	for _, e := range d.Definition.Exposes {
		if e.Type != "switch" {
			others = append(others, strings.TrimSpace(e.Type+" "+e.Name))
			continue
		}
		for _, f := range e.Features {
			if f.Name == "state" && f.Property != "" && f.Access&(isSaid|canSet) == isSaid|canSet {
				f.Endpoint = e.Endpoint
				out = append(out, f)
			}
		}
	}
	if len(others) == 0 {
		others = []string{"nothing"}
	}
	return out, others
}

// numeric is a measured property, of an endpoint when there are several.
func (d device) numeric(name, endpoint string) (expose, bool) {
	for _, e := range d.Definition.Exposes {
		if e.Type == "numeric" && e.Name == name && e.Endpoint == endpoint && e.Property != "" && e.Access&isSaid != 0 {
			return e, true
		}
	}
	return expose{}, false
}
