package homeassistant

import "strings"

// long is the full name of an abbreviated key; of those that matter here. Source: Home Assistant,
// components/mqtt/abbreviations.py.
func long(key string) string {
	switch key {
	case "avty":
		return "availability"
	case "avty_mode":
		return "availability_mode"
	case "avty_t":
		return "availability_topic"
	case "avty_tpl":
		return "availability_template"
	case "cmd_t":
		return "command_topic"
	case "cmd_tpl":
		return "command_template"
	case "cmps":
		return "components"
	case "cns":
		return "connections"
	case "dev":
		return "device"
	case "dev_cla":
		return "device_class"
	case "exp_aft":
		return "expire_after"
	case "ids":
		return "identifiers"
	case "mdl":
		return "model"
	case "mf":
		return "manufacturer"
	case "o":
		return "origin"
	case "opt":
		return "optimistic"
	case "p":
		return "platform"
	case "pl_avail":
		return "payload_available"
	case "pl_not_avail":
		return "payload_not_available"
	case "pl_off":
		return "payload_off"
	case "pl_on":
		return "payload_on"
	case "stat_off":
		return "state_off"
	case "stat_on":
		return "state_on"
	case "stat_t":
		return "state_topic"
	case "t":
		return "topic"
	case "unit_of_meas":
		return "unit_of_measurement"
	case "uniq_id":
		return "unique_id"
	case "val_tpl":
		return "value_template"
	}
	return key
}

// expand writes keys out, also those of the device, the origin and each availability.
func expand(keys map[string]any) map[string]any {
	out := make(map[string]any, len(keys))
	for _, key := range sortedKeys(keys) { // in order, so that a key that stands twice is read in one way
		v, name := keys[key], long(key)
		switch name {
		case "device", "origin":
			if inner, ok := v.(map[string]any); ok {
				v = expand(inner)
			}
		case "availability":
			v = expandEach(v)
		}
		out[name] = v
	}
	return out
}

func expandEach(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return []any{expand(v)}
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = inner
			if object, ok := inner.(map[string]any); ok {
				out[i] = expand(object)
			}
		}
		return out
	}
	return v
}

// unfold puts the base topic ~ in, at the start or the end of topics.
func unfold(keys map[string]any) map[string]any {
	base, _ := keys["~"].(string)
	if base == "" {
		return keys
	}
	put := func(v any) any {
		topic, ok := v.(string)
		if !ok {
			return v
		}
		if rest, has := strings.CutPrefix(topic, "~"); has {
			return base + rest
		}
		if rest, has := strings.CutSuffix(topic, "~"); has {
			return rest + base
		}
		return v
	}
	for key, v := range keys {
		if strings.HasSuffix(key, "topic") {
			keys[key] = put(v)
		}
	}
	if list, ok := keys["availability"].([]any); ok {
		for _, inner := range list {
			if object, ok := inner.(map[string]any); ok {
				object["topic"] = put(object["topic"])
			}
		}
	}
	return keys
}
