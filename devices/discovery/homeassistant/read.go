package homeassistant

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hearth/devices/profiles"
)

// maxSize bounds one message.
const maxSize = 1 << 20

// Message is a retained message as the broker gave it.
type Message struct {
	Topic   string
	Payload []byte
}

// Skipped is an entity that was left out.
type Skipped struct {
	Topic  string
	Entity string // its name, or its place in a device's message
	Reason string
}

// Read makes profiles of discovery messages below prefix. What own has published (the name of an origin) is
// left out in silence: it would be a loop. Messages of other topics are not looked at.
func Read(prefix, own string, messages []Message) (made []*profiles.Profile, skipped []Skipped) {
	var all []entity
	for _, m := range messages {
		component, isConfig := componentOf(prefix, m.Topic)
		if !isConfig || len(m.Payload) == 0 {
			continue // an empty one takes an entity back
		}
		some, err := entities(component, m, own)
		if err != nil {
			skipped = append(skipped, Skipped{m.Topic, "", err.Error()})
		}
		all = append(all, some...)
	}
	for _, group := range byDevice(all) {
		some, left := profilesOf(group)
		made, skipped = append(made, some...), append(skipped, left...)
	}
	return made, skipped
}

// componentOf is the second level of <prefix>/<component>/[<node>/]<object>/config.
func componentOf(prefix, topic string) (string, bool) {
	rest, ok := strings.CutPrefix(topic, prefix+"/")
	levels := strings.Split(rest, "/")
	if !ok || len(levels) < 3 || len(levels) > 4 || levels[len(levels)-1] != "config" {
		return "", false
	}
	return levels[0], true
}

// entity is one component with its keys written out.
type entity struct {
	topic    string // of the message
	name     string
	platform string
	device   string // what groups entities
	keys     map[string]any
}

func (e entity) text(key string) string {
	switch v := e.keys[key].(type) {
	case string:
		return v
	case nil:
		return ""
	default:
		return fmt.Sprint(v)
	}
}

func (e entity) skip(reason string) Skipped {
	return Skipped{e.topic, cmp.Or(e.name, e.platform), reason}
}

// entities are those of one message; the error is why it is no configuration.
func entities(component string, m Message, own string) ([]entity, error) {
	if len(m.Payload) > maxSize {
		return nil, fmt.Errorf("%d bytes, more than %d", len(m.Payload), maxSize)
	}
	var keys map[string]any
	if err := json.Unmarshal(m.Payload, &keys); err != nil {
		return nil, fmt.Errorf("no JSON object: %w", err)
	}
	if _, moves := keys["migrate_discovery"]; moves {
		return nil, nil
	}
	keys = expand(keys)
	if origin, _ := keys["origin"].(map[string]any); own != "" && origin["name"] == own {
		return nil, nil
	}
	device := deviceOf(keys["device"], m.Topic)
	if component != "device" {
		return []entity{{topic: m.Topic, name: nameOf(keys, m.Topic), platform: component, device: device, keys: unfold(keys)}}, nil
	}
	components, _ := keys["components"].(map[string]any)
	if len(components) == 0 {
		return nil, errors.New("a device without components")
	}
	delete(keys, "~") // is not handed down
	var out []entity
	for _, key := range sortedKeys(components) {
		inner, ok := components[key].(map[string]any)
		if !ok {
			return out, fmt.Errorf("component %s is no object", key)
		}
		inner = expand(inner)
		if len(inner) <= 1 {
			continue // only a platform: takes it back
		}
		for _, handed := range []string{"device", "availability", "availability_topic", "availability_mode", "availability_template", "payload_available", "payload_not_available", "command_topic", "state_topic"} {
			if _, has := inner[handed]; !has && keys[handed] != nil {
				inner[handed] = keys[handed]
			}
		}
		platform, _ := inner["platform"].(string)
		out = append(out, entity{topic: m.Topic, name: nameOf(inner, key), platform: platform, device: device, keys: unfold(inner)})
	}
	return out, nil
}

func nameOf(keys map[string]any, otherwise string) string {
	if name, _ := keys["name"].(string); name != "" {
		return name
	}
	return otherwise
}

// deviceOf is the first identifier, else the first connection, else the message by itself.
func deviceOf(v any, topic string) string {
	device, _ := v.(map[string]any)
	switch ids := device["identifiers"].(type) {
	case string:
		return ids
	case []any:
		if len(ids) > 0 {
			return fmt.Sprint(ids[0])
		}
	}
	if connections, _ := device["connections"].([]any); len(connections) > 0 {
		return fmt.Sprint(connections[0])
	}
	return topic
}

// byDevice groups entities, groups in the order of their names, entities as they came.
func byDevice(all []entity) [][]entity {
	var names []string
	groups := map[string][]entity{}
	for _, e := range all {
		if groups[e.device] == nil {
			names = append(names, e.device)
		}
		groups[e.device] = append(groups[e.device], e)
	}
	slices.Sort(names)
	out := make([][]entity, len(names))
	for i, name := range names {
		out[i] = groups[name]
	}
	return out
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
